"""Lines to paragraphs, across columns and pages, with hyphens joined.

A line ends its paragraph where the next line's first word would still have fitted into it: nobody breaks a
line there but at the end. With a column 200 points wide and a line that fills 120, a word of 40 would have
fitted; with a line that fills 190 it would not, and the paragraph goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from rag.sources.pdf.marks import (
    SENTENCE_END,
    is_caption,
    is_item,
    is_part,
    outline_depth,
)
from rag.sources.pdf.sheets import Grid, Line, joined
from rag.sources.prose import is_wide
from rag.sources.table_cells import is_note, is_unit_line
from rag.text.widths import width_of

_HYPHENATED = re.compile(r"\b[a-z]+(?:-[a-z]+)+\b")
_BROKEN_WORD = re.compile(r"([A-Za-z]+)[-\u00ad\u2010]\Z")
_SOFT_HYPHEN = "\u00ad"
_INDENT = 0.8
"""In ems."""
_WIDER_GAP = 0.45
"""In ems: white space above a line beyond the usual one, from which on it begins a paragraph."""
_CHINESE_SLACK = 2.2
"""In ems: a Chinese line may end so early, lest a comma begin the next."""
_UNSURE_WIDTH = 0.16
"""Of the column: in fonts that the file does not bring along, a line without a full stop may end so early."""
_OTHER_SIZE = 0.08
_OTHER_SIZE_OCR = 0.4
"""Share by which the sizes of a paragraph's lines may differ; a picture is measured coarsely."""


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together; there is at least one."""

    lines: list[Line] = field(default_factory=list)

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def last(self) -> Line:
        return self.lines[-1]

    @property
    def bold(self) -> bool:
        return all(line.bold for line in self.lines)

    def text(self, hyphenated: set[str]) -> str:
        """The lines as running text.

        Args:
            hyphenated: words that have a hyphen within a line somewhere; they keep it at a line's end.
        """
        text = ""
        for line in self.lines:
            text = _line_joined(text, line.text, hyphenated)
        return text


def hyphenated_words(texts: Iterable[str]) -> set[str]:
    """Words such as ``long-term`` in any of the lines."""
    return {word for text in texts for word in _HYPHENATED.findall(text.lower())}


def paragraphs_of(column: Sequence[Line | Grid]) -> list[Paragraph | Grid]:
    """A column's lines as paragraphs."""
    lines = [item for item in column if isinstance(item, Line)]
    usual_gap = _usual_gap(column)
    hanging = _hangs(lines)
    found: list[Paragraph | Grid] = []
    for item in column:
        if isinstance(item, Grid):
            found.append(item)
            continue
        open_one = found[-1] if found else None
        if isinstance(open_one, Paragraph) and _same_paragraph(
            open_one, item, usual_gap, hanging
        ):
            open_one.lines.append(item)
        else:
            found.append(Paragraph([item]))
    return found


def goes_on(before: Paragraph, after: Paragraph) -> bool:
    """Whether a paragraph that a column or a page ended goes on with the one that begins the next."""
    last, first = before.last, after.first
    if not _same_style(last, first) or _begins_something(first.text):
        return False
    if _broken(last.text, first.text):
        return True
    indented = (
        first.box.left > first.column.left + _INDENT * first.size
        and len(after.lines) > 1
    )
    return (
        not indented
        and not _ends_early(last, first)
        and not last.text.endswith(SENTENCE_END)
    )


def _broken(text: str, line: str) -> bool:
    """Whether a word goes on from one line to the next: ``munici-`` and ``pality``."""
    return _BROKEN_WORD.search(text) is not None and line[:1].islower()


def _line_joined(text: str, line: str, hyphenated: set[str]) -> str:
    broken = _BROKEN_WORD.search(text)
    if broken and _broken(text, line):
        rest = re.match(r"[a-z]+", line)
        # ``long-`` and ``term`` keep their hyphen if ``long-term`` stands within a line elsewhere.
        whole = f"{broken.group(1)}-{rest.group() if rest else ''}".lower()
        keeps = whole in hyphenated and not text.endswith(_SOFT_HYPHEN)
        return text + line if keeps else text[:-1] + line
    chinese = _mostly_wide(text[-20:]) and any(map(is_wide, line[:20]))
    return joined(text, line, glued=chinese)


def _mostly_wide(text: str) -> bool:
    return sum(map(is_wide, text)) * 3 > len(text)


def _usual_gap(column: Sequence[Line | Grid]) -> float:
    """The white space between two lines of the column, in points."""
    gaps = [
        below.box.top - above.box.bottom
        for above, below in pairwise(column)
        if isinstance(above, Line) and isinstance(below, Line)
    ]
    # A figure between two lines is no line gap.
    close = [gap for gap in gaps if gap < 30]
    return max(median(close), 0.0) if close else 0.0


def _hangs(lines: Sequence[Line]) -> bool:
    """Whether paragraphs begin further left than they go on, as references do."""
    inset = [
        line
        for line in lines
        if _INDENT * line.size < line.box.left - line.column.left < 4 * line.size
    ]
    return len(lines) > 4 and len(inset) > 0.5 * len(lines)


def _same_paragraph(
    paragraph: Paragraph, line: Line, usual_gap: float, hanging: bool
) -> bool:
    last, first = paragraph.last, paragraph.first
    apart = line.box.top - last.box.bottom > usual_gap + _WIDER_GAP * line.size
    if apart or not _same_style(last, line):
        return False
    if _broken(last.text, line.text):
        return True
    ended = _ends_early(last, line)
    if _begins_something(line.text) and (
        ended or last.text.endswith(SENTENCE_END) or is_item(first.text)
    ):
        return False
    inset = line.box.left - line.column.left > _INDENT * line.size
    item = is_item(first.text) and line.box.left >= first.box.left - 1
    if (
        hanging
    ):  # references: ``Bosch, 1979.`` begins at the edge, and what is inset goes on
        return inset
    if item:  # the lines of an item are inset below its mark
        return not ended
    deeper = line.box.left > last.box.left + _INDENT * line.size
    return not ended and not (inset and deeper)


def _same_style(first: Line, second: Line) -> bool:
    allowed = _OTHER_SIZE_OCR if first.ocr or second.ocr else _OTHER_SIZE
    return (
        abs(first.size - second.size) <= allowed * max(first.size, second.size)
        and first.bold == second.bold
    )


def _begins_something(text: str) -> bool:
    return (
        is_item(text)
        or is_caption(text)
        or is_unit_line(text)
        or is_note(text)
        or is_part(text)
        or (text.startswith("第") and outline_depth(text) is not None)
        or re.match(r"第\s*[\d.一二三四五六七八九十百千零]+\s*条", text) is not None
    )


def _ends_early(line: Line, below: Line) -> bool:
    """Whether the first word of the line below would have fitted into this line."""
    left_over = line.column.right - line.box.right
    # Chinese breaks anywhere, so its first word is one character, but a mark may have to stay with it.
    if is_wide(below.text[0]) or is_wide(line.text[-1]):
        slack = _CHINESE_SLACK * line.size
        if not line.text.endswith(SENTENCE_END):
            slack = max(slack, _UNSURE_WIDTH * line.column.width)
        return left_over > slack
    word = below.text.split(" ", 1)[0]
    per_cell = below.box.width / max(width_of(below.text), 1)
    return left_over > width_of(word) * per_cell + 0.5 * line.size
