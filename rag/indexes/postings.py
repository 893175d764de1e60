"""Inverted lists as flat arrays: immutable segments that are built, merged, saved and read.

A segment is a matrix of passages by terms in compressed sparse column form: the list of term ``t`` is
``rows[starts[t]:starts[t + 1]]`` with the counts beside it. Terms are kept as 64-bit hashes (BLAKE2b): among
three million distinct terms the chance that any two collide is one in four million.
"""

from __future__ import annotations

import functools
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy
from scipy import sparse

Array = npt.NDArray[Any]

FILE_ARRAYS = ("ids", "lengths", "terms", "starts", "columns", "counts")
"""Of a saved segment: the postings of passage ``row`` are ``columns[starts[row]:starts[row + 1]]``, indices
into ``terms``, with the counts beside them."""

_MOST_COUNTED = 255
"""A term is counted at most so often in a passage; BM25 has long flattened out there."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Inverted lists of some passages; ``ids`` ascend, and so do the rows within a list."""

    ids: Array
    """Passage ids, int64, shape ``(passages,)``."""
    lengths: Array
    """Terms in each passage, int32, shape ``(passages,)``."""
    terms: Array
    """Hashes, ascending, uint64, shape ``(terms,)``."""
    starts: Array
    """Where each list begins, int64, shape ``(terms + 1,)``."""
    rows: Array
    """Passages as indices into ``ids``, int32, shape ``(postings,)``."""
    counts: Array
    """How often the term stands in the passage, uint8, shape ``(postings,)``."""

    @classmethod
    def empty(cls) -> Self:
        """A segment of nothing."""
        return cls.of([], [])

    @classmethod
    def of(cls, ids: Sequence[int], passages: Sequence[Sequence[str]]) -> Self:
        """Invert passages, each given as its terms, repeats included. ``ids`` must ascend."""
        lengths = np.fromiter(map(len, passages), np.int32, len(passages))
        vocabulary: defaultdict[str, int] = defaultdict(lambda: len(vocabulary))
        every = map(vocabulary.__getitem__, chain.from_iterable(passages))
        numbers = np.fromiter(every, np.int32, int(lengths.sum()))
        of_term = np.fromiter(map(term_hash, vocabulary), np.uint64, len(vocabulary))
        hashes = of_term[numbers]
        rows = np.repeat(np.arange(len(passages), dtype=np.int32), lengths)
        # Stable, so that rows stay ascending within a term.
        order = np.argsort(hashes, kind="stable")
        hashes = hashes[order]
        rows = rows[order]
        # Sorted, a posting begins wherever the term or the passage is another:
        # a a a b in passages 0 0 1 1 are the postings a in 0 (twice), a in 1, b in 1.
        new_term = _differs(hashes)
        posting = np.flatnonzero(new_term | _differs(rows))
        counts = np.diff(posting, append=len(hashes))
        first = np.flatnonzero(new_term[posting])
        return cls(
            ids=np.asarray(ids, np.int64),
            lengths=lengths,
            terms=hashes[posting[first]],
            starts=np.append(first, len(posting)).astype(np.int64),
            rows=rows[posting],
            counts=np.minimum(counts, _MOST_COUNTED).astype(np.uint8),
        )

    @classmethod
    def merged(cls, segments: Sequence[Self], kept: Sequence[Array]) -> Self:
        """One segment of those passages of the given segments whose flag in ``kept`` is true.

        The ids of each segment must lie above those of the one before.
        """
        parts = [part._only(flags) for part, flags in zip(segments, kept, strict=True)]
        if len(parts) == 1:
            return parts[0]
        terms = functools.reduce(np.union1d, [part.terms for part in parts])
        places = [np.searchsorted(terms, part.terms) for part in parts]
        sizes = np.zeros((len(parts), len(terms)), np.int64)
        for part, place, size in zip(parts, places, sizes, strict=True):
            size[place] = np.diff(part.starts)
        starts = np.concatenate(([0], np.cumsum(sizes.sum(axis=0))))
        rows = np.empty(starts[-1], np.int32)
        counts = np.empty(starts[-1], np.uint8)
        free = starts[:-1].copy()  # where the next part of each list goes
        passages = 0
        for part, place, size in zip(parts, places, sizes, strict=True):
            shift = free[place] - part.starts[:-1]
            to = np.repeat(shift, np.diff(part.starts)) + np.arange(len(part.rows))
            rows[to] = part.rows + passages
            counts[to] = part.counts
            free += size
            passages += len(part.ids)
        return cls(
            ids=np.concatenate([part.ids for part in parts]),
            lengths=np.concatenate([part.lengths for part in parts]),
            terms=terms,
            starts=starts,
            rows=rows,
            counts=counts,
        )

    def list_of(self, term: int) -> tuple[Array, Array]:
        """Rows and counts of a term, given as its hash; empty when it does not occur."""
        at = int(np.searchsorted(self.terms, np.uint64(term)))
        if at == len(self.terms) or self.terms[at] != term:
            return self.rows[:0], self.counts[:0]
        where = slice(self.starts[at], self.starts[at + 1])
        return self.rows[where], self.counts[where]

    def rows_of(self, ids: Array) -> Array:
        """The rows of those of these passages that are here."""
        at = np.searchsorted(self.ids, ids)
        inside = at < len(self.ids)
        at, ids = at[inside], ids[inside]
        found: Array = at[self.ids[at] == ids]
        return found

    def fingerprints(self) -> Array:
        """A number for each passage that any change of its terms or counts changes, uint64."""
        of_postings = np.repeat(self.terms, np.diff(self.starts))
        weights = of_postings * self.counts.astype(np.uint64)
        sums = self.lengths.astype(np.uint64)
        np.add.at(sums, self.rows, weights)  # modulo 2**64
        return sums

    def write(self, path: Path) -> None:
        """Save as safetensors, what belongs to a passage together: so it can be erased in place.

        Terms stand in the order of the first passage that has them. Those that a passage has for itself are
        then neighbours, too.
        """
        counts = self.counts
        columns = self.rows
        starts = np.zeros(len(self.ids) + 1, np.int64)
        order = np.argsort(self.rows[self.starts[:-1]], kind="stable")
        if len(columns):
            shape = len(self.ids), len(self.terms)
            by_term = sparse.csc_matrix((counts, self.rows, self.starts), shape=shape)
            by_passage = by_term.tocsr()
            counts = by_passage.data
            columns = np.argsort(order)[by_passage.indices]
            starts = by_passage.indptr
        arrays = {
            "ids": self.ids,
            "lengths": self.lengths,
            "terms": self.terms[order],
            "starts": starts.astype(np.int64),
            "columns": columns.astype(np.int32),
            "counts": counts,
        }
        safetensors.numpy.save_file(arrays, path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """What ``write`` saved; postings of count 0 stand where a passage was erased, and are left out.

        Raises SafetensorError or ValueError for another kind of file.
        """
        with safetensors.safe_open(path, framework="numpy") as arrays:
            ids, lengths, terms, starts, columns, counts = map(
                arrays.get_tensor, FILE_ARRAYS
            )
        if len(starts) != len(ids) + 1 or len(counts) != len(columns):
            raise ValueError("the lists do not fit together")
        if starts[-1] != len(columns):
            raise ValueError("the lists do not fit together")
        there = counts > 0
        if not there.any():
            empty = cls.empty()
            return replace(empty, ids=ids, lengths=lengths)
        starts = np.concatenate(([0], np.cumsum(there)))[starts]
        shape = len(ids), len(terms)
        order = np.argsort(terms)
        terms = terms[order]
        columns = np.argsort(order)[columns]
        by_passage = sparse.csr_matrix(
            (counts[there], columns[there], starts), shape=shape
        )
        by_term = by_passage.tocsc()
        sizes = np.diff(by_term.indptr)
        occurs = sizes > 0
        return cls(
            ids=ids,
            lengths=lengths,
            terms=terms[occurs],
            starts=np.concatenate(([0], np.cumsum(sizes[occurs], dtype=np.int64))),
            rows=by_term.indices.astype(np.int32),
            counts=by_term.data,
        )

    def _only(self, kept: Array) -> Self:
        """This segment without the passages whose flag is false."""
        if kept.all():
            return self
        stays = kept[self.rows]
        sizes = self.starts[:0]
        if len(self.terms):  # reduceat takes no empty list of starts
            sizes = np.add.reduceat(stays, self.starts[:-1], dtype=np.int64)
        occurs = sizes > 0
        row = np.cumsum(kept, dtype=np.int32) - 1
        return type(self)(
            ids=self.ids[kept],
            lengths=self.lengths[kept],
            terms=self.terms[occurs],
            starts=np.concatenate(([0], np.cumsum(sizes[occurs]))),
            rows=row[self.rows[stays]],
            counts=self.counts[stays],
        )


def term_hash(term: str) -> int:
    """64 bits of BLAKE2b, the same in every process."""
    digest = hashlib.blake2b(term.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _differs(values: Array) -> Array:
    """Where a value is not that of its predecessor; the first always."""
    first = np.ones(min(len(values), 1), bool)
    return np.concatenate((first, values[1:] != values[:-1]))
