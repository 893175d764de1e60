"""What a data folder must be before a store in it is opened."""

from __future__ import annotations

import os
from pathlib import Path

from rag.errors import StoreError


def writable(home: Path) -> bool:
    """Whether we may write a folder and the files of a store in it."""
    effective = os.access in os.supports_effective_ids
    files = (
        home,
        *(path for path in (home / "chuchu.db", home / "lock") if path.exists()),
    )
    return all(os.access(path, os.W_OK, effective_ids=effective) for path in files)


def expect_no_loss(home: Path) -> None:
    """Raise StoreError when the store is missing and what was made of it is there.

    A new empty store in its place would look as if all documents had been deleted, and lose what is left.
    """
    path = home / "chuchu.db"
    if path.is_dir():
        raise StoreError(f"{path}: got a folder, expected the file of the store")
    if path.is_file() and path.stat().st_size:
        return
    log = path.with_name(path.name + "-wal")
    left = [
        *home.glob("indexes/*.json"),
        *([log] if log.is_file() and log.stat().st_size else []),
    ]
    if left:
        raise StoreError(
            f"{path} is {'empty' if path.is_file() else 'missing'}, but {left[0]} says there was a store: "
            f"put it back from a copy, or remove {left[0].parent if log not in left else log} to begin anew"
        )
