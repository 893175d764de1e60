"""An OS lock on a data folder, and in it the address of the server that holds it.

    lock = FolderLock(home)              raises StoreLocked
    lock.announce("http://127.0.0.1:8000", key)
    server_of(home)                      elsewhere: Server("http://127.0.0.1:8000", key), or None

The file ``lock`` holds up to three lines: the process, its address, and a key that only who may read the data
folder knows. A lock that is let go of is empty; what a killed process left is told by the lock being free.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rag.errors import StoreError, StoreLocked

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_NAME: Final = "lock"
_MOST_BYTES: Final = 1000
_PATIENCE_SECONDS: Final = 0.2
"""A command that looks whether a server is there holds the lock for some microseconds."""
_LOCKED_BYTE: Final = 1 << 30
"""Windows locks bytes, not files, and nobody else may read those: one far behind what is written."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server of a data folder answers, and the key that it takes from its own machine."""

    url: str
    key: str


class FolderLock:
    """A lock on a folder, released by the system even when its holder is killed."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Take the lock; of a folder that can only be read, if there is one to take.

        Raises:
            StoreLocked: it is held; the message names the process.
            StoreError: it is no file.
        """
        path = folder / _NAME
        self._fd = -1
        try:
            self._fd = _open(path, os.O_RDONLY if read_only else os.O_RDWR | os.O_CREAT)
        except OSError as error:
            if read_only and not path.exists():
                return
            raise StoreError(
                f"{path}: got {error.strerror}, expected a file to lock"
            ) from error
        # Another command may be looking whether a server is there; it is done in a moment.
        waited_until = time.monotonic() + _PATIENCE_SECONDS
        while not _try_lock(self._fd):
            if time.monotonic() > waited_until:
                held = _in_use(folder, _lines(self._fd))
                os.close(self._fd)
                raise held
            time.sleep(_PATIENCE_SECONDS / 10)
        self._write(_this_process())

    def announce(self, url: str, key: str) -> None:
        """Say where this process answers. The file is readable by its owner alone."""
        self._write(f"{_this_process()}{url}\n{key}\n")

    def release(self) -> None:
        """Let go; harmless when called twice."""
        if self._fd >= 0:
            self._write("")
            _unlock(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _write(self, text: str) -> None:
        # What it says is a courtesy; on a full disk there is none.
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, 0)
            os.lseek(self._fd, 0, os.SEEK_SET)
            os.write(self._fd, text.encode())


def server_of(folder: Path) -> Server | None:
    """The server that holds a data folder; None when nobody holds it.

    Raises:
        StoreLocked: who holds it answers no questions. It is known before anything large is loaded.
    """
    path = folder / _NAME
    if not path.is_file():
        return None
    try:
        fd = _open(path, os.O_RDWR)
    except OSError:
        return None  # somebody else's folder: opening the library says what is wrong with it
    try:
        lines = _lines(fd)
        if not lines or _is_free(fd):
            return None
        # process 4711 | http://127.0.0.1:8000 | key; a command that is at work writes the first line alone.
        if len(lines) < 3:
            raise _in_use(folder, lines)
        return Server(lines[1], lines[2])
    finally:
        os.close(fd)


def _in_use(folder: Path, lines: list[str]) -> StoreLocked:
    holder = lines[0] if lines else "another process"
    return StoreLocked(f"{folder} is in use by {holder}; stop it, or set CHUCHU_HOME")


def _open(path: Path, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_CLOEXEC", 0), 0o600)


def _lines(fd: int) -> list[str]:
    os.lseek(fd, 0, os.SEEK_SET)
    return os.read(fd, _MOST_BYTES).decode(errors="replace").splitlines()


def _this_process() -> str:
    return f"process {os.getpid()}\n"


def _is_free(fd: int) -> bool:
    """Whether nobody holds the lock: it is taken for a moment to find out."""
    free = _try_lock(fd)
    if free:
        _unlock(fd)
    return free


if sys.platform == "win32":

    def _try_lock(fd: int) -> bool:
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(fd: int) -> None:
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        with contextlib.suppress(OSError):
            msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_UN)
