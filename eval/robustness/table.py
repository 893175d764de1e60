"""What each corruption costs, paired with the clean run: with interval, n and verdict, as JSON and table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from rich.console import Console
from rich.table import Table

from eval.catalogue import Case
from eval.metrics import Floats, Metric, mean
from eval.results import SCHEMA_VERSION
from eval.robustness.suite import CLEAN, Corruption
from eval.significance import ALPHA, holm, permute_means

COLUMNS = (
    "corruption",
    "n",
    "clean",
    "now",
    "change",
    "95% interval",
    "p",
    "verdict",
    "",
)
Verdict = Literal["better", "worse", "noise", "same"]


@dataclass(frozen=True, slots=True)
class Cost:
    """A corruption's row. ``clean`` and ``corrupted`` are shares of right behaviour on the same ``n`` facts.

    ``change`` is corrupted less clean, paired, with its 95% bootstrap interval. ``p`` is of a paired
    permutation test, corrected for all rows of the table (Holm 1979); ``verdict`` is ``noise`` when the
    runs differ but ``p`` is not below 0.05, ``same`` when no question came out otherwise. ``lost`` and
    ``gained`` are ids of the facts that flipped. ``misled`` is the share told the planted answer alone,
    ``told_both`` the share told both (``changed_number`` only).
    """

    name: str
    group: str
    what: str
    wants: str
    clean: Metric
    corrupted: Metric
    change: Metric
    p: float
    verdict: Verdict
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    misled: Metric | None = None
    told_both: Metric | None = None

    @property
    def n(self) -> int:
        return self.change.n


def costs(
    rows: Sequence[Corruption], cases: Mapping[str, Sequence[Case]]
) -> list[Cost]:
    """A row for each corruption that was asked anything, in order of the table."""
    before = {case["id"]: float(case["right"]) for case in cases[CLEAN]}
    asked = [row for row in rows if cases.get(row.name)]
    pairs = []
    for row in asked:
        pair = [(before[case["id"]], float(case["right"])) for case in cases[row.name]]
        pairs.append(np.asarray(pair))
    corrected = holm([permute_means(each) for each in pairs])
    table = []
    for row, scores, p in zip(asked, pairs, corrected, strict=True):
        table.append(_cost(row, cases[row.name], scores, p))
    return table


def write(
    path: Path,
    *,
    dataset: str,
    versions: Mapping[str, str],
    provenance: Mapping[str, Any],
    seed: int,
    costs: Sequence[Cost],
    cases: Mapping[str, Sequence[Case]],
) -> dict[str, Any]:
    """Write ``results.json``: metrics ``right/<corruption>``, the seed, the rows, the cases.

    A case has its ``fact``'s id and its ``corruption``; its ``id`` is of both, so that ``eval compare``
    pairs two robustness runs corruption by corruption.
    """
    clean = mean([float(case["right"]) for case in cases[CLEAN]])
    metrics = {f"right/{CLEAN}": asdict(clean)}
    for cost in costs:
        metrics[f"right/{cost.name}"] = asdict(cost.corrupted)
    named: list[Case] = []
    for name, group in cases.items():
        for case in group:
            id_ = f"{case['id']}@{name}"
            named.append(case | {"id": id_, "fact": case["id"], "corruption": name})
    found = {
        "kind": "robustness",
        "schema_version": SCHEMA_VERSION,
        "dataset": dataset,
        "versions": dict(versions),
        "provenance": dict(provenance),
        "seed": seed,
        "metrics": metrics,
        "corruptions": [{**asdict(cost), "n": cost.n} for cost in costs],
        "cases": named,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")
    return found


def print_costs(
    costs: Sequence[Cost], clean: Metric, dataset: str, console: Console
) -> None:
    """One table: what was done, right before and after, what that changed, and whether it is noise."""
    title = f"robustness · {dataset} · clean {clean.value:.3f} ({clean.low:.3f} – {clean.high:.3f}), n={clean.n}"
    table = Table(title=title)
    for column in COLUMNS:
        numbers = column in ("n", "clean", "now", "change", "p")
        table.add_column(column, justify="right" if numbers else "left")
    group = ""
    for cost in costs:
        if cost.group != group and group:
            table.add_section()
        group = cost.group
        change = cost.change
        table.add_row(
            cost.name,
            str(cost.n),
            f"{cost.clean.value:.3f}",
            f"{cost.corrupted.value:.3f}",
            f"{change.value:+.3f}",
            f"{change.low:+.3f} – {change.high:+.3f}",
            f"{cost.p:.3f}",
            cost.verdict,
            _note(cost),
        )
    console.print(table)


def _note(cost: Cost) -> str:
    if cost.misled and cost.told_both:
        return f"wants {cost.wants}; misled {cost.misled.value:.2f}, told both {cost.told_both.value:.2f}"
    return cost.what if cost.wants == "the same answer" else f"wants {cost.wants}"


def _cost(row: Corruption, cases: Sequence[Case], pairs: Floats, p: float) -> Cost:
    changes = pairs[:, 1] - pairs[:, 0]
    lost = []
    gained = []
    misled = []
    told_both = []
    for case, change in zip(cases, changes, strict=True):
        if change < 0:
            lost.append(case["id"])
        elif change > 0:
            gained.append(case["id"])
        if "lure" in case:
            misled.append(float(case["misled"]))
            told_both.append(float(case["told_both"]))
    return Cost(
        name=row.name,
        group=row.group,
        what=row.what,
        wants=row.wants,
        clean=mean(pairs[:, 0].tolist()),
        corrupted=mean(pairs[:, 1].tolist()),
        change=mean(changes.tolist()),
        p=p,
        verdict=_verdict(changes, p),
        lost=tuple(lost),
        gained=tuple(gained),
        misled=mean(misled) if misled else None,
        told_both=mean(told_both) if told_both else None,
    )


def _verdict(changes: Floats, p: float) -> Verdict:
    # not one question came out otherwise: no test needed
    if not changes.any():
        return "same"
    if p >= ALPHA:
        return "noise"
    return "better" if changes.sum() > 0 else "worse"
