"""What an article says of itself: agency, byline, dateline, place, and the day it was published.

A dateline gives a month and a day. The year is the one that the page speaks of most, of two the later:
11月18日 on a page that says 2024年 four times and 2023年 twice is 2024-11-18. How it was inferred is told
with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from models.pages.lines import AGENCY, BYLINE, DATELINE, furniture_of

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年(?!前|后|来|间|代)")
_LEARNT = re.compile(r"[^，。]{0,6}记者(\d{1,2})月(\d{1,2})日从[^，。]{1,20}获悉")
_PICTURED = re.compile(r"(\d{1,2})月(\d{1,2})日[，,]")
_SIGNS = re.compile(r"电|讯|消息|记者|通讯员|评论员|实习生|作者|撰文|文[/／：:]")
_YEAR_ON_PAGE = "the year that the page speaks of most"


@dataclass(frozen=True, slots=True)
class Fields:
    """``dateline`` is without the reporters' names, which are the ``byline`` where there is no line of its
    own.
    """

    agency: str | None = None
    byline: str | None = None
    dateline: str | None = None
    place: str | None = None
    published: str | None = None
    published_from: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is known beside a published date."""
        return not (self.agency or self.byline or self.dateline or self.published_from)


def fields_of(
    paragraphs: Sequence[str], page: Callable[[], str], published: str | None = None, pictured: bool = False
) -> Fields:
    """The fields that these paragraphs state: the first ones of an article, and its last.

    Args:
        page: the text whose years count; asked for only when a date lacks one.
        published: the day, where the source declares it; it stands.
        pictured: these are a picture's words; a day that they open with is the picture's.
    """
    byline = agency = None
    dateline: re.Match[str] | None = None
    for paragraph in paragraphs:
        if not _SIGNS.search(paragraph[:80]):
            continue
        if (
            byline is None
            and len(paragraph) <= 40
            and BYLINE.fullmatch(paragraph)
            and furniture_of(paragraph) == "byline"
        ):
            byline = paragraph.strip("□■◎●—- ")
            agency = agency or ((named := AGENCY.match(byline)) and named.group())
        elif dateline is None and (found := DATELINE.match(paragraph)):
            dateline = found
    if dateline is None:
        day, origin = (None, None) if published else _opening_day(paragraphs, page, pictured)
        return Fields(agency, byline, None, None, published or day, origin)
    names = dateline["by"] or dateline["by_alone"]
    stated = re.split(r"[（(]", dateline.group().strip("（()） "))[0].strip()
    day, origin = (published, None) if published else _published(dateline, page)
    return Fields(
        agency=dateline["agency"] or agency,
        byline=byline or (names.strip() if names else None),
        dateline=stated,
        place=(dateline["place"] or "").strip() or None,
        published=day,
        published_from=origin,
    )


def _published(dateline: re.Match[str], page: Callable[[], str]) -> tuple[str | None, str | None]:
    if not dateline["month"]:
        return None, None
    month, day = int(dateline["month"]), int(dateline["day"])
    if dateline["year"]:
        return _iso(int(dateline["year"]), month, day), "the dateline"
    year = year_of(page())
    resolved = _iso(year, month, day) if year else None
    if resolved is None:
        return None, None
    return resolved, f"{month}月{day}日 in the dateline; {year}年, {_YEAR_ON_PAGE}"


def _opening_day(
    paragraphs: Sequence[str], page: Callable[[], str], pictured: bool
) -> tuple[str | None, str | None]:
    """The day in the first sentence, where it is that of the report or of the picture."""
    for paragraph in paragraphs:
        if found := (_PICTURED if pictured else _LEARNT).match(paragraph):
            month, day = int(found[1]), int(found[2])
            year = year_of(page())
            if year and (resolved := _iso(year, month, day)):
                return resolved, f"{month}月{day}日 in the first sentence; {year}年, {_YEAR_ON_PAGE}"
    return None, None


def year_of(page: str) -> int | None:
    """The year that a text speaks of most, of two the later."""
    years = Counter(int(found) for found in _YEAR.findall(page))
    return max(years, key=lambda year: (years[year], year)) if years else None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
