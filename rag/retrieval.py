"""Question -> Hits: the dense and the lexical search, fused, and the best of them reranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np

from models.kept import kept
from models.language.questions import read
from models.translation import Translator
from rag.answering.likeness import DistinctTexts, copies_among
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
DEPTHS = (DEPTH, 800)
"""And where these are copies of a few."""
COPIES = 8
"""Near-copies that are gathered beside what they repeat, so that an answer can say where it stands again."""
DENSE_WEIGHT = 0.3
"""Of the dense search in the fused score; models/training/LOG.md has the others, and reciprocal ranks."""
RERANKED = 24
"""Passages that the reranker puts in order. On two cores it reads some seventy a second."""
GATHERING_WEIGHT = 0.5
"""Of the dense search when passages are gathered to be reranked: there only recall counts, and Chinese
passages for English questions are found by meaning (figures in models/training/LOG.md)."""
TRANSLATED_WEIGHT = 0.8
MOST_DOCUMENTS_KEPT = 256
MEGABYTES_OF_DOCUMENTS = 128
"""Two of the largest documents that are taken in: 15 MB of Chinese text and its map are some 40 MB."""


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

    def rank(
        self, question: str, hits: Sequence[Hit], *, thorough: bool = True
    ) -> np.ndarray:
        """Log-odds that each passage answers, float32, ``(len(hits),)``.

        Args:
            thorough: read all; else the first until the answer is clear, and the others are NaN.
        """
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
            partial(store.document, with_blocks=False)
        )

    def search(
        self,
        query: str,
        limit: int,
        only: Filter,
        *,
        ranked: bool = True,
        thorough: bool = True,
        copies: int = 0,
    ) -> tuple[Hit, ...]:
        """The best ``limit`` passages, best first, near-copies counted once. Their documents come without blocks.

        ``scores`` has fused, dense (``DenseSearch.search``), bm25, and rerank: the log-odds that the passage
        answers. The score of a hit is the probability that these stand for, or the fused score where nothing
        reranks.

        Args:
            ranked: have the ranker put them in order, which takes most of the time.
            thorough: have all that was gathered read; else only until the answer is clear. Hits that were not
                read have no rerank, and stand below those that were.
            copies: how many near-copies may come beside them.
        """
        if self._ranker is None or not ranked:
            fused = self._fused(query, limit, only, DENSE_WEIGHT)
            fused = tuple(sorted(fused, key=lambda hit: -hit.score))
            return uncrowded(fused, limit, copies)
        gathered = self._fused(query, max(limit, RERANKED), only, GATHERING_WEIGHT)
        odds = self._ranker.rank(query, gathered, thorough=thorough)
        return uncrowded(in_order(gathered, odds), limit, copies)

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
        texts = self._store.texts_of(found.tolist())
        return any(_holds_all(text, names) for _, text in texts)

    def _fused(
        self, query: str, limit: int, only: Filter, weight: float
    ) -> tuple[Hit, ...]:
        """Both searches' best, the dense one weighted so, then near-copies of them.

        Their score is that of ``DENSE_WEIGHT``.
        """
        allowed = (
            self._store.passage_ids(only.documents, only.since, only.until)
            if only
            else None
        )
        hits: list[Hit] = []
        copies: frozenset[int] = frozenset()
        for depth in DEPTHS:
            dense = self._dense.search(query, depth, allowed)
            lexical = self._by_words(query, depth, allowed)
            hits, copies = self._gathered(lexical, dense, limit, weight)
            exhausted = max(len(dense), len(lexical)) < depth
            if exhausted or len(hits) - len(copies) >= limit:
                break
        distinct = [hit for at, hit in enumerate(hits) if at not in copies]
        repeated = [hits[at] for at in sorted(copies)]
        return (*distinct[:limit], *repeated[:COPIES])

    def _gathered(
        self,
        lexical: Mapping[int, float],
        dense: Mapping[int, float],
        limit: int,
        weight: float,
    ) -> tuple[list[Hit], frozenset[int]]:
        """Hits in the order of both searches until ``limit`` are no copies, and which of them are copies."""
        fused, weighted = fuse(lexical, dense), fuse(lexical, dense, weight)
        ordered = sorted(fused, key=lambda id_: (-weighted[id_], id_))
        hits: list[Hit] = []
        copies: set[int] = set()
        seen = DistinctTexts()
        while ordered and len(hits) - len(copies) < limit:
            missing = limit - len(hits) + len(copies)
            ids, ordered = ordered[:missing], ordered[missing:]
            passages = self._store.passages(ids)
            for id_ in ids:
                document = (
                    self._sound(passages[id_].document_id) if id_ in passages else None
                )
                if document is None:
                    continue
                scores = {"fused": fused, "dense": dense, "bm25": lexical}
                own = {name: of[id_] for name, of in scores.items() if id_ in of}
                if seen.is_copy(passages[id_].text):
                    copies.add(len(hits))
                hits.append(Hit(passages[id_], document, fused[id_], own))
        return hits, frozenset(copies)

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

    def _by_words(
        self, query: str, depth: int, allowed: Ids | None
    ) -> dict[int, float]:
        ids, scores = self._lexical.search(
            weighted_terms(query, self._translator), depth, allowed
        )
        return dict(zip(ids.tolist(), scores.tolist(), strict=True))


def _holds_all(text: str, names: Sequence[str]) -> bool:
    return all(holds(text, name) for name in names)


def in_order(hits: Sequence[Hit], odds: np.ndarray) -> tuple[Hit, ...]:
    """Hits by their log-odds, then those that have none (NaN), by their fused scores.

    An unread hit's score is below that of any that was read: the least of theirs times its fused score.
    """
    chances = 1 / (1 + np.exp(-odds.astype(np.float64)))
    read: list[Hit] = []
    unread: list[Hit] = []
    for number in np.argsort(-odds, kind="stable").tolist():
        hit = hits[number]
        if np.isnan(odds[number]):
            unread.append(hit)
            continue
        scores = hit.scores | {"rerank": float(odds[number])}
        read.append(replace(hit, score=float(chances[number]), scores=scores))
    least = read[-1].score if read else 1.0
    unread.sort(key=lambda hit: -hit.score)
    return (*read, *(replace(hit, score=least * hit.score) for hit in unread))


def uncrowded(hits: Sequence[Hit], limit: int, copies: int = 0) -> tuple[Hit, ...]:
    """The first ``limit`` hits that say different things, and near-copies of them, all in their order.

    Of ten copies and four others, five hits are one copy and the four. Where there is nothing else, copies
    fill what is left of ``limit``; ``copies`` more may come beside them.
    """
    repeated = sorted(copies_among([hit.passage.text for hit in hits]))
    distinct = [at for at in range(len(hits)) if at not in repeated][:limit]
    room = limit - len(distinct) + copies
    chosen = sorted((*distinct, *repeated[:room]))
    return tuple(hits[at] for at in chosen)


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
