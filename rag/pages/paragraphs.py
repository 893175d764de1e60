"""The paragraphs of a text, whether blank lines, indents or line breaks part them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import inf
from statistics import median

from models.language.words import language
from rag.passages import paragraphs
from rag.records import Part, Span
from rag.text.spans import stripped

Lines = list[Span]
"""A paragraph as the spans of its lines."""

_LINE = re.compile(r"[^\n]+")
_INDENTS = ("\u3000", "\t", "    ")
_SAMPLE = 4000
_SHORTER, _LONGER = 0.75, 1.2
"""Times the usual width of lines: below the one a line was not wrapped, above the other it cannot be."""
_UNEVEN = 0.05
"""The share of lines that may be too long in a text that is wrapped: an address, a row of a table."""


def lines_of(text: str, part: Part) -> list[Lines]:
    """Paragraphs as the spans of their lines.

    A line break inside a paragraph counts as a new paragraph when the line before it ends a sentence, or is
    shorter than wrapped lines are, or the next one is indented; else the line was wrapped. Where lines are of
    all lengths, as in a page that has each block on a line, none was.
    """
    found: list[Lines] = []
    stretches = [
        [
            (stripped(text, *match.span()), text.startswith(_INDENTS, match.start()))
            for match in within
        ]
        for start, end in paragraphs(text[part.start : part.end])
        if (within := list(_LINE.finditer(text, part.start + start, part.start + end)))
    ]
    wrapped = _wrapped_from(text, stretches)
    for stretch in stretches:
        lines: Lines = []
        for line, indented in stretch:
            if line[0] == line[1]:
                continue
            if lines and (
                indented or _ends(text, lines[-1]) or _width(text, lines[-1]) < wrapped
            ):
                found.append(lines)
                lines = []
            lines.append(line)
        if lines:
            found.append(lines)
    return found


def _wrapped_from(text: str, stretches: Sequence[Sequence[tuple[Span, bool]]]) -> float:
    """The width from which a line that ends no sentence was wrapped: 0 where all were, infinite where none.

    A wrapped text has lines of one width and none much longer. Asked of Chinese alone: other scripts mark
    where a word ends, and their lines are of many widths.
    """
    open_lines = [
        _width(text, line)
        for stretch in stretches
        for (line, _), (_, indented) in pairwise(stretch)
        if not indented and line[0] < line[1] and not _ends(text, line)
    ]
    if not open_lines or language(text[stretches[0][0][0][0] :][:_SAMPLE]) != "zh":
        return 0
    usual = median(open_lines)
    widths = [_width(text, line) for stretch in stretches for line, _ in stretch]
    longer = sum(width > _LONGER * usual for width in widths)
    shorter = sum(width < _SHORTER * usual for width in open_lines)
    even = longer <= _UNEVEN * len(widths) and shorter <= len(open_lines) / 2
    return _SHORTER * usual if even else inf


def _width(text: str, line: Span) -> float:
    """How wide a line is printed: a character of the Latin alphabet 1, a Chinese one 2."""
    return (line[1] - line[0] + len(text[slice(*line)].encode())) / 2


def _ends(text: str, line: Span) -> bool:
    return text[line[1] - 1] in "。！？!?”：:"
