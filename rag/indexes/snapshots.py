"""An index that can be rebuilt from the store, with a checked snapshot of it on disk.

A snapshot is a data file and a manifest that names it, with the SHA-256 of each of its blocks, the number of
passages, what they were made with, and the ``seq`` and token of the last commit in it. The data is written
first, under a name of its own, then the manifest over the old one (each: temporary file, fsync, rename, fsync
of the folder): a process killed between the two leaves the old pair whole.

The token says that the snapshot is of this store's own past. A copy of the store that went its own way counts
its changes as this one does, but has other tokens.

What a snapshot holds must not outlive its document: before a deletion is acknowledged its passages are
overwritten in the data file, and quarantined files are removed. The file stays: when it is opened, the change
log says what came and went since. It is written anew only once that is a good share of it.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rag.indexes.snapshot_files import Manifest, Patch, Snapshots, Unusable
from rag.store.reader import StoreReader

_log = logging.getLogger(__name__)

_BATCH: Final = 8192
"""Passages applied at a time."""
COMPACTED_SHARE: Final = 10
"""A snapshot is written anew once more than one in so many of its passages came or went since."""
MOST_REPLAYED: Final = 5_000
"""Changes that are replayed at most when an index is opened: well under a second."""


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

        Raises StoreError: the folder is something else.
        """
        self._store = store
        self._made_with = f"{store.identity} {made_with}"
        self._snapshots = Snapshots(folder, self.name, read_only=store.read_only)
        self._following = threading.Lock()
        self._on_disk: Manifest | None = None
        self._pending = 0
        """Passages that came or went since the snapshot on the disk."""
        self._left_out = 0
        self.seq = 0
        if not self._restored():
            self.rebuild()

    def rebuild(self) -> None:
        """Build the index anew from the store, and save it."""
        with self._following:
            # Taken before: what comes while it is built is replayed, and known by its id.
            self.seq = self._store.seq()
            self._build()
            self._left_out = max(self._expected() - len(self), 0)
            self._on_disk = None
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
                self._scrub(removed)
            # A passage that came while the index was built is in it already.
            highest = self._highest()
            ids = [id_ for id_ in added if id_ > highest]
            for at in range(0, len(ids), _BATCH):
                self._fetch(ids[at : at + _BATCH])
            self._pending += len(added) + len(removed)
            self.seq = seq

    def save(self) -> None:
        """Write a snapshot unless the one on disk holds the same. On a full disk the index goes without."""
        with self._following:
            known = self._on_disk
            if self._store.read_only or (known is not None and known.seq == self.seq):
                return
            token = self._store.token_of(self.seq) or ""
            manifest = Manifest(
                "", (), len(self), self._left_out, self._made_with, self.seq, token
            )
            try:
                self._on_disk = self._snapshots.write(self._dump, manifest)
                self._pending = 0
            except Exception as error:
                # Each library has an error of its own for a disk without room.
                _log.warning(
                    "the %s index could not be saved (%s)",
                    self.name,
                    type(error).__name__,
                )

    @property
    def due(self) -> bool:
        """Whether so much came and went since the snapshot that it should be written anew."""
        if self._on_disk is None:
            return True
        return self._pending > min(len(self) // COMPACTED_SHARE, MOST_REPLAYED)

    def save_if_due(self) -> None:
        """Write a snapshot unless the one on disk is nearly as good: opening replays what it lacks."""
        if self.due:
            self.save()

    def _scrub(self, ids: Sequence[int]) -> None:
        """Overwrite passages in the files on the disk; where that fails, there is no file any more."""
        self._snapshots.drop_quarantined()
        if self._on_disk is None or self._store.read_only:
            self._snapshots.drop()
            return
        try:
            patches = self._patches(self._snapshots.data(self._on_disk), ids)
            if patches:
                self._on_disk = self._snapshots.overwrite(self._on_disk, patches)
        except (OSError, ValueError) as error:
            _log.warning(
                "the snapshot of the %s index is given up (%s)",
                self.name,
                type(error).__name__,
            )
            self._snapshots.drop()
            self._on_disk = None

    def _restored(self) -> bool:
        """Load the snapshot and replay; False when it has to be rebuilt."""
        try:
            manifest = self._snapshots.verified()
        except Unusable as error:
            if error.seq is not None and self._store.deleted_since(error.seq):
                # Overwriting what was deleted was cut short: it may still be in it.
                self._snapshots.drop()
            else:
                self._snapshots.quarantine(str(error))
            return False
        if manifest is None:
            return False
        ours = manifest.made_with == self._made_with
        if not ours or manifest.token != self._store.token_of(manifest.seq):
            _log.warning(
                "the snapshot of the %s index is of another store, model or past",
                self.name,
            )
            return False
        if (why := self._unloadable(manifest)) is not None:
            self._snapshots.quarantine(why)
            return False
        self._on_disk, self._left_out = manifest, manifest.left_out
        self.seq = manifest.seq
        self.catch_up()
        held, expected = len(self) + self._left_out, self._expected()
        if held != expected:
            _log.warning(
                "the %s index holds %d passages, expected %d", self.name, held, expected
            )
            return False
        self.save_if_due()
        return True

    def _unloadable(self, manifest: Manifest) -> str | None:
        """Load a data file; why that failed, if it did."""
        try:
            self._load(self._snapshots.data(manifest))
        except Exception as error:
            # Any failure of a parser means the same: not this file.
            return f"cannot be loaded ({type(error).__name__})"
        if len(self) != manifest.count:
            return f"holds {len(self)} passages, expected {manifest.count}"
        return None

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

    @abstractmethod
    def _patches(self, path: Path, ids: Sequence[int]) -> list[Patch]:
        """What overwrites these passages in a file that ``_dump`` wrote; nothing where that is done already.

        The file must load as before, with the same number of passages, whatever stands for these.
        """
