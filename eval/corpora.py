"""Evaluation corpora -> Sources that a ``Library`` takes in, and the way back from a hit to its id.

Some hundred texts share one source, each a ``Part`` of it. A hit leads back to its text through the
place where it stands in the source, not through a title, which need not be unique.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from eval.progress import track
from rag.errors import SourceError
from rag.library import Ingested
from rag.records import Document, Part, Source
from rag.sources.cleaning import clean

# A source a text would cost a transaction each; one for all would be too large to be taken in.
TEXTS_A_SOURCE = 200
_BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Text:
    """A text of an evaluation corpus under its own id."""

    id: str
    title: str
    text: str


class IngestingLibrary(Protocol):
    """What ``ingest_texts`` needs of a ``Library``."""

    def ingest_source(self, source: Source) -> Ingested: ...


@dataclass(slots=True)
class Places:
    """Which corpus id a character of a source belongs to."""

    starts: dict[str, list[int]] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)

    def add(self, source: Source, texts: Sequence[Text]) -> None:
        self.starts[source.sha256] = [part.start for part in source.parts]
        self.ids[source.sha256] = [text.id for text in texts]

    def of(self, document: Document) -> str | None:
        """The corpus id a document was read from; None when it is not of the corpus."""
        if not document.map:
            return None
        _, _, start = document.map[0]
        return self._at(document.source_sha256, start)

    def copies(self, document: Document) -> list[str]:
        """Ids of the texts that the document was found to repeat."""
        found = []
        for _, copy in document.copies:
            if copy.spans:
                id_ = self._at(copy.source_sha256, copy.spans[0][0])
                if id_ is not None:
                    found.append(id_)
        return found

    def _at(self, sha256: str, offset: int) -> str | None:
        """The text that a source has at an offset: the last that starts at it or before."""
        # starts 0, 40, 90: offset 60 lies in the second
        part = bisect_right(self.starts.get(sha256, []), offset) - 1
        return self.ids[sha256][part] if part >= 0 else None


def ingest_texts(
    library: IngestingLibrary, name: str, texts: Sequence[Text]
) -> tuple[Places, dict[str, list[int]]]:
    """Take in a corpus; returns the places of its texts, and the document ids read from each corpus id.

    Texts without a character are passed over: they can be found by nobody.
    """
    texts = [text for text in texts if text.text.strip() or text.title.strip()]
    groups = []
    for at in range(0, len(texts), TEXTS_A_SOURCE):
        groups.append(texts[at : at + TEXTS_A_SOURCE])
    tracked = track(groups, f"indexing {len(texts)} texts in groups")
    places = Places()
    documents: dict[str, list[int]] = {}
    for number, group in enumerate(tracked):
        source = source_of(f"{name}-{number}.txt", group)
        places.add(source, group)
        try:
            ingested = library.ingest_source(source)
        # a text that cannot be read is found by nobody, and scores zero
        except SourceError:
            continue
        for document in ingested.documents:
            corpus_id = places.of(document)
            if corpus_id is not None:
                documents.setdefault(corpus_id, []).append(document.id)
    return places, documents


def source_of(name: str, texts: Sequence[Text]) -> Source:
    """One source with a part for each text: its title on a line of its own, if it has one, then the text."""
    body, parts = "", []
    for text in texts:
        words = clean(f"{text.title}\n{text.text}" if text.title else text.text)
        start = len(body) + (len(_BETWEEN) if body else 0)
        body += (_BETWEEN if body else "") + words
        parts.append(Part(start, start + len(words), text.title or None))
    data = body.encode("utf-8")
    return Source(
        name,
        hashlib.sha256(data).hexdigest(),
        data,
        body,
        "text/plain",
        "utf-8",
        tuple(parts),
    )
