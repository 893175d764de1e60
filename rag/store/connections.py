"""The connections to the store's database: one writer at a time and one reader a thread."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import apsw

from rag.errors import Damaged, DiskFull, StoreBusy, StoreError, StoreReadOnly
from rag.home.space import NO_SPACE, free_bytes, reserve
from rag.store.schema import PAGE_SIZE, connect_frozen, connect_reader, connect_writer

_WRITE_FAILED: Final = frozenset(
    {
        apsw.SQLITE_IOERR_WRITE,
        apsw.SQLITE_IOERR_SHMSIZE,
        apsw.SQLITE_IOERR_FSYNC,
        apsw.SQLITE_IOERR_TRUNCATE,
    }
)
_NO_ROOM: Final = 2**17
"""Bytes; SQLite grows the index of its log by 32 kB at a time."""


class Connections:
    """The connections to one database: a writer under a lock, a read-only one for each thread.

    Args:
        read_only: the folder cannot be written; there is no writer then.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._writing = threading.Lock()
        self._local = threading.local()
        self._readers: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()
        self._registering = threading.Lock()
        # A process killed after a delete leaves its log to us.
        self._truncation_due = not read_only
        self._closed = False
        self._writer: apsw.Connection | None = None
        self.refused = False
        """Whether the last write did not fit on the disk."""
        with self._translated():
            if read_only:
                connect_frozen(path).close()
            else:
                self._writer = connect_writer(path)
                # Kept open: closing any descriptor of a file lets go of the locks that SQLite has on it.
                self._file = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
                self._truncate_if_due()

    @property
    def read_only(self) -> bool:
        return self._writer is None

    @contextlib.contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """This thread's reader. Finish each cursor inside: an open one holds back checkpoints."""
        if self._closed:
            raise StoreError("the store is closed")
        with self._translated():
            connection: apsw.Connection | None = getattr(
                self._local, "connection", None
            )
            if connection is None:
                connection = (
                    connect_frozen(self._path)
                    if self.read_only
                    else connect_reader(self._path)
                )
                self._local.connection = connection
                with self._registering:
                    self._readers.add(connection)
            yield connection

    @contextlib.contextmanager
    def write(self, *, truncate: bool = False) -> Iterator[apsw.Connection]:
        """The writer inside one ``BEGIN IMMEDIATE`` transaction, rolled back when the block raises.

        Once it is committed nothing here raises: what is on the disk is acknowledged.

        Args:
            truncate: empty the write-ahead log afterwards, so that no old page lingers in it.

        Raises:
            DiskFull: it did not fit, and nothing of it is left.
            StoreBusy: another program is writing.
            StoreReadOnly: the folder cannot be written.
        """
        with self._writing, self._translated():
            if self._closed:
                raise StoreError("the store is closed")
            if self._writer is None:
                raise StoreReadOnly(f"{self._path.parent} can be read and not written")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                _sign(self._writer)
                self._make_room(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            self.refused = False
            self._truncation_due |= truncate
            self._truncate_if_due()

    def empty_log(self, *, anyway: bool = False) -> bool:
        """Whether nothing that was deleted is left in the write-ahead log; tries to empty it if need be.

        Args:
            anyway: empty it even if nothing was deleted, for the room that it takes.
        """
        with self._writing, self._translated():
            self._truncation_due |= anyway
            if not self._closed:
                self._truncate_if_due()
            return not self._truncation_due

    def close(self) -> None:
        """Close every connection; harmless when called twice."""
        with self._writing:
            if self._closed:
                return
            self._closed = True
            with self._registering:
                for reader in self._readers:
                    reader.close(True)
            if self._writer is not None:
                self._truncate_if_due()
                # What does not fit into the database stays in its log.
                with contextlib.suppress(apsw.FullError, apsw.IOError):
                    self._writer.close(True)
                os.close(self._file)

    def _make_room(self, db: apsw.Connection) -> None:
        """Let the database have the room that it will need when its log is carried over.

        Otherwise the log could hold what the database has no room for, and never be emptied. Raises DiskFull.
        """
        wanted = db.pragma("page_count") * PAGE_SIZE
        if os.fstat(self._file).st_size >= wanted:
            return
        try:
            reserve(self._file, wanted)
        except OSError as error:
            if error.errno in NO_SPACE:
                raise DiskFull(
                    f"there is no room left in {self._path.parent}; nothing was written"
                ) from error

    def _truncate_if_due(self) -> None:
        """A reader in the midst of a query can hold the log's end, or the disk be full: then it stays due."""
        if self._truncation_due and self._writer is not None:
            with contextlib.suppress(apsw.BusyError, apsw.FullError, apsw.IOError):
                self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                self._truncation_due = False
                self._writer.release_memory()  # leftovers in cached pages, see rag.store.scrubbing

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """SQLite's errors become the store's."""
        try:
            yield
        except apsw.Error as error:
            translated = self._ours(error)
            self.refused |= isinstance(translated, DiskFull)
            raise translated from error
        except DiskFull:
            self.refused = True
            raise
        except UnicodeDecodeError as error:
            # SQLite does not look at what a text is made of.
            raise Damaged("store", self._path.name, "a text is not UTF-8") from error

    def _no_room(self) -> str:
        return f"there is no room left in {self._path.parent}; nothing was written"

    def _ours(self, error: apsw.Error) -> StoreError:
        name = type(error).__name__
        failed = getattr(error, "extendedresult", 0) in _WRITE_FAILED
        if isinstance(error, apsw.FullError) or (
            failed and free_bytes(self._path.parent) < _NO_ROOM
        ):
            return DiskFull(self._no_room())
        if isinstance(error, apsw.BusyError | apsw.LockedError):
            return StoreBusy(
                f"another program is writing to {self._path}; try again in a moment"
            )
        if isinstance(error, apsw.ReadOnlyError):
            return StoreReadOnly(f"{self._path} can be read and not written")
        if isinstance(error, apsw.CorruptError) or (
            isinstance(error, apsw.IOError) and not failed
        ):
            return Damaged("store", self._path.name, f"{name}: {error}")
        return StoreError(f"{self._path}: {name}: {error}")


def _sign(db: apsw.Connection) -> None:
    """Give a commit that changed passages a random token of its own (see ``rag.indexes.snapshots``)."""
    db.execute(
        "INSERT INTO commits SELECT max(seq), lower(hex(randomblob(8))) FROM changes "
        "HAVING max(seq) > (SELECT coalesce(max(seq), 0) FROM commits)"
    )
