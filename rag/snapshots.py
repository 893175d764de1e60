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

import contextlib
import hashlib
import json
import logging
import os
import secrets
import shutil
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import ClassVar, Final, Self

from rag.errors import StoreError
from rag.private import FILE, FOLDER
from rag.store_reader import StoreReader

_log = logging.getLogger(__name__)

_BATCH: Final = 8192
"""Passages applied at a time."""
_BLOCK: Final = 2**18
"""Bytes under one SHA-256: overwriting a passage costs the hash of the blocks that it lies in."""
COMPACTED_SHARE: Final = 10
"""A snapshot is written anew once more than one in so many of its passages came or went since."""
MOST_REPLAYED: Final = 5_000
"""Changes that are replayed at most when an index is opened: well under a second."""

Patch = tuple[int, bytes]
"""Bytes to be written at an offset of a file."""


class Unusable(Exception):
    """A snapshot that is there and cannot be used; ``seq`` is that of its manifest if it can be read."""

    def __init__(self, why: str, seq: int | None = None) -> None:
        super().__init__(why)
        self.seq = seq


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is. ``made_with`` names the store and the encoder or analyser.

    ``count`` passages are in it, ``left_out`` were in the store then and damaged.
    """

    file: str
    sha256: tuple[str, ...]
    count: int
    left_out: int
    made_with: str
    seq: int
    token: str

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Raises ValueError, naming the key."""
        try:
            found = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise ValueError("it is not JSON") from error
        if not isinstance(found, dict) or found.keys() != {field.name for field in fields(cls)}:
            raise ValueError("it has other keys than a manifest")
        for key in ("count", "left_out", "seq"):
            if type(found[key]) is not int:
                raise ValueError(f"{key} is no whole number")
        for key in ("file", "made_with", "token"):
            if not isinstance(found[key], str):
                raise ValueError(f"{key} is no text")
        blocks = found["sha256"]
        if not isinstance(blocks, list) or not all(isinstance(each, str) for each in blocks):
            raise ValueError("sha256 is no list of texts")
        return cls(**found | {"sha256": tuple(blocks)})


class Snapshots:
    """The one snapshot of an index in a folder, and those that turned out bad.

    Args:
        read_only: nothing is written or removed.
    """

    def __init__(self, folder: Path, name: str, *, read_only: bool = False) -> None:
        self._folder = folder
        self._name = name
        self._manifest = folder / f"{name}.json"
        self._read_only = read_only
        if read_only:
            return
        try:
            folder.mkdir(FOLDER, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{folder}: got {error.strerror}, expected a folder for the indexes") from error
        self._remove(folder.glob(f"{name}*.tmp"))

    def write(self, dump: Callable[[Path], None], manifest: Manifest) -> Manifest:
        """Replace the snapshot by what ``dump(path)`` writes; the manifest with file and hashes.

        Raises OSError, or whatever ``dump`` raises on a full disk: the old snapshot is left then.
        """
        data = self._folder / f"{self._name}-{manifest.seq}-{secrets.token_hex(4)}.bin"
        _put(data, dump)
        manifest = replace(manifest, file=data.name, sha256=_hashes(data))
        self._write_manifest(manifest)
        self._remove(path for path in self._data_files() if path != data)
        return manifest

    def verified(self) -> Manifest | None:
        """The manifest if it is there and its data file is whole. Raises Unusable."""
        if not self._manifest.exists():
            self._remove(self._data_files())
            return None
        seq = None
        try:
            found = self._manifest.read_bytes()
            if _is_older(found):
                return None
            manifest = Manifest.read(found)
            seq = manifest.seq
            data = self.data(manifest)
            if _hashes(data) != manifest.sha256:
                raise Unusable("does not have the SHA-256 of its manifest", seq)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise Unusable(f"cannot be read: {why}", seq) from error
        self._remove(path for path in self._data_files() if path != data)
        return manifest

    def data(self, manifest: Manifest) -> Path:
        """The file that a manifest names."""
        return self._folder / Path(manifest.file).name

    def overwrite(self, manifest: Manifest, patches: Sequence[Patch]) -> Manifest:
        """Write over parts of the data file, in place; the manifest with the new hashes. Raises OSError.

        A process killed in the midst leaves a file that does not match: it is removed and built anew.
        """
        path = self.data(manifest)
        touched: set[int] = set()
        hashes = list(manifest.sha256)
        with path.open("rb+") as file:
            for offset, data in patches:
                os.pwrite(file.fileno(), data, offset)
                touched.update(range(offset // _BLOCK, (offset + len(data) - 1) // _BLOCK + 1))
            os.fsync(file.fileno())
            for number in touched:
                block = os.pread(file.fileno(), _BLOCK, number * _BLOCK)
                hashes[number] = hashlib.sha256(block).hexdigest()
        manifest = replace(manifest, sha256=tuple(hashes))
        self._write_manifest(manifest)
        return manifest

    def quarantine(self, why: str) -> None:
        """Keep a bad snapshot as ``.corrupt-<time>``, for a person to look at."""
        _log.warning("the snapshot of the %s index %s; rebuilding it from the store", self._name, why)
        if self._read_only:
            return
        stamp = f"{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(2)}"
        for path in (self._manifest, *self._data_files()):
            with contextlib.suppress(FileNotFoundError):
                path.replace(path.with_name(f"{path.name}.corrupt-{stamp}"))
        _sync_folder(self._folder)

    def drop(self) -> None:
        """Remove the snapshot and the quarantined ones: they hold what has just been deleted."""
        self._remove([self._manifest, *self._data_files()])
        self.drop_quarantined()

    def drop_quarantined(self) -> None:
        self._remove(self._folder.glob(f"{self._name}*.corrupt-*"))

    def _write_manifest(self, manifest: Manifest) -> None:
        _put(self._manifest, lambda path: _write_text(path, json.dumps(asdict(manifest), indent=1)))

    def _data_files(self) -> list[Path]:
        return list(self._folder.glob(f"{self._name}-*.bin"))

    def _remove(self, paths: Iterable[Path]) -> None:
        gone = False
        for path in () if self._read_only else paths:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            gone = True
        if gone:
            _sync_folder(self._folder)


class CachedIndex(ABC):
    """What both indexes share: opening, following the store, and saving.

    ``seq`` is the last change of the store that the index holds. Searches may run in any thread, also while
    one of the other verbs is at work.
    """

    name: ClassVar[str]

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
            highest = self._highest()  # a passage that came while the index was built is in it already
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
            manifest = Manifest("", (), len(self), self._left_out, self._made_with, self.seq, token)
            try:
                self._on_disk = self._snapshots.write(self._dump, manifest)
                self._pending = 0
            except Exception as error:  # each library has its own for a disk without room
                _log.warning("the %s index could not be saved (%s)", self.name, type(error).__name__)

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
            _log.warning("the snapshot of the %s index is given up (%s)", self.name, type(error).__name__)
            self._snapshots.drop()
            self._on_disk = None

    def _restored(self) -> bool:
        """Load the snapshot and replay; False when it has to be rebuilt."""
        try:
            manifest = self._snapshots.verified()
        except Unusable as error:
            if error.seq is not None and self._store.deleted_since(error.seq):
                self._snapshots.drop()  # overwriting what was deleted was cut short: it may still be in it
            else:
                self._snapshots.quarantine(str(error))
            return False
        if manifest is None:
            return False
        ours = manifest.made_with == self._made_with
        if not ours or manifest.token != self._store.token_of(manifest.seq):
            _log.warning("the snapshot of the %s index is of another store, model or past", self.name)
            return False
        if (why := self._unloadable(manifest)) is not None:
            self._snapshots.quarantine(why)
            return False
        self._on_disk, self._left_out = manifest, manifest.left_out
        self.seq = manifest.seq
        self.catch_up()
        held, expected = len(self) + self._left_out, self._expected()
        if held != expected:
            _log.warning("the %s index holds %d passages, expected %d", self.name, held, expected)
            return False
        self.save_if_due()
        return True

    def _unloadable(self, manifest: Manifest) -> str | None:
        """Load a data file; why that failed, if it did."""
        try:
            self._load(self._snapshots.data(manifest))
        except Exception as error:  # any failure of a parser means the same: not this file
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


def _put(path: Path, dump: Callable[[Path], None]) -> None:
    """Write a file so that it is there whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        dump(temporary)
        temporary.chmod(FILE)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _is_older(manifest: bytes) -> bool:
    """Whether a version before tokens wrote it: nothing is wrong with it, but it cannot be checked."""
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(manifest)
        return isinstance(found, dict) and found.keys() == {"file", "sha256", "count", "made_with", "seq"}
    return False


def _hashes(path: Path) -> tuple[str, ...]:
    """The SHA-256 of each block, in hex."""
    found: list[str] = []
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.append(hashlib.sha256(block).hexdigest())
    return tuple(found)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
