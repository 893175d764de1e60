"""A part of a source that is in order: its paragraphs as they stand, exact repeats folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from rag.pages.edition import Calendar
from rag.pages.fields import fields_of
from rag.pages.paragraphs import Lines
from rag.pages.stretch import needs_space
from rag.records import Copy, Document, Layout, MapEntry, Part, Source, Span

SHORTEST_REPEAT = 12
"""Shorter paragraphs (a byline, a table cell) may recur and mean something each time."""

_TITLE_MAX = 60


@dataclass(slots=True)
class _Text:
    """A document's text as it grows, with its map."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    map: list[MapEntry] = field(default_factory=list)

    def append(self, source: str, spans: Lines) -> Span:
        """Add one paragraph made of these stretches of the source; return its span in the text."""
        if self.pieces:
            self._put("\n\n")
        first = self.length
        for start, end in spans:
            if self.length > first and needs_space(self.pieces[-1][-1], source[start]):
                self._put(" ")
            self.map.append((self.length, self.length + end - start, start))
            self._put(source[start:end])
        return first, self.length

    def _put(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)


def plain_document(source: Source, part: Part, found: Sequence[Lines]) -> Document | None:
    """The document of a part whose paragraphs are in order; None when there is no text in it."""
    body = _Text()
    seen: dict[str, Span] = {}
    copies: list[tuple[Span, Copy]] = []
    for lines in found:
        key = "".join(source.text[start:end] for start, end in lines)
        if len(key) >= SHORTEST_REPEAT and key in seen:
            copies.append((seen[key], Copy(source.name, source.sha256, tuple(lines))))
        else:
            seen[key] = body.append(source.text, lines)
    text = "".join(body.pieces)
    if not text:
        return None
    document = Document(
        id=0,
        title=part.title or title_of(text, source.name),
        text=text,
        source_name=source.name,
        source_sha256=source.sha256,
        map=tuple(body.map),
        published=part.published,
        copies=tuple(copies),
    )
    return _with_fields(document)


def _with_fields(document: Document) -> Document:
    """What its first paragraphs say of it: who wrote it, where and when."""
    first = document.text[:600].split("\n\n")[:6]
    last = document.text[-80:].rsplit("\n\n", 1)[-1]
    edges = [*first, last] if len(first) > 1 else first
    fields = fields_of(edges, Calendar.of_page(document.text, edges), document.published)
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


def title_of(text: str, name: str) -> str:
    """The first line, cut short when it is a paragraph; the name when there is none."""
    first = text.split("\n", 1)[0].strip()
    if not first:
        return PurePath(name).stem
    return first if len(first) <= _TITLE_MAX else first[: _TITLE_MAX - 20] + "…"
