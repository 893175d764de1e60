"""Hits -> which of their sentences answer. The seam behind which readers are exchanged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.language.questions import Asking
from models.selector import Candidate, Selection, Selector
from models.selector.candidates import candidates_of
from rag.records import Hit, Span

MOST_SENTENCE_CHARS = 1500
"""A longer "sentence" is a table or a text without full stops: nothing that one could read as an answer."""
MOST_SHORTENED = 12
"""Bare facts are looked for in the best sentences only."""


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
    """What a reader found: ``choices`` best first, and how the question was understood.

    ``judge_polarity`` runs a model: it is for questions that are answered, once that is decided.
    """

    asking: Asking
    choices: tuple[Choice, ...]
    judge_polarity: Callable[[], float] = lambda: 0.0

    @property
    def polarity(self) -> float:
        """Of a yes/no question: how much likelier the best choice says yes than no, -1 to 1; else 0."""
        return self.judge_polarity()


class Reader(Protocol):
    """Chooses the stretches of the hits that answer a question."""

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Every stretch worth weighing, with its score; deciding is not the reader's."""
        ...

    def forget(self) -> None:
        """Drop what is kept of texts, after a document was deleted."""
        ...


class SentenceReader:
    """Chooses whole sentences with the selector: the quick path."""

    def __init__(self, selector: Selector) -> None:
        self._selector = selector

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        spans, selection = self._select(question, hits)
        order = np.argsort(-selection.logits, kind="stable")
        choices = tuple(
            Choice(
                hit := spans[i][0],
                span := spans[i][1],
                float(selection.logits[i]),
                float(selection.relevance[i]),
                self._short(selection, hit, span) if rank < MOST_SHORTENED else None,
            )
            for rank, i in enumerate(order.tolist())
        )
        return Reading(selection.asking, choices)

    def forget(self) -> None:
        self._selector.forget()

    def _select(
        self, question: str, hits: Sequence[Hit]
    ) -> tuple[list[tuple[Hit, Span]], Selection]:
        found = [
            (hit, span, candidate)
            for hit in hits
            for span, candidate in _candidates(hit)
        ]
        selection = self._selector.select(
            question, [candidate for _, _, candidate in found]
        )
        return [(hit, span) for hit, span, _ in found], selection

    def _short(self, selection: Selection, hit: Hit, span: Span) -> Span | None:
        found = self._selector.shorten(
            selection.query, hit.document.text[span[0] : span[1]]
        )
        return (span[0] + found[0], span[0] + found[1]) if found else None


def _candidates(hit: Hit) -> list[tuple[Span, Candidate]]:
    """The sentences of a hit that can be read as an answer."""
    passage = hit.passage
    found = candidates_of(
        hit.document.title, hit.document.text, passage.start, passage.end
    )
    return [
        (span, candidate)
        for span, candidate in found
        if span[1] - span[0] <= MOST_SENTENCE_CHARS
    ]
