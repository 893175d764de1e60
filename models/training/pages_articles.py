"""Which news articles teach what about pages: none teaches two things that build on each other.

What the character models have read they know too well; a network that weighs what they say must learn it
from articles that they have not.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from models.training.data import rows

TESTED = (0,)
"""Remainders of ``crc32(id)`` by ten: ``eval pages`` makes its pages of these; no training sees them."""
CHOOSING = (1,)
"""What is chosen is chosen by these."""
NETWORKS = (2,)
"""The networks that weigh the evidence learn on pages made of these."""
BELOW = (3, 4, 5, 6, 7, 8, 9)
"""The character models, and where in an article a block stands."""


def articles(folder: Path, remainders: Collection[int]) -> Iterator[str]:
    """The texts of the news articles with these remainders."""
    return (row["text"] for row in _rows(folder, remainders))


def dated_articles(
    folder: Path, remainders: Collection[int]
) -> Iterator[tuple[date, str]]:
    """The day and the text of those of them whose day is known."""
    for row in _rows(folder, remainders):
        if published := row.get("published"):
            yield date.fromisoformat(published), row["text"]


def _rows(folder: Path, remainders: Collection[int]) -> Iterator[dict[str, Any]]:
    for row in rows(folder / "text" / "news_zh.jsonl.xz"):
        if zlib.crc32(row["id"].encode()) % 10 in remainders:
            yield row
