"""ODT: headings, paragraphs, lists, tables and text boxes in order, notes below their paragraph.

Tracked changes are read as accepted. Comments, the table of contents, heads and feet of pages are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

from rag.sources import archive
from rag.sources.base import ArticleBuilder, Limits, Reading, ReadingError
from rag.sources.grid import Merged, add_tables

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_STYLE = f"{_TEXT}style-name"
_KIND = "application/vnd.oasis.opendocument.text"

_GONE = frozenset(
    {
        f"{_OFFICE}annotation", f"{_TEXT}tracked-changes", f"{_TEXT}table-of-content", f"{_TEXT}ruby-text",
        f"{_OFFICE}forms", f"{_TEXT}sequence-decls", f"{_TEXT}alphabetical-index",
    }
)  # fmt: skip
_ROWS_WITHIN = frozenset(
    {f"{_TABLE}table-rows", f"{_TABLE}table-row-group", f"{_TABLE}table-header-rows"}
)
_MAX_REPEATED = 1_000
"""Cells or rows that stand for many, such as all the empty ones to the edge of a sheet."""


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError for a file that is encrypted, damaged or no ODT, TooLargeError for a zip bomb."""
    zipped = archive.opened(data, "an ODT")
    try:
        archive.refuse_declared_entities(zipped)
        return _read(zipped)
    except archive.FAULTS as error:
        raise ReadingError(
            f"it is not an ODT or is damaged ({type(error).__name__})"
        ) from None


def _read(zipped: ZipFile) -> Reading:
    if b"encryption-data" in zipped.read("META-INF/manifest.xml"):
        raise ReadingError("it is encrypted; save it without a password")
    body = archive.xml(zipped, "content.xml").find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise ReadingError("it is not a text document; save it as .odt, .xlsx or .pptx")
    text = _Text()
    text.add_all(body)
    return Reading(
        (text.builder.article(text.title or _declared_title(zipped)),), "binary"
    )


def _declared_title(zipped: ZipFile) -> str | None:
    if "meta.xml" not in zipped.namelist():
        return None
    found = next(archive.xml(zipped, "meta.xml").iter(_TITLE), None)
    return found.text if found is not None else None


class _Text:
    """What was read of the text so far."""

    def __init__(self) -> None:
        self.builder = ArticleBuilder()
        self.title: str | None = None
        self._first_heading: str | None = None
        self._table = 1
        self._notes: list[str] = []
        self._boxes: list[Any] = []

    def add_all(self, parent: Any, level: int = 0) -> None:
        """Add the blocks within an element; ``level`` counts the lists that they stand in."""
        for element in parent.iterchildren(tag="*"):
            if element.tag == f"{_TEXT}h":
                self._add_paragraph(
                    element, int(element.get(f"{_TEXT}outline-level", "1")), level=0
                )
            elif element.tag == f"{_TEXT}p":
                self._add_paragraph(element, None, level)
            elif element.tag == f"{_TEXT}list":
                self.add_all(element, level + 1)
            elif element.tag == f"{_TABLE}table":
                self._add_table(element)
            elif element.tag not in _GONE:
                self.add_all(
                    element, level
                )  # a section, a list's item, a frame: what is within

    def _add_paragraph(self, element: Any, outline: int | None, level: int) -> None:
        text = self._inline(element).strip()
        if element.get(_STYLE) == "Title" and text:
            self.title = self.title or text
            outline = 1
        if outline is not None:
            if outline == 1:
                self.title = self.title or text
            self.builder.add("heading", text, level=outline)
        elif level:
            self.builder.add("list_item", text, level=level)
        else:
            self.builder.add("paragraph", text)
        notes, boxes = self._notes, self._boxes
        self._notes, self._boxes = [], []
        for note in notes:
            self.builder.add("footnote", note)
        for box in boxes:
            self.add_all(box)

    def _inline(self, element: Any) -> str:
        """The text of a paragraph; notes and text boxes in it are kept for when it is done."""
        pieces = [element.text or ""]
        for child in element.iterchildren(tag="*"):
            pieces.append(self._child(child))
            pieces.append(child.tail or "")
        return "".join(pieces)

    def _child(self, child: Any) -> str:
        if child.tag == f"{_TEXT}s":
            return " " * min(int(child.get(f"{_TEXT}c", "1")), 100)
        if child.tag == f"{_TEXT}tab":
            return "\t"
        if child.tag == f"{_TEXT}line-break":
            return "\n"
        if child.tag == f"{_TEXT}note":
            return self._note(child)
        if child.tag == f"{_DRAW}frame":
            self._boxes.extend(child.iter(f"{_DRAW}text-box"))
            return ""
        return "" if child.tag in _GONE else self._inline(child)

    def _note(self, note: Any) -> str:
        """The mark of a note, as it prints; its text is kept."""
        citation, body = (
            note.find(f"{_TEXT}note-citation"),
            note.find(f"{_TEXT}note-body"),
        )
        mark = "".join(citation.itertext()).strip() if citation is not None else ""
        if body is not None:
            lines = [
                self._inline(paragraph).strip() for paragraph in body.iter(f"{_TEXT}p")
            ]
            self._notes.append(f"{mark} {' '.join(lines)}".strip())
        return mark

    def _add_table(self, table: Any) -> None:
        rows: list[list[str]] = []
        merged: list[Merged] = []
        heads = 0
        for row, is_head in _rows(table):
            for _ in range(_repeated(row, "rows")):
                heads += is_head
                rows.append(self._cells(row, len(rows), merged))
        self._table = add_tables(
            self.builder,
            rows,
            first=self._table,
            merged=merged,
            head_rows=heads or None,
        )

    def _cells(self, row: Any, top: int, merged: list[Merged]) -> list[str]:
        cells: list[str] = []
        for cell in row.iterchildren(
            f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"
        ):
            left = len(cells)
            covered = cell.tag == f"{_TABLE}covered-table-cell"
            lines = () if covered else cell.iter(f"{_TEXT}p", f"{_TEXT}h")
            text = " ".join(self._inline(line).strip() for line in lines)
            cells.extend([text] * _repeated(cell, "columns"))
            down, right = (
                int(cell.get(f"{_TABLE}number-{way}-spanned", "1"))
                for way in ("rows", "columns")
            )
            if down > 1 or right > 1:
                merged.append(Merged(top, left, top + down, left + right))
        return cells


def _rows(parent: Any, is_head: bool = False) -> Iterator[tuple[Any, bool]]:
    """The rows of a table, and whether each is one of heads."""
    for element in parent.iterchildren(tag="*"):
        if element.tag == f"{_TABLE}table-row":
            yield element, is_head
        elif element.tag in _ROWS_WITHIN:
            yield from _rows(
                element, is_head or element.tag == f"{_TABLE}table-header-rows"
            )


def _repeated(element: Any, what: str) -> int:
    return min(int(element.get(f"{_TABLE}number-{what}-repeated", "1")), _MAX_REPEATED)
