"""What Windows and macOS need, as far as it can be told from here; nobody has run Chuchu on Windows yet."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READS_KEYS = "eval/draft_terminal.py"
"""Reads keys one by one, as Unix has it; imported only where that is asked for."""
OF_ONE_SYSTEM = {
    "fcntl",
    "grp",
    "msvcrt",
    "posix",
    "pwd",
    "readline",
    "resource",
    "termios",
    "tty",
    "winreg",
}

ON_WINDOWS = """
import sys, types
from pathlib import Path
import contextlib, dataclasses, os, time, typing
import rag.errors

held = set()

def locking(fd, mode, count):
    # Windows refuses a byte that another handle has locked, and the handles here are file descriptors.
    assert os.lseek(fd, 0, os.SEEK_CUR) == 1 << 30 and count == 1
    if mode == fake.LK_UNLCK:
        held.discard(fd)
    elif held - {fd}:
        raise OSError("locked")
    else:
        held.add(fd)

fake = types.ModuleType("msvcrt")
fake.LK_NBLCK, fake.LK_UNLCK, fake.locking = 2, 0, locking
sys.modules["msvcrt"], sys.modules["fcntl"] = fake, None
sys.platform = "win32"
from rag.home.lock import FolderLock, Server, server_of

home = Path(sys.argv[1])
lock = FolderLock(home)
lock.announce("http://127.0.0.1:1", "key")
assert server_of(home) == Server("http://127.0.0.1:1", "key")
try:
    FolderLock(home)
except rag.errors.StoreLocked as error:
    assert "in use by process" in str(error)
else:
    raise AssertionError("two hold it")
lock.release()
assert server_of(home) is None
FolderLock(home).release()
"""


def unguarded(path: Path) -> Iterator[str]:
    """The modules of one system that are imported wherever a module is: outside of any ``if`` or function."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (
                alias.name for alias in node.names if alias.name in OF_ONE_SYSTEM
            )
        elif isinstance(node, ast.ImportFrom) and node.module in OF_ONE_SYSTEM:
            yield node.module


def test_no_module_needs_one_system() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in ("rag", "api", "models", "eval")
        for path in (ROOT / package).rglob("*.py")
        if str(path.relative_to(ROOT)) != READS_KEYS
        for name in unguarded(path)
    ]
    assert wrong == []


def test_the_lock_of_windows_is_a_lock(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ON_WINDOWS, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
