"""Cases -> figures: metrics, the same by kind and language, latencies, risk-coverage curves, blame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from eval.catalogue import AREAS, METRICS, Case
from eval.metrics import Metric, area, mean, quantile, ratio, risk_coverage

MOST_POINTS = 200
"""Points of a curve that are kept: a screen shows no more."""
Blames = dict[str, int]


def summarise(cases: Iterable[Case]) -> dict[str, Metric]:
    """Each metric over the cases that have it, in the order of ``METRICS``; one that none has is left out."""
    rows = list(cases)
    found: dict[str, Metric] = {}
    for name in METRICS:
        metric = _area(rows) if name in AREAS else _average(name, rows)
        if metric is not None:
            found[name] = metric
    return found


def _average(name: str, cases: Sequence[Case]) -> Metric | None:
    """Micro-averaged where cases count, else the mean of their scores.

    Citations 1 of 1 and 1 of 3: 2/4 = .50, where a mean of the two shares would be .67.
    """
    parts: list[float] = []
    wholes: list[float] = []
    scores: list[float] = []
    for case in cases:
        if name in case.get("counts", {}):
            part, whole = case["counts"][name]
            parts.append(part)
            wholes.append(whole)
        if name in case["scores"]:
            scores.append(case["scores"][name])
    # a metric is counted or scored, never both; of counts 0 of 0 nothing is known
    if sum(wholes):
        return ratio(parts, wholes)
    if scores and not wholes:
        return mean(scores)
    return None


def _area(cases: Sequence[Case]) -> Metric | None:
    weighed = _with_loss(cases)
    if not weighed:
        return None
    return area(_confidences(weighed), _losses(weighed))


def by_part(key: str, cases: Sequence[Case]) -> dict[str, dict[str, Metric]]:
    """The metrics over the cases of each ``kind``, or of each ``lang``."""
    parts: dict[str, list[Case]] = {}
    for case in cases:
        if key in case:
            parts.setdefault(case[key], []).append(case)
    return {value: summarise(part) for value, part in parts.items()}


def spent(milliseconds: Sequence[float]) -> dict[str, float]:
    """The median and the 95th percentile, linearly interpolated; empty where nothing was timed."""
    if not milliseconds:
        return {}
    return {
        "p50": quantile(milliseconds, 0.5),
        "p95": quantile(milliseconds, 0.95),
        "n": len(milliseconds),
    }


def spent_by_stage(cases: Sequence[Case]) -> dict[str, dict[str, float]]:
    """:func:`spent` of each stage, by its name."""
    stages: dict[str, list[float]] = {}
    for case in cases:
        for stage, milliseconds in case.get("timings_ms", {}).items():
            stages.setdefault(stage, []).append(milliseconds)
    return {stage: spent(times) for stage, times in stages.items()}


def curves(cases: Sequence[Case]) -> dict[str, Any]:
    """The risk-coverage curve of all cases, and under ``lang`` that of each language."""
    found = _curve(cases)
    if not found:
        return {}
    by_language: dict[str, list[Case]] = {}
    for case in cases:
        if "lang" in case:
            by_language.setdefault(case["lang"], []).append(case)
    if by_language:
        found["lang"] = {lang: _curve(part) for lang, part in by_language.items()}
    return found


def _curve(cases: Sequence[Case]) -> dict[str, Any]:
    weighed = _with_loss(cases)
    if not weighed:
        return {}
    points = risk_coverage(_confidences(weighed), _losses(weighed))
    answered = _losses([case for case in weighed if case.get("answered")])
    risk = sum(answered) / len(answered) if answered else 0.0
    # 450 points: every third of them, 150, and always the last, where all is answered
    step = -(-len(points) // MOST_POINTS)
    kept = [*points[step - 1 : -1 : step], points[-1]]
    return {
        "points": [list(point) for point in kept],
        "area": summarise(cases)["aurc"].value,
        "operating": [len(answered) / len(weighed), risk],
    }


def blame_table(cases: Sequence[Case]) -> dict[str, Any]:
    """Misses by what they are blamed on: of all cases, and by kind and language."""
    blamed = [case for case in cases if case.get("blame")]
    if not blamed:
        return {}
    table: dict[str, Any] = {"all": _count_blames(blamed)}
    for key in ("kind", "lang"):
        # a kind without a miss has a row, too: an empty one
        parts: dict[str, list[Case]] = {}
        for case in cases:
            if key in case:
                parts.setdefault(case[key], []).append(case)
        table[key] = {value: _count_blames(part) for value, part in parts.items()}
    return table


def _count_blames(cases: Sequence[Case]) -> Blames:
    counts: Counter[str] = Counter()
    for case in cases:
        if case.get("blame"):
            counts[case["blame"]] += 1
    return dict(counts)


def _with_loss(cases: Sequence[Case]) -> list[Case]:
    """The cases that the curve is made of; answers without a trace have no loss."""
    return [case for case in cases if case.get("loss") is not None]


def _losses(cases: Sequence[Case]) -> list[float]:
    return [case["loss"] for case in cases]


def _confidences(cases: Sequence[Case]) -> list[float | None]:
    """None where the reader had nothing to weigh."""
    return [case.get("confidence") for case in cases]
