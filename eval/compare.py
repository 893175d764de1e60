"""Two runs over the same questions, compared pair by pair: better, worse, or noise?

compared = compare(read_results(Path("before.json")), read_results(Path("after.json")))
if compared.regressions:
    ...
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from eval.catalogue import AREAS, LOWER_IS_BETTER, METRICS, Case
from eval.metrics import Drawn, aurc, difference_interval, ranks_of
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
Swaps = npt.NDArray[np.bool_]
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
    pairs = _paired(baseline, results)
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
        metrics=tuple(_tested(pairs)),
        flips=tuple(_flips(pairs)),
        only_before=_unpaired(baseline, paired),
        only_after=_unpaired(results, paired),
        differs=tuple(_differing(baseline.provenance, results.provenance)),
    )


def _paired(baseline: Results, results: Results) -> Pairs:
    # a baseline is kept with six decimals: what differs beyond those has not moved
    # id and question: a question that was reworded is another one
    before = {_key(case): case for case in lean(baseline).cases}
    pairs = []
    for case in lean(results).cases:
        if _key(case) in before:
            pairs.append((before[_key(case)], case))
    return pairs


def _unpaired(run: Results, paired: Collection[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(case["id"] for case in run.cases if _key(case) not in paired)


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
    measured = []
    for name in METRICS:
        each = _measured(name, pairs)
        if each is not None:
            measured.append(each)
    corrected = holm([each.test for each in measured])
    return [_compared(*each) for each in zip(measured, corrected, strict=True)]


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric of ``n`` pairs in both runs, the interval of its difference, and the test of it."""

    name: str
    n: int
    before: float
    after: float
    interval: tuple[float, float]
    test: Permuted


def _measured(name: str, pairs: Pairs) -> Measured | None:
    if name in AREAS:
        return _area(name, pairs)
    for old, new in pairs:
        if name in old.get("counts", {}) or name in new.get("counts", {}):
            return _ratio(name, pairs)
    return _mean(name, pairs)


def _mean(name: str, pairs: Pairs) -> Measured | None:
    rows = []
    for old, new in pairs:
        before, after = old["scores"].get(name), new["scores"].get(name)
        if before is not None and after is not None:
            rows.append((before, after))
    if not rows:
        return None
    scores = np.asarray(rows, dtype=float)
    return _averages(
        name, len(rows), scores, np.ones_like(scores), permute_means(scores)
    )


def _ratio(name: str, pairs: Pairs) -> Measured | None:
    parts = np.zeros((len(pairs), 2))
    wholes = np.zeros((len(pairs), 2))
    for row, pair in enumerate(pairs):
        for side, case in enumerate(pair):
            # a refusal has no citations: 0 of 0
            part, whole = case.get("counts", {}).get(name, (0, 0))
            parts[row, side] = part
            wholes[row, side] = whole
    # one run has nothing to count at all: no claims, as when all is refused
    if not wholes.sum(axis=0).all():
        return None
    n = int((wholes.sum(axis=1) > 0).sum())
    return _averages(name, n, parts, wholes, permute_ratios(parts, wholes))


def _area(name: str, pairs: Pairs) -> Measured | None:
    weighed = []
    for old, new in pairs:
        if old.get("loss") is not None and new.get("loss") is not None:
            weighed.append((old, new))
    if not weighed:
        return None
    losses = np.asarray([[old["loss"], new["loss"]] for old, new in weighed], float)
    ranks = np.column_stack(
        [
            ranks_of([old.get("confidence") for old, _ in weighed]),
            ranks_of([new.get("confidence") for _, new in weighed]),
        ]
    )

    def area(side: int, rows: Drawn) -> float:
        return aurc(ranks[rows, side], losses[rows, side])

    def swapped_difference(swapped: Swaps) -> Floats:
        # no sum over questions, so each draw is sorted anew
        differences = np.empty(len(swapped))
        for draw, row in enumerate(swapped):
            # the column that each question's "before" and "after" are taken from
            before = np.where(row, 1, 0)
            differences[draw] = _area_at(ranks, losses, 1 - before) - _area_at(
                ranks, losses, before
            )
        return differences

    every = np.arange(len(weighed))
    moved = (losses[:, 0] != losses[:, 1]) | (ranks[:, 0] != ranks[:, 1])
    return Measured(
        name,
        len(weighed),
        area(0, every),
        area(1, every),
        difference_interval(len(weighed), lambda at: area(1, at) - area(0, at)),
        permute_rows(moved, swapped_difference),
    )


def _area_at(ranks: Floats, losses: Floats, columns: Drawn) -> float:
    rows = np.arange(len(columns))
    return aurc(ranks[rows, columns], losses[rows, columns])


def _averages(
    name: str, n: int, parts: Floats, wholes: Floats, test: Permuted
) -> Measured:
    """``sum(parts) / sum(wholes)`` of both runs; with wholes of 1 that is the mean."""
    before, after = (parts.sum(axis=0) / wholes.sum(axis=0)).tolist()

    def difference(at: Drawn) -> float:
        sums = wholes[at].sum(axis=0)
        if not sums.all():  # drawn from questions that one run has nothing to count in
            return 0.0
        old, new = parts[at].sum(axis=0) / sums
        return float(new - old)

    return Measured(
        name, n, before, after, difference_interval(len(parts), difference), test
    )


def _compared(measured: Measured, corrected: float) -> Comparison:
    verdict: Verdict = "noise"
    if corrected < ALPHA:
        # refused_wrong that rises is worse
        rose = measured.after > measured.before
        lower_is_better = measured.name in LOWER_IS_BETTER
        verdict = "better" if rose != lower_is_better else "worse"
    low, high = measured.interval
    return Comparison(
        metric=measured.name,
        n=measured.n,
        moved=measured.test.moved,
        before=measured.before,
        after=measured.after,
        low=low,
        high=high,
        p=measured.test.p,
        p_corrected=corrected,
        method=measured.test.method,
        verdict=verdict,
    )


def _flips(pairs: Pairs) -> list[Flip]:
    flips = []
    for name in METRICS:
        for old, new in pairs:
            before, after = score(old, name), score(new, name)
            if before is None or after is None or before == after:
                continue
            flips.append(Flip(new["id"], new["question"], name, before, after))
    return flips


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
