"""The same question put otherwise: in traditional characters, with a slip of the keyboard, in other words."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from models.translation import Translator
from rag.errors import InvalidValue

FORMS = ("paraphrase", "english")
"""The keys of a variants file beside ``id``."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LETTERS = re.compile(r"[A-Za-z]{4,}")


def traditional(question: str, _: Random) -> str | None:
    """In traditional characters (OpenCC ``s2t``); None when nothing changes."""
    return _unless_same(question, _converter().convert(question))


def swapped(question: str, rng: Random) -> str | None:
    """Two neighbouring characters swapped; None when no two differ."""
    places = []
    for at, (one, other) in enumerate(pairwise(question)):
        if one != other and _is_letter(one) and _is_letter(other):
            places.append(at)
    if not places:
        return None
    at = rng.choice(places)
    return question[:at] + question[at + 1] + question[at] + question[at + 2 :]


def dropped(question: str, rng: Random) -> str | None:
    """One Han character, or one letter of a longer word, left out."""
    places = [match.start() for match in _HAN.finditer(question)]
    for match in _LETTERS.finditer(question):
        # never the first letter, by which people still know the word
        places += range(match.start() + 1, match.end())
    if not places:
        return None
    at = rng.choice(places)
    return question[:at] + question[at + 1 :]


def homophone(question: str, rng: Random) -> str | None:
    """One Han character replaced by a common one read the same, tones aside, as pinyin input slips."""
    options = []
    for at, char in enumerate(question):
        alike = homophones(char)
        if alike:
            options.append((at, alike))
    if not options:
        return None
    at, alike = rng.choice(options)
    return question[:at] + rng.choice(alike) + question[at + 1 :]


TYPOS: Mapping[str, Callable[[str, Random], str | None]] = {
    "typo_swap": swapped,
    "typo_drop": dropped,
    "typo_homophone": homophone,
}


@cache
def homophones(char: str) -> str:
    """The common characters (the 3,755 of GB 2312's first level) read like ``char``, itself left out."""
    readings, common = _readings()
    alike: dict[str, None] = {}
    # in an order of their own: that of a set differs from run to run, and with it what a seed draws
    for reading in sorted(readings(char)):
        alike |= dict.fromkeys(common[reading])
    alike.pop(char, None)
    return "".join(alike)


def read_variants(path: Path, known: Collection[str]) -> dict[str, dict[str, str]]:
    """``id`` -> the question in other forms, from JSONL: ``{"id", "paraphrase", "english"}``, one or both.

    Args:
        known: the ids of the facts.

    Raises:
        InvalidValue: naming the file, the line and the key.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue(
            "--variants", str(path), f"a file of UTF-8 text ({error})"
        ) from None
    variants: dict[str, dict[str, str]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path.name} line {number}"
        id_, forms = _variant(where, line)
        if id_ in variants:
            raise InvalidValue(f"{where}: id", id_, "an id that no line before has")
        if id_ not in known:
            raise InvalidValue(f"{where}: id", id_, "the id of a fact")
        variants[id_] = forms
    return variants


def _variant(where: str, line: str) -> tuple[str, dict[str, str]]:
    try:
        row: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidValue(
            f"{where} column {error.colno}", line, f"JSON ({error.msg})"
        ) from None
    if not isinstance(row, dict):
        raise InvalidValue(where, row, "a JSON object")
    for key, value in row.items():
        if key not in ("id", *FORMS):
            raise InvalidValue(
                f"{where}: {key}", value, f"only the keys id, {', '.join(FORMS)}"
            )
        if not isinstance(value, str) or not value.strip():
            raise InvalidValue(f"{where}: {key}", value, "a text that is not empty")
    if "id" not in row or len(row) == 1:
        raise InvalidValue(where, row, f"the key id and one of {', '.join(FORMS)}")
    return row["id"], {key: row[key] for key in FORMS if key in row}


def _is_letter(char: str) -> bool:
    return bool(_HAN.match(char)) or (char.isascii() and char.isalpha())


def _unless_same(before: str, after: str) -> str | None:
    return after if after != before else None


@cache
def _converter() -> Any:
    from opencc import OpenCC  # noqa: PLC0415  loads its dictionaries: only when something is converted

    return OpenCC("s2t")


@cache
def _readings() -> tuple[Callable[[str], set[str]], Mapping[str, str]]:
    """How a character is read, and the common characters of each reading."""
    read = Translator.load().romanisations
    common: dict[str, str] = defaultdict(str)
    # GB 2312 has its first level, the common characters by their pinyin, in rows 0xB0 to 0xD7.
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            char = bytes((row, cell)).decode("gb2312", "ignore")
            if not char:
                continue
            for reading in read(char):
                common[reading] += char
    return read, common
