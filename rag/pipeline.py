"""READ FIRST. ``Library`` is the whole of Chuchu behind three verbs: ingest, search, ask.

    with Library.open(load_settings()) as library:
        library.ingest([Path("seeds")])
        answer = library.ask(Question("全国有多少家国家级知识产权保护中心？"))

Each verb reads as a ladder of steps, each step under its caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from rag.records import Answer, Claim, Document, Hit, Source
from rag.settings import Settings

Event = tuple[str, tuple[Hit, ...] | Claim | Answer]
"""``("hits", hits)``, ``("claim", claim)`` once a claim, then ``("answer", answer)``."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and of which documents.

    ``documents`` limits the search to those ids; ``since`` and ``until`` are ISO dates
    (inclusive) that a document's published date must lie between. ``history`` holds earlier
    questions of the conversation, oldest first.
    """

    text: str
    top_k: int = 5
    documents: tuple[int, ...] = ()
    since: str | None = None
    until: str | None = None
    history: tuple[str, ...] = ()
    answerer: str | None = None


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one source: its documents, and whether they are new or were there already."""

    source: Source
    documents: tuple[Document, ...]
    passages: int
    new: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read, and why; the others go on."""

    name: str
    why: str


class Library:
    """The documents of one data folder, ready to be asked. One process at a time holds it.

    Methods may be called from any thread.
    """

    settings: Settings
    versions: dict[str, str]

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Load the models, open or create the store, verify or rebuild the indexes.

        Raises:
            StoreLocked: another process has this folder open.
            ModelUnavailable: the encoder cannot be loaded.
        """
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ingest

    def ingest(self, paths: Iterable[Path]) -> Iterator[Ingested | Failed]:
        """Read files and folders (recursively); yield what became of each file as it is done."""
        raise NotImplementedError

    def ingest_source(self, source: Source) -> Ingested:
        """Take in one source. Idempotent by content. Raises SourceError if nothing in it can be read."""
        raise NotImplementedError

    # search and ask

    def search(self, question: Question) -> tuple[Hit, ...]:
        """The ``top_k`` best passages, best first."""
        raise NotImplementedError

    def ask(self, question: Question, on_event: Callable[[Event], None] | None = None) -> Answer:
        """Answer with citations, or refuse.

        Args:
            on_event: called in this thread with each event as soon as it is known.

        Raises:
            InvalidValue: an empty or too long question, a bad ``top_k``, an unknown answerer, a bad date.
            BrokenCitation: a citation failed an invariant; nothing is shown.
        """
        raise NotImplementedError

    def examples(self, language: str, limit: int = 4) -> tuple[str, ...]:
        """Questions that the documents here answer, made from their sentences, to offer a newcomer."""
        raise NotImplementedError

    # documents

    def documents(self, after: int = 0, limit: int = 100) -> Sequence[Document]:
        """Documents with ``id > after`` in order of id, at most ``limit``."""
        raise NotImplementedError

    def document(self, document_id: int) -> Document:
        """Raises NotFound."""
        raise NotImplementedError

    def source(self, sha256: str) -> Source:
        """Raises NotFound."""
        raise NotImplementedError

    def delete(self, document_id: int) -> None:
        """Remove for good: store, indexes, caches; its source too when no document is left of it.

        Raises NotFound.
        """
        raise NotImplementedError

    def counts(self) -> dict[str, int]:
        """``{"sources", "documents", "passages"}``."""
        raise NotImplementedError
