"""The part of ``Library`` that only reads: documents, sources, feedback, gauges. Questions come on top of it."""

from __future__ import annotations

from collections.abc import Sequence

from models.encoder import Floats, Role
from rag.home.space import free_bytes
from rag.indexes.dense_search import DenseSearch
from rag.indexes.generations import Progress
from rag.loading import Models
from rag.records import Document, Source
from rag.store.feedback import FeedbackTable
from rag.store.given_answers import GivenAnswers
from rag.store.reader import StoreReader
from rag.store.store import Listed, Store


class LibraryDocuments:
    """The part of ``Library`` that changes nothing. Methods may be called from any thread."""

    _store: Store
    _dense: DenseSearch
    _loaded: Models

    def embed(self, texts: Sequence[str], role: Role) -> Floats:
        """Vectors ``(texts, dimension)`` of length 1, by the encoder that is set."""
        if role == "query":
            return self._loaded.encoder.encode_queries(texts)
        return self._loaded.encoder.encode_documents(texts)

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

    def troubles(self) -> list[str]:
        """What a person who runs this should know: the disk is full, the folder read-only, rows damaged."""
        found: list[str] = []
        if self._store.read_only:
            found.append("the data folder can be read and not written")
        elif self._store.full:
            found.append("the disk is full: nothing can be added; deleting makes room")
        if self._store.damaged:
            found.append(
                f"{len(self._store.damaged)} damaged; chuchu doctor --deep names all"
            )
        if self._dense.failure:
            found.append(
                f"deep vectors are not made, quick ones serve: {self._dense.failure}"
            )
        return found

    def gauges(self) -> dict[str, tuple[str, float]]:
        """What is true of the store and its disk now: name to (help text, value)."""
        store = self._store
        gauges = {
            "chuchu_disk_free_bytes": (
                "What is free on the disk of the data folder.",
                free_bytes(store.home),
            ),
            "chuchu_disk_full": ("1 when nothing can be added any more.", store.full),
            "chuchu_disk_spare_bytes": (
                "Held back so that a full disk can be emptied.",
                store.spare.held,
            ),
            "chuchu_damaged": (
                "Rows found that are not as they were written.",
                len(store.damaged),
            ),
        }
        return {name: (text, float(value)) for name, (text, value) in gauges.items()}

    def counts(self) -> dict[str, int]:
        """``{"sources", "documents", "passages"}``."""
        return self._store.counts()

    # vectors

    @property
    def waiting(self) -> int:
        """Passages that are found by their quick vectors: their deep ones are not made yet."""
        return self._dense.waiting

    def finish_vectors(self, on_progress: Progress | None = None) -> None:
        """Make the deep vectors that are missing, and return when there are all."""
        self._dense.finish(on_progress)
