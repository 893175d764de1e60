"""What a data folder must be before a store in it is opened."""

from __future__ import annotations

import os
from pathlib import Path

from rag.errors import StoreError


def writable(home: Path) -> bool:
    """Whether we may write a folder and the files of a store in it."""
    # As root of a container, or under setuid, it is the effective user that will write.
    effective = os.access in os.supports_effective_ids
    present = [home]
    present += filter(Path.exists, (home / "chuchu.db", home / "lock"))
    return all(os.access(path, os.W_OK, effective_ids=effective) for path in present)


def check_not_lost(home: Path) -> None:
    """Raise StoreError when the store is missing and what was made of it is there.

    A new empty store in its place would look as if all documents had been deleted, and lose what is left.
    """
    path = home / "chuchu.db"
    if path.is_dir():
        raise StoreError(f"{path}: got a folder, expected the file of the store")
    if path.is_file() and path.stat().st_size:
        return
    log = path.with_name(path.name + "-wal")
    manifests = list(home.glob("indexes/*.json"))
    has_log = log.is_file() and log.stat().st_size > 0
    if not manifests and not has_log:
        return
    state = "empty" if path.is_file() else "missing"
    witness = manifests[0] if manifests else log
    remove = log if has_log else home / "indexes"
    raise StoreError(
        f"{path} is {state}, but {witness} says there was a store: "
        f"put it back from a copy, or remove {remove} to begin anew"
    )
