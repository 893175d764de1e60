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
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from models.language.questions import read as read_question
from models.language.words import has_han
from models.threads import one_blas_thread
from rag import sources
from rag.answerers import Answerer
from rag.answering import Decision, compose, decide, short_answer, whole
from rag.clock import Clock
from rag.dense_search import DenseSearch
from rag.errors import (
    EmptySource,
    NotFound,
    SourceError,
)
from rag.examples import example_questions
from rag.following import in_context
from rag.frames import answer_text
from rag.generations import When
from rag.lexical import LexicalIndex
from rag.loading import Models
from rag.outcomes import Failed, Ingested, error_kind
from rag.overview import asks_for_overview, overview
from rag.places import Place
from rag.questions import Question, check_question, filter_of
from rag.reading import Reading
from rag.records import Answer, Claim, Hit, Language, Source
from rag.rereading import READING_VERSION, read_again, read_source, searchable_texts, sha256_of
from rag.retrieval import Retriever
from rag.settings import KEPT_ANSWERS, Settings
from rag.sources.streaming import is_streamed, pieces, read_piece
from rag.store import Store
from rag.store_writer import Read
from rag.stored_documents import StoredDocuments
from rag.tracing import trace_of
from rag.words import TERMS_VERSION, terms

__all__ = ["VERSION", "Event", "Failed", "Ingested", "Library", "Question", "error_kind"]

VERSION = "0.1.0"
READ_HITS = 20
"""Passages that the reader sees, whatever ``top_k`` asks to be shown."""
NEAREST = 3

Event = tuple[str, tuple[Hit, ...] | Claim | Answer]
"""``("hits", hits)``, ``("claim", claim)`` once a claim, then ``("answer", answer)``."""


class Library(StoredDocuments):
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
        self.versions = {"chuchu": VERSION, "encoder": encoder, "answerer": settings.answerer}
        self._store, self._loaded, self._answerers = store, loaded, loaded.answerers
        self._dense, self._lexical = indexes
        self._retriever = Retriever(store, *indexes, loaded.translator, loaded.ranker)
        self._writing = writing
        self._closed = False

    @classmethod
    def open(
        cls,
        settings: Settings,
        on_progress: Callable[[int, int], None] | None = None,
        on_rereading: Callable[[int, int], None] | None = None,
        *,
        deep: When = "background",
    ) -> Self:
        """Load the models, open or create the store, verify or rebuild the indexes.

        What an older version read is read again first (``rag.rereading``).

        Args:
            on_progress: called with passages done and passages in all while vectors are made.
            on_rereading: called with sources done and sources in all while they are read again.
            deep: when the vectors of the encoder are made that ``waiting`` counts.

        Raises:
            StoreLocked: another process has this folder open.
            ModelUnavailable: the encoder cannot be loaded.
        """
        one_blas_thread()
        loaded = Models.of(settings)
        loaded.answerers.named(settings.answerer)
        store, writing = Store.open(settings.home), threading.Lock()
        try:
            read = partial(read_source, repair=settings.pages == "repair")
            read_again(store, loaded.quick, read, on_rereading)
            folder = settings.home / "indexes"
            dense = DenseSearch.open(store, folder, loaded.quick, loaded.deep, writing, deep, on_progress)
            lexical = LexicalIndex(store, folder, terms, TERMS_VERSION)
            return cls(settings, store, loaded, (dense, lexical), writing)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Write the indexes, let go of the folder. Harmless when called twice."""
        self._dense.close()
        with self._writing:
            if not self._closed:
                self._closed = True
                self._dense.save()
                self._lexical.save()
                self._store.close()
        self._loaded.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ingest

    def ingest(self, paths: Iterable[Path], *, keep: bool = False) -> Iterator[Ingested | Failed]:
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
                data = sources.bytes_of(path, sources.ON_THIS_MACHINE)
                yield self._known(data, place, keep) or self.ingest_source(
                    sources.read_bytes(data, path.name, sources.ON_THIS_MACHINE), place, keep=keep
                )
        except SourceError as error:
            yield Failed.of(error)

    def _ingest_pieces(self, path: Path, place: Place, keep: bool) -> Iterator[Ingested]:
        """Take in a large file piece by piece. Nothing of it goes in unless all of it can be read.

        The older self leaves once the last piece is in; a crash before that leaves both, and the next time
        goes on from there.
        """
        for piece in pieces(path, sources.ON_THIS_MACHINE):
            if self._store.find_source(sha256_of(piece.data)) is None:
                read_piece(piece, sources.ON_THIS_MACHINE)
        current: list[str] = []
        last: Ingested | None = None
        for piece in pieces(path, sources.ON_THIS_MACHINE):
            done = self._known(piece.data, place, keep=True)
            if done is None and (source := read_piece(piece, sources.ON_THIS_MACHINE)) is not None:
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
        return Ingested(source, tuple(self._store.documents_of(sha256)), 0, False, replaced)

    def ingest_source(self, source: Source, place: Place | None = None, *, keep: bool = False) -> Ingested:
        """Take in one source. Idempotent by content.

        Args:
            place: where it came from; what was taken in from there before leaves in the same step.
            keep: let that stay.

        Raises:
            SourceError: nothing in it can be read.
        """
        replaces = None if keep or place is None else ()
        known = self._store.find_source(source.sha256)
        if known is not None:
            replaced = self._settle(source.sha256, place, replaces) if place else ()
            documents = tuple(self._store.document(id_) for id_ in known)
            return Ingested(source, documents, 0, new=False, replaced=replaced or ())
        read = self._read(source)
        texts = searchable_texts(read)
        if not texts:
            raise EmptySource(source.name, "holds no text")
        return self._take_in(source, read, self._dense.encode(texts), place, replaces)

    def _read(self, source: Source) -> Read:
        """The documents of a source, each with its passages."""
        return read_source(source, repair=self.settings.pages == "repair")

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
        self._dense.settle()
        return Ingested(source, added.documents, len(added.passages), added.new, added.replaced)

    def _settle(self, sha256: str, place: Place, replaces: Collection[str] | None) -> tuple[int, ...] | None:
        """Note where a source that is here was found; the documents that left, None when it is not here."""
        with self._writing:
            replaced = self._store.settle(sha256, place, replaces)
            if replaced:
                self._forget()
        return replaced

    # search and ask

    def search(self, question: Question) -> tuple[Hit, ...]:
        """The ``top_k`` best passages, best first. Raises InvalidValue as :meth:`ask` does."""
        self._check(question)
        return self._retriever.search(question.text, question.top_k, filter_of(question))

    def ask(self, question: Question, on_event: Callable[[Event], None] | None = None) -> Answer:
        """Answer with citations, or refuse.

        Args:
            on_event: called in this thread with each event as soon as it is known.

        Raises:
            InvalidValue: an empty or too long question, a bad ``top_k``, an unknown answerer, a bad date.
            BrokenCitation: a citation failed an invariant; nothing is shown.
        """
        tell = on_event or _nobody
        clock = Clock()
        with clock.step("total"):
            answerer = self._check(question)
            asked = in_context(question.text, question.history)
            with clock.step("retrieve"):
                found = self._found(asked, question)
            tell(("hits", found[: question.top_k]))
            with clock.step("read"):
                reading, decision = self._decided(answerer, asked, found)
            with clock.step("cite"):
                try:
                    claims, citations = compose(decision.stretches, self._store.source_text)
                except NotFound:  # deleted since it was found: what is left may still answer
                    found = self._found(asked, question)
                    reading, decision = self._decided(answerer, asked, found)
                    claims, citations = compose(decision.stretches, self._store.source_text)
            for claim in claims:
                tell(("claim", claim))
        language: Language = "zh" if has_han(question.text) else "en"
        answer = Answer(
            id=uuid.uuid4().hex,
            question=question.text,
            status=decision.status,
            answer=answer_text(decision.status, claims, language),
            short_answer=short_answer(decision, reading.asking),
            claims=claims,
            citations=citations,
            hits=found[: question.top_k],
            nearest=() if claims else found[:NEAREST],
            timings_ms=clock.timings_ms,
            versions=self.versions,
            trace=trace_of(found, reading),
        )
        tell(("answer", answer))
        return answer

    def _decided(self, answerer: Answerer, asked: str, found: Sequence[Hit]) -> tuple[Reading, Decision]:
        """What the reader makes of the hits, and what of it is shown."""
        if found and asks_for_overview(asked):
            document = max(found, key=lambda hit: hit.scores.get("fused", 0.0)).document
            choices = overview(document, self._store.document_passages(document.id))
            if choices:
                return Reading(read_question(asked), choices), Decision("answered", whole(choices))
        reading = answerer.reader.read(asked, found)
        return reading, decide(reading, answerer.thresholds)

    def _found(self, asked: str, question: Question) -> tuple[Hit, ...]:
        return self._retriever.search(asked, max(READ_HITS, question.top_k), filter_of(question))

    def examples(self, language: str, limit: int = 4) -> tuple[str, ...]:
        """Questions that the documents here answer, made from their sentences, to offer a newcomer."""
        return example_questions(self._store, self.ask_quietly, language, limit)

    def ask_quietly(self, text: str) -> Answer:
        return self.ask(Question(text))

    # changing

    def delete(self, document_id: int) -> None:
        """Remove for good: store, indexes, caches; its source too when no document is left of it.

        Raises NotFound.
        """
        with self._writing:
            self._store.delete_document(document_id)
            self._forget()

    def leave(self, place: Place) -> tuple[int, ...]:
        """A place is no more: remove for good what is found nowhere else. The ids of those documents."""
        with self._writing:
            gone = self._store.leave(place)
            self._forget()
        return gone

    def _forget(self) -> None:
        """Drop everything that still holds what has just left the store."""
        self._dense.catch_up()  # takes the snapshots that still hold it off the disk, too
        self._lexical.catch_up()
        self._retriever.forget()
        self._answerers.forget()
        shutil.rmtree(self.settings.home / KEPT_ANSWERS, ignore_errors=True)
        threading.Thread(target=self._save, name="chuchu-save", daemon=True).start()

    def _save(self) -> None:
        """Write the indexes anew; over a large store this takes seconds, so nobody waits for it."""
        with self._writing:
            if not self._closed:
                self._dense.save()
                self._lexical.save()

    def answerer(self, name: str | None = None) -> Answerer:
        """Who reads under this name, or under that of the settings. Raises InvalidValue, ModelUnavailable."""
        return self._answerers.named(name or self.settings.answerer)

    def _check(self, question: Question) -> Answerer:
        """The answerer to use. Raises InvalidValue for what cannot be asked."""
        check_question(question, self.settings)
        return self.answerer(question.answerer)


def _nobody(_: Event) -> None:
    """Hears events that nobody asked for."""
