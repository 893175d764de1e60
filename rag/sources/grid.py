"""A grid of cells, as sheets and CSV files hold them -> its tables, each read as any table is (``tables``).

A sheet may hold several tables with empty rows between them, and empty columns around them:

    表一                                     a caption and a head: the first table
    姓名 | 年龄
    张三 | 30
                                            an empty row
    表二                                     the next opens with a caption or heads of its own
    型号 | 重量
    甲   | 2 kg
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.sources.base import ArticleBuilder
from rag.sources.table_cells import is_value
from rag.sources.tables import Table, TableCell, TableRow, write_table

Row = list[str]

MAX_FILLED = 1_000_000
"""Cells that merged ranges may fill in one grid; what goes beyond stays empty."""
_LOOKED_AT = 20
"""Rows of a stretch that are looked at to tell whether it is a table of its own."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A range of cells that are one: rows ``[top, bottom)``, columns ``[left, right)``, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class _Grid:
    """The cells, and those that are merged with their right-hand neighbour as ``(row, column)``."""

    rows: list[Row]
    joined: set[tuple[int, int]]

    def is_alone(self, at: int) -> bool:
        """Whether all that a row says stands in one cell, or in one that is merged over several."""
        filled = [column for column, cell in enumerate(self.rows[at]) if cell]
        for column in filled[:-1]:
            if (at, column) not in self.joined:
                return False
        return bool(filled)

    def is_filled(self, at: int) -> bool:
        return any(self.rows[at])

    def has_values(self, at: int) -> bool:
        return any(map(is_value, self.rows[at]))


def add_tables(
    builder: ArticleBuilder,
    rows: Sequence[Sequence[str]],
    *,
    first: int,
    merged: Sequence[Merged] = (),
    head_rows: int | None = None,
    page: int | None = None,
) -> int:
    """Add the tables of a grid. Empty rows and columns are passed over, ragged rows are kept as they are.

    Args:
        rows: the cells as they are shown; of a merged range the first cell holds the text.
        first: the number of the first table.
        head_rows: how many rows the format calls heads, if it does; whether more are is told from the cells.
        page: the slide that it stands on.

    Returns:
        The number that the next table may have.
    """
    grid = _Grid([_on_one_line(row) for row in rows], set())
    _fill(grid, merged)
    for begin, end in _stretches(grid):
        numbers = list(filter(grid.is_filled, range(begin, end)))
        columns = _filled_columns(grid, numbers)
        # A single column is no table: its cells are read as lines.
        if len(columns) < 2:
            for at in numbers:
                builder.add("paragraph", grid.rows[at][columns[0]], page=page)
        else:
            table = _table(grid, numbers, columns, head_rows or 0)
            write_table(builder, table, first, page)
        first += 1
    return first


def _on_one_line(row: Sequence[str]) -> Row:
    return [" ".join(cell.split()) for cell in row]


def _fill(grid: _Grid, merged: Sequence[Merged]) -> None:
    """Write the text of each merged range into all of its cells that the grid has."""
    left_to_fill = MAX_FILLED
    width = max(map(len, grid.rows), default=0)
    for each in merged:
        bottom = min(each.bottom, len(grid.rows))
        right = min(each.right, width)
        left_to_fill -= max(bottom - each.top, 0) * max(right - each.left, 0)
        if each.top >= bottom or each.left >= right or left_to_fill < 0:
            continue
        text = _at(grid.rows[each.top], each.left)
        if not text:
            continue
        for at in range(each.top, bottom):
            row = grid.rows[at]
            row.extend([""] * (right - len(row)))
            row[each.left : right] = [text] * (right - each.left)
            grid.joined.update((at, column) for column in range(each.left, right - 1))


# where one table ends and the next begins


def _stretches(grid: _Grid) -> Iterator[tuple[int, int]]:
    """Each table's rows, ``[begin, end)``: a new one begins below an empty row, and with its own heads."""
    begin: int | None = None
    end = 0
    for low, high in _chunks(grid.rows):
        if begin is None:
            begin = low
        elif _begins_anew(grid, (begin, end), (low, high)):
            yield begin, end
            begin = low
        end = high
    if begin is not None:
        yield begin, end


def _chunks(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """The stretches of rows between empty rows."""
    low: int | None = None
    for number, row in enumerate(rows):
        if any(row):
            low = number if low is None else low
        elif low is not None:
            yield low, number
            low = None
    if low is not None:
        yield low, len(rows)


def _begins_anew(grid: _Grid, before: tuple[int, int], chunk: tuple[int, int]) -> bool:
    """Whether a chunk is a table of its own: it opens with a caption or with heads, over rows of values."""
    numbers = range(chunk[0], min(chunk[1], chunk[0] + _LOOKED_AT))
    if len(numbers) < 2 or all(map(grid.is_alone, numbers)):
        return False
    # A title and an empty row: what follows is its table.
    filled_before = filter(grid.is_filled, range(*before))
    if all(map(grid.is_alone, filled_before)):
        return False
    if grid.is_alone(chunk[0]):
        return True
    if grid.has_values(chunk[0]):
        return False
    return any(grid.has_values(at) for at in numbers[1:])


# the cells of one table


def _table(
    grid: _Grid, numbers: Sequence[int], columns: Sequence[int], head_rows: int
) -> Table:
    rows: list[TableRow] = []
    for count, at in enumerate(numbers):
        rows.append(TableRow(_cells(grid, at, columns), head=count < head_rows))
    return Table(rows, is_sheet=True)


def _cells(grid: _Grid, at: int, columns: Sequence[int]) -> list[TableCell]:
    """The cells of a row in the columns of its table, each merged range of it once."""
    row = grid.rows[at]
    cells: list[TableCell] = []
    goes_on = False
    for column in columns:
        if goes_on:
            cells[-1].columns += 1
        else:
            cells.append(TableCell(_at(row, column)))
        goes_on = (at, column) in grid.joined
    return cells


def _filled_columns(grid: _Grid, numbers: Sequence[int]) -> list[int]:
    filled: set[int] = set()
    for at in numbers:
        for column, cell in enumerate(grid.rows[at]):
            if cell:
                filled.add(column)
    return sorted(filled)


def _at(row: Row, column: int) -> str:
    return row[column] if column < len(row) else ""
