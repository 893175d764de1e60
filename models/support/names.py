# ruff: noqa: E501, SIM905
"""The names in a text that a claim must not change: persons, places, organisations, works, foreign words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from models.language.facts import facts
from models.language.words import words

Kind = Literal["person", "place", "organisation", "title", "name"]


@dataclass(frozen=True, slots=True)
class Name:
    kind: Kind
    start: int
    end: int


_CAPITALISED = re.compile(
    r"\b[A-Z][A-Za-z0-9’'.-]*[A-Za-z0-9](?: (?:(?:of|the|de|van|von|and|for) )*[A-Z][A-Za-z0-9’'.-]*[A-Za-z0-9])*"
)
_NO_NAME = frozenset(
    """The A An In On At It He She They We This That These Those There Its His Her Their For From But And Or If As By
    After Before When While Since About No Not Some Many Most All More Exactly Nearly Over Researchers Officials
    People Police I I'm I've He's She's It's We're You Your My Our So Yet Also Even Other Others Another Such Then
    Now What Who How Why Where Which Both Each Every Two Three Four Five Under Over During Despite According Following
    Whether Because Giving Following However Today Yesterday Last This Next""".split()
)
_MONTH_OR_DAY = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
    r"|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)(?:day)?\.?$"
)  # fmt: skip
_TITLE = re.compile(r"《[^《》\n]{1,40}》")
_TAGS: dict[str, Kind] = {"ns": "place", "nsf": "place", "nt": "organisation", "nz": "name"}


def names_of(text: str, chinese: bool) -> tuple[Name, ...]:
    """Names in order, none within another."""
    found = _chinese(text) if chinese else []
    for match in _CAPITALISED.finditer(text):
        start, end = match.span()
        while (first := re.match(r"\S+ ?", text[start:end])) and first.group().strip() in _NO_NAME:
            start += first.end()
        end -= 2 * text[start:end].endswith(("'s", "’s"))
        if end - start > 1 and not _MONTH_OR_DAY.match(text[start:end]):
            found.append(Name("name", start, end))
    kept: list[Name] = []
    for name in sorted(found, key=lambda n: (n.start, -n.end)):
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return tuple(kept)


def _chinese(text: str) -> list[Name]:
    found = [Name("title", m.start() + 1, m.end() - 1) for m in _TITLE.finditer(text)]
    found += [Name(_TAGS[w.tag], w.start, w.end) for w in words(text) if w.tag in _TAGS and len(w.text) > 1]
    found += [
        Name("person", f.start, f.end) for f in facts(text) if f.kind == "person" and f.end - f.start > 1
    ]
    return found
