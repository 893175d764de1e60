"""Question -> Hits: the dense and the lexical search, fused, and the best of them reranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from models.kept import kept
from models.language.questions import read
from models.translation import Translator
from rag.answering.missing import holds
from rag.errors import Damaged, NotFound
from rag.indexes.dense_search import DenseSearch, scaled
from rag.indexes.lexical import LexicalIndex
from rag.indexes.terms import terms
from rag.records import Document, Hit
from rag.store.reader import Ids
from rag.store.store import Store

DEPTH = 100
"""Passages that each search contributes before fusion."""
DENSE_WEIGHT = 0.3
"""Of the dense search in the fused score; models/training/LOG.md has the others, and reciprocal ranks."""
RERANKED = 24
"""Passages that the reranker puts in order. On two cores it reads some seventy a second."""
GATHERING_WEIGHT = 0.5
"""Of the dense search when passages are gathered to be reranked: there only recall counts, and Chinese
passages for English questions are found by meaning (figures in models/training/LOG.md)."""
TRANSLATED_WEIGHT = 0.8
MOST_DOCUMENTS_KEPT = 256
MEGABYTES_OF_DOCUMENTS = 64


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may answer; empty and None mean all. Dates are ISO and inclusive."""

    documents: tuple[int, ...] = ()
    since: str | None = None
    until: str | None = None

    def __bool__(self) -> bool:
        return bool(self.documents or self.since or self.until)


class Ranker(Protocol):
    """Puts passages in order by reading them with the question."""

    def rank(self, question: str, hits: Sequence[Hit]) -> np.ndarray:
        """Log-odds that each passage answers, float32, ``(len(hits),)``."""
        ...

    def forget(self) -> None:
        """Drop what is kept of texts, after a document was deleted."""
        ...


class Retriever:
    """Both searches over one store. Methods may be called from any thread."""

    def __init__(
        self,
        store: Store,
        dense: DenseSearch,
        lexical: LexicalIndex,
        translator: Translator,
        ranker: Ranker | None = None,
    ) -> None:
        """Without a ``ranker`` hits stay in the order of their fused scores."""
        self._store, self._dense, self._lexical = store, dense, lexical
        self._translator, self._ranker = translator, ranker
        self._document = kept(MEGABYTES_OF_DOCUMENTS, MOST_DOCUMENTS_KEPT)(
            store.document
        )

    def search(self, query: str, limit: int, only: Filter) -> tuple[Hit, ...]:
        """The best ``limit`` passages, best first.

        ``scores`` has fused, dense (``DenseSearch.search``), bm25, and rerank: the log-odds that the passage
        answers. The score of a hit is the probability that these stand for, or the fused score where nothing
        reranks.
        """
        if self._ranker is None:
            return self._fused(query, limit, only, DENSE_WEIGHT)
        gathered = self._fused(query, max(limit, RERANKED), only, GATHERING_WEIGHT)
        return self._reranked(self._ranker, query, gathered)[:limit]

    def mentions(self, names: Sequence[str], only: Filter) -> bool:
        """Whether one passage, with what stands above it, holds all these names as they are written."""
        allowed = (
            self._store.passage_ids(only.documents, only.since, only.until)
            if only
            else None
        )
        found, _ = self._lexical.search(
            dict.fromkeys(terms("\n".join(names)), 1.0), DEPTH, allowed
        )
        return any(
            all(holds(text, name) for name in names)
            for _, text in self._store.texts_of(found.tolist())
        )

    def _reranked(
        self, ranker: Ranker, query: str, hits: Sequence[Hit]
    ) -> tuple[Hit, ...]:
        odds = ranker.rank(query, hits)
        chances = 1 / (1 + np.exp(-odds.astype(np.float64)))
        order = np.argsort(-odds, kind="stable").tolist()
        return tuple(
            replace(
                hits[i],
                score=float(chances[i]),
                scores=hits[i].scores | {"rerank": float(odds[i])},
            )
            for i in order
        )

    def _fused(
        self, query: str, limit: int, only: Filter, weight: float
    ) -> tuple[Hit, ...]:
        """Both searches' best, the dense one weighted so; their score is that of ``DENSE_WEIGHT``."""
        allowed = (
            self._store.passage_ids(only.documents, only.since, only.until)
            if only
            else None
        )
        dense = self._dense.search(query, DEPTH, allowed)
        lexical = self._by_words(query, allowed)
        fused, weighted = fuse(lexical, dense), fuse(lexical, dense, weight)
        best = sorted(fused, key=lambda id_: (-weighted[id_], id_))[:limit]
        passages = self._store.passages(best)
        hits: list[Hit] = []
        for id_ in best:
            scores = {"fused": fused, "dense": dense, "bm25": lexical}
            own = {name: of[id_] for name, of in scores.items() if id_ in of}
            if (
                id_ in passages
                and (document := self._sound(passages[id_].document_id)) is not None
            ):
                hits.append(Hit(passages[id_], document, fused[id_], own))
        return tuple(hits)

    def _sound(self, document_id: int) -> Document | None:
        """A document; None when it was deleted since it was found, or is damaged."""
        try:
            document = self._document(document_id)
            return (
                None
                if f"source {document.source_sha256}" in self._store.damaged
                else document
            )
        except NotFound:
            return None
        except Damaged as damage:
            self._store.note(damage)
            return None

    def forget(self) -> None:
        """Drop what is kept of documents, after one was deleted."""
        self._document.cache_clear()
        if self._ranker is not None:
            self._ranker.forget()

    def _by_words(self, query: str, allowed: Ids | None) -> dict[int, float]:
        ids, scores = self._lexical.search(
            weighted_terms(query, self._translator), DEPTH, allowed
        )
        return dict(zip(ids.tolist(), scores.tolist(), strict=True))


def weighted_terms(query: str, translator: Translator) -> dict[str, float]:
    """The terms of a question's content, question words left out; an English question's translations too."""
    asking = read(query)
    weights = dict.fromkeys(
        terms(" ".join(_runs(asking.text, [(w.start, w.end) for w in asking.content]))),
        1.0,
    )
    if asking.language == "en":
        for phrase in translator.to_chinese(query):
            for target, probability in phrase.targets if phrase.content else ():
                for term in terms(target):
                    weight = TRANSLATED_WEIGHT * probability**0.5
                    weights[term] = max(weights.get(term, 0.0), weight)
    return weights or dict.fromkeys(terms(query), 1.0)


def fuse(
    lexical: Mapping[int, float],
    dense: Mapping[int, float],
    weight: float = DENSE_WEIGHT,
) -> dict[int, float]:
    """Weighted sum of both searches' scores, each scaled to 0..1 within the query; 1 is best in both.

    Reciprocal ranks were measured too and lose to the lexical search alone: they see no difference
    between a search that is sure and one that is not.
    """
    words, meaning = scaled(lexical, floor=0.0), scaled(dense)
    return {
        id_: (1 - weight) * words.get(id_, 0.0) + weight * meaning.get(id_, 0.0)
        for id_ in words.keys() | meaning.keys()
    }


def _runs(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Stretches of neighbouring words, so that bigrams across two content words count."""
    runs: list[tuple[int, int]] = []
    for start, end in spans:
        if runs and runs[-1][1] == start:
            runs[-1] = runs[-1][0], end
        else:
            runs.append((start, end))
    return [text[start:end] for start, end in runs]
