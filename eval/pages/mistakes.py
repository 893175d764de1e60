"""What went wrong on a page, in words that lead back to its blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.pages.gold import GoldPage

Count = tuple[float, float]
"""``(part, whole)``."""

_SHOWN = 18


@dataclass(frozen=True, slots=True)
class Mistake:
    """What went wrong at a block of the gold. ``kind`` is a short name to count by."""

    kind: str
    block: int
    what: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What a metric counted on a page, and what it found wrong."""

    count: Count
    mistakes: Sequence[Mistake]


def head(page: GoldPage, number: int) -> str:
    """A block by its number and first characters."""
    text = page.block_text(number)
    return f"#{number} “{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}”"


def tail(page: GoldPage, number: int) -> str:
    """A block by its number and last characters."""
    text = page.block_text(number)
    return f"#{number} “{'…' if len(text) > _SHOWN else ''}{text[-_SHOWN:]}”"
