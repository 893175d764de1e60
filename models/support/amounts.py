# ruff: noqa: SIM905
"""The amounts in a text, in Chinese or English, with value, unit and bound, compared as amounts.

    amounts("超过3万人")[0]     # 30000, above, count:person
    amounts("百分之五")[0]      # 0.05, share

``3万``, ``30000``, ``三万`` and ``thirty thousand`` are one value; ``1.5公里`` and ``1500米`` too.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Literal

from models.support.units import (
    ANY_COUNT,
    CHINESE,
    CURRENCY,
    ENGLISH,
    NO_UNIT,
    NOT_AFTER_HAN_NUMBERS,
    Unit,
    compatible,
)

Bound = Literal["", "about", "above", "least", "below", "most"]
Direction = Literal["", "from", "to"]
Comparison = Literal["same", "looser", "surer", "other"]


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


_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALE = {"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_EN_SCALE = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "bn": 1e9,
    "dozen": 12.0,
}
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_EN_WORD = {w: float(i) for i, w in enumerate(_ONES)} | {
    w: 10.0 * i for i, w in enumerate(_TENS, 2)
}

_N = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_S = r"(?:[十百千]?万亿|[十百千]?[万亿]|[十百](?!分)|千(?![瓦米克升卡]))"
_H = r"[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?"
_ZH_UNIT = "|".join(sorted(map(re.escape, CHINESE), key=len, reverse=True))
_EN_UNIT = "|".join(sorted(map(re.escape, ENGLISH), key=len, reverse=True))
_ONE_EN = (
    rf"(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(_ONES)}"
)
_AMOUNT = re.compile(
    rf"(?P<ordinal>第)?\s?(?P<share>百分之|(?P<parts>{_N}|[二两三四五六七八九十百千]+)分之)?"
    rf"(?P<currency>[$€£¥])?"
    rf"(?:(?P<digits>(?<![a-z\d.])(?:{_N})(?P<more>[多余])?(?:\s?{_S}(?:(?:{_N})\s?{_S})*)?)"
    rf"|(?P<han>{_H})"
    rf"|\b(?P<word>{_ONE_EN})\b)"
    rf"(?P<scale>[ -](?:{'|'.join(_EN_SCALE)})\b)?"
    rf"(?P<rank>st|nd|rd|th)?"
    rf"(?P<over>[多余])?\s?(?P<half>个半)?"
    rf"(?:(?P<zh>{_ZH_UNIT})|-?(?P<en>{_EN_UNIT})(?![a-z]))?"
)
_ORDINALS = {
    w: float(i)
    for i, w in enumerate(
        "third fourth fifth sixth seventh eighth ninth tenth".split(), 3
    )
}
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


def amounts(folded: str, taken: tuple[tuple[int, int], ...] = ()) -> tuple[Amount, ...]:
    """Every amount of a folded text but those within the spans ``taken`` (dates)."""
    text = _blanked(folded, taken)
    found: list[Amount] = []
    for match in _SCORE.finditer(text):
        if (score := _score(text, match)) is not None:
            found.append(score)
    found += [
        Amount(
            *m.span(), _ORDINALS[m.group()], _ORDINALS[m.group()], "", 1.0, ordinal=True
        )
        for m in _ORDINAL.finditer(text)
    ]
    text = _blanked(
        text,
        tuple((a.start, a.end) for a in found)
        + tuple(m.span() for m in _VERSION.finditer(text)),
    )
    found += [a for m in _AMOUNT.finditer(text) if (a := _read(text, m)) is not None]
    return tuple(_joined(sorted(found, key=lambda a: a.start), text))


def compare(claim: Amount, quote: Amount) -> Comparison:  # noqa: PLR0911 (a rule a return)
    """``same``: what the quote says bears the claim out. ``looser`` or ``surer``: it does but for the claim
    leaving a bound out. ``other``: it says another amount."""
    if not comparable(claim, quote) or {claim.direction, quote.direction} == {
        "from",
        "to",
    }:
        return "other"
    bare = not (claim.dimension and quote.dimension) or claim.dimension.startswith(
        "count:"
    )
    (c_low, c_high), (q_low, q_high) = (
        (a.low, a.high) if bare else a.base for a in (claim, quote)
    )
    tolerance = 1e-9 if claim.factor == quote.factor else 2e-3
    if claim.dimension == "score" and c_low != c_high:
        return "same" if {c_low, c_high} == {q_low, q_high} else "other"
    equal = math.isclose(c_low, q_low, rel_tol=tolerance) and math.isclose(
        c_high, q_high, rel_tol=tolerance
    )
    if equal:
        return _bounds(claim.bound, quote.bound)
    if claim.bound == "about" and quote.bound in ("", "about"):
        return "same" if math.isclose(c_low, q_low, rel_tol=0.05) else "other"
    if claim.bound in ("above", "least") and quote.bound in (
        "",
        "about",
        "above",
        "least",
    ):
        return "same" if c_low < q_low <= c_low * 1.5 else "other"
    if claim.bound in ("below", "most") and quote.bound in (
        "",
        "about",
        "below",
        "most",
    ):
        return "same" if q_high < c_high <= q_high * 1.2 else "other"
    return "other"


def comparable(claim: Amount, quote: Amount) -> bool:
    return claim.ordinal == quote.ordinal and (
        claim.ordinal or compatible(claim.dimension, quote.dimension)
    )


_UPPER, _LOWER = frozenset({"above", "least"}), frozenset({"below", "most"})


def _bounds(claim: Bound, quote: Bound) -> Comparison:
    if claim == quote or {claim, quote} in ({"above", "least"}, {"below", "most"}):
        return "same"
    if claim in _UPPER | _LOWER and quote in _UPPER | _LOWER:
        return "other"
    if not claim:
        return "surer"
    if claim == "about" or (not quote and claim in ("least", "most")):
        return "same" if not quote else "looser"
    return "other" if not quote else "surer"


def _score(text: str, match: re.Match[str]) -> Amount | None:
    """98比95, 2-1; a hyphen between rising numbers, or before a unit, is a range."""
    hyphen = match[3] is not None
    first, second = (
        float(x) for x in (match.groups()[2:] if hyphen else match.groups()[:2])
    )
    after = text[match.end() : match.end() + 12].lstrip()
    unit = re.match(rf"{_ZH_UNIT}|[万亿千百多余]|(?:{_EN_UNIT})(?![a-z])", after)
    if hyphen and (unit or first <= second):
        return None
    return Amount(*match.span(), first, second, "score", 1.0)


def _read(text: str, match: re.Match[str]) -> Amount | None:
    han, word = match["han"], match["word"]
    start, end = match.span()
    while start < end and text[start].isspace():
        start += 1
    value = (
        _digits(match["digits"])
        if match["digits"]
        else _han(han)
        if han
        else _english(word)
    )
    if match["scale"]:
        value *= _EN_SCALE[match["scale"].strip(" -")]
    dimension, factor = _unit(text, match)
    if match["half"]:
        value += 0.5
    if match["share"]:
        value = (
            value / 100 if not match["parts"] else value / max(_any(match["parts"]), 1)
        )
        dimension, factor = "share", 1.0
    ordinal = bool(match["ordinal"] or match["rank"])
    if (
        han
        and not ordinal
        and not match["share"]
        and not _counts(han, match["zh"] or "", dimension, value)
    ):
        return None
    if (word and value == 1) or (ordinal and match["zh"] == "天"):
        return None
    glued = not (match["zh"] or match["en"]) and not text[end - 1].isspace()
    if not han and glued and re.match("[a-z]", text[end : end + 1]):
        return None  # 5g, 3d
    while end > start and text[end - 1].isspace():
        end -= 1
    bound, begin, stop = _bound(text, start, end, bool(match["more"] or match["over"]))
    direction: Direction = (
        "from"
        if _FROM.search(text[:begin][-12:])
        else "to"
        if _TO.search(text[:begin][-8:])
        else ""
    )
    return Amount(
        begin, stop, value, value, dimension, factor, bound, direction, ordinal
    )


def _unit(text: str, match: re.Match[str]) -> Unit:
    if match["zh"]:
        return CHINESE[match["zh"]]
    if match["en"]:
        return ENGLISH[match["en"]]
    if match["currency"]:
        return CURRENCY[match["currency"]]
    follows = re.match(
        r"[ -][a-z]{3,}",
        text[match.end() - (text[match.end() - 1 : match.end()] == " ") :],
    )
    return ANY_COUNT if follows else NO_UNIT


def _counts(han: str, unit: str, dimension: str, value: float) -> bool:
    """Whether characters are a number here: 三家 and 五十万 are, 一切, 十分, 千家 and 一个 are none."""
    if not any(c in _DIGIT or c == "十" for c in han):
        return False
    if not unit:
        return any(c in "万亿" for c in han) or (
            len(han) > 2 and any(c in _SCALE for c in han)
        )
    if value == 1 and dimension.startswith("count:"):
        return False
    return len(han) > 1 or unit not in NOT_AFTER_HAN_NUMBERS


def _bound(text: str, start: int, end: int, over: bool) -> tuple[Bound, int, int]:
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
        last = joined[-1] if joined else None
        if last is not None and last.end <= amount.start and last.dimension != "score":
            between = text[last.end : amount.start]
            mixed = amount.dimension == last.dimension and last.factor > amount.factor
            if (
                not between.strip("零又和 ")
                and mixed
                and amount.dimension in ("time", "money:cny")
            ):
                total = last.low + amount.low * amount.factor / last.factor
                joined[-1] = replace(last, end=amount.end, low=total, high=total)
                continue
            same_unit = (
                last.dimension in ("", amount.dimension) and last.low < amount.low
            )
            if _BETWEEN.fullmatch(between) and same_unit and last.direction != "from":
                low = last.low * (
                    last.factor / amount.factor
                    if last.dimension
                    else _shared(last, amount)
                )
                joined[-1] = replace(
                    amount,
                    start=last.start,
                    low=low,
                    bound=last.bound or amount.bound,
                    direction="",
                )
                continue
        joined.append(amount)
    return joined


def _shared(first: Amount, second: Amount) -> float:
    """The scale that 3至5万 gives its first number."""
    for scale in (1e8, 1e4):
        if second.low >= scale > first.low and second.low / scale > first.low:
            return scale
    return 1.0


def _digits(text: str) -> float:
    """``1亿8500万`` -> 185000000."""
    total = 0.0
    for number, scales in re.findall(rf"({_N})[多余]?\s?({_S})?", text):
        total += float(number.replace(",", "")) * math.prod(_SCALE[c] for c in scales)
    return total


def _han(text: str) -> float:
    whole, _, fraction = text.partition("点")
    if len(whole) > 1 and not any(c in _SCALE for c in whole):
        value = float("".join(str(_DIGIT[c]) for c in whole))
    else:
        value = _sections(whole)
    return value + (
        float("0." + "".join(str(_DIGIT[c]) for c in fraction)) if fraction else 0.0
    )


def _sections(text: str) -> float:
    total = section = 0.0
    digit: float | None = None
    for char in text:
        if char in _DIGIT:
            digit = float(_DIGIT[char])
        elif _SCALE[char] < 1e4:
            section += (1.0 if digit is None else digit) * _SCALE[char]
            digit = None
        else:
            section += digit or 0.0
            total = (
                (total + (section or (0.0 if total else 1.0))) * _SCALE[char]
                if char == "亿" or not total
                else total + section * _SCALE[char]
            )
            section, digit = 0.0, None
    return total + section + (digit or 0.0)


def _any(text: str) -> float:
    return _digits(text) if text[0].isdigit() else _han(text)


def _english(text: str) -> float:
    return sum(_EN_WORD[word] for word in re.split(r"[- ]", text))


def _blanked(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """The text with spans replaced by a mark that belongs to no number."""
    for start, end in spans:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text
