"""What an article says of itself: agency, byline, dateline, place, and the day it was published.

A dateline gives a month and a day; what completes them (``edition``) is told with the date. Each field is
right or left out: a wrong one is worse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.pages.lines import AGENCY, BYLINE, dateline_of, furniture_of, simplified
from rag.pages.edition import Calendar
from rag.sources.dates import iso

_LEARNT = re.compile(r"[^，。]{0,6}记者(\d{1,2})月(\d{1,2})日从[^，。]{1,20}获悉")
_PICTURED = re.compile(r"(\d{1,2})月(\d{1,2})日[，,]")
_SIGNS = re.compile(
    r"[电電讯訊]|消息|[记記]者|通[讯訊][员員]|[评評][论論][员員]|[实實][习習]生|作者|撰文|文[/／：:]"
)
_ROLE = re.compile(r"记者|通讯员|评论员|实习生|撰稿|作者|文[/／：:]")


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
    paragraphs: Sequence[str],
    calendar: Calendar,
    published: str | None = None,
    pictured: bool = False,
) -> Fields:
    """The fields that these paragraphs state: the first ones of an article, and its last.

    Args:
        calendar: completes a date that lacks its year.
        published: the day, where the source declares it; it stands.
        pictured: these are a picture's words; a day that they open with is the picture's.
    """
    byline = agency = None
    opening: tuple[str, re.Match[str]] | None = None
    for paragraph in paragraphs:
        if not _SIGNS.search(simplified(paragraph[:80])):
            continue
        if byline is None and _is_byline(paragraph):
            byline = paragraph.strip("□■◎●—- ")
            named = AGENCY.match(simplified(byline))
            if named:
                agency = byline[: named.end()]
        elif opening is None and (found := dateline_of(paragraph)):
            opening = paragraph, found
    day, origin = published, None
    if opening is None:
        if not published:
            day, origin = _opening_day(paragraphs, calendar, pictured)
        return Fields(agency, byline, None, None, day, origin)
    paragraph, found = opening
    if not published:
        day, origin = _published(found, calendar)
    return Fields(
        agency=_said(paragraph, found, "agency") or agency,
        byline=byline or _signed(paragraph, found),
        dateline=_stated(paragraph[: found.end()], found),
        place=_said(paragraph, found, "place"),
        published=day,
        published_from=origin,
    )


def _is_byline(paragraph: str) -> bool:
    plain = simplified(paragraph)
    if len(plain) > 40 or not BYLINE.fullmatch(plain):
        return False
    return furniture_of(paragraph) == "byline"


def _said(paragraph: str, found: re.Match[str], group: str) -> str | None:
    """A group of what was matched in the simplified text, as it is printed."""
    if not found[group]:
        return None
    return paragraph[slice(*found.span(group))].strip() or None


def _signed(paragraph: str, found: re.Match[str]) -> str | None:
    """The names in the brackets after a dateline, not a programme's: （新闻联播）."""
    names = found["by"] or found["by_alone"] or ""
    group = "by" if found["by"] else "by_alone"
    if found["how"] != "电" and not _ROLE.search(names):
        return None
    return _said(paragraph, found, group)


def _stated(opening: str, found: re.Match[str]) -> str | None:
    """The dateline without names and brackets; none where it says neither when nor where (央视网消息)."""
    if not found["day"] and found["how"] == "消息":
        return None
    return re.split(r"[（(]", opening.strip("（()） "))[0].strip()


def _published(
    found: re.Match[str], calendar: Calendar
) -> tuple[str | None, str | None]:
    if not found["month"]:
        return None, None
    month, day = int(found["month"]), int(found["day"])
    if found["year"]:
        return iso(int(found["year"]), month, day), "the dateline"
    return _completed(calendar, month, day, "the dateline")


def _opening_day(
    paragraphs: Sequence[str], calendar: Calendar, pictured: bool
) -> tuple[str | None, str | None]:
    """The day in the first sentence, where it is that of the report or of the picture; else the edition's."""
    pattern = _PICTURED if pictured else _LEARNT
    for paragraph in paragraphs:
        if found := pattern.match(paragraph):
            month, day = int(found[1]), int(found[2])
            return _completed(calendar, month, day, "the first sentence")
    if calendar.printed is not None:
        return calendar.printed.isoformat(), "the date of the page"
    return None, None


def _completed(
    calendar: Calendar, month: int, day: int, where: str
) -> tuple[str | None, str | None]:
    completed = calendar.complete(month, day)
    if completed is None:
        return None, None
    return completed[0], f"{month}月{day}日 in {where}; {completed[1]}"
