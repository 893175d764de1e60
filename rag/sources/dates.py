"""Published dates as people and machines write them, to ISO."""

from __future__ import annotations

import re
from datetime import date
from email.utils import parsedate
from unicodedata import normalize

_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})\s*(?:[-/.]|年)\s*(?P<month>\d{1,2})\s*(?:[-/.]|月)\s*(?P<day>\d{1,2})(?!\d)",
    re.ASCII,
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?!\d)", re.ASCII)
_MONTHS = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})\s+)?(?P<name>[a-z]{3})[a-z]*\.?\s+(?:(?P<late_day>\d{1,2}),?\s+)?(?P<year>\d{4})(?!\d)",
    re.ASCII,
)


def iso_date(value: object) -> str | None:
    """``YYYY-MM-DD`` of a date with or without a time after it, or None when it names no day.

    Read are ``2024-5-31``, ``2024/05/31``, ``2024.05.31``, ``2024年5月31日``, ``20240531``,
    ``31 May 2024``, ``May 31, 2024`` and the dates of e-mail headers, in full-width digits too. The day
    is the one written; a time zone does not move it.
    """
    if not isinstance(value, str | int):
        return None
    text = normalize("NFKC", str(value)).strip().lower()
    if match := _YEAR_FIRST.match(text) or _COMPACT.match(text):
        return iso(match["year"], match["month"], match["day"])
    if match := _NAMED.match(text):
        if match["name"] in _MONTHS and (day := match["day"] or match["late_day"]):
            return iso(match["year"], _MONTHS.index(match["name"]) + 1, day)
        return None
    # An e-mail: "Fri, 31 May 2024 09:12:00 +0800".
    if text[:3].isalpha() and (fields := parsedate(text)):
        return iso(*fields[:3])
    return None


def iso(year: str | int, month: str | int, day: str | int) -> str | None:
    """The ISO date; None for a day that the calendar does not have."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
