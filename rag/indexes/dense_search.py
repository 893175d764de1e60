"""Search by meaning: quick vectors of every passage, and deep ones of those that have them yet.

    search = DenseSearch.open(store, folder, quick, deep, writing, on_progress)
    scores = search.search("质保多久？", 100, None)

Both indexes are asked and their scores blended; what has no deep vector yet stands by its quick one.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Self

import numpy as np

from models.encoder import Encoder, Floats
from rag.indexes.dense import DEEP, DenseIndex
from rag.indexes.generations import (
    DeepVectors,
    Progress,
    When,
    generation_at_hand,
    whole_generation,
)
from rag.indexes.snapshot_files import Snapshots
from rag.store.reader import Ids
from rag.store.store import Store

Scores = dict[int, float]

DEEP_WEIGHT = 0.5
"""Of the deep search beside the quick one; figures in models/training/LOG-encoder.md."""


class DenseSearch:
    """Both generations over one store. Methods may be called from any thread."""

    def __init__(
        self,
        quick: Encoder,
        index: DenseIndex,
        generation: int,
        deep: DeepVectors | None,
        when: When,
    ) -> None:
        self.generation = generation
        self._quick, self._index, self._deep, self._when = quick, index, deep, when
        if deep and when == "background":
            deep.start()

    @classmethod
    def open(
        cls,
        store: Store,
        folder: Path,
        quick: Encoder,
        deep: Encoder | None,
        writing: threading.Lock,
        when: When = "background",
        on_progress: Progress | None = None,
    ) -> Self:
        """Open or build the indexes; missing quick vectors are made first.

        Args:
            writing: held while the store and its indexes change.
            when: deep vectors are made.
            on_progress: called with passages done and in all while quick vectors are made.
        """
        if store.read_only:
            return cls._opened_to_read(store, folder, quick, deep, writing)
        generation = whole_generation(store, quick, on_progress)
        index = DenseIndex(store, folder, generation)
        if deep is None:
            Snapshots(
                folder, DEEP
            ).drop()  # nobody would take out of it what is deleted from now on
            return cls(quick, index, generation, None, when)
        of_deep = store.generation(deep.fingerprint, deep.dimension)
        deep_index = DenseIndex(store, folder, of_deep, DEEP)
        maker = DeepVectors(store, deep, deep_index, of_deep, generation, writing)
        return cls(quick, index, generation, maker, when)

    @classmethod
    def _opened_to_read(
        cls,
        store: Store,
        folder: Path,
        quick: Encoder,
        deep: Encoder | None,
        writing: threading.Lock,
    ) -> Self:
        """What there is of either generation; nothing is made. Raises StoreReadOnly."""
        generation = generation_at_hand(store, quick)
        index = DenseIndex(store, folder, generation)
        for known in store.generations():
            if deep and known.fingerprint == deep.fingerprint:
                deep_index = DenseIndex(store, folder, known.id, DEEP)
                maker = DeepVectors(
                    store, deep, deep_index, known.id, generation, writing
                )
                return cls(quick, index, generation, maker, "later")
        return cls(quick, index, generation, None, "later")

    @property
    def waiting(self) -> int:
        """Passages that have no deep vector yet; 0 where quick ones are all that is wanted."""
        return max(0, len(self._index) - len(self._deep.index)) if self._deep else 0

    def encode(self, texts: list[str], on_progress: Progress | None = None) -> Floats:
        """Quick vectors of passages."""
        return self._quick.encode_documents(texts, on_progress)

    def search(self, query: str, k: int, allowed: Ids | None) -> Scores:
        """The ``k`` nearest passages of each index: their cosines, of two indexes blended to 0..1."""
        if self._deep is None:
            return self._search_quick(query, k, allowed)
        self._deep.asked()
        quick = self._search_quick(query, k, allowed)
        if not len(self._deep.index):
            return quick
        deep = _found(self._deep.index, self._deep.encoder, query, k, allowed)
        if not self.waiting:
            return blended(deep, quick)
        ids = np.fromiter(quick, np.int64, len(quick))
        return blended(deep, quick, set(ids[~self._deep.index.holds(ids)].tolist()))

    def catch_up(self) -> None:
        """Follow the store, and have what came made deep."""
        self._index.catch_up()
        if self._deep:
            self._deep.index.catch_up()
            self._deep.wake()

    @property
    def due(self) -> bool:
        """Whether a snapshot should be written anew."""
        return self._index.due or bool(self._deep and self._deep.index.due)

    def save_if_due(self) -> None:
        """Write the snapshots that are due."""
        self._index.save_if_due()
        if self._deep:
            self._deep.index.save_if_due()

    def settle(self) -> None:
        """Make deep vectors where they are wanted at once; ``writing`` is not held."""
        if self._when == "at once":
            self.finish()

    def finish(self, on_progress: Progress | None = None) -> None:
        """Make the deep vectors that are missing, and return when there are all."""
        if self._deep:
            self._deep.finish(on_progress)

    @property
    def failure(self) -> str | None:
        """Why deep vectors are not made; None when nothing is wrong."""
        return self._deep.failure if self._deep else None

    def close(self) -> None:
        """Stop what runs in the background; not to be called with ``writing`` held."""
        if self._deep:
            self._deep.close()

    def _search_quick(self, query: str, k: int, allowed: Ids | None) -> Scores:
        return _found(self._index, self._quick, query, k, allowed)


def _found(
    index: DenseIndex, encoder: Encoder, query: str, k: int, allowed: Ids | None
) -> Scores:
    ids, scores = index.search(encoder.encode_queries([query])[0], k, allowed)
    return dict(zip(ids.tolist(), scores.tolist(), strict=True))


def blended(
    deep: Mapping[int, float], quick: Mapping[int, float], lacking: Collection[int] = ()
) -> Scores:
    """The mean of both searches' scores, each scaled to 0..1 within the query.

    Cosines of two encoders cannot be compared; how far up its own list a passage stands can. Where quick hits
    reach from 0.2 to 0.6 and deep ones from 0.1 to 0.5, one of 0.3 in both counts (0.25 + 0.5) / 2 = 0.375.
    What ``lacking`` names has no deep vector yet: its quick score is all, 0.25.
    """
    if not deep or not quick:
        return dict(deep or quick)
    far, near = scaled(deep), scaled(quick)
    scores: Scores = {}
    for id_ in far.keys() | near.keys():
        weight = 0.0 if id_ in lacking else DEEP_WEIGHT
        scores[id_] = weight * far.get(id_, 0.0) + (1 - weight) * near.get(id_, 0.0)
    return scores


def scaled(scores: Mapping[int, float], floor: float | None = None) -> Scores:
    """From ``floor`` (the least score unless given) to the best: 0 to 1."""
    if not scores:
        return {}
    least = min(scores.values()) if floor is None else floor
    reach = max(scores.values()) - least
    return {
        id_: (score - least) / reach if reach > 0 else 1.0
        for id_, score in scores.items()
    }
