"""What a page says of itself: the day and the number that a newspaper prints at its head or foot."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.pages.years import year_of
from rag.records import Part
from rag.sources.dates import iso

_DATE = r"(?P<year>(?:19|20)\d\d)\s*[年./-]\s*(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})\s*日?"
_NUMBER = r"(?:第\s*)?[A-Z]?\d{1,3}\s*版(?:[面次])?(?:[\s\u3000:：|·—-]*[\u4e00-\u9fff·]{0,8})"
_WEEKDAY = r"(?:(?:星期|周)[一二三四五六日天])"
_PAPER = r"(?:[《]?[\u4e00-\u9fff]{2,8}(?:报|时报|周刊)[》]?)"
_SECTION = r"(?:[\u4e00-\u9fff·]{2,6})"
_GAP = r"[\s\u3000|·,，/（()）-]*"
_FOLIO = re.compile(
    rf"(?:{_PAPER}{_GAP})?(?:{_NUMBER}{_GAP})?{_DATE}{_GAP}(?:{_WEEKDAY}{_GAP})?(?:农历[\u4e00-\u9fff]{{2,12}}{_GAP})?"
    rf"(?:{_NUMBER}{_GAP})?(?:{_PAPER}{_GAP})?(?:{_SECTION})?"
)
_NUMBERED = re.compile(rf"{_GAP}{_NUMBER}{_GAP}")
_AHEAD = 1
"""Months that a date may lie after that of its page; with more, it is of the year before."""
LONGEST = 40
"""Characters of a folio."""
AT_HEAD, AT_FOOT = 3, 2
"""How many blocks from either end of a page it may stand."""


def folios(texts: Sequence[str]) -> list[int]:
    """Which blocks of a page are no article's: a date line, a page number, at its head or foot."""
    found: list[int] = []
    for i, text in enumerate(texts):
        is_at_edge = i < AT_HEAD or i >= len(texts) - AT_FOOT
        if is_at_edge and is_folio(text):
            found.append(i)
    return found


def is_folio(text: str) -> bool:
    """Whether a block is a date line or a page number and nothing more."""
    if len(text) > LONGEST:
        return False
    return bool(_FOLIO.fullmatch(text) or _NUMBERED.fullmatch(text))


@dataclass(frozen=True, slots=True)
class Calendar:
    """What completes a date without a year: the day that the page bears, or else the years that it names.

    Attributes:
        text: the page; asked for only when a date lacks its year.
        printed: the day of the edition, as the page or the source states it.
    """

    text: Callable[[], str]
    printed: date | None = None

    @classmethod
    def of_page(cls, text: str, texts: Sequence[str]) -> Calendar:
        """Of a page with these blocks."""
        days = (day_of(texts[i]) for i in folios(texts))
        return cls(lambda: text, next((day for day in days if day), None))

    def dated(self, part: Part) -> Part:
        """The part, of the day that its page bears unless it declares another."""
        printed = self.printed.isoformat() if self.printed else None
        return replace(part, published=part.published or printed)

    def complete(self, month: int, day: int) -> tuple[str, str] | None:
        """The ISO date of this day and what gave its year; None where that is not known."""
        if self.printed is not None:
            # On a page of January 2024, 12月30日 is of 2023 (24289 + 1 - 12 = 24278 months), 2月1日 of 2024.
            months = 12 * self.printed.year + self.printed.month + _AHEAD
            year = (months - month) // 12
            why = f"the page is of {self.printed.isoformat()}"
        elif found := year_of(self.text(), month, day):
            year = found
            why = f"{found}年, the likeliest by the years that the page names"
        else:
            return None
        resolved = iso(year, month, day)
        return (resolved, why) if resolved else None


def day_of(folio: str) -> date | None:
    """The day that a folio states."""
    found = _FOLIO.fullmatch(folio)
    stated = iso(found["year"], found["month"], found["day"]) if found else None
    return date.fromisoformat(stated) if stated else None
