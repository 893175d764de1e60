"""Documents -> drafts of facts about them, for a person to keep or drop: ``chuchu eval draft PATH``.

    with library_of(Path("my-documents")) as library:
        rows = draft(library, limit=40)
        write_rows(Path("facts.jsonl"), rows)

Each draft says what the library itself answers: where that differs, either the draft is bad or the library
is wrong, and both are worth a look. One in five asks for what the documents should not tell: a question of
theirs with another year, place or name in it.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Final, Protocol

from eval.accepted import answer_holds
from eval.draft_file import DraftRow, LibraryAnswer
from eval.draft_questions import Proposal, proposals, varied
from eval.facts import Fact
from eval.judge import ANSWERED
from models.language.words import words
from rag.errors import ChuchuError
from rag.library import Question
from rag.records import Answer, Document

PER_DOCUMENT: Final = 12
NEAR_MISSES: Final = 0.2
"""Share of the drafts that ask for what the documents should not tell."""
_TAGS: Final = ("ns", "nt", "nr")
"""jieba's tags of a place, an organisation and a person, each a word by itself."""
_ENGLISH_NAME = re.compile(r"(?<=[a-z] )(?!The\b)[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PAGE: Final = 100


class Drafts(Protocol):
    """What ``draft`` needs of a ``Library``."""

    def documents(self, after: int = 0, limit: int = 100) -> Sequence[Document]: ...
    def ask(self, question: Question) -> Answer: ...


def draft(
    library: Drafts,
    *,
    limit: int,
    known: Iterable[str] = (),
    on_row: Callable[[DraftRow], None] | None = None,
) -> list[DraftRow]:
    """At most ``limit`` drafts about the documents of a library, from each in turn.

    Args:
        known: questions that are facts already and are not proposed again.
        on_row: called with each draft as it is done.
    """
    asked = set(known)
    by_document = [_of_document(document) for document in _documents(library)]
    everything: list[tuple[Proposal, str]] = []
    # the first of each document, then the second of each, so that none is left out by the limit
    for turn in zip_longest(*by_document):
        everything += filter(None, turn)
    answerable = _unasked(everything, asked)
    # the rest of the limit is left for near misses
    answerable = answerable[: max(1, round(limit * (1 - NEAR_MISSES)))]
    share = len(answerable) * NEAR_MISSES / (1 - NEAR_MISSES)
    most = min(limit - len(answerable), round(share))
    misses = near_misses(answerable, [proposal for proposal, _ in everything])
    rows = []
    for proposal, title in (*answerable, *_unasked(misses, asked)[:most]):
        fact = _fact(proposal)
        row = DraftRow(fact, True, title, library_answer(library, fact))
        rows.append(row)
        if on_row:
            on_row(row)
    return rows


def near_misses(
    answerable: Sequence[tuple[Proposal, str]], everything: Sequence[Proposal]
) -> Iterator[tuple[Proposal, str]]:
    """Questions that look like the documents' own and that these should not answer, each with its title.

    A year becomes one that no evidence names; a place, person or organisation becomes another document's.
    """
    # asked twice of the same documents it proposes the same
    draw = random.Random(len(answerable))  # noqa: S311 - the same drafts each time
    text = "\n".join(each.evidence for each in everything)
    names: dict[str, list[str]] = {}
    for kind, name in dict.fromkeys(_names(text)):
        names.setdefault(kind, []).append(name)
    for proposal, title in answerable:
        question = _other_year(proposal.question, text, draw)
        if question is None:
            question = _other_name(proposal.question, names, draw)
        if question is not None:
            yield replace(proposal, question=question, answer="", evidence=""), title


def library_answer(library: Drafts, fact: Fact) -> LibraryAnswer:
    """What the library answers to a fact's question."""
    try:
        answer = library.ask(Question(fact.question))
    except ChuchuError as error:
        return LibraryAnswer(f"{type(error).__name__}: {error}", False)
    if answer.status not in ANSWERED:
        return LibraryAnswer("", not fact.answerable)
    says = answer.short_answer or " ".join(claim.text for claim in answer.claims)
    return LibraryAnswer(says, fact.answerable and answer_holds(answer, fact.answers))


def _documents(library: Drafts) -> Iterator[Document]:
    last = 0
    while page := library.documents(last, _PAGE):
        yield from page
        last = page[-1].id


def _of_document(document: Document) -> list[tuple[Proposal, str]]:
    chosen = varied(proposals(document.text), PER_DOCUMENT)
    return [(each, document.title) for each in chosen]


def _unasked(
    found: Iterable[tuple[Proposal, str]], asked: set[str]
) -> list[tuple[Proposal, str]]:
    """Those whose question was not asked yet; ``asked`` grows by them."""
    fresh = []
    for proposal, title in found:
        if proposal.question not in asked:
            asked.add(proposal.question)
            fresh.append((proposal, title))
    return fresh


def _fact(proposal: Proposal) -> Fact:
    digest = hashlib.sha256(proposal.question.encode()).hexdigest()[:10]
    if not proposal.answer:
        return Fact(f"draft-{digest}", proposal.question, (), proposal.lang, "none")
    return Fact(
        f"draft-{digest}",
        proposal.question,
        accepted(proposal.answer),
        proposal.lang,
        proposal.kind,
        (proposal.evidence,),
    )


def accepted(answer: str) -> tuple[str, ...]:
    """An answer, and a number without the words around it: 超过280种 and 280种."""
    bare = re.sub(
        r"^(?:超过?|逾|近|约|大约|接近|至少|about |over |more than |nearly |some )",
        "",
        answer,
    )
    return (answer, bare) if bare != answer and re.search(r"\d", bare) else (answer,)


def _names(text: str) -> Iterator[tuple[str, str]]:
    """``(kind, name)`` of the places, organisations and persons in a text, by what tags them."""
    for word in words(text):
        if word.tag in _TAGS and len(word.text) > 1:
            yield word.tag, text[word.start : word.end]
    for match in _ENGLISH_NAME.finditer(text):
        yield "name", match.group()


def _other_year(question: str, text: str, draw: random.Random) -> str | None:
    """With a year from nine before to three after that stands nowhere in the evidence: 2024 -> 2019."""
    match = _YEAR.search(question)
    if match is None:
        return None
    year = int(match.group())
    years = map(str, range(year - 9, year + 4))
    others = [other for other in years if other not in text]
    if not others:
        return None
    return _YEAR.sub(draw.choice(others), question, count=1)


def _other_name(
    question: str, names: dict[str, list[str]], draw: random.Random
) -> str | None:
    for kind, own in _names(question):
        others = []
        for name in names.get(kind, []):
            # 山东省 is no other name than 山东, and what is much longer would not read as a question
            overlaps = own in name or name in own or name in question
            if not overlaps and len(name) <= 3 * len(own):
                others.append(name)
        if others:
            return question.replace(own, draw.choice(others), 1)
    return None
