"""One answer against one fact: is it right, does it cite what it rests on, was a refusal in place?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.facts import Fact
from eval.normalise import Tokens, holds, is_number, tokens
from rag.records import Answer, Citation, Document, Source

OVERLAP = 0.8
"""Share of a reworded claim's bigrams that must stand in its quotes."""
EVIDENCE_SHARE = 0.5
"""A quote overlaps an evidence when their longest common run is at least this share of the shorter one."""
ANSWERED = ("answered", "conflicting")


@dataclass(frozen=True, slots=True)
class JudgedCitation:
    """A citation with what is wrong with it (``broken``), its evidence match and where it stands."""

    citation: Citation
    broken: str | None
    in_evidence: bool
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an answer is worth.

    ``pairs`` are ``(claim, citation)`` links, ``good_pairs`` those whose quote supports the claim;
    ``supported`` says of each claim whether its quotes support it in full.
    """

    refused: bool
    right: bool
    why_not: str | None
    citations: tuple[JudgedCitation, ...]
    supported: tuple[bool, ...]
    pairs: int
    good_pairs: int
    dangling: int

    @property
    def broken(self) -> int:
        """Citations that fail an invariant, and markers that lead to no citation."""
        return sum(each.broken is not None for each in self.citations) + self.dangling

    @property
    def in_evidence(self) -> bool:
        return any(each.in_evidence for each in self.citations)


def judge(
    fact: Fact,
    answer: Answer,
    document: Callable[[int], Document],
    source: Callable[[str], Source],
    *,
    context: int = 60,
) -> Judgement:
    """Score an answer. ``document`` and ``source`` fetch by id and SHA-256, to check every quote's place."""
    by_marker = {each.marker: each for each in answer.citations}
    supported, pairs, good, dangling = [], 0, 0, 0
    for claim in answer.claims:
        cited = [by_marker[marker] for marker in claim.citations if marker in by_marker]
        dangling += len(claim.citations) - len(cited)
        quotes = [each.quote for each in cited]
        supported.append(supports(quotes, claim.text))
        pairs += len(quotes)
        good += sum(_needed(quotes, at, claim.text) for at in range(len(quotes)))
    refused = answer.status not in ANSWERED
    why_not = _why_not(fact, answer, refused)
    return Judgement(
        refused=refused,
        right=why_not is None,
        why_not=why_not,
        citations=tuple(
            _citation(fact, each, document, source, context)
            for each in answer.citations
        ),
        supported=tuple(supported),
        pairs=pairs,
        good_pairs=good,
        dangling=dangling,
    )


def supports(quotes: Sequence[str], claim: str) -> bool:
    """Whether the quotes, read one after another, say the claim.

    An extractive claim must stand in one of them or in their sequence, token for token. A reworded
    one needs every number and every word of another script than Han to stand there, and ``OVERLAP``
    of its bigrams: a lexical stand-in for the entailment model of ALCE (Gao et al. 2023). What it
    cannot verify, such as a claim in another language than its quote's, is not supported.
    """
    if not quotes or not tokens(claim):
        return False
    said, quoted = (
        tokens(claim),
        tuple(token for quote in quotes for token in tokens(quote)),
    )
    if holds("\n".join(quotes), claim) or any(holds(quote, claim) for quote in quotes):
        return True
    exact = {token for token in said if is_number(token) or len(token) > 1}
    if not exact <= set(quoted):
        return False
    wanted, there = _bigrams(said), _bigrams(quoted)
    return bool(wanted) and len(wanted & there) / len(wanted) >= OVERLAP


def answer_holds(answer: Answer, accepted: Sequence[str]) -> bool:
    """The ``short_answer`` or a claim that cites holds an accepted answer after normalisation.

    Where nothing is claimed, as in a greeting, what is said does.
    """
    if not answer.claims:
        return any(holds(answer.answer, each) for each in accepted)
    texts = [claim.text for claim in answer.claims if claim.citations]
    if answer.short_answer:
        texts.append(answer.short_answer)
    return any(holds(text, each) for text in texts for each in accepted)


def break_of(citation: Citation, document: Document, source: Source) -> str | None:
    """What invariant a citation breaks, in words; None when it holds both."""
    if not citation.quote.strip():
        return "the quote is empty"
    if document.text[citation.start : citation.end] != citation.quote:
        return f"the document's [{citation.start}, {citation.end}) is not the quote"
    printed = "".join(source.text[start:end] for start, end in citation.source_spans)
    if _unspaced(printed) != _unspaced(citation.quote):
        return f"the source's {list(citation.source_spans)} is not the quote"
    return None


def overlaps(quote: str, evidence: Sequence[str]) -> bool:
    """Whether the quote and a gold evidence share a run of half of the shorter one, in characters."""
    left = _unspaced(quote)
    return any(
        _share_a_run(left, right)
        for right in map(_unspaced, evidence)
        if left and right
    )


def _share_a_run(left: str, right: str) -> bool:
    short, long = sorted((left, right), key=len)
    wanted = math.ceil(EVIDENCE_SHARE * len(short))
    return any(short[at : at + wanted] in long for at in range(len(short) - wanted + 1))


def _needed(quotes: Sequence[str], at: int, claim: str) -> bool:
    """ALCE's citation precision: the quote supports the claim alone, or the others do not without it."""
    if supports([quotes[at]], claim):
        return True
    return supports(quotes, claim) and not supports(
        [*quotes[:at], *quotes[at + 1 :]], claim
    )


def _why_not(fact: Fact, answer: Answer, refused: bool) -> str | None:
    if not fact.answerable:
        return None if refused else "answered, but the documents do not say"
    if refused:
        return f"refused ({answer.status}), but the documents say"
    if answer_holds(answer, fact.answers):
        return None
    if any(holds(claim.text, each) for claim in answer.claims for each in fact.answers):
        return "the claim that holds the answer cites nothing"
    if any(
        holds(hit.passage.text, each) for hit in answer.hits for each in fact.answers
    ):
        return "the answer stands in a passage found, but was not chosen"
    return "the answer was not found"


def _citation(
    fact: Fact,
    citation: Citation,
    document: Callable[[int], Document],
    source: Callable[[str], Source],
    context: int,
) -> JudgedCitation:
    read = document(citation.document_id)
    return JudgedCitation(
        citation,
        break_of(citation, read, source(citation.source_sha256)),
        overlaps(citation.quote, fact.evidence),
        read.text[max(0, citation.start - context) : citation.start],
        read.text[citation.end : citation.end + context],
    )


def _bigrams(items: Tokens) -> set[tuple[str, ...]]:
    return {items[i : i + 2] for i in range(len(items) - 1)} or {items}


def _unspaced(text: str) -> str:
    return "".join(text.split())
