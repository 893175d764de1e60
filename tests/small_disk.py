"""A disk of a few megabytes: SQLite writes through a VFS that has no more room than that."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import apsw
import pytest

from rag.store.scrubbing import VFS_NAME

MEGABYTE = 2**20
_NAME = "small-disk"


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


class SmallDisk:
    """The disk of one folder. ``filler`` bytes of it belong to somebody else."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size, self.filler = folder, size, 0

    @property
    def free(self) -> int:
        used = sum(
            path.stat().st_size for path in self.folder.rglob("*") if path.is_file()
        )
        return max(self.size - used - self.filler, 0)

    def fill(self) -> None:
        """Somebody else takes all that is left."""
        self.filler += self.free

    def reserve(self, descriptor: int, size: int) -> None:
        if size - os.fstat(descriptor).st_size > self.free:
            raise OSError(errno.ENOSPC, "no room")
        os.ftruncate(descriptor, size)

    def usage(self, _: Path) -> _Usage:
        return _Usage(self.size, self.size - self.free, self.free)


class _SmallFile(apsw.VFSFile):
    disk: SmallDisk

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if offset + len(data) - self.xFileSize() > self.disk.free:
            raise apsw.FullError
        super().xWrite(data, offset)


class _SmallVFS(apsw.VFS):
    def __init__(self) -> None:
        super().__init__(_NAME, VFS_NAME)

    def xOpen(  # noqa: N802
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> apsw.VFSFile:
        return _SmallFile(VFS_NAME, name, flags)


@contextmanager
def small_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch, size: int = 8 * MEGABYTE
) -> Iterator[SmallDisk]:
    """From here on the writer of a store in ``folder`` has ``size`` bytes."""
    disk = SmallDisk(folder, size)
    registered = _SmallVFS()
    _SmallFile.disk = disk
    monkeypatch.setattr("rag.store.schema.VFS_NAME", _NAME)
    monkeypatch.setattr("rag.home.space.shutil.disk_usage", disk.usage)
    for module in ("rag.home.space", "rag.store.connections"):
        monkeypatch.setattr(f"{module}.reserve", disk.reserve)
    yield disk
    del registered
