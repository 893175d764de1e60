"""What a DOCX says of a paragraph by its style: heading or not, bold, numbered.

A style goes by its name, not its id, which Word translates and WPS makes up (``w:styleId="2"`` for
``heading 1``). What it does not say itself it takes from the style that it is based on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from docx.oxml import ns

qn = cache(ns.qn)
"""``w:p`` to the name that the XML parser gives it; asked a dozen times a paragraph."""
_HEADING = re.compile(
    r"(?:heading|标题|標題|überschrift|titre)\s*([1-9])", re.IGNORECASE
)
_TITLES = frozenset(("title", "标题", "標題"))
_CAPTIONS = frozenset(("caption", "题注", "題註"))
_CONTENTS = re.compile(
    r"(?:toc|目录)\s*(?:\d|heading|标题)|table of (?:figures|authorities)",
    re.IGNORECASE,
)
_LIST = re.compile(r"list (?:bullet|number)(?:\s*(\d))?", re.IGNORECASE)
_MOST_ANCESTORS = 20
"""Styles that a style may be based on, one after the other; Word allows eleven."""
_OUTLINE_LEVELS = 9


@dataclass(frozen=True, slots=True)
class Numbering:
    """A paragraph's place in a list: its ``w:num``, and its level from 0; None where that is unsaid."""

    number: str
    level: int | None


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: its name in lower case, its XML, and the id of the one it is based on."""

    name: str
    element: Any
    base: str | None


@dataclass(slots=True)
class Styles:
    """The paragraph styles of a document by their id."""

    styles: dict[str, Style] = field(default_factory=dict)
    default: str = ""

    @classmethod
    def of(cls, root: Any) -> Styles:
        """Read ``w:styles``; None has none."""
        found = cls()
        for element in root.iterchildren(qn("w:style")) if root is not None else ():
            key = element.get(qn("w:styleId"), "")
            name, base = (
                value_of(element, "w:name") or key,
                value_of(element, "w:basedOn"),
            )
            # Names differ in case and spaces: "heading 1", "Heading  1".
            found.styles[key] = Style(" ".join(name.lower().split()), element, base)
            if element.get(qn("w:type")) == "paragraph" and element.get(
                qn("w:default")
            ) in ("1", "true"):
                found.default = key
        return found

    def name(self, paragraph: Any) -> str:
        """The name of a paragraph's style, in lower case; empty for one without."""
        style = self.styles.get(self.key(paragraph))
        return style.name if style else ""

    def is_title(self, paragraph: Any) -> bool:
        return self.name(paragraph) in _TITLES

    def is_caption(self, paragraph: Any) -> bool:
        return self.name(paragraph) in _CAPTIONS

    def is_contents(self, paragraph: Any) -> bool:
        """Whether it is a line of a table of contents."""
        return _CONTENTS.match(self.name(paragraph)) is not None

    def heading_level(self, paragraph: Any) -> int | None:
        """From 1 for the outermost, by the outline level or the style's name; None for text."""
        # What the paragraph says itself goes before what its style says.
        own = value_of(paragraph.find(qn("w:pPr")), "w:outlineLvl")
        if own is not None:
            return _level_of(own)
        for style in self._chain(paragraph):
            if match := _HEADING.fullmatch(style.name):
                return int(match[1])
            level = value_of(style.element.find(qn("w:pPr")), "w:outlineLvl")
            if level is not None:
                return _level_of(level)
        return None

    def list_level(self, paragraph: Any) -> int | None:
        """From 1, by a style such as ``List Bullet 2``; None for others."""
        match = _LIST.fullmatch(self.name(paragraph))
        return int(match[1] or 1) if match else None

    def numbering(self, paragraph: Any) -> Numbering | None:
        """The list that a paragraph counts in, its own before its style's; ``w:numId`` 0 is none."""
        number: str | None = None
        level: str | None = None
        properties = [paragraph.find(qn("w:pPr"))]
        properties += [
            style.element.find(qn("w:pPr")) for style in self._chain(paragraph)
        ]
        for found in properties:
            given = found.find(qn("w:numPr")) if found is not None else None
            if given is not None:
                # Each of both may come from nearer than the other.
                number = number or value_of(given, "w:numId")
                level = level or value_of(given, "w:ilvl")
        if number is None or number == "0":
            return None
        return Numbering(number, int(level) if level and level.isdecimal() else None)

    def is_bold(self, paragraph: Any) -> bool:
        """Whether its style prints it bold."""
        for style in self._chain(paragraph):
            bold = switch(style.element.find(qn("w:rPr")), "w:b")
            if bold is not None:
                return bold
        return False

    def key(self, paragraph: Any) -> str:
        """The id of a paragraph's style."""
        return value_of(paragraph.find(qn("w:pPr")), "w:pStyle") or self.default

    def _chain(self, paragraph: Any) -> Iterator[Style]:
        """The style and those that it is based on; a circle of them ends."""
        key: str | None = self.key(paragraph)
        for _ in range(_MOST_ANCESTORS):
            style = self.styles.get(key or "")
            if style is None:
                return
            yield style
            key = style.base


def value_of(parent: Any, tag: str) -> str | None:
    """The ``w:val`` of a child, None where there is no such child."""
    child = parent.find(qn(tag)) if parent is not None else None
    return child.get(qn("w:val")) if child is not None else None


def switch(parent: Any, tag: str) -> bool | None:
    """A property that is on by being there (``<w:b/>``) and may be switched off; None where it is unsaid."""
    child = parent.find(qn(tag)) if parent is not None else None
    return (
        None
        if child is None
        else child.get(qn("w:val"), "1") not in ("0", "false", "off", "none")
    )


def _level_of(outline: str) -> int | None:
    """An outline level counts from 0; 9 is body text."""
    return (
        int(outline) + 1
        if outline.isdecimal() and int(outline) < _OUTLINE_LEVELS
        else None
    )
