"""SQLite, the only truth: sources, documents, passages, their vectors, and the log of changes.

    store = Store.open(home)
    generation = store.generation(encoder_fingerprint, dimension)
    added = store.add(source, [(document, passages)], vectors, generation)
    store.delete_document(added.documents[0].id)

The dense and lexical indexes are caches of it: they follow ``changes()`` or are built anew from ``vectors()``
and ``texts()``. A write is one transaction; when the call returns it is on the disk.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import apsw
import numpy as np
import numpy.typing as npt

from rag.connections import Connections, FolderLock
from rag.errors import InvalidValue, NotFound, StoreError
from rag.feedback import FeedbackTable, forget
from rag.records import Document, Passage, Source
from rag.rows import chunks, document_row, passage_row, source_row
from rag.store_reader import STORED_VECTOR, Change, Generation, Ids, Matrix, StoreReader

__all__ = ["Added", "Change", "Deleted", "Generation", "Ids", "Matrix", "Store"]


@dataclass(frozen=True, slots=True)
class Added:
    """What ``add`` did. ``new`` is false when that content was here already: these are its records then."""

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    seq: int
    new: bool


@dataclass(frozen=True, slots=True)
class Deleted:
    """What ``delete_document`` removed; ``source_sha256`` is set when the source went with it."""

    passage_ids: tuple[int, ...]
    source_sha256: str | None
    seq: int


class Store(StoreReader):
    """The store of one data folder. Methods may be called from any thread; writes take turns."""

    def __init__(self, home: Path, lock: FolderLock, connections: Connections) -> None:
        super().__init__(connections)
        self.home = home
        self.feedback = FeedbackTable(connections)
        self._lock = lock

    @classmethod
    def open(cls, home: Path) -> Self:
        """Lock the folder and open its store, creating or migrating it.

        Raises:
            StoreLocked: another process, or another ``Store``, has the folder open.
            StoreError: the database cannot be read, or a newer version made it.
        """
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the data folder {home} cannot be made: {error.strerror}") from error
        lock = FolderLock(home)
        try:
            return cls(home, lock, Connections(home / "chuchu.db"))
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Close the database and let go of the folder; harmless when called twice."""
        self._connections.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # generations

    def generation(self, fingerprint: str, dimension: int) -> int:
        """The id of the generation of this encoder, made when there is none.

        Raises:
            InvalidValue: the fingerprint is known with another dimension.
        """
        for known in self.generations():
            if known.fingerprint == fingerprint:
                if known.dimension != dimension:
                    raise InvalidValue("dimension", dimension, f"{known.dimension}, as before")
                return known.id
        with self._connections.write() as db:
            db.execute(
                "INSERT INTO generations (fingerprint, dimension, whole) "
                "VALUES (?, ?, NOT EXISTS (SELECT 1 FROM passages))",
                (fingerprint, dimension),
            )
            return db.last_insert_rowid()

    def add_vectors(self, generation: int, ids: Sequence[int] | Ids, matrix: Matrix) -> None:
        """Give passages their vectors in a generation; passages deleted meanwhile are passed over.

        Args:
            matrix: float32, shape ``(len(ids), dimension)``, finite.
        """
        matrix = self._checked(generation, matrix, len(ids))
        with self._connections.write() as db:
            db.executemany(
                "INSERT INTO vectors (passage_id, generation_id, vector) "
                "SELECT id, ?, ? FROM passages WHERE id = ?",
                ((generation, row.tobytes(), int(id_)) for id_, row in zip(ids, matrix, strict=True)),
            )

    def finish_generation(self, generation: int) -> None:
        """Mark a generation whole and drop every other with its vectors. Harmless when done already.

        Raises:
            StoreError: a passage has no vector in it.
        """
        if (missing := next(self.missing_vectors(generation), None)) is not None:
            raise StoreError(f"generation {generation} lacks the vector of passage {missing[0]}")
        if self.generations() == (self.generation_of(generation),) and self.generation_of(generation).whole:
            return
        with self._connections.write(truncate=True) as db:
            db.execute("UPDATE generations SET whole = 1 WHERE id = ?", (generation,))
            db.execute("DELETE FROM vectors WHERE generation_id <> ?", (generation,))
            db.execute("DELETE FROM generations WHERE id <> ?", (generation,))

    # writing

    def add(
        self,
        source: Source,
        documents: Sequence[tuple[Document, Sequence[Passage]]],
        vectors: Matrix,
        generation: int,
    ) -> Added:
        """Take in a source with its documents, passages and vectors, in one transaction.

        Ids in the records given are not looked at; the records returned carry the real ones.

        Args:
            documents: at least one, each with its passages.
            vectors: float32, shape ``(number of all passages, dimension)``, finite, in their order.
        """
        if not documents:
            raise InvalidValue("documents", documents, "at least one document")
        for document, passages in documents:
            for passage in passages:
                if not passage.text or document.text[passage.start : passage.end] != passage.text:
                    raise InvalidValue("passage", passage, "the text at [start, end) of its document")
        matrix = self._checked(generation, vectors, sum(len(passages) for _, passages in documents))
        with self._connections.write() as db:
            known = db.execute("SELECT id FROM sources WHERE sha256 = ?", (source.sha256,)).fetchone()
            if known is None:
                return _insert(db, source, documents, matrix, generation)
            ids = self.find_source(source.sha256) or ()
            old = tuple(itertools.chain.from_iterable(self.document_passages(id_) for id_ in ids))
            return Added(tuple(self.document(id_) for id_ in ids), old, self.seq(), new=False)

    def delete_document(self, document_id: int) -> Deleted:
        """Remove a document for good, and its source when it was the last of it.

        What it held is overwritten in the database and gone from its log when this returns; the indexes that
        follow drop their own snapshots.

        Raises NotFound.
        """
        with self._connections.write(truncate=True) as db:
            row = db.execute(
                "SELECT source_id, sha256 FROM documents JOIN sources ON sources.id = source_id "
                "WHERE documents.id = ?",
                (document_id,),
            ).fetchone()
            if row is None:
                raise NotFound("document", document_id)
            source_id, sha256 = row
            mine = "SELECT id FROM passages WHERE document_id = ?"
            ids = tuple(id_ for (id_,) in db.execute(mine + " ORDER BY id", (document_id,)))
            forget(db, document_id)
            db.execute(f"DELETE FROM vectors WHERE passage_id IN ({mine})", (document_id,))  # noqa: S608
            db.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
            db.execute("DELETE FROM documents WHERE id = ?", (document_id,))
            last = db.execute("SELECT 1 FROM documents WHERE source_id = ?", (source_id,)).fetchone() is None
            if last:
                db.execute("DELETE FROM source_text WHERE source_id = ?", (source_id,))
                db.execute("DELETE FROM sources WHERE id = ?", (source_id,))
            return Deleted(ids, sha256 if last else None, _log(db, "delete", ids))

    # steps

    def _checked(self, generation: int, matrix: Matrix, rows: int) -> npt.NDArray[np.float32]:
        expected = (rows, self.generation_of(generation).dimension)
        if matrix.shape != expected:
            raise InvalidValue("vectors", matrix.shape, f"the shape {expected}")
        if not np.isfinite(matrix).all():
            raise InvalidValue("vectors", "NaN or infinity", "finite numbers")
        return np.ascontiguousarray(matrix, STORED_VECTOR)


def _insert(
    db: apsw.Connection,
    source: Source,
    documents: Sequence[tuple[Document, Sequence[Passage]]],
    matrix: Matrix,
    generation: int,
) -> Added:
    db.execute(
        "INSERT INTO sources (sha256, name, media_type, encoding, parts, data) VALUES (?, ?, ?, ?, ?, ?)",
        source_row(source),
    )
    source_id = db.last_insert_rowid()
    db.executemany(
        "INSERT INTO source_text (source_id, start, text) VALUES (?, ?, ?)",
        ((source_id, start, text) for start, text in chunks(source.text)),
    )
    next_document, next_passage = _last_id(db, "documents") + 1, _last_id(db, "passages") + 1
    kept_documents: list[Document] = []
    kept_passages: list[Passage] = []
    for document_id, (document, passages) in enumerate(documents, start=next_document):
        kept_documents.append(
            replace(document, id=document_id, source_name=source.name, source_sha256=source.sha256)
        )
        kept_passages += (
            replace(passage, id=id_, document_id=document_id)
            for id_, passage in enumerate(passages, start=next_passage + len(kept_passages))
        )
    db.executemany(
        "INSERT INTO documents "
        "(id, source_id, title, text, map, byline, dateline, place, published, copies, layout, blocks) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((document.id, source_id, *document_row(document)) for document in kept_documents),
    )
    db.executemany(
        'INSERT INTO passages (id, document_id, start, "end", context) VALUES (?, ?, ?, ?, ?)',
        map(passage_row, kept_passages),
    )
    db.executemany(
        "INSERT INTO vectors (passage_id, generation_id, vector) VALUES (?, ?, ?)",
        ((passage.id, generation, row.tobytes()) for passage, row in zip(kept_passages, matrix, strict=True)),
    )
    db.execute("UPDATE generations SET whole = 0 WHERE id <> ?", (generation,))
    seq = _log(db, "add", [passage.id for passage in kept_passages])
    return Added(tuple(kept_documents), tuple(kept_passages), seq, new=True)


def _last_id(db: apsw.Connection, table: str) -> int:
    """The highest id that ``AUTOINCREMENT`` ever gave in a table; the transaction keeps it ours."""
    rows = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchall()
    last: Any = rows[0][0] if rows else 0
    return int(last)


def _log(db: apsw.Connection, kind: Literal["add", "delete"], passage_ids: Sequence[int]) -> int:
    """Write the changes; return the last ``seq``."""
    db.executemany(
        "INSERT INTO changes (kind, passage_id) VALUES (?, ?)", ((kind, id_) for id_ in passage_ids)
    )
    return _last_id(db, "changes")
