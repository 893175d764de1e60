"""An index that can be rebuilt from the store, with a checked snapshot of it on disk.

A snapshot is a data file and a manifest that names it, with its SHA-256, the number of passages, what they
were made with, and the ``seq`` of the last change in it. The data is written first, under a name of its own,
then the manifest over the old one (each: temporary file, fsync, rename, fsync of the folder): a process
killed between the two leaves the old pair whole.

What a snapshot holds must not outlive its document: before a deletion is acknowledged the files are
removed, quarantined ones too, and written anew by the next ``save()``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rag.store_reader import StoreReader

_log = logging.getLogger(__name__)

_BATCH: Final = 8192
"""Passages applied at a time."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is. ``made_with`` names the store and the encoder or analyser."""

    file: str
    sha256: str
    count: int
    made_with: str
    seq: int


class Snapshots:
    """The one snapshot of an index in a folder, and those that turned out bad."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = name
        self._manifest = folder / f"{name}.json"
        for leftover in folder.glob(f"{name}*.tmp"):
            leftover.unlink()

    def write(self, dump: Callable[[Path], None], count: int, made_with: str, seq: int) -> None:
        """Replace the snapshot by what ``dump(path)`` writes."""
        data = self._folder / f"{self._name}-{seq}-{secrets.token_hex(4)}.bin"
        sha256 = _put(data, dump)
        manifest = Manifest(data.name, sha256, count, made_with, seq)
        _put(self._manifest, lambda path: _write_text(path, json.dumps(asdict(manifest), indent=1)))
        self._remove(path for path in self._data_files() if path != data)

    def verified(self) -> tuple[Manifest, Path] | None:
        """The manifest and the data file if they are there and whole; what is broken is quarantined."""
        if not self._manifest.exists():
            self._remove(self._data_files())
            return None
        try:
            manifest = Manifest(**json.loads(self._manifest.read_bytes()))
            data = self._folder / Path(manifest.file).name
            if _sha256(data) == manifest.sha256:
                self._remove(path for path in self._data_files() if path != data)
                return manifest, data
            why = "does not have the SHA-256 of its manifest"
        except (OSError, ValueError, TypeError) as error:
            why = f"cannot be read: {error}"
        self.quarantine(why)
        return None

    def quarantine(self, why: str) -> None:
        """Keep a bad snapshot as ``.corrupt-<time>``, for a person to look at."""
        _log.warning("the snapshot of the %s index %s; rebuilding it from the store", self._name, why)
        stamp = time.strftime("%Y%m%dT%H%M%S")
        for path in (self._manifest, *self._data_files()):
            with contextlib.suppress(FileNotFoundError):
                path.replace(path.with_name(f"{path.name}.corrupt-{stamp}"))
        _sync_folder(self._folder)

    def drop(self) -> None:
        """Remove the snapshot and the quarantined ones: they hold what has just been deleted."""
        self._remove([self._manifest, *self._data_files(), *self._folder.glob(f"{self._name}*.corrupt-*")])

    def _data_files(self) -> list[Path]:
        return list(self._folder.glob(f"{self._name}-*.bin"))

    def _remove(self, paths: Iterable[Path]) -> None:
        gone = False
        for path in paths:
            path.unlink(missing_ok=True)
            gone = True
        if gone:
            _sync_folder(self._folder)


class CachedIndex(ABC):
    """What both indexes share: opening, following the store, and saving.

    ``seq`` is the last change of the store that the index holds. Searches may run in any thread, also while
    one of the other verbs is at work.
    """

    name: str
    """Of its snapshot; set before ``__init__`` runs."""

    def __init__(self, store: StoreReader, folder: Path, made_with: str) -> None:
        """Open the index: from its snapshot and the changes since, or from the store when it has to be.

        Args:
            folder: where the snapshot lives.
            made_with: names the encoder or analyser; a snapshot of another is not used.
        """
        self._store = store
        self._made_with = f"{store.identity} {made_with}"
        self._snapshots = Snapshots(folder, self.name)
        self._following = threading.Lock()
        self._saved: int | None = None
        self.seq = 0
        if not self._restored():
            self.rebuild()

    def rebuild(self) -> None:
        """Build the index anew from the store, and save it."""
        with self._following:
            self.seq = self._store.seq()
            self._build()
            self._saved = None
        self.save()

    def catch_up(self) -> None:
        """Apply the changes of the store since ``seq``. Call after each ``add`` and ``delete_document``.

        When it returns, searches see them, and a deleted passage is in no file of the index.
        """
        with self._following:
            added: dict[int, None] = {}
            removed: list[int] = []
            seq = self.seq
            for change in self._store.changes(self.seq):
                if change.kind == "add":
                    added[change.passage_id] = None
                else:
                    added.pop(change.passage_id, None)
                    removed.append(change.passage_id)
                seq = change.seq
            if removed:
                self.remove(removed)
                self._snapshots.drop()
                self._saved = None
            highest = self._highest()  # a passage that came while the index was built is in it already
            ids = [id_ for id_ in added if id_ > highest]
            for at in range(0, len(ids), _BATCH):
                self._fetch(ids[at : at + _BATCH])
            self.seq = seq

    def save(self) -> None:
        """Write a snapshot unless the one on disk holds the same."""
        with self._following:
            if self._saved != self.seq:
                self._snapshots.write(self._dump, len(self), self._made_with, self.seq)
                self._saved = self.seq

    def _restored(self) -> bool:
        """Load the snapshot and replay; False when it has to be rebuilt."""
        found = self._snapshots.verified()
        if found is None:
            return False
        manifest, path = found
        if manifest.made_with != self._made_with or manifest.seq > self._store.seq():
            _log.info("the snapshot of the %s index is of another store or model; rebuilding it", self.name)
            return False
        try:
            self._load(path)
        except Exception as error:  # any failure of a parser means the same: not this file
            self._snapshots.quarantine(f"cannot be loaded: {error}")
            return False
        if len(self) != manifest.count:
            self._snapshots.quarantine(f"holds {len(self)} passages, expected {manifest.count}")
            return False
        self.seq = self._saved = manifest.seq
        self.catch_up()
        held, expected = len(self), self._expected()
        if held != expected:
            _log.warning("the %s index holds %d passages, expected %d", self.name, held, expected)
            return False
        self.save()
        return True

    @abstractmethod
    def __len__(self) -> int:
        """The number of passages in it."""

    @abstractmethod
    def remove(self, ids: Sequence[int]) -> None:
        """Take passages out; those that are not in it are passed over."""

    @abstractmethod
    def _highest(self) -> int:
        """The highest passage id in it; 0 when empty."""

    @abstractmethod
    def _expected(self) -> int:
        """The number of passages that the store has for it."""

    @abstractmethod
    def _build(self) -> None:
        """Replace the contents by those of the store."""

    @abstractmethod
    def _fetch(self, ids: Sequence[int]) -> None:
        """Add these passages from the store."""

    @abstractmethod
    def _dump(self, path: Path) -> None:
        """Write the contents to a file."""

    @abstractmethod
    def _load(self, path: Path) -> None:
        """Replace the contents by those of a file."""


def _put(path: Path, dump: Callable[[Path], None]) -> str:
    """Write a file so that it is there whole or not at all; return its SHA-256."""
    temporary = path.with_name(path.name + ".tmp")
    dump(temporary)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    temporary.replace(path)
    _sync_folder(path.parent)
    return sha256


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
