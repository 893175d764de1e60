"""Reading other people's JSON so that what is wrong with it is told with file, line, key and expectation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Row:
    """A JSON object and the place where it stands, for errors."""

    where: str
    value: Mapping[str, Any]

    def __contains__(self, key: str) -> bool:
        return self.value.get(key) is not None

    def text(self, key: str) -> str:
        """A text that is not empty; a number is read as one."""
        value = self.value.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            raise self.bad(key, "a text that is not empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, those that are blank left out."""
        value = self.value.get(key)
        if not isinstance(value, list) or not all(
            isinstance(each, str) for each in value
        ):
            raise self.bad(key, "a list of texts")
        return tuple(each for each in value if each.strip())

    def rows(self, key: str) -> list[Row]:
        """A list of JSON objects."""
        value = self.value.get(key)
        if not isinstance(value, list):
            raise self.bad(key, "a list of JSON objects")
        return [
            _row(f"{self.where}.{key}[{at}]", each) for at, each in enumerate(value)
        ]

    def bad(self, key: str, expected: str) -> InvalidValue:
        """The error that what the key has is not what was expected."""
        return InvalidValue(
            f"{self.where}: {key}", _brief(self.value.get(key)), expected
        )


def find(folder: Path, patterns: Sequence[str], what: str) -> list[Path]:
    """Files anywhere below the folder that match a pattern, in order of the patterns, then of names.

    Raises:
        InvalidValue: none does; it names what is looked for.
    """
    if not folder.is_dir():
        raise InvalidValue("FOLDER", str(folder), f"the folder of {what}")
    # a dict, as one file may match several patterns
    found: dict[Path, None] = {}
    for pattern in patterns:
        found |= dict.fromkeys(filter(Path.is_file, sorted(folder.rglob(pattern))))
    if not found:
        raise InvalidValue(
            "FOLDER",
            str(folder),
            f"a folder of {what}, with {' or '.join(patterns)} in it",
        )
    return list(found)


def read_json(path: Path) -> Row:
    """The file's JSON object. Raises InvalidValue."""
    return _row(path.name, _load(path.name, _text(path)))


def read_json_list(path: Path) -> list[Row]:
    """The objects of the file's JSON list. Raises InvalidValue."""
    value = _load(path.name, _text(path))
    if not isinstance(value, list):
        raise InvalidValue(path.name, _brief(value), "a JSON list of objects")
    return [_row(f"{path.name}[{at}]", each) for at, each in enumerate(value)]


def read_jsonl(path: Path) -> Iterator[Row]:
    """One JSON object a line, blank lines passed over. Raises InvalidValue."""
    for number, line in read_lines(path):
        where = f"{path.name} line {number}"
        yield _row(where, _load(where, line))


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their numbers from 1, read as they are needed. Raises InvalidValue."""
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except OSError as error:
        raise InvalidValue(
            "FOLDER", str(path), f"a file that can be read ({error.strerror})"
        ) from None
    except UnicodeDecodeError as error:
        raise InvalidValue(
            path.name, error.object[error.start : error.end], "UTF-8 text"
        ) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidValue(
            "FOLDER", str(path), f"a file that can be read ({error.strerror})"
        ) from None
    except UnicodeDecodeError as error:
        raise InvalidValue(
            path.name, error.object[error.start : error.end], "UTF-8 text"
        ) from None


def _load(where: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"column {error.colno}"
        if "line" not in where:  # a whole file, not one of its lines
            place = f"line {error.lineno} {place}"
        raise InvalidValue(
            f"{where} {place}", _brief(text), f"JSON ({error.msg})"
        ) from None


def _row(where: str, value: Any) -> Row:
    if not isinstance(value, dict):
        raise InvalidValue(where, _brief(value), "a JSON object")
    return Row(where, value)


def _brief(value: Any) -> Any:
    """Short enough to be shown in an error."""
    text = str(value)
    return value if len(text) <= 80 else text[:80] + "…"
