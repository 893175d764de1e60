"""Facts: what is asked, what counts as right, and where the page says so. One JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeGuard

from rag.errors import InvalidValue

KINDS: Final[Mapping[str, str]] = {
    "fact": "a number, date, person, place or name",
    "who": "a person or an organisation",
    "number": "a number or an amount",
    "date": "a day, a year, an hour",
    "where": "a place",
    "list": "several things; with items, all of them are wanted",
    "yesno": "yes or no",
    "why": "a reason",
    "how": "a way of doing",
    "define": "what something is",
    "condition": "when or under what condition something holds",
    "compare": "which of two is more, earlier, other; or what sets them apart",
    "overview": "what a text is about",
    "followup": "cannot be understood without history",
    "meta": "asked of Chuchu, not of the documents",
    "stitch": "the page cuts the sentence in two",
    "cross": "asked in another language than the page's",
    "none": "the documents do not say",
}
BARE_KINDS: Final = frozenset({"fact", "who", "number", "date", "where", "yesno"})
"""Kinds whose answer is a few words: these should have a short answer, and a right one."""
CHOICE_KINDS: Final = frozenset({"yesno", "compare"})
"""Kinds whose answer is one of few: a short answer that picks another is wrong, whatever is quoted under it."""

_TEXTS = ("id", "question", "lang", "kind")
_LISTS = ("answers", "evidence", "history", "wrong")
_OPTIONAL_LISTS = ("evidence", "history", "wrong")
_FLAGS = ("conflicting", "refuse_ok")
_KEYS = (*_TEXTS, *_LISTS, "items", *_FLAGS)

Items = tuple[tuple[str, ...], ...]
"""The things that a list should name, each in the forms that are accepted for it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """An evaluation case. No ``answers`` means that refusing is right.

    Any one of the ``answers`` makes an answer right; ``evidence`` holds verbatim strings of the source.
    ``conflicting``: the sources disagree, and an answer should show each reading (status ``conflicting``).
    ``history`` holds the questions asked before this one, oldest first.
    ``items``: what an answer should name; all of them make a list right, any one an overview.
    ``wrong`` must not be the short answer, not even beside a right one.
    ``refuse_ok``: the answer would have to be computed, so that refusing is right, too.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    lang: str
    kind: str
    evidence: tuple[str, ...] = ()
    conflicting: bool = False
    history: tuple[str, ...] = ()
    items: Items = ()
    wrong: tuple[str, ...] = ()
    refuse_ok: bool = False

    @property
    def answerable(self) -> bool:
        return bool(self.answers)

    def unanswerable(self) -> Fact:
        """The same question where no document answers it."""
        return replace(self, answers=(), evidence=(), items=(), wrong=(), kind="none")

    def wants_refusal(self, refused: bool) -> bool:
        """Whether refusing is what counts here: nothing to answer, or ``refused`` where that is allowed."""
        return not self.answerable or (refused and self.refuse_ok)


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
    row = _object(where, line)
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
    fact = Fact(
        id=texts["id"],
        question=texts["question"],
        answers=lists["answers"],
        lang=texts["lang"],
        kind=texts["kind"],
        evidence=lists["evidence"],
        conflicting=_flag(where, "conflicting", row),
        history=lists["history"],
        items=_items(where, row),
        wrong=lists["wrong"],
        refuse_ok=_flag(where, "refuse_ok", row),
    )
    _check_kind(where, fact)
    return fact


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


def _check_kind(where: str, fact: Fact) -> None:
    """What a kind asks of the other keys."""
    if fact.kind not in KINDS:
        raise InvalidValue(f"{where}: kind", fact.kind, f"one of {', '.join(KINDS)}")
    if fact.kind == "none" and fact.answers:
        raise InvalidValue(
            f"{where}: answers", list(fact.answers), "[] where the kind is none"
        )
    if fact.kind == "followup" and not fact.history:
        raise InvalidValue(
            f"{where}: history",
            [],
            "the question before it, where the kind is followup",
        )
    if fact.items and not fact.answers:
        raise InvalidValue(
            f"{where}: answers", [], "the answer as a whole, where there are items"
        )


def _items(where: str, row: dict[str, Any]) -> Items:
    value = row.get("items", [])
    if not isinstance(value, list):
        raise InvalidValue(f"{where}: items", value, "a list of items")
    items = []
    for forms in value:
        if not _are_texts(forms) or not forms:
            raise InvalidValue(
                f"{where}: items", forms, "each item as a list of its forms"
            )
        items.append(tuple(forms))
    return tuple(items)


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
    if not _are_texts(value):
        raise InvalidValue(
            f"{where}: {key}", value, "a list of texts that are not empty"
        )
    return tuple(value)


def _are_texts(value: Any) -> TypeGuard[list[str]]:
    if not isinstance(value, list):
        return False
    return all(isinstance(each, str) and each.strip() for each in value)
