"""The lock on a data folder: one process holds it, and others read in it where that process answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import StoreLocked
from rag.home.lock import FolderLock, Server, server_of
from rag.library import Library
from rag.settings import Settings

HERE = Server("http://127.0.0.1:8000", "a key")
HOLD = """
import sys
from pathlib import Path
from rag.home.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.announce("http://127.0.0.1:8000", "a key")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_folder_that_nobody_holds_has_no_server(tmp_path: Path) -> None:
    assert server_of(tmp_path / "nowhere") is None
    assert server_of(tmp_path) is None
    FolderLock(tmp_path).release()
    assert server_of(tmp_path) is None


def test_only_who_serves_is_found(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(StoreLocked, match=r"in use by process \d+"):
        server_of(tmp_path)
    lock.announce(HERE.url, HERE.key)
    assert server_of(tmp_path) == HERE
    lock.release()
    assert server_of(tmp_path) is None


def test_a_held_folder_says_by_whom(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(StoreLocked, match=r"in use by process \d+; stop it"):
        FolderLock(tmp_path)
    lock.release()
    lock.release()
    FolderLock(tmp_path).release()


def test_a_held_folder_is_known_before_a_model_is_looked_for(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(StoreLocked):
        Library.open(Settings(home=tmp_path, encoder=str(tmp_path / "no such model")))
    lock.release()


def test_only_its_owner_may_read_the_key(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.announce(HERE.url, HERE.key)
    assert (tmp_path / "lock").stat().st_mode & 0o077 == 0
    lock.release()
    assert (tmp_path / "lock").read_bytes() == b""


def test_a_killed_server_is_not_taken_for_a_running_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert server_of(tmp_path) == HERE
        holder.kill()
    assert HERE.url in (tmp_path / "lock").read_text(encoding="utf-8")
    assert server_of(tmp_path) is None
