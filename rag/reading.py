"""Hits -> which of their sentences answer. The seam behind which readers are exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.language.questions import Asking
from models.language.sentences import sentences
from models.selector import Candidate, Selector
from rag.records import Hit, Span
from rag.shortening import bare_fact

AROUND_CHARS = 160
"""What of the document before and after a passage helps to understand it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A stretch of a document that may answer.

    ``score`` is its log-odds against "the documents do not say"; ``short`` is the bare fact within it,
    in the document's offsets; ``relevance``, 0 to 1, is how much of the question it and its
    surroundings speak of.
    """

    hit: Hit
    span: Span
    score: float
    relevance: float
    short: Span | None = None

    @property
    def text(self) -> str:
        return self.hit.document.text[self.span[0] : self.span[1]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found: ``choices`` best first, and how the question was understood."""

    asking: Asking
    choices: tuple[Choice, ...]


class Reader(Protocol):
    """Chooses the stretches of the hits that answer a question."""

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Every stretch worth weighing, with its score; deciding is not the reader's."""
        ...


class SentenceReader:
    """Chooses whole sentences with the selector."""

    def __init__(self, selector: Selector) -> None:
        self._selector = selector

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        spans = [(hit, span) for hit in hits for span in _sentences(hit)]
        selection = self._selector.select(question, [_candidate(hit, span) for hit, span in spans])
        order = np.argsort(-selection.logits, kind="stable")
        choices = tuple(
            Choice(
                hit := spans[i][0],
                span := spans[i][1],
                float(selection.logits[i]),
                float(selection.relevance[i]),
                bare_fact(selection.query, hit.document.text, span) if rank < MOST_SHORTENED else None,
            )
            for rank, i in enumerate(order.tolist())
        )
        return Reading(selection.asking, choices)


MOST_SHORTENED = 12
"""Bare facts are looked for in the best sentences only."""


def _sentences(hit: Hit) -> list[Span]:
    return sentences(hit.document.text, hit.passage.start, hit.passage.end)


def _candidate(hit: Hit, span: Span) -> Candidate:
    text, passage = hit.document.text, hit.passage
    around = (
        hit.document.title,
        text[max(0, passage.start - AROUND_CHARS) : passage.start],
        text[span[1] : passage.end + AROUND_CHARS],
    )
    return Candidate(text[span[0] : span[1]], text[passage.start : span[0]], "\n".join(around))
