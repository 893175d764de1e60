"""The amounts in a text, in Chinese or English, with value, unit and bound.

    amounts("超过3万人")[0]     # 30000, above, count:person
    amounts("百分之五")[0]      # 0.05, share

``3万``, ``30000``, ``三万`` and ``thirty thousand`` are one value; ``1.5公里`` and ``1500米`` too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from models.support.numerals import (
    DIGITS,
    ENGLISH_SCALES,
    HAN,
    HAN_DIGITS,
    HAN_SCALES,
    ONES,
    SCALE,
    TENS,
    digits_value,
    english_value,
    han_value,
    number_value,
)
from models.support.units import (
    ANY_COUNT,
    CHINESE,
    COUNT,
    CURRENCY,
    ENGLISH,
    NO_UNIT,
    NOT_AFTER_HAN_NUMBERS,
    Unit,
)

Bound = Literal["", "about", "above", "least", "below", "most"]
Direction = Literal["", "from", "to"]


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount at ``[start, end)``: ``low`` to ``high`` (equal but for ranges) in units of ``factor`` bases.

    ``direction`` tells the two ends of a change: from 3 小时 to 1 小时.
    """

    start: int
    end: int
    low: float
    high: float
    dimension: str
    factor: float
    bound: Bound = ""
    direction: Direction = ""
    ordinal: bool = False

    @property
    def base(self) -> tuple[float, float]:
        return self.low * self.factor, self.high * self.factor


_ZH_UNIT = "|".join(sorted(map(re.escape, CHINESE), key=len, reverse=True))
_EN_UNIT = "|".join(sorted(map(re.escape, ENGLISH), key=len, reverse=True))
_EN_SCALE = "|".join(ENGLISH_SCALES)
_ONES, _TENS = "|".join(ONES), "|".join(TENS)
_ONE_TO_NINE = "|".join(ONES[1:10])
_EN_NUMBER = rf"(?:{_TENS})(?:[- ](?:{_ONE_TO_NINE}))?|{_ONES}"
_AMOUNT = re.compile(
    rf"(?P<ordinal>第)?\s?(?P<share>百分之|(?P<parts>{DIGITS}|[二两三四五六七八九十百千]+)分之)?"
    rf"(?P<currency>[$€£¥])?"
    rf"(?:(?P<digits>(?<![a-z\d.])(?:{DIGITS})(?P<more>[多余])?(?:\s?{SCALE}(?:(?:{DIGITS})\s?{SCALE})*)?)"
    rf"|(?P<han>{HAN})"
    rf"|\b(?P<word>{_EN_NUMBER})\b)"
    rf"(?P<scale>[ -](?:{_EN_SCALE})\b)?"
    rf"(?P<rank>st|nd|rd|th)?"
    rf"(?P<over>[多余])?\s?(?P<half>个半)?"
    rf"(?:(?P<zh>{_ZH_UNIT})|-?(?P<en>{_EN_UNIT})(?![a-z]))?"
)
_ORDINALS = {
    "third": 3.0, "fourth": 4.0, "fifth": 5.0, "sixth": 6.0,
    "seventh": 7.0, "eighth": 8.0, "ninth": 9.0, "tenth": 10.0,
}  # fmt: skip
_ORDINAL = re.compile(rf"\b(?:{'|'.join(_ORDINALS)})\b")
_SCORE = re.compile(
    r"(?<![\d.])(\d{1,3})\s?[比:：]\s?(\d{1,3})(?![\d.])|(?<![\d.-])(\d{1,2})[-–](\d{1,2})(?![\d.-])"
)
_VERSION = re.compile(r"\d+(?:\.\d+){2,}|(?<=[a-z])[- ]?\d+(?:\.\d+)?(?=[a-z])")
_BEFORE: tuple[tuple[Bound, str], ...] = (
    ("least", r"(?:至少|不少于|不低于|不小于|at least|no (?:less|fewer) than|not less than)"),
    ("most", r"(?:至多|最多|不超过|不多于|不高于|不大于|at most|up to|no more than|not more than)"),
    ("above", r"(?:超过?|逾|突破|多于|高于|大于|more than|over|above|exceed(?:s|ed|ing)?|greater than|upwards of)"),
    ("below", r"(?:不足|不到|将?近|接近|少于|低于|小于|nearly|almost|less than|under|fewer than|below|close to)"),
    ("about", r"(?:大约|约为?|大概|about|around|approximately|roughly|some|an estimated)"),
)  # fmt: skip
_AFTER: tuple[tuple[Bound, str], ...] = (
    ("least", r"(?:及?以上|or more|and above)"),
    ("most", r"(?:及?以下|以内|or less|or fewer)"),
    ("about", r"(?:左右|上下|or so)"),
    ("above", r"(?:多|有余)"),
)
_PREFIX = [
    (bound, re.compile(pattern + r"(?:了|达|有|为|是|在|到|至|共|\s|人民币)*$"))
    for bound, pattern in _BEFORE
]
_SUFFIX = [(bound, re.compile(r"\s?" + pattern)) for bound, pattern in _AFTER]
_FROM = re.compile(r"(?:从|由|from)\S{0,4}?\s*$")
_TO = re.compile(
    r"(?:[增降减升缩提扩涨跌变改长短小大低高][加少到至为短]?(?:到|至|为)|[到至]|\bto)\s*$"
)
_BETWEEN = re.compile(r"\s?(?:至|到|-|–|—|~|～|to)\s?")


def amounts(folded: str, taken: Sequence[tuple[int, int]] = ()) -> tuple[Amount, ...]:
    """Every amount of a folded text but those within the spans ``taken`` (dates)."""
    text = _blanked(folded, taken)
    found: list[Amount] = []
    for match in _SCORE.finditer(text):
        score = _score(text, match)
        if score is not None:
            found.append(score)
    for match in _ORDINAL.finditer(text):
        rank = _ORDINALS[match.group()]
        found.append(Amount(*match.span(), rank, rank, "", 1.0, ordinal=True))
    # 98比95 is no 98, and 3.11.2 no amount at all
    read = [(each.start, each.end) for each in found]
    versions = [match.span() for match in _VERSION.finditer(text)]
    text = _blanked(text, [*read, *versions])
    for match in _AMOUNT.finditer(text):
        amount = _amount(text, match)
        if amount is not None:
            found.append(amount)
    found.sort(key=lambda each: each.start)
    return tuple(_joined(found, text))


def _score(text: str, match: re.Match[str]) -> Amount | None:
    """98比95, 2-1; a hyphen between rising numbers, or before a unit, is a range."""
    hyphen = match[3] is not None
    first = float(match[3] if hyphen else match[1])
    second = float(match[4] if hyphen else match[2])
    after = text[match.end() : match.end() + 12].lstrip()
    unit = re.match(rf"{_ZH_UNIT}|[万亿千百多余]|(?:{_EN_UNIT})(?![a-z])", after)
    if hyphen and (unit or first <= second):
        return None
    return Amount(*match.span(), first, second, "score", 1.0)


def _amount(text: str, match: re.Match[str]) -> Amount | None:
    """The amount that a match is; None where its characters are no number, or part of a word."""
    value = _value(match)
    dimension, factor = _unit(text, match)
    if match["share"]:
        value /= max(number_value(match["parts"]), 1) if match["parts"] else 100
        dimension, factor = "share", 1.0
    ordinal = bool(match["ordinal"] or match["rank"])
    if not _is_number(match, value, dimension, ordinal):
        return None
    start, end = match.span()
    glued = not (match["zh"] or match["en"]) and not text[end - 1].isspace()
    if glued and not match["han"] and re.match("[a-z]", text[end : end + 1]):
        return None  # 5g, 3d
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    bound, start, end = _bound(text, start, end, bool(match["more"] or match["over"]))
    return Amount(
        start,
        end,
        low=value,
        high=value,
        dimension=dimension,
        factor=factor,
        bound=bound,
        direction=_direction(text[:start]),
        ordinal=ordinal,
    )


def _value(match: re.Match[str]) -> float:
    """In units of what follows: 1.5 of 一个半小时."""
    if match["digits"]:
        value = digits_value(match["digits"])
    elif match["han"]:
        value = han_value(match["han"])
    else:
        value = english_value(match["word"])
    if match["scale"]:
        value *= ENGLISH_SCALES[match["scale"].strip(" -")]
    return value + 0.5 if match["half"] else value


def _is_number(
    match: re.Match[str], value: float, dimension: str, ordinal: bool
) -> bool:
    """Whether words for a number are one here: one of them is none, and 第三天 is a day."""
    if match["word"] and value == 1:
        return False
    if ordinal:
        return match["zh"] != "天"
    if not match["han"] or match["share"]:
        return True
    return _counts(match["han"], match["zh"] or "", dimension, value)


def _direction(before: str) -> Direction:
    """Which end of a change an amount is, by what stands before it: 从3小时缩短至1小时."""
    if _FROM.search(before[-12:]):
        return "from"
    return "to" if _TO.search(before[-8:]) else ""


def _unit(text: str, match: re.Match[str]) -> Unit:
    if match["zh"]:
        return CHINESE[match["zh"]]
    if match["en"]:
        return ENGLISH[match["en"]]
    if match["currency"]:
        return CURRENCY[match["currency"]]
    # seventy-four stores: an English noun that is in no table is counted
    end = match.end()
    follows = text[end - 1 :] if text[end - 1 : end] == " " else text[end:]
    noun = re.match(r"[ -][a-z]{3,}", follows)
    return ANY_COUNT if noun else NO_UNIT


def _counts(han: str, unit: str, dimension: str, value: float) -> bool:
    """Whether characters are a number here: 三家 and 五十万 are, 一切, 十分, 千家 and 一个 are none."""
    counted = any(char in HAN_DIGITS or char == "十" for char in han)
    if not counted:
        return False
    if not unit:
        if "万" in han or "亿" in han:
            return True
        return len(han) > 2 and any(char in HAN_SCALES for char in han)
    if value == 1 and dimension.startswith(COUNT):
        return False
    return len(han) > 1 or unit not in NOT_AFTER_HAN_NUMBERS


def _bound(text: str, start: int, end: int, over: bool) -> tuple[Bound, int, int]:
    """The bound of the amount at ``[start, end)``, and where it begins and ends with the words that say so."""
    before = text[max(0, start - 24) : start]
    for bound, pattern in _PREFIX:
        if (match := pattern.search(before)) is not None:
            return bound, start - (len(before) - match.start()), end
    for bound, pattern in _SUFFIX:
        if (match := pattern.match(text, end)) is not None:
            return bound, start, match.end()
    return ("above" if over else ""), start, end


def _joined(found: list[Amount], text: str) -> list[Amount]:
    """Ranges (3至5天) and amounts in two units (1小时10分钟) as one."""
    joined: list[Amount] = []
    for amount in found:
        whole = _together(joined[-1], amount, text) if joined else None
        if whole is None:
            joined.append(amount)
        else:
            joined[-1] = whole
    return joined


def _together(first: Amount, second: Amount, text: str) -> Amount | None:
    """The amount that two neighbours are; None where they are two."""
    if first.end > second.start or first.dimension == "score":
        return None
    between = text[first.end : second.start]
    in_two_units = (
        second.dimension in ("time", "money:cny")
        and second.dimension == first.dimension
        and first.factor > second.factor
    )
    if in_two_units and not between.strip("零又和 "):
        total = first.low + second.low * second.factor / first.factor
        return replace(first, end=second.end, low=total, high=total)
    rises = first.dimension in ("", second.dimension) and first.low < second.low
    if rises and _BETWEEN.fullmatch(between) and first.direction != "from":
        scale = _shared(first, second)
        if first.dimension:
            scale = first.factor / second.factor
        return replace(
            second,
            start=first.start,
            low=first.low * scale,
            bound=first.bound or second.bound,
            direction="",
        )
    return None


def _shared(first: Amount, second: Amount) -> float:
    """The scale that 3至5万 gives its first number."""
    for scale in (1e8, 1e4):
        if second.low >= scale > first.low and second.low / scale > first.low:
            return scale
    return 1.0


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with spans replaced by a mark that belongs to no number."""
    for start, end in spans:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text
