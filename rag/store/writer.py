"""What a write to the store does, row by row, within a transaction that ``Store`` opens."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import apsw
import numpy as np
import numpy.typing as npt

from rag.errors import InvalidValue
from rag.records import Document, Passage, Source
from rag.store.checksums import checksum
from rag.store.feedback import forget
from rag.store.given_answers import forget_document
from rag.store.places import Place, add_place, older_versions, remove_from_place
from rag.store.reader import STORED_VECTOR, Matrix
from rag.store.rows import (
    document_row,
    passage_row,
    source_row,
    text_chunks,
    warnings_row,
)

Read = Sequence[tuple[Document, Sequence[Passage]]]
"""What was read off a source: its documents, each with its passages."""


@dataclass(frozen=True, slots=True)
class Added:
    """What ``add`` did. ``new`` is false when that content was here already: these are its records then.

    ``replaced`` are the ids of the documents that left in the same step.
    """

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    seq: int
    new: bool
    replaced: tuple[int, ...] = ()


def insert(
    db: apsw.Connection,
    source: Source,
    documents: Read,
    matrix: npt.NDArray[np.float32],
    generation: int,
    read_with: int,
) -> Added:
    db.execute(
        "INSERT INTO sources (sha256, name, media_type, encoding, parts, data) VALUES (?, ?, ?, ?, ?, ?)",
        source_row(source),
    )
    source_id = db.last_insert_rowid()
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    db.execute(
        "INSERT INTO intakes (source_id, ingested, read_with, warnings) VALUES (?, ?, ?, ?)",
        (source_id, now, read_with, warnings_row(source.warnings)),
    )
    return insert_reading(
        db, source_id, source, documents, matrix, generation, [0] * len(documents)
    )


def insert_reading(
    db: apsw.Connection,
    source_id: int,
    source: Source,
    documents: Read,
    matrix: npt.NDArray[np.float32],
    generation: int,
    ids: Sequence[int],
) -> Added:
    """The text of a source and what was read off it; an id that is not 0 names a document to write over."""
    db.executemany(
        "INSERT INTO source_text (source_id, start, text, crc32) VALUES (?, ?, ?, ?)",
        (
            (source_id, start, text, checksum((start, text)))
            for start, text in text_chunks(source.text)
        ),
    )
    kept_documents, kept_passages = _with_ids(db, source, documents, ids)
    db.executemany(
        "INSERT INTO documents "
        "(id, source_id, title, text, map, byline, dateline, place, published, copies, layout, blocks, "
        "crc32) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "title = excluded.title, text = excluded.text, map = excluded.map, byline = excluded.byline, "
        "dateline = excluded.dateline, place = excluded.place, published = excluded.published, "
        "copies = excluded.copies, layout = excluded.layout, blocks = excluded.blocks, "
        "crc32 = excluded.crc32",
        (
            (document.id, source_id, *document_row(document))
            for document in kept_documents
        ),
    )
    db.executemany(
        'INSERT INTO passages (id, document_id, start, "end", context, crc32) VALUES (?, ?, ?, ?, ?, ?)',
        map(passage_row, kept_passages),
    )
    _insert_vectors(db, kept_passages, matrix, generation)
    # Every other encoder lacks the vectors of what has just come.
    db.execute("UPDATE generations SET whole = 0 WHERE id <> ?", (generation,))
    seq = _log(db, "add", [passage.id for passage in kept_passages])
    return Added(tuple(kept_documents), tuple(kept_passages), seq, new=True)


def _with_ids(
    db: apsw.Connection, source: Source, documents: Read, ids: Sequence[int]
) -> tuple[list[Document], list[Passage]]:
    """The records with the ids that they will have: a known one, else the next that is free."""
    next_document = last_id(db, "documents") + 1
    next_passage = last_id(db, "passages") + 1
    kept_documents: list[Document] = []
    kept_passages: list[Passage] = []
    for (document, passages), known in zip(documents, ids, strict=True):
        document_id = known or next_document
        if not known:
            next_document += 1
        kept = replace(
            document,
            id=document_id,
            source_name=source.name,
            source_sha256=source.sha256,
        )
        kept_documents.append(kept)
        for passage in passages:
            own = replace(passage, id=next_passage, document_id=document_id)
            kept_passages.append(own)
            next_passage += 1
    return kept_documents, kept_passages


def _insert_vectors(
    db: apsw.Connection,
    passages: Sequence[Passage],
    matrix: npt.NDArray[np.float32],
    generation: int,
) -> None:
    rows: list[tuple[int, int, bytes, int]] = []
    for passage, vector in zip(passages, matrix, strict=True):
        data = vector.tobytes()
        rows.append((passage.id, generation, data, checksum((passage.id, data))))
    db.executemany(
        "INSERT INTO vectors (passage_id, generation_id, vector, crc32) VALUES (?, ?, ?, ?)",
        rows,
    )


def has_source(db: apsw.Connection, sha256: str) -> bool:
    """Whether this content is here."""
    query = "SELECT 1 FROM sources WHERE sha256 = ?"
    return db.execute(query, (sha256,)).fetchone() is not None


def note_place(
    db: apsw.Connection,
    sha256: str,
    place: Place | None,
    replaces: Collection[str] | None,
) -> tuple[int, ...]:
    """Note a source's place, and let its older selves leave; the ids of the documents that went with them."""
    if place is None:
        return ()
    rows: list[Any] = db.execute(
        "SELECT id FROM sources WHERE sha256 = ?", (sha256,)
    ).fetchall()
    source_id: int = rows[0][0]
    older = () if replaces is None else older_versions(db, place, {sha256, *replaces})
    add_place(db, source_id, place)
    gone: list[int] = []
    for older_id in older:
        if remove_from_place(db, older_id, place):
            gone += remove_source(db, older_id)
    return tuple(gone)


def remove_passages(db: apsw.Connection, document_id: int) -> tuple[int, ...]:
    """Remove the passages of a document with their vectors, and log it; their ids."""
    mine = "SELECT id FROM passages WHERE document_id = ?"
    ids = tuple(id_ for (id_,) in db.execute(mine + " ORDER BY id", (document_id,)))
    db.execute(f"DELETE FROM vectors WHERE passage_id IN ({mine})", (document_id,))  # noqa: S608
    db.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
    _log(db, "delete", ids)
    return ids


def remove_document(db: apsw.Connection, document_id: int) -> None:
    """Remove a document that has no passages any more, what people said of it, and its words in answers."""
    forget(db, document_id)
    forget_document(db, document_id)
    db.execute("DELETE FROM documents WHERE id = ?", (document_id,))


def remove_source(db: apsw.Connection, source_id: int) -> list[int]:
    """Remove a source with all that was read off it; the ids of its documents."""
    rows: list[Any] = db.execute(
        "SELECT id FROM documents WHERE source_id = ? ORDER BY id", (source_id,)
    ).fetchall()
    ids: list[int] = [document_id for (document_id,) in rows]
    for document_id in ids:
        remove_passages(db, document_id)
        remove_document(db, document_id)
    for table in ("source_text", "intakes", "places"):
        db.execute(f"DELETE FROM {table} WHERE source_id = ?", (source_id,))  # noqa: S608
    db.execute("DELETE FROM sources WHERE id = ?", (source_id,))
    return ids


def last_id(db: apsw.Connection, table: str) -> int:
    """The highest id that ``AUTOINCREMENT`` ever gave in a table; the transaction keeps it ours."""
    rows = db.execute(
        "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)
    ).fetchall()
    last: Any = rows[0][0] if rows else 0
    return int(last)


def _log(
    db: apsw.Connection, kind: Literal["add", "delete"], passage_ids: Sequence[int]
) -> int:
    """Write the changes; return the last ``seq``."""
    db.executemany(
        "INSERT INTO changes (kind, passage_id) VALUES (?, ?)",
        ((kind, id_) for id_ in passage_ids),
    )
    return last_id(db, "changes")


def checked_reading(
    documents: Read, vectors: Matrix, dimension: int
) -> npt.NDArray[np.float32]:
    """The vectors as they are stored. Raises InvalidValue where they, or a passage, do not fit."""
    if not documents:
        raise InvalidValue("documents", documents, "at least one document")
    count = 0
    for document, passages in documents:
        count += len(passages)
        for passage in passages:
            there = document.text[passage.start : passage.end]
            if not passage.text or passage.text != there:
                expected = "the text at [start, end) of its document"
                raise InvalidValue("passage", passage, expected)
    return checked_vectors(vectors, count, dimension)


def checked_vectors(
    matrix: Matrix, rows: int, dimension: int
) -> npt.NDArray[np.float32]:
    """The vectors as they are stored, ``(rows, dimension)``. Raises InvalidValue."""
    if matrix.shape != (rows, dimension):
        raise InvalidValue("vectors", matrix.shape, f"the shape {(rows, dimension)}")
    if not np.isfinite(matrix).all():
        raise InvalidValue("vectors", "NaN or infinity", "finite numbers")
    return np.ascontiguousarray(matrix, STORED_VECTOR)
