"""What a page is taken apart into, before anyone knows what its lines are.

All lengths are points (1/72 inch). A sheet has its own frame: x runs the way its text runs, y downwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.sources.prose import is_wide

_DIGIT_AT_END = re.compile(r"\d\Z")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; a rule (a drawn line) is one without height or without width."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, other: Box) -> bool:
        """Whether the centre of ``other`` lies in this box."""
        x, y = other.centre
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def same_line(self, other: Box, share: float = 0.5) -> bool:
        """Whether both stand at one height: they overlap by ``share`` of the lower one's height."""
        overlap = min(self.bottom, other.bottom) - max(self.top, other.top)
        return overlap >= share * min(self.height, other.height)

    def shares_width(self, other: Box) -> float:
        """The length over which one stands above the other; negative where a gap parts them."""
        return min(self.right, other.right) - max(self.left, other.left)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of ``boxes``; there is at least one."""
    every = list(boxes)
    return Box(
        min(box.left for box in every),
        min(box.top for box in every),
        max(box.right for box in every),
        max(box.bottom for box in every),
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that stand side by side without a wide gap: part of a line, or a cell of a table."""

    text: str
    box: Box
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The text of one page that runs in one direction; a page with a table on its side has two sheets.

    ``rules`` are the lines drawn on it. ``ocr``: the characters were read off a picture. ``turned``: its text
    runs otherwise than most of the page's.
    """

    page: int
    box: Box
    pieces: tuple[Piece, ...]
    rules: tuple[Box, ...] = ()
    ocr: bool = False
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one column, ``column`` being the box that the column's lines fill together."""

    text: str
    box: Box
    size: float
    bold: bool
    page: int
    column: Box
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its rows of cells, the first ``heads`` of them heads.

    A cell merged over several rows or columns stands in each of them. ``edges`` are the x at which columns
    begin, and where the last ends. ``captions`` are its name and its unit.
    """

    rows: tuple[tuple[str, ...], ...]
    heads: int
    box: Box
    edges: tuple[float, ...]
    page: int
    ocr: bool = False
    captions: tuple[str, ...] = ()


def rows_of(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces grouped by the height at which they stand, from top to bottom, each group from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(
        pieces, key=lambda piece: (piece.box.centre[1], piece.box.left)
    ):
        row = next((row for row in reversed(rows[-3:]) if _belongs(piece, row)), None)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    return [sorted(row, key=lambda piece: piece.box.left) for row in rows]


def _belongs(piece: Piece, row: list[Piece]) -> bool:
    """Nothing stands above another in its row, though a tall character may reach over two rows."""
    tallest = max(row, key=lambda other: other.size)
    stacked = any(piece.box.shares_width(other.box) > 0.5 * piece.size for other in row)
    return tallest.box.same_line(piece.box) and not stacked


def joined(first: str, second: str, glued: bool = False) -> str:
    """Two pieces of a text as one.

    A space parts them unless one side is written without spaces. ``glued``: the line broke wherever it was
    full, as in Chinese, so that a number may go on: ``电话86`` and ``02-7715`` are ``电话8602-7715``.
    """
    if not first or not second:
        return first or second
    without = is_wide(first[-1]) or is_wide(second[0])
    if glued and _DIGIT_AT_END.search(first) and second[0].isdigit():
        without = True
    return first + second if without else f"{first} {second}"
