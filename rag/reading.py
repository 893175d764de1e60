"""Hits -> which of their sentences answer. The seam behind which readers are exchanged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from models.language.facts import facts
from models.language.questions import Asking
from models.language.words import has_han
from models.selector import Candidate, Selection, Selector
from models.selector.candidates import candidates_of
from rag.records import Hit, Span

if TYPE_CHECKING:  # torch takes seconds to import, and the quick path does without
    from models.reader import Pointers, ReaderModel

MOST_SENTENCE_CHARS = 1500
"""A longer "sentence" is a table or a text without full stops: nothing that one could read as an answer."""
MOST_SHORTENED = 12
"""Bare facts are looked for in the best sentences only."""
FIRST_READ, BEST_READ = 2, 3
"""Passages that the network reads, copies once: first hits, and those with the selector's best sentences."""
SUREST = 12.0
"""Log-odds beyond this, either way, count as this."""


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

    def _select(self, question: str, hits: Sequence[Hit]) -> tuple[list[tuple[Hit, Span]], Selection]:
        found = [(hit, span, candidate) for hit in hits for span, candidate in _candidates(hit)]
        selection = self._selector.select(question, [candidate for _, _, candidate in found])
        return [(hit, span) for hit, span, _ in found], selection

    def _short(self, selection: Selection, hit: Hit, span: Span) -> Span | None:
        found = self._selector.shorten(selection.query, hit.document.text[span[0] : span[1]])
        return (span[0] + found[0], span[0] + found[1]) if found else None


class Weighed(NamedTuple):
    """What is known of one sentence: ``evidence``, see :class:`Blend`, and the answer's place."""

    hit: Hit
    span: Span
    relevance: float
    evidence: tuple[float, ...]
    short: Span | None


@dataclass(frozen=True, slots=True)
class Blend:
    """Weighs the selector's word against the network's; fitted by ``eval.calibration``.

    A sentence's evidence is: the selector's log-odds; the network's log-odds of the best span within it; how
    far that is below the best span anywhere; the reranker's log-odds of its passage; 1. By language, log-odds
    are the weighted sum. ``unranked`` stands in where nothing reranked.
    """

    weights: dict[str, tuple[float, ...]]
    unranked: float = 0.0

    @classmethod
    def load(cls, folder: Path) -> Blend:
        raw = json.loads((folder / "blend.json").read_text(encoding="utf-8"))
        return cls({key: tuple(weights) for key, weights in raw["weights"].items()}, raw["unranked"])

    def log_odds(self, language: str, evidence: Sequence[float]) -> float:
        return sum(w * x for w, x in zip(self.weights[language], evidence, strict=True))


class SpanReader(SentenceReader):
    """The best hits, read word by word: the full path."""

    def __init__(self, selector: Selector, network: ReaderModel, blend: Blend) -> None:
        super().__init__(selector)
        self._network, self._blend = network, blend

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        asking, weighed = self.weigh(question, hits)
        scored = [(self._blend.log_odds(asking.language, each.evidence), each) for each in weighed]
        scored.sort(key=lambda pair: -pair[0])
        choices = (Choice(each.hit, each.span, score, each.relevance, each.short) for score, each in scored)
        return Reading(asking, tuple(choices))

    def forget(self) -> None:
        super().forget()
        self._network.forget()

    def weigh(self, question: str, hits: Sequence[Hit]) -> tuple[Asking, list[Weighed]]:
        """The evidence on each sentence of the passages that the network reads."""
        spans, selection = self._select(question, hits)
        texts = _worth_reading(hits, [spans[i][0] for i in np.argsort(-selection.logits, kind="stable")])
        pointers = dict(zip(texts, self._network.read(selection.query, texts), strict=True))
        kept = [i for i, (hit, _) in enumerate(spans) if hit.passage.text in pointers]
        within = {i: _within(pointers[spans[i][0].passage.text], *spans[i]) for i in kept}
        if selection.asking.language == "en":
            within |= {i: (self._english(selection, *spans[i], *within[i]), within[i][1]) for i in kept}
        best = max((odds for _, odds in within.values()), default=-SUREST)
        return selection.asking, [
            Weighed(
                spans[i][0],
                spans[i][1],
                float(selection.relevance[i]),
                (
                    float(selection.logits[i]),
                    max(odds, -SUREST),
                    min(best - odds, 2 * SUREST),
                    spans[i][0].scores.get("rerank", self._blend.unranked),
                    1.0,
                ),
                short,
            )
            for i, (short, odds) in within.items()
        ]

    def _english(
        self, selection: Selection, hit: Hit, span: Span, short: Span | None, odds: float
    ) -> Span | None:
        """The bare fact for an English question: over Chinese text the network is the weaker judge of it."""
        if not has_han(hit.document.text[slice(*span)]):
            return short
        return self._short(selection, hit, span) or (short if odds > 0 else None)


def _worth_reading(hits: Sequence[Hit], by_sentence: Sequence[Hit]) -> list[str]:
    """The texts of the passages to be read, each once; both orders are best first."""
    first = list(dict.fromkeys(hit.passage.text for hit in hits))[:FIRST_READ]
    best = list(dict.fromkeys(hit.passage.text for hit in by_sentence))[:BEST_READ]
    return list(dict.fromkeys(first + best))


def _within(pointers: Pointers | None, hit: Hit, span: Span) -> tuple[Span | None, float]:
    """The network's answer within one sentence, in the document's offsets, and its log-odds."""
    offset = hit.passage.start
    found = pointers.best(span[0] - offset, span[1] - offset) if pointers else None
    if found is None:
        return None, -SUREST
    (start, end), odds = found
    start, end = with_unit(
        hit.document.text[span[0] : span[1]], (start + offset - span[0], end + offset - span[0])
    )
    return (span[0] + start, span[0] + end), min(odds, SUREST)


def with_unit(sentence: str, span: Span) -> Span:
    """The span, completed when it holds a number without the unit that follows it: 74 -> 74家."""
    for fact in facts(sentence):
        if (
            fact.kind in ("number", "duration", "date")
            and fact.start <= span[0] < span[1] < fact.end <= span[1] + 3
        ):
            return span[0], fact.end
    return span


def _candidates(hit: Hit) -> list[tuple[Span, Candidate]]:
    """The sentences of a hit that can be read as an answer."""
    passage = hit.passage
    found = candidates_of(hit.document.title, hit.document.text, passage.start, passage.end)
    return [(span, candidate) for span, candidate in found if span[1] - span[0] <= MOST_SENTENCE_CHARS]
