"""A table of any format, to rows that each know their heads.

    | 区     | 医院（家）      |     the head: two rows, 区 over both of them, 医院（家） over two columns
    |        | 2023年 | 2024年 |
    | 临江区 | 23     | 27     |     区：临江区；医院（家） / 2023年：23；医院（家） / 2024年：27

Where a format does not say which rows are heads, they are told from what stands in them (``table_heads``). A
table without heads whose cells are keys and values (``型号 | X-200``) is read as such: the key is the value's
head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.records import Role
from rag.sources.base import ArticleBuilder
from rag.sources.table_cells import MAX_LABEL, is_note
from rag.sources.table_heads import (
    HEAD_SEPARATOR,
    count_captions,
    count_heads,
    first_note,
    heads_of_columns,
    is_form,
)
from rag.sources.table_lines import (
    Line,
    PlacedCell,
    Table,
    TableCell,
    TableRow,
    lines_of,
    width_of,
)

__all__ = ["Table", "TableCell", "TableRow", "write_table"]

_MAX_NAME = 40
"""Characters of the joined heads of a cell that spans several columns; beyond it bears none."""
_KEY_ENDS = " \t：:"


def write_table(
    builder: ArticleBuilder, table: Table, number: int, page: int | None = None
) -> None:
    """Add the captions, heads, rows and notes of a table, in this order, as its ``number``.

    A cell merged over several rows stands in each of them; one merged over columns stands once, under the
    heads of all of them. A line that is one cell from edge to edge is a caption above the heads, a note
    (``注：……``) at the end, and elsewhere a head of the rows below it: ``东区 / 名称：甲``.
    """
    lines = lines_of(table.rows)
    captions = count_captions(lines, table.is_sheet)
    notes = max(first_note(lines, table.is_sheet), captions)
    body = lines[captions:notes]
    writer = _Writer(builder, number, page)
    for text in table.captions:
        writer.add("caption", text)
    for line in lines[:captions]:
        writer.add("caption", _said_once(line))
    writer.add_body(body, table.is_sheet)
    for line in lines[notes:]:
        writer.add("footnote", _said_once(line))
    for text in table.notes:
        writer.add("footnote", text)


def _said_once(line: Line) -> str:
    """The texts of a line, one that is repeated in it once."""
    return " ".join(dict.fromkeys(line.filled))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the lines of one table to an article."""

    builder: ArticleBuilder
    number: int
    page: int | None

    def add(self, role: Role, text: str) -> None:
        self.builder.add(role, text, table=self.number, page=self.page)

    def add_body(self, lines: Sequence[Line], is_sheet: bool) -> None:
        """Write what is neither caption nor note: heads, then rows under them."""
        count = count_heads(lines, is_sheet)
        for line in lines[:count]:
            self._add_head(line.texts)
        width = width_of(lines)
        is_pairs = count == 0 and _holds_pairs(lines, width, is_sheet)
        heads = heads_of_columns(lines[:count], is_sheet)
        last_wide = _last_wider_than_one(lines, width)
        section = ""
        for number, line in enumerate(lines[count:], start=count):
            if not line.is_across(width):
                if is_pairs:
                    self._add_row(*_as_pairs(line))
                else:
                    self._add_row(line.texts, _names(line, heads, section))
            elif is_note(line.cells[0].text):
                self.add("footnote", line.cells[0].text)
            # A last line stands over nothing: it is a row, such as a total in words.
            elif number > last_wide:
                self._add_row([line.cells[0].text], [])
            else:
                section = line.cells[0].text
                self._add_head([section])

    def _add_head(self, cells: Sequence[str]) -> None:
        self.builder.add_row(cells, head=True, table=self.number, page=self.page)

    def _add_row(self, cells: Sequence[str], heads: Sequence[str]) -> None:
        """Write a row without the empty cells at its end."""
        end = len(cells)
        while end and not cells[end - 1]:
            end -= 1
        self.builder.add_row(cells[:end], heads, table=self.number, page=self.page)


def _last_wider_than_one(lines: Sequence[Line], width: int) -> int:
    """The number of the last line that is more than one cell from edge to edge; -1 for none."""
    for number in range(len(lines) - 1, -1, -1):
        if not lines[number].is_across(width):
            return number
    return -1


def _holds_pairs(lines: Sequence[Line], width: int, is_sheet: bool) -> bool:
    """Whether a table without heads is one of keys and values."""
    # Two columns of a sheet without heads are records: 甲 | 100, 乙 | 200.
    return is_form(lines, is_sheet) or (width == 2 and not is_sheet)


def _as_pairs(line: Line) -> tuple[list[str], list[str]]:
    """The cells and heads of a line of keys and values: each key is the head of the cell after it."""
    cells: list[str] = []
    heads: list[str] = []
    for index, text in enumerate(line.texts):
        is_key = index % 2 == 0 and index + 1 < len(line.cells)
        is_named = index % 2 == 1 and len(cells[-1]) <= MAX_LABEL
        heads.append(cells[-1] if is_named else "")
        cells.append(text.rstrip(_KEY_ENDS) if is_key else text)
    return cells, heads


def _names(line: Line, heads: Sequence[str], section: str) -> list[str]:
    """The head of each cell; the first bears the section's, too: ``东区 / 名称``."""
    names = [_name(heads, placed) for placed in line.cells]
    if section:
        names[0] = f"{section}{HEAD_SEPARATOR}{names[0]}" if names[0] else section
    return names


def _name(heads: Sequence[str], placed: PlacedCell) -> str:
    """The head of a cell; of one that spans columns, those of all: ``2023年、2024年：停运``."""
    over_it = heads[placed.left : placed.right]
    joined = "、".join(dict.fromkeys(filter(None, over_it)))
    return joined if len(joined) <= _MAX_NAME else ""
