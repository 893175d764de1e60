"""Running text as lines without the white space around them, and what they make up: paragraphs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache

from rag.records import Cell, Role, Span

_LINE = re.compile(r"[^\n]+")
_FIRST_WIDE, _LAST_WIDE = 0x1100, 0x3FFFD
"""From the first letter of Korean to the end of the planes of Han characters."""


@dataclass(slots=True)
class Paragraph:
    """One block of running text as the spans of its lines.

    ``level`` and ``label`` are those of ``rag.records.Block``; ``cells`` are spans in the text of a row.
    ``parted``: a blank line stands before it.
    """

    lines: list[Span]
    role: Role = "paragraph"
    level: int = 0
    label: str | None = None
    cells: tuple[Cell, ...] = ()
    table: int | None = None
    parted: bool = True


@dataclass(slots=True)
class Line:
    """A line without the white space around it."""

    start: int
    end: int
    text: str
    parted: bool
    width: float = field(init=False)

    def __post_init__(self) -> None:
        self.width = width_of(self.text)


def width_of(text: str) -> float:
    """How wide a text is printed in cells: a Chinese character is two wide, a Latin letter one."""
    if text.isascii():
        return len(text)
    return len(text) + sum(map(len, _wide().findall(text)))


@cache
def _wide() -> re.Pattern[str]:
    """Runs of characters that are two cells wide; asked one by one they would cost more than all the rest."""
    ranges: list[list[int]] = []
    for code in range(_FIRST_WIDE, _LAST_WIDE + 1):
        if unicodedata.east_asian_width(chr(code)) in "WF":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return re.compile(
        "[{}]+".format("".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges))
    )


def lines_of(text: str, start: int, end: int) -> list[Line]:
    """The lines of ``text[start:end]`` that are not blank."""
    lines: list[Line] = []
    last = start
    for match in _LINE.finditer(text, start, end):
        low, high = match.span()
        body = match.group().strip()
        if not body:
            continue
        low += len(match.group()) - len(match.group().lstrip())
        parted = text.count("\n", last, low) > 1 or not lines
        lines.append(Line(low, low + len(body), body, parted))
        last = high
    return lines
