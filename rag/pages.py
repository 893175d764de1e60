"""Source -> Documents: what a file holds, read as text with a map back to its characters.

For now each part of a source is one document: its paragraphs in the order they stand,
exact repeats folded into one with the places of the others kept. Reading a jumbled page as
its articles belongs here and changes nothing outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePath

from models.language.words import has_han
from rag.passages import paragraphs
from rag.records import Copy, Document, MapEntry, Part, Source, Span

SHORTEST_REPEAT = 12
"""Shorter paragraphs (a byline, a table cell) may recur and mean something each time."""

_TITLE_MAX = 60
_LINE = re.compile(r"[^\n]+")


@dataclass(slots=True)
class _Text:
    """A document's text as it grows, with its map."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    map: list[MapEntry] = field(default_factory=list)

    def append(self, source: str, spans: list[Span]) -> Span:
        """Add one paragraph made of these stretches of the source; return its span in the text."""
        if self.pieces:
            self._put("\n\n")
        first = self.length
        for start, end in spans:
            if self.length > first and _needs_space(self.pieces[-1][-1], source[start]):
                self._put(" ")
            self.map.append((self.length, self.length + end - start, start))
            self._put(source[start:end])
        return first, self.length

    def _put(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)


def recover(source: Source) -> list[Document]:
    """The documents of a source, ids 0. A part without any text yields none."""
    found = (_document(source, part) for part in source.parts)
    return [document for document in found if document is not None]


def _document(source: Source, part: Part) -> Document | None:
    body = _Text()
    seen: dict[str, Span] = {}
    copies: list[tuple[Span, Copy]] = []
    for lines in _paragraphs(source.text, part):
        key = "".join(source.text[start:end] for start, end in lines)
        if len(key) >= SHORTEST_REPEAT and key in seen:
            copies.append((seen[key], Copy(source.name, source.sha256, tuple(lines))))
        else:
            seen[key] = body.append(source.text, lines)
    text = "".join(body.pieces)
    if not text:
        return None
    return Document(
        id=0,
        title=part.title or _title(text, source.name),
        text=text,
        source_name=source.name,
        source_sha256=source.sha256,
        map=tuple(body.map),
        published=part.published,
        copies=tuple(copies),
    )


def _paragraphs(text: str, part: Part) -> list[list[Span]]:
    """Paragraphs as the spans of their lines.

    A line break inside a paragraph counts as a new paragraph when the line before it ends a sentence or
    the next one is indented; else the line was wrapped.
    """
    found: list[list[Span]] = []
    for start, end in paragraphs(text[part.start : part.end]):
        lines: list[Span] = []
        for match in _LINE.finditer(text, part.start + start, part.start + end):
            line = _strip(text, *match.span())
            if line[0] == line[1]:
                continue
            indented = line[0] > match.start() and text[match.start()] in "\u3000\t"
            if lines and (indented or text[lines[-1][1] - 1] in "。！？!?”：:"):
                found.append(lines)
                lines = []
            lines.append(line)
        if lines:
            found.append(lines)
    return found


def _title(text: str, name: str) -> str:
    """The first line, cut short when it is a paragraph; the name when there is none."""
    first = text.split("\n", 1)[0].strip()
    if not first:
        return PurePath(name).stem
    return first if len(first) <= _TITLE_MAX else first[: _TITLE_MAX - 20] + "…"


def _needs_space(before: str, after: str) -> bool:
    return not has_han(before + after) and before not in "-，。、；：“‘（" and ord(after) < 0x2E80


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
