"""Question + Hits -> Answer: read, choose, compare, cite; or refuse.

    decision = decide(reading, thresholds)          which stretches answer, or why none does
    claims, citations = compose(decision, …)        one claim a stretch, each cited and checked

Deciding and composing are the same whoever read; ``rag.library`` has the readers by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from models.language.questions import BARE_FACTS, Asking
from models.language.words import fold
from rag.answering.citing import check_printed, cite, copies_of, source_spans
from rag.answering.likeness import are_copies, likeness
from rag.answering.lists import items_around
from rag.answering.parts import Parts
from rag.answering.reading import Choice, ReaderResult
from rag.answering.short_answers import (
    answers_difference,
    echoes,
    fits,
    heading_that_answers,
    without_preposition,
)
from rag.answering.yes_no import word_for
from rag.records import Citation, Claim, Copy, Span, Status

MOST_CLAIMS = 3
MOST_WEIGHED = 12
"""Stretches that are compared, copies of them aside: each costs a comparison with all before it."""
NEAR_BEST = 1.6
"""A further sentence joins when its log-odds are within this of the best one's."""
SAME_THING = 0.6
"""Two sentences speak of the same thing when they share this much of their bigrams, numbers aside."""
UNSURE = 1.5
"""A refusal whose likeliest stretch is within this of the threshold shows it as what may answer: of 23 such
refusals to the seed page's questions 13 would have been right, of those further below fewer than half."""
MOST_LIST_CHARS = 240
"""A list up to this long is quoted as one; of a longer one each item is a claim."""
DECIDED = 0.8
"""How much likelier one of yes and no must be than the other to be said."""
_NAMED_BY_HEADINGS = frozenset({"name", "person", "organisation", "place", "list"})
LONGEST_ITEM = 400
"""An item longer than this is prose: of it the sentence that answers is quoted, not all."""
_SEVERAL = frozenset({"list", "reason", "manner"})
_TIMES = {
    "千": 10**3,
    "万": 10**4,
    "亿": 10**8,
    "万亿": 10**12,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
}
_AMOUNTS = re.compile(
    r"(\d[\d,]*(?:\.\d+)?)\s?(万亿|[千万亿](?![瓦米])|thousand|million|billion)?"
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Fitted by models/training/reader_thresholds.py on questions with and without an answer.

    ``answer``: by language, the least log-odds of a sentence that is shown. ``relevant``: the least relevance
    at which a refusal says ``insufficient`` and not ``not_found``.
    """

    answer: dict[str, float]
    relevant: float

    @classmethod
    def load(cls, folder: Path) -> Thresholds:
        raw = json.loads((folder / "thresholds.json").read_text(encoding="utf-8"))
        return cls(raw["answer"], raw["relevant"])


@dataclass(frozen=True, slots=True)
class Stretch:
    """A choice that is shown, with the places where the same is said again."""

    choice: Choice
    copies: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What is shown.

    ``told`` is the short answer where it is no stretch of the best quote: 是, or the winner of a comparison.
    ``bare`` says whether the best quote's fact may stand for the whole answer. ``maybe`` is the likeliest
    choice of a refusal that is not sure. ``items`` counts those of a list that is shown whole, else 0.
    """

    status: Status
    stretches: tuple[Stretch, ...] = field(default=())
    told: str | None = None
    bare: bool = True
    maybe: Choice | None = None
    items: int = 0


def decide(reading: ReaderResult, thresholds: Thresholds) -> Decision:
    """Which stretches answer. Copies count once; another number for the same thing is shown beside it."""
    if not reading.choices:
        return Decision("not_found")
    least = thresholds.answer[reading.asking.language]
    best = reading.choices[0]
    if least - UNSURE <= best.score < least:
        return Decision("insufficient", maybe=best)
    if best.score < least:
        relevant = (
            max(choice.relevance for choice in reading.choices[:20])
            >= thresholds.relevant
        )
        return Decision("insufficient" if relevant else "not_found")
    stretches = _folded([choice for choice in reading.choices if choice.score >= least])
    first = stretches[0]
    readings = [
        first,
        *(other for other in stretches[1:] if _disagree(first.choice, other.choice)),
    ]
    if len(readings) > 1:
        return Decision("conflicting", tuple(readings[:MOST_CLAIMS]))
    items = _items(reading, first.choice)
    shown = _listed(first.choice, items) or _several(reading, stretches)
    return Decision(
        "answered", tuple(shown), told=_yes_or_no(reading), items=len(items)
    )


def _items(reading: ReaderResult, choice: Choice) -> tuple[Span, ...]:
    """The items of the list that the best choice stands in; empty where no list is asked for or can be shown."""
    if reading.asking.asked != "list":
        return ()
    items = items_around(choice.hit.document, choice.span)
    too_long = any(end - start > LONGEST_ITEM for start, end in items)
    return () if len(items) < 2 or too_long else items


def _yes_or_no(reading: ReaderResult) -> str | None:
    """是 or 否 where the best quote decides it: at .95 for and .02 against it does, at .6 and .3 not."""
    if reading.asking.asked != "yes_no":
        return None
    polarity = reading.polarity
    if abs(polarity) < DECIDED:
        return None
    return word_for(reading.asking.language, polarity > 0)


def one_claim_each(choices: Sequence[Choice]) -> tuple[Stretch, ...]:
    """Each choice as a claim, in the order given: an overview."""
    return tuple(Stretch(choice) for choice in choices)


def _several(reading: ReaderResult, stretches: Sequence[Stretch]) -> list[Stretch]:
    """The best stretch, and for questions that want more than one fact those nearly as good beside it."""
    best = stretches[0]
    if reading.asking.asked in BARE_FACTS and best.choice.short:
        return [best]
    within = NEAR_BEST if reading.asking.asked in _SEVERAL else NEAR_BEST / 2
    more = [s for s in stretches[1:] if best.choice.score - s.choice.score <= within]
    return [best, *more][:MOST_CLAIMS]


def _listed(choice: Choice, items: Sequence[Span]) -> list[Stretch]:
    """The list that a choice is an item or the stem of: one claim when it is short, else one an item."""
    if not items:
        return []
    first, last = items[0][0], items[-1][1]
    spans = list(items)
    if last - first <= MOST_LIST_CHARS:
        spans = [(min(first, choice.span[0]), max(last, choice.span[1]))]
    return [Stretch(replace(choice, span=span, short=None)) for span in spans]


def _folded(choices: Sequence[Choice]) -> list[Stretch]:
    """Choices with the same words as a better one become its copies.

    Of those that are no copies the best ``MOST_WEIGHED`` are kept. Copies take nobody's place: behind thirteen
    sheets that say 12 a fourteenth that says 15 is still seen.
    """
    kept: list[tuple[Choice, list[Choice]]] = []
    for choice in choices:
        copies = _copies_of(choice, kept)
        if copies is not None:
            copies.append(choice)
        elif len(kept) < MOST_WEIGHED:
            kept.append((choice, []))
    return [Stretch(choice, tuple(copies)) for choice, copies in kept]


def _copies_of(
    choice: Choice, kept: Sequence[tuple[Choice, list[Choice]]]
) -> list[Choice] | None:
    """The copies of the better choice that says the same, for this one to join; None where none does."""
    for better, copies in kept:
        if are_copies(better.text, choice.text):
            return copies
    return None


def _disagree(first: Choice, second: Choice) -> bool:
    """Whether two stretches give different numbers or dates for the same thing."""
    if (
        first.short is None
        or second.short is None
        or first.hit.document.id == second.hit.document.id
    ):
        return False
    one, other = (
        _values(c.hit.document.text[c.short[0] : c.short[1]])
        for c in (first, second)
        if c.short
    )
    return (
        bool(one and other)
        and not (one <= other or other <= one)
        and likeness(first.text, second.text) >= SAME_THING
    )


def _values(text: str) -> set[Decimal]:
    """The numbers as amounts, 3万 and 30000 the same; a date that says less than another holds fewer.

    Decimals, as floats would have 1.1亿 (110000000.00000001) contradict 11000万.
    """
    values: set[Decimal] = set()
    for digits, times in _AMOUNTS.findall(fold(text)):
        number = Decimal(digits.replace(",", ""))
        values.add(number * _TIMES.get(times, 1))
    return values


def compose(
    stretches: Sequence[Stretch],
    source_text: Callable[[str, tuple[Span, ...]], Sequence[str]],
) -> tuple[tuple[Claim, ...], tuple[Citation, ...]]:
    """One claim a stretch, in its own words, and its citation, which holds both invariants.

    Args:
        source_text: the SHA-256 of a source and spans in it -> the characters there.

    Raises:
        BrokenCitation: one does not; nothing of the answer may be shown.
    """
    claims: list[Claim] = []
    citations: list[Citation] = []
    for marker, stretch in enumerate(stretches, start=1):
        hit, span = stretch.choice.hit, stretch.choice.span
        citation = cite(marker, hit.document, hit.passage, span, _also_in(stretch))
        printed = source_text(citation.source_sha256, citation.source_spans)
        check_printed(citation, hit.document, printed)
        claims.append(Claim(citation.quote, (marker,)))
        citations.append(citation)
    return tuple(claims), tuple(citations)


def _also_in(stretch: Stretch) -> tuple[Copy, ...]:
    document = stretch.choice.hit.document
    elsewhere = [
        Copy(
            other.source_name,
            other.source_sha256,
            source_spans(other, *c.span),
            other.id,
            *c.span,
        )
        for c in stretch.copies
        for other in (c.hit.document,)
    ]
    return (*copies_of(document, *stretch.choice.span), *elsewhere)


def short_answer(decision: Decision, asking: Asking) -> str | None:
    """The bare fact of the answer; None when none is of the kind asked for, or the sources disagree."""
    if decision.status != "answered":
        return None
    if decision.told is not None or not decision.bare:
        return decision.told
    choice = decision.stretches[0].choice
    found = _fact_of(choice, asking)
    return found if found is not None else _named_by_heading(decision, asking)


def _fact_of(choice: Choice, asking: Asking) -> str | None:
    if choice.short is None:
        return None
    text = choice.hit.document.text
    start, end = choice.short
    found = without_preposition(asking.asked, text[start:end])
    if not fits(asking.asked, found) or echoes(asking.text, found):
        return None
    return (
        found
        if answers_difference(asking.text, text[choice.span[0] : start], choice.text)
        else None
    )


def _named_by_heading(decision: Decision, asking: Asking) -> str | None:
    """The headings over what is quoted, where each names what is looked for: 哪些人… over their lives."""
    if asking.asked not in _NAMED_BY_HEADINGS:
        return None
    names: list[str] = []
    for stretch in decision.stretches:
        context = stretch.choice.hit.passage.context
        name = None if context.cells else heading_that_answers(asking, context.headings)
        if name is None:
            return None
        names.append(name)
    return ("、" if asking.language == "zh" else ", ").join(dict.fromkeys(names))


def in_parts(
    parts: Parts, decisions: Sequence[Decision], askings: Sequence[Asking]
) -> Decision | None:
    """One answer out of those to the parts of a question; None unless each part was answered."""
    if any(
        decision.status == "not_found" or not decision.stretches
        for decision in decisions
    ):
        return None
    shown: dict[tuple[int, Span], Stretch] = {}
    for decision in decisions:
        best = decision.stretches[0]
        shown.setdefault((best.choice.hit.document.id, best.choice.span), best)
    shorts = [
        short_answer(*each) or "" for each in zip(decisions, askings, strict=True)
    ]
    return Decision(
        "answered", tuple(shown.values()), told=parts.told(shorts), bare=False
    )
