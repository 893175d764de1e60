"""The numbers that Word puts before paragraphs: ``numbering.xml``, counted as it prints.

    label = Counters(root).next_label(Numbering("3", 0), "")     # "第三条"

A ``w:num`` points to an ``w:abstractNum``, which has nine levels; ``lvlText`` says what stands there, ``%2``
for the number of the second level. All ``w:num`` of one abstract list count on together, unless one of them
starts anew (``w:startOverride``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from rag.sources.docx_styles import Numbering, qn, switch, value_of
from rag.sources.numerals import numeral

BULLET = "-"
_PLACE = re.compile(r"%([1-9])")
_LEVELS = 9
_MAX_LABEL = 60


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a list: how its number is written and where it starts.

    ``restarts_after`` is the level, from 1, whose next number lets this one begin anew; 0 for never, None
    for any level above.
    """

    form: str = "decimal"
    text: str = ""
    start: int = 1
    style: str | None = None
    restarts_after: int | None = None
    all_figures: bool = False


@dataclass(slots=True)
class _List:
    """A ``w:num``: its levels, those it overrides among them, and where it starts anew."""

    abstract: str
    levels: dict[int, Level]
    starts: dict[int, int]


@dataclass(slots=True)
class Counters:
    """Where each list of a document has come to."""

    root: Any
    _lists: dict[str, _List] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def next_label(self, place: Numbering, style: str) -> tuple[str, int]:
        """Count one on; returns what stands before the paragraph (``-`` for a bullet) and its level from 0.

        Args:
            style: the id of the paragraph's style; a list may say which level is whose.
        """
        found = self._list(place.number)
        level = min(
            place.level if place.level is not None else _level_of(found, style),
            _LEVELS - 1,
        )
        counts = self._counts.setdefault(found.abstract, {})
        # A num that overrides the start does so once; after that it counts on with the others.
        if place.number not in self._begun:
            self._begun.add(place.number)
            for overridden in found.starts:
                counts.pop(overridden, None)
        start = found.starts.get(level, _of(found, level).start)
        counts[level] = counts[level] + 1 if level in counts else start
        _restart(found, counts, level)
        return _label(found, counts, level), level

    def _list(self, number: str) -> _List:
        if number not in self._lists:
            self._lists[number] = _read_list(self.root, number)
        return self._lists[number]


def _level_of(found: _List, style: str) -> int:
    # Heading styles are tied to the levels of a list rather than carrying a level themselves.
    for level, given in found.levels.items():
        if given.style is not None and given.style == style:
            return level
    return 0


def _of(found: _List, level: int) -> Level:
    return found.levels.get(level, Level())


def _restart(found: _List, counts: dict[int, int], level: int) -> None:
    """Let the levels below begin anew."""
    for below in [one for one in counts if one > level]:
        after = _of(found, below).restarts_after
        if after is None or level < after:
            del counts[below]


def _label(found: _List, counts: dict[int, int], level: int) -> str:
    given = _of(found, level)
    if given.form == "bullet":
        return BULLET
    if given.form == "none":
        return _PLACE.sub("", given.text).strip()

    def written(match: re.Match[str]) -> str:
        # A level that no paragraph has reached yet shows where it would start.
        at = int(match[1]) - 1
        other = _of(found, at)
        form = "decimal" if given.all_figures else other.form
        return (
            numeral(counts.get(at, other.start), form)
            if form not in ("bullet", "none")
            else ""
        )

    return _PLACE.sub(written, given.text).strip()[:_MAX_LABEL]


def _read_list(root: Any, number: str) -> _List:
    num = _with_id(root, "w:num", "w:numId", number)
    abstract = value_of(num, "w:abstractNumId") or ""
    levels = _read_levels(_abstract(root, abstract))
    starts: dict[int, int] = {}
    for override in num.iterchildren(qn("w:lvlOverride")) if num is not None else ():
        at = _whole(override.get(qn("w:ilvl")), 0)
        given = override.find(qn("w:lvl"))
        # A level may be written anew altogether, or only start elsewhere.
        if given is not None:
            levels[at] = _read_level(given)
        start = value_of(override, "w:startOverride")
        if start is not None:
            starts[at] = _whole(start, 1)
            levels[at] = replace(levels.get(at, Level()), start=starts[at])
    return _List(abstract or number, levels, starts)


def _abstract(root: Any, key: str) -> Any:
    """The ``w:abstractNum``, by way of a list style where it only names one."""
    found = _with_id(root, "w:abstractNum", "w:abstractNumId", key)
    link = value_of(found, "w:numStyleLink")
    if link is None:
        return found
    for other in root.iterchildren(qn("w:abstractNum")):
        if value_of(other, "w:styleLink") == link:
            return other
    return found


def _with_id(root: Any, tag: str, attribute: str, key: str) -> Any:
    for element in root.iterchildren(qn(tag)) if root is not None else ():
        if element.get(qn(attribute)) == key:
            return element
    return None


def _read_levels(abstract: Any) -> dict[int, Level]:
    levels: dict[int, Level] = {}
    for element in abstract.iterchildren(qn("w:lvl")) if abstract is not None else ():
        levels[_whole(element.get(qn("w:ilvl")), 0)] = _read_level(element)
    return levels


def _read_level(element: Any) -> Level:
    restart = value_of(element, "w:lvlRestart")
    return Level(
        form=value_of(element, "w:numFmt") or "decimal",
        text=value_of(element, "w:lvlText") or "",
        start=_whole(value_of(element, "w:start"), 0),
        style=value_of(element, "w:pStyle"),
        restarts_after=None if restart is None else _whole(restart, 0),
        all_figures=switch(element, "w:isLgl") or False,
    )


def _whole(text: str | None, default: int) -> int:
    return (
        int(text)
        if text is not None and text.isascii() and text.isdecimal()
        else default
    )
