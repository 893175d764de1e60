"""Which files of a data folder are Chuchu's own, so that a folder around it can be taken in without them.

CHUCHU_HOME=notes/.data          notes/.data/lock holds the key of the server that runs
is_own_file(home, path)          True for it: it must never become a document
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rag.settings import KEPT_ANSWERS

_NAMES: Final = frozenset({"lock", "spare", "indexes", KEPT_ANSWERS})
_STORE: Final = "chuchu.db"
"""SQLite puts its log and the index of it beside the store: ``chuchu.db-wal``, ``chuchu.db-shm``."""


def is_own_file(home: Path, path: Path) -> bool:
    """Whether a file is one that a data folder is made of; what a person keeps beside them is theirs."""
    try:
        inside = path.resolve().relative_to(home.resolve())
    except (ValueError, OSError, RuntimeError):  # elsewhere, or a loop of links
        return False
    if not inside.parts:
        return False
    first = inside.parts[0]
    return first in _NAMES or first.startswith(_STORE)
