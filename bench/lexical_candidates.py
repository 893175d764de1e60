"""The lexical indexes that were compared, each behind the same few verbs."""

from __future__ import annotations

import importlib
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from rag.indexes.lexical import LexicalIndex
from rag.indexes.postings import term_hash
from rag.store.reader import Ids
from rag.store.store import Store

Analyse = Callable[[str], Sequence[str]]


class Candidate(Protocol):
    """Opened with ``(store, folder, analyse)``: built from the store's texts if the folder is empty."""

    def search(
        self, query: Sequence[str], k: int, allowed: Ids | None
    ) -> list[int]: ...

    def add(self, text: str) -> int: ...

    def delete(self, id_: int) -> None: ...

    def remembers(self, term: str) -> bool:
        """Whether the files still tell that a passage with this term was here."""

    def close(self) -> None: ...


class Chuchu:
    """``rag.indexes.lexical``: inverted lists in numpy arrays."""

    def __init__(self, store: Store, folder: Path, analyse: Analyse) -> None:
        self._folder = folder
        self._index = LexicalIndex(store, folder, analyse, made_with="bench")
        self._next = int(store.passage_ids()[-1]) + 1

    def search(self, query: Sequence[str], k: int, allowed: Ids | None) -> list[int]:
        weights = {term: float(count) for term, count in Counter(query).items()}
        return [int(id_) for id_ in self._index.search(weights, k, allowed)[0]]

    def add(self, text: str) -> int:
        self._next += 1
        self._index.add([self._next], [text])
        return self._next

    def delete(self, id_: int) -> None:
        self._index.remove([id_])

    def remembers(self, term: str) -> bool:
        wanted = term_hash(term).to_bytes(8, "little")
        self._index._dump(
            self._folder / "after the delete"
        )  # what ``save`` writes once the store has changed
        for path in self._folder.glob("lexical*"):
            path.unlink()  # what ``catch_up`` does when a passage is gone
        return any(wanted in path.read_bytes() for path in self._folder.iterdir())

    def close(self) -> None:
        self._index.save()


class Tantivy:
    """tantivy-py; terms joined by spaces, counts without positions.

    The id is a signed field: on an unsigned one ``delete_documents_by_term`` of 0.27 deletes nothing and does
    not say so. The module is imported here so that the others are measured without it.
    """

    def __init__(self, store: Store, folder: Path, analyse: Analyse) -> None:
        tantivy = importlib.import_module("tantivy")
        self._api: Any = tantivy
        self._analyse = analyse
        schema = tantivy.SchemaBuilder()
        schema.add_integer_field("id", indexed=True, fast=True)
        schema.add_text_field("body", tokenizer_name="spaces", index_option="freq")
        self._schema = schema.build()
        fresh = not folder.exists()
        folder.mkdir(exist_ok=True)
        self._index = tantivy.Index(self._schema, path=str(folder))
        spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("spaces", spaces)
        self._writer = self._index.writer(heap_size=200_000_000, num_threads=1)
        self._next = int(store.passage_ids()[-1]) + 1
        if fresh:
            for id_, text in store.texts():
                self._put(id_, text)
            self._commit()
            self._writer.wait_merging_threads()
            self._writer = self._index.writer(heap_size=200_000_000, num_threads=1)
        self._searcher = self._index.searcher()

    def search(self, query: Sequence[str], k: int, allowed: Ids | None) -> list[int]:
        api, should = self._api, self._api.Occur.Should
        terms = [
            (
                should,
                api.Query.boost_query(
                    api.Query.term_query(self._schema, "body", term, "freq"), count
                ),
            )
            for term, count in Counter(query).items()
        ]
        asked = api.Query.boolean_query(terms)
        if allowed is not None:
            among = api.Query.term_set_query(self._schema, "id", allowed.tolist())
            must = api.Occur.Must
            asked = api.Query.boolean_query(
                [(must, asked), (must, api.Query.const_score_query(among, 0.0))]
            )
        places = [
            place for _, place in self._searcher.search(asked, k, count=False).hits
        ]
        return [int(id_) for id_ in self._searcher.fast_field_values("id", places)]

    def add(self, text: str) -> int:
        self._next += 1
        self._put(self._next, text)
        self._commit()
        return self._next

    def delete(self, id_: int) -> None:
        self._writer.delete_documents_by_term("id", id_)
        self._commit()

    def remembers(self, term: str) -> bool:
        """After a commit, a collection of files and an orderly close: there is no call to merge."""
        self._writer.garbage_collect_files()
        return int(self._searcher.doc_freq("body", term)) > 0

    def close(self) -> None:
        self._writer.wait_merging_threads()

    def _put(self, id_: int, text: str) -> None:
        document = self._api.Document()
        document.add_integer("id", id_)
        document.add_text("body", " ".join(self._analyse(text)))
        self._writer.add_document(document)

    def _commit(self) -> None:
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()


class Bm25s:
    """bm25s: scores computed when it is built, so that one more passage means building it anew."""

    def __init__(self, store: Store, folder: Path, analyse: Analyse) -> None:
        bm25s = importlib.import_module("bm25s")
        self._api: Any = bm25s
        self._store, self._folder, self._analyse = store, folder, analyse
        self._more: dict[int, str] = {}
        if folder.exists():
            self._index = bm25s.BM25.load(folder, mmap=True)
            self._ids = np.load(folder / "ids.npy")
        else:
            self._build()
        self._mask = np.ones(len(self._ids), np.float32)

    def search(self, query: Sequence[str], k: int, allowed: Ids | None) -> list[int]:
        mask = self._mask
        if allowed is not None:
            mask = mask * np.isin(self._ids, allowed, assume_unique=True)
        tokens = [[term for term in query if term in self._index.vocab_dict]]
        if not tokens[0]:
            return []
        rows, scores = self._index.retrieve(
            tokens, k=k, show_progress=False, weight_mask=mask
        )
        return [
            int(self._ids[row])
            for row, score in zip(rows[0], scores[0], strict=True)
            if score > 0
        ]

    def add(self, text: str) -> int:
        id_ = int(self._ids[-1]) + 1
        self._more[id_] = text
        self._build()
        self._mask = np.ones(len(self._ids), np.float32)
        return id_

    def delete(self, id_: int) -> None:
        self._mask = self._mask * (self._ids != id_)

    def remembers(self, term: str) -> bool:
        return term in self._index.vocab_dict

    def close(self) -> None:
        pass

    def _build(self) -> None:
        ids, passages = [], []
        for id_, text in [*self._store.texts(), *self._more.items()]:
            ids.append(id_)
            passages.append(self._analyse(text))
        self._ids = np.array(ids)
        self._index = self._api.BM25(method="lucene", k1=1.2, b=0.75)
        with warnings.catch_warnings(action="ignore"):
            self._index.index(passages, show_progress=False)
        self._index.save(self._folder)
        np.save(self._folder / "ids.npy", self._ids)


CANDIDATES: Final[dict[str, Callable[[Store, Path, Analyse], Candidate]]] = {
    "chuchu": Chuchu,
    "tantivy": Tantivy,
    "bm25s": Bm25s,
}
