"""What the beginning or the end of a line of running text may say."""

from __future__ import annotations

import re

from rag.sources.outline_lines import Line

HEADING_WIDTH = 64
"""Cells (a Chinese character is two wide) up to which a line without a stop may be a heading."""

_NUMERAL = r"[0-9０-９一二三四五六七八九十百千零〇]{1,6}"
STOPS = tuple("。！？!?；;，,、")
ENDS = tuple("。！？!?：:；;”」』.")

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
ARTICLE = re.compile(
    rf"(第{_NUMERAL}条(?:之[一二三四五六七八九十])?|Article\s+\d+\b)", re.IGNORECASE
)
MARKDOWN = re.compile(r"(#{1,6})\s+\S")
BRACKETED = re.compile(r"[【〖［].{1,30}[】〗］]$")
# Numbers before a heading or an item, the outermost first.
NUMBERINGS = (
    re.compile(r"[一二三四五六七八九十]{1,3}、"),
    re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]"),
    re.compile(r"\d{1,3}(?:\.\d{1,3}){0,4}(?:[.、．)）]\s*|\s+)(?=[^\d\s%])"),
    re.compile(r"[（(]\d{1,3}[）)]"),
    re.compile(r"[①-⑳]"),
    re.compile(r"[（(]?[a-zA-Z][)）.]\s+"),
)
BARE_NUMBER = re.compile(r"(\d{1,3})\s+(?=[^\d\s%])")
BULLET = re.compile(r"[-*•·●○■◆▪–—]\s+")
ASKS = re.compile(r"(?:问|提问|Q|Question)(?:\s*\d{1,3})?\s*[：:．.、]", re.IGNORECASE)
REPLIES = re.compile(r"(?:答|回答|A|Answer)(?:\s*\d{1,3})?\s*[：:．.、]", re.IGNORECASE)
REPLY_INSIDE = re.compile(r"(?<=\s)(?:答|回答|A|Answer)\s{0,3}[：:]", re.IGNORECASE)
NUMBERED_QUESTION = re.compile(r"(?:Q?\d{1,3}[.、．:：)）]\s*)?\S.{2,80}[？?]$")
_TIME = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
STAMP = re.compile(
    rf"[\[【（(]?{_TIME}(?:\s*(?:-->|[-–~—])\s*{_TIME})?[\]】）)]?(?=\s|$|[^\d:])"
)
SET_OFF_STAMP = re.compile(r"[\[【（(].*[\]】）)]$|.*-->")
"""A time in brackets, or from one to another as in subtitles: it is no part of a sentence."""
_SPEAKER = re.compile(
    r"\s*(?P<name>[^\s：:，。,.;；()（）\d][^：:，。,;；\n]{0,23}?)\s*(?:[（(][^）)\n]{1,20}[）)]\s*)?[：:]"
)
CAPTION = re.compile(
    r"(?:(?:附?表|图)\s*[\d一二三四五六七八九十]|(?:Table|Figure|Fig\.)\s*\d|单位[：:])",
    re.IGNORECASE,
)
KEY = re.compile(r"[^：:]{1,12}[：:]\s*\S")


def division_level(line: Line) -> int:
    """1 for ``第一编``, 2 for ``第三章 处罚``, 3 for ``第一节``; 0 for no heading."""
    if line.width > HEADING_WIDTH or line.text.endswith(STOPS):
        return 0
    for level, division in enumerate(_DIVISIONS, start=1):
        if division.match(line.text):
            return level
    return 0


def speaker_of(text: str) -> str | None:
    stamp = STAMP.match(text)
    match = _SPEAKER.match(text, stamp.end() if stamp else 0) or _SPEAKER.match(
        text.lstrip("[【")
    )
    return match["name"].strip() if match else None
