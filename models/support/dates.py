# ruff: noqa: E501
"""The dates in a text, whole or in part, and whether one bears another out. Nothing relative is resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from models.support.numerals import HAN_DIGITS

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
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
}  # fmt: skip
_WEEKDAYS = {
    "一": "monday", "二": "tuesday", "三": "wednesday", "四": "thursday", "五": "friday",
    "六": "saturday", "日": "sunday", "天": "sunday",
}  # fmt: skip
for _week in ("周", "星期", "礼拜"):
    _RELATIVE |= {_week + _day: _name for _day, _name in _WEEKDAYS.items()}
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
    found: list[Moment] = []
    for match in _DATE.finditer(folded):
        moment = _absolute(match)
        if moment is not None:
            found.append(moment)
    for match in _QUARTER.finditer(folded):
        found.append(Moment(*match.span(), relative=f"q{_quarter(match)}"))
    for match in _WORDS.finditer(folded):
        # 上半年 of 2024年上半年 is part of a date already
        if not any(_overlap(match, moment) for moment in found):
            said = match.group()
            relative = _RELATIVE.get(said, said.removesuffix("s"))
            found.append(Moment(*match.span(), relative=relative))
    return tuple(sorted(found, key=lambda moment: moment.start))


def compare_dates(claim: Moment, quote: Moment, years: frozenset[int]) -> Comparison:  # noqa: PLR0911 (a rule a return)
    """Whether ``quote`` bears ``claim`` out; ``years`` are all those of the quoted text.

    ``same``: yes; a year that the quote leaves out is no fault unless it names others. ``unsaid``: the quote
    says less. ``other``: it says another date. ``unlike``: the two have nothing in common to compare.
    """
    if claim.relative or quote.relative:
        return _compare_relative(claim.relative, quote.relative)
    shared = 0
    added: list[str] = []
    for name in ("year", "month", "day"):
        claimed = getattr(claim, name)
        quoted = getattr(quote, name)
        if claimed is None:
            continue
        if quoted is None:
            added.append(name)
        elif claimed == quoted:
            shared += 1
        else:
            return "other"
    if not shared:
        return "unlike"
    if claim.part and claim.part != quote.part:
        return "other" if quote.part else "unsaid"
    if not added:
        return "same"
    if added == ["year"]:
        return "same" if not years or claim.year in years else "other"
    return "unsaid"


def _quarter(match: re.Match[str]) -> int:
    """第三季度, the third quarter, q3: 3."""
    han, ordinal, digit = match.groups()
    if han:
        return "一二三四".index(han) + 1
    if ordinal:
        return ("first", "second", "third", "fourth").index(ordinal) + 1
    return int(digit)


def _overlap(match: re.Match[str], moment: Moment) -> bool:
    return moment.start < match.end() and match.start() < moment.end


def _compare_relative(claim: str, quote: str) -> Comparison:
    """Yesterday is another day than today; what it has to do with this year is not reckoned."""
    if claim == quote:
        return "same"
    if claim and quote and _unit_of(claim) == _unit_of(quote):
        return "other"
    return "unlike"


def _unit_of(relative: str) -> str:
    if relative.endswith("day") and relative not in ("yesterday", "today"):
        return "weekday"
    if relative in ("yesterday", "today", "tomorrow"):
        return "day"
    if relative[0] == "q":
        return "quarter"
    return relative.rsplit(maxsplit=1)[-1]  # the year of last year


def _absolute(match: re.Match[str]) -> Moment | None:
    # the groups are numbered as a name is used once in a pattern: y1 to y10 are the year of ten ways to write it
    said: dict[str, str] = {}
    for name, value in match.groupdict().items():
        if value and name != "sep":
            said[name[0]] = value
    year, month, day = (_number(said.get(key)) for key in "ymd")
    if month is not None and not 1 <= month <= 12:
        return None
    if day is not None and not 1 <= day <= 31:
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
        return int("".join([str(HAN_DIGITS[char]) for char in text]))  # 二〇二四
    tens, ten, ones = text.rpartition("十")
    number = 10 * HAN_DIGITS.get(tens, 1) if ten else 0
    return number + (HAN_DIGITS[ones[-1]] if ones else 0)
