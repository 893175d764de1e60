"""``chuchu ingest`` and ``chuchu sync``: documents in, what became of each file, and what was left out."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from rag.cli.backend import Backend, Url, open_backend
from rag.cli.remote import ServerUnreachable
from rag.errors import StoreLocked
from rag.home.own_files import is_own_file
from rag.settings import load_settings
from rag.terminal import Json, err, out, progress

if TYPE_CHECKING:
    from rag.records import Warning
    from rag.syncing import FileChange, Stamps

Row = dict[str, Any]


def given_path(text: str) -> Path:
    """A path as it was typed. A blank one is refused: ``ingest "$NOTES"`` would else read all that is here."""
    if not text.strip():
        raise typer.BadParameter(f"got {text!r}, expected the path of a file or folder")
    return Path(text)


Keep = Annotated[
    bool,
    typer.Option("--keep", help="Keep the older version of a file that changed, too."),
]
Deep = Annotated[
    bool,
    typer.Option(
        help="Make the deep vectors now; else the server makes them, and quick ones serve till then."
    ),
]
Watch = Annotated[
    bool, typer.Option("--watch", help="Go on: follow every change until Ctrl+C.")
]
Every = Annotated[
    float, typer.Option(min=0.1, help="Seconds between two looks, with --watch.")
]


def ingest(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Files and folders (read recursively).", parser=given_path),
    ],
    keep: Keep = False,
    deep: Deep = True,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Take documents in, and say what became of each file.

    The same content twice is taken in once; a file that changed replaces its older self. A bad file, a
    missing one or one of a kind that is not read is named and does not stop the rest. Everything can be
    asked once it is read. Deep vectors follow, to find it better; Ctrl+C leaves the rest of them for later.
    """
    from rag.records import Warning

    files, warnings = _files_at(paths)
    _print_warnings(warnings)
    rows = [_row_of_warning(each) for each in warnings if each.kind == "failed"]
    with open_backend(url, may_be_new=True) as backend:
        for file in progress(files, len(files), "reading"):
            for done in backend.ingest(file, keep=keep):
                rows.append(done["file"])
                if not as_json:
                    _print_row(rows[-1])
                of_file = [Warning(**each) for each in done["warnings"]]
                _print_warnings(of_file)
                warnings += of_file
        if deep:
            _make_vectors(backend)
        counts = backend.counts()
    failed = sum("failed" in row for row in rows)
    if as_json:
        told = {
            "files": rows,
            "warnings": [asdict(each) for each in warnings],
            **counts,
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        # A file that failed is one warning, too.
        _print_sums(rows, failed, len(warnings) - failed, counts["waiting"])
    raise typer.Exit(1 if failed else 0)


def _print_sums(rows: Sequence[Row], failed: int, left_out: int, waiting: int) -> None:
    """``2 new, 0 there already, 1 failed, 1 left out``."""
    new = sum(bool(row.get("new")) for row in rows)
    there = len(rows) - new - failed
    more = f", {left_out} left out" if left_out else ""
    out.print(f"{new} new, {there} there already, {failed} failed{more}")
    if waiting:
        out.print(
            f"{waiting:,} passages wait for deep vectors; quick ones serve till then"
        )


def _files_at(paths: Sequence[Path]) -> tuple[list[Path], list[Warning]]:
    """The files to be read, those of the data folder left out, and what else is not read."""
    from rag import sources

    home = load_settings().home
    files: list[Path] = []
    warnings: list[Warning] = []
    for found in sources.look_through(paths):
        if not isinstance(found, Path):
            warnings.append(found)
        elif not is_own_file(home, found):
            files.append(found)
    return files, warnings


def _make_vectors(backend: Backend) -> None:
    """Make the deep vectors that are missing; Ctrl+C leaves the rest for the next time."""
    with suppress(KeyboardInterrupt):
        backend.finish_vectors()


def sync_folder(
    folder: Annotated[
        Path,
        typer.Argument(help="What was taken in from it follows it.", parser=given_path),
    ],
    watch: Watch = False,
    every: Every = 2.0,
    as_json: Json = False,
) -> None:
    """Bring the documents of a folder up to date: add, update, and remove what is gone from it.

    Only what was taken in from this folder is ever removed. With --watch the data folder is held only while
    there is something to do.
    """
    from rag.syncing import watch as follow

    home = load_settings().home
    if not watch:
        raise typer.Exit(1 if _sync_once(_Watched(folder, as_json), whole=True) else 0)
    # Between two looks nobody holds the data folder: other commands get their turn.
    watched = _Watched(folder, as_json)
    try:
        follow(folder, lambda: _sync_when_free(watched, every), home=home, every=every)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@dataclass(slots=True)
class _Watched:
    """A folder that is synced once or again and again, and what is known of it from the times before."""

    folder: Path
    as_json: bool
    stamps: Stamps = field(default_factory=dict)
    told: set[Warning] = field(default_factory=set)


def _sync_when_free(watched: _Watched, every: float) -> None:
    """As ``_sync_once``; while another process holds the data folder, say so once and wait."""
    said = False
    while True:
        try:
            _sync_once(watched, whole=False)
        except (StoreLocked, ServerUnreachable) as error:
            if not said:
                err.print(f"chuchu: waiting: {error}", markup=False)
                said = True
            time.sleep(every)
        else:
            return


def _sync_once(watched: _Watched, *, whole: bool) -> bool:
    """Sync and print what changed, with ``whole`` in JSON also what did not; whether any failed."""
    from rag.syncing import Became

    with open_backend(may_be_new=True) as backend:
        changes = list(_told_changes(backend, watched))
        if whole:
            _make_vectors(backend)
        counts = backend.counts()
    if watched.as_json:
        files: list[Row] = []
        for each in changes:
            if whole or each.became not in ("unchanged", "left_out"):
                files.append(asdict(each))
        typer.echo(json.dumps({"files": files, **counts}, ensure_ascii=False))
    else:
        became = Counter[str](each.became for each in changes)
        sums = [f"{became[kind]} {kind.replace('_', ' ')}" for kind in get_args(Became)]
        out.print(", ".join(sums))
    return any(each.became == "failed" for each in changes)


def _told_changes(backend: Backend, watched: _Watched) -> Iterator[FileChange]:
    """The changes, each printed as it is done, and each warning once."""
    from rag.records import Warning
    from rag.syncing import FileChange

    for told in backend.sync(watched.folder, watched.stamps):
        warnings = tuple(Warning(**each) for each in told["warnings"])
        change = FileChange(**told | {"warnings": warnings})
        if not watched.as_json:
            _print_change(change)
        _print_warnings([each for each in change.warnings if each not in watched.told])
        watched.told.update(change.warnings)
        yield change


def _print_change(change: FileChange) -> None:
    """``removed   deep/a.txt: 1 document``; nothing for what stayed as it was."""
    if change.became not in ("added", "updated", "removed"):
        return
    ids = change.removed if change.became == "removed" else change.documents
    amount = _documents(len(ids))
    out.print(f"{change.became:8}  {change.name}: {amount}", markup=False)


def _row_of_warning(warning: Warning) -> Row:
    return {"name": warning.name, "failed": f"{warning.name}: {warning.detail}"}


def _print_row(row: Row) -> None:
    if "failed" in row:
        return
    amount = _documents(len(row["documents"]))
    if not row["new"]:
        out.print(f"there already  {row['name']}: {amount}", markup=False)
        return
    line = f"taken in  {row['name']}: {amount}"
    if "passages" in row:  # a server elsewhere does not count them
        line += f", {row['passages']:,} passages"
    if row["replaced"]:
        line += f", in place of {_documents(len(row['replaced']))}"
    out.print(line, markup=False)


def _print_warnings(warnings: Sequence[Warning]) -> None:
    for warning in warnings:
        style = "red" if warning.kind == "failed" else "yellow"
        err.print(
            f"left out  {warning.name}: {warning.detail}", markup=False, style=style
        )


def _documents(count: int) -> str:
    return f"{count:,} {'document' if count == 1 else 'documents'}"
