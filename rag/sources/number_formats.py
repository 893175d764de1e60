"""A number or a date as a sheet shows it: ``0.125`` in the format ``0.0%`` is ``12.5%``.

Read are decimals, thousands, percent, scaling, currency and other literal texts, dates and times. What a
format says beyond that (fractions, conditions, colours, widths) leaves the number as it is stored.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

_SHORT_DATE = "mm-dd-yy"
"""Excel's date in the order of the reader's own country: shown as ISO, which reads the same everywhere."""
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LOCALE = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_BRACKETS = re.compile(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.I)
_CONDITION = re.compile(r"\[[<>=]")
_DATE_TOKEN = re.compile(
    r'"[^"]*"|\\.|\[?[hH]+\]?|[yY]+|[mM]+|[dD]+|[sS]+(?:\.0+)?|AM/PM|上午/下午|A/P|aaaa?|[^"\\]', re.S
)
_DIGITS = re.compile(r"[#0?](?:[#0?,]*[#0?])?(?P<scale>,*)(?:\.(?P<decimals>[#0?]*))?(?P<exponent>[eE][+-]0+)?")


def shown(value: object, number_format: str) -> str:
    """The text of a cell: numbers and dates in their format, all else as it is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime | date | time):
        return _date(value, number_format)
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, int | float):
        return _number(value, number_format)
    return str(value)


def _number(value: float, number_format: str) -> str:
    if number_format == "General":
        return _plain(value)
    sections = number_format.split(";")
    if _CONDITION.search(number_format) or "/" in number_format:
        return _plain(value)
    section = sections[0]
    if value < 0 and len(sections) > 1 and sections[1].strip():
        value, section = -value, sections[1]  # the section says how a negative number is marked
    elif value == 0 and len(sections) > 2 and sections[2].strip():
        section = sections[2]
    before, digits, after = _parted(section)
    if digits is None:
        return _plain(value)
    percent = "%" in before + after
    body = _digits(value * 100 if percent else value, digits)
    sign = "-" if body.startswith("-") else ""
    return f"{sign}{before}{body.removeprefix('-')}{after}".strip()


@lru_cache(maxsize=1024)
def _parted(section: str) -> tuple[str, re.Match[str] | None, str]:
    """The literal text before the digits of a format, the digits, the text after them."""
    section = _BRACKETS.sub("", _LOCALE.sub(lambda match: f'"{match[1]}"', section))
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.', lambda match: "\0" * len(match.group()), section)
    digits = _DIGITS.search(bare)
    if digits is None:
        return "", None, ""
    return _literal(section[: digits.start()]), digits, _literal(section[digits.end() :])


def _literal(text: str) -> str:
    """``"元"`` is 元, ``\\-`` a hyphen; ``_x`` and ``*x`` are white space as wide as x."""
    text = re.sub(r"_.|\*.", "", text)
    return re.sub(r'"([^"]*)"|\\(.)', lambda match: match[1] if match[1] is not None else match[2], text)


def _digits(value: float, digits: re.Match[str]) -> str:
    if value == 0 and not set(digits.group()) & set("0123456789"):
        return ""  # "-"?? shows nothing but a dash for zero
    decimals = digits["decimals"] or ""
    if digits["exponent"]:
        return f"{value:.{len(decimals)}E}"
    scaled = value / 1000 ** len(digits["scale"])
    thousands = "," if "," in digits.group().split(".")[0].rstrip(",") else ""
    text = f"{scaled:{thousands}.{len(decimals)}f}"
    optional = len(decimals) - len(decimals.rstrip("#"))  # "0.0#" shows 1.5 as 1.5, and 1.25 as 1.25
    for _ in range(optional):
        text = text.removesuffix("0")
    text = text.removesuffix(".")
    least = digits.group().split(".")[0].count("0")
    negative = text.startswith("-")
    whole, point, rest = text.removeprefix("-").partition(".")
    return f"{'-' if negative else ''}{whole.rjust(least, '0')}{point}{rest}"


def _plain(value: float) -> str:
    """As a sheet shows a number without a format: 15 digits at most, no ``.0``."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.15g}"
    return text if "e" not in text or abs(value) >= 1e21 else f"{value:.20f}".rstrip("0").rstrip(".")


def _date(value: date | time, number_format: str) -> str:
    section = _BRACKETS.sub("", number_format.split(";")[0])
    if section == _SHORT_DATE or not re.search(r"[ymdhs]", section, re.I):
        return _iso(value)
    tokens = _DATE_TOKEN.findall(section)
    twelve = any(token in ("AM/PM", "上午/下午", "A/P") for token in tokens)
    pieces: list[str] = []
    last = ""
    for number, token in enumerate(tokens):
        following = next((each for each in tokens[number + 1 :] if each[0] in "ymdhsYMDHS"), "")
        minutes = token[0] in "mM" and (last in ("h", "H") or following[:1] in ("s", "S"))
        pieces.append(_date_piece(value, token, minutes=minutes, twelve=twelve))
        if token[0] in "ymdhsYMDHS":
            last = token[0]
    return "".join(pieces).strip()


def _date_piece(value: date | time, token: str, *, minutes: bool, twelve: bool) -> str:
    letter = token.strip("[]")[:1].lower() if token[0] not in '"\\' else ""
    if letter in ("h", "s") or (letter == "m" and minutes) or token in ("AM/PM", "上午/下午", "A/P"):
        return _time_piece(value, token, letter, twelve=twelve)
    if letter not in ("y", "m", "d") and not token.startswith("aaa"):
        return _literal(token)
    if isinstance(value, time):
        return ""
    if letter == "y":
        return f"{value.year:04}" if len(token) > 2 else f"{value.year % 100:02}"
    if letter == "m" and len(token) > 2:
        return _ENGLISH_MONTHS[value.month - 1][: 3 if len(token) == 3 else None]
    if token.startswith("aaa"):
        return ("星期" if len(token) > 3 else "") + "一二三四五六日"[value.weekday()]
    if letter == "d" and len(token) > 2:
        return _DAYS[value.weekday()][: 3 if len(token) == 3 else None]
    return f"{value.month if letter == 'm' else value.day:0{len(token)}}"


def _time_piece(value: date | time, token: str, letter: str, *, twelve: bool) -> str:
    hour = getattr(value, "hour", 0)
    if token == "AM/PM":
        return "AM" if hour < 12 else "PM"
    if token == "A/P":
        return "A" if hour < 12 else "P"
    if token == "上午/下午":
        return "上午" if hour < 12 else "下午"
    width = min(len(token.strip("[]").partition(".")[0]), 2)
    if letter == "h":
        return f"{(hour + 11) % 12 + 1 if twelve else hour:0{width}}"
    return f"{getattr(value, 'minute' if letter == 'm' else 'second', 0):0{width}}"


def _iso(value: date | time) -> str:
    if isinstance(value, datetime):
        day, clock = value.date().isoformat(), value.time()
        return day if clock == time() else f"{day} {clock:%H:%M}" + (f":{clock:%S}" if clock.second else "")
    if isinstance(value, time):
        return f"{value:%H:%M}" + (f":{value:%S}" if value.second else "")
    return value.isoformat()


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, second = divmod(abs(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{sign}{hour}:{minute:02}:{second:02}"
