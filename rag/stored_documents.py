"""The documents and sources of a library, as they were taken in."""

from __future__ import annotations

from collections.abc import Sequence

from rag.dense_search import DenseSearch
from rag.feedback import FeedbackTable
from rag.generations import Progress
from rag.records import Document, Source
from rag.store import Listed, Store
from rag.store_reader import StoreReader


class StoredDocuments:
    """The part of ``Library`` that only reads its store. Methods may be called from any thread."""

    _store: Store
    _dense: DenseSearch

    def documents(self, after: int = 0, limit: int = 100) -> Sequence[Document]:
        """Documents with ``id > after`` in order of id, at most ``limit``."""
        return self._store.documents(after, limit)

    def listing(self, after: int = 0, limit: int = 100) -> Sequence[Listed]:
        """As :meth:`documents`, for a list: without reading any text."""
        return self._store.listing(after, limit)

    def listed(self, ids: Sequence[int]) -> Sequence[Listed]:
        """The lines of the list for these documents; those that are gone are left out."""
        return self._store.listed(ids)

    def document(self, document_id: int) -> Document:
        """Raises NotFound."""
        return self._store.document(document_id)

    @property
    def store(self) -> StoreReader:
        """What can be read of the store beyond the verbs here."""
        return self._store

    def source(self, sha256: str) -> Source:
        """Raises NotFound."""
        return self._store.source(sha256)

    def documents_of(self, sha256: str) -> Sequence[Document]:
        """The documents read off a source, in order of id."""
        return self._store.documents_of(sha256)

    @property
    def feedback(self) -> FeedbackTable:
        """What people said of answers."""
        return self._store.feedback

    def counts(self) -> dict[str, int]:
        """``{"sources", "documents", "passages"}``."""
        return self._store.counts()

    # vectors

    @property
    def waiting(self) -> int:
        """Passages that are found by their quick vectors: their deep ones are not made yet."""
        return self._dense.waiting

    @property
    def vectors_failed(self) -> str | None:
        """Why deep vectors are not made; None when nothing is wrong."""
        return self._dense.failure

    def finish_vectors(self, on_progress: Progress | None = None) -> None:
        """Make the deep vectors that are missing, and return when there are all."""
        self._dense.finish(on_progress)
