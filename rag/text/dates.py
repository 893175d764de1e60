"""What 今年, 昨日, last year and their like mean in a text whose published date is known.

    relative_dates("粮食产量比去年增加。", 0, 10, "2024-11-18")  ->  去年 is 2023

These words are deictic: they count from the day of writing, unlike 次年 or "the year before", which count
from what the text last spoke of. Only what is certain is resolved. A day within quotation marks counts from
the day of speaking, which nobody knows, so it is left alone, as are the words inside other words (如今年产,
过去年份, 今日头条) and where they stand for no day at all (今天的中国, today's world).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from rag.records import RelativeDate, Span

_OPENING, _CLOSING = "“「『《〈", "”」』》〉"
_DEEPEST = 400
"""Characters before a word that are searched for the quotation mark it may stand within."""

_HAPPENS = (
    r"(?=上午|中午|下午|凌晨|清晨|傍晚|早[上晨]|晚[上间]|夜[里间]|[\d一二三四五六七八九十]{1,2}[时点]|"
    r"[从在向对由就]|起|召开|举行|举办|发布|公布|宣布|开幕|闭幕|开通|启动|获悉|表示|介绍|通报|印发|抵达|出发|[，、,])"
)
"""今日 and 明日 also mean nowadays and the future; before these words, one day."""
_OWNED = "".join(
    f"(?<!{word} )"
    for word in ("the", "his", "her", "its", "our", "their", "my", "a", "every")
)
"""The last year and her last year count from elsewhere."""


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    means: Callable[[date], str]
    in_speech: bool
    """Whether it holds within quotation marks, too: a speaker's year is the paper's, the day need not be."""


def _year(pattern: str, by: int) -> _Rule:
    return _Rule(
        re.compile(pattern, re.I), lambda day: f"{day.year + by:04}", in_speech=True
    )


def _day(pattern: str, by: int) -> _Rule:
    compiled = re.compile(pattern, re.I)
    return _Rule(
        compiled, lambda day: (day + timedelta(days=by)).isoformat(), in_speech=False
    )


_RULES = (
    _year(
        r"(?<![如至迄现当])今年(?![华轮])|(?<=[至])今年(?=[\d一二三四五六七八九十上下年春夏秋冬])",
        0,
    ),
    _year(r"(?<![过失除扣老死逝])去年(?!龄)", -1),
    _year(r"(?<![文证说表清声光透发])明年(?!代)", 1),
    _year(_OWNED + r"\bthis year\b(?! of\b)", 0),
    _year(_OWNED + r"\blast year\b(?! of\b)", -1),
    _year(_OWNED + r"\bnext year\b(?! of\b)", 1),
    _day(r"(?<![如至迄])(?:今日|今天)" + _HAPPENS, 0),
    _day(r"昨[日天](?![的之种重])", -1),
    _day(r"(?<![文证说表清声光透发])(?:明日|明天)" + _HAPPENS, 1),
    _day(r"\byesterday\b(?!['’])", -1),
    _day(r"\btomorrow\b(?!['’])", 1),
)


def relative_dates(
    text: str, start: int, end: int, published: str | None
) -> tuple[RelativeDate, ...]:
    """The relative dates within ``text[start:end]`` whose meaning is certain, in order; none without a date.

    Args:
        text: of the whole document, since a quotation may have been opened before ``start``.
        published: an ISO date, a time after it allowed.
    """
    if (day := _known(published)) is None:
        return ()
    # A little is read around the span, as what stands beside a word may make it another: 如|今年.
    around = max(0, start - 1), min(len(text), end + 4)
    found: dict[Span, str] = {}
    for rule in _RULES:
        for match in rule.pattern.finditer(text, *around):
            is_within = start <= match.start() and match.end() <= end
            if is_within and _holds(rule, text, match.span()):
                found[match.span()] = rule.means(day)
    dates: list[RelativeDate] = []
    for (low, high), means in sorted(found.items()):
        dates.append(RelativeDate(text[low:high], low, high, means))
    return tuple(dates)


def _holds(rule: _Rule, text: str, span: Span) -> bool:
    within = _mark_around(text, span[0])
    return within is None or (rule.in_speech and within not in "《〈")


def _mark_around(text: str, at: int) -> str | None:
    """The innermost opening mark in the same paragraph that is not closed before ``at``."""
    first = max(text.rfind("\n", 0, at) + 1, at - _DEEPEST)
    still_open: list[str] = []
    straight = False
    for char in text[first:at]:
        if char in _OPENING:
            still_open.append(char)
        elif char in _CLOSING and still_open:
            still_open.pop()
        elif char == '"':
            straight = not straight
    if still_open:
        return still_open[-1]
    return '"' if straight else None


def _known(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published[:10]) if published else None
    except ValueError:
        return None
