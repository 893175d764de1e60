"""Two runs over the same questions, compared pair by pair: a change, or noise?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eval.results import LOWER_IS_BETTER, METRICS, Case, Results
from rag.errors import InvalidValue

ALPHA = 0.05
EXACT_UP_TO = 14
"""So many differing pairs are tested by all their sign flips (16,384); more by random ones."""
FLIPS = 10_000

Verdict = Literal["better", "worse", "noise", "same"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric on the ``n`` cases that both runs have. ``p`` is two-sided; ``worse`` is a regression."""

    metric: str
    n: int
    before: float
    after: float
    p: float
    verdict: Verdict

    def __str__(self) -> str:
        return (
            f"{self.metric}: {self.before:.3f} -> {self.after:.3f} "
            f"(n={self.n}, p={self.p:.3f}): {self.verdict}"
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


def compare(baseline: Results, results: Results) -> tuple[list[Comparison], list[Flip]]:
    """Compare on the cases that have the same id and question in both runs, each weighing the same.

    A difference counts when a paired permutation test (sign flips of the per-case differences) gives
    ``p < ALPHA``. Each metric is tested by itself: with many, a false alarm now and then is expected.

    Raises:
        InvalidValue: the runs are of different kinds or share no case.
    """
    if baseline.kind != results.kind:
        raise InvalidValue("baseline", baseline.kind, f"results of the kind {results.kind}")
    before = {(case["id"], case["question"]): case for case in baseline.cases}
    pairs = [
        (before[key], case) for case in results.cases if (key := (case["id"], case["question"])) in before
    ]
    if not pairs:
        raise InvalidValue(
            "baseline", baseline.dataset, f"a run that shares questions with {results.dataset}"
        )
    comparisons, flips = [], []
    for name in METRICS:
        scored = [
            (old, new, x, y)
            for old, new in pairs
            if (x := score(old, name)) is not None and (y := score(new, name)) is not None
        ]
        if scored:
            comparisons.append(_compare(name, [row[2] for row in scored], [row[3] for row in scored]))
            flips += [Flip(new["id"], new["question"], name, x, y) for _, new, x, y in scored if x != y]
    return comparisons, flips


def permutation_p(differences: Sequence[float], *, seed: int = 0) -> float:
    """Two-sided p of the mean difference, shape ``(n,)``, under random sign flips (Fisher's paired test).

    Exact when at most ``EXACT_UP_TO`` pairs differ: three pairs that all moved one way give 2/8 = 0.25.
    """
    moved = np.asarray([each for each in differences if each], dtype=float)
    if not len(moved):
        return 1.0
    seen = abs(moved.sum()) - 1e-12
    if len(moved) <= EXACT_UP_TO:
        bits = np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved)) & 1
        return float((abs((2 * bits - 1) @ moved) >= seen).mean())
    signs = np.random.default_rng(seed).choice([-1, 1], size=(FLIPS, len(moved)))
    return float(((abs(signs @ moved) >= seen).sum() + 1) / (FLIPS + 1))


def score(case: Case, metric: str) -> float | None:
    """A case's score on a metric: its own, or the share of its counts; None where it has neither."""
    if metric in case.get("counts", {}):
        part, whole = case["counts"][metric]
        return float(part / whole)
    value = case["scores"].get(metric)
    return None if value is None else float(value)


def _compare(name: str, old: list[float], new: list[float]) -> Comparison:
    differences = [y - x for x, y in zip(old, new, strict=True)]
    p = permutation_p(differences)
    verdict: Verdict = "same"
    if any(differences):
        rose = sum(differences) > 0
        verdict = "noise" if p >= ALPHA else "better" if rose != (name in LOWER_IS_BETTER) else "worse"
    return Comparison(name, len(old), sum(old) / len(old), sum(new) / len(new), p, verdict)
