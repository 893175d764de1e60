"""The order in which a page is read: columns from left to right, between what reaches over them.

┌ title over both ┐
│ 1       │ 3     │     A gutter is a white stripe with lines of prose on both sides. What reaches over it
│ 2       │ 4     │     parts the page into bands; each band is read column by column.
├ wide figure ────┤
│ 5       │ 6     │
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rag.sources.pdf.heads import is_number
from rag.sources.pdf.sheets import Box, Grid, Piece, around, rows_of
from rag.text.widths import width_of

Item = Piece | Grid

_FEWEST_LINES = 3
"""On both sides, for a stripe to be a gutter."""
_PROSE_WIDTH = 14
"""Half-width cells: half of a column's lines are at least so long; those of a table's column seldom are."""
_FULL = 0.8
_PROSE_SHARE = 0.4
"""Of a column's lines, this share fills four fifths of its width."""
_MAX_DEPTH = 4
_MAX_GUTTERS = 60
_REACH = 2.0
"""Points that a line may reach over the middle of the gutter and still stand on one side."""


@dataclass(frozen=True, slots=True)
class _Split:
    left: list[Item]
    right: list[Item]
    over: list[Item]


def reading_order(items: Sequence[Item], depth: int = 0) -> list[list[Item]]:
    """The items of a page as columns in reading order; within one, they are read by rows."""
    if not items:
        return []
    gutter = _gutter(items) if depth < _MAX_DEPTH else None
    if gutter is None:
        return [list(items)]
    columns: list[list[Item]] = []
    for band in _bands(items, gutter):
        split = _split(band, gutter)
        if split.over or not _may_be_columns(split):
            columns.append(
                list(band)
            )  # what reaches over the gutter, or a table's rows: read by rows
        else:
            columns += reading_order(split.left, depth + 1)
            columns += reading_order(split.right, depth + 1)
    return _stacked(columns)


def _gutter(items: Sequence[Item]) -> float | None:
    """The x of the stripe that parts most lines of prose, None where nothing does."""
    best, most = None, 0
    for x in _stripes(items):
        parted = 0
        for band in _bands(items, x):
            split = _split(band, x)
            if not split.over and _are_columns(split):
                parted += len(split.left) + len(split.right)
        if parted > most:
            best, most = x, parted
    return best


def _stripes(items: Sequence[Item]) -> list[float]:
    """The middles of the gaps between neighbours on one line, those that recur first."""
    pieces = [item for item in items if isinstance(item, Piece)]
    counts: dict[int, int] = {}
    # 3 points left of where a column begins lies within any gutter, and outside the lines on its left.
    for row in rows_of(pieces):
        for first, second in pairwise(row):
            if second.box.left > first.box.right:
                edge = round(second.box.left - 3)
                counts[edge] = counts.get(edge, 0) + 1
    # Columns whose lines stand at different heights share no row: a left edge that recurs will do.
    for piece in pieces:
        edge = round(piece.box.left - 3)
        counts[edge] = counts.get(edge, 0) + 1
    often = sorted(counts, key=lambda edge: -counts[edge])
    return [float(edge) for edge in often[:_MAX_GUTTERS] if counts[edge] >= 2]


def _bands(items: Sequence[Item], x: float) -> list[list[Item]]:
    """The items from top to bottom, those that reach over ``x`` and those that do not in turn."""
    bands: list[list[Item]] = []
    last_over: bool | None = None
    for item in sorted(items, key=lambda item: item.box.centre[1]):
        is_over = _reaches_over(item.box, x)
        if is_over != last_over:
            bands.append([])
        bands[-1].append(item)
        last_over = is_over
    return bands


def _reaches_over(box: Box, x: float) -> bool:
    return box.left < x - _REACH and box.right > x + _REACH


def _split(items: Sequence[Item], x: float) -> _Split:
    split = _Split([], [], [])
    for item in items:
        if _reaches_over(item.box, x):
            split.over.append(item)
        elif item.box.centre[0] < x:
            split.left.append(item)
        else:
            split.right.append(item)
    return split


def _are_columns(split: _Split) -> bool:
    if not is_prose(split.left) or not is_prose(split.right):
        return False
    return _beside(split)


def _may_be_columns(split: _Split) -> bool:
    """Once a gutter is known, the last lines above a figure are columns too, be they few."""
    if not split.left or not split.right:
        return False
    return _may_be_column(split.left) and _may_be_column(split.right)


def _may_be_column(side: Sequence[Item]) -> bool:
    return is_prose(side, fewest=1) or not _has_rows(side)


def _has_rows(side: Sequence[Item]) -> bool:
    pieces = [item for item in side if isinstance(item, Piece)]
    return any(len(row) > 2 for row in rows_of(pieces))


def _box_of(items: Sequence[Item]) -> Box:
    return around(item.box for item in items)


def _beside(split: _Split) -> bool:
    """Whether the sides stand next to each other rather than one below the other."""
    left, right = _box_of(split.left), _box_of(split.right)
    overlap = min(left.bottom, right.bottom) - max(left.top, right.top)
    return overlap > 0.3 * min(left.height, right.height)


def is_prose(side: Sequence[Item], fewest: int = _FEWEST_LINES) -> bool:
    """Lines long enough to be read as sentences, most of them as long as the column is wide."""
    pieces = [item for item in side if isinstance(item, Piece)]
    if len(pieces) < fewest or len(rows_of(pieces)) < fewest:
        return False
    widths = sorted(piece.box.width for piece in pieces)
    # The ninth decile, since one line may reach out of the column.
    usual = widths[len(widths) * 9 // 10]
    full = sum(width >= _FULL * usual for width in widths)
    figures = sum(is_number(piece.text) for piece in pieces)
    long = median(width_of(piece.text) for piece in pieces) >= _PROSE_WIDTH
    return long and full >= _PROSE_SHARE * len(pieces) and figures * 3 < len(pieces)


def _stacked(columns: list[list[Item]]) -> list[list[Item]]:
    """Neighbouring bands that were not split are one column: what parted them was never a gutter to them."""
    merged: list[list[Item]] = []
    for column in columns:
        if merged and _over_one_another(merged[-1], column):
            merged[-1] = [*merged[-1], *column]
        else:
            merged.append(column)
    return merged


def _over_one_another(first: Sequence[Item], second: Sequence[Item]) -> bool:
    above, below = _box_of(first), _box_of(second)
    if max(abs(above.left - below.left), abs(above.right - below.right)) >= 12:
        return False
    return below.top > above.bottom - 3
