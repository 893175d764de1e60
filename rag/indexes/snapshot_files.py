"""The files of an index: a data file, the manifest that names it with its hashes, and what turned out bad.

The data is written first, under a name of its own, then the manifest over the old one (each: temporary file,
fsync, rename, fsync of the folder): a process killed between the two leaves the old pair whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Final, Self

from rag.errors import StoreError
from rag.home.private import FILE, FOLDER

_log = logging.getLogger(__name__)

_BLOCK: Final = 2**18
"""Bytes under one SHA-256: overwriting a passage costs the hash of the blocks that it lies in."""

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
        known = {field.name for field in fields(cls)}
        if not isinstance(found, dict) or found.keys() != known:
            raise ValueError("it has other keys than a manifest")
        for key in ("count", "left_out", "seq"):
            if type(found[key]) is not int:
                raise ValueError(f"{key} is no whole number")
        for key in ("file", "made_with", "token"):
            if not isinstance(found[key], str):
                raise ValueError(f"{key} is no text")
        blocks = found["sha256"]
        if not isinstance(blocks, list):
            raise ValueError("sha256 is no list of texts")
        if not all(isinstance(each, str) for each in blocks):
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
            raise StoreError(
                f"{folder}: got {error.strerror}, expected a folder for the indexes"
            ) from error
        self._remove(folder.glob(f"{name}*.tmp"))

    def write(self, dump: Callable[[Path], None], manifest: Manifest) -> Manifest:
        """Replace the snapshot by what ``dump(path)`` writes; the manifest with file and hashes.

        Raises OSError, or whatever ``dump`` raises on a full disk: the old snapshot is left then.
        """
        data = self._folder / f"{self._name}-{manifest.seq}-{secrets.token_hex(4)}.bin"
        _write_whole(data, dump)
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
                # 1,536 bytes at 262,000 lie in the blocks 0 and 1.
                first = offset // _BLOCK
                last = (offset + len(data) - 1) // _BLOCK
                touched.update(range(first, last + 1))
            os.fsync(file.fileno())
            for number in touched:
                block = os.pread(file.fileno(), _BLOCK, number * _BLOCK)
                hashes[number] = hashlib.sha256(block).hexdigest()
        manifest = replace(manifest, sha256=tuple(hashes))
        self._write_manifest(manifest)
        return manifest

    def quarantine(self, why: str) -> None:
        """Keep a bad snapshot as ``.corrupt-<time>``, for a person to look at."""
        _log.warning(
            "the snapshot of the %s index %s; rebuilding it from the store",
            self._name,
            why,
        )
        if self._read_only:
            return
        stamp = f"{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(2)}"
        for path in (self._manifest, *self._data_files()):
            with contextlib.suppress(FileNotFoundError):
                path.replace(path.with_name(f"{path.name}.corrupt-{stamp}"))
        _flush_folder(self._folder)

    def drop(self) -> None:
        """Remove the snapshot and the quarantined ones: they hold what has just been deleted."""
        self._remove([self._manifest, *self._data_files()])
        self.drop_quarantined()

    def drop_quarantined(self) -> None:
        self._remove(self._folder.glob(f"{self._name}*.corrupt-*"))

    def _write_manifest(self, manifest: Manifest) -> None:
        _write_whole(
            self._manifest,
            lambda path: _write_text(path, json.dumps(asdict(manifest), indent=1)),
        )

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
            _flush_folder(self._folder)


def _write_whole(path: Path, dump: Callable[[Path], None]) -> None:
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
    _flush_folder(path.parent)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _is_older(manifest: bytes) -> bool:
    """Whether a version before tokens wrote it: nothing is wrong with it, but it cannot be checked."""
    before = {"file", "sha256", "count", "made_with", "seq"}
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(manifest)
        return isinstance(found, dict) and found.keys() == before
    return False


def _hashes(path: Path) -> tuple[str, ...]:
    """The SHA-256 of each block, in hex."""
    found: list[str] = []
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.append(hashlib.sha256(block).hexdigest())
    return tuple(found)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # where a folder cannot be opened, and need not be
        return
    # Without this a power cut can undo the rename, though the file itself is on the disk.
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
