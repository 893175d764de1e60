"""Room on the disk of the data folder, some of it held back so that a full disk can still be emptied.

A deletion writes before it frees: SQLite logs each page that it overwrites. ``Spare`` is a file of zeros
that is given up for that and taken again afterwards. Adding never touches it.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Final

from rag.home.private import write_private

SPARE_BYTES: Final = 8 * 2**20
"""Enough to delete a document of some 2 MB: its bytes, text and vectors are each logged once."""
SPARE_SHARE: Final = 32
"""On a small disk the spare is one part in so many of it: 2 MB of 64."""
LEAST_SPARE: Final = 2**18
LEAST_FREE: Final = 2**20
"""Below this the disk counts as full: not even a short document is sure to fit."""

NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Spare:
    """The spare of one folder. Methods are called by one writer at a time."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "spare"

    @property
    def held(self) -> int:
        """Bytes that are held back now."""
        return self._path.stat().st_size if self._path.is_file() else 0

    def release(self) -> bool:
        """Give the room up; whether there was any."""
        held = self.held > 0
        if held:
            self._path.unlink()
        return held

    def fill(self) -> None:
        """Hold back as much as there is, up to the size that is wanted."""
        total = shutil.disk_usage(self._path.parent).total
        wanted = min(SPARE_BYTES, total // SPARE_SHARE)
        if self.held >= wanted:
            return
        self.release()
        # 8 MB, 4, 2, … down to a quarter: what there is room for is better than nothing.
        while wanted >= LEAST_SPARE:
            try:
                with write_private(self._path) as file:
                    reserve(file.fileno(), wanted)
                return
            except OSError:  # full, or a file system that cannot do it
                self._path.unlink(missing_ok=True)
                wanted //= 2


def reserve(descriptor: int, size: int) -> None:
    """Let an open file have so many bytes, zeros beyond what it holds. Raises OSError."""
    os.posix_fallocate(descriptor, 0, size)


def free_bytes(folder: Path) -> int:
    """What anyone may still write to the folder's disk."""
    return shutil.disk_usage(folder).free
