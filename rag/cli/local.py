"""The library as the commands see it when no server holds the data folder: its JSON is the server's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.schemas.answers import Answer
from api.schemas.citations import Hits
from api.schemas.documents import Document, DocumentSummary, Source
from api.schemas.questions import AskRequest, SearchRequest
from rag.ingest.outcomes import told
from rag.library import Library
from rag.settings import Settings
from rag.syncing import sync
from rag.terminal import counting

Json = dict[str, Any]


class Local:
    """An open library."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def ask(self, body: Json) -> Json:
        # Constructed and not validated: the library checks a question itself, in its own words.
        request = AskRequest.model_construct(**body)
        answer = self.library.ask(request.to_question())
        return Answer.of(answer).model_dump(mode="json")

    def search(self, body: Json) -> Json:
        request = SearchRequest.model_construct(**body)
        hits = self.library.search(request.to_question())
        return Hits.of(hits).model_dump(mode="json")

    def listing(self) -> Iterator[Json]:
        last = 0
        while page := self.library.listing(last):
            for listed in page:
                yield DocumentSummary.of(listed).model_dump(mode="json")
            last = page[-1].id

    def document(self, document_id: int) -> Json:
        document = self.library.document(document_id)
        media_type, _ = self.library.store.source_kind(document.source_sha256)
        return Document.of(document, media_type).model_dump(mode="json")

    def source(self, sha256: str) -> Json:
        source = Source.of(self.library, sha256, None, 1)
        return source.model_dump(mode="json")

    def delete(self, document_id: int) -> None:
        self.library.delete(document_id)

    def ingest(self, file: Path, *, keep: bool) -> Iterator[Json]:
        for done in self.library.ingest([file], keep=keep):
            yield told(done)

    def sync(self, folder: Path, stamps: Any) -> Iterator[Json]:
        for change in sync(self.library, folder, stamps):
            yield asdict(change)

    def counts(self) -> dict[str, int]:
        return self.library.counts() | {"waiting": self.library.waiting}

    def finish_vectors(self) -> None:
        if self.library.waiting:
            self.library.finish_vectors(counting("deep vectors"))


@contextmanager
def open_local(settings: Settings) -> Iterator[Local]:
    """The library of the settings, for the time of one command; long work is told of on standard error."""
    encoding = counting("encoding passages")
    rereading = counting("reading again what an older version read")
    with Library.open(settings, encoding, rereading, deep="later") as library:
        yield Local(library)
