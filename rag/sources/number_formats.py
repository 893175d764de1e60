"""A number or a date as a sheet shows it: ``0.125`` in the format ``0.0%`` is ``12.5%``.

Read are decimals, thousands, percent, scaling, currency and other literal texts, dates and times. What a
format says beyond that (fractions, conditions, colours, widths) leaves the number as it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

_SHORT_DATE = "mm-dd-yy"
"""Excel's date in the order of the reader's own country: shown as ISO, which reads the same everywhere."""
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHINESE_DAYS = "一二三四五六日"
_HALVES = {"AM/PM": ("AM", "PM"), "A/P": ("A", "P"), "上午/下午": ("上午", "下午")}
_DATE_KEYS = frozenset(
    (
        "y",
        "yy",
        "yyy",
        "yyyy",
        "m",
        "mm",
        "mmm",
        "mmmm",
        "d",
        "dd",
        "ddd",
        "dddd",
        "aaa",
        "aaaa",
    )
)
_LOCALE = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_BRACKETS = re.compile(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.I)
_CONDITION = re.compile(r"\[[<>=]")
_DATE_TOKEN = re.compile(
    r'"[^"]*"|\\.|\[?[hH]+\]?|[yY]+|[mM]+|[dD]+|[sS]+(?:\.0+)?|AM/PM|上午/下午|A/P|aaaa?|[^"\\]',
    re.S,
)
_DIGITS = re.compile(
    r"[#0?](?:[#0?,]*[#0?])?(?P<scale>,*)(?:\.(?P<decimals>[#0?]*))?(?P<exponent>[eE][+-]0+)?"
)


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
        value, section = (
            -value,
            sections[1],
        )  # the section says how a negative number is marked
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
    bare = re.sub(
        r'"[^"]*"|\\.|_.|\*.', lambda match: "\0" * len(match.group()), section
    )
    digits = _DIGITS.search(bare)
    if digits is None:
        return "", None, ""
    return (
        _literal(section[: digits.start()]),
        digits,
        _literal(section[digits.end() :]),
    )


def _literal(text: str) -> str:
    """``"元"`` is 元, ``\\-`` a hyphen; ``_x`` and ``*x`` are white space as wide as x."""
    text = re.sub(r"_.|\*.", "", text)
    return re.sub(
        r'"([^"]*)"|\\(.)',
        lambda match: match[1] if match[1] is not None else match[2],
        text,
    )


def _digits(value: float, digits: re.Match[str]) -> str:
    if value == 0 and not set(digits.group()) & set("0123456789"):
        return ""  # "-"?? shows nothing but a dash for zero
    decimals = digits["decimals"] or ""
    if digits["exponent"]:
        return f"{value:.{len(decimals)}E}"
    scaled = value / 1000 ** len(digits["scale"])
    thousands = "," if "," in digits.group().split(".")[0].rstrip(",") else ""
    text = f"{scaled:{thousands}.{len(decimals)}f}"
    optional = len(decimals) - len(
        decimals.rstrip("#")
    )  # "0.0#" shows 1.5 as 1.5, and 1.25 as 1.25
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
    return (
        text
        if "e" not in text or abs(value) >= 1e21
        else f"{value:.20f}".rstrip("0").rstrip(".")
    )


def _date(value: date | time, number_format: str) -> str:
    section = _BRACKETS.sub("", number_format.partition(";")[0])
    if section == _SHORT_DATE or not re.search(r"[ymdhs]", section, re.I):
        return _iso(value)
    tokens = _DATE_TOKEN.findall(section)
    words = _date_words(value) | _time_words(
        value, twelve=any(token in _HALVES for token in tokens)
    )
    pieces: list[str] = []
    for at, token in enumerate(tokens):
        key = token if token in _HALVES else token.strip("[]").lower().partition(".")[0]
        # "mm" is the month, but beside hours or seconds the minutes: "hh:mm", "mm:ss".
        if key in ("m", "mm") and _beside_clock(tokens, at):
            key = f"minutes {key}"
        pieces.append(words.get(key, "" if key in _DATE_KEYS else _literal(token)))
    return "".join(pieces).strip()


def _beside_clock(tokens: Sequence[str], at: int) -> bool:
    """Whether hours stand before a token, or seconds behind it, with only literal text between."""
    before = next(
        (token.strip("[]")[0] for token in reversed(tokens[:at]) if _is_field(token)),
        "",
    )
    behind = next((token[0] for token in tokens[at + 1 :] if _is_field(token)), "")
    return before in ("h", "H") or behind in ("s", "S")


def _is_field(token: str) -> bool:
    return token.strip("[]")[:1].lower() in tuple("ymdhs")


def _date_words(value: date | time) -> dict[str, str]:
    """What each token of a date shows; nothing for a time of no day."""
    if isinstance(value, time):
        return {}
    month, weekday = _ENGLISH_MONTHS[value.month - 1], value.weekday()
    return {
        **dict.fromkeys(("y", "yy"), f"{value.year % 100:02}"),
        **dict.fromkeys(("yyy", "yyyy"), f"{value.year:04}"),
        **{
            "m": str(value.month),
            "mm": f"{value.month:02}",
            "mmm": month[:3],
            "mmmm": month,
        },
        **{"d": str(value.day), "dd": f"{value.day:02}"},
        **{"ddd": _DAYS[weekday][:3], "dddd": _DAYS[weekday]},
        **{"aaa": _CHINESE_DAYS[weekday], "aaaa": f"星期{_CHINESE_DAYS[weekday]}"},
    }


def _time_words(value: date | time, *, twelve: bool) -> dict[str, str]:
    """What each token of a time of day shows; midnight for a date without one."""
    clock = (
        value
        if isinstance(value, time)
        else value.time()
        if isinstance(value, datetime)
        else time()
    )
    hour = (clock.hour + 11) % 12 + 1 if twelve else clock.hour
    words = {
        **{"h": str(hour), "hh": f"{hour:02}"},
        **{"minutes m": str(clock.minute), "minutes mm": f"{clock.minute:02}"},
        **{"s": str(clock.second), "ss": f"{clock.second:02}"},
    }
    for token, halves in _HALVES.items():
        words[token] = halves[clock.hour >= 12]
    return words


def _iso(value: date | time) -> str:
    if isinstance(value, datetime):
        day, clock = value.date().isoformat(), value.time()
        return (
            day
            if clock == time()
            else f"{day} {clock:%H:%M}" + (f":{clock:%S}" if clock.second else "")
        )
    if isinstance(value, time):
        return f"{value:%H:%M}" + (f":{value:%S}" if value.second else "")
    return value.isoformat()


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, second = divmod(abs(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{sign}{hour}:{minute:02}:{second:02}"
