"""Results on a terminal: a table of metrics, one by kind and language, and what changed since a baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from eval.blame import BLAMES
from eval.catalogue import LOWER_IS_BETTER, METRICS
from eval.compare import Comparison, Flip, RunComparison
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
    columns = ["metric", "value", "95% interval", "n"]
    explained = console.width >= ROOM_TO_EXPLAIN
    if explained:
        columns.append("what it is")
    for column in columns:
        number = column in ("value", "n")
        table.add_column(column, justify="right" if number else "left")
    for name, metric in results.metrics.items():
        cells = [name, f"{metric.value:.3f}", f"{metric.low:.3f} – {metric.high:.3f}"]
        cells.append(str(metric.n))
        if explained:
            cells.append(METRICS[name])
        table.add_row(*cells)
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
        line = f"✗ {case['id']} {case['question']} — {case['why_not']}"
        said = case.get("short_answer") or case.get("prediction")
        if said:
            line += f" (said {said!r})"
        console.print(line, highlight=False, markup=False)
    if len(wrong) > limit:
        more = f"… and {len(wrong) - limit} more, in report.html"
        console.print(more, highlight=False)


def print_comparison(compared: RunComparison, console: Console) -> None:
    """Each metric before and after with its verdict, then the cases that flipped, each with one metric."""
    moved = [each for each in compared.metrics if each.moved]
    if moved:
        bounded = console.width >= ROOM_FOR_INTERVALS
        console.print(_moved_metrics(moved, bounded=bounded))
    if still := len(compared.metrics) - len(moved):
        console.print(f"{still} metrics did not move.", highlight=False)
    if compared.differs:
        console.print(f"What differs: {', '.join(compared.differs)}.", highlight=False)
    if compared.only_before or compared.only_after:
        unpaired = f"{len(compared.only_before)} questions only before, {len(compared.only_after)} only now"
        console.print(f"Not compared: {unpaired}.", highlight=False)
    first: dict[str, Flip] = {}
    for flip in compared.flips:
        first.setdefault(flip.id, flip)
    for flip in list(first.values())[:MAX_FLIPS]:
        sign = "+" if flip.gained else "-"
        line = f"{sign} {flip.id} {flip.metric} {flip.before:g} -> {flip.after:g} {flip.question}"
        console.print(line, highlight=False, markup=False)
    if len(first) > MAX_FLIPS:
        more = f"… and {len(first) - MAX_FLIPS} more, in report.html"
        console.print(more, highlight=False)


def _moved_metrics(moved: Sequence[Comparison], *, bounded: bool) -> Table:
    """A row a metric; ``bounded``: with the interval of its change."""
    table = Table(title="against the baseline, paired by question")
    columns = ["metric", "before", "after", "moved", "p", "verdict"]
    if bounded:
        columns.insert(3, "change, 95%")
    for column in columns:
        left = column in ("metric", "verdict")
        table.add_column(column, justify="left" if left else "right", no_wrap=True)
    for each in moved:
        cells = [each.metric, f"{each.before:.3f}", f"{each.after:.3f}"]
        if bounded:
            cells.append(f"{each.low:+.3f}…{each.high:+.3f}")
        cells += [f"{each.moved} of {each.n}", f"{each.p_corrected:.3f}", each.verdict]
        table.add_row(*cells)
    return table


def _blame(results: Results) -> Table:
    """Misses by the stage that lost the answer, in their order; the largest says where to work."""
    every = results.blame["all"]
    kinds = results.blame.get("kind", {})
    table = Table(title=f"where the {sum(every.values())} misses arose")
    table.add_column("stage", no_wrap=True)
    for column in ("all", *kinds):
        table.add_column(column, justify="right", no_wrap=True)
    for blame in BLAMES:
        if blame in every:
            counts = [str(counted.get(blame) or "") for counted in kinds.values()]
            table.add_row(blame, str(every[blame]), *counts)
    return table


def _latency(results: Results) -> Table:
    table = Table(title="milliseconds")
    for column in ("stage", "p50", "p95"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    rows = dict(results.stages_ms)
    rows.pop("total", None)
    rows["question"] = results.latency_ms
    for name, spent in rows.items():
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
        cells = []
        for metrics in parts.values():
            cells.append(f"{metrics[name].value:.2f}" if name in metrics else "")
        if any(cells):
            arrow = " ↓" if name in LOWER_IS_BETTER else ""
            table.add_row(f"{name}{arrow}", *cells)
    return table
