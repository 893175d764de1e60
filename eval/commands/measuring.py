"""What every measuring command does with its results: write, print, compare, pass or fail."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console

from eval.commands.options import OUT, told_errors
from eval.compare import compare
from eval.gates import Gate, missed, read_gates
from eval.page import render
from eval.report import print_comparison, print_misses, print_results
from eval.results import Results, read_results


def measure(
    kind: str,
    run: Callable[[], Results],
    *,
    out: Path | None,
    baseline: Path | None,
    gates: Path,
    as_json: bool,
) -> None:
    """Check what is given before the long work; run; write; print; exit with what it came to."""
    with told_errors():
        wanted = read_gates(gates, kind)
        before = read_results(baseline) if baseline else None
        passed = _tell(run(), out, before, wanted, as_json)
    if not passed:
        raise typer.Exit(1)


def _tell(
    results: Results,
    out: Path | None,
    before: Results | None,
    gates: list[Gate],
    as_json: bool,
) -> bool:
    """Write and print the results; True when they pass."""
    compared = compare(before, results) if before else None
    sentences = missed(results, gates)
    sentences += [
        f"A regression: {each}." for each in (compared.regressions if compared else ())
    ]
    folder = out or OUT / f"{results.kind}-{results.dataset}"
    results.write(folder / "results.json")
    page = render(
        results, misses=sentences, compared=compared, gated=bool(gates or before)
    )
    (folder / "report.html").write_text(page, encoding="utf-8")
    errors = Console(stderr=True)
    if as_json:
        sys.stdout.write(json.dumps(results.to_json(), ensure_ascii=False) + "\n")
    else:
        console = Console()
        print_results(results, console)
        print_misses(results, console)
        if compared:
            print_comparison(compared, console)
        console.print(
            f"written: {folder / 'results.json'}, {folder / 'report.html'}",
            highlight=False,
        )
    for sentence in sentences:
        errors.print(sentence, style="red", markup=False, highlight=False)
    return not sentences
