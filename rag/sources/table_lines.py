"""The rows of a table laid out on its columns, each cell in every row that it spans."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

_MAX_COLUMNS = 1000
"""What a cell may span; browsers draw the line here, too."""


@dataclass(slots=True)
class TableCell:
    """A cell: its text, the rows and columns that it spans, and whether its looks make it a head."""

    text: str
    rows: int = 1
    columns: int = 1
    head: bool = False


@dataclass(slots=True)
class TableRow:
    """A row of a table; ``head``: the format says that it is one of heads."""

    cells: list[TableCell]
    head: bool = False


@dataclass(slots=True)
class Table:
    """Rows in order, and what stands over and under them.

    ``is_sheet``: it is a grid of cells, as spreadsheets and CSV files hold it. Such a table mostly begins
    with its heads, and a long text runs over the empty cells beside it.
    """

    rows: list[TableRow]
    captions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_sheet: bool = False


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell in a line: it covers the columns ``[left, right)`` and began in the row ``top``."""

    cell: TableCell
    left: int
    right: int
    top: int

    @property
    def text(self) -> str:
        return self.cell.text

    @property
    def width(self) -> int:
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class Line:
    """One line across a table: its cells from the left, among them those that reach down into it."""

    cells: list[PlacedCell]
    head: bool

    @property
    def texts(self) -> list[str]:
        return [placed.text for placed in self.cells]

    @property
    def filled(self) -> list[str]:
        return [text for text in self.texts if text]

    @property
    def right(self) -> int:
        return self.cells[-1].right if self.cells else 0

    @property
    def looks_like_heads(self) -> bool:
        if len(self.cells) < 2:
            return False
        return all(placed.cell.head for placed in self.cells if placed.text)

    def is_across(self, width: int) -> bool:
        """Whether it is one cell from edge to edge."""
        return len(self.cells) == 1 and width > 1 and self.cells[0].width >= width

    def text_at(self, column: int) -> str:
        """What stands in a column, empty where nothing does."""
        # The last cell that begins at or before the column; sheets have thousands of columns.
        index = bisect_right(self.cells, column, key=_left_of) - 1
        if index < 0 or self.cells[index].right <= column:
            return ""
        return self.cells[index].text


def _left_of(placed: PlacedCell) -> int:
    return placed.left


def lines_of(rows: Sequence[TableRow]) -> list[Line]:
    """A line for each row that holds any text of its own."""
    lines: list[Line] = []
    reaching_down: list[PlacedCell] = []
    for number, row in enumerate(rows):
        placed = list(reaching_down)
        column = 0
        for cell in row.cells:
            column = _free_column(reaching_down, column)
            right = column + max(1, min(cell.columns, _MAX_COLUMNS))
            placed.append(PlacedCell(cell, column, right, number))
            column = right
        placed.sort(key=lambda one: one.left)
        # A row of which nothing is left but what reaches down into it is none.
        if any(cell.text for cell in row.cells):
            lines.append(Line(placed, row.head))
        reaching_down = [one for one in placed if one.top + one.cell.rows > number + 1]
    return lines


def width_of(lines: Sequence[Line]) -> int:
    """How many columns the widest line has."""
    return max((line.right for line in lines), default=0)


def _free_column(reaching_down: Sequence[PlacedCell], column: int) -> int:
    """The first column from ``column`` on into which no cell reaches down."""
    for placed in reaching_down:
        if placed.left <= column < placed.right:
            column = placed.right
    return column
