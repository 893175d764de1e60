"""Options that several commands share, and what a command does with an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from rag.errors import ChuchuError, InvalidValue
from rag.settings import KEPT_ANSWERS, load_settings

OUT: Final = Path("eval/out")

Corpus = Annotated[
    Path | None,
    typer.Option(
        help="Documents to ask; by default the folder named like FILE (seeds.jsonl: seeds/)."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Folder for results.json and report.html; default eval/out/<kind>-<name>."
    ),
]
Baseline = Annotated[
    Path | None,
    typer.Option(help="results.json of an earlier run; a regression fails."),
]
Gates = Annotated[Path, typer.Option(help="TOML file of gates.")]
Json = Annotated[
    bool, typer.Option("--json", help="Print results.json instead of tables.")
]
Cache = Annotated[
    Path | None,
    typer.Option(
        help="Folder that keeps answers from run to run; default eval-cache in the data folder."
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Ask everything anew, keep nothing.")
]


def cache_folder(cache: Path | None, no_cache: bool) -> Path | None:
    """Where answers are kept; None when they are not."""
    return None if no_cache else cache or load_settings().home / KEPT_ANSWERS


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
