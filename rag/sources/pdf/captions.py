"""A table's name and unit, taken from the lines right above it.

They are taken before columns are told apart: a short name over a wide table would else be read as the end of
the left column, far from its table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.sources.pdf.marks import is_caption
from rag.sources.pdf.sheets import Box, Grid, Piece, joined, rows_of
from rag.sources.table_cells import is_unit_line

_MOST_LINES = 4
_GAP = 1.6
"""In ems, the white space between a caption's lines, or between it and its table, at most."""
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
        captions = _captions(rows)
        taken = (
            {id(piece) for row in rows[len(rows) - captions :] for piece in row}
            if captions
            else set()
        )
        rest = [piece for piece in rest if id(piece) not in taken]
        texts = _texts(rows[len(rows) - captions :]) if captions else ()
        # A name inside the rules is kept below one that stands above them.
        found.append(replace(table, captions=(*texts, *table.captions)))
    return found, rest


def _rows_above(box: Box, pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The lines that stand right above a table, the last of them next to it."""
    left, right = box.left - _BESIDE, box.right + _BESIDE
    above = [
        p
        for p in pieces
        if p.box.bottom < box.top + 3 and left < p.box.left and p.box.right < right
    ]
    near: list[list[Piece]] = []
    edge = box.top
    for row in reversed(rows_of(above)[-_MOST_LINES:]):
        lowest = max(piece.box.bottom for piece in row)
        if edge - lowest > _GAP * row[0].size:
            break
        near.insert(0, row)
        edge = min(piece.box.top for piece in row)
    return near


def _captions(rows: Sequence[Sequence[Piece]]) -> int:
    """How many of the lines, counted from the table upwards, are its captions."""
    # From the top: all lines from the first that looks like a caption down to the table belong to it.
    for number, row in enumerate(rows):
        if any(is_caption(piece.text) for piece in row) or all(
            is_unit_line(piece.text) for piece in row
        ):
            alike = all(
                abs(piece.size - row[0].size) < 2.5
                for below in rows[number:]
                for piece in below
            )
            return len(rows) - number if alike else 0
    return 0


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
