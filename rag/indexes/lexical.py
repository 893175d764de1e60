"""The lexical index: BM25 over words and character bigrams, in inverted lists of our own.

    index = LexicalIndex(store, folder, analyse, made_with="words-1")
    ids, scores = index.search({"供暖": 1.0, "heating": 0.5}, k=50)

Additions become small segments that are merged as they gather; deletions are flags until a merge or
``save()`` leaves the passages out. In the file on the disk they are overwritten at once (``rag.indexes.erasing``).
Document frequencies and the mean length always count what is there, so scores do not depend on the
history: an index grown passage by passage ranks as one built at once.

Why not a library, at 270,000 passages (bench/README.md): bm25s is built anew for each change (minutes, 4 GB).
tantivy searches in 0.25 ms to our 1.5 and takes a quarter of the memory, but keeps the terms of deleted
passages on disk with no call to merge them away, and a deleted document must be gone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from rag.indexes.erasing import erasing_patches
from rag.indexes.postings import Array, Segment, term_hash
from rag.indexes.snapshot_files import Patch
from rag.indexes.snapshots import CachedIndex
from rag.store.reader import Ids, Matrix, StoreReader

K1: Final = 1.2
B: Final = 0.75

_BLOCK: Final = 16_384
"""Passages inverted at a time when building."""
_MOST_SEGMENTS: Final = 8


@dataclass(frozen=True, slots=True)
class _LiveSegment:
    """A segment and which of its passages are there."""

    segment: Segment
    alive: Array


@dataclass(frozen=True, slots=True)
class _Contents:
    """All that a search looks at; replaced as a whole, so that a search sees one state without a lock."""

    parts: tuple[_LiveSegment, ...]
    passages: int
    mean_length: float

    @classmethod
    def of(cls, parts: Iterable[_LiveSegment]) -> _Contents:
        """The contents of these parts, those without a passage dropped."""
        held: list[_LiveSegment] = []
        passages = 0
        terms = 0
        for part in parts:
            if part.alive.any():
                held.append(part)
                passages += int(part.alive.sum())
                terms += int(part.segment.lengths[part.alive].sum())
        mean_length = terms / passages if passages else 0.0
        return cls(tuple(held), passages, mean_length)


class LexicalIndex(CachedIndex):
    """Follows the texts of a store."""

    name = "lexical"

    def __init__(
        self,
        store: StoreReader,
        folder: Path,
        analyse: Callable[[str], Sequence[str]],
        made_with: str,
    ) -> None:
        """Open the index: verified, caught up, or rebuilt.

        Args:
            analyse: text -> its terms, repeats included.
            made_with: names ``analyse`` and its version; change it when the terms change.
        """
        self._analyse = analyse
        self._contents = _Contents.of(())
        super().__init__(store, folder, made_with)

    def __len__(self) -> int:
        return self._contents.passages

    def add(self, ids: Sequence[int], texts: Sequence[str]) -> None:
        """Add passages. ``ids`` must ascend and lie above those that are here."""
        if ids:
            self._append(_segment_of(ids, [self._analyse(text) for text in texts]))

    def remove(self, ids: Sequence[int] | Ids) -> None:
        gone = np.asarray(ids, np.int64)
        self._contents = _Contents.of(
            _without(part, gone) for part in self._contents.parts
        )

    def search(
        self, terms: Mapping[str, float], k: int, allowed: Ids | None = None
    ) -> tuple[Ids, Matrix]:
        """The ``k`` passages of highest weighted BM25, best first, the lower id first among equals.

        Score: sum over terms of ``weight * idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean))``,
        ``idf = ln(1 + (N - n + 0.5) / (n + 0.5))``, never negative (Robertson and Zaragoza 2009, in the form
        that Lucene uses).

        Args:
            terms: what ``analyse`` makes of the query, with the weight of each.
            allowed: passage ids to choose among; None for all.

        Returns:
            Ids and scores, both of shape ``(found,)``; only passages that hold a term are found.
        """
        contents = self._contents
        lists = [_SegmentScores(part, contents.mean_length) for part in contents.parts]
        for term, weight in terms.items():
            _score_term(lists, term_hash(term), weight, contents.passages)
        ids = np.empty(0, np.int64)
        scores = np.empty(0, np.float32)
        for of_part in lists:
            best_ids, best_scores = of_part.best(k, allowed)
            ids = np.concatenate([ids, best_ids])
            scores = np.concatenate([scores, best_scores])
        order = np.lexsort((ids, -scores))[:k]
        return ids[order], scores[order]

    def differing(self, texts: Iterable[tuple[int, str]]) -> list[int]:
        """Passages that are not in it with the terms of their texts, or are in it and have no text."""
        held: dict[int, int] = {}
        for part in self._contents.parts:
            sums = part.segment.fingerprints()[part.alive]
            ids = part.segment.ids[part.alive]
            held.update(zip(ids.tolist(), sums.tolist(), strict=True))
        different: list[int] = []
        for fresh in self._inverted(texts):
            sums = fresh.segment.fingerprints()
            for id_, own in zip(fresh.segment.ids.tolist(), sums.tolist(), strict=True):
                if held.pop(id_, None) != own:
                    different.append(id_)
        return different + list(held)

    def _inverted(self, texts: Iterable[tuple[int, str]]) -> Iterator[_LiveSegment]:
        """``(passage_id, text)`` in order of id as parts of some thousand passages each."""
        left = iter(texts)
        while block := list(itertools.islice(left, _BLOCK)):
            ids, passages = zip(*block, strict=True)
            yield _segment_of(ids, [self._analyse(text) for text in passages])

    def _append(self, part: _LiveSegment) -> None:
        """Add a part; when there are many, merge the newest, as far back as they are of like size."""
        parts = [*self._contents.parts, part]
        if len(parts) > _MOST_SEGMENTS:
            # Of 100,000, 900, 300, 100, 40 and 20 passages the last five become one; the large one is not copied.
            first = len(parts) - 1
            gathered = len(parts[-1].alive)
            while first and len(parts[first - 1].alive) <= 4 * gathered:
                first -= 1
                gathered += len(parts[first].alive)
            first = min(first, len(parts) - 2)
            parts[first:] = [_merged(parts[first:])]
        self._contents = _Contents.of(parts)

    def _highest(self) -> int:
        last_ids = [int(part.segment.ids[-1]) for part in self._contents.parts]
        return max(last_ids, default=0)

    def _expected(self) -> int:
        return self._store.counts()["passages"]

    def _build(self) -> None:
        parts = list(self._inverted(self._store.texts()))
        self._contents = _Contents.of([_merged(parts)] if parts else [])

    def _fetch(self, ids: Sequence[int]) -> None:
        texts = sorted(self._store.texts_of(ids))
        self.add([id_ for id_, _ in texts], [text for _, text in texts])

    def _dump(self, path: Path) -> None:
        parts = self._contents.parts
        whole = _merged(parts) if parts else _all_alive(Segment.empty())
        self._contents = _Contents.of([whole])
        whole.segment.write(path)

    def _patches(self, path: Path, ids: Sequence[int]) -> list[Patch]:
        return erasing_patches(path, ids)

    def _load(self, path: Path) -> None:
        self._contents = _Contents.of([_all_alive(Segment.read(path))])


class _SegmentScores:
    """The scores of one part during one search."""

    def __init__(self, part: _LiveSegment, mean_length: float) -> None:
        self._part = part
        self._whole = bool(part.alive.all())
        self._mean = mean_length
        self._scores = np.zeros(len(part.alive), np.float32)

    def find(self, term: int) -> tuple[Array, Array]:
        """Rows and counts of the term among the passages that are there."""
        rows, counts = self._part.segment.list_of(term)
        if self._whole:
            return rows, counts
        there = self._part.alive[rows]
        return rows[there], counts[there]

    def score(self, rows: Array, counts: Array, weight: float) -> None:
        """Add what the term is worth."""
        lengths = self._part.segment.lengths[rows].astype(np.float32)
        # An empty index has a mean of 0.
        norm = (
            np.float32(K1 * (1 - B))
            + np.float32(K1 * B / max(self._mean, 1e-9)) * lengths
        )
        tf = counts.astype(np.float32)
        self._scores[rows] += np.float32(weight * (K1 + 1)) * tf / (tf + norm)

    def best(self, k: int, allowed: Ids | None) -> tuple[Ids, Matrix]:
        """The ``k`` best and whatever ties with the last of them."""
        scores = self._scores
        if allowed is not None:
            rows = self._part.segment.rows_of(allowed)
            scores = np.zeros_like(scores)
            scores[rows] = self._scores[rows]
        rows = np.flatnonzero(scores)
        # Ties stay until the parts are put together: there the lower id wins, whichever part it is in.
        if len(rows) > k:
            rows = rows[scores[rows] >= np.partition(scores[rows], -k)[-k]]
        return self._part.segment.ids[rows], scores[rows]


def _score_term(
    lists: Sequence[_SegmentScores], term: int, weight: float, passages: int
) -> None:
    """Add to the scores of each part what one term is worth; ``n`` of all ``passages`` have it."""
    postings = [of_part.find(term) for of_part in lists]
    n = sum(int(np.count_nonzero(counts)) for _, counts in postings)
    idf = math.log1p((passages - n + 0.5) / (n + 0.5))
    for of_part, (rows, counts) in zip(lists, postings, strict=True):
        of_part.score(rows, counts, weight * idf)


def _segment_of(ids: Sequence[int], passages: Sequence[Sequence[str]]) -> _LiveSegment:
    return _all_alive(Segment.of(ids, passages))


def _all_alive(segment: Segment) -> _LiveSegment:
    return _LiveSegment(segment, np.ones(len(segment.ids), bool))


def _without(part: _LiveSegment, gone: Ids) -> _LiveSegment:
    rows = part.segment.rows_of(gone)
    if not len(rows):
        return part
    alive = part.alive.copy()
    alive[rows] = False
    return replace(part, alive=alive)


def _merged(parts: Sequence[_LiveSegment]) -> _LiveSegment:
    """One part of all; the passages that are gone are left out."""
    if len(parts) == 1 and parts[0].alive.all():
        return parts[0]
    segments = [part.segment for part in parts]
    kept = [part.alive for part in parts]
    return _all_alive(Segment.merged(segments, kept))
