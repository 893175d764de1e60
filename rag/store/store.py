"""``Store``: a data folder opened, and all that is written to it. Reading it is in reader.py.

    store = Store.open(home)
    generation = store.generation(encoder_fingerprint, dimension)
    added = store.add(source, [(document, passages)], vectors, generation, place=Place("upload", "a.txt"))
    store.delete_document(added.documents[0].id)

SQLite is the only truth. The dense and lexical indexes are caches of it: they follow ``changes()`` or are built
anew from ``vectors()`` and ``texts()``. A write is one transaction; when the call returns it is on the disk.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from rag.errors import DiskFull, NotFound, StoreBusy, StoreError
from rag.home.lock import FolderLock, Server
from rag.home.opening import check_not_lost, writable
from rag.home.private import close_to_others, make_private
from rag.home.space import LEAST_FREE, Spare, free_bytes
from rag.records import Document, Passage, Source
from rag.store.checksums import seal, unsealed
from rag.store.connections import Connections
from rag.store.feedback import FeedbackTable
from rag.store.given_answers import GivenAnswers
from rag.store.places import Place, older_versions, remove_from_place, sources_at
from rag.store.reader import Generation, Ids, Matrix, PassageChange
from rag.store.rows import Listed, source_row, warnings_row
from rag.store.vectors import VectorWriter
from rag.store.writer import (
    Added,
    Read,
    checked_reading,
    has_source,
    insert,
    insert_reading,
    last_id,
    note_place,
    remove_document,
    remove_passages,
    remove_source,
)

T = TypeVar("T")

__all__ = [
    "Added",
    "Deleted",
    "Generation",
    "Ids",
    "Listed",
    "Matrix",
    "PassageChange",
    "Place",
    "Store",
]


@dataclass(frozen=True, slots=True)
class Deleted:
    """What ``delete_document`` removed; ``source_sha256`` is set when the source went with it."""

    passage_ids: tuple[int, ...]
    source_sha256: str | None
    seq: int


class Store(VectorWriter):
    """The store of one data folder. Methods may be called from any thread; writes take turns."""

    def __init__(self, home: Path, lock: FolderLock, connections: Connections) -> None:
        super().__init__(connections)
        self.home = home
        self.spare = Spare(home)
        self.feedback = FeedbackTable(connections)
        self.answers = GivenAnswers(connections)
        self._lock = lock

    @classmethod
    def open(cls, home: Path, server: Server | None = None) -> Self:
        """Lock the folder and open its store, creating or migrating it; read-only where it must be.

        Args:
            server: where this process will answer; commands on this machine find it in the lock.

        Raises:
            StoreLocked: another process, or another ``Store``, has the folder open.
            StoreError: the database cannot be read or is missing, or a newer version made it.
        """
        try:
            make_private(home)
            read_only = not writable(home)
            if not read_only:
                close_to_others(home)
        except OSError as error:
            raise StoreError(
                f"the data folder {home} cannot be made or used: {error.strerror}"
            ) from error
        check_not_lost(home)
        lock = FolderLock(home, read_only=read_only)
        try:
            if server is not None:
                lock.announce(server.url, server.key)
            return cls._opened(home, lock, read_only)
        except OSError as error:
            lock.release()
            raise StoreError(
                f"{error.filename or home}: {error.strerror or error}"
            ) from error
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _opened(cls, home: Path, lock: FolderLock, read_only: bool) -> Self:
        path = home / "chuchu.db"
        if read_only:
            return cls(home, lock, Connections(path, read_only=True))
        try:
            connections = Connections(path)
        except DiskFull:
            # Even opening writes: SQLite makes the index of its log.
            if not Spare(home).release():
                raise
            connections = Connections(path)
        store = cls(home, lock, connections)
        try:
            store._seal()
            store.spare.fill()
        except BaseException:
            connections.close()
            raise
        return store

    def _seal(self) -> None:
        """Give the rows of an older version their checksums; on a full disk some other time."""
        with self._connections.read() as db:
            left = unsealed(db)
        with contextlib.suppress(DiskFull):
            while left:
                with self._connections.write() as db:
                    left = seal(db)

    @property
    def full(self) -> bool:
        """Whether nothing more can be added: the disk has no room."""
        return self._connections.refused or free_bytes(self.home) < LEAST_FREE

    def ensure_gone(self) -> None:
        """Call before a deletion is acknowledged: nothing of what was deleted is in the log.

        Raises StoreBusy: another program reads the store and holds on to it, though it is deleted.
        """
        if self._connections.empty_log():
            return
        path = self.home / "chuchu.db"
        raise StoreBusy(
            f"what was deleted is no longer found, but another program is reading {path} "
            "and keeps its text in the log; close it and delete again"
        )

    def _making_room(self, remove: Callable[[], T]) -> T:
        """Run a deletion; when it does not fit on the disk, once more with the room held back for that."""
        # To delete is to write: SQLite logs every page that it overwrites.
        try:
            return remove()
        except DiskFull:
            self._connections.empty_log(anyway=True)
            self.spare.release()
        try:
            return remove()
        finally:
            self._connections.empty_log()
            self.spare.fill()

    def close(self) -> None:
        """Close the database and let go of the folder; harmless when called twice."""
        self._connections.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # writing

    def add(
        self,
        source: Source,
        documents: Read,
        vectors: Matrix,
        generation: int,
        *,
        place: Place | None = None,
        replaces: Collection[str] | None = None,
        read_with: int = 0,
    ) -> Added:
        """Take in a source with its documents, passages and vectors, in one transaction.

        Ids in the records given are not looked at; the records returned carry the real ones.

        Args:
            documents: at least one, each with its passages.
            vectors: float32, shape ``(number of all passages, dimension)``, finite, in their order.
            place: where it came from.
            replaces: when given, what was taken in from ``place`` before leaves in the same transaction, but
                for this source and those whose SHA-256 is named here: the other pieces of the same file.
            read_with: the version of the readers that read it.
        """
        dimension = self.generation_of(generation).dimension
        matrix = checked_reading(documents, vectors, dimension)
        added: Added | None = None
        with self._connections.write(truncate=replaces is not None) as db:
            if not has_source(db, source.sha256):
                added = insert(db, source, documents, matrix, generation, read_with)
            replaced = note_place(db, source.sha256, place, replaces)
        if added is None:
            added = self._added_before(source.sha256)
        return replace(added, replaced=replaced, seq=self.seq())

    def _added_before(self, sha256: str) -> Added:
        """What ``add`` returned when this content was taken in."""
        documents: list[Document] = []
        passages: list[Passage] = []
        for document_id in self.find_source(sha256) or ():
            documents.append(self.document(document_id))
            passages += self.document_passages(document_id)
        return Added(tuple(documents), tuple(passages), self.seq(), new=False)

    def settle(
        self, sha256: str, place: Place, replaces: Collection[str] | None = None
    ) -> tuple[int, ...] | None:
        """Note that a source that is here was found at a place, as ``add`` would.

        Returns:
            The ids of the documents that left for it; None when the source is not here.
        """
        with self._connections.read() as db:
            held = [known for _, known in sources_at(db, place)]
            older: tuple[int, ...] = ()
            if replaces is not None:
                older = older_versions(db, place, {sha256, *replaces})
        if self.find_source(sha256) is None:
            return None
        if sha256 in held and not older:
            return ()
        with self._connections.write(truncate=replaces is not None) as db:
            if not has_source(db, sha256):  # it was deleted meanwhile
                return None
            return note_place(db, sha256, place, replaces)

    def replace_reading(
        self,
        reading: Source,
        documents: Read,
        vectors: Matrix,
        generation: int,
        read_with: int,
        ids: Sequence[int],
    ) -> None:
        """Put another reading of a source's bytes in the place of the one that is here, in one transaction.

        Its name, its bytes, its places and when it was taken in stay. What people said of a document that has
        none in its place goes with it.

        Args:
            reading: the text, its parts and what was left out; ``data`` is not looked at.
            documents: none leaves nothing but the source, which goes, too.
            ids: for each of ``documents`` the id of the one that it stands in for, or 0 for a new one.

        Raises NotFound: the source was deleted meanwhile.
        """
        dimension = self.generation_of(generation).dimension
        matrix = checked_reading(documents, vectors, dimension)
        with self._connections.write(truncate=True) as db:
            row = db.execute(
                "SELECT id, name FROM sources WHERE sha256 = ?", (reading.sha256,)
            ).fetchone()
            if row is None:
                raise NotFound("source", reading.sha256)
            source_id, name = row
            reading = replace(reading, name=name)
            before: list[Any] = db.execute(
                "SELECT id FROM documents WHERE source_id = ?", (source_id,)
            ).fetchall()
            for (document_id,) in before:
                remove_passages(db, document_id)
                if document_id not in ids:
                    remove_document(db, document_id)
            db.execute("DELETE FROM source_text WHERE source_id = ?", (source_id,))
            _, _, media_type, encoding, parts, _ = source_row(reading)
            db.execute(
                "UPDATE sources SET media_type = ?, encoding = ?, parts = ? WHERE id = ?",
                (media_type, encoding, parts, source_id),
            )
            db.execute(
                "UPDATE intakes SET read_with = ?, warnings = ? WHERE source_id = ?",
                (read_with, warnings_row(reading.warnings), source_id),
            )
            insert_reading(db, source_id, reading, documents, matrix, generation, ids)

    def mark_read(self, sha256: str, read_with: int) -> None:
        """Note that a version of the readers has nothing to change in a source."""
        with self._connections.write() as db:
            db.execute(
                "UPDATE intakes SET read_with = ? "
                "WHERE source_id = (SELECT id FROM sources WHERE sha256 = ?)",
                (read_with, sha256),
            )

    def delete_document(self, document_id: int) -> Deleted:
        """Remove a document for good, and its source when it was the last of it.

        What it held is overwritten in the database and gone from its log when this returns; the indexes that
        follow drop their own snapshots.

        Raises NotFound.
        """
        return self._making_room(lambda: self._delete_document(document_id))

    def _delete_document(self, document_id: int) -> Deleted:
        with self._connections.write(truncate=True) as db:
            row = db.execute(
                "SELECT source_id, sha256 FROM documents JOIN sources ON sources.id = source_id "
                "WHERE documents.id = ?",
                (document_id,),
            ).fetchone()
            if row is None:
                raise NotFound("document", document_id)
            source_id, sha256 = row
            ids = remove_passages(db, document_id)
            remove_document(db, document_id)
            left = db.execute(
                "SELECT 1 FROM documents WHERE source_id = ?", (source_id,)
            ).fetchone()
            if left is None:
                remove_source(db, source_id)
            gone = sha256 if left is None else None
            return Deleted(ids, gone, last_id(db, "changes"))

    def leave(self, place: Place) -> tuple[int, ...]:
        """A place is no more: remove for good what is found nowhere else. The ids of those documents."""
        return self._making_room(lambda: self._leave(place))

    def _leave(self, place: Place) -> tuple[int, ...]:
        with self._connections.write(truncate=True) as db:
            gone: list[int] = []
            for source_id, _ in sources_at(db, place):
                if remove_from_place(db, source_id, place):
                    gone += remove_source(db, source_id)
            return tuple(gone)
