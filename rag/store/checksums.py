"""What a row held when it was written, so that damage is noticed before it is shown.

Each row of ``documents``, ``passages``, ``source_text`` and ``vectors`` carries the CRC-32 of its columns;
that of a passage is taken over its text, too, which stands in its document. A store made before has none yet:
``seal`` gives each row its own when the store is opened.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import apsw

from rag.errors import Damaged

_ROWS: Final = 512
"""Sealed in one transaction."""


def checksum(values: Sequence[Any]) -> int:
    """CRC-32 of a row's values, each with its length before it: ``("ab", "c")`` is not ``("a", "bc")``."""
    total = 0
    for value in values:
        # None is not the empty text: that has length 0.
        data = b""
        length = -1
        if value is not None:
            data = value if isinstance(value, bytes) else str(value).encode()
            length = len(data)
        total = zlib.crc32(data, zlib.crc32(b"%d:" % length, total))
    return total


@contextlib.contextmanager
def damaged_if_unreadable(what: str, key: object) -> Iterator[None]:
    """Whatever a row that is not as it was written makes its reader raise becomes ``Damaged``."""
    try:
        yield
    except _OtherError as error:
        raise Damaged(what, key, str(error)) from None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        # The error's own words could quote the row.
        raise Damaged(
            what, key, f"it cannot be read ({type(error).__name__})"
        ) from None


def verify(kept: int | None, values: Sequence[Any], what: str) -> None:
    """Hold a row against its checksum; use within ``damaged_if_unreadable``. One that has none yet passes."""
    if kept is not None and kept != checksum(values):
        raise _OtherError(f"{what} has another checksum")


class _OtherError(ValueError):
    pass


def unsealed(db: apsw.Connection) -> bool:
    """Whether rows of an older version are there that have no checksum yet."""
    return db.execute("SELECT 1 FROM meta WHERE key = 'sealed'").fetchone() is None


def seal(db: apsw.Connection) -> bool:
    """Within the caller's transaction, give a number of rows their checksums; whether any are left."""
    for table, (select, update) in _SEALING.items():
        rows: list[Any] = db.execute(select, (_ROWS,)).fetchall()
        if not rows:
            continue
        values: Iterable[Sequence[Any]] = [row[1:] for row in rows]
        if table == "passages":
            values = _passage_values(db, rows)
        sums = map(checksum, values)
        ids = [row[0] for row in rows]
        db.executemany(update, zip(sums, ids, strict=True))
        return True
    db.execute("INSERT OR IGNORE INTO meta VALUES ('sealed', '1')")
    return False


def _passage_values(
    db: apsw.Connection, rows: Sequence[Any]
) -> Iterator[Sequence[Any]]:
    """The values under the checksum of passages: their columns, and the text that stands in the document."""
    document, text = 0, ""
    for row in rows:
        if row[2] != document:
            document = row[2]
            held: Any = db.execute(
                "SELECT text FROM documents WHERE id = ?", (document,)
            ).fetchone()
            text = held[0] if held else ""
        start, end = row[3:5]
        yield *row[1:], text[start:end]


_SEALING: Final = {
    "documents": (
        "SELECT documents.id, documents.id, title, text, sources.sha256, map, byline, "
        "dateline, place, published, copies, layout, blocks "
        "FROM documents JOIN sources ON sources.id = source_id "
        "WHERE crc32 IS NULL LIMIT ?",
        "UPDATE documents SET crc32 = ? WHERE id = ?",
    ),
    "passages": (
        'SELECT id, id, document_id, start, "end", context FROM passages WHERE crc32 IS NULL LIMIT ?',
        "UPDATE passages SET crc32 = ? WHERE id = ?",
    ),
    "source_text": (
        "SELECT id, start, text FROM source_text WHERE crc32 IS NULL LIMIT ?",
        "UPDATE source_text SET crc32 = ? WHERE id = ?",
    ),
    "vectors": (
        "SELECT id, passage_id, vector FROM vectors WHERE crc32 IS NULL LIMIT ?",
        "UPDATE vectors SET crc32 = ? WHERE id = ?",
    ),
}
