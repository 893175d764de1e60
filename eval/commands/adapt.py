"""``chuchu eval adapt NAME FOLDER``: a public benchmark as files to measure with; or measured at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from eval.adapters.running import run_set
from eval.adapters.sets import FactSet, write
from eval.adapters.table import ADAPTERS, Options, adapter
from eval.commands.options import OUT, told_errors
from eval.report import print_results


def adapt(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(ADAPTERS)}.")],
    folder: Annotated[
        Path, typer.Argument(help="The folder that holds the benchmark's files.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; default eval/out/<NAME>.")
    ] = None,
    sample: Annotated[
        float,
        typer.Option(
            help="Share of the passages to keep (dureader-retrieval).", min=0, max=1
        ),
    ] = 1.0,
    run: Annotated[
        bool,
        typer.Option(
            "--run", help="Ask sets of facts at once, each of its own documents."
        ),
    ] = False,
) -> None:
    """Convert a benchmark that you have to facts, BEIR or SQuAD-style files; tell how to measure each."""
    console = Console()
    with told_errors():
        for made in adapter(name).convert(folder, Options(sample)):
            written = write(made, out or OUT / name)
            console.print(
                f"{made.name}: {written.questions} questions",
                highlight=False,
                markup=False,
            )
            if run and isinstance(made, FactSet):
                results = run_set(made)
                results.write(written.path.parent / "results.json")
                print_results(results, console)
            else:
                console.print(
                    f"  {written.command}",
                    highlight=False,
                    markup=False,
                    soft_wrap=True,
                )
