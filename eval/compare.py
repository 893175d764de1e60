"""Two runs over the same questions, compared pair by pair: better, worse, or noise?

compared = compare(read_results(Path("before.json")), read_results(Path("after.json")))
if compared.regressions:
    ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from eval.catalogue import AREAS, LOWER_IS_BETTER, METRICS, Case
from eval.metrics import aurc, difference_interval, ranks_of
from eval.results import Results, lean
from eval.significance import (
    ALPHA,
    Floats,
    Method,
    Permuted,
    holm,
    permute_means,
    permute_ratios,
    permute_rows,
)
from rag.errors import InvalidValue

Verdict = Literal["better", "worse", "noise"]
Pairs = Sequence[tuple[Case, Case]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric on the ``n`` questions that both runs have; ``moved`` of them scored differently.

    ``low`` and ``high`` bound ``after - before`` (95% paired bootstrap). ``p`` is two-sided, by ``method``;
    ``p_corrected`` is Holm's over all metrics of the comparison, and gives the ``verdict`` (at 0.05);
    ``noise`` when it cannot be told from chance, and when nothing moved. ``worse`` is a regression.
    """

    metric: str
    n: int
    moved: int
    before: float
    after: float
    low: float
    high: float
    p: float
    p_corrected: float
    method: Method
    verdict: Verdict

    def __str__(self) -> str:
        return (
            f"{self.metric}: {self.before:.3f} -> {self.after:.3f} "
            f"(n={self.n}, moved {self.moved}, p={self.p_corrected:.3f}): {self.verdict}"
        )


@dataclass(frozen=True, slots=True)
class Flip:
    """A case whose score on a metric changed between the runs."""

    id: str
    question: str
    metric: str
    before: float
    after: float

    @property
    def gained(self) -> bool:
        return (self.after > self.before) != (self.metric in LOWER_IS_BETTER)


@dataclass(frozen=True, slots=True)
class RunComparison:
    """All that two runs differ in.

    ``differs`` names what is known to differ in how they were made (``corpus.sha256``, ``commit``, …);
    ``only_before`` and ``only_after`` are the ids of questions that were not paired.
    """

    before: Results
    after: Results
    metrics: tuple[Comparison, ...]
    flips: tuple[Flip, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    differs: tuple[str, ...]

    @property
    def regressions(self) -> tuple[Comparison, ...]:
        return tuple(each for each in self.metrics if each.verdict == "worse")

    def to_json(self) -> dict[str, Any]:
        """Metrics, flips and what differs as plain JSON values; the runs are files of their own."""
        return {
            "metrics": [asdict(each) for each in self.metrics],
            "flips": [asdict(each) for each in self.flips],
            "only_before": list(self.only_before),
            "only_after": list(self.only_after),
            "differs": list(self.differs),
        }


def compare(baseline: Results, results: Results) -> RunComparison:
    """Compare on the cases that have the same id and question in both runs.

    Each metric is computed over the pairs as :class:`Results` computes it (a mean, a micro-average, an
    area) and tested by swapping the two runs' scores question by question (``eval.significance``).

    Raises:
        InvalidValue: the runs are of different kinds or share no case.
    """
    if baseline.kind != results.kind:
        raise InvalidValue(
            "baseline", baseline.kind, f"results of the kind {results.kind}"
        )
    # a baseline is kept with six decimals: what differs beyond those has not moved
    before = {_key(case): case for case in lean(baseline).cases}
    pairs = [
        (before[_key(case)], case)
        for case in lean(results).cases
        if _key(case) in before
    ]
    if not pairs:
        raise InvalidValue(
            "baseline",
            baseline.dataset,
            f"a run that shares questions with {results.dataset}",
        )
    paired = {_key(case) for _, case in pairs}
    return RunComparison(
        baseline,
        results,
        tuple(_tested(pairs)),
        tuple(_flips(pairs)),
        tuple(case["id"] for case in baseline.cases if _key(case) not in paired),
        tuple(case["id"] for case in results.cases if _key(case) not in paired),
        tuple(_differing(baseline.provenance, results.provenance)),
    )


def score(case: Case, metric: str) -> float | None:
    """A case's score on a metric: its own, or the share of its counts; None where it has neither."""
    if metric in case.get("counts", {}):
        part, whole = case["counts"][metric]
        return float(part / whole)
    value = case["scores"].get(metric)
    return None if value is None else float(value)


def _key(case: Case) -> tuple[str, str]:
    return case["id"], case["question"]


def _tested(pairs: Pairs) -> list[Comparison]:
    found = [each for name in METRICS if (each := _measured(name, pairs)) is not None]
    corrected = holm([tested for _, _, _, tested in found])
    return [
        _verdict(name, n, sides, tested, p)
        for (name, n, sides, tested), p in zip(found, corrected, strict=True)
    ]


Measured = tuple[str, int, tuple[float, float, float, float], Permuted]
"""Metric, n, ``(before, after, low, high)``, test."""


def _measured(name: str, pairs: Pairs) -> Measured | None:
    if name in AREAS:
        return _area(name, pairs)
    if any(name in case.get("counts", {}) for pair in pairs for case in pair):
        return _ratio(name, pairs)
    return _mean(name, pairs)


def _mean(name: str, pairs: Pairs) -> Measured | None:
    rows = [
        [old["scores"][name], new["scores"][name]]
        for old, new in pairs
        if _both(name, old, new)
    ]
    if not rows:
        return None
    scores = np.asarray(rows, dtype=float)
    return name, len(rows), _sides(scores, np.ones_like(scores)), permute_means(scores)


def _ratio(name: str, pairs: Pairs) -> Measured | None:
    rows = np.asarray(
        [[case.get("counts", {}).get(name, (0, 0)) for case in pair] for pair in pairs],
        dtype=float,
    )
    parts, wholes = rows[:, :, 0], rows[:, :, 1]
    if not wholes.sum(axis=0).all():
        return None
    n = int((wholes.sum(axis=1) > 0).sum())
    return name, n, _sides(parts, wholes), permute_ratios(parts, wholes)


def _area(name: str, pairs: Pairs) -> Measured | None:
    both = [
        pair for pair in pairs if all(case.get("loss") is not None for case in pair)
    ]
    if not both:
        return None
    losses = np.asarray([[case["loss"] for case in pair] for pair in both], dtype=float)
    ranks = np.column_stack(
        [ranks_of([pair[side].get("confidence") for pair in both]) for side in (0, 1)]
    )

    def difference(swapped: np.ndarray[Any, np.dtype[np.bool_]]) -> Floats:
        return np.asarray(
            [
                aurc(
                    np.where(row, ranks[:, 0], ranks[:, 1]),
                    np.where(row, losses[:, 0], losses[:, 1]),
                )
                - aurc(
                    np.where(row, ranks[:, 1], ranks[:, 0]),
                    np.where(row, losses[:, 1], losses[:, 0]),
                )
                for row in swapped
            ]
        )

    moved = (losses[:, 0] != losses[:, 1]) | (ranks[:, 0] != ranks[:, 1])
    before, after = (aurc(ranks[:, side], losses[:, side]) for side in (0, 1))
    low, high = difference_interval(
        len(both),
        lambda at: (
            aurc(ranks[at, 1], losses[at, 1]) - aurc(ranks[at, 0], losses[at, 0])
        ),
    )
    return name, len(both), (before, after, low, high), permute_rows(moved, difference)


def _both(name: str, old: Case, new: Case) -> bool:
    return old["scores"].get(name) is not None and new["scores"].get(name) is not None


def _sides(parts: Floats, wholes: Floats) -> tuple[float, float, float, float]:
    before, after = (float(each) for each in parts.sum(axis=0) / wholes.sum(axis=0))

    def difference(at: np.ndarray[Any, np.dtype[np.int64]]) -> float:
        wholes_drawn = wholes[at].sum(axis=0)
        if not wholes_drawn.all():
            return 0.0
        sides = parts[at].sum(axis=0) / wholes_drawn
        return float(sides[1] - sides[0])

    return before, after, *difference_interval(len(parts), difference)


def _verdict(
    name: str,
    n: int,
    sides: tuple[float, float, float, float],
    tested: Permuted,
    corrected: float,
) -> Comparison:
    before, after, low, high = sides
    verdict: Verdict = "noise"
    if corrected < ALPHA:
        verdict = "better" if (after > before) != (name in LOWER_IS_BETTER) else "worse"
    return Comparison(
        name,
        n,
        tested.moved,
        before,
        after,
        low,
        high,
        tested.p,
        corrected,
        tested.method,
        verdict,
    )


def _flips(pairs: Pairs) -> list[Flip]:
    return [
        Flip(new["id"], new["question"], name, x, y)
        for name in METRICS
        for old, new in pairs
        if (x := score(old, name)) is not None
        and (y := score(new, name)) is not None
        and x != y
    ]


def _differing(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str = ""
) -> list[str]:
    """The keys, dotted, under which two provenances differ; a key that only one has differs."""
    found: list[str] = []
    for key in dict.fromkeys([*before, *after]):
        one, other = before.get(key), after.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found += _differing(one, other, f"{path}{key}.")
        elif one != other:
            found.append(f"{path}{key}")
    return found
