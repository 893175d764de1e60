"""The documents and sources of a library, as they were taken in."""

from __future__ import annotations

from collections.abc import Sequence

from models.batching import BatchingEncoder
from models.encoder import Floats, Role
from rag.feedback import FeedbackTable
from rag.given_answers import GivenAnswers
from rag.records import Document, Source
from rag.store import Listed, Store
from rag.store_reader import StoreReader


class StoredDocuments:
    """The part of ``Library`` that changes nothing. Methods may be called from any thread."""

    _store: Store
    _encoder: BatchingEncoder

    def embed(self, texts: Sequence[str], role: Role) -> Floats:
        """Vectors ``(texts, dimension)`` of length 1, by the encoder that searches here."""
        if role == "query":
            return self._encoder.encode_queries(texts)
        return self._encoder.encode_documents(texts)

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

    @property
    def answers(self) -> GivenAnswers:
        """The answers that were given."""
        return self._store.answers

    def counts(self) -> dict[str, int]:
        """``{"sources", "documents", "passages"}``."""
        return self._store.counts()
