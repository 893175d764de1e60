"""Spans of a text: ``(start, end)``, half-open, in code points."""

from __future__ import annotations

from rag.records import Span


def stripped(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends; an empty one where there is nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
