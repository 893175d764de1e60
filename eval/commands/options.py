"""Options that several commands share, and what a command does with an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from rag.errors import ChuchuError, InvalidValue

OUT: Final = Path("eval/out")

Corpus = Annotated[
    Path | None,
    typer.Option(help="Documents to ask; by default the folder named like FILE (seeds.jsonl: seeds/)."),
]
Out = Annotated[
    Path | None, typer.Option(help="Folder for results.json and report.html; default eval/out/<kind>-<name>.")
]
Baseline = Annotated[Path | None, typer.Option(help="results.json of an earlier run; a regression fails.")]
Gates = Annotated[Path, typer.Option(help="TOML file of gates.")]
Json = Annotated[bool, typer.Option("--json", help="Print results.json instead of tables.")]


@contextmanager
def told_errors() -> Iterator[None]:
    """Say an error in red and exit: 2 for a value that was given wrong, 1 for a failure."""
    errors = Console(stderr=True)
    try:
        yield
    except InvalidValue as error:
        errors.print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(2) from error
    except ChuchuError as error:
        errors.print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from error
