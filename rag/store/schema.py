"""The tables of the store, as numbered migrations, and how a connection to them is set up.

sources ──< documents ──< passages ──< vectors >── generations
   │       ├──< feedback_documents >── feedback
   │       └──< answer_documents >── answers
   ├──< source_text            changes: what was added and deleted, in order; commits: their tokens
   ├──< places                 where each was taken in from (rag/store/places.py)
   └─── intakes                when, with what was left out, and by which version of the readers

The text of a passage is not stored again: it is ``documents.text[start:end]``. The decoded text of a source
is kept in chunks, so that the few characters of a citation are read without the rest of a large file.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Final
from urllib.parse import quote

import apsw

from rag.errors import StoreError
from rag.home.private import write_private
from rag.store.scrubbing import VFS_NAME

PAGE_SIZE: Final = 8192
"""Bytes; holds five vectors of 384 float32 with 6% lost, where 4096 would hold two with 25% lost."""

_MIGRATIONS: Final = (
    """
    CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sources (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sha256 TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        encoding TEXT NOT NULL,
        parts TEXT NOT NULL,
        data BLOB NOT NULL
    ) STRICT;

    CREATE TABLE source_text (
        id INTEGER PRIMARY KEY,
        source_id INTEGER NOT NULL REFERENCES sources (id),
        start INTEGER NOT NULL,
        text TEXT NOT NULL,
        UNIQUE (source_id, start)
    ) STRICT;

    CREATE TABLE documents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        source_id INTEGER NOT NULL REFERENCES sources (id),
        published TEXT,
        title TEXT NOT NULL,
        byline TEXT,
        dateline TEXT,
        place TEXT,
        map TEXT NOT NULL,
        copies TEXT NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX documents_by_source ON documents (source_id);
    CREATE INDEX documents_by_date ON documents (published);

    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document_id INTEGER NOT NULL REFERENCES documents (id),
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX passages_by_document ON passages (document_id);

    CREATE TABLE generations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        fingerprint TEXT NOT NULL UNIQUE,
        dimension INTEGER NOT NULL CHECK (dimension > 0),
        whole INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE vectors (
        id INTEGER PRIMARY KEY,
        passage_id INTEGER NOT NULL REFERENCES passages (id),
        generation_id INTEGER NOT NULL REFERENCES generations (id),
        vector BLOB NOT NULL,
        UNIQUE (passage_id, generation_id)
    ) STRICT;

    CREATE TABLE changes (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('add', 'delete')),
        passage_id INTEGER NOT NULL
    ) STRICT;
    """,
    # How a document was read off its page; '{}' for those that came in order, as all before this had to.
    """
    ALTER TABLE documents ADD COLUMN layout TEXT NOT NULL DEFAULT '{}';
    """,
    # What people said of answers, and the documents that a row holds words of (rag/store/feedback.py).
    """
    CREATE TABLE feedback (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        answer_id TEXT NOT NULL UNIQUE,
        created TEXT NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('up', 'down')),
        comment TEXT,
        marked TEXT,
        answer TEXT NOT NULL
    ) STRICT;

    CREATE TABLE feedback_documents (
        feedback_id INTEGER NOT NULL REFERENCES feedback (id),
        document_id INTEGER NOT NULL REFERENCES documents (id),
        PRIMARY KEY (feedback_id, document_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX feedback_by_document ON feedback_documents (document_id);
    """,
    # The roles of a document's stretches, and what a passage's reader would know before it begins.
    """
    ALTER TABLE documents ADD COLUMN blocks TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE passages ADD COLUMN context TEXT NOT NULL DEFAULT '{}';
    """,
    # When and where from a source was taken in, and how it was read: apart from its row, which holds its
    # bytes and is written anew, megabytes and all, when any of it changes. The index is the list of
    # documents: it holds all that a line of the list shows, so that listing walks through no text.
    """
    CREATE TABLE intakes (
        source_id INTEGER PRIMARY KEY REFERENCES sources (id),
        ingested TEXT,
        read_with INTEGER NOT NULL,
        warnings TEXT NOT NULL
    ) STRICT;
    CREATE INDEX intakes_by_version ON intakes (read_with);
    INSERT INTO intakes SELECT id, NULL, 0, '[]' FROM sources;

    CREATE TABLE places (
        source_id INTEGER NOT NULL REFERENCES sources (id),
        kind TEXT NOT NULL CHECK (kind IN ('path', 'upload', 'typed', 'unknown')),
        place TEXT NOT NULL,
        PRIMARY KEY (source_id, kind, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX places_by_place ON places (kind, place);
    INSERT INTO places SELECT id, 'unknown', name FROM sources;

    ALTER TABLE documents ADD COLUMN characters INTEGER GENERATED ALWAYS AS (length(text)) VIRTUAL;
    CREATE INDEX documents_listed ON documents (id, source_id, title, published, characters);
    """,
    # What a row held when it was written (rag/store/checksums.py), NULL until it is sealed; and a random token for
    # each commit that changed passages, by its last change, so that an index can tell the history it follows
    # from that of a copy which went its own way.
    """
    ALTER TABLE documents ADD COLUMN crc32 INTEGER;
    ALTER TABLE passages ADD COLUMN crc32 INTEGER;
    ALTER TABLE source_text ADD COLUMN crc32 INTEGER;
    ALTER TABLE vectors ADD COLUMN crc32 INTEGER;

    CREATE TABLE commits (
        seq INTEGER PRIMARY KEY,
        token TEXT NOT NULL
    ) STRICT;
    INSERT INTO commits
        SELECT max(seq), lower(hex(randomblob(8))) FROM changes HAVING max(seq) IS NOT NULL;
    """,
    # The answers that were given, and the documents that each holds words of (rag/store/given_answers.py).
    """
    CREATE TABLE answers (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        answer_id TEXT NOT NULL UNIQUE,
        created TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        gone TEXT NOT NULL,
        answer TEXT NOT NULL
    ) STRICT;
    CREATE INDEX answers_by_size ON answers (id, bytes);

    CREATE TABLE answer_documents (
        answer_row INTEGER NOT NULL REFERENCES answers (id),
        document_id INTEGER NOT NULL REFERENCES documents (id),
        PRIMARY KEY (answer_row, document_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX answers_by_document ON answer_documents (document_id);
    """,
)

_EVERY: Final = (("busy_timeout", 5000), ("temp_store", 2), ("foreign_keys", 1))
_WRITER: Final = (
    ("journal_mode", "wal"),
    ("synchronous", 2),  # FULL: an acknowledged write survives a power cut
    ("secure_delete", 1),
    ("journal_size_limit", 64 * 1024 * 1024),
)
_READER: Final = (("query_only", 1),)


def connect_writer(path: Path) -> apsw.Connection:
    """Open the database for writing, creating or migrating it. Raises StoreError, apsw.Error."""
    if not path.exists():
        write_private(
            path
        ).close()  # SQLite gives its log the permissions of the database
    connection = apsw.Connection(str(path), vfs=VFS_NAME)
    try:
        connection.pragma(
            "page_size", PAGE_SIZE
        )  # only a database without a page yet takes it
        for name, value in _EVERY + _WRITER:
            _set(connection, name, value)
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> apsw.Connection:
    """Open an existing database read-only."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    for name, value in _EVERY + _READER:
        _set(connection, name, value)
    return connection


def connect_frozen(path: Path) -> apsw.Connection:
    """Open the database of a folder that nobody can write, as it stands.

    Raises StoreError: it would have to be migrated first, or does not exist.
    """
    if not path.is_file():
        raise StoreError(
            f"there is no store in {path.parent}, and none can be made: it cannot be written"
        )
    log = path.with_name(path.name + "-wal")
    unfinished = (
        log.is_file() and log.stat().st_size > 0
    )  # what is in the log alone must be seen, too
    address = f"file:{quote(str(path.resolve()))}?{'mode=ro' if unfinished else 'immutable=1'}"
    connection = apsw.Connection(
        address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )
    for name, value in _EVERY + _READER:
        _set(connection, name, value)
    version = connection.pragma("user_version")
    if version != len(_MIGRATIONS):
        connection.close()
        raise StoreError(
            f"the store in {path.parent} has schema version {version}, expected {len(_MIGRATIONS)}; "
            "open it once where it can be written"
        )
    return connection


def _set(connection: apsw.Connection, name: str, value: str | int) -> None:
    """Set one pragma and read it back: SQLite ignores a pragma that it does not know or cannot honour."""
    connection.pragma(name, value)
    if (got := connection.pragma(name)) != value:
        raise StoreError(f"pragma {name}: got {got!r}, expected {value!r}")


def _migrate(connection: apsw.Connection) -> None:
    version = connection.pragma("user_version")
    if version > len(_MIGRATIONS):
        raise StoreError(
            f"the store has schema version {version}, expected at most {len(_MIGRATIONS)}"
        )
    for number, script in enumerate(_MIGRATIONS[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(script)
            if number == 1:
                connection.execute(
                    "INSERT INTO meta VALUES ('identity', ?)", (uuid.uuid4().hex,)
                )
            connection.pragma("user_version", number)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
