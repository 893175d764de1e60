"""``chuchu eval draft PATH`` proposes facts from documents; ``chuchu eval review FILE`` goes on with them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from eval.commands.options import told_errors
from eval.draft import draft as proposed
from eval.draft import library_answer
from eval.draft_file import DraftRow, LibraryAnswer, read_rows, write_rows
from eval.draft_review import Tally
from eval.draft_review import review as reviewed
from eval.facts import Fact
from eval.harness import library_of
from rag.errors import InvalidValue

OUT: Final = Path("facts.jsonl")


def draft(
    path: Annotated[Path, typer.Argument(help="A document, or a folder of them.")],
    out: Annotated[
        Path, typer.Option(help="The facts file; what it holds already stays.")
    ] = OUT,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="At most so many new drafts.")
    ] = 40,
    yes: Annotated[
        bool, typer.Option("--yes", help="Keep every draft unseen.")
    ] = False,
    later: Annotated[
        bool,
        typer.Option("--later", help="Write the drafts; review them another time."),
    ] = False,
) -> None:
    """Propose facts from your documents, for you to keep or drop; a first golden set takes minutes.

    On a terminal the review begins at once. Elsewhere, and with --later, the drafts are written as such:
    "chuchu eval facts" refuses the file until "chuchu eval review" has been through them.
    """
    console = Console(stderr=True)
    with told_errors():
        rows = read_rows(out) if out.exists() else []
        with library_of(path) as library:
            known = [row.fact.question for row in rows]
            fresh = proposed(library, limit=limit, known=known)
            if not fresh:
                raise InvalidValue(
                    "PATH",
                    str(path),
                    "documents with sentences that a new question can be made of",
                )
            if yes:
                fresh = [row.kept() for row in fresh]
            write_rows(out, rows + fresh)
            _tell_drafted(fresh, console)
            if yes:
                _tell(console, f"written: {out}; kept unseen")
            elif later or not _terminal():
                _tell(
                    console,
                    f"written: {out}; chuchu eval review {out} goes through them",
                )
            else:
                _sit(out, lambda fact: library_answer(library, fact))


def review(
    file: Annotated[Path, typer.Argument(help="A facts file with drafts in it.")],
    corpus: Annotated[
        Path | None, typer.Option(help="The documents, to ask anew what you edit.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Keep every draft unseen.")
    ] = False,
) -> None:
    """Go through the drafts of a facts file: keep, drop, edit, skip; quit and come back as you like."""
    with told_errors():
        rows = read_rows(file)
        if yes:
            write_rows(file, [row.kept() for row in rows])
            return
        if not any(row.draft for row in rows):
            _tell(Console(stderr=True), f"no drafts left in {file}")
            return
        if not _terminal():
            raise InvalidValue(
                "standard input",
                "no terminal",
                "a terminal (not of Windows), or --yes to keep every draft unseen",
            )
        if corpus is None:
            _sit(file, None)
            return
        with library_of(corpus) as library:
            _sit(file, lambda fact: library_answer(library, fact))


def _tell(console: Console, sentence: str) -> None:
    """As it is, on one line: a command in it can be copied whole."""
    console.print(sentence, highlight=False, markup=False, soft_wrap=True)


def _sit(file: Path, ask: Callable[[Fact], LibraryAnswer] | None) -> None:
    from eval.draft_terminal import Terminal  # noqa: PLC0415  (it takes keys one by one as Unix has it)

    console = Console()
    with Terminal(console) as desk:
        tally = reviewed(file, desk, ask)
    _tell_reviewed(file, tally, console)


def _tell_drafted(fresh: list[DraftRow], console: Console) -> None:
    differ = sum(row.library is not None and not row.library.agrees for row in fresh)
    none = sum(not row.fact.answerable for row in fresh)
    console.print(
        f"{len(fresh)} drafts, {none} of them near misses; the library answers {differ} differently",
        highlight=False,
    )


def _tell_reviewed(file: Path, tally: Tally, console: Console) -> None:
    left = tally.drafts - tally.kept - tally.dropped
    console.print(
        f"\nkept {tally.kept}, dropped {tally.dropped}, {left} left in {file}",
        highlight=False,
    )
    if left:
        console.print(
            f"go on with: chuchu eval review {file}", highlight=False, markup=False
        )
    else:
        console.print(
            f"measure with: chuchu eval facts {file} --corpus …",
            highlight=False,
            markup=False,
        )


def _terminal() -> bool:
    return sys.platform != "win32" and sys.stdin.isatty() and sys.stdout.isatty()
