"""A library whose answers are kept: the second run over the same questions takes seconds.

    with recorded(lambda: library_of(Path("seeds")), made, cache=Path(".chuchu/eval-cache")) as library:
        library.ask(Question("…"))   # the library itself is opened at the first question not known

Answers, hits, documents and sources stand in one file, ``<key>.jsonl``, a line ``[name, value]`` each. The
key (:func:`eval.provenance.key_of`) covers settings, weights, code, corpus and libraries: change one and
another file begins. The question is the name. Scores are never kept: a new metric is computed from
the same answers.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from eval.progress import track
from eval.provenance import Provenance, key_of
from rag.library import Ingested, Library, Question
from rag.records import Answer, Document, Hit, Passage, Source
from rag.text.blocks import context_of, packed_context

FORMAT = 1
"""Rises when a line means another thing than before."""
KEPT = 12
"""Files kept; the least recently used go."""
PAGE = 500

# made once: each is compiled from the dataclass and all it holds
_ANSWER = TypeAdapter(Answer)
_DOCUMENT = TypeAdapter(Document)
_SOURCE = TypeAdapter(Source)


class Memory:
    """Values by name, in a file that only grows; in memory alone without a path."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._values: dict[str, Any] = {}
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._load(path)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = value
        if self._path is None:
            return
        line = json.dumps([name, value], ensure_ascii=False, separators=(",", ":"))
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def _load(self, path: Path) -> None:
        if not path.is_file():
            path.touch()
        whole = path.read_bytes()
        if whole and not whole.endswith(b"\n"):
            # cut while it was written: the lines that are whole count
            whole = whole[: whole.rfind(b"\n") + 1]
            path.write_bytes(whole)
        lines = whole.decode("utf-8").split("\n")[:-1]
        self._values.update(map(json.loads, lines))


class Recorded:
    """Stands in for a :class:`Library`: ``ingest_source``, ``ask``, ``search``, ``document(s)``, ``source``.

    Errors are not kept; what raised one is asked again.
    """

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Library]],
        made: Provenance,
        memory: Memory,
    ) -> None:
        self.provenance = made
        self._opened, self._memory = opened, memory
        self._stack = ExitStack()
        self._library: Library | None = None
        self._sources: list[Source] = []
        self._documents: dict[int, Document] = {}

    @property
    def versions(self) -> dict[str, str]:
        # kept too, so that a run whose answers are all known opens no library
        if "versions" not in self._memory:
            self._memory["versions"] = dict(self.open().versions)
        return dict(self._memory["versions"])

    def open(self) -> Library:
        """The library, with all sources taken in that were given so far."""
        if self._library is None:
            self._library = self._stack.enter_context(self._opened())
            for source in track(self._sources, "indexing") if self._sources else ():
                self._library.ingest_source(source)
        return self._library

    def close(self) -> None:
        self._stack.close()
        self._library = None

    def knows(self, question: Question) -> bool:
        """Whether the answer is at hand."""
        return _name("ask", question) in self._memory

    def ingest_source(self, source: Source) -> Ingested:
        """As :meth:`Library.ingest_source`; a known source is read only if the library is opened later."""
        name = f"ingest {source.sha256}"
        known = name in self._memory
        if known and self._library is None:
            self._sources.append(source)
        else:
            done = self.open().ingest_source(source)
            for document in done.documents:
                self._keep(document)
            if not known:
                ids = [document.id for document in done.documents]
                self._memory[name] = [ids, done.passages, done.new]
        ids, passages, new = self._memory[name]
        return Ingested(source, tuple(map(self.document, ids)), passages, new)

    def ask(self, question: Question) -> Answer:
        """As :meth:`Library.ask`; ``timings_ms`` are those of the time it was asked."""
        name = _name("ask", question)
        if name not in self._memory:
            self._memory[name] = self._plain(self.open().ask(question))
        return self._answer(self._memory[name])

    def search(self, question: Question) -> tuple[Hit, ...]:
        """As :meth:`Library.search`."""
        return self.timed_search(question)[0]

    def timed_search(self, question: Question) -> tuple[tuple[Hit, ...], float]:
        """The hits, and the milliseconds that it took to find them."""
        name = _name("search", question)
        if name not in self._memory:
            library = self.open()
            began = time.perf_counter()
            hits = library.search(question)
            spent = round(1000 * (time.perf_counter() - began), 3)
            self._memory[name] = [[self._plain_hit(hit) for hit in hits], spent]
        hits_, spent = self._memory[name]
        return tuple(map(self._hit, hits_)), spent

    def document(self, document_id: int) -> Document:
        """As :meth:`Library.document`."""
        if document_id not in self._documents:
            name = f"document {document_id}"
            if name not in self._memory:
                self._keep(self.open().document(document_id))
            self._documents[document_id] = _DOCUMENT.validate_python(self._memory[name])
        return self._documents[document_id]

    def documents(self, after: int = 0, limit: int = 100) -> Sequence[Document]:
        """As :meth:`Library.documents`."""
        if "documents" not in self._memory:
            self._memory["documents"] = self._keep_all(self.open())
        wanted = [id_ for id_ in self._memory["documents"] if id_ > after]
        return [self.document(id_) for id_ in wanted[:limit]]

    def _keep_all(self, library: Library) -> list[int]:
        """The ids of all documents, each kept."""
        ids: list[int] = []
        last = 0
        while page := library.documents(last, PAGE):
            for document in page:
                self._keep(document)
                ids.append(document.id)
            last = ids[-1]
        return ids

    def source(self, sha256: str) -> Source:
        """As :meth:`Library.source`, but without the bytes of the file."""
        name = f"source {sha256}"
        if name not in self._memory:
            # quotes are checked against its text; the bytes of a PDF would only fill the file
            source = replace(self.open().source(sha256), data=b"")
            self._memory[name] = _SOURCE.dump_python(source, mode="json")
        return _SOURCE.validate_python(self._memory[name])

    def _keep(self, document: Document) -> None:
        if f"document {document.id}" not in self._memory:
            self._memory[f"document {document.id}"] = _DOCUMENT.dump_python(
                document, mode="json"
            )

    def _plain(self, answer: Answer) -> dict[str, Any]:
        """An answer as JSON, its hits as references, as each carries its whole document."""
        trace = replace(answer.trace, read=())
        bare = replace(answer, hits=(), nearest=(), trace=trace)
        return {
            "answer": _ANSWER.dump_python(bare, mode="json"),
            "hits": [self._plain_hit(hit) for hit in answer.hits],
            "nearest": [self._plain_hit(hit) for hit in answer.nearest],
            "read": [self._plain_hit(hit) for hit in answer.trace.read],
        }

    def _answer(self, raw: dict[str, Any]) -> Answer:
        answer = _ANSWER.validate_python(raw["answer"])
        read = tuple(map(self._hit, raw["read"]))
        return replace(
            answer,
            hits=tuple(map(self._hit, raw["hits"])),
            nearest=tuple(map(self._hit, raw["nearest"])),
            trace=replace(answer.trace, read=read),
        )

    def _plain_hit(self, hit: Hit) -> list[Any]:
        self._keep(hit.document)
        passage = hit.passage
        context = packed_context(passage.context)
        return [
            hit.document.id,
            passage.id,
            passage.start,
            passage.end,
            context,
            hit.score,
            hit.scores,
        ]

    def _hit(self, raw: list[Any]) -> Hit:
        document = self.document(raw[0])
        start, end = raw[2:4]
        text = document.text[start:end]
        passage = Passage(raw[1], document.id, start, end, text, context_of(raw[4]))
        return Hit(passage, document, raw[5], dict(raw[6]))


@contextmanager
def recorded(
    opened: Callable[[], AbstractContextManager[Library]],
    made: Provenance,
    cache: Path | None,
    kept: int = KEPT,
) -> Iterator[Recorded]:
    """A :class:`Recorded` over a library that is opened when it is first needed, and closed at the end.

    Args:
        opened: opens the library, its corpus taken in.
        made: what answers depend on.
        cache: the folder to keep answers in; None keeps none beyond this run.
        kept: how many files of the folder stay.
    """
    path = cache / f"{key_of({**made, 'format': FORMAT})[:32]}.jsonl" if cache else None
    library = Recorded(opened, made, Memory(path))
    try:
        yield library
    finally:
        library.close()
        if path is not None:
            path.touch()
            _prune(path.parent, kept)


def _name(verb: str, question: Question) -> str:
    told = json.dumps(asdict(question), sort_keys=True, ensure_ascii=False)
    return f"{verb} {hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _prune(folder: Path, kept: int) -> None:
    files = sorted(
        folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    # another process may have removed it meanwhile
    for path in files[kept:]:
        path.unlink(missing_ok=True)
