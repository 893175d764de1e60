"""The values of numbers as they are written: 1亿8500万, 三千二百, 二〇二四, seventy-four."""

from __future__ import annotations

import math
import re

HAN_DIGITS: dict[str, int] = {
    char: value for value, char in enumerate("零一二三四五六七八九")
}
HAN_DIGITS |= {"〇": 0, "两": 2}
HAN_SCALES = {"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
ENGLISH_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "bn": 1e9,
    "dozen": 12.0,
}
ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ENGLISH_WORDS = {word: float(value) for value, word in enumerate(ONES)}
_ENGLISH_WORDS |= {word: 10.0 * tens for tens, word in enumerate(TENS, 2)}

DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
"""A pattern: 1,850.5."""
SCALE = r"(?:[十百千]?万亿|[十百千]?[万亿]|[十百](?!分)|千(?![瓦米克升卡]))"
"""A pattern of what may follow digits: 千万 of 3千万, but no 千 of 3千米."""
HAN = r"[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?"
_SCALED = re.compile(rf"({DIGITS})[多余]?\s?({SCALE})?")


def digits_value(text: str) -> float:
    """``1亿8500万`` -> 185000000."""
    total = 0.0
    for number, scales in _SCALED.findall(text):
        scale = math.prod(HAN_SCALES[char] for char in scales)
        total += float(number.replace(",", "")) * scale
    return total


def han_value(text: str) -> float:
    """``三千二百点五`` -> 3200.5; digits alone are read one by one, ``二〇二四`` -> 2024."""
    whole, _, fraction = text.partition("点")
    scaled = any(char in HAN_SCALES for char in whole)
    value = _sections(whole)
    if len(whole) > 1 and not scaled:
        value = float(_as_digits(whole))
    if fraction:
        value += float("0." + _as_digits(fraction))
    return value


def number_value(text: str) -> float:
    """Of digits or of characters."""
    return digits_value(text) if text[0].isdigit() else han_value(text)


def english_value(text: str) -> float:
    """``seventy-four`` -> 74."""
    return sum(_ENGLISH_WORDS[word] for word in re.split(r"[- ]", text))


def _as_digits(text: str) -> str:
    return "".join([str(HAN_DIGITS[char]) for char in text])


def _sections(text: str) -> float:
    """By sections of four places: 三千二百 | 万 | 五百.

    ``total`` are the sections that a 万 or 亿 has closed, ``section`` the open one, ``digit`` what waits for
    its scale.
    """
    total = section = 0.0
    digit: float | None = None
    for char in text:
        if char in HAN_DIGITS:
            digit = float(HAN_DIGITS[char])
        elif HAN_SCALES[char] < 1e4:
            # 十 alone is 10
            section += (1.0 if digit is None else digit) * HAN_SCALES[char]
            digit = None
        else:
            section += digit or 0.0
            if total and char != "亿":
                total += section * HAN_SCALES[char]
            else:
                # 万亿: the second scale multiplies all that stands before it
                one = 0.0 if total else 1.0
                total = (total + (section or one)) * HAN_SCALES[char]
            section = 0.0
            digit = None
    return total + section + (digit or 0.0)
