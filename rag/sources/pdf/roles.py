"""What a paragraph is: a heading and of which level, a caption, a footnote, an item, or prose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag.records import Role
from rag.sources.pdf.marks import (
    SENTENCE_END,
    is_caption,
    is_footnote,
    is_item,
    is_part,
    is_plain_number,
    outline_depth,
)
from rag.sources.pdf.paragraphs import Paragraph
from rag.sources.pdf.sheets import Line
from rag.sources.table_cells import is_note, is_unit_line
from rag.text.widths import width_of

_LARGER = 1.12
"""Times the size of the body, from which on a line is a heading."""
_LARGER_OCR = 1.45
_SMALLER = 0.93
_LONGEST_NOTE = 8
"""Lines."""
_LONGEST_HEADING = 160
"""Half-width cells."""
_LONGEST_PLAIN_HEADING = 70
"""Half-width cells, of a heading that only its number or its weight makes one."""
_NOT_A_HEADING = tuple("。；;，,")


@dataclass(frozen=True, slots=True)
class Body:
    """How prose looks in this file: ``size`` in points, and whether it is bold throughout."""

    size: float
    bold: bool


def body_of(lines: Sequence[Line]) -> Body:
    """The look that most characters have."""
    looks: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        looks[round(line.size * 2) / 2, line.bold] += len(line.text)
    size, bold = looks.most_common(1)[0][0] if looks else (10.0, False)
    return Body(size, bold)


def role_of(paragraph: Paragraph, text: str, body: Body) -> Role:
    """The role of a paragraph by its look and its beginning."""
    if is_unit_line(text) or (
        is_caption(text) and _looks_like_caption(paragraph, text, body)
    ):
        return "caption"
    if _is_heading(paragraph, text, body):
        return "heading"
    if _is_footnote(paragraph, text, body):
        return "footnote"
    return "list_item" if is_item(text) else "paragraph"


def _looks_like_caption(paragraph: Paragraph, text: str, body: Body) -> bool:
    differs = paragraph.first.size < body.size * 0.97 or (
        paragraph.bold and not body.bold
    )
    return (
        differs
        or (len(paragraph.lines) <= 2 and not text.endswith("。"))
        or paragraph.first.ocr
    )


def _is_heading(paragraph: Paragraph, text: str, body: Body) -> bool:
    width = width_of(text)
    letters = sum(character.isalpha() for character in text)
    if width > _LONGEST_HEADING or letters < 2 or text.endswith(_NOT_A_HEADING):
        return False
    larger = _LARGER_OCR if paragraph.first.ocr else _LARGER
    if paragraph.first.size >= body.size * larger:
        return True
    if width > _LONGEST_PLAIN_HEADING or len(paragraph.lines) > 2:
        return False
    if paragraph.bold and not body.bold and not text.endswith(SENTENCE_END):
        return True
    # ``3.1 Sites`` is a heading in any print; ``3. Sites`` only on a line that it does not fill.
    depth = outline_depth(text)
    numbered = depth is not None and (
        is_part(text) or depth > 1 or _stands_alone(paragraph)
    )
    return numbered and not is_plain_number(text) and not text.endswith(SENTENCE_END)


def only_numbered(paragraph: Paragraph, text: str, body: Body) -> bool:
    """Whether its number alone makes it a heading: several of them in a row are a list."""
    larger = paragraph.first.size >= body.size * _LARGER
    return (
        outline_depth(text) is not None
        and not is_part(text)
        and not larger
        and not paragraph.bold
    )


def _stands_alone(paragraph: Paragraph) -> bool:
    """One line that leaves a good part of its column empty."""
    line = paragraph.first
    return len(paragraph.lines) == 1 and line.box.width < 0.8 * line.column.width


def _is_footnote(paragraph: Paragraph, text: str, body: Body) -> bool:
    return (
        paragraph.first.size <= body.size * _SMALLER
        and is_footnote(text)
        and not is_caption(text)
    )


def is_table_note(paragraph: Paragraph, text: str, body: Body) -> bool:
    """Whether a paragraph below a table is said of it: it says so, or is printed smaller than the body."""
    small = paragraph.first.size <= body.size * _SMALLER and not is_caption(text)
    return (is_note(text) or small) and len(paragraph.lines) <= _LONGEST_NOTE


def levels_of(headings: Sequence[tuple[Paragraph, str]]) -> list[int]:
    """The level of each heading, 1 being the outermost.

    Larger is further out; among headings of one look, ``3.1`` is one level below ``3``. A numbered heading
    is never above one with fewer numbers.
    """
    sizes = sorted({_look(paragraph) for paragraph, _ in headings}, reverse=True)
    base: dict[int, int] = {}
    levels: list[int] = []
    for paragraph, text in headings:
        # Sizes 20, 14, 10: ``1. Scope`` in 14 is level 2, and ``1.1.`` in 10 is level 2 + 2 - 1.
        level = sizes.index(_look(paragraph)) + 1
        depth = outline_depth(text)
        if depth is not None:
            level = (
                base.get(1, level) + depth - 1
                if depth > 1
                else base.setdefault(1, level)
            )
        levels.append(min(level, 6))
    return levels


def _look(paragraph: Paragraph) -> tuple[float, bool]:
    coarse = 4.0 if paragraph.first.ocr else 1.0
    return round(paragraph.first.size / coarse) * coarse, paragraph.bold
