"""A facts file while it is being made: facts that a person kept, and drafts that still wait for a word.

A draft is a fact with ``"draft": true`` and what helps to judge it: ``document`` (the title of where it
comes from) and ``library`` (what the library itself answers, and whether that agrees). The harness refuses a
file with a draft in it, so that no figure rests on what nobody looked at.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from eval.facts import Fact, read_facts
from rag.errors import InvalidValue

_HINTS: Final = ("draft", "document", "library")
_ALWAYS: Final = ("answers", "evidence")
"""Keys that are written even when they are empty: no answers means that refusing is right."""


@dataclass(frozen=True, slots=True)
class LibraryAnswer:
    """What the library answers, in short, and whether that is an accepted answer."""

    says: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A fact; a ``draft`` of one until a person has kept it."""

    fact: Fact
    draft: bool = False
    document: str | None = None
    library: LibraryAnswer | None = None

    def kept(self) -> DraftRow:
        """The same as a fact that counts."""
        return DraftRow(self.fact)

    def edited(self, **changes: Any) -> DraftRow:
        """The same with another question or other answers; what the library said no longer holds."""
        return replace(self, fact=replace(self.fact, **changes), library=None)


def read_rows(path: Path) -> list[DraftRow]:
    """Read a facts file, drafts and all.

    Raises:
        InvalidValue: as :func:`eval.facts.read_facts`, naming the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue(
            "FILE", str(path), f"a facts file that can be read ({error})"
        ) from None
    hints: list[dict[str, Any]] = []
    plain: list[str] = []
    for number, line in enumerate(lines, 1):
        # an empty line stays one, so that later errors name the right line
        if not line.strip():
            plain.append("")
            continue
        row = _object(f"{path.name} line {number}", line)
        hints.append({key: row.pop(key) for key in _HINTS if key in row})
        plain.append(json.dumps(row, ensure_ascii=False))
    facts = _checked(path.name, plain) if hints else []
    return [_row(fact, hint) for fact, hint in zip(facts, hints, strict=True)]


def write_rows(path: Path, rows: Sequence[DraftRow]) -> None:
    """Write the file anew, whole or not at all: an interrupted review loses nothing."""
    text = "".join(json.dumps(_json(row), ensure_ascii=False) + "\n" for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    # beside the file, as a rename is whole on one file system only
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _json(row: DraftRow) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for key, value in asdict(row.fact).items():
        if value or key in _ALWAYS:
            known[key] = list(value) if isinstance(value, tuple) else value
    if row.draft:
        known["draft"] = True
        if row.document:
            known["document"] = row.document
        if row.library:
            known["library"] = asdict(row.library)
    return known


def _object(where: str, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidValue(
            f"{where} column {error.colno}", line, f"JSON ({error.msg})"
        ) from None
    if not isinstance(row, dict):
        raise InvalidValue(where, row, "a JSON object")
    return row


def _checked(name: str, lines: Sequence[str]) -> list[Fact]:
    """The facts of these lines, checked as every facts file is, with its own line numbers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text("\n".join(lines), encoding="utf-8")
        return read_facts(path)


def _row(fact: Fact, hint: dict[str, Any]) -> DraftRow:
    said = hint.get("library")
    library = (
        LibraryAnswer(str(said.get("says", "")), bool(said.get("agrees")))
        if isinstance(said, dict)
        else None
    )
    document = hint.get("document")
    return DraftRow(
        fact,
        bool(hint.get("draft")),
        document if isinstance(document, str) else None,
        library,
    )
