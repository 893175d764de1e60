"""A sheet's pieces to columns of lines and tables, in the order in which they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, groupby

from rag.sources.pdf.captions import captioned
from rag.sources.pdf.columns import Item, reading_order
from rag.sources.pdf.ruled import ruled_tables
from rag.sources.pdf.sheets import Box, Grid, Line, Piece, Sheet, around
from rag.sources.pdf.unruled import between_rules, in_column

Column = list[Line | Grid]

_FEW_LINES = 5
"""A column of fewer lines does not know its own width."""
_SAME_LEFT = 12.0
_SAME_SIZE = 0.1
_INSET = 3.0


def columns_of(sheet: Sheet) -> list[Column]:
    """The columns of a sheet in reading order."""
    # Tables before columns: a wide table would else be cut along the gutter of the prose around it.
    ruled, rest = ruled_tables(sheet)
    open_tables, rest = between_rules(sheet, rest)
    tables, rest = captioned([*ruled, *open_tables], rest)
    items: list[Item] = [*rest, *tables]
    return [_lines(column, sheet) for column in reading_order(items)]


def widened(columns: Sequence[Column]) -> list[Column]:
    """Give columns of few lines the width of others that begin at the same place."""
    boxes = [line.column for line in _text_lines(chain.from_iterable(columns))]
    return [_as_wide_as(column, boxes) for column in columns]


def _text_lines(items: Iterable[Line | Grid]) -> list[Line]:
    return [item for item in items if isinstance(item, Line)]


def _as_wide_as(column: Column, others: Sequence[Box]) -> Column:
    lines = _text_lines(column)
    if not lines or len(lines) >= _FEW_LINES:
        return column
    own = lines[0].column
    alike = [other for other in others if abs(other.left - own.left) < _SAME_LEFT]
    # Two short lines on a last page seem to fill their column; those of the page before say they don't.
    wide = replace(own, right=max(other.right for other in alike))
    widened_column: Column = []
    for item in column:
        if isinstance(item, Line):
            widened_column.append(replace(item, column=wide))
        else:
            widened_column.append(item)
    return widened_column


def _lines(items: Sequence[Item], sheet: Sheet) -> Column:
    found: Column = []
    rows = in_column(items, sheet)
    pieces: list[Piece] = []
    for row in rows:
        if isinstance(row, list):
            pieces += row
    box = _column_box(pieces) if pieces else None
    for row in rows:
        if isinstance(row, list):
            assert box is not None
            found.append(_line(row, box, sheet))
        elif isinstance(row, Grid):
            found.append(row)
    return _with_own_width(found, box)


def _with_own_width(column: Column, whole: Box | None) -> Column:
    """Lines in a size of their own that keep off both sides, as an abstract does, fill their own width."""
    if whole is None:
        return column
    found: Column = []
    for _, group in groupby(column, key=_size_of):
        run = list(group)
        lines = _text_lines(run)
        if len(lines) < _FEW_LINES:
            found += run
            continue
        own = around(line.box for line in lines)
        if own.left > whole.left + _INSET and own.right < whole.right - _INSET:
            found += [replace(line, column=own) for line in lines]
        else:
            found += run
    return found


def _size_of(item: Line | Grid) -> float | None:
    return item.size if isinstance(item, Line) else None


def _column_box(pieces: Sequence[Piece]) -> Box:
    """The box that the column's lines of the usual size fill; a title over it may reach out of it."""
    lengths: Counter[float] = Counter()
    for piece in pieces:
        lengths[piece.size] += len(piece.text)
    usual = lengths.most_common(1)[0][0]
    boxes: list[Box] = []
    for piece in pieces:
        if abs(piece.size - usual) <= _SAME_SIZE * usual:
            boxes.append(piece.box)
    return around(boxes)


def _line(row: Sequence[Piece], column: Box, sheet: Sheet) -> Line:
    longest = max(row, key=lambda piece: len(piece.text))
    text = " ".join(piece.text for piece in row)
    bold = all(piece.bold for piece in row)
    box = around(piece.box for piece in row)
    return Line(text, box, longest.size, bold, sheet.page, column, sheet.ocr)
