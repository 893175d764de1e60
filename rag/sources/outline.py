"""The structure of running text, told from its lines: headings, items, questions, turns, tables.

    for paragraph in outline(text, 0, len(text)):
        paragraph.role, paragraph.lines

A format that declares its structure (DOCX, HTML, Markdown) needs none of this. A plain text shows it by the
way its lines begin and by what stands above and below them: ``第三章``, ``（一）``, ``1.2``, ``问：``,
``张三：``, ``[00:12]``, columns between tabs. A rule that would turn prose into structure by mistake costs
more than one that misses some, so each asks for company: one ``甲：`` is a key with its value, the same
name again and again is a speaker.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import quantiles

from rag.records import Role
from rag.sources.outline_company import Company
from rag.sources.outline_lines import Line, Paragraph, lines_of
from rag.sources.outline_marks import (
    ARTICLE,
    ASKS,
    BARE_NUMBER,
    BRACKETED,
    BULLET,
    CAPTION,
    ENDS,
    HEADING_WIDTH,
    KEY,
    MARKDOWN,
    NUMBERINGS,
    REPLIES,
    REPLY_INSIDE,
    SET_OFF_STAMP,
    STAMP,
    STOPS,
    division_level,
    speaker_of,
)
from rag.sources.outline_tables import tables_of
from rag.text.widths import width_of

__all__ = ["Paragraph", "outline"]

WRAPPED_WIDTHS = (40, 130)
"""Cells between which the width of hard-wrapped lines lies."""
_STAND_ALONE: frozenset[Role] = frozenset(
    {"table_row", "table_head", "running", "heading", "caption"}
)
"""What no next line goes on in."""
_STOOD_OVER: frozenset[Role] = frozenset(
    {"table_head", "table_row", "list_item", "caption", "question"}
)
"""What a short line heads, however short it is itself."""


def outline(text: str, start: int, end: int) -> list[Paragraph]:
    """The paragraphs of ``text[start:end]`` in order, each with its role."""
    lines = lines_of(text, start, end)
    if not lines:
        return []
    lines = _apart(text, lines)
    tables = tables_of(lines)
    company = Company.of(lines)
    wrapped = _wrapped_from(lines)
    paragraphs: list[Paragraph] = []
    for number, line in enumerate(lines):
        if number in tables:
            paragraphs.append(tables[number])
            continue
        marked = _marked(line, number, company)
        if marked is not None:
            paragraphs.append(marked)
        elif paragraphs and _goes_on(lines[number - 1], line, wrapped, paragraphs[-1]):
            paragraphs[-1].lines.append((line.start, line.end))
        else:
            paragraphs.append(_paragraph(line))
    _find_headings(text, paragraphs)
    return paragraphs


def _paragraph(
    line: Line, role: Role = "paragraph", *, level: int = 0, label: str | None = None
) -> Paragraph:
    """The paragraph that a line begins."""
    span = (line.start, line.end)
    return Paragraph([span], role, level, label, parted=line.parted)


def _apart(text: str, lines: Sequence[Line]) -> list[Line]:
    """The lines, those that hold a question and its reply as two: ``Q：多久？ A：三天。``"""
    apart: list[Line] = []
    for line in lines:
        reply = REPLY_INSIDE.search(line.text) if ASKS.match(line.text) else None
        if reply is None:
            apart.append(line)
            continue
        asked_end = line.start + len(line.text[: reply.start()].rstrip())
        asked = text[line.start : asked_end]
        apart.append(Line(line.start, asked_end, asked, line.parted))
        reply_start = line.start + reply.start()
        replied = text[reply_start : line.end]
        apart.append(Line(reply_start, line.end, replied, parted=False))
    return apart


# lines that show their role


def _marked(line: Line, number: int, company: Company) -> Paragraph | None:
    """The paragraph that a line begins when its own first characters say so."""
    if number in company.questions:
        return _paragraph(line, "question")
    if REPLIES.match(line.text):
        return _paragraph(line)
    marked = (
        _turn(line, company)
        or _division(line)
        or _article(line, company)
        or _titled(line)
    )
    if marked is not None:
        return marked
    # 12 men crossed it.
    if BARE_NUMBER.match(line.text) and number not in company.counted:
        return None
    return _item(line)


def _turn(line: Line, company: Company) -> Paragraph | None:
    """``[00:12] 张三：……``, or either of the two alone.

    A lone ``12:30 他们出门了。`` is a sentence that begins with a time.
    """
    label: list[str] = []
    stamp = STAMP.match(line.text)
    if stamp and (company.stamped or SET_OFF_STAMP.match(stamp.group())):
        label.append(stamp.group())
    name = speaker_of(line.text)
    if name is not None and name in company.speakers:
        label.append(name)
    if not label:
        return None
    return _paragraph(line, "turn", label=" ".join(label))


def _division(line: Line) -> Paragraph | None:
    """``# 标题``, ``第三章 处罚``."""
    if match := MARKDOWN.match(line.text):
        return _paragraph(line, "heading", level=len(match[1]))
    if level := division_level(line):
        return _paragraph(line, "heading", level=level)
    return None


def _article(line: Line, company: Company) -> Paragraph | None:
    """``第十二条 ……``: prose, and the label of what follows it.

    A lone ``第一条大河……`` or ``Article 5 of the treaty ……`` is a sentence; a law sets its numbers off.
    """
    match = ARTICLE.match(line.text)
    if match is None:
        return None
    is_set_off = match[1].startswith("第") and line.text[match.end() :][:1].isspace()
    if not company.is_law and not is_set_off:
        return None
    return _paragraph(line, label=match[1])


def _titled(line: Line) -> Paragraph | None:
    """``【注意事项】``, ``表2 ……``."""
    if BRACKETED.match(line.text):
        return _paragraph(line, "heading", level=4)
    if CAPTION.match(line.text) and line.width <= HEADING_WIDTH:
        return _paragraph(line, "caption")
    return None


def _item(line: Line) -> Paragraph | None:
    """``（一）……``, ``2. ……``, ``- ……``."""
    for level, numbering in enumerate((*NUMBERINGS, BULLET), start=1):
        if numbering.match(line.text):
            return _paragraph(line, "list_item", level=level)
    return None


def _wrapped_from(lines: Sequence[Line]) -> float:
    """The width from which a line was broken by a margin, infinite where none was.

    A wrapped text has many lines that fill the same width and end anywhere. With lines of 76, 74, 78, 31 and
    75 cells the margin is at 78, and lines of 62 (four fifths) and more go on in the next.
    """
    widths = [line.width for line in lines]
    if len(widths) < 4:
        return float("inf")
    margin = quantiles(widths, n=20)[-1]
    low, high = WRAPPED_WIDTHS
    if not low <= margin <= high or max(widths) > 1.25 * margin:
        return float("inf")
    open_ended = 0
    for line in lines:
        if line.width >= 0.8 * margin and not line.text.endswith(ENDS):
            open_ended += 1
    if open_ended < max(3, len(lines) / 5):
        return float("inf")
    return 0.8 * margin


def _goes_on(before: Line, line: Line, wrapped: float, paragraph: Paragraph) -> bool:
    """Whether a line only continues the one before it."""
    if line.parted or paragraph.role in _STAND_ALONE:
        return False
    return before.width >= wrapped


# headings


def _find_headings(text: str, paragraphs: Sequence[Paragraph]) -> None:
    """Make headings of short lines that stand over something, and of numbered ones with text below them."""
    for number, paragraph in enumerate(paragraphs[:-1]):
        after = paragraphs[number + 1]
        if len(paragraph.lines) > 1:
            continue
        start, end = paragraph.lines[0]
        body = text[start:end]
        if paragraph.role == "list_item":
            if _numbers_heading(body, paragraph, after):
                paragraph.role = "heading"
                paragraph.level += 4
        elif paragraph.role != "paragraph":
            continue
        elif paragraph.label:
            if _is_title_of_article(body, after):
                paragraph.role, paragraph.level, paragraph.label = "heading", 4, None
        elif _stands_over(body, paragraph, after):
            # The first line is the title of the whole text.
            paragraph.role = "heading"
            paragraph.level = 4 if number else 1


def _numbers_heading(body: str, item: Paragraph, after: Paragraph) -> bool:
    """Whether a numbered line is a heading: short, without a stop, and not one of a row of like lines."""
    if width_of(body) > HEADING_WIDTH or body.endswith(STOPS) or BULLET.match(body):
        return False
    if after.role == "list_item" and after.level == item.level:
        return False
    # 1.2.3 says how deep it is by itself.
    if match := re.match(r"\d+((?:\.\d+)+)", body):
        item.level += match[1].count(".")
    return after.role != "heading" or after.level > item.level


def _is_title_of_article(body: str, after: Paragraph) -> bool:
    """``第三条 押金``, with its text below."""
    if width_of(body) > HEADING_WIDTH or body.endswith(ENDS):
        return False
    return after.label is None


def _stands_over(body: str, paragraph: Paragraph, after: Paragraph) -> bool:
    """Whether an unmarked short line heads what follows: it stands free, ends openly and holds no value."""
    if width_of(body) > HEADING_WIDTH * 0.75:
        return False
    if body.endswith(ENDS + STOPS) or KEY.match(body) or not paragraph.parted:
        return False
    if after.role in _STOOD_OVER:
        return True
    if after.role != "paragraph":
        return False
    length = sum(end - start for start, end in after.lines)
    return after.label is not None or length > len(body)
