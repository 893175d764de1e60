"""What a made page is put together from: its pieces with their truth, and the style that one page is made in."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text", "headline", "subtitle", "byline", "subhead", "end", "caption", "credit"
]


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of a page with its truth.

    ``article`` is -1 for what belongs to none; ``place`` counts through it in reading order, whatever was
    dropped; ``cut_before`` and ``cut_after``: it begins or ends within a sentence; ``copy`` of an earlier
    piece.
    """

    text: str
    article: int
    place: int
    kind: Kind = "text"
    cut_before: bool = False
    cut_after: bool = False
    copy: bool = False


@dataclass(slots=True)
class Style:
    """How one page is made; drawn by :func:`style`."""

    headline: float
    byline: float
    dateline: float
    end: float
    subhead: float
    caption: float
    paragraph: int
    cuts: tuple[float, ...]
    order: str
    apart: float
    drop: float
    copies: int
    edits: float
    fragment: int
    brief: float
    picture: float
    leads: float


WHOLE = 10_000
"""A paragraph of so many characters is the whole article, as it often is on the web."""
CUTS = ("anywhere", "word", "pause", "sentence", "paragraph")
ORDERS = (
    *("any",) * 3,
    *("within",) * 3,
    *("near",) * 2,
    "kept",
    "interleaved",
    *("swapped",) * 2,
    *("in order",) * 2,
)
"""Each as often as it is drawn: 3 pages of 14 are in any order."""


# Where a page's columns end: the chances of anywhere, word, pause, sentence, paragraph.
MANNERS: tuple[tuple[float, ...], ...] = (
    (0.9, 0, 0, 0.05, 0.05),
    (0.5, 0.3, 0.1, 0.05, 0.05),
    (0, 0.8, 0.1, 0, 0.1),
    (0.4, 0.3, 0.1, 0.1, 0.1),
    (1, 0, 0, 0, 0),
)


def style(chance: random.Random, copies: bool = True) -> Style:
    """A style of page. ``copies=False`` repeats nothing, for training what orders pages without repeats."""
    some = (0.0, 0.3, 1.0)
    cuts = chance.choice(MANNERS)
    return Style(
        headline=chance.choice((0.0, 0.5, 1.0, 1.0)),
        byline=chance.choice(some),
        dateline=chance.choice(some),
        end=chance.choice((0.0, 0.0, 0.3)),
        subhead=chance.choice((0.0, 0.3, 0.6, 1.0)),
        caption=chance.choice((0.0, 0.2, 0.5)),
        paragraph=chance.choice((50, 80, 80, 120, 120, 180, 180, WHOLE)),
        cuts=cuts,
        order=chance.choice(ORDERS),
        apart=chance.choice((0.0, 0.3, 0.8)),
        drop=chance.choice((0.0, 0.0, 0.3)),
        copies=chance.choice((0, 1, 2, 3)) if copies else 0,
        edits=chance.choice((0.0, 0.3, 1.0)),
        fragment=chance.choice((40, 60, 100, 150, 220, 320, 500)),
        picture=chance.choice((0.0, 0.0, 0.15)),
        leads=chance.choice((0.0, 0.1, 0.3)),
        brief=chance.uniform(0, 0.4),
    )
