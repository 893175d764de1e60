"""A part of a source that is in order: its blocks as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from rag.pages.edition import Calendar
from rag.pages.fields import fields_of
from rag.pages.paragraphs import Lines
from rag.pages.stretch import needs_space
from rag.records import (
    Block,
    Cell,
    Document,
    Layout,
    MapEntry,
    Part,
    Role,
    Source,
    Span,
)
from rag.sources.outline import Paragraph, outline
from rag.text.blocks import moved

_TITLE_MAX = 60


@dataclass(slots=True)
class _Text:
    """A document's text as it grows, with its map and its blocks."""

    source: str
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    map: list[MapEntry] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def append(self, paragraph: Paragraph) -> None:
        """Add one paragraph, its lines joined, and its block."""
        if self.pieces:
            self._put("\n\n" if paragraph.parted else "\n")
        first = self.length
        shift = first - paragraph.lines[0][0]
        for start, end in paragraph.lines:
            goes_on = self.length > first
            if goes_on and needs_space(self.pieces[-1][-1], self.source[start]):
                self._put(" ")
            self.map.append((self.length, self.length + end - start, start))
            self._put(self.source[start:end])
        cells: list[Cell] = []
        for cell in paragraph.cells:
            cells.append(Cell(cell.head, cell.start + shift, cell.end + shift))
        block = Block(
            paragraph.role,
            first,
            self.length,
            paragraph.level,
            table=paragraph.table,
            cells=tuple(cells),
            label=paragraph.label,
        )
        self.blocks.append(block)

    def _put(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)


def plain_document(source: Source, part: Part) -> Document | None:
    """The document of a part that is in order; None when there is no text in it.

    What declares its structure is taken character for character; running text has its wrapped lines joined
    and its structure told from its lines.
    """
    if part.blocks:
        return _with_fields(_declared(source, part))
    return told_from_lines(source, part, outline(source.text, part.start, part.end))


def folio_document(
    source: Source, part: Part, found: Sequence[Lines]
) -> Document | None:
    """The document of what a page bears at its head and foot."""
    return told_from_lines(source, part, [Paragraph(list(lines)) for lines in found])


def told_from_lines(
    source: Source, part: Part, paragraphs: Sequence[Paragraph]
) -> Document | None:
    """The document of these paragraphs in the order given; None when there are none."""
    body = _Text(source.text)
    for paragraph in paragraphs:
        body.append(paragraph)
    text = "".join(body.pieces)
    if not text:
        return None
    document = Document(
        id=0,
        title=part.title or title_of(text, source.name, body.blocks[0].role),
        text=text,
        source_name=source.name,
        source_sha256=source.sha256,
        map=tuple(body.map),
        published=part.published,
        blocks=tuple(body.blocks),
    )
    return _with_fields(document)


def _declared(source: Source, part: Part) -> Document:
    text = source.text[part.start : part.end]
    return Document(
        id=0,
        title=part.title or title_of(text, source.name, part.blocks[0].role),
        text=text,
        source_name=source.name,
        source_sha256=source.sha256,
        map=((0, len(text), part.start),),
        published=part.published,
        blocks=tuple(
            moved(block, -part.start) for block in _told_more(source.text, part)
        ),
    )


def _told_more(text: str, part: Part) -> list[Block]:
    """The declared blocks; what is only a paragraph there, but shows by its line what it is, with that role.

    People type ``第三条`` and ``（一）`` as they type anything. Lines are made headings only where the format
    declares none: who knows how to make headings has made those that he wanted.
    """
    declares = any(block.role == "heading" for block in part.blocks)
    shown: dict[Span, Paragraph] = {}
    for paragraph in outline(text, part.start, part.end):
        if paragraph.role not in ("table_head", "table_row", "running"):
            span = (paragraph.lines[0][0], paragraph.lines[-1][1])
            shown[span] = paragraph
    blocks: list[Block] = []
    for block in part.blocks:
        told = shown.get((block.start, block.end))
        if (
            block.role != "paragraph"
            or told is None
            or (told.role == "heading" and declares)
        ):
            blocks.append(block)
        else:
            role, level, label = told.role, told.level, told.label
            blocks.append(replace(block, role=role, level=level, label=label))
    return blocks


def _with_fields(document: Document) -> Document:
    """What its first paragraphs say of it: who wrote it, where and when."""
    first = document.text[:600].split("\n\n")[:6]
    last = document.text[-80:].rsplit("\n\n", 1)[-1]
    edges = [*first, last] if len(first) > 1 else first
    calendar = Calendar.of_page(document.text, edges)
    fields = fields_of(edges, calendar, document.published)
    if fields.empty:
        return document
    return replace(
        document,
        byline=fields.byline,
        dateline=fields.dateline,
        place=fields.place,
        published=fields.published,
        layout=Layout(agency=fields.agency, published_from=fields.published_from),
    )


def title_of(text: str, name: str, role: Role = "paragraph") -> str:
    """The first line when it is short enough for a title; else the name of the file, without its suffix."""
    first = text.split("\n", 1)[0].strip().lstrip("# ")
    is_title = role in ("heading", "paragraph") and 0 < len(first) <= _TITLE_MAX
    return first if is_title else PurePath(name).stem
