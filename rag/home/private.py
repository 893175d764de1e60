"""What is kept is its owner's alone: folders of mode 0700, files of mode 0600."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

FOLDER: Final = 0o700
FILE: Final = 0o600


def write_private(path: Path) -> BinaryIO:
    """A new file that nobody else may read, opened for writing."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE)
    # An umask may have taken bits, and a file that was there keeps its own.
    os.fchmod(descriptor, FILE)
    return os.fdopen(descriptor, "wb")


def make_private(folder: Path) -> None:
    """Make a folder that nobody else may enter. Raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(FOLDER)
        return
    if not folder.is_dir():
        raise NotADirectoryError(20, "it is not a folder", str(folder))


def close_to_others(home: Path) -> None:
    """Take from others what an older version, or a copy, gave them in a data folder.

    A folder that everybody uses, as ``/tmp``, is left as it is, and so is what belongs to somebody else.
    """
    # The sticky bit marks a folder like /tmp.
    if home.stat().st_mode & stat.S_ISVTX:
        return
    _narrow(home, FOLDER)
    files = [home / "lock", *home.glob("chuchu.db*"), *home.glob("indexes/*")]
    for path in files:
        if path.is_file() and not path.is_symlink():
            _narrow(path, FILE)
    if (home / "indexes").is_dir():
        _narrow(home / "indexes", FOLDER)


def _narrow(path: Path, mode: int) -> None:
    # 0644 & ~0600 = 0044: others may read it.
    if stat.S_IMODE(path.stat().st_mode) & ~mode:
        with contextlib.suppress(PermissionError):
            path.chmod(mode)
