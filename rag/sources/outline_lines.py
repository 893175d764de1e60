"""Running text as lines without the white space around them, and what they make up: paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rag.records import Cell, Role, Span
from rag.text.widths import width_of

_LINE = re.compile(r"[^\n]+")


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
    width: int = field(init=False)

    def __post_init__(self) -> None:
        self.width = width_of(self.text)


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
