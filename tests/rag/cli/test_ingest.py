"""``chuchu ingest`` and ``chuchu sync`` as a person and a machine use them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.rag.cli.test_main import Shell


@pytest.fixture
def chuchu(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("老磨坊有三台水车。", encoding="utf-8")
    (folder / "deep" / "a.txt").write_text("新磨坊有五台水车。", encoding="utf-8")
    (folder / "photo.heic").write_bytes(b"x")
    return folder


@pytest.mark.slow
def test_deep_vectors_are_made_now_or_left_to_the_server(
    tmp_path: Path, folder: Path
) -> None:
    chuchu = Shell(tmp_path / "home", CHUCHU_ENCODER="chuchu-encoder")
    left = chuchu("ingest", str(folder / "a.txt"), "--no-deep")
    assert "1 passages wait for deep vectors" in left.stdout
    assert "1 passages wait for vectors" in chuchu("doctor").stdout
    assert (
        chuchu.json("ask", "老磨坊有几台水车？")["status"] == "answered"
    )  # it did not wait for them
    made = chuchu.json("ingest", str(folder / "deep" / "a.txt"))
    assert (made["waiting"], made["passages"]) == (0, 2)


def test_each_file_is_told_of_and_nothing_stops_the_rest(
    chuchu: Shell, folder: Path
) -> None:
    (folder / "empty.txt").write_bytes(b"")
    done = chuchu("ingest", str(folder), str(folder / "missing.txt"), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert [(row["name"], row.get("new", "failed")) for row in told["files"]] == [
        (str(folder / "missing.txt"), "failed"),
        ("a.txt", True),
        ("empty.txt", "failed"),
        ("a.txt", True),
    ]
    assert {(each["name"], each["kind"]) for each in told["warnings"]} == {
        (str(folder / "missing.txt"), "failed"),
        ("photo.heic", "unsupported"),
        ("empty.txt", "empty"),
    }
    assert told["documents"] == 2


def test_what_is_only_passed_over_is_no_failure(chuchu: Shell, folder: Path) -> None:
    done = chuchu("ingest", str(folder))
    assert done.returncode == 0
    assert "left out  photo.heic: .heic files are not read" in done.stderr
    assert "taken in  a.txt: 1 document, 1 passages\n" in done.stdout
    assert "2 new, 0 there already, 0 failed, 1 left out" in done.stdout


def test_a_changed_file_replaces_its_older_self_or_stays_beside_it(
    chuchu: Shell, folder: Path
) -> None:
    path = folder / "a.txt"
    chuchu("ingest", str(folder))
    path.write_text("老磨坊有七台水车。", encoding="utf-8")
    assert "in place of 1 document" in chuchu("ingest", str(path)).stdout
    path.write_text("老磨坊有九台水车。", encoding="utf-8")
    assert chuchu.json("ingest", str(path), "--keep")["documents"] == 3
    listed = chuchu.json("documents", "list")["documents"]
    assert {row["title"] for row in listed} == {
        f"{mill}台水车。" for mill in ("新磨坊有五", "老磨坊有七", "老磨坊有九")
    }
    assert all(row["ingested"].endswith("+00:00") for row in listed)


def test_sync_adds_updates_and_removes(chuchu: Shell, folder: Path) -> None:
    assert (
        "2 added, 0 updated, 0 unchanged, 0 removed"
        in chuchu("sync", str(folder)).stdout
    )
    (folder / "a.txt").write_text("老磨坊有七台水车。", encoding="utf-8")
    (folder / "deep" / "a.txt").unlink()
    done = chuchu("sync", str(folder))
    assert "updated   a.txt: 1 document\n" in done.stdout
    assert "removed   deep/a.txt: 1 document\n" in done.stdout
    told = chuchu.json("sync", str(folder))
    assert [(row["name"], row["became"]) for row in told["files"]] == [
        ("a.txt", "unchanged"),
        ("photo.heic", "left_out"),
    ]
    assert chuchu("sync", str(folder / "nowhere")).returncode == 2


def test_a_watch_follows_the_folder_until_it_is_stopped(
    tmp_path: Path, folder: Path
) -> None:
    chuchu = Shell(tmp_path / "home")
    command = [
        sys.executable,
        "-m",
        "rag.cli.main",
        "sync",
        str(folder),
        "--watch",
        "--every",
        "0.2",
        "--json",
    ]
    process = subprocess.Popen(
        command, env=chuchu.environ, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert [row["became"] for row in first["files"]] == ["added", "added"]
        (folder / "deep" / "a.txt").unlink()
        second = json.loads(process.stdout.readline())
        assert [(row["name"], row["became"]) for row in second["files"]] == [
            ("deep/a.txt", "removed")
        ]
        time.sleep(0.5)
        assert (
            len(chuchu.json("documents", "list")["documents"]) == 1
        )  # the folder is free between
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
