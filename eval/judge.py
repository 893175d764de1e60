"""One answer against one fact: is it right, does it cite what it rests on, was a refusal in place?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.accepted import (
    ShortVerdict,
    any_holds,
    items_shown,
    says_it,
    short_verdict,
)
from eval.facts import CHOICE_KINDS, Fact
from eval.normalise import Tokens, holds, is_number, tokens
from rag.records import Answer, Citation, Claim, Document, Source

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
    ``supported`` says of each claim whether its quotes support it in full. ``items`` says of each item of
    a list whether it was named, and ``short`` what the short answer alone is worth.
    """

    refused: bool
    right: bool
    why_not: str | None
    citations: tuple[JudgedCitation, ...]
    supported: tuple[bool, ...]
    pairs: int
    good_pairs: int
    dangling: int
    items: tuple[bool, ...]
    short: ShortVerdict

    @property
    def broken(self) -> int:
        """Citations that fail an invariant, and markers that lead to no citation."""
        failing = [each for each in self.citations if each.broken is not None]
        return len(failing) + self.dangling

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
    """Score an answer. ``document`` and ``source`` fetch by id and SHA-256, to check every quote's place.

    Args:
        context: characters before and after a quote that a report shows.
    """
    supported: list[bool] = []
    pairs = good_pairs = dangling = 0
    for claim in answer.claims:
        quotes = _quotes_of(claim, answer)
        # [3] where there are two citations
        dangling += len(claim.citations) - len(quotes)
        supported.append(supports(quotes, claim.text))
        pairs += len(quotes)
        for at in range(len(quotes)):
            good_pairs += _is_needed(quotes, at, claim.text)
    refused = answer.status not in ANSWERED
    why_not = _why_not(fact, answer, refused)
    citations = [
        _judged_citation(fact, each, document, source, context)
        for each in answer.citations
    ]
    return Judgement(
        refused=refused,
        right=why_not is None,
        why_not=why_not,
        citations=tuple(citations),
        supported=tuple(supported),
        pairs=pairs,
        good_pairs=good_pairs,
        dangling=dangling,
        items=() if refused else tuple(items_shown(answer, fact.items)),
        short="neither" if refused else short_verdict(fact, answer.short_answer),
    )


def _quotes_of(claim: Claim, answer: Answer) -> list[str]:
    """The quotes that the claim's markers lead to; a marker may lead nowhere."""
    by_marker = {each.marker: each.quote for each in answer.citations}
    return [by_marker[marker] for marker in claim.citations if marker in by_marker]


def supports(quotes: Sequence[str], claim: str) -> bool:
    """Whether the quotes, read one after another, say the claim.

    An extractive claim must stand in one of them or in their sequence, token for token. A reworded
    one needs every number and every word of another script than Han to stand there, and ``OVERLAP``
    of its bigrams: a lexical stand-in for the entailment model of ALCE (Gao et al. 2023). What it
    cannot verify, such as a claim in another language than its quote's, is not supported.
    """
    said = tokens(claim)
    if not quotes or not said:
        return False
    # the usual case: an extractive claim is its quote
    if holds("\n".join(quotes), claim) or any_holds(quotes, [claim]):
        return True
    quoted: Tokens = ()
    for quote in quotes:
        quoted += tokens(quote)
    # 75 against a quote that says 74: no share of bigrams makes up for a wrong number.
    exact = {token for token in said if is_number(token) or len(token) > 1}
    if not exact <= set(quoted):
        return False
    wanted = _bigrams(said)
    return len(wanted & _bigrams(quoted)) / len(wanted) >= OVERLAP


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
    """Whether the quote and a gold evidence share a run of half of the shorter one, in characters.

    "绍兴市开展建设。" (8) against an evidence of 20: four characters in a row must be the same.
    """
    left = _unspaced(quote)
    for each in evidence:
        right = _unspaced(each)
        if left and right and _share_a_run(left, right):
            return True
    return False


def _share_a_run(left: str, right: str) -> bool:
    # half of the longer one would let no short quote overlap a long evidence
    short, long = sorted((left, right), key=len)
    wanted = math.ceil(EVIDENCE_SHARE * len(short))
    starts = range(len(short) - wanted + 1)
    return any(short[at : at + wanted] in long for at in starts)


def _is_needed(quotes: Sequence[str], at: int, claim: str) -> bool:
    """ALCE's citation precision: the quote supports the claim alone, or the others do not without it."""
    if supports([quotes[at]], claim):
        return True
    others = [*quotes[:at], *quotes[at + 1 :]]
    return supports(quotes, claim) and not supports(others, claim)


def _why_not(fact: Fact, answer: Answer, refused: bool) -> str | None:
    """Why the answer is not right, in words; None when it is."""
    if fact.wants_refusal(refused):
        return None if refused else "answered, but the documents do not say"
    if refused:
        return f"refused ({answer.status}), but the documents say"
    if says_it(fact, answer):
        return None
    return _what_is_missing(fact, answer)


def _what_is_missing(fact: Fact, answer: Answer) -> str:
    if fact.items:
        shown = items_shown(answer, fact.items)
        return f"{sum(shown)} of {len(shown)} items were named"
    short = short_verdict(fact, answer.short_answer)
    # told before what the claims hold, as it is what the person was told
    if short == "wrong" and fact.kind in CHOICE_KINDS:
        return "its short answer chooses another"
    if any_holds([claim.text for claim in answer.claims], fact.answers):
        return "the claim that holds the answer cites nothing"
    if any_holds([hit.passage.text for hit in answer.hits], fact.answers):
        return "the answer stands in a passage found, but was not chosen"
    return "the answer was not found"


def _judged_citation(
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


def _bigrams(items: Tokens) -> set[Tokens]:
    """Neighbouring tokens by twos; a single token is its own."""
    if len(items) < 2:
        return {items}
    return {items[at : at + 2] for at in range(len(items) - 1)}


def _unspaced(text: str) -> str:
    return "".join(text.split())
