"""``chuchu eval baseline RESULTS FILE``: keep a run to hold later ones against."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from eval.commands.options import told_errors
from eval.compare import compare
from eval.report import print_comparison
from eval.results import read_results, write_lean


def baseline(
    results: Annotated[
        Path, typer.Argument(help="A results.json, or the folder that holds it.")
    ],
    file: Annotated[
        Path,
        typer.Argument(
            help="Where to keep it, such as eval/baselines/facts-seeds.json."
        ),
    ],
) -> None:
    """Keep a run as the baseline: without texts and times, so that it is small enough for a repository.

    Shows what changes against the baseline that stood there before.
    """
    console = Console()
    with told_errors():
        found = read_results(results / "results.json" if results.is_dir() else results)
        if file.is_file():
            print_comparison(compare(read_results(file), found), console)
        write_lean(found, file)
    console.print(f"written: {file}, {len(found.cases)} questions", highlight=False)
