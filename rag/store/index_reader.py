"""What the indexes read of the store: passages with their texts, vectors, and the log of changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from rag.contexts import searchable
from rag.errors import Damaged, NotFound
from rag.records import Passage
from rag.store.checksums import damaged_if_unreadable, verify
from rag.store.queries import Queries
from rag.store.records import STORED_VECTOR, Generation, Ids, Matrix, PassageChange
from rag.store.rows import PASSAGE_COLUMNS, passage_of

_BATCH = 4096
"""Rows read at a time; between batches no transaction is open, so readers never hold back a checkpoint."""


_PASSAGE_BY_ID = f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE id = ?"  # noqa: S608 - of our own words


class IndexReader(Queries):
    """Iterators go in order of id and see each batch as it is when read."""

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """The passages of these ids; those that are gone or damaged are left out."""
        rows_of: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for id_ in ids:
            row = self._one(_PASSAGE_BY_ID, (int(id_),))
            if row is not None:
                rows_of[row[1]].append(row)
        found: dict[int, Passage] = {}
        for document_id, rows in rows_of.items():
            text = self._text_of(document_id)
            for row in rows if text is not None else ():
                if (passage := self._sound_passage(row, text or "")) is not None:
                    found[passage.id] = passage
        return found

    def _text_of(self, document_id: int) -> str | None:
        """A document's text; None when it is gone, or cannot be read."""
        try:
            with self._damage_is_of("document", document_id):
                row = self._one(
                    "SELECT text FROM documents WHERE id = ?", (document_id,)
                )
        except Damaged as damage:
            self.note(damage)
            return None
        return None if row is None else str(row[0])

    def _sound_passage(self, row: tuple[Any, ...], text: str) -> Passage | None:
        try:
            return passage_of(row, text)
        except Damaged as damage:
            self.note(damage)
            return None

    def generations(self) -> tuple[Generation, ...]:
        """All generations, oldest first."""
        rows = self._all(
            "SELECT id, fingerprint, dimension, whole FROM generations ORDER BY id"
        )
        return tuple(
            Generation(id_, name, dim, bool(whole)) for id_, name, dim, whole in rows
        )

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
                row = self._one(
                    "SELECT title FROM documents WHERE id = ?", (passage.document_id,)
                )
                titles[passage.document_id] = row[0] if row else ""
            yield id_, searchable(titles[passage.document_id], passage)

    def vectors(self, generation: int) -> Iterator[tuple[Ids, Matrix]]:
        """Every vector of a generation in batches: ids, and float32 of shape ``(len(ids), dimension)``.

        Damaged ones are left out.
        """
        after = 0
        while rows := self._all(
            "SELECT passage_id, vector, vectors.crc32 FROM passages JOIN vectors ON passage_id = passages.id "
            "WHERE generation_id = ? AND passages.id > ? ORDER BY passages.id LIMIT ?",
            (generation, after, _BATCH),
        ):
            yield self._stacked(rows)
            after = rows[-1][0]

    def count_vectors(self, generation: int) -> int:
        """How many passages have a vector in a generation."""
        return int(
            self._all(
                "SELECT count(*) FROM vectors WHERE generation_id = ?", (generation,)
            )[0][0]
        )

    def vectors_of(self, generation: int, ids: Iterable[int]) -> tuple[Ids, Matrix]:
        """The vectors of these passages; those that have none, or a damaged one, are left out."""
        query = "SELECT passage_id, vector, crc32 FROM vectors WHERE passage_id = ? AND generation_id = ?"
        rows = [row for id_ in ids for row in self._all(query, (int(id_), generation))]
        return self._stacked(rows)

    def _stacked(self, rows: Sequence[tuple[Any, ...]]) -> tuple[Ids, Matrix]:
        sound: list[tuple[int, bytes]] = []
        for passage_id, vector, kept in rows:
            try:
                with damaged_if_unreadable("vector of passage", passage_id):
                    verify(kept, (passage_id, vector), "it")
                    sound.append((passage_id, vector))
            except Damaged as damage:
                self.note(damage)
        return _stacked(sound)

    def changes(self, since: int) -> Iterator[PassageChange]:
        """What came and went after ``seq == since``, in order."""
        while rows := self._all(
            "SELECT seq, kind, passage_id FROM changes WHERE seq > ? ORDER BY seq LIMIT ?",
            (since, _BATCH),
        ):
            for row in rows:
                yield PassageChange(*row)
            since = rows[-1][0]

    def seq(self) -> int:
        """The ``seq`` of the last change; 0 before the first."""
        rows = self._all("SELECT seq FROM sqlite_sequence WHERE name = 'changes'")
        return int(rows[0][0]) if rows else 0

    def source_hashes(self) -> list[str]:
        """The SHA-256 of every source, oldest first."""
        return [
            sha256 for (sha256,) in self._all("SELECT sha256 FROM sources ORDER BY id")
        ]

    def token_of(self, seq: int) -> str | None:
        """The random token of the commit whose last change is ``seq``; empty before the first, else None."""
        row = self._one("SELECT token FROM commits WHERE seq = ?", (seq,))
        return str(row[0]) if row else "" if seq == 0 else None

    def deleted_since(self, seq: int) -> bool:
        """Whether a passage was deleted after a change."""
        query = "SELECT 1 FROM changes WHERE seq > ? AND kind = 'delete' LIMIT 1"
        return self._one(query, (seq,)) is not None

    def counts(self) -> dict[str, int]:
        """``{"sources", "documents", "passages", "vectors"}``."""
        tables = ("sources", "documents", "passages", "vectors")
        query = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # noqa: S608
        return dict(zip(tables, self._all(f"SELECT {query}")[0], strict=True))

    def check(self) -> list[str]:
        """What SQLite finds wrong with the file: nothing when it is sound. Reads all of it."""
        found = [text for (text,) in self._all("PRAGMA quick_check") if text != "ok"]
        return found + [
            f"dangling row: {row}" for row in self._all("PRAGMA foreign_key_check")
        ]

    # steps

    def _texts(
        self, where: str, bindings: tuple[Any, ...]
    ) -> Iterator[tuple[int, str]]:
        after = 0
        while rows := self._all(
            f"SELECT {PASSAGE_COLUMNS} FROM passages "  # noqa: S608
            f"WHERE passages.id > ? {where} ORDER BY passages.id LIMIT ?",
            (after, *bindings, _BATCH),
        ):
            document, title, text = 0, "", ""
            for row in rows:
                if row[1] != document:
                    document, (title, text) = row[1], self._title_and_text(row[1])
                if text and (passage := self._sound_passage(row, text)) is not None:
                    yield row[0], searchable(title, passage)
            after = rows[-1][0]

    def _title_and_text(self, document_id: int) -> tuple[str, str]:
        """Both empty when the document is gone, or cannot be read."""
        try:
            with self._damage_is_of("document", document_id):
                found = self._all(
                    "SELECT title, text FROM documents WHERE id = ?", (document_id,)
                )
        except Damaged as damage:
            self.note(damage)
            return "", ""
        return found[0] if found else ("", "")


def _stacked(rows: Sequence[tuple[int, bytes]]) -> tuple[Ids, Matrix]:
    ids = np.fromiter((id_ for id_, _ in rows), np.int64, len(rows))
    if not rows:
        return ids, np.empty((0, 0), np.float32)
    joined = np.frombuffer(b"".join(vector for _, vector in rows), STORED_VECTOR)
    return ids, joined.reshape(len(rows), -1).astype(np.float32, copy=False)
