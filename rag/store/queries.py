"""What every reader of the store stands on: running a query in any thread, and noting what is damaged."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from rag.errors import Damaged
from rag.store.connections import Connections

_log = logging.getLogger(__name__)


class Queries:
    """What every reader of the store asks it with, from any thread."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self.damaged: dict[str, str] = {}
        """What was found damaged so far, ``document 7``, and why. It is left out, and the rest goes on."""
        self.identity: str = self._all("SELECT value FROM meta WHERE key = 'identity'")[
            0
        ][0]
        """Names this store, so that an index of another is not taken for its own."""

    @property
    def read_only(self) -> bool:
        """Whether the folder can be read and not written."""
        return self._connections.read_only

    def note(self, damage: Damaged) -> None:
        """Remember that something is damaged, and tell of it once."""
        name = f"{damage.what} {damage.key}"
        if name not in self.damaged:
            self.damaged[name] = damage.why
            _log.error("%s", damage)

    @contextlib.contextmanager
    def _damage_is_of(self, what: str, key: object) -> Iterator[None]:
        """Name the thing that is being read where SQLite notices damage: ``document 7`` for ``chuchu.db``."""
        try:
            yield
        except Damaged as damage:
            raise Damaged(what, key, damage.why) from damage

    def _all(self, query: str, bindings: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._connections.read() as db:
            return db.execute(query, bindings).fetchall()

    def _one(self, query: str, bindings: tuple[Any, ...]) -> tuple[Any, ...] | None:
        rows = self._all(query, bindings)
        return rows[0] if rows else None
