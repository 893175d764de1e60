"""Plain text: the whole file is one document."""

from __future__ import annotations

from rag.sources.base import Article, Limits, Reading
from rag.sources.decoding import decode


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError if the bytes are not text."""
    text, encoding = decode(data)
    return Reading((Article(text),), encoding)
