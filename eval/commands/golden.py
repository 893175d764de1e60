"""``chuchu eval golden``: what people said of answers, as facts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from eval.commands.options import told_errors
from eval.draft_file import DraftRow, read_rows, write_rows
from eval.golden import Golden, golden_of
from rag.settings import load_settings
from rag.store.feedback import Feedback, feedback_of

OUT: Final = Path("golden.jsonl")


def golden(
    out: Annotated[
        Path, typer.Option(help="The facts file; what it holds already stays.")
    ] = OUT,
    home: Annotated[
        Path | None,
        typer.Option(help="The data folder; default as CHUCHU_HOME has it."),
    ] = None,
) -> None:
    """Turn thumbs up and down on the chat page into facts. The server may be running meanwhile."""
    with told_errors():
        rows = read_rows(out) if out.exists() else []
        found = golden_of(
            feedback_of(home or load_settings().home),
            [row.fact.question for row in rows],
        )
        if found.facts:
            write_rows(out, rows + [DraftRow(fact) for fact in found.facts])
    _tell(found, out, Console())


def _tell(found: Golden, out: Path, console: Console) -> None:
    where = f", written to {out}" if found.facts else ""
    console.print(Text(f"{len(found.facts)} new facts{where}"))
    if found.unclear:
        console.print(
            Text(
                f"{len(found.unclear)} called wrong, without the words that are right:"
            )
        )
    for each in found.unclear:
        console.print(Text(f"  {each.shown.question} — said {_said(each)}"))
        if each.comment:
            console.print(Text(f"    “{each.comment}”"))


def _said(each: Feedback) -> str:
    shown = each.shown
    return repr(shown.short_answer or " ".join(shown.claims) or shown.status)
