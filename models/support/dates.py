# ruff: noqa: E501, SIM905
"""The dates in a text, whole or in part, and whether one bears another out. Nothing relative is resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_HAN = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0}
_MONTHS = {
    m: i
    for i, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
_MONTH = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?(?![a-z])"
)
_PART = r"(?P<{0}>底|初|末|中旬|上旬|下旬|上半年|下半年)?"
_H = r"[一二三四五六七八九十]{1,3}"
_DATE = re.compile(
    r"(?<![\d.])(?P<y1>\d{4})\s?(?P<sep>[-/.])\s?(?P<m1>\d{1,2})(?P=sep)(?P<d1>\d{1,2})(?![\d.])"
    rf"|(?<!\d)(?P<y2>(?:1[0-9]|20)\d\d|[一二][零〇一二三四五六七八九]{{3}})\s?年(?:\s?(?P<m2>\d{{1,2}}|{_H})\s?月(?:份)?(?:\s?(?P<d2>\d{{1,2}}|{_H})\s?[日号])?)?"
    + _PART.format("p2")
    + rf"|(?<![\d.])(?P<m3>\d{{1,2}}|(?<![\u4e00-\u9fff]){_H})\s?月(?:份)?(?:\s?(?P<d3>\d{{1,2}}|{_H})\s?[日号])?"
    + _PART.format("p3")
    + r"|(?<![\d.年月])(?P<d4>\d{1,2})\s?日(?!元|均|内|游|子)|(?:(?<=[，。；、（ 于在到至自从\n])|^)(?P<d5>\d{1,2})号(?!线|楼|院|店|文|馆)"
    rf"|\b{_MONTH.format('m6')}\s(?P<d6>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s(?P<y6>\d{{4}}))?"
    rf"|\b(?P<d7>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?\s{_MONTH.format('m7')}(?:,?\s(?P<y7>\d{{4}}))?"
    rf"|(?:(?<=in )|(?<=by )|(?<=since )|(?<=of )|(?<=until )|(?<=early )|(?<=late ))(?!may have|may be|march on){_MONTH.format('m8')}(?:,?\s(?P<y8>\d{{4}}))?"
    r"|(?<!\d)(?P<y3>(?:1[5-9]|20)\d\d)(?=\s?[-–—―至]\s?(?:1[5-9]|20)\d\d(?!\d))|(?<=\d\d\d\d[-–—―])(?P<y4>(?:1[5-9]|20)\d\d)(?![\d年])"
    rf"|\b{_MONTH.format('m9')},?\s(?P<y9>(?:1[5-9]|20)\d\d)\b"
    r"|(?:(?<=in )|(?<=by )|(?<=since )|(?<=of )|(?<=until )|(?<=from )|(?<=to )|(?<=during )|(?<=early )|(?<=late )|(?<=year )|(?<=before )|(?<=after ))(?P<y10>(?:1[5-9]|20)\d\d)\b(?! [a-z]+s\b)"
)
_RELATIVE: dict[str, str] = {
    "今年": "this year", "去年": "last year", "上年": "last year", "明年": "next year", "前年": "year before last",
    "昨天": "yesterday", "昨日": "yesterday", "今天": "today", "今日": "today", "明天": "tomorrow", "明日": "tomorrow",
    "本月": "this month", "上月": "last month", "上个月": "last month", "下月": "next month", "下个月": "next month",
    "上周": "last week", "下周": "next week", "本周": "this week",
    "一季度": "q1", "二季度": "q2", "三季度": "q3", "四季度": "q4", "前三季度": "q1-q3",
    "上半年": "first half", "下半年": "second half",
    **{f"{week}{day}": name for week in ("周", "星期", "礼拜")
       for day, name in zip("一二三四五六日天", ("monday tuesday wednesday thursday friday saturday sunday sunday").split(), strict=True)},
}  # fmt: skip
_ENGLISH = (
    "this year|last year|next year|yesterday|today|tomorrow|last month|this month|next month|last week|this week|next week"
    "|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
_QUARTER = re.compile(
    r"(?<!前)第([一二三四])季度|\b(?:the )?(first|second|third|fourth) quarter\b|\bq([1-4])\b"
)
_WORDS = re.compile(
    "|".join(sorted(map(re.escape, _RELATIVE), key=len, reverse=True))
    + rf"|\b(?:{_ENGLISH})s?\b"
)

Comparison = Literal["same", "unsaid", "other", "unlike"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A date at ``[start, end)``: what is said of year, month, day, ``part`` (底, 上旬); or ``relative`` words."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    part: str = ""
    relative: str = ""


def moments(folded: str) -> tuple[Moment, ...]:
    """Every date of a folded text, in order."""
    found = [
        moment
        for match in _DATE.finditer(folded)
        if (moment := _absolute(match)) is not None
    ]
    for match in _QUARTER.finditer(folded):
        number = match[1] or match[2] or match[3]
        at = ("一二三四".find(number) + 1) or (
            ["first", "second", "third", "fourth"].index(number) + 1
            if match[2]
            else int(number)
        )
        found.append(Moment(*match.span(), relative=f"q{at}"))
    for match in _WORDS.finditer(folded):
        if not any(m.start < match.end() and match.start() < m.end for m in found):
            found.append(
                Moment(
                    *match.span(),
                    relative=_RELATIVE.get(
                        match.group(), match.group().removesuffix("s")
                    ),
                )
            )
    return tuple(sorted(found, key=lambda m: m.start))


def compare(claim: Moment, quote: Moment, years: frozenset[int]) -> Comparison:  # noqa: PLR0911 (a rule a return)
    """Whether ``quote`` bears ``claim`` out; ``years`` are all those of the quoted text.

    ``same``: yes; a year that the quote leaves out is no fault unless it names others. ``unsaid``: the quote
    says less. ``other``: it says another date. ``unlike``: the two have nothing in common to compare.
    """
    if claim.relative or quote.relative:
        return _relative(claim.relative, quote.relative)
    fields = [(getattr(claim, f), getattr(quote, f)) for f in ("year", "month", "day")]
    if not any(c is not None and q is not None for c, q in fields):
        return "unlike"
    if any(c is not None and q is not None and c != q for c, q in fields):
        return "other"
    if claim.part and claim.part != quote.part:
        return "other" if quote.part else "unsaid"
    added = [
        name
        for name, (c, q) in zip(("year", "month", "day"), fields, strict=True)
        if q is None and c is not None
    ]
    if not added:
        return "same"
    if added == ["year"]:
        return "same" if not years or claim.year in years else "other"
    return "unsaid"


def _relative(claim: str, quote: str) -> Comparison:
    if claim == quote:
        return "same"
    return "other" if claim and quote and _scale(claim) == _scale(quote) else "unlike"


def _scale(relative: str) -> str:
    if relative.endswith("day") and relative not in ("yesterday", "today"):
        return "weekday"
    if relative in ("yesterday", "today", "tomorrow"):
        return "day"
    return "quarter" if relative[0] == "q" else relative.rsplit(maxsplit=1)[-1]


def _absolute(match: re.Match[str]) -> Moment | None:
    said = {
        name[0]: value
        for name, value in match.groupdict().items()
        if value and name != "sep"
    }
    year, month, day = (_number(said.get(key)) for key in "ymd")
    if (month is not None and not 1 <= month <= 12) or (
        day is not None and not 1 <= day <= 31
    ):
        return None
    return Moment(*match.span(), year, month, day, said.get("p", ""))


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if text[:3] in _MONTHS:
        return _MONTHS[text[:3]]
    if text.isdecimal():
        return int(text)
    if len(text) == 4:
        return int("".join(str(_HAN[c]) for c in text))
    tens, ten, ones = text.rpartition("十")
    return (10 * _HAN.get(tens, 1) if ten else 0) + (_HAN[ones[-1]] if ones else 0)
