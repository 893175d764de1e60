"""READ FIRST. ``Library`` is the whole of Chuchu behind three verbs: ingest, search, ask.

    with Library.open(load_settings()) as library:
        for done in library.ingest([Path("seeds")]):
            ...
        answer = library.ask(Question("全国有多少家国家级知识产权保护中心？"))

Each verb reads as a ladder of steps, each step under its caller.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from models.encoder import Encoder
from models.threads import one_blas_thread
from rag import sources
from rag.asking import Event, QuestionAnswering
from rag.errors import (
    DiskFull,
    EmptySource,
    NotFound,
    SourceError,
)
from rag.home.lock import Server
from rag.indexes.dense_search import DenseSearch
from rag.indexes.generations import When
from rag.indexes.lexical import LexicalIndex
from rag.indexes.terms import TERMS_VERSION, terms
from rag.ingest.dividing import read_apart
from rag.ingest.outcomes import Failed, Ingested, error_kind
from rag.ingest.rereading import (
    READING_VERSION,
    read_again,
    searchable_texts,
    sha256_of,
)
from rag.loading import Models, folder_of
from rag.questions import Question
from rag.records import Source
from rag.retrieval import Retriever
from rag.settings import KEPT_ANSWERS, Settings
from rag.sources.base import ON_THIS_MACHINE, Limits
from rag.sources.streaming import is_streamed, pieces, read_piece
from rag.stopping import NEVER, Stop
from rag.store.places import Place
from rag.store.store import Store
from rag.store.writer import Read
from rag.version import VERSION

__all__ = [
    "VERSION",
    "Event",
    "Failed",
    "Ingested",
    "Library",
    "Question",
    "error_kind",
]


class Library(QuestionAnswering):
    """The documents of one data folder, ready to be asked. One process at a time holds it.

    Methods may be called from any thread; what changes the store takes turns.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        loaded: Models,
        indexes: tuple[DenseSearch, LexicalIndex],
        writing: threading.Lock,
    ) -> None:
        """``writing``: held while the store and its indexes change."""
        encoder = loaded.encoder.fingerprint
        self.settings = settings
        self.versions = {
            "chuchu": VERSION,
            "encoder": encoder,
            "answerer": settings.answerer,
        }
        self._store, self._loaded, self._answerers = store, loaded, loaded.answerers
        self._dense, self._lexical = indexes
        self._retriever = Retriever(store, *indexes, loaded.translator, loaded.ranker)
        self._writing = writing
        self._closed = False
        self._unacknowledged: set[int] = set()
        """Documents that are deleted and whose text may still be in the store's log."""

    @classmethod
    def open(
        cls,
        settings: Settings,
        on_progress: Callable[[int, int], None] | None = None,
        on_rereading: Callable[[int, int], None] | None = None,
        server: Server | None = None,
        *,
        deep: When = "background",
    ) -> Self:
        """Open or create the store, load the models, verify or rebuild the indexes.

        What an older version read is read again first.

        Args:
            on_progress: called with passages done and passages in all while vectors are made.
            on_rereading: called with sources done and sources in all while they are read again.
            server: where this process will answer, for commands that meet the lock.
            deep: when the vectors of the encoder are made that ``waiting`` counts.

        Raises:
            StoreLocked: another process has this folder open.
            ModelUnavailable: the encoder cannot be loaded.
            StoreError: the folder cannot be made, read or written.
        """
        one_blas_thread()
        with folder_of(settings.home):
            store = Store.open(
                settings.home, server
            )  # first: who meets its lock need not wait for models
            writing = threading.Lock()
            try:
                loaded = Models.of(settings)
                loaded.answerers.named(settings.answerer)
                cls._read_current(store, settings, loaded.quick, on_rereading)
                folder = settings.home / "indexes"
                lexical = LexicalIndex(store, folder, terms, TERMS_VERSION)
                quick, far = loaded.quick, loaded.deep
                dense = DenseSearch.open(
                    store, folder, quick, far, writing, deep, on_progress
                )
                return cls(settings, store, loaded, (dense, lexical), writing)
            except BaseException:
                store.close()
                raise

    @staticmethod
    def _read_current(
        store: Store,
        settings: Settings,
        encoder: Encoder,
        on_rereading: Callable[[int, int], None] | None,
    ) -> None:
        """What an older version read is read again."""
        if store.read_only:
            return
        read = partial(
            read_apart, repair=settings.pages == "repair", limits=ON_THIS_MACHINE
        )
        with suppress(DiskFull):  # what cannot be stored is read again some other time
            read_again(store, encoder, read, on_rereading)

    def close(self) -> None:
        """Write the indexes if they have to be, let go of the folder. Harmless when called twice."""
        self._dense.close()
        try:
            with self._writing:
                if not self._closed:
                    self._closed = True
                    self._dense.save_if_due()
                    self._lexical.save_if_due()
                    self._store.close()
        finally:
            self._loaded.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ingest

    def ingest(
        self, paths: Iterable[Path], *, keep: bool = False
    ) -> Iterator[Ingested | Failed]:
        """Read files and folders (recursively); yield what became of each file as it is done.

        A file whose content changed since it was last taken in replaces its older self, unless ``keep``. A
        large JSONL file comes as several sources (``rag.sources.streaming``). A missing path fails alone.
        """
        for found in sources.look_through(paths):
            if isinstance(found, Path):
                yield from self._ingest_file(found, keep)
            elif found.kind == "failed":
                yield Failed(found.name, f"{found.name}: {found.detail}")

    def _ingest_file(self, path: Path, keep: bool) -> Iterator[Ingested | Failed]:
        place = Place.of_path(path)
        try:
            if is_streamed(path):
                yield from self._ingest_pieces(path, place, keep)
            else:
                data = sources.bytes_of(path, ON_THIS_MACHINE)
                yield self._known(data, place, keep) or self.ingest_source(
                    sources.read_bytes(data, path.name, ON_THIS_MACHINE),
                    place,
                    keep=keep,
                )
        except SourceError as error:
            yield Failed.of(error)

    def _ingest_pieces(
        self, path: Path, place: Place, keep: bool
    ) -> Iterator[Ingested]:
        """Take in a large file piece by piece. Nothing of it goes in unless all of it can be read.

        The older self leaves once the last piece is in; a crash before that leaves both, and the next time
        goes on from there.
        """
        for piece in pieces(path, ON_THIS_MACHINE):
            if self._store.find_source(sha256_of(piece.data)) is None:
                read_piece(piece, ON_THIS_MACHINE)
        current: list[str] = []
        last: Ingested | None = None
        for piece in pieces(path, ON_THIS_MACHINE):
            done = self._known(piece.data, place, keep=True)
            if (
                done is None
                and (source := read_piece(piece, ON_THIS_MACHINE)) is not None
            ):
                done = self.ingest_source(source, place, keep=True)
            if done is None:
                continue
            if last is not None:
                yield last
            last = done
            current.append(done.source.sha256)
        if last is None:
            raise EmptySource(path.name, "there is no text in it")
        replaced = () if keep else self._settle(current[-1], place, current) or ()
        yield replace(last, replaced=replaced)

    def _known(self, data: bytes, place: Place, keep: bool) -> Ingested | None:
        """What is here already, without reading it again; None when these bytes are new."""
        sha256 = sha256_of(data)
        replaced = self._settle(sha256, place, None if keep else ())
        if replaced is None:
            return None
        source = self._store.source(sha256, with_data=False)
        return Ingested(
            source, tuple(self._store.documents_of(sha256)), 0, False, replaced
        )

    def ingest_source(
        self,
        source: Source,
        place: Place | None = None,
        *,
        keep: bool = False,
        limits: Limits = ON_THIS_MACHINE,
        stop: Stop = NEVER,
    ) -> Ingested:
        """Take in one source. Idempotent by content.

        Args:
            place: where it came from; what was taken in from there before leaves in the same step.
            keep: let that stay.
            stop: once it is set nothing goes in; what is being stored by then is stored.

        Raises:
            SourceError: nothing in it can be read, or it is over a limit.
            Stopped: ``stop`` was set.
        """
        replaces = None if keep or place is None else ()
        known = self._store.find_source(source.sha256)
        if known is not None:
            replaced = self._settle(source.sha256, place, replaces) if place else ()
            documents = tuple(self._store.document(id_) for id_ in known)
            return Ingested(source, documents, 0, new=False, replaced=replaced or ())
        source, read = read_apart(
            source, repair=self.settings.pages == "repair", limits=limits, stop=stop
        )
        texts = searchable_texts(read)
        if not texts:
            raise EmptySource(source.name, "holds no text")
        vectors = self._dense.encode(texts, lambda *_: stop.check())
        return self._take_in(source, read, vectors, place, replaces)

    def _take_in(
        self,
        source: Source,
        read: Read,
        vectors: np.ndarray,
        place: Place | None = None,
        replaces: Collection[str] | None = None,
    ) -> Ingested:
        """Store first, the truth; then the indexes in memory."""
        with self._writing:
            added = self._store.add(
                source,
                read,
                vectors,
                self._dense.generation,
                place=place,
                replaces=replaces,
                read_with=READING_VERSION,
            )
            if added.new:
                self._dense.catch_up()
                self._lexical.catch_up()
            if added.replaced:
                self._forget()
            self._acknowledge(added.replaced)
        self._dense.settle()
        return Ingested(
            source, added.documents, len(added.passages), added.new, added.replaced
        )

    def _settle(
        self, sha256: str, place: Place, replaces: Collection[str] | None
    ) -> tuple[int, ...] | None:
        """Note where a source that is here was found; the documents that left, None when it is not here."""
        with self._writing:
            replaced = self._store.settle(sha256, place, replaces)
            if replaced:
                self._forget()
            self._acknowledge(replaced or ())
        return replaced

    # changing

    def delete(self, document_id: int) -> None:
        """Remove for good: store, indexes, caches; its source too when no document is left of it.

        Raises:
            NotFound: there is no such document.
            StoreBusy: it is gone for everyone here, but another program keeps its text in the store's log;
                when that has ended, deleting it again says so by succeeding.
        """
        with self._writing:
            try:
                self._store.delete_document(document_id)
            except NotFound:
                if document_id not in self._unacknowledged:
                    raise
            else:
                self._forget()
            self._acknowledge((document_id,))

    def leave(self, place: Place) -> tuple[int, ...]:
        """A place is no more: remove for good what is found nowhere else. The ids of those documents."""
        with self._writing:
            gone = self._store.leave(place)
            self._forget()
            self._acknowledge(gone)
        return gone

    def _acknowledge(self, gone: Collection[int]) -> None:
        """Raises StoreBusy while the text of a document that left is still in the store's log."""
        self._unacknowledged.update(gone)
        if self._unacknowledged:
            self._store.ensure_gone()
            self._unacknowledged.clear()

    def _forget(self) -> None:
        """Drop everything that still holds what has just left the store."""
        self._dense.catch_up()  # takes the snapshots that still hold it off the disk, too
        self._lexical.catch_up()
        self._retriever.forget()
        self._answerers.forget()
        shutil.rmtree(self.settings.home / KEPT_ANSWERS, ignore_errors=True)
        if self._dense.due or self._lexical.due:
            threading.Thread(target=self._save, name="chuchu-save", daemon=True).start()

    def _save(self) -> None:
        """Write the indexes anew; over a large store this takes seconds, so nobody waits for it."""
        with self._writing:
            if not self._closed:
                self._dense.save_if_due()
                self._lexical.save_if_due()
