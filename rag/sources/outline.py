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
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import quantiles

from rag.records import Span
from rag.sources.outline_lines import Line, Paragraph, lines_of, width_of
from rag.sources.outline_tables import tables_of

__all__ = ["Paragraph", "outline", "width_of"]

HEADING_WIDTH = 64
"""Cells (a Chinese character is two wide) up to which a line without a stop may be a heading."""
LEAST_TURNS = 4
"""Lines that must begin with a speaker's name before names are taken for speakers."""
LEAST_QUESTIONS = 2
WRAPPED_WIDTHS = (40, 130)
"""Cells between which the width of hard-wrapped lines lies."""

_NUMERAL = r"[0-9０-９一二三四五六七八九十百千零〇]{1,6}"
_STOPS = tuple("。！？!?；;，,、")
_ENDS = tuple("。！？!?：:；;”」』.")

# Headings that name themselves, the outermost first: 第一编 > 第一章 > 第一节.
_DIVISIONS = (
    re.compile(rf"第{_NUMERAL}[编部篇]"),
    re.compile(
        rf"第{_NUMERAL}章|(?:附则|附录|前言)(?:$|\s|[一二三四五六七八九十A-Z\d：:])"
        r"|(?:Chapter|Part|Appendix)\s+(?:\d+|[IVXLC]+|[A-Z]|one|two|three|four|five|six|seven|eight|nine|ten)\b",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:第{_NUMERAL}节|Section\s+\d+\b)", re.IGNORECASE),
)
_ARTICLE = re.compile(
    rf"(第{_NUMERAL}条(?:之[一二三四五六七八九十])?|Article\s+\d+\b)", re.IGNORECASE
)
_MARKDOWN = re.compile(r"(#{1,6})\s+\S")
_BRACKETED = re.compile(r"[【〖［].{1,30}[】〗］]$")
# Numbers before a heading or an item, the outermost first.
_NUMBERINGS = (
    re.compile(r"[一二三四五六七八九十]{1,3}、"),
    re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]"),
    re.compile(r"\d{1,3}(?:\.\d{1,3}){0,4}(?:[.、．)）]\s*|\s+)(?=[^\d\s%])"),
    re.compile(r"[（(]\d{1,3}[）)]"),
    re.compile(r"[①-⑳]"),
    re.compile(r"[（(]?[a-zA-Z][)）.]\s+"),
)
_BARE_NUMBER = re.compile(r"(\d{1,3})\s+(?=[^\d\s%])")
_BULLET = re.compile(r"[-*•·●○■◆▪–—]\s+")
_ASKS = re.compile(r"(?:问|提问|Q|Question)(?:\s*\d{1,3})?\s*[：:．.、]", re.IGNORECASE)
_REPLIES = re.compile(
    r"(?:答|回答|A|Answer)(?:\s*\d{1,3})?\s*[：:．.、]", re.IGNORECASE
)
_REPLY_INSIDE = re.compile(r"(?<=\s)(?:答|回答|A|Answer)\s{0,3}[：:]", re.IGNORECASE)
_NUMBERED_QUESTION = re.compile(r"(?:Q?\d{1,3}[.、．:：)）]\s*)?\S.{2,80}[？?]$")
_TIME = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_STAMP = re.compile(
    rf"[\[【（(]?{_TIME}(?:\s*(?:-->|[-–~—])\s*{_TIME})?[\]】）)]?(?=\s|$|[^\d:])"
)
_SPEAKER = re.compile(
    r"\s*(?P<name>[^\s：:，。,.;；()（）\d][^：:，。,;；\n]{0,23}?)\s*(?:[（(][^）)\n]{1,20}[）)]\s*)?[：:]"
)
_CAPTION = re.compile(
    r"(?:(?:附?表|图)\s*[\d一二三四五六七八九十]|(?:Table|Figure|Fig\.)\s*\d|单位[：:])",
    re.IGNORECASE,
)
_KEY = re.compile(r"[^：:]{1,12}[：:]\s*\S")


@dataclass(frozen=True, slots=True)
class _Company:
    """What only several lines together show: names that return, lines that ask, and lines that count."""

    speakers: frozenset[str]
    questions: frozenset[int]
    counted: frozenset[int]


def outline(text: str, start: int, end: int) -> list[Paragraph]:
    """The paragraphs of ``text[start:end]`` in order, each with its role."""
    lines = lines_of(text, start, end)
    if not lines:
        return []
    lines = _apart(text, lines)
    tables = tables_of(lines)
    company = _Company(_speakers(lines), _questions(lines), _counted(lines))
    found: list[Paragraph] = []
    wrapped = _wrapped_from(lines)
    for number, line in enumerate(lines):
        if number in tables:
            found.append(tables[number])
            continue
        paragraph = _marked(line, number, company)
        if (
            paragraph is None
            and found
            and _goes_on(lines[number - 1], line, wrapped, found[-1])
        ):
            found[-1].lines.append((line.start, line.end))
            continue
        found.append(
            paragraph or Paragraph([(line.start, line.end)], parted=line.parted)
        )
    _find_headings(text, found)
    return found


def _apart(text: str, lines: Sequence[Line]) -> list[Line]:
    """The lines, those that hold a question and its reply as two: ``Q：多久？ A：三天。``"""
    apart: list[Line] = []
    for line in lines:
        reply = _REPLY_INSIDE.search(line.text) if _ASKS.match(line.text) else None
        if reply is None:
            apart.append(line)
            continue
        asked_end = line.start + len(line.text[: reply.start()].rstrip())
        reply_start = line.start + reply.start()
        apart.append(
            Line(line.start, asked_end, text[line.start : asked_end], line.parted)
        )
        apart.append(
            Line(reply_start, line.end, text[reply_start : line.end], parted=False)
        )
    return apart


# speakers and questions


def _speakers(lines: Sequence[Line]) -> frozenset[str]:
    """Names that begin lines again and again: at least two of them, or one beside time stamps."""
    counts: Counter[str] = Counter()
    for line in lines:
        if (name := _speaker_of(line.text)) is not None and not _ASKS.match(line.text):
            counts[name] += 1
    again = {name for name, count in counts.items() if count >= 2}
    turns = sum(counts[name] for name in again)
    enough = (
        turns >= LEAST_TURNS
        and len(again) >= 2
        and not again & {"问", "答", "Q", "A", "q", "a"}
    )
    return frozenset(again) if enough else frozenset()


def _speaker_of(text: str) -> str | None:
    stamp = _STAMP.match(text)
    match = _SPEAKER.match(text, stamp.end() if stamp else 0) or _SPEAKER.match(
        text.lstrip("[【")
    )
    return match["name"].strip() if match else None


def _questions(lines: Sequence[Line]) -> frozenset[int]:
    """The lines that ask and are answered by the next ones; two at least, so that prose is left alone.

    ``Q:`` and ``问：`` ask when an ``A:`` or ``答：`` follows somewhere; a bare ``1. ……？`` asks when what
    follows it is no question itself.
    """
    asked = {number for number, line in enumerate(lines) if _ASKS.match(line.text)}
    if len(asked) >= 1 and any(_REPLIES.match(line.text) for line in lines):
        return frozenset(asked)
    bare = {
        number
        for number, (line, after) in enumerate(pairwise(lines))
        if _NUMBERED_QUESTION.match(line.text)
        and line.width <= HEADING_WIDTH * 1.5
        and not after.text.endswith(("？", "?"))
    }
    return (
        frozenset(bare)
        if len(bare) >= LEAST_QUESTIONS and 5 * len(bare) >= len(lines)
        else frozenset()
    )


def _counted(lines: Sequence[Line]) -> frozenset[int]:
    """The lines that begin with a bare number where another begins with the next one up or down.

    ``1 安装`` beside ``2 清洗`` are numbered; ``12 men crossed it`` alone is a sentence.
    """
    numbers: dict[int, int] = {}
    for number, line in enumerate(lines):
        if match := _BARE_NUMBER.match(line.text):
            numbers[number] = int(match[1])
    there = set(numbers.values())
    return frozenset(
        number for number, value in numbers.items() if {value - 1, value + 1} & there
    )


# lines that show their role


def _marked(line: Line, number: int, company: _Company) -> Paragraph | None:
    """The paragraph that a line begins when its own first characters say so."""
    span = [(line.start, line.end)]
    if number in company.questions:
        return Paragraph(span, "question", parted=line.parted)
    if _REPLIES.match(line.text):
        return Paragraph(span, parted=line.parted)
    if (turn := _turn(line, span, company.speakers)) is not None:
        return turn
    for rule in (_division, _article, _titled):
        if (found := rule(line, span)) is not None:
            return found
    if _BARE_NUMBER.match(line.text) and number not in company.counted:
        return None
    return _item(line, span)


def _turn(line: Line, span: list[Span], speakers: frozenset[str]) -> Paragraph | None:
    """``[00:12] 张三：……``, or either of the two alone."""
    stamp = _STAMP.match(line.text)
    name = _speaker_of(line.text)
    label = [stamp.group()] if stamp else []
    if name in speakers:
        label.append(str(name))
    return (
        Paragraph(span, "turn", label=" ".join(label), parted=line.parted)
        if label
        else None
    )


def _division(line: Line, span: list[Span]) -> Paragraph | None:
    """``# 标题``, ``第三章 处罚``."""
    if match := _MARKDOWN.match(line.text):
        return Paragraph(span, "heading", level=len(match[1]), parted=line.parted)
    if line.width > HEADING_WIDTH or line.text.endswith(_STOPS):
        return None
    for level, division in enumerate(_DIVISIONS, start=1):
        if division.match(line.text):
            return Paragraph(span, "heading", level=level, parted=line.parted)
    return None


def _article(line: Line, span: list[Span]) -> Paragraph | None:
    """``第十二条 ……``: prose, and the label of what follows it."""
    match = _ARTICLE.match(line.text)
    return Paragraph(span, label=match[1], parted=line.parted) if match else None


def _titled(line: Line, span: list[Span]) -> Paragraph | None:
    """``【注意事项】``, ``表2 ……``."""
    if _BRACKETED.match(line.text):
        return Paragraph(span, "heading", level=4, parted=line.parted)
    if _CAPTION.match(line.text) and line.width <= HEADING_WIDTH:
        return Paragraph(span, "caption", parted=line.parted)
    return None


def _item(line: Line, span: list[Span]) -> Paragraph | None:
    """``（一）……``, ``2. ……``, ``- ……``."""
    for level, numbering in enumerate((*_NUMBERINGS, _BULLET), start=1):
        if numbering.match(line.text):
            return Paragraph(span, "list_item", level=level, parted=line.parted)
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
    full = [line for line in lines if line.width >= 0.8 * margin]
    open_ended = sum(not line.text.endswith(_ENDS) for line in full)
    low, high = WRAPPED_WIDTHS
    longest = max(widths)
    wrapped = (
        low <= margin <= high
        and longest <= 1.25 * margin
        and open_ended >= max(3, len(lines) / 5)
    )
    return 0.8 * margin if wrapped else float("inf")


def _goes_on(before: Line, line: Line, wrapped: float, paragraph: Paragraph) -> bool:
    """Whether a line only continues the one before it."""
    if line.parted or paragraph.role in (
        "table_row",
        "table_head",
        "running",
        "heading",
        "caption",
    ):
        return False
    return before.width >= wrapped


# headings


def _find_headings(text: str, found: Sequence[Paragraph]) -> None:
    """Make headings of short lines that stand over something, and of numbered ones with text below them."""
    for number, paragraph in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        if after is None or len(paragraph.lines) > 1:
            continue
        body = text[slice(*paragraph.lines[0])]
        if paragraph.role == "list_item" and _heads(body, paragraph, found, number):
            paragraph.role, paragraph.level = "heading", 4 + paragraph.level
        elif (
            paragraph.label and paragraph.role == "paragraph" and _is_title(body, after)
        ):
            paragraph.role, paragraph.level, paragraph.label = "heading", 4, None
        elif (
            paragraph.role == "paragraph"
            and paragraph.label is None
            and _stands_over(body, paragraph, after)
        ):
            paragraph.role, paragraph.level = "heading", 4 if number else 1


def _heads(body: str, item: Paragraph, found: Sequence[Paragraph], number: int) -> bool:
    """Whether a numbered line is a heading: short, without a stop, and not one of a row of like lines."""
    if width_of(body) > HEADING_WIDTH or body.endswith(_STOPS) or _BULLET.match(body):
        return False
    after = found[number + 1]
    if after.role == "list_item" and after.level == item.level:
        return False
    # 1.2.3 says how deep it is by itself.
    if match := re.match(r"\d+((?:\.\d+)+)", body):
        item.level += match[1].count(".")
    return after.role != "heading" or after.level > item.level


def _is_title(body: str, after: Paragraph) -> bool:
    return (
        width_of(body) <= HEADING_WIDTH
        and not body.endswith(_ENDS)
        and after.label is None
    )


def _stands_over(body: str, paragraph: Paragraph, after: Paragraph) -> bool:
    """Whether an unmarked short line heads what follows: it stands free, ends openly and holds no value."""
    if (
        width_of(body) > HEADING_WIDTH * 0.75
        or body.endswith(_ENDS + _STOPS)
        or _KEY.match(body)
    ):
        return False
    if not paragraph.parted or after.role in ("turn",):
        return False
    return after.role in (
        "table_head",
        "table_row",
        "list_item",
        "caption",
        "question",
    ) or bool(
        after.role == "paragraph"
        and (after.label or sum(e - s for s, e in after.lines) > len(body))
    )
