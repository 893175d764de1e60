"""What can be read of the store about files as they were given, and about what came last."""

from __future__ import annotations

from typing import Any

from rag.connections import Connections
from rag.errors import NotFound
from rag.records import Document
from rag.rows import DOCUMENT_COLUMNS, document_of


class StoredFiles:
    """The part of ``StoreReader`` that a person who looks at a file asks for."""

    _connections: Connections

    def source_kind(self, sha256: str) -> tuple[str, str]:
        """``(media_type, encoding)`` of a source, without its bytes. Raises NotFound."""
        media_type, encoding = self._of_source(sha256, "media_type, encoding")
        return str(media_type), str(encoding)

    def source_data(self, sha256: str) -> bytes:
        """The bytes of a source as they were given. Raises NotFound."""
        (data,) = self._of_source(sha256, "data")
        return bytes(data)

    def newest(self, limit: int) -> list[Document]:
        """The documents that were taken in last, newest first."""
        query = (
            f"SELECT {DOCUMENT_COLUMNS} FROM documents JOIN sources ON sources.id = source_id "  # noqa: S608
            "ORDER BY documents.id DESC LIMIT ?"
        )
        with self._connections.read() as db:
            return [document_of(row) for row in db.execute(query, (limit,)).fetchall()]

    def _of_source(self, sha256: str, columns: str) -> tuple[Any, ...]:
        query = f"SELECT {columns} FROM sources WHERE sha256 = ?"  # noqa: S608
        with self._connections.read() as db:
            row = db.execute(query, (sha256,)).fetchone()
        if row is None:
            raise NotFound("source", sha256)
        return tuple(row)
