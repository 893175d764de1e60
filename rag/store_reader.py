"""What can be read of the store, from any thread, while another writes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rag.connections import Connections
from rag.contexts import searchable
from rag.errors import NotFound
from rag.places import Place, in_folder, sources_at
from rag.records import Document, MapEntry, Passage, Source, Span
from rag.rows import (
    CHUNK,
    DOCUMENT_COLUMNS,
    LISTED_COLUMNS,
    PASSAGE_COLUMNS,
    Listed,
    document_of,
    listed_of,
    passage_of,
    source_of,
)
from rag.store_records import STORED_VECTOR, Change, Generation, Ids, Matrix

__all__ = ["STORED_VECTOR", "Change", "Generation", "Ids", "Matrix", "StoreReader"]

_BATCH = 4096
"""Rows read at a time; between batches no transaction is open, so readers never hold back a checkpoint."""


class StoreReader:
    """The reading half of ``Store``. Iterators go in order of id and see each batch as it is when read."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self.identity: str = self._all("SELECT value FROM meta WHERE key = 'identity'")[0][0]
        """Names this store, so that an index of another is not taken for its own."""

    # sources and documents

    def find_source(self, sha256: str) -> tuple[int, ...] | None:
        """The ids of the documents made of this content, or None when it is not here."""
        rows = self._all(
            "SELECT documents.id FROM documents JOIN sources ON sources.id = source_id "
            "WHERE sha256 = ? ORDER BY documents.id",
            (sha256,),
        )
        return tuple(id_ for (id_,) in rows) or None

    def document(self, document_id: int) -> Document:
        """Raises NotFound."""
        row = self._one(
            f"SELECT {DOCUMENT_COLUMNS} FROM documents JOIN sources ON sources.id = source_id "  # noqa: S608
            "WHERE documents.id = ?",
            (document_id,),
        )
        if row is None:
            raise NotFound("document", document_id)
        return document_of(row)

    def documents(self, after: int = 0, limit: int = 100) -> list[Document]:
        """Documents with ``id > after`` in order of id, at most ``limit``."""
        rows = self._all(
            f"SELECT {DOCUMENT_COLUMNS} FROM documents JOIN sources ON sources.id = source_id "  # noqa: S608
            "WHERE documents.id > ? ORDER BY documents.id LIMIT ?",
            (after, limit),
        )
        return [document_of(row) for row in rows]

    def documents_of(self, sha256: str) -> list[Document]:
        """The documents read off a source, in order of id; none when it is not here."""
        rows = self._all(
            f"SELECT {DOCUMENT_COLUMNS} FROM documents JOIN sources ON sources.id = source_id "  # noqa: S608
            "WHERE sha256 = ? ORDER BY documents.id",
            (sha256,),
        )
        return [document_of(row) for row in rows]

    def listing(self, after: int = 0, limit: int = 100) -> list[Listed]:
        """Documents with ``id > after`` in order of id, at most ``limit``, without reading a text."""
        return self._listed("documents.id > ? ORDER BY documents.id LIMIT ?", (after, limit))

    def newest(self, limit: int) -> list[Listed]:
        """The documents that came last, the last first, without reading a text."""
        return self._listed("documents.id > 0 ORDER BY documents.id DESC LIMIT ?", (limit,))

    def listed(self, ids: Sequence[int]) -> list[Listed]:
        """The lines of the list for these documents, in order of id; those that are gone are left out."""
        chosen = "[" + ",".join(str(int(id_)) for id_ in ids) + "]"
        where = "documents.id IN (SELECT value FROM json_each(?)) ORDER BY documents.id"
        return self._listed(where, (chosen,))

    def document_around(self, document_id: int, at: int, margin: int) -> tuple[Document, Span, int]:
        """A document with only the part of its text that lies around an offset.

        A text of up to ``2 * margin`` characters comes whole. The map and the copies are those of the part;
        all offsets stay those of the whole text.

        Returns:
            The document, whose ``text`` is the part; the part's span; the length of the whole text.

        Raises NotFound.
        """
        columns = DOCUMENT_COLUMNS.replace("documents.text", "substr(documents.text, ?1 + 1, ?2 - ?1)")
        with self._connections.read() as db:
            row = db.execute(
                "SELECT characters FROM documents INDEXED BY documents_listed WHERE id = ?", (document_id,)
            ).fetchone()
            if row is None:
                raise NotFound("document", document_id)
            start, end = _around(at, margin, row[0])
            found = db.execute(
                f"SELECT {columns} FROM documents JOIN sources ON sources.id = source_id "  # noqa: S608
                "WHERE documents.id = ?3",
                (start, end, document_id),
            ).fetchone()
        if found is None:
            raise NotFound("document", document_id)
        return _part_of(document_of(found), start, end), (start, end), row[0]

    def source_around(self, sha256: str, at: int | None, margin: int) -> tuple[str, Span, int]:
        """The part of a source's text around an offset, its span, and the length of the whole.

        A text of up to ``2 * margin`` characters comes whole, and any when ``at`` is None. Raises NotFound.
        """
        row = self._one("SELECT id FROM sources WHERE sha256 = ?", (sha256,))
        if row is None:
            raise NotFound("source", sha256)
        last = self._one(
            "SELECT start, length(text) FROM source_text WHERE source_id = ? ORDER BY start DESC LIMIT 1", row
        )
        length = sum(last) if last else 0
        start, end = (0, length) if at is None else _around(at, margin, length)
        return self._source_slice(row[0], start, end), (start, end), length

    def source_name(self, sha256: str) -> str:
        """The name of a source. Raises NotFound."""
        row = self._one("SELECT name FROM sources WHERE sha256 = ?", (sha256,))
        if row is None:
            raise NotFound("source", sha256)
        return str(row[0])

    def maps_of(self, sha256: str) -> list[tuple[int, str, tuple[MapEntry, ...]]]:
        """``(id, title, map)`` of each document read off a source, in order of id, without their texts."""
        rows = self._all(
            "SELECT documents.id, title, map FROM documents JOIN sources ON sources.id = source_id "
            "WHERE sha256 = ? ORDER BY documents.id",
            (sha256,),
        )
        return [
            (id_, title, tuple((start, end, at) for start, end, at in json.loads(kept)))
            for id_, title, kept in rows
        ]

    def shas_at(self, place: Place) -> tuple[str, ...]:
        """The SHA-256 of each source that was taken in from a place, oldest first."""
        with self._connections.read() as db:
            return tuple(sha256 for _, sha256 in sources_at(db, place))

    def paths_in(self, folder: Path) -> list[str]:
        """The absolute paths below a folder from which something was taken in, in order."""
        with self._connections.read() as db:
            return in_folder(db, folder)

    def read_before(self, version: int) -> tuple[str, ...]:
        """The SHA-256 of each source that an older version of the readers read, oldest first."""
        rows = self._all(
            "SELECT sha256 FROM intakes JOIN sources ON sources.id = source_id "
            "WHERE read_with < ? ORDER BY sources.id",
            (version,),
        )
        return tuple(sha256 for (sha256,) in rows)

    def source(self, sha256: str, *, with_data: bool = True) -> Source:
        """A source. Without its data, ``data`` is empty and its bytes are not read. Raises NotFound."""
        data = "data" if with_data else "x''"
        row = self._one(
            f"SELECT sha256, name, media_type, encoding, parts, {data}, warnings "  # noqa: S608
            "FROM sources JOIN intakes ON intakes.source_id = sources.id WHERE sha256 = ?",
            (sha256,),
        )
        if row is None:
            raise NotFound("source", sha256)
        parts = self._all(
            "SELECT text FROM source_text JOIN sources ON sources.id = source_id "
            "WHERE sha256 = ? ORDER BY start",
            (sha256,),
        )
        return source_of(row, "".join(text for (text,) in parts))

    def source_text(self, sha256: str, spans: Iterable[Span]) -> tuple[str, ...]:
        """``source.text[start:end]`` of each span, without reading the rest of the text. Raises NotFound."""
        row = self._one("SELECT id FROM sources WHERE sha256 = ?", (sha256,))
        if row is None:
            raise NotFound("source", sha256)
        return tuple(self._source_slice(row[0], start, end) for start, end in spans)

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """The passages of these ids; those that are gone are left out."""
        rows_of: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for id_ in ids:
            row = self._one(f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE id = ?", (int(id_),))  # noqa: S608
            if row is not None:
                rows_of[row[1]].append(row)
        found = {}
        for document_id, rows in rows_of.items():
            for (text,) in self._all("SELECT text FROM documents WHERE id = ?", (document_id,)):
                for row in rows:
                    found[row[0]] = passage_of(row, text)
        return found

    def document_passages(self, document_id: int) -> list[Passage]:
        """The passages of a document in order. Raises NotFound."""
        row = self._one("SELECT text FROM documents WHERE id = ?", (document_id,))
        if row is None:
            raise NotFound("document", document_id)
        places = self._all(
            f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE document_id = ? ORDER BY id",  # noqa: S608
            (document_id,),
        )
        return [passage_of(place, row[0]) for place in places]

    def passage_ids(
        self, documents: Sequence[int] = (), since: str | None = None, until: str | None = None
    ) -> Ids:
        """The ids, ascending, of the passages of these documents (none named: of all).

        Args:
            since, until: ISO dates, inclusive; a document without a date is then left out.
        """
        wheres, bindings = ["1"], list[Any]()
        if documents:
            wheres.append("documents.id IN (SELECT value FROM json_each(?))")
            bindings.append("[" + ",".join(str(int(id_)) for id_ in documents) + "]")
        if since is not None:
            wheres.append("published >= ?")
            bindings.append(since)
        if until is not None:
            wheres.append("published <= ?")
            bindings.append(until + "~")  # sorts after any time of that day
        rows = self._all(
            "SELECT passages.id FROM documents JOIN passages ON document_id = documents.id "  # noqa: S608
            f"WHERE {' AND '.join(wheres)} ORDER BY passages.id",
            tuple(bindings),
        )
        return np.fromiter((id_ for (id_,) in rows), np.int64, len(rows))

    # for the indexes

    def generations(self) -> tuple[Generation, ...]:
        """All generations, oldest first."""
        rows = self._all("SELECT id, fingerprint, dimension, whole FROM generations ORDER BY id")
        return tuple(Generation(id_, name, dim, bool(whole)) for id_, name, dim, whole in rows)

    def generation_of(self, generation: int) -> Generation:
        """Raises NotFound."""
        for known in self.generations():
            if known.id == generation:
                return known
        raise NotFound("generation", generation)

    def missing_vectors(self, generation: int) -> Iterator[tuple[int, str]]:
        """``(passage_id, text with its context)`` of those that have no vector in this generation yet."""
        return self._texts(
            "AND NOT EXISTS (SELECT 1 FROM vectors WHERE passage_id = passages.id AND generation_id = ?)",
            (generation,),
        )

    def texts(self) -> Iterator[tuple[int, str]]:
        """``(passage_id, text with its context)`` of every passage: what the indexes hold."""
        return self._texts("", ())

    def texts_of(self, ids: Iterable[int]) -> Iterator[tuple[int, str]]:
        """``(passage_id, text with its context)`` of these passages; those that are gone are left out."""
        titles: dict[int, str] = {}
        for id_, passage in self.passages(ids).items():
            if passage.document_id not in titles:
                row = self._one("SELECT title FROM documents WHERE id = ?", (passage.document_id,))
                titles[passage.document_id] = row[0] if row else ""
            yield id_, searchable(titles[passage.document_id], passage)

    def vectors(self, generation: int) -> Iterator[tuple[Ids, Matrix]]:
        """Every vector of a generation in batches: ids, and float32 of shape ``(len(ids), dimension)``."""
        after = 0
        while rows := self._all(
            "SELECT passage_id, vector FROM passages JOIN vectors ON passage_id = passages.id "
            "WHERE generation_id = ? AND passages.id > ? ORDER BY passages.id LIMIT ?",
            (generation, after, _BATCH),
        ):
            yield _stacked(rows)
            after = rows[-1][0]

    def count_vectors(self, generation: int) -> int:
        """How many passages have a vector in a generation."""
        return int(self._all("SELECT count(*) FROM vectors WHERE generation_id = ?", (generation,))[0][0])

    def vectors_of(self, generation: int, ids: Iterable[int]) -> tuple[Ids, Matrix]:
        """The vectors of these passages; those that have none are left out."""
        query = "SELECT passage_id, vector FROM vectors WHERE passage_id = ? AND generation_id = ?"
        rows = [row for id_ in ids for row in self._all(query, (int(id_), generation))]
        return _stacked(rows)

    def changes(self, since: int) -> Iterator[Change]:
        """What came and went after ``seq == since``, in order."""
        while rows := self._all(
            "SELECT seq, kind, passage_id FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", (since, _BATCH)
        ):
            for row in rows:
                yield Change(*row)
            since = rows[-1][0]

    def seq(self) -> int:
        """The ``seq`` of the last change; 0 before the first."""
        rows = self._all("SELECT seq FROM sqlite_sequence WHERE name = 'changes'")
        return int(rows[0][0]) if rows else 0

    def counts(self) -> dict[str, int]:
        """``{"sources", "documents", "passages", "vectors"}``."""
        tables = ("sources", "documents", "passages", "vectors")
        query = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # noqa: S608
        return dict(zip(tables, self._all(f"SELECT {query}")[0], strict=True))

    def check(self) -> list[str]:
        """What SQLite finds wrong with the file: nothing when it is sound. Reads all of it."""
        found = [text for (text,) in self._all("PRAGMA quick_check") if text != "ok"]
        return found + [f"dangling row: {row}" for row in self._all("PRAGMA foreign_key_check")]

    # steps

    def _texts(self, where: str, bindings: tuple[Any, ...]) -> Iterator[tuple[int, str]]:
        after = 0
        while rows := self._all(
            f"SELECT {PASSAGE_COLUMNS} FROM passages "  # noqa: S608
            f"WHERE passages.id > ? {where} ORDER BY passages.id LIMIT ?",
            (after, *bindings, _BATCH),
        ):
            document, title, text = 0, "", ""
            for row in rows:
                if row[1] != document:
                    found = self._all("SELECT title, text FROM documents WHERE id = ?", (row[1],))
                    document, (title, text) = row[1], found[0] if found else ("", "")
                if text:
                    yield row[0], searchable(title, passage_of(row, text))
            after = rows[-1][0]

    def _listed(self, where: str, bindings: tuple[Any, ...]) -> list[Listed]:
        rows = self._all(
            f"SELECT {LISTED_COLUMNS} FROM documents INDEXED BY documents_listed "  # noqa: S608
            "JOIN sources ON sources.id = documents.source_id "
            f"LEFT JOIN intakes ON intakes.source_id = sources.id WHERE {where}",
            bindings,
        )
        return [listed_of(row) for row in rows]

    def _source_slice(self, source_id: int, start: int, end: int) -> str:
        rows = self._all(
            "SELECT start, text FROM source_text "
            "WHERE source_id = ? AND start > ? AND start < ? ORDER BY start",
            (source_id, start - CHUNK, end),
        )
        return "".join(text[max(start - at, 0) : end - at] for at, text in rows)

    def _all(self, query: str, bindings: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._connections.read() as db:
            return db.execute(query, bindings).fetchall()

    def _one(self, query: str, bindings: tuple[Any, ...]) -> tuple[Any, ...] | None:
        rows = self._all(query, bindings)
        return rows[0] if rows else None


def _around(at: int, margin: int, length: int) -> Span:
    """The span of a text that lies around an offset, as long at its edges as elsewhere."""
    if length <= 2 * margin:
        return 0, length
    start = min(max(at - margin, 0), length - 2 * margin)
    return start, start + 2 * margin


def _part_of(document: Document, start: int, end: int) -> Document:
    """The document with the tiles of its map and the copies that lie in a part of its text."""
    tiles = tuple(tile for tile in document.map if tile[0] < end and tile[1] > start)
    copies = tuple(each for each in document.copies if each[0][0] < end and each[0][1] > start)
    return replace(document, map=tiles, copies=copies)


def _stacked(rows: Sequence[tuple[int, bytes]]) -> tuple[Ids, Matrix]:
    ids = np.fromiter((id_ for id_, _ in rows), np.int64, len(rows))
    if not rows:
        return ids, np.empty((0, 0), np.float32)
    joined = np.frombuffer(b"".join(vector for _, vector in rows), STORED_VECTOR)
    return ids, joined.reshape(len(rows), -1).astype(np.float32, copy=False)
