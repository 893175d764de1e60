"""Facts: what is asked, what counts as right, and where the page says so. One JSON object a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InvalidValue

KINDS = ("fact", "list", "why", "how", "stitch", "cross", "followup", "meta", "none")
"""``stitch``: the page cuts the sentence in two. ``cross``: asked in another language than the page's.
``followup``: cannot be understood without ``history``. ``meta``: asked of Chuchu, not of the documents.
``none``: the documents do not say."""

_TEXTS = ("id", "question", "lang", "kind")
_LISTS = ("answers", "evidence", "history")
_OPTIONAL_LISTS = ("evidence", "history")
_FLAGS = ("conflicting",)
_KEYS = _TEXTS + _LISTS + _FLAGS


@dataclass(frozen=True, slots=True)
class Fact:
    """An evaluation case. No ``answers`` means that refusing is right.

    Any one of the ``answers`` makes an answer right; ``evidence`` holds verbatim strings of the source.
    ``conflicting``: the sources disagree, and an answer should show each reading (status ``conflicting``).
    ``history`` holds the questions asked before this one, oldest first.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    lang: str
    kind: str
    evidence: tuple[str, ...] = ()
    conflicting: bool = False
    history: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        return bool(self.answers)


def read_facts(path: Path) -> list[Fact]:
    """Read and check a facts file; empty lines are passed over.

    Raises:
        InvalidValue: naming the file, the line and the key.
    """
    facts: list[Fact] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        where = f"{path.name} line {number}"
        fact = _fact(where, line)
        if fact.id in lines:
            raise InvalidValue(
                f"{where}: id",
                fact.id,
                f"an id not used before (line {lines[fact.id]} has it)",
            )
        lines[fact.id] = number
        facts.append(fact)
    if not facts:
        raise InvalidValue(str(path), "", "at least one fact, one JSON object a line")
    return facts


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise InvalidValue(
            "FILE", str(path), f"a facts file that can be read ({error.strerror})"
        ) from None
    except UnicodeDecodeError as error:
        raise InvalidValue(
            str(path), error.object[error.start : error.end], "UTF-8 text"
        ) from None


def _fact(where: str, line: str) -> Fact:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidValue(
            f"{where} column {error.colno}", line, f"JSON ({error.msg})"
        ) from None
    if not isinstance(row, dict):
        raise InvalidValue(where, row, "a JSON object")
    if row.get("draft"):
        raise InvalidValue(
            f"{where}: draft",
            True,
            "a fact that a person kept; chuchu eval review goes through them",
        )
    for key in row:
        if key not in _KEYS:
            raise InvalidValue(
                f"{where}: {key}", row[key], f"only the keys {', '.join(_KEYS)}"
            )
    texts = {key: _text(where, key, row) for key in _TEXTS}
    lists = {key: _texts(where, key, row) for key in _LISTS}
    if texts["kind"] not in KINDS:
        raise InvalidValue(
            f"{where}: kind", texts["kind"], f"one of {', '.join(KINDS)}"
        )
    if texts["kind"] == "none" and lists["answers"]:
        raise InvalidValue(
            f"{where}: answers", row["answers"], "[] where the kind is none"
        )
    if texts["kind"] == "followup" and not lists["history"]:
        raise InvalidValue(
            f"{where}: history",
            [],
            "the question before it, where the kind is followup",
        )
    return Fact(
        id=texts["id"],
        question=texts["question"],
        answers=lists["answers"],
        lang=texts["lang"],
        kind=texts["kind"],
        evidence=lists["evidence"],
        conflicting=_flag(where, "conflicting", row),
        history=lists["history"],
    )


def _text(where: str, key: str, row: dict[str, Any]) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue(f"{where}: {key}", value, "a text that is not empty")
    return value


def _flag(where: str, key: str, row: dict[str, Any]) -> bool:
    value = row.get(key, False)
    if not isinstance(value, bool):
        raise InvalidValue(f"{where}: {key}", value, "true or false")
    return value


def _texts(where: str, key: str, row: dict[str, Any]) -> tuple[str, ...]:
    value = row.get(key, [] if key in _OPTIONAL_LISTS else None)
    if not isinstance(value, list) or not all(
        isinstance(each, str) and each.strip() for each in value
    ):
        raise InvalidValue(
            f"{where}: {key}", value, "a list of texts that are not empty"
        )
    return tuple(value)
