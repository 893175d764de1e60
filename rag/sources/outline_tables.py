"""Tables in running text: lines with as many cells as one another, set with tabs, bars or wide gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.records import Cell, Span
from rag.sources.outline_lines import Line, Paragraph
from rag.text.spans import stripped

_RULE = re.compile(r"[\s|:+=_\-—─━┼┬┴├┤]+$")
_DIGIT = re.compile(r"\d")
# Each tab parts two cells where all lines have as many of them; else several set one column under another.
_COLUMN_GAPS = (
    re.compile(r"\t|(?:(?<!\s)\s*)?\|\s*|[ \u3000]{3,}"),
    re.compile(r"\t+|(?:(?<!\s)\s*)?\|\s*|[ \u3000]{3,}"),
)


def tables_of(lines: Sequence[Line]) -> dict[int, Paragraph]:
    """The rows of tables that are set with tabs, bars or wide gaps, by the number of their line."""
    found: dict[int, Paragraph] = {}
    first = 0
    number = 0
    while first < len(lines):
        # By the gap that sets the most lines as columns.
        last, gap = first, _COLUMN_GAPS[0]
        for candidate in _COLUMN_GAPS:
            end = _end_of_table(lines, first, candidate)
            if end > last:
                last, gap = end, candidate
        # Two lines with one gap each are a line of addresses as often as a table; three are a table.
        fewest = 2 if len(_columns(lines[first], gap)) > 2 else 3
        if last - first >= fewest:
            number += 1
            found |= _table(lines[first:last], first, number, gap)
        first = max(last, first + 1)
    return found


def _end_of_table(lines: Sequence[Line], first: int, gap: re.Pattern[str]) -> int:
    """The number of the line after the last that has as many cells as the first."""
    count = len(_columns(lines[first], gap))
    if count < 2:
        return first
    last = first + 1
    while last < len(lines) and not lines[last].parted:
        is_rule = _RULE.match(lines[last].text) is not None
        if not is_rule and len(_columns(lines[last], gap)) != count:
            break
        last += 1
    return last


def _table(
    lines: Sequence[Line], first: int, number: int, gap: re.Pattern[str]
) -> dict[int, Paragraph]:
    """The rows of table ``number``, whose lines are numbered from ``first``."""
    rows: dict[int, Paragraph] = {}
    heads: list[str] | None = None
    for at, line in enumerate(lines, start=first):
        span = [(line.start, line.end)]
        if _RULE.match(line.text):
            rows[at] = Paragraph(span, "running", table=number, parted=line.parted)
            continue
        columns = _columns(line, gap)
        if heads is None:
            heads = [line.text[low:high] for low, high in columns]
            # Figures in the first line mean that it is a row like the others, under no heads.
            if not any(map(_DIGIT.search, heads[1:])):
                rows[at] = Paragraph(
                    span, "table_head", table=number, parted=line.parted
                )
                continue
            heads = [""] * len(columns)
        cells: list[Cell] = []
        for head, (low, high) in zip(heads, columns, strict=True):
            if low < high:
                cells.append(Cell(head, line.start + low, line.start + high))
        rows[at] = Paragraph(
            span, "table_row", cells=tuple(cells), table=number, parted=line.parted
        )
    return rows


def _columns(line: Line, gap: re.Pattern[str]) -> list[Span]:
    """The spans of the cells of a line, in the line; one when it is no row."""
    text = line.text
    low, high = (text.startswith("|"), len(text) - text.endswith("|"))
    spans: list[Span] = []
    start = int(low)
    for match in gap.finditer(text, start, high):
        spans.append(stripped(text, start, match.start()))
        start = match.end()
    spans.append(stripped(text, start, high))
    return spans
