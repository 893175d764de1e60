"""What every reader must hold to, whatever the bytes: exact blocks, or one sentence."""

from __future__ import annotations

import random
from collections.abc import Iterator

from rag.sources.base import Article, Limits, Reader, Reading, ReadingError

LIMITS = Limits()

Seen = tuple[str, str]
"""A block's role and its text."""


def seen(article: Article) -> list[Seen]:
    return [
        (block.role, article.text[block.start : block.end]) for block in article.blocks
    ]


def only(reading: Reading) -> Article:
    (article,) = reading.articles
    return article


def by_heads(article: Article) -> list[dict[str, str]]:
    """Each row of the article's tables as its cells by head."""
    rows: list[dict[str, str]] = []
    for block in article.blocks:
        if block.role != "table_row":
            continue
        row = {cell.head: article.text[cell.start : cell.end] for cell in block.cells}
        rows.append(row)
    return rows


def check(reading: Reading) -> None:
    """Blocks come in order, do not overlap, and say something; cells lie in their row."""
    for article in reading.articles:
        end = 0
        for block in article.blocks:
            assert end <= block.start < block.end <= len(article.text)
            assert article.text[block.start : block.end].strip()
            end = block.end
            for cell in block.cells:
                assert block.start <= cell.start < cell.end <= block.end


def damaged(data: bytes, times: int = 60) -> Iterator[bytes]:
    """The bytes cut short, and with some of them changed; the same each time."""
    chance = random.Random(len(data))
    for _ in range(times):
        yield data[: chance.randrange(len(data))]
        changed = bytearray(data)
        for _ in range(chance.randint(1, 20)):
            changed[chance.randrange(len(data))] = chance.randrange(256)
        yield bytes(changed)


def survives(reader: Reader, data: bytes, limits: Limits = LIMITS) -> None:
    """The reader gives exact blocks or says in one line why not; nothing else leaves it."""
    try:
        check(reader(data, limits))
    except ReadingError as error:
        assert error.why
        assert "\n" not in error.why
