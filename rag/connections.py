"""The connections to the store's database: one writer at a time and one reader a thread."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import apsw

from rag.errors import StoreError
from rag.schema import connect_reader, connect_writer


class Connections:
    """The connections to one database: a writer under a lock, a read-only one for each thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()
        self._local = threading.local()
        self._readers: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()
        self._registering = threading.Lock()
        self._truncation_due = True  # a process killed after a delete leaves the log to us
        self._closed = False
        with _translated():
            self._writer = connect_writer(path)
            self._truncate_if_due()

    @contextlib.contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """This thread's reader. Finish each cursor inside: an open one holds back checkpoints."""
        if self._closed:
            raise StoreError("the store is closed")
        with _translated():
            connection: apsw.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = connect_reader(self._path)
                self._local.connection = connection
                with self._registering:
                    self._readers.add(connection)
            yield connection

    @contextlib.contextmanager
    def write(self, *, truncate: bool = False) -> Iterator[apsw.Connection]:
        """The writer inside one ``BEGIN IMMEDIATE`` transaction, rolled back when the block raises.

        Args:
            truncate: empty the write-ahead log afterwards, so that no old page lingers in it.
        """
        with self._writing, _translated():
            if self._closed:
                raise StoreError("the store is closed")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            self._truncation_due |= truncate
            self._truncate_if_due()

    def close(self) -> None:
        """Close every connection; harmless when called twice."""
        with self._writing:
            if self._closed:
                return
            self._closed = True
            with self._registering:
                for reader in self._readers:
                    reader.close(True)
            self._truncate_if_due()
            self._writer.close(True)

    def _truncate_if_due(self) -> None:
        """A reader in the midst of a query can hold the log's end: then the next write tries again."""
        if self._truncation_due:
            with contextlib.suppress(apsw.BusyError):
                self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                self._truncation_due = False
                self._writer.release_memory()  # leftovers in cached pages, see rag.scrubbing


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """SQLite's errors become the store's."""
    try:
        yield
    except apsw.Error as error:
        raise StoreError(f"{type(error).__name__}: {error}") from error
