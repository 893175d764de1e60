"""Question + Hits -> Answer: read, choose, compare, cite; or refuse.

    decision = decide(reading, thresholds)          which stretches answer, or why none does
    claims, citations = compose(decision, …)        one claim a stretch, each cited and checked

Deciding and composing are the same whoever read; ``rag.pipeline`` has the readers by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.language.questions import BARE_FACTS, Asking
from models.language.words import fold
from rag.citing import check_printed, cite, copies_of, source_spans
from rag.enumerations import items_around
from rag.reading import Choice, Reading
from rag.records import Citation, Claim, Copy, Span, Status
from rag.short_answers import echoes, fits

MOST_CLAIMS = 3
NEAR_BEST = 1.6
"""A further sentence joins when its log-odds are within this of the best one's."""
SAME_THING = 0.6
"""Two sentences speak of the same thing when they share this much of their bigrams, numbers aside."""
COPY = 0.9
"""And are copies of each other from here."""
MOST_LIST_CHARS = 240
"""A list up to this long is quoted as one; of a longer one each item is a claim."""
_SEVERAL = frozenset({"list", "reason", "manner"})
_TIMES = {"千": 1e3, "万": 1e4, "亿": 1e8, "万亿": 1e12, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_AMOUNTS = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s?(万亿|[千万亿](?![瓦米])|thousand|million|billion)?")
_NUMBERS = re.compile(r"\d[\d,.]*")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Fitted by models/training/thresholds.py on questions with and without an answer.

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
    status: Status
    stretches: tuple[Stretch, ...] = field(default=())


def decide(reading: Reading, thresholds: Thresholds) -> Decision:
    """Which stretches answer. Copies count once; another number for the same thing is shown beside it."""
    if not reading.choices:
        return Decision("not_found")
    least = thresholds.answer[reading.asking.language]
    if reading.choices[0].score < least:
        relevant = max(choice.relevance for choice in reading.choices[:20]) >= thresholds.relevant
        return Decision("insufficient" if relevant else "not_found")
    stretches = _folded([choice for choice in reading.choices if choice.score >= least])
    best = stretches[0]
    readings = [best, *(other for other in stretches[1:] if _disagree(best.choice, other.choice))]
    if len(readings) > 1:
        return Decision("conflicting", tuple(readings[:MOST_CLAIMS]))
    return Decision("answered", tuple(_several(reading, stretches)))


def whole(choices: Sequence[Choice]) -> tuple[Stretch, ...]:
    """Each choice as a claim, in the order given: an overview."""
    return tuple(Stretch(choice) for choice in choices)


def _several(reading: Reading, stretches: Sequence[Stretch]) -> list[Stretch]:
    """The best stretch, and for questions that want more than one fact those nearly as good beside it."""
    best = stretches[0]
    if reading.asking.asked == "list" and (items := _listed(best.choice)):
        return items
    if reading.asking.asked in BARE_FACTS and best.choice.short:
        return [best]
    within = NEAR_BEST if reading.asking.asked in _SEVERAL else NEAR_BEST / 2
    more = [s for s in stretches[1:] if best.choice.score - s.choice.score <= within]
    return [best, *more][:MOST_CLAIMS]


def _listed(choice: Choice) -> list[Stretch]:
    """The list that a choice is an item or the stem of: one claim when it is short, else one an item."""
    document = choice.hit.document
    items = items_around(document, choice.span)
    if len(items) < 2:
        return []
    first, last = items[0][0], items[-1][1]
    whole = last - first <= MOST_LIST_CHARS
    spans = [(min(first, choice.span[0]), max(last, choice.span[1]))] if whole else list(items)
    return [Stretch(replace(choice, span=span, short=None)) for span in spans]


def _folded(choices: Sequence[Choice]) -> list[Stretch]:
    """Choices with the same words as a better one become its copies."""
    kept: list[tuple[Choice, list[Choice]]] = []
    for choice in choices[:12]:
        for first, copies in kept:
            if _alike(first.text, choice.text) >= COPY and _numbers(first.text) == _numbers(choice.text):
                copies.append(choice)
                break
        else:
            kept.append((choice, []))
    return [Stretch(choice, tuple(copies)) for choice, copies in kept]


def _disagree(first: Choice, second: Choice) -> bool:
    """Whether two stretches give different numbers or dates for the same thing."""
    if first.short is None or second.short is None or first.hit.document.id == second.hit.document.id:
        return False
    one, other = (_values(c.hit.document.text[c.short[0] : c.short[1]]) for c in (first, second) if c.short)
    return (
        bool(one and other)
        and not (one <= other or other <= one)
        and _alike(first.text, second.text) >= SAME_THING
    )


def _values(text: str) -> set[float]:
    """The numbers as amounts, 3万 and 30000 the same; a date that says less than another holds fewer."""
    return {
        float(digits.replace(",", "").rstrip(".")) * _TIMES.get(times, 1)
        for digits, times in _AMOUNTS.findall(fold(text))
    }


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(number.replace(",", "") for number in _NUMBERS.findall(fold(text)))


def _alike(one: str, other: str) -> float:
    """Dice coefficient of the character bigrams, numbers aside."""
    first, second = (_bigrams(_NUMBERS.sub("0", fold(text))) for text in (one, other))
    return 2 * len(first & second) / max(len(first) + len(second), 1)


def _bigrams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def compose(
    stretches: Sequence[Stretch], source_text: Callable[[str, tuple[Span, ...]], Sequence[str]]
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
        Copy(other.source_name, other.source_sha256, source_spans(other, *c.span), other.id, *c.span)
        for c in stretch.copies
        for other in (c.hit.document,)
    ]
    return (*copies_of(document, *stretch.choice.span), *elsewhere)


def short_answer(decision: Decision, asking: Asking) -> str | None:
    """The bare fact of the best stretch; None when none is of the kind asked for, or the sources disagree."""
    if decision.status != "answered":
        return None
    choice = decision.stretches[0].choice
    if choice.short is None:
        return None
    found = choice.hit.document.text[choice.short[0] : choice.short[1]]
    return found if fits(asking.asked, found) and not echoes(asking.text, found) else None
