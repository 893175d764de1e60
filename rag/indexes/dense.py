"""The dense index: exact inner product over the vectors of one generation, in FAISS.

    index = DenseIndex(store, folder, generation)
    ids, scores = index.search(query_vector, k=50)

The FAISS id is the passage id. The scan is flat and exact, and a deletion is a deletion, which HNSW does not
offer; what it costs is in bench/README.md.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np
import numpy.typing as npt

from rag.errors import InvalidValue
from rag.indexes.snapshot_files import Patch
from rag.indexes.snapshots import CachedIndex
from rag.store.reader import Ids, Matrix, StoreReader

_THREADS: Final[int] = faiss.omp_get_max_threads()

QUICK, DEEP = "dense", "deep"
DENSE_INDEXES = (QUICK, DEEP)
"""The snapshots of the quick vectors and of the deep ones."""


class DenseIndex(CachedIndex):
    """Follows the vectors of one generation of a store."""

    def __init__(
        self, store: StoreReader, folder: Path, generation: int, name: str = QUICK
    ) -> None:
        """Open the index of a generation: verified, caught up, or rebuilt.

        Args:
            name: of its snapshot; two generations are served side by side while one is made.

        Raises:
            NotFound: there is no such generation.
        """
        known = store.generation_of(generation)
        self.name = name
        self.dimension = known.dimension
        self._generation = generation
        self._using = threading.Lock()
        self._index = self._empty()
        super().__init__(store, folder, f"{known.fingerprint} {known.dimension}")

    @property
    def generation(self) -> int:
        """Whose vectors it holds."""
        return self._generation

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Sequence[int] | Ids, vectors: Matrix) -> None:
        """Add passages.

        Args:
            vectors: float32, shape ``(len(ids), dimension)``.
        """
        if not len(ids):
            return
        shape = (len(ids), self.dimension)
        if vectors.shape != shape:
            raise InvalidValue("vectors", vectors.shape, f"the shape {shape}")
        with self._using:
            self._index.add_with_ids(
                np.ascontiguousarray(vectors, np.float32),
                np.ascontiguousarray(ids, np.int64),
            )

    def add_from_store(self, ids: Sequence[int] | Ids) -> None:
        """Add passages whose vectors were made after they came: no change of the store tells of those."""
        with self._following:
            self._fetch(ids)
            self._on_disk = None  # what lies there lacks them

    def holds(self, ids: Ids) -> npt.NDArray[np.bool_]:
        """Which of these passages are in it; ``(len(ids),)``."""
        with self._using:
            return np.isin(ids, faiss.vector_to_array(self._index.id_map))

    def remove(self, ids: Sequence[int] | Ids) -> None:
        if len(ids):
            with self._using:
                self._index.remove_ids(np.ascontiguousarray(ids, np.int64))

    def search(
        self, vectors: Matrix, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, Matrix]:
        """The ``k`` passages of highest inner product, best first.

        Args:
            vectors: one query of shape ``(dimension,)``, or several, ``(queries, dimension)``.
            allowed: passage ids to choose among; None for all.

        Returns:
            Ids and scores. For one query of shape ``(found,)`` with ``found <= k``; for several of shape
            ``(queries, k)``, where id -1 says that fewer were found.
        """
        if vectors.ndim not in (1, 2) or vectors.shape[-1] != self.dimension:
            expected = f"({self.dimension},) or (queries, {self.dimension})"
            raise InvalidValue("vectors", vectors.shape, expected)
        queries = np.ascontiguousarray(np.atleast_2d(vectors), np.float32)
        with self._using:
            # One query is quicker in one thread: two were three times slower on two cores.
            faiss.omp_set_num_threads(1 if len(queries) == 1 else _THREADS)
            scores, ids = self._index.search(queries, k, params=_choosing(allowed))
        if vectors.ndim == 2:
            return ids, scores
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]

    def differing(self, ids: Ids, vectors: Matrix) -> list[int]:
        """Those of these passages that are not in it, or with another vector."""
        different: list[int] = []
        with self._using:
            held = set(faiss.vector_to_array(self._index.id_map).tolist())
            for id_, vector in zip(ids.tolist(), vectors, strict=True):
                own = self._index.reconstruct(id_) if id_ in held else None
                if own is None or not np.array_equal(own, vector):
                    different.append(id_)
        return different

    def _empty(self) -> Any:
        # Any: faiss replaces methods at import, past its own annotations.
        return faiss.IndexIDMap2(faiss.IndexFlatIP(self.dimension))

    def _highest(self) -> int:
        return int(faiss.vector_to_array(self._index.id_map).max(initial=0))

    def _expected(self) -> int:
        return self._store.count_vectors(self._generation)

    def _build(self) -> None:
        index = self._empty()
        for ids, matrix in self._store.vectors(self._generation):
            index.add_with_ids(matrix, ids)
        with self._using:
            self._index = index

    def _fetch(self, ids: Sequence[int] | Ids) -> None:
        self.add(*self._store.vectors_of(self._generation, ids))

    def _dump(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))
        # FAISS says nothing when the disk was full; this raises then.
        _ids_in(path, self._file_overhead(), self.dimension)

    def _patches(self, path: Path, ids: Sequence[int]) -> list[Patch]:
        """Zeros over the vectors: they lie one after the other, and the ids at the end of the file."""
        stored = _ids_in(path, self._file_overhead(), self.dimension)
        width = 4 * self.dimension  # bytes of one float32 vector
        ids_at = path.stat().st_size - 8 * (len(stored) + 1)
        first = ids_at - width * len(stored)
        patches: list[Patch] = []
        with path.open("rb") as file:
            for row in np.flatnonzero(np.isin(stored, ids)).tolist():
                at = first + width * row
                file.seek(at)
                if any(file.read(width)):  # not overwritten yet
                    patches.append((at, bytes(width)))
        return patches

    def _file_overhead(self) -> int:
        """Bytes of a file beside its vectors and ids."""
        return len(faiss.serialize_index(self._empty()))

    def _load(self, path: Path) -> None:
        index = faiss.read_index(str(path))
        if not isinstance(index, faiss.IndexIDMap2) or index.d != self.dimension:
            raise ValueError(f"is not an IndexIDMap2 of dimension {self.dimension}")
        with self._using:
            self._index = index


def _ids_in(path: Path, overhead: int, dimension: int) -> Ids:
    """The passage ids at the end of a file. Raises OSError, ValueError: it is cut, or of another kind."""
    size = path.stat().st_size
    # Beside the overhead each passage takes its vector and its id: 4 * 384 + 8 = 1,544 bytes.
    count, rest = divmod(size - overhead, 4 * dimension + 8)
    if count < 0 or rest:
        raise OSError(f"{path.name} is not whole")
    with path.open("rb") as file:
        file.seek(size - 8 * (count + 1))
        counted = int.from_bytes(file.read(8), "little")
        ids = np.frombuffer(file.read(8 * count), np.dtype("<i8"))
    if counted != count:
        raise ValueError(f"{path.name} says {counted} ids and holds {count}")
    return ids


def _choosing(allowed: Ids | None) -> Any:
    """A selector by bitmap: for 100,000 ids it is made in under a millisecond, a hashed set takes tens."""
    if allowed is None:
        return None
    mask = np.zeros(int(allowed.max(initial=0)) + 1, np.uint8)
    mask[allowed] = 1
    of_bitmap: Any = faiss.IDSelectorBitmap
    parameters: Any = faiss.SearchParameters
    return parameters(sel=of_bitmap(np.packbits(mask, bitorder="little")))
