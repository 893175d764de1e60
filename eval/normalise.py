"""Text -> tokens that compare equal when people would call the texts the same.

Two texts that differ in width (``７４``), case, spaces, punctuation, traditional or simplified
characters, or in how a number is written have the same tokens:

    tokens("１．８５億人") == tokens("1亿8500万 人") == ("185000000", "人")

A number is one token, so ``74`` is held by ``74家`` but not by ``2741`` or ``74.5``. Nothing here is
shared with the library that is examined: a mistake there must not be repeated here.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

Tokens = tuple[str, ...]

_DIGITS = {
    **dict(zip("零一二三四五六七八九", range(10), strict=True)),
    **dict(zip("0123456789", range(10), strict=True)),
    "〇": 0,
    "两": 2,
}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_ENGLISH_SCALE = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: n for n, word in enumerate(_ONES)} | {
    word: 10 * n for n, word in enumerate(_TENS, 2)
}

# 1,234,567.8, but not 12,34
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
# 二〇二四, 三点五
_HAN = r"[〇零一二两三四五六七八九]+(?:点[〇零一二三四五六七八九]+)?"
# 十万, 百亿, 万亿; or 十, 百, 千 alone
_UNIT = r"(?:[十百千]?(?:万亿|[万亿])|[十百千])"
# 31.6亿千瓦 counts kilowatts: a unit may only follow a larger one when a digit stands between them.
_NUMBER = re.compile(
    rf"(?:(?:{_ARABIC}|{_HAN}|十){_UNIT}零?|十(?!万|亿))*(?:{_ARABIC}|{_HAN}|十)"
)
_TAIL = re.compile(_UNIT)
_ATOM = re.compile(rf"{_ARABIC}|{_HAN}|[十百千万亿]")

# 百分之三十点五
_PERCENT = re.compile(r"百分之([\d.〇零一二两三四五六七八九十百点]+)")
_ISO_DATE = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_RANGE = re.compile(r"(?<=\d)\s*(?:[-~–—〜]|到)\s*(?=\d)")
_ENGLISH_WORDS = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<one>{'|'.join(_ONES[1:10])}))?"
    rf"|(?P<small>{'|'.join(_ONES)}))\b"
)
_ENGLISH_SCALES = re.compile(
    rf"(?P<n>{_ARABIC})[ -]?(?P<scale>{'|'.join(_ENGLISH_SCALE)})s?\b"
)
_TOKEN = re.compile(
    r"\d+(?:\.\d+)?|%|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff〇々]|[^\W\d_\u3040-\u30ff\u3400-\u9fff]+"
)


def tokens(text: str) -> Tokens:
    """Canonical tokens: a number, a CJK character, or a word of another script each.

    Order: full-width comma kept from becoming a thousands separator, NFKC, digits of other scripts to
    0-9, traditional to simplified (OpenCC ``t2s``), case folded, ISO dates to 年月日, numbers to plain
    decimals, punctuation dropped.
    """
    return _tokens(text)


def holds(text: str, answer: str) -> bool:
    """True when the tokens of ``answer`` stand in a row within those of ``text``; no tokens, never."""
    inside, whole = tokens(answer), tokens(text)
    if not inside:
        return False
    return any(
        whole[i : i + len(inside)] == inside
        for i in range(len(whole) - len(inside) + 1)
    )


def same(left: str, right: str) -> bool:
    """True when both texts have the same tokens, and any at all."""
    return bool(tokens(left)) and tokens(left) == tokens(right)


def is_number(token: str) -> bool:
    """True for a number token."""
    return token[0].isdigit()


@lru_cache(maxsize=65_536)
def _tokens(text: str) -> Tokens:
    # NFKC makes "，" a comma, and 2023，202 would be read as 2023,202: a thousands separator.
    text = unicodedata.normalize("NFKC", text.replace("，", " ").replace("、", " "))
    # ٧٤ -> 74
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    # 秦嶺站 -> 秦岭站
    text = str(_converter().convert(text)).casefold()
    # 2024-11-08 -> 2024年11月8日
    text = _ISO_DATE.sub(lambda m: f"{m[1]}年{int(m[2])}月{int(m[3])}日", text)
    # 百分之三十 -> 三十%
    text = _PERCENT.sub(r"\1%", text)
    # twenty-eight -> 28, and then 3 thousand -> 3000
    text = _ENGLISH_WORDS.sub(_english_word, text)
    text = _ENGLISH_SCALES.sub(_english_scale, text)
    # 1.85亿, 1亿8500万 -> 185000000
    text = _plain_numbers(text)
    # 4-5, 4到5 -> 4至5
    text = _RANGE.sub("至", text)
    return tuple(_TOKEN.findall(text))


@cache
def _converter() -> Any:
    from opencc import OpenCC  # noqa: PLC0415  loads its dictionaries: only when something is compared

    return OpenCC("t2s")


def _plain_numbers(text: str) -> str:
    """Every number as a plain decimal, spaces put around it so that neighbours stay apart."""
    out: list[str] = []
    at = 0
    while match := _NUMBER.search(text, at):
        end = match.end()
        if tail := _TAIL.match(text, end):
            end = tail.end()
        out += (
            text[at : match.start()],
            _separator(text, match.start()),
            _decimal(text[match.start() : end]),
        )
        at = end
    return "".join(out) + text[at:]


def _separator(text: str, at: int) -> str:
    return " " if at and text[at - 1].isdigit() else ""


def _decimal(run: str) -> str:
    """``1亿8500万`` -> ``185000000``: sections of at most 9999 times 万 or 亿, summed."""
    total = section = Decimal(0)
    number: Decimal | None = None
    for atom in _ATOM.findall(run):
        if atom in _SMALL:
            section += (Decimal(1) if number is None else number) * _SMALL[atom]
            number = None
        elif atom in _LARGE:
            section += number or 0
            number = None
            if section:
                total += section * _LARGE[atom]
            else:  # 万亿: the second unit multiplies what the first made
                total *= _LARGE[atom]
            section = Decimal(0)
        else:
            number = _digits(atom)
    return _plain(total + section + (number or 0))


def _digits(atom: str) -> Decimal:
    plain = "".join("." if c in ".点" else str(_DIGITS[c]) for c in atom if c != ",")
    return Decimal(plain)


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _english_word(match: re.Match[str]) -> str:
    if match["small"]:
        return str(_WORDS[match["small"]])
    return str(_WORDS[match["tens"]] + (_WORDS[match["one"]] if match["one"] else 0))


def _english_scale(match: re.Match[str]) -> str:
    return _plain(Decimal(match["n"].replace(",", "")) * _ENGLISH_SCALE[match["scale"]])
