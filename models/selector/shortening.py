"""Which span of a sentence is the bare fact asked for: candidates, what speaks for each, and a small ranker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.language.facts import facts
from models.language.questions import ASKED, BARE_FACTS
from models.language.words import fold, words
from models.selector.lexicon import FloatArray
from models.selector.matching import Query, Unit

REACH = 8.0
"""Characters over which a matched word's pull on a fact halves."""
KINDS = (
    "number",
    "date",
    "duration",
    "person",
    "place",
    "organisation",
    "name",
    "headed",
)
LEAST = -0.25
"""Log-odds from which a span is given; see models/training/LOG.md for what it trades."""
_CLAUSE = re.compile(r"[^，；：,;。！？、]+")
_RELATIVE = re.compile(r"^(?:今|去|明|前|当|同|近|昨|日前)")
_MORE = re.compile(
    r"[增减升降涨跌多少][加少长降高低了]?|比|较|同比|环比|increase|decrease|more|fewer|rise|grow"
)
_LEFT_OF_AMOUNT = re.compile(r"(?:达到?|为|超过?|共计?|约|近|至|到|有|是|在|于)$")

FEATURES: tuple[str, ...] = (
    *(f"kind_{kind}" for kind in KINDS),
    *(f"asked_{kind}" for kind in ASKED if kind in BARE_FACTS),
    "same_kind", "unit_fits", "unit_asked", "unit_missing",
    "in_question", "shared", "pull", "pull_share", "own_clause", "best_pull",
    "focus_near", "focus_before", "focus_after", "left_near", "right_near",
    "length", "place", "first_of_kind", "of_kind", "digits", "relative",
    "headed_by_focus", "compared_both", "compared_question", "compared_here", "left_mark", "english",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """A candidate ``[start, end)`` of the sentence."""

    kind: str
    start: int
    end: int
    unit: str = ""


def spans(query: Query, sentence: str) -> list[Span]:
    """Every fact of the sentence, and noun groups headed by the noun that the question asks which of."""
    found = [
        Span(fact.kind, fact.start, fact.end, fact.unit) for fact in facts(sentence)
    ]
    taken = {(span.start, span.end) for span in found}
    heads = [
        unit
        for unit in query.units
        if (unit.focus and unit.tag[:1] in ("n", "q")) or (unit.foreign and unit.focus)
    ]
    for head in heads:
        for target, _ in head.targets:
            for span in _headed(sentence, fold(target)):
                if span not in taken:
                    taken.add(span)
                    found.append(Span("headed", *span))
    return found


def _headed(sentence: str, head: str) -> list[tuple[int, int]]:
    """Runs of words before and with ``head``: 规划计划 + 司, 人形机器人 + 专区."""
    found: list[tuple[int, int]] = []
    in_order = words(sentence)
    for i, word in enumerate(in_order):
        if not word.text.endswith(head):
            continue
        start = word.start
        for before in reversed(in_order[max(0, i - 4) : i]):
            joins = before.end == start and before.tag[:1] in (
                "n",
                "b",
                "j",
                "a",
                "m",
                "q",
                "v",
                "x",
                "l",
                "f",
                "s",
            )
            if not joins or before.text in (
                "是",
                "有",
                "在",
                "为",
                "了",
                "到",
                "从",
                "将",
                "和",
            ):
                break
            start = before.start
        if start < word.end - len(head) or len(word.text) > len(head):
            found.append((start, word.end))
    return found


def span_features(
    query: Query, sentence: str, candidates: Sequence[Span]
) -> FloatArray:
    """``(candidates, len(FEATURES))``."""
    here, question = fold(sentence), fold(query.asking.text)
    places = [place for unit in query.units for place in _places(unit, here)]
    pulls = [_pull(span, places, here) for span in candidates]
    most = max((pull for pull, _ in pulls), default=0.0) or 1.0
    rows = [
        _row(query, span, here, question, places, pull, own, most, candidates)
        for span, (pull, own) in zip(candidates, pulls, strict=True)
    ]
    return np.array(rows, np.float32).reshape(len(rows), len(FEATURES))


_Place = tuple[int, int, float, bool]
"""Where a word of the question stands: start, end, weight, whether it is of the focus."""


def _row(
    query: Query,
    span: Span,
    here: str,
    question: str,
    places: Sequence[_Place],
    pull: float,
    own: float,
    most: float,
    candidates: Sequence[Span],
) -> list[float]:
    asking = query.asking
    text = here[span.start : span.end]
    same = [other for other in candidates if other.kind == span.kind]
    focus = [_gap(span, place) for place in places if place[3]]
    left = here[max(0, span.start - 6) : span.start]
    fits = bool(asking.unit and span.unit) and (
        span.unit in asking.unit or asking.unit.endswith(span.unit)
    )
    asks_more, is_more = bool(_MORE.search(question)), bool(_MORE.search(left))
    return [
        *(float(span.kind == kind) for kind in KINDS),
        *(float(asking.asked == kind) for kind in ASKED if kind in BARE_FACTS),
        float(span.kind == asking.asked), float(fits), float(bool(asking.unit)),
        float(bool(asking.unit) and not fits),
        float(text in question), sum(char in question for char in text) / max(len(text), 1),
        min(pull / 20, 2), pull / most, own, float(pull >= most - 1e-6),
        max((1 / (1 + abs(gap) / 4) for gap in focus), default=0.0),
        float(any(gap > 0 for gap in focus)), float(any(gap < 0 for gap in focus)),
        max((1 / (1 + gap / 4) for p in places if (gap := _gap(span, p)) >= 0), default=0.0),
        max((1 / (1 - gap / 4) for p in places if (gap := _gap(span, p)) <= 0), default=0.0),
        min(len(text), 24) / 24, span.start / max(len(here), 1),
        float(span is same[0]), min(len(same), 6) / 6,
        float(any(char.isdigit() for char in text)), float(_RELATIVE.match(text) is not None),
        float(any(text.endswith(target) for unit in query.units if unit.focus for target, _ in unit.targets)),
        float(asks_more and is_more), float(asks_more), float(is_more),
        float(_LEFT_OF_AMOUNT.search(left) is not None), float(asking.language == "en"),
    ]  # fmt: skip


def _gap(span: Span, place: _Place) -> int:
    """Characters between: positive when the word stands before the span, negative after, 0 touching."""
    start, end = place[:2]
    return span.start - end if end <= span.start else min(span.end - start, 0)


def _places(unit: Unit, here: str) -> list[_Place]:
    for target, weight in unit.targets:
        if found := [m.span() for m in re.finditer(re.escape(target), here)]:
            return [
                (a, b, weight * unit.weight / len(found), unit.focus) for a, b in found
            ]
    return []


def _pull(span: Span, places: Sequence[_Place], here: str) -> tuple[float, float]:
    """How close the question's words stand, summed by weight; and the share of that from the span's own clause."""
    clause = next(
        (m.span() for m in _CLAUSE.finditer(here) if m.start() <= span.start < m.end()),
        (0, 0),
    )
    total = own = 0.0
    for start, end, weight, focus in places:
        if start < span.end and span.start < end:
            continue
        gap = max(span.start - end, start - span.end, 0)
        value = weight * (1.5 if focus else 1.0) / (1 + gap / REACH)
        inside = clause[0] <= start < clause[1]
        total += value * (2.0 if inside else 1.0)
        own += value * 2.0 if inside else 0.0
    return total, own / total if total else 0.0


def rank(weights: dict[str, FloatArray], x: FloatArray) -> FloatArray:
    """``(candidates,)`` log-odds of each span against "none of them is it"."""
    x = (x - weights["short.mean"]) / weights["short.std"]
    x = np.maximum(x @ weights["short.first.weight"].T + weights["short.first.bias"], 0)
    return np.asarray(
        (x @ weights["short.last.weight"].T + weights["short.last.bias"])[:, 0],
        np.float32,
    )


def bare_fact(
    query: Query, sentence: str, weights: dict[str, FloatArray], least: float = LEAST
) -> tuple[int, int] | None:
    """The span of the sentence that is the bare fact asked for; None when none is likely enough."""
    if query.asking.asked not in BARE_FACTS or "short.mean" not in weights:
        return None
    question = fold(query.asking.text)
    candidates = [
        s
        for s in spans(query, sentence)
        if fold(sentence)[s.start : s.end] not in question
    ]
    if not candidates:
        return None
    scores = rank(weights, span_features(query, sentence, candidates))
    best = int(scores.argmax())
    return (
        (candidates[best].start, candidates[best].end)
        if scores[best] >= least
        else None
    )
