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

_Line = tuple[Span, bool]
"""A line without the white space around it, and whether it is indented."""

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
    stretches: list[list[_Line]] = []
    for start, end in paragraphs(text[part.start : part.end]):
        stretch = _lines_within(text, part.start + start, part.start + end)
        if stretch:
            stretches.append(stretch)
    wrapped = _wrapped_from(text, stretches)
    found: list[Lines] = []
    for stretch in stretches:
        lines: Lines = []
        for line, is_indented in stretch:
            if line[0] == line[1]:
                continue
            if lines and (is_indented or _is_whole(text, lines[-1], wrapped)):
                found.append(lines)
                lines = []
            lines.append(line)
        if lines:
            found.append(lines)
    return found


def text_of(text: str, lines: Lines) -> str:
    """A paragraph with nothing between its lines."""
    return "".join(text[start:end] for start, end in lines)


def _lines_within(text: str, start: int, end: int) -> list[_Line]:
    lines: list[_Line] = []
    for match in _LINE.finditer(text, start, end):
        is_indented = text.startswith(_INDENTS, match.start())
        lines.append((stripped(text, *match.span()), is_indented))
    return lines


def _is_whole(text: str, line: Span, wrapped: float) -> bool:
    """Whether a paragraph may end with this line: it ends a sentence, or is shorter than wrapped lines."""
    return _ends(text, line) or _width(text, line) < wrapped


def _wrapped_from(text: str, stretches: Sequence[Sequence[_Line]]) -> float:
    """The width from which a line that ends no sentence was wrapped: 0 where all were, infinite where none.

    A wrapped text has lines of one width and none much longer. Asked of Chinese alone: other scripts mark
    where a word ends, and their lines are of many widths.
    """
    widths: list[float] = []
    open_widths: list[float] = []
    for stretch in stretches:
        widths += [_width(text, line) for line, _ in stretch]
        for (line, _), (_, is_indented) in pairwise(stretch):
            if not is_indented and line[0] < line[1] and not _ends(text, line):
                open_widths.append(_width(text, line))
    if not open_widths:
        return 0
    (first_line, _) = stretches[0][0]
    if language(text[first_line[0] :][:_SAMPLE]) != "zh":
        return 0
    usual = median(open_widths)
    # Of 100 lines that are 40 wide as a rule, up to five may be wider than 48, and of those that end no
    # sentence half may be narrower than 30: then lines from 30 on were wrapped.
    longer = sum(width > _LONGER * usual for width in widths)
    shorter = sum(width < _SHORTER * usual for width in open_widths)
    is_even = longer <= _UNEVEN * len(widths) and shorter <= len(open_widths) / 2
    return _SHORTER * usual if is_even else inf


def _width(text: str, line: Span) -> float:
    """How wide a line is printed: a character of the Latin alphabet 1, a Chinese one 2."""
    return (line[1] - line[0] + len(text[slice(*line)].encode())) / 2


def _ends(text: str, line: Span) -> bool:
    return text[line[1] - 1] in "。！？!?”：:"
