"""Document -> Passages: paragraphs, the long ones split between sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.language.sentences import GAP, sentences
from rag.records import Document, Passage, Span

MAX_CHARS = 320
"""A paragraph up to this long is one passage; a longer one is split where sentences end."""

_PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*")


def split(document: Document, max_chars: int = MAX_CHARS) -> list[Passage]:
    """The passages of a document in order; ids are 0 until the store gives them.

    No sentence is cut: one that is longer than ``max_chars`` is a passage by itself.
    """
    return [
        Passage(0, document.id, start, end, document.text[start:end])
        for paragraph in paragraphs(document.text)
        for stretch in _between_gaps(document.text, *paragraph)
        for start, end in _pack(sentences(document.text, *stretch), max_chars)
    ]


def _between_gaps(text: str, start: int, end: int) -> Iterator[Span]:
    """A paragraph as its stretches before, between and after gaps, which are no text of the source."""
    while (gap := text.find(GAP, start, end)) >= 0:
        yield start, gap
        start = gap + len(GAP)
    yield start, end


def paragraphs(text: str) -> list[Span]:
    """Stretches between blank lines, white space around them left out."""
    found = (match.span() for match in _PARAGRAPH.finditer(text))
    return [(start, start + len(text[start:end].rstrip())) for start, end in found]


def _pack(parts: list[Span], max_chars: int) -> list[Span]:
    """Join neighbours into as few stretches of at most ``max_chars`` as may be, evenly filled."""
    if not parts:
        return []
    total = parts[-1][1] - parts[0][0]
    target = total / -(-total // max_chars)
    packed: list[Span] = []
    start, end = parts[0]
    for next_start, next_end in parts[1:]:
        if next_end - start > max_chars or end - start >= target:
            packed.append((start, end))
            start = next_start
        end = next_end
    return [*packed, (start, end)]
