"""Question + Hits -> Answer: read, choose, compare, cite; or refuse.

    decision = decide(reading, thresholds)          which stretches answer, or why none does
    claims, citations = compose(decision, …)        one claim a stretch, each cited and checked

Deciding and composing are the same whoever read; ``rag.answerers`` has the readers by name.
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
from rag.answering.likeness import SAME_THING, are_copies, likeness
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
"""A person reads three quotes; what is listed whole (``lists``) may be more."""
MOST_NEAR = 20
"""Stretches of a refusal of which one has to be relevant for it to say that the documents are."""
MOST_WEIGHED = 12
"""Stretches that are compared, copies of them aside: each costs a comparison with all before it."""
NEAR_BEST = 1.6
"""A further sentence joins when its log-odds are within this of the best one's."""
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
    """Which stretches answer. Copies count once; another number for the same thing is shown beside it.

    With a threshold of -0.7 a best stretch of -0.5 is shown, one of -1.5 is what may answer (within ``UNSURE``),
    and one of -3 is no answer.
    """
    if not reading.choices:
        return Decision("not_found")
    least = thresholds.answer[reading.asking.language]
    best = reading.choices[0]
    if least - UNSURE <= best.score < least:
        return Decision("insufficient", maybe=best)
    if best.score < least:
        nearest = reading.choices[:MOST_NEAR]
        relevance = max(choice.relevance for choice in nearest)
        is_relevant = relevance >= thresholds.relevant
        return Decision("insufficient" if is_relevant else "not_found")
    stretches = _folded([choice for choice in reading.choices if choice.score >= least])
    first, *others = stretches
    contradicting = [each for each in others if _disagree(first.choice, each.choice)]
    if contradicting:
        versions = (first, *contradicting)
        return Decision("conflicting", versions[:MOST_CLAIMS])
    items = _items(reading, first.choice)
    shown = _listed(first.choice, items) or _several(reading, stretches)
    yes_or_no = _yes_or_no(reading)
    return Decision("answered", tuple(shown), told=yes_or_no, items=len(items))


def _items(reading: ReaderResult, choice: Choice) -> tuple[Span, ...]:
    """The items of the list that the best choice stands in; empty where no list is asked for or can be shown."""
    if reading.asking.asked != "list":
        return ()
    items = items_around(choice.hit.document, choice.span)
    if len(items) < 2:
        return ()
    if any(end - start > LONGEST_ITEM for start, end in items):
        return ()
    return items


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
    """The best stretch, and for questions that want more than one fact those nearly as good beside it.

    Behind one of 3.0, a reason of 1.5 is shown too (3.0 - 1.5 <= 1.6); where one fact is asked for it is not
    (1.5 > 0.8).
    """
    best = stretches[0]
    if reading.asking.asked in BARE_FACTS and best.choice.short:
        return [best]
    within = NEAR_BEST if reading.asking.asked in _SEVERAL else NEAR_BEST / 2
    shown = [best]
    for other in stretches[1:]:
        if best.choice.score - other.choice.score <= within:
            shown.append(other)
    return shown[:MOST_CLAIMS]


def _listed(choice: Choice, items: Sequence[Span]) -> list[Stretch]:
    """The list that a choice is an item or the stem of: one claim when it is short, else one an item."""
    if not items:
        return []
    start = items[0][0]
    end = items[-1][1]
    spans = list(items)
    if end - start <= MOST_LIST_CHARS:
        # With the stem, where the choice is that: 有下列情形之一的：
        spans = [(min(start, choice.span[0]), max(end, choice.span[1]))]
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
    """Whether two stretches of different documents give different numbers or dates for the same thing.

    12万册 and 15万册 do. 2024年 and 2024年11月 do not: one says all that the other says, and more.
    """
    if first.hit.document.id == second.hit.document.id:
        # A table, or a report that compares years, has many figures in alike words.
        return False
    one = _values(_short_of(first))
    other = _values(_short_of(second))
    if not one or not other:
        return False
    if one <= other or other <= one:
        return False
    return likeness(first.text, second.text) >= SAME_THING


def _short_of(choice: Choice) -> str:
    if choice.short is None:
        return ""
    return choice.hit.document.text[slice(*choice.short)]


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
    """Where a stretch stands again: printed twice on its own page, then in other documents."""
    choice = stretch.choice
    same_source = copies_of(choice.hit.document, *choice.span)
    elsewhere = [_as_copy(copy) for copy in stretch.copies]
    return (*same_source, *elsewhere)


def _as_copy(choice: Choice) -> Copy:
    document = choice.hit.document
    start, end = choice.span
    spans = source_spans(document, start, end)
    return Copy(
        document.source_name, document.source_sha256, spans, document.id, start, end
    )


def short_answer(decision: Decision, asking: Asking) -> str | None:
    """The bare fact of the answer; None when none is of the kind asked for, or the sources disagree."""
    if decision.status != "answered":
        return None
    if decision.told is not None or not decision.bare:
        return decision.told
    fact = _fact_of(decision.stretches[0].choice, asking)
    return _named_by_heading(decision, asking) if fact is None else fact


def _fact_of(choice: Choice, asking: Asking) -> str | None:
    """The fact within a choice; None where it is of another kind, or says the question again."""
    if choice.short is None:
        return None
    text = choice.hit.document.text
    start, end = choice.short
    fact = without_preposition(asking.asked, text[start:end])
    if not fits(asking.asked, fact) or echoes(asking.text, fact):
        return None
    before = text[choice.span[0] : start]
    if not answers_difference(asking.text, before, choice.text):
        return None
    return fact


def _named_by_heading(decision: Decision, asking: Asking) -> str | None:
    """The headings over what is quoted, where each names what is looked for: 哪些人… over their lives."""
    if asking.asked not in _NAMED_BY_HEADINGS:
        return None
    names: list[str] = []
    for stretch in decision.stretches:
        context = stretch.choice.hit.passage.context
        if context.cells:  # the heading over a table names the table
            return None
        name = heading_that_answers(asking, context.headings)
        if name is None:
            return None
        names.append(name)
    separator = "、" if asking.language == "zh" else ", "
    return separator.join(dict.fromkeys(names))


def in_parts(
    parts: Parts, decisions: Sequence[Decision], askings: Sequence[Asking]
) -> Decision | None:
    """One answer out of those to the parts of a question; None unless each part was answered."""
    if not all(decision.stretches for decision in decisions):
        return None
    # Both parts may be answered by one row, which is quoted once.
    shown: dict[tuple[int, Span], Stretch] = {}
    shorts: list[str] = []
    for decision, asking in zip(decisions, askings, strict=True):
        best = decision.stretches[0]
        shown.setdefault((best.choice.hit.document.id, best.choice.span), best)
        shorts.append(short_answer(decision, asking) or "")
    winner = parts.told(shorts)
    return Decision("answered", tuple(shown.values()), told=winner, bare=False)
