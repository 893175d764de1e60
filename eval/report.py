"""Results on a terminal: a table of metrics, one by kind and language, and what changed since a baseline."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table

from eval.blame import BLAMES
from eval.catalogue import LOWER_IS_BETTER, METRICS
from eval.compare import RunComparison
from eval.results import Results

MAX_FLIPS = 20
ROOM_FOR_INTERVALS = 100
"""Columns a terminal must have for the interval of a change to be shown."""
ROOM_TO_EXPLAIN = 120
"""Columns a terminal must have for what each metric means to be shown."""


def print_results(results: Results, console: Console) -> None:
    """Metrics with their intervals and n, then by kind and by language, then latency."""
    table = Table(
        title=f"{results.kind} · {results.dataset} · {len(results.cases)} questions"
    )
    explained = console.width >= ROOM_TO_EXPLAIN
    for column in (
        "metric",
        "value",
        "95% interval",
        "n",
        *(["what it is"] if explained else []),
    ):
        table.add_column(
            column, justify="right" if column in ("value", "n") else "left"
        )
    for name, metric in results.metrics.items():
        interval = f"{metric.low:.3f} – {metric.high:.3f}"
        meaning = [METRICS[name]] if explained else []
        table.add_row(name, f"{metric.value:.3f}", interval, str(metric.n), *meaning)
    console.print(table)
    for key, parts in results.by.items():
        if len(parts) > 1:
            console.print(_parts(key, results))
    if results.blame:
        console.print(_blame(results))
    if results.latency_ms:
        console.print(_latency(results))


def print_misses(results: Results, console: Console, limit: int = 15) -> None:
    """The first questions that were not right, each on a line with why."""
    wrong = [case for case in results.cases if not case["right"]]
    for case in wrong[:limit]:
        said = case.get("short_answer") or case.get("prediction") or ""
        line = f"✗ {case['id']} {case['question']} — {case['why_not']}"
        console.print(
            f"{line} (said {said!r})" if said else line, highlight=False, markup=False
        )
    if len(wrong) > limit:
        console.print(
            f"… and {len(wrong) - limit} more, in report.html", highlight=False
        )


def print_comparison(compared: RunComparison, console: Console) -> None:
    """Each metric before and after with its verdict, then the cases that flipped, each with one metric."""
    table = Table(title="against the baseline, paired by question")
    bounded = console.width >= ROOM_FOR_INTERVALS
    bounds = ["change, 95%"] if bounded else []
    for column in ("metric", "before", "after", *bounds, "moved", "p", "verdict"):
        right = column not in ("metric", "verdict")
        table.add_column(column, justify="right" if right else "left", no_wrap=True)
    moved = [each for each in compared.metrics if each.moved]
    for each in moved:
        interval = [f"{each.low:+.3f}…{each.high:+.3f}"] if bounded else []
        numbers = (
            f"{each.before:.3f}",
            f"{each.after:.3f}",
            *interval,
            f"{each.moved} of {each.n}",
        )
        table.add_row(each.metric, *numbers, f"{each.p_corrected:.3f}", each.verdict)
    if moved:
        console.print(table)
    if still := len(compared.metrics) - len(moved):
        console.print(f"{still} metrics did not move.", highlight=False)
    if compared.differs:
        console.print(f"What differs: {', '.join(compared.differs)}.", highlight=False)
    if compared.only_before or compared.only_after:
        unpaired = f"{len(compared.only_before)} questions only before, {len(compared.only_after)} only now"
        console.print(f"Not compared: {unpaired}.", highlight=False)
    flips = compared.flips
    first = list({flip.id: flip for flip in reversed(flips)}.values())[::-1]
    for flip in first[:MAX_FLIPS]:
        sign = "+" if flip.gained else "-"
        line = f"{sign} {flip.id} {flip.metric} {flip.before:g} -> {flip.after:g} {flip.question}"
        console.print(line, highlight=False, markup=False)
    if len(first) > MAX_FLIPS:
        console.print(
            f"… and {len(first) - MAX_FLIPS} more, in report.html", highlight=False
        )


def _blame(results: Results) -> Table:
    """Misses by the stage that lost the answer, in their order; the largest says where to work."""
    kinds = results.blame.get("kind", {})
    table = Table(title=f"where the {sum(results.blame['all'].values())} misses arose")
    table.add_column("stage", no_wrap=True)
    for column in ("all", *kinds):
        table.add_column(column, justify="right", no_wrap=True)
    for blame in BLAMES:
        if blame in results.blame["all"]:
            counts = (str(found.get(blame) or "") for found in kinds.values())
            table.add_row(blame, str(results.blame["all"][blame]), *counts)
    return table


def _latency(results: Results) -> Table:
    table = Table(title="milliseconds")
    for column in ("stage", "p50", "p95"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    stages = {
        name: spent for name, spent in results.stages_ms.items() if name != "total"
    }
    for name, spent in {**stages, "question": results.latency_ms}.items():
        table.add_row(name, f"{spent['p50']:.1f}", f"{spent['p95']:.1f}")
    return table


def _parts(key: str, results: Results) -> Table:
    parts = results.by[key]
    table = Table(title=f"by {key}")
    table.add_column(key, no_wrap=True)
    for part in parts:
        table.add_column(part, justify="right", no_wrap=True)
    asked = Counter(case.get(key) for case in results.cases)
    table.add_row("questions", *(str(asked[part]) for part in parts), end_section=True)
    for name in METRICS:
        if any(name in metrics for metrics in parts.values()):
            cells = (
                f"{m.value:.2f}" if (m := metrics.get(name)) else ""
                for metrics in parts.values()
            )
            table.add_row(f"{name}{' ↓' if name in LOWER_IS_BETTER else ''}", *cells)
    return table
