"""Articles written down as a reader of a test sees them at a glance."""

from __future__ import annotations

from rag.records import Block
from rag.sources.base import Article


def blocks_of(article: Article) -> list[tuple[str, str]]:
    """``(role, text)`` of each block; the level of a heading or an item stands with its role."""
    return [
        (_named(block), article.text[block.start : block.end])
        for block in article.blocks
    ]


def rows_of(article: Article) -> list[str]:
    """Each row of a table as ``head=cell; head=cell``."""
    return [
        _row(article, block) for block in article.blocks if block.role == "table_row"
    ]


def texts_of(article: Article, role: str) -> list[str]:
    """The texts of the blocks with this role."""
    return [
        article.text[block.start : block.end]
        for block in article.blocks
        if block.role == role
    ]


def _named(block: Block) -> str:
    return f"{block.role} {block.level}" if block.level else block.role


def _row(article: Article, block: Block) -> str:
    return "; ".join(
        f"{cell.head}={article.text[cell.start : cell.end]}" for cell in block.cells
    )
