"""A table's name and unit, taken from the lines right above it.

They are taken before columns are told apart: a short name over a wide table would else be read as the end of
the left column, far from its table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from rag.sources.pdf.marks import is_caption
from rag.sources.pdf.sheets import Box, Grid, Piece, joined, rows_of
from rag.sources.table_cells import is_unit_line

_MOST_LINES = 4
_GAP = 1.6
"""In ems, the white space between a caption's lines, or between it and its table, at most."""
_SAME_SIZE = 2.5
"""Points by which the lines of a caption may differ."""
_BESIDE = 12.0
"""Points that a caption may reach out of its table."""


def captioned(
    tables: Sequence[Grid], pieces: Sequence[Piece]
) -> tuple[list[Grid], list[Piece]]:
    """The tables with their captions, and the pieces that are none."""
    rest = list(pieces)
    found: list[Grid] = []
    for table in tables:
        rows = _rows_above(table.box, rest)
        caption_rows = rows[len(rows) - _count_captions(rows) :]
        taken = set(map(id, chain.from_iterable(caption_rows)))
        rest = [piece for piece in rest if id(piece) not in taken]
        texts = _texts(caption_rows)
        # A name inside the rules is kept below one that stands above them.
        found.append(replace(table, captions=(*texts, *table.captions)))
    return found, rest


def _rows_above(box: Box, pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The lines that stand right above a table, the last of them next to it."""
    left, right = box.left - _BESIDE, box.right + _BESIDE
    above: list[Piece] = []
    for piece in pieces:
        is_within = left < piece.box.left and piece.box.right < right
        if is_within and piece.box.bottom < box.top + 3:
            above.append(piece)
    near: list[list[Piece]] = []
    edge = box.top
    for row in reversed(rows_of(above)[-_MOST_LINES:]):
        lowest = max(piece.box.bottom for piece in row)
        if edge - lowest > _GAP * row[0].size:
            break
        near.insert(0, row)
        edge = min(piece.box.top for piece in row)
    return near


def _count_captions(rows: Sequence[Sequence[Piece]]) -> int:
    """How many of the lines, counted from the table upwards, are its captions."""
    # From the top: all lines from the first that looks like a caption down to the table belong to it.
    for number, row in enumerate(rows):
        is_name = any(is_caption(piece.text) for piece in row)
        if is_name or all(is_unit_line(piece.text) for piece in row):
            return len(rows) - number if _are_of_one_size(rows[number:]) else 0
    return 0


def _are_of_one_size(rows: Sequence[Sequence[Piece]]) -> bool:
    """A caption of 9 points goes on in 10, and not in prose of 12."""
    size = rows[0][0].size
    pieces = chain.from_iterable(rows)
    return all(abs(piece.size - size) < _SAME_SIZE for piece in pieces)


def _texts(rows: Sequence[Sequence[Piece]]) -> tuple[str, ...]:
    """The name, its lines put together, and each unit by itself."""
    name = ""
    units: list[str] = []
    for row in rows:
        for piece in row:
            if is_unit_line(piece.text):
                units.append(piece.text)
            else:
                name = joined(name, piece.text)
    return tuple(text for text in (name, *units) if text)
