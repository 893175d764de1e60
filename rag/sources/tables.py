"""A table as a page shows it, to rows that each know their heads.

    | 区     | 医院（家）      |     the head: two rows, 区 over both of them, 医院（家） over two columns
    |        | 2023年 | 2024年 |
    | 临江区 | 23     | 27     |     区：临江区；医院（家） / 2023年：23；医院（家） / 2024年：27

Where a format does not say which rows are heads, they are told from what stands in them. A table without
heads whose cells are keys and values (``型号 | X-200``) is read as such: the key is the value's head.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.sources.base import ArticleBuilder

HEAD_SEPARATOR = " / "
_MAX_COLUMNS = 1000
"""What a cell may span; browsers draw the line here, too."""
_MAX_HEAD_ROWS = 4
_MAX_LABEL = 40
"""Characters of a head that nothing but its looks declares to be one."""
_MAX_NAME = 40
"""Characters of the joined heads of a cell that spans several columns; beyond it bears none."""

_PERIOD = re.compile(
    r"(?:19|20)\d{2}\s*年?度?(?:\s*[-—–~至]\s*(?:19|20)\d{2}\s*年?度?)?(?:\s*\d{1,2}\s*月)?"
    r"|\d{1,2}\s*月份?|第?\s*\d\s*季度|[QHqh]\d|[（(][^（）()]*[）)]"
)
_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"[\d\s.,，+-]+")
_UNIT = re.compile(
    r"[（(]?(?:[-—/]|[%‰℃Ω]|[十百千万亿]*(?:元|美元|个|家|人|户|台|件|吨|次|天|所|只|亩|公顷|公里|平方米|平方公里|立方米|千克|克|米"
    r"|小时|分钟)|°[CF]|[kKmcnMGµμ]?(?:m|g|s|h|V|A|W|Hz|Pa|N|J|L|l|B|b|t|Ω|min|bar|pcs|USD|EUR|CNY|RMB|mol|wt%)"
    r"(?:\s?[/·*]\s?[a-zA-Zµμ]{1,4})?\s?[²³23]?)[）)]?"
)
# fmt: off
_GENERIC = frozenset((
    "项目", "名称", "参数", "参数名", "参数名称", "指标", "字段", "属性", "类别", "类型", "内容", "说明",
    "描述", "数值", "值", "取值", "默认值", "备注", "序号", "编号", "术语", "定义", "问题", "答案",
    "item", "name", "parameter", "property", "attribute", "field", "key", "value", "description", "content",
    "term", "definition", "feature", "spec", "specification", "option", "meaning", "question", "answer",
))
# fmt: on
"""What stands over the two columns of a table of names and values."""
NOTE = re.compile(
    r"(?:注|备注|说明|附注|资料来源|数据来源|来源|notes?|sources?)\s*\d*\s*[:：.]",
    re.IGNORECASE,
)
_BLANKS = frozenset(("", "-", "—", "–", "/", "\\"))
"""What stands in a head that says nothing."""
_KEY_ENDS = " \t：:"


@dataclass(slots=True)
class GridCell:
    """A cell: its text, the rows and columns that it spans, and whether its looks make it a head."""

    text: str
    rows: int = 1
    columns: int = 1
    head: bool = False


@dataclass(slots=True)
class GridRow:
    """A row of a table; ``head``: the format says that it is one of heads."""

    cells: list[GridCell]
    head: bool = False


@dataclass(slots=True)
class Table:
    """Rows in order, and what stands over and under them."""

    rows: list[GridRow]
    captions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A cell in a row of the grid: it covers the columns ``[left, right)`` and began in the row ``top``."""

    cell: GridCell
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
class _Line:
    """A row of the grid: its cells from the left, among them those that reach down into it."""

    cells: list[_Placed]
    head: bool

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.cells]

    @property
    def filled(self) -> list[str]:
        return [one.text for one in self.cells if one.text]

    @property
    def right(self) -> int:
        return self.cells[-1].right if self.cells else 0

    @property
    def looks_like_heads(self) -> bool:
        return len(self.cells) > 1 and all(
            one.cell.head for one in self.cells if one.text
        )

    def is_across(self, width: int) -> bool:
        """Whether it is one cell from edge to edge."""
        return len(self.cells) == 1 and width > 1 and self.cells[0].width >= width


def write_table(
    builder: ArticleBuilder, table: Table, number: int, page: int | None = None
) -> None:
    """Add the captions, heads, rows and notes of a table, in this order, as its ``number``.

    A cell merged over several rows stands in each of them; one merged over columns stands once, under the
    heads of all of them. A row that is one cell from edge to edge is a caption above the heads, a note
    (``注：……``) at the end, and elsewhere a head of the rows below it: ``东区 / 名称：甲``.
    """
    grid = _grid(table.rows)
    titles = _leading_titles(grid)
    for text in table.captions:
        builder.add("caption", text, table=number, page=page)
    for row in grid[:titles]:
        builder.add("caption", row.cells[0].text, table=number, page=page)
    grid = grid[titles:]
    count = _count_heads(grid)
    for row in grid[:count]:
        builder.add_row(row.texts, head=True, table=number, page=page)
    _Body(builder, number, page).write(grid, count)
    for text in table.notes:
        builder.add("footnote", text, table=number, page=page)


def _grid(rows: Sequence[GridRow]) -> list[_Line]:
    """The rows that hold any text, merged cells in each of theirs."""
    grid: list[_Line] = []
    above: list[_Placed] = []
    for number, row in enumerate(rows):
        placed = list(above)
        column = 0
        for cell in row.cells:
            column = _free_column(above, column)
            right = column + max(1, min(cell.columns, _MAX_COLUMNS))
            placed.append(_Placed(cell, column, right, number))
            column = right
        placed.sort(key=lambda one: one.left)
        # A row of which nothing is left but what reaches down into it is none.
        if any(cell.text for cell in row.cells):
            grid.append(_Line(placed, row.head))
        above = [one for one in placed if one.top + one.cell.rows > number + 1]
    return grid


def _free_column(above: Sequence[_Placed], column: int) -> int:
    """The first column from ``column`` on into which no cell reaches down."""
    for one in above:
        if one.left <= column < one.right:
            column = one.right
    return column


def _width(grid: Sequence[_Line]) -> int:
    return max((row.right for row in grid), default=0)


# which rows are heads


def _leading_titles(grid: Sequence[_Line]) -> int:
    width = _width(grid)
    count = 0
    while count < len(grid) - 1 and grid[count].is_across(width):
        count += 1
    return count


def _count_heads(grid: Sequence[_Line]) -> int:
    """How many rows at the top are heads; never all of them."""
    most = min(_MAX_HEAD_ROWS, len(grid) - 1)
    # A table that is bold throughout says nothing by it.
    looks = not all(row.looks_like_heads for row in grid)
    count = 0
    while count < most and (
        grid[count].head or (looks and grid[count].looks_like_heads)
    ):
        count += 1
    if count == 0 and most > 0 and _reads_like_heads(grid):
        count = 1
    if count == 0:
        return 0
    count = max(count, min(_merged_depth(grid), most))
    return count + 1 if count < most and _is_units(grid[count]) else count


def _merged_depth(grid: Sequence[_Line]) -> int:
    """How many rows the heads are by their merged cells: below one that spans columns are heads, too.

    ``区`` merged over two rows beside ``医院`` merged over two columns: the heads are two rows.
    """
    depth = 1
    row = 0
    while row < depth < len(grid):
        spans = any(one.width > 1 for one in grid[row].cells)
        if spans and _are_labels(grid[row + 1]):
            depth = max(depth, row + 2)
        row += 1
    return depth


def _reads_like_heads(grid: Sequence[_Line]) -> bool:
    first = grid[0]
    if not _are_labels(first) or _is_form(grid):
        return False
    # A list of names in three columns would be one, too, but people give their tables heads.
    if _width(grid) > 2:
        return True
    if any(text.strip().lower() in _GENERIC for text in first.texts):
        return True
    return _are_of_one_unit([row.texts[-1] for row in grid[1:]])


def _are_labels(row: _Line) -> bool:
    """Whether the cells name things: they are short and without figures other than periods.

    ``区 | 2023年 | 占比（2024）`` are labels, ``临江区 | 23`` are not.
    """
    texts = row.filled
    if len(row.cells) < 2 or 2 * len(texts) < len(row.cells):
        return False
    return all(map(_is_label, texts))


def _is_label(text: str) -> bool:
    return len(text) <= _MAX_LABEL and not _DIGIT.search(_PERIOD.sub("", text))


def _are_of_one_unit(values: Sequence[str]) -> bool:
    """Whether all are figures of one kind, as in a column under a head: ``3, 4, 7``, not ``2 kg, 220 V``."""
    units: set[str] = set()
    for value in values:
        if not _DIGIT.search(value):
            return False
        units.add(_FIGURE.sub("", value))
    return len(values) > 1 and len(units) == 1


def _is_units(row: _Line) -> bool:
    """Whether a row below the heads gives their units: ``- | N/mm2 | %``."""
    texts = row.filled
    return len(texts) > 1 and all(_UNIT.fullmatch(text) for text in texts)


# keys and values


def _is_form(grid: Sequence[_Line]) -> bool:
    """Whether keys and values alternate in the rows: ``姓名 | 张三 | 性别 | 男``.

    Keys show by their looks (bold, ``th``), by a colon, or by a row whose one value is as wide as the rest.
    """
    width = _width(grid)
    if width % 2 or width < 2:
        return False
    rows = [row for row in grid if len(row.cells) > 1]
    if 2 * sum(map(_alternates, rows)) > len(rows):
        return True
    # 住址 | 城东路三号, the second as wide as three others: no heads could stand over such a row.
    return any(_is_wide_value(row, width) for row in rows)


def _is_wide_value(row: _Line, width: int) -> bool:
    return width > 2 and len(row.cells) == 2 and row.cells[1].width == width - 1


def _alternates(row: _Line) -> bool:
    if len(row.cells) % 2 or not any(row.texts[::2]):
        return False
    by_looks = by_colon = True
    for index, one in enumerate(row.cells):
        is_key = index % 2 == 0
        by_looks = by_looks and one.cell.head == is_key
        by_colon = by_colon and (
            not is_key or not one.text or one.text.endswith(("：", ":"))
        )
    return by_looks or by_colon


def _as_pairs(row: _Line) -> tuple[list[str], list[str]]:
    """The cells and heads of a row of keys and values: each key is the head of the cell after it."""
    cells: list[str] = []
    heads: list[str] = []
    for index, text in enumerate(row.texts):
        is_key = index % 2 == 0 and index + 1 < len(row.cells)
        is_named = index % 2 == 1 and len(cells[-1]) <= _MAX_LABEL
        heads.append(cells[-1] if is_named else "")
        cells.append(text.rstrip(_KEY_ENDS) if is_key else text)
    return cells, heads


# rows below the heads


@dataclass(slots=True)
class _Body:
    """The rows of a table below its heads, as they are written."""

    builder: ArticleBuilder
    number: int
    page: int | None

    def write(self, grid: Sequence[_Line], count: int) -> None:
        """Write the rows from the ``count``-th on; those before it are heads."""
        heads = _heads_of_columns(grid[:count])
        width = _width(grid)
        pairs = count == 0 and (width == 2 or _is_form(grid))
        section = ""
        for row in grid[count:]:
            if row.is_across(width):
                section = self._across(row, is_last=row is grid[-1]) or section
            elif pairs:
                self._row(*_as_pairs(row))
            else:
                self._row(row.texts, _names(row, heads, section))

    def _across(self, row: _Line, is_last: bool) -> str | None:
        """Write a row from edge to edge; returns its text when it is over the rows that follow."""
        text = row.cells[0].text
        if NOTE.match(text):
            self.builder.add("footnote", text, table=self.number, page=self.page)
            return None
        # A last line stands over nothing: it is a row, such as a total in words.
        if is_last:
            self._row([text], [])
            return None
        self.builder.add_row([text], head=True, table=self.number, page=self.page)
        return text

    def _row(self, cells: Sequence[str], heads: Sequence[str]) -> None:
        self.builder.add_row(cells, heads, table=self.number, page=self.page)


def _heads_of_columns(rows: Sequence[_Line]) -> list[str]:
    """For each column the heads over it, from the top, joined; one merged over two rows counts once."""
    paths: list[list[str]] = [[] for _ in range(_width(rows))]
    for row in rows:
        for one in row.cells:
            for path in paths[one.left : one.right]:
                if one.text not in _BLANKS and (not path or path[-1] != one.text):
                    path.append(one.text)
    return [HEAD_SEPARATOR.join(path) for path in paths]


def _names(row: _Line, heads: Sequence[str], section: str) -> list[str]:
    """The head of each cell; the first bears the section's, too."""
    names = [_name(heads, one) for one in row.cells]
    if section:
        names[0] = HEAD_SEPARATOR.join(filter(None, (section, names[0])))
    return names


def _name(heads: Sequence[str], one: _Placed) -> str:
    """The head of a cell; of one that spans columns, those of all: ``2023年、2024年：停运``."""
    names = dict.fromkeys(name for name in heads[one.left : one.right] if name)
    joined = "、".join(names)
    return joined if len(joined) <= _MAX_NAME else ""
