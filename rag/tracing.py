"""What the stages of a question handed on, kept beside its answer for whoever examines it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.reading import Choice, ReaderResult
from rag.records import Candidate, Hit, Trace

MOST_CANDIDATES = 5


def trace_of(read: Sequence[Hit], reading: ReaderResult) -> Trace:
    """The passages read and the likeliest stretches in them."""
    return Trace(
        tuple(read),
        tuple(_candidate(choice) for choice in reading.choices[:MOST_CANDIDATES]),
    )


def _candidate(choice: Choice) -> Candidate:
    text = choice.hit.document.text
    short = text[choice.short[0] : choice.short[1]] if choice.short else None
    return Candidate(
        choice.hit.document.id, *choice.span, choice.text, choice.score, short
    )
