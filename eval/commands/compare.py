"""``chuchu eval compare A B``: two runs over the same questions, paired, on the terminal and as a page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from eval.commands.options import OUT, told_errors
from eval.compare import compare as compared
from eval.page import render
from eval.report import print_comparison
from eval.results import Results, read_results
from rag.errors import InvalidValue


def compare(
    before: Annotated[
        Path,
        typer.Argument(
            metavar="A", help="A results.json, or the folder that holds it."
        ),
    ],
    after: Annotated[
        Path, typer.Argument(metavar="B", help="The run to compare with it.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for report.html; default eval/out/compare."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON instead of tables.")
    ] = False,
) -> None:
    """Compare run B with run A: each metric with a paired permutation test, and what flipped each way.

    Exit code 1 when a metric got worse by more than chance would have it.
    """
    with told_errors():
        old, new = _read("A", before), _read("B", after)
        found = compared(old, new)
    folder = out or OUT / "compare"
    worse = [f"{each}." for each in found.regressions]
    page = render(new, misses=worse, compared=found, label=_label(before), gated=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text(page, encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps(found.to_json(), ensure_ascii=False) + "\n")
    else:
        console = Console()
        print_comparison(found, console)
        console.print(f"written: {folder / 'report.html'}", highlight=False)
    if worse:
        raise typer.Exit(1)


def _read(name: str, path: Path) -> Results:
    file = path / "results.json" if path.is_dir() else path
    try:
        return read_results(file)
    except InvalidValue as error:
        raise InvalidValue(name, str(path), error.expected) from error


def _label(path: Path) -> str:
    """What a run is called: its folder's name, as all files are called results.json."""
    return path.resolve().parent.name if path.is_file() else path.resolve().name
