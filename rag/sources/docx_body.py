"""The body of a DOCX, paragraph by paragraph and table by table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from rag.sources.base import ReadingError
from rag.sources.docx_numbering import BULLET, Counters
from rag.sources.docx_styles import Styles, qn, switch, value_of
from rag.sources.docx_text import (
    ParagraphContent,
    blocks,
    bold_size,
    children,
    content_of,
    is_mark_deleted,
    tidy,
)
from rag.sources.pieces import Piece, is_open_line
from rag.sources.tables import Table, TableCell, TableRow

_MAX_NESTING = 20
"""Tables and text boxes within one another."""
_MAX_HEADING = 100
"""Characters beyond which a paragraph in a heading style is a clause and no heading."""
_ARTICLE = re.compile(r"第[\d〇零一二三四五六七八九十百千]+条")
_NO_SPACE_AFTER = ("）", "、", "．", "。", "】", "：")


@dataclass(slots=True)
class Parts:
    """The XML of a document; None for what it lacks.

    ``notes`` are the roots of ``footnote`` and ``endnote``, ``furniture`` those of heads and feet.
    """

    body: Any
    styles: Any = None
    numbering: Any = None
    notes: dict[str, Any] = field(default_factory=dict)
    furniture: list[Any] = field(default_factory=list)

    def roots(self) -> Iterator[Any]:
        """All of them that there are."""
        for root in (
            self.body,
            self.styles,
            self.numbering,
            *self.notes.values(),
            *self.furniture,
        ):
            if root is not None:
                yield root


class Body:
    """Reads the body from top to bottom, counting its lists.

    ``title`` and ``first_heading`` are the first paragraphs in the style Title and in Heading 1.
    """

    def __init__(self, parts: Parts) -> None:
        self._styles = Styles.of(parts.styles)
        self._counters = Counters(parts.numbering)
        self._notes: dict[tuple[str, str], Any] = {}
        for kind, root in parts.notes.items():
            for note in root.iterchildren(qn(f"w:{kind}")):
                # Others are the rules that part notes from text.
                if note.get(qn("w:type"), "normal") == "normal":
                    self._notes[kind, note.get(qn("w:id"), "")] = note
        self.title: str | None = None
        self.first_heading: str | None = None

    def pieces_in(self, container: Any, depth: int = 0) -> list[Piece | Table]:
        """The pieces of a body, a cell or a text box.

        Raises:
            ReadingError: tables or text boxes stand in one another too deeply.
        """
        if depth > _MAX_NESTING:
            raise ReadingError("it is nested too deeply to be read")
        pieces: list[Piece | Table] = []
        open_end: tuple[Any, ParagraphContent] | None = (
            None  # a paragraph that goes on in the next one
        )
        for block in blocks(container):
            if block.tag == qn("w:tbl"):
                pieces += self._ended(open_end, depth)
                pieces += self._table(block, depth)
                open_end = None
                continue
            found = (
                open_end[1].joined(content_of(block)) if open_end else content_of(block)
            )
            open_end = (block, found)
            if not is_mark_deleted(block):
                pieces += self._paragraph(block, found, depth)
                open_end = None
        return [*pieces, *self._ended(open_end, depth)]

    def _ended(
        self, open_end: tuple[Any, ParagraphContent] | None, depth: int
    ) -> Iterator[Piece | Table]:
        """What is left of a paragraph whose end was deleted, but that nothing follows."""
        if open_end is not None:
            yield from self._paragraph(*open_end, depth)

    def _paragraph(
        self, paragraph: Any, found: ParagraphContent, depth: int
    ) -> Iterator[Piece | Table]:
        """The paragraph, then the notes that it anchors, then its text boxes."""
        # Asked of empty paragraphs, too: they count in their list.
        piece = self._piece(paragraph, tidy(found.text))
        if found.text.strip():
            yield replace(
                piece, bold=bold_size(paragraph, self._styles.is_bold(paragraph))
            )
        for text in self._notes_of(found):
            yield Piece("footnote", text)
        for box in found.boxes:
            yield from self.pieces_in(box, depth + 1)

    def _piece(self, paragraph: Any, text: str) -> Piece:
        label, depth = self._label(paragraph)
        level = self._styles.heading_level(paragraph)
        if self._styles.is_title(paragraph):
            level = 0
        if level is not None and is_open_line(text, _MAX_HEADING):
            return self._heading(_labelled(label.removeprefix(BULLET), text), level)
        printed = _labelled(label, text)
        if self._styles.is_contents(paragraph):
            return Piece("running", printed)
        if self._styles.is_caption(paragraph):
            return Piece("caption", printed)
        # 第三条 is a paragraph of a law, which may have a list of its own; others in lists are items.
        if match := _ARTICLE.match(label):
            return Piece("paragraph", printed, label=match.group())
        return Piece("paragraph" if depth is None else "list_item", printed, depth or 0)

    def _heading(self, text: str, level: int) -> Piece:
        if level == 0:
            self.title = self.title or text
        elif level == 1:
            self.first_heading = self.first_heading or text
        return Piece("heading", text, level)

    def _label(self, paragraph: Any) -> tuple[str, int | None]:
        """What Word prints before the paragraph, and its level in the list, from 1; None for no list."""
        place = self._styles.numbering(paragraph)
        if place is not None:
            label, level = self._counters.next_label(place, self._styles.key(paragraph))
            return label, level + 1
        listed = self._styles.list_level(paragraph)
        return (BULLET, listed) if listed is not None else ("", None)

    def _notes_of(self, found: ParagraphContent) -> Iterator[str]:
        for key in found.notes:
            note = self._notes.get(key)
            if note is not None:
                yield tidy("\n".join(content_of(p).text for p in note.iter(qn("w:p"))))

    # tables

    def _table(self, element: Any, depth: int) -> list[Piece | Table]:
        """A table, then what stands in its cells and is no text of a cell: text boxes, larger tables."""
        # Asked first: what is read twice is counted twice.
        if all(
            len(list(children(row, "w:tc"))) < 2 for row in children(element, "w:tr")
        ):
            return self._frame(element, depth)
        inside: list[Piece | Table] = []
        table = Table([])
        merged: dict[
            int, TableCell
        ] = {}  # by their first column, the cells that may go on in the next row
        for row in children(element, "w:tr"):
            properties = row.find(qn("w:trPr"))
            if properties is not None and properties.find(qn("w:del")) is not None:
                continue
            cells, merged = self._cells(row, merged, table, inside, depth)
            table.rows.append(
                TableRow(cells, switch(properties, "w:tblHeader") or False)
            )
        return [table, *inside]

    def _cells(
        self,
        row: Any,
        merged: dict[int, TableCell],
        table: Table,
        inside: list[Piece | Table],
        depth: int,
    ) -> tuple[list[TableCell], dict[int, TableCell]]:
        """The cells that begin in a row, and those that may go on in the next one by their first column."""
        before = value_of(row.find(qn("w:trPr")), "w:gridBefore")
        column = _whole(before)
        # A row may begin further right than the others.
        cells = [TableCell("", columns=column)] if column else []
        going_on: dict[int, TableCell] = {}
        for element in children(row, "w:tc"):
            properties = element.find(qn("w:tcPr"))
            if properties is not None and properties.find(qn("w:cellDel")) is not None:
                continue
            columns = max(1, _whole(value_of(properties, "w:gridSpan")))
            merge = properties.find(qn("w:vMerge")) if properties is not None else None
            goes_on = (
                merge is not None and merge.get(qn("w:val"), "continue") == "continue"
            )
            # One that goes on where nothing began is a cell of its own.
            if goes_on and column in merged:
                merged[column].rows += 1
                going_on[column] = merged[column]
            else:
                cell = self._cell(element, columns, table, inside, depth)
                cells.append(cell)
                if merge is not None:
                    going_on[column] = cell
            column += columns
        return cells, going_on

    def _cell(
        self,
        element: Any,
        columns: int,
        table: Table,
        inside: list[Piece | Table],
        depth: int,
    ) -> TableCell:
        """A cell's text on one line; its notes go below the table, a small table in it into its text."""
        texts: list[str] = []
        bold: list[bool] = []
        for block in blocks(element):
            if block.tag == qn("w:tbl"):
                self._inner(block, texts, inside, depth)
                continue
            found = content_of(block)
            label, _ = self._label(block)
            # A column of numbers (序号) is often nothing but labels.
            text = _labelled(label.removeprefix(BULLET), tidy(found.text))
            if text:
                texts.append(text)
                bold.append(bold_size(block, self._styles.is_bold(block)) is not None)
            table.notes += self._notes_of(found)
            for box in found.boxes:
                inside += self.pieces_in(box, depth + 1)
        return TableCell(
            " ".join(texts), columns=columns, head=bool(bold) and all(bold)
        )

    def _inner(
        self, element: Any, texts: list[str], inside: list[Piece | Table], depth: int
    ) -> None:
        """A table in a cell: of one row or column it is text of the cell, else it follows the outer one."""
        for piece in self._nested(element, depth):
            if isinstance(piece, Piece):
                texts.append(piece.text)
            elif len(piece.rows) == 1:
                texts.append(
                    " ".join(cell.text for cell in piece.rows[0].cells if cell.text)
                )
            else:
                inside.append(piece)

    def _nested(self, element: Any, depth: int) -> list[Piece | Table]:
        if depth + 1 > _MAX_NESTING:
            raise ReadingError("it is nested too deeply to be read")
        return self._table(element, depth + 1)

    def _frame(self, element: Any, depth: int) -> list[Piece | Table]:
        """A table of one column is a frame around what stands in it."""
        pieces: list[Piece | Table] = []
        for row in children(element, "w:tr"):
            for cell in children(row, "w:tc"):
                pieces += self.pieces_in(cell, depth + 1)
        return pieces


def _labelled(label: str, text: str) -> str:
    """``第三条 …``, ``（一）…``: a space parts them where the label does not end in a full-width mark."""
    if not label or not text:
        return text or label.removeprefix(BULLET)
    return label + text if label.endswith(_NO_SPACE_AFTER) else f"{label} {text}"


def _whole(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else 0
