"""A grid of cells, as sheets and CSV files hold them -> tables with captions, heads and rows.

What a sheet shows at a glance is told from the cells alone:

    某厂产量表                               a row of one cell above the heads: a caption
    单位：吨                                 a line of units: a caption, too
    地区 | 2022年 |      | 2023年 |          two rows of heads, joined as ``2022年 / 产量``
         | 产量   | 产值 | 产量   | 产值
    华东 | 120    | 3.1  | 130    | 3.4      rows
    注：产值单位为亿元                        a note under the rows: a caption of the same table
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rag.sources.base import ArticleBuilder

Row = list[str]

MAX_HEAD_ROWS = 3
MAX_FILLED = 1_000_000
"""Cells that merged ranges may fill in one grid; what goes beyond stays empty."""
_LOOKED_AT = 20
"""Rows below a head that are looked at: enough to tell what a column holds."""

# "¥1,200.5", "(300)", "12.5%", "2021-03-12", "2 kg": begins with a digit and goes on with little else.
_VALUE = re.compile(
    r"[-+−±≤≥<>~≈(（]?\s*[¥￥$€£]?\s*\d[\d\s,，.:/-]*(?:[%％‰℃°]|[^\W\d_]{0,6}(?:/[^\W\d_]{1,4})?)[)）]?"
)
# "2023年", "3月", "Q2", "2022-23": what heads a column as readily as it fills one.
_PERIOD = re.compile(
    r"(?:19|20)\d\d(?:年度?|[-/](?:19|20)?\d\d|年\d{1,2}月份?)?|\d{1,2}月份?|(?:FY|Q|H)\s?\d+|[1-4]季度"
)
_BARE_NUMBER = re.compile(r"[\d\s,，.:/%％-]*")
_UNIT_LINE = re.compile(
    r"[(（]?\s*(?:计量单位|货币单位|金额单位|单位|units?)\s*[:：]", re.I
)
_NOTE = re.compile(
    r"[(（\[【*※]?\s*(?:注|备注|说明|附注|(?:数据|资料)?来源|notes?|source)\s*\d{0,2}\s*[:：.)）]",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Merged:
    """A range of cells that are one: rows ``[top, bottom)``, columns ``[left, right)``, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class _Spans:
    """Where merged ranges join a cell with its right-hand or lower neighbour: ``(row, column)``."""

    to_the_right: frozenset[tuple[int, int]]
    down: frozenset[tuple[int, int]]

    def is_single(self, grid: Sequence[Row], at: int) -> bool:
        """Whether all that a row says stands in one cell, or in one that is merged over several."""
        filled = [column for column, cell in enumerate(grid[at]) if cell]
        return bool(filled) and all(
            (at, column) in self.to_the_right for column in filled[:-1]
        )


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
        head_rows: how many rows of heads there are, if the format says; else it is told from the cells.
        page: the slide that it stands on.

    Returns:
        The number that the next table may have.
    """
    grid = [[" ".join(cell.split()) for cell in row] for row in rows]
    spans = _fill(grid, merged)
    for begin, end in _stretches(grid, spans):
        _Table(builder, grid, spans, (begin, end), first, page).add(head_rows)
        first += 1
    return first


def _fill(grid: list[Row], merged: Sequence[Merged]) -> _Spans:
    """Write the text of each merged range into all of its cells that the grid has."""
    to_the_right: set[tuple[int, int]] = set()
    down: set[tuple[int, int]] = set()
    left_to_fill = MAX_FILLED
    width = max(map(len, grid), default=0)
    for each in merged:
        bottom, right = min(each.bottom, len(grid)), min(each.right, width)
        left_to_fill -= max(bottom - each.top, 0) * max(right - each.left, 0)
        if each.top >= bottom or each.left >= right or left_to_fill < 0:
            continue
        row = grid[each.top]
        text = row[each.left] if each.left < len(row) else ""
        if not text:
            continue
        for at in range(each.top, bottom):
            grid[at].extend([""] * (right - len(grid[at])))
            grid[at][each.left : right] = [text] * (right - each.left)
            to_the_right.update((at, column) for column in range(each.left, right - 1))
            if at + 1 < bottom:
                down.update((at, column) for column in range(each.left, right))
    return _Spans(frozenset(to_the_right), frozenset(down))


def _stretches(grid: Sequence[Row], spans: _Spans) -> Iterator[tuple[int, int]]:
    """Each table's rows, ``[begin, end)``: a new one begins below an empty row, and with its own heads."""
    begin: int | None = None
    end = 0
    for low, high in _chunks(grid):
        if begin is None:
            begin = low
        elif _begins_anew(grid, spans, (begin, end), (low, high)):
            yield begin, end
            begin = low
        end = high
    if begin is not None:
        yield begin, end


def _chunks(grid: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """The stretches of rows between empty rows."""
    low: int | None = None
    for number, row in enumerate(grid):
        if any(row):
            low = number if low is None else low
        elif low is not None:
            yield low, number
            low = None
    if low is not None:
        yield low, len(grid)


def _begins_anew(
    grid: Sequence[Row], spans: _Spans, before: tuple[int, int], chunk: tuple[int, int]
) -> bool:
    """Whether a chunk is a table of its own: it opens with a caption or with heads, over rows of values."""
    numbers = range(chunk[0], min(chunk[1], chunk[0] + _LOOKED_AT))
    if len(numbers) < 2 or all(spans.is_single(grid, at) for at in numbers):
        return False
    if all(spans.is_single(grid, at) for at in range(*before) if any(grid[at])):
        return False  # a title and an empty row: what follows is its table
    if spans.is_single(grid, chunk[0]):
        return True
    rows = [[cell for cell in grid[at] if cell] for at in numbers]
    has_values = any(_is_value(cell) for row in rows[1:] for cell in row)
    return has_values and not any(_is_value(cell) for cell in rows[0])


class _Table:
    """One table of a grid on its way into an article."""

    def __init__(
        self,
        builder: ArticleBuilder,
        grid: Sequence[Row],
        spans: _Spans,
        stretch: tuple[int, int],
        number: int,
        page: int | None,
    ) -> None:
        self._builder, self._number, self._page = builder, number, page
        self._numbers = [at for at in range(*stretch) if any(grid[at])]
        self._columns = _filled_columns(grid, self._numbers)
        self._rows = [
            [_at(grid[at], column) for column in self._columns] for at in self._numbers
        ]
        self._single = [spans.is_single(grid, at) for at in self._numbers]
        self._spans = spans

    def add(self, head_rows: int | None) -> None:
        """Add its captions, heads, rows and notes in order."""
        if len(self._columns) < 2:
            self._add_paragraphs()
            return
        first = 0 if head_rows else self._captions()
        last = max(self._notes(), first)
        self._add_captions(0, first)
        heads = (
            self._count_heads(first, last)
            if head_rows is None
            else min(head_rows, last - first)
        )
        names = self._names(first, first + heads)
        for row in self._rows[first : first + heads]:
            self._builder.add_row(row, head=True, table=self._number, page=self._page)
        for at in range(first + heads, last):
            self._builder.add_row(
                self._trimmed(at), names, table=self._number, page=self._page
            )
        self._add_captions(last, len(self._rows))

    def _trimmed(self, at: int) -> Row:
        """A row without the empty cells at its end; a text that is merged over all of it stands once."""
        row = self._rows[at]
        if self._single[at] and all(row):
            return row[:1]
        end = len(row)
        while end and not row[end - 1]:
            end -= 1
        return row[:end]

    def _add_paragraphs(self) -> None:
        """A single column is no table: its cells are read as lines."""
        for row in self._rows:
            self._builder.add("paragraph", row[0], page=self._page)

    def _add_captions(self, begin: int, end: int) -> None:
        for row in self._rows[begin:end]:
            texts = list(dict.fromkeys(cell for cell in row if cell))
            self._builder.add(
                "caption", " ".join(texts), table=self._number, page=self._page
            )

    def _captions(self) -> int:
        """How many rows above the heads are captions; none if nothing wider follows."""
        for at, row in enumerate(self._rows):
            if not self._single[at] and not any(_UNIT_LINE.match(cell) for cell in row):
                return at
        return 0

    def _notes(self) -> int:
        """Where the notes below the rows begin: at the first line that calls itself one."""
        begin = len(self._rows)
        while begin and self._single[begin - 1]:
            begin -= 1
        for at in range(begin, len(self._rows)):
            if _NOTE.match(next(cell for cell in self._rows[at] if cell)):
                return at
        return len(self._rows)

    def _count_heads(self, first: int, last: int) -> int:
        if (
            last - first < 2
            or not self._is_head(first, last)
            or self._is_form(first, last)
        ):
            return 0
        heads = 1
        while (
            heads < MAX_HEAD_ROWS
            and first + heads + 1 < last
            and self._goes_on(first + heads - 1, last)
        ):
            heads += 1
        return heads

    def _is_head(self, at: int, last: int) -> bool:
        """Whether a row names what is below it: no cell of it could be one of its own column's values."""
        row = self._rows[at]
        return not self._single[at] and all(
            self._names_column(cell, column, at, last)
            for column, cell in enumerate(row)
            if cell
        )

    def _names_column(self, cell: str, column: int, at: int, last: int) -> bool:
        if not _is_value(cell):
            return True
        below = [
            row[column]
            for row in islice(self._rows, at + 1, min(last, at + 1 + _LOOKED_AT))
        ]
        if _PERIOD.fullmatch(cell):
            return not any(_PERIOD.fullmatch(other) for other in below)
        # "0-5岁" heads a column of plain numbers, and "12.5" none.
        return not _BARE_NUMBER.fullmatch(cell) and not any(
            _shape(cell) == _shape(other) for other in below
        )

    def _is_form(self, first: int, last: int) -> bool:
        """Whether two columns are names and what they stand for: 名称 | 某公司, 电话 | 0553-…, 成立 | 2010年.

        In a column of a table most cells are of one kind; here texts and values take turns.
        """
        rows = [
            row
            for row in islice(self._rows, first, min(last, first + _LOOKED_AT))
            if all(row)
        ]
        if len(self._columns) != 2 or any(_is_value(row[0]) for row in rows):
            return False
        shapes = [_shape(row[1]) for row in rows]
        return shapes.count("text") >= 2 and len(set(shapes)) > 2

    def _goes_on(self, at: int, last: int) -> bool:
        """Whether the heads of row ``at`` are parted or reach down in the next row, itself one of heads."""
        parted = any(
            self._reaches_right(at, column) for column in range(len(self._columns))
        )
        number = self._numbers[at]
        deep = any((number, column) in self._spans.down for column in self._columns)
        return (parted or deep) and self._is_head(at + 1, last)

    def _reaches_right(self, at: int, column: int) -> bool:
        """Whether a head spans the next column: it is merged with it, or a gap is left for it."""
        if (self._numbers[at], self._columns[column]) in self._spans.to_the_right:
            return True
        row, below = self._rows[at], self._rows[at + 1]
        right = column + 1
        return right < len(row) and bool(
            row[column] and not row[right] and below[column] and below[right]
        )

    def _names(self, begin: int, end: int) -> list[str]:
        """What each column stands under; of two rows of heads ``2022年 / 产量``."""
        names: list[list[str]] = [[] for _ in self._columns]
        for at in range(begin, end):
            row = self._rows[at]
            shown = ""
            for column, cell in enumerate(row):
                # A gap in all rows of heads but the last is spanned by the head to its left.
                spanned = (
                    column and at + 1 < end and self._rows[at + 1][column] and not cell
                )
                shown = cell or (shown if spanned else "")
                if shown and shown not in names[column]:
                    names[column].append(shown)
        return [" / ".join(parts) for parts in names]


def _filled_columns(grid: Sequence[Row], numbers: Sequence[int]) -> list[int]:
    filled: set[int] = set()
    for at in numbers:
        filled.update(column for column, cell in enumerate(grid[at]) if cell)
    return sorted(filled)


def _at(row: Row, column: int) -> str:
    return row[column] if column < len(row) else ""


def _is_value(cell: str) -> bool:
    return len(cell) <= 40 and _VALUE.fullmatch(cell) is not None


def _shape(cell: str) -> str:
    """``0-5岁`` and ``6-10岁`` are ``9-9岁``."""
    return re.sub(r"\d+", "9", cell) if _is_value(cell) else "text"
