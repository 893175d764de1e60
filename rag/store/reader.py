"""What can be read of the store, from any thread, while another writes: sources, documents, the list of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import Damaged, NotFound
from rag.records import Block, Document, MapEntry, Passage, Source, Span
from rag.store.checksums import damaged_if_unreadable, verify
from rag.store.index_reader import IndexReader
from rag.store.places import Place, paths_in_folder, sources_at
from rag.store.records import STORED_VECTOR, Generation, Ids, Matrix, PassageChange
from rag.store.rows import (
    CHUNK,
    DOCUMENT_COLUMNS,
    LISTED_COLUMNS,
    PASSAGE_COLUMNS,
    Listed,
    blocks_within,
    document_of,
    listed_of,
    passage_of,
    source_of,
)

__all__ = [
    "STORED_VECTOR",
    "Generation",
    "Ids",
    "Matrix",
    "PassageChange",
    "StoreReader",
]

_log = logging.getLogger(__name__)

DAMAGED_TITLE = "(damaged: chuchu doctor --deep)"
"""Of a document in the list whose line cannot be read."""

_WHOLE = 2**62


class StoreReader(IndexReader):
    """The reading half of ``Store``. Iterators go in order of id and see each batch as it is when read."""

    # sources and documents

    def find_source(self, sha256: str) -> tuple[int, ...] | None:
        """The ids of the documents made of this content, or None when it is not here."""
        rows = self._all(
            "SELECT documents.id FROM documents JOIN sources ON sources.id = source_id "
            "WHERE sha256 = ? ORDER BY documents.id",
            (sha256,),
        )
        return tuple(id_ for (id_,) in rows) or None

    def document(self, document_id: int, *, with_blocks: bool = True) -> Document:
        """A document; without its blocks it has none. Raises NotFound, Damaged."""
        with self._damage_is_of("document", document_id):
            row = self._one(
                f"SELECT {DOCUMENT_COLUMNS} FROM documents "  # noqa: S608
                "JOIN sources ON sources.id = source_id WHERE documents.id = ?",
                (document_id,),
            )
        if row is None:
            raise NotFound("document", document_id)
        return document_of(row, with_blocks=with_blocks)

    def blocks_of(self, document_id: int, start: int, end: int) -> tuple[Block, ...]:
        """The blocks of a document that lie in ``[start, end)``, at least in part.

        They are not held against the row's checksum, for which the whole row would be read.

        Raises NotFound; Damaged if they are no longer JSON.
        """
        with self._damage_is_of("document", document_id):
            row = self._one("SELECT blocks FROM documents WHERE id = ?", (document_id,))
            if row is None:
                raise NotFound("document", document_id)
        with damaged_if_unreadable("document", document_id):
            return blocks_within(row[0], start, end)

    def documents(self, after: int = 0, limit: int = 100) -> list[Document]:
        """Documents with ``id > after`` in order of id, at most ``limit``; damaged ones are passed over."""
        found: list[Document] = []
        while len(found) < limit and (
            ids := self._ids_after(after, limit - len(found))
        ):
            found += self._sound(ids)
            after = ids[-1]
        return found

    def documents_of(self, sha256: str) -> list[Document]:
        """The documents read off a source, in order of id, but for damaged ones; none when it is not here."""
        return self._sound(self.find_source(sha256) or ())

    def _sound(self, ids: Iterable[int]) -> list[Document]:
        """Those of these documents that are there and as they were written."""
        found: list[Document] = []
        for id_ in ids:
            try:
                found.append(self.document(id_))
            except NotFound:
                continue
            except Damaged as damage:
                self.note(damage)
        return found

    def _ids_after(self, after: int, limit: int) -> list[int]:
        query = "SELECT id FROM documents WHERE id > ? ORDER BY id LIMIT ?"
        return [id_ for (id_,) in self._all(query, (after, limit))]

    def listing(self, after: int = 0, limit: int = 100) -> list[Listed]:
        """Documents with ``id > after`` in order of id, at most ``limit``, without reading a text.

        One whose line cannot be read is there under a title that says so.
        """
        try:
            return self._listed(
                "documents.id > ? ORDER BY documents.id LIMIT ?", (after, limit)
            )
        except Damaged as damage:
            self.note(damage)
        return [
            line for id_ in self._ids_after(after, limit) for line in self._line(id_)
        ]

    def _line(self, id_: int) -> list[Listed]:
        try:
            return self._listed("documents.id = ?", (id_,))
        except Damaged as damage:
            self.note(Damaged("document", id_, damage.why))
            return [Listed(id_, DAMAGED_TITLE, None, "", "", 0, None)]

    def newest(self, limit: int) -> list[Listed]:
        """The documents that came last, the last first, without reading a text."""
        rows = self._all("SELECT id FROM documents ORDER BY id DESC LIMIT ?", (limit,))
        return [line for (id_,) in rows for line in self._line(id_)]

    def listed(self, ids: Sequence[int]) -> list[Listed]:
        """The lines of the list for these documents, in order of id; those that are gone are left out."""
        chosen = "[" + ",".join(str(int(id_)) for id_ in ids) + "]"
        where = "documents.id IN (SELECT value FROM json_each(?)) ORDER BY documents.id"
        return self._listed(where, (chosen,))

    def document_around(
        self, document_id: int, at: int, margin: int
    ) -> tuple[Document, Span, int]:
        """A document with only the part of its text that lies around an offset.

        A text of up to ``2 * margin`` characters comes whole. The map, the copies and the blocks are those
        of the part; all offsets stay those of the whole text.

        Returns:
            The document, whose ``text`` is the part; the part's span; the length of the whole text.

        Raises NotFound.
        """
        columns = DOCUMENT_COLUMNS.replace(
            "documents.text", "substr(documents.text, ?1 + 1, ?2 - ?1)"
        )
        with self._connections.read() as db:
            row = db.execute(
                "SELECT characters FROM documents INDEXED BY documents_listed WHERE id = ?",
                (document_id,),
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
        return (
            _cut_to(document_of(found, whole=False), start, end),
            (start, end),
            row[0],
        )

    def source_around(
        self, sha256: str, at: int | None, margin: int
    ) -> tuple[str, Span, int]:
        """The part of a source's text around an offset, its span, and the length of the whole.

        A text of up to ``2 * margin`` characters comes whole, and any when ``at`` is None. Raises NotFound.
        """
        row = self._one("SELECT id FROM sources WHERE sha256 = ?", (sha256,))
        if row is None:
            raise NotFound("source", sha256)
        last = self._one(
            "SELECT start, length(text) FROM source_text WHERE source_id = ? ORDER BY start DESC LIMIT 1",
            row,
        )
        length = sum(last) if last else 0
        start, end = (0, length) if at is None else _around(at, margin, length)
        return self._source_slice(row[0], start, end), (start, end), length

    def source_kind(self, sha256: str) -> tuple[str, str]:
        """``(media_type, encoding)`` of a source, without its bytes. Raises NotFound."""
        row = self._one(
            "SELECT media_type, encoding FROM sources WHERE sha256 = ?", (sha256,)
        )
        if row is None:
            raise NotFound("source", sha256)
        return str(row[0]), str(row[1])

    def source_data(self, sha256: str) -> bytes:
        """The bytes of a source as they were given. Raises NotFound, Damaged."""
        with self._damage_is_of("source", sha256):
            row = self._one("SELECT data FROM sources WHERE sha256 = ?", (sha256,))
        if row is None:
            raise NotFound("source", sha256)
        return bytes(row[0])

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
        found: list[tuple[int, str, tuple[MapEntry, ...]]] = []
        for id_, title, kept in rows:
            try:
                with damaged_if_unreadable("document", id_):
                    found.append(
                        (
                            id_,
                            title,
                            tuple(
                                (start, end, at) for start, end, at in json.loads(kept)
                            ),
                        )
                    )
            except Damaged as damage:
                self.note(damage)
        return found

    def shas_at(self, place: Place) -> tuple[str, ...]:
        """The SHA-256 of each source that was taken in from a place, oldest first."""
        with self._connections.read() as db:
            return tuple(sha256 for _, sha256 in sources_at(db, place))

    def paths_in(self, folder: Path) -> list[str]:
        """The absolute paths below a folder from which something was taken in, in order."""
        with self._connections.read() as db:
            return paths_in_folder(db, folder)

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
        found = self._one("SELECT id FROM sources WHERE sha256 = ?", (sha256,))
        with self._damage_is_of("source", sha256):
            return source_of(
                row, self._source_slice(found[0], 0, _WHOLE) if found else ""
            )

    def source_text(self, sha256: str, spans: Iterable[Span]) -> tuple[str, ...]:
        """``source.text[start:end]`` of each span, without reading the rest of the text.

        Raises NotFound, and Damaged: a stretch is not as it was written.
        """
        row = self._one("SELECT id FROM sources WHERE sha256 = ?", (sha256,))
        if row is None:
            raise NotFound("source", sha256)
        with self._damage_is_of("source", sha256):
            return tuple(self._source_slice(row[0], start, end) for start, end in spans)

    def document_passages(self, document_id: int, limit: int = -1) -> list[Passage]:
        """The passages of a document in order, the first ``limit``. Raises NotFound, Damaged."""
        row = self._one("SELECT text FROM documents WHERE id = ?", (document_id,))
        if row is None:
            raise NotFound("document", document_id)
        places = self._all(
            f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE document_id = ? ORDER BY id LIMIT ?",  # noqa: S608
            (document_id, limit),
        )
        return [passage_of(place, row[0]) for place in places]

    def passage_ids(
        self,
        documents: Sequence[int] = (),
        since: str | None = None,
        until: str | None = None,
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

    # steps

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
            "SELECT start, text, crc32 FROM source_text "
            "WHERE source_id = ? AND start > ? AND start < ? ORDER BY start",
            (source_id, start - CHUNK, end),
        )
        with damaged_if_unreadable("source", source_id):
            for at, text, kept in rows:
                verify(kept, (at, text), f"its text from character {at:,} on")
        return "".join(text[max(start - at, 0) : end - at] for at, text, _ in rows)


def _around(at: int, margin: int, length: int) -> Span:
    """The span of a text that lies around an offset, as long at its edges as elsewhere."""
    if length <= 2 * margin:
        return 0, length
    start = min(max(at - margin, 0), length - 2 * margin)
    return start, start + 2 * margin


def _cut_to(document: Document, start: int, end: int) -> Document:
    """The document with what lies in a part of its text: tiles of its map, copies, blocks."""
    tiles = tuple(tile for tile in document.map if tile[0] < end and tile[1] > start)
    copies = tuple(
        each for each in document.copies if each[0][0] < end and each[0][1] > start
    )
    blocks = tuple(
        block for block in document.blocks if block.start < end and block.end > start
    )
    return replace(document, map=tiles, copies=copies, blocks=blocks)
