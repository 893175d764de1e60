"""Hits -> which of their stretches answer. The seam behind which readers are exchanged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from models.language.questions import Asking
from rag.records import Hit, Span


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
class ReaderResult:
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

    def read(self, question: str, hits: Sequence[Hit]) -> ReaderResult:
        """Every stretch worth weighing, with its score; deciding is not the reader's."""
        ...

    def forget(self) -> None:
        """Drop what is kept of texts, after a document was deleted."""
        ...
