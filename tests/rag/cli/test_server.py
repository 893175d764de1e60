"""The commands beside a running server: they ask it, load nothing large, and print what they always print."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.test_server import WAIT, address, start
from tests.rag.cli.test_main import ROOT, Shell

LIBRARY = "小镇图书馆藏书多少册？"
LARGE = ("torch", "faiss", "scipy", "numpy", "transformers", "fastapi", "apsw")
LOADS_NOTHING_LARGE = f"""
import sys
from rag.cli.main import app
app(sys.argv[1:], standalone_mode=False)
loaded = [name for name in {LARGE!r} if name in sys.modules]
assert not loaded, loaded
"""


@dataclass(frozen=True, slots=True)
class Beside:
    """A server over the toy corpus, and a shell that has nothing but its data folder."""

    chuchu: Shell
    home: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def beside(
    tmp_path_factory: pytest.TempPathFactory, toy_folder: Path
) -> Iterator[Beside]:
    home = tmp_path_factory.mktemp("served")
    process = start(home, seeds=toy_folder, api_key="secret")
    try:
        yield Beside(Shell(home), home, address(process))
    finally:
        process.terminate()
        process.communicate(timeout=WAIT)


def titles(chuchu: Shell, *options: str) -> list[str]:
    listed = chuchu.json("documents", "list", *options)["documents"]
    return [row["title"] for row in listed]


@pytest.mark.parametrize(
    "command",
    [
        ["ask", LIBRARY],
        ["ask", LIBRARY, "--json"],
        ["search", "苹果"],
        ["documents", "list"],
        ["ingest", "NOTE"],
    ],
)
def test_a_command_that_the_server_answers_loads_nothing_large(
    beside: Beside, tmp_path: Path, command: list[str]
) -> None:
    note = tmp_path / "空.txt"
    note.write_text("空谷无人。", encoding="utf-8")
    given = [str(note) if each == "NOTE" else each for each in command]
    done = subprocess.run(
        [sys.executable, "-c", LOADS_NOTHING_LARGE, *given],
        env=beside.chuchu.environ, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_answer_is_the_servers(beside: Beside) -> None:
    said = beside.chuchu.json("ask", LIBRARY)
    key = {"Authorization": "Bearer secret"}
    sent = httpx.post(
        f"{beside.url}/v1/ask", json={"question": LIBRARY}, headers=key, timeout=WAIT
    ).json()
    assert said["short_answer"] == "12万册"
    assert said.keys() == sent.keys()
    for name in sent.keys() - {"id", "timings_ms"}:
        assert said[name] == sent[name], name


def test_a_citation_prints_its_quote_and_where_it_stands(
    beside: Beside, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.md"
    rules.write_text(
        "# 借阅规则\n\n## 期限\n\n每本书可以借阅二十八天。\n", encoding="utf-8"
    )
    assert beside.chuchu("ingest", str(rules)).returncode == 0
    shown = beside.chuchu("ask", "每本书可以借阅多少天？").stdout.splitlines()
    assert "      > 每本书可以借阅二十八天。" in shown
    assert any("期限" in line and line.startswith("      ") for line in shown)


def test_files_go_in_come_again_and_leave(beside: Beside, tmp_path: Path) -> None:
    chuchu = beside.chuchu
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mill.txt").write_text(
            f"磨坊{name}有三台水车。", encoding="utf-8"
        )
    (tmp_path / "photo.heic").write_bytes(b"x")
    (tmp_path / "bad.docx").write_bytes(b"no zip")
    done = chuchu("ingest", str(tmp_path), "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert {row["name"]: row.get("new", "failed") for row in told["files"]} == {
        "bad.docx": "failed",
        "mill.txt": True,
    }
    assert len([row for row in told["files"] if row.get("new")]) == 2, (
        "one path is not the other"
    )
    assert {each["kind"] for each in told["warnings"]} == {"failed", "unsupported"}
    assert told["documents"] == len(titles(chuchu))

    (tmp_path / "a" / "mill.txt").write_text("磨坊a有九台水车。", encoding="utf-8")
    again = chuchu("ingest", str(tmp_path / "a" / "mill.txt")).stdout
    assert "taken in  mill.txt: 1 document, 1 passages, in place of 1 document" in again
    assert (
        "0 new, 1 there already"
        in chuchu("ingest", str(tmp_path / "a" / "mill.txt")).stdout
    )

    (tmp_path / "b" / "mill.txt").unlink()
    assert "removed   b/mill.txt: 1 document" in chuchu("sync", str(tmp_path)).stdout
    ids = [
        row["id"]
        for row in chuchu.json("documents", "list")["documents"]
        if "磨坊a" in row["title"]
    ]
    shown = chuchu.json("documents", "show", str(ids[0]))
    assert (shown["text"], shown["source"]["name"]) == ("磨坊a有九台水车。", "mill.txt")
    assert "mill.txt: 1 blocks" in chuchu(
        "documents", "show", str(ids[0]), "--page"
    ).stdout.replace("1 block,", "1 blocks,")
    assert chuchu("documents", "delete", *map(str, ids)).returncode == 0
    assert not [title for title in titles(chuchu) if "磨坊" in title]


def test_large_files_need_no_upload(beside: Beside, tmp_path: Path) -> None:
    rows = [
        json.dumps({"title": f"第{at}号", "text": "行" * 4000}, ensure_ascii=False)
        for at in range(400)
    ]
    (tmp_path / "many.jsonl").write_text("\n".join(rows), encoding="utf-8")
    told = beside.chuchu.json("ingest", str(tmp_path / "many.jsonl"))
    assert [row["name"] for row in told["files"]] == ["many#1.jsonl", "many#2.jsonl"]
    documents = [str(id_) for row in told["files"] for id_ in row["documents"]]
    assert len(documents) == 400
    assert beside.chuchu("documents", "delete", *documents).returncode == 0


def test_a_server_elsewhere_is_sent_the_files(beside: Beside, tmp_path: Path) -> None:
    chuchu = Shell(tmp_path / "no home", CHUCHU_URL=beside.url, CHUCHU_API_KEY="secret")
    note = tmp_path / '河 "边".txt'
    note.write_text("河边有四座风车。", encoding="utf-8")
    row = chuchu.json("ingest", str(note))["files"][0]
    assert row["new"] is True
    assert chuchu.json("ask", "河边有几座风车？")["short_answer"] == "四座"
    note.write_text("河边有五座风车。", encoding="utf-8")
    assert chuchu.json("ingest", str(note))["files"][0]["replaced"] == row["documents"]
    (tmp_path / "bad.docx").write_bytes(b"no zip")
    assert "left out  bad.docx" in chuchu("ingest", str(tmp_path / "bad.docx")).stderr
    assert "河边有五座风车。" in titles(chuchu)
    for bank in ("东岸", "西岸"):
        (tmp_path / bank).mkdir()
        (tmp_path / bank / "渡口.txt").write_text(
            f"{bank}有一个渡口。", encoding="utf-8"
        )
    assert (
        chuchu("ingest", str(tmp_path / "东岸"), str(tmp_path / "西岸")).returncode == 0
    )
    assert {"东岸有一个渡口。", "西岸有一个渡口。"} <= set(titles(chuchu))
    assert "sync" in chuchu("sync", str(tmp_path)).stderr
    assert not (tmp_path / "no home").exists(), "nothing of the library was opened"


def test_a_server_elsewhere_asks_for_its_key(beside: Beside, tmp_path: Path) -> None:
    done = Shell(tmp_path)("ask", LIBRARY, "--url", beside.url)
    assert (done.returncode, "Bearer KEY" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ask", ""], 2, "question: got ''"),
        (["ask", "谁？", "--top-k", "0"], 2, "top_k: got 0"),
        (["ask", "谁？", "--document", "999"], 2, "documents: got 999"),
        (["documents", "show", "999"], 2, "no document 999"),
        (["documents", "delete", "999"], 2, "no document 999"),
        (["ask", "谁？", "--since", "20240101"], 2, "since"),
        (["ask", "谁？", "--url", "localhost:8000"], 2, "http://127.0.0.1:8000"),
        (
            ["ask", "谁？", "--url", "http://127.0.0.1:1"],
            1,
            "no server answers at http://127.0.0.1:1",
        ),
    ],
)
def test_bad_use_says_what_was_wrong(
    beside: Beside, arguments: list[str], code: int, said: str
) -> None:
    done = beside.chuchu(*arguments)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_who_is_no_chuchu_is_told_apart(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"http://127.0.0.1:{other.getsockname()[1]}"
        command = [sys.executable, "-m", "rag.cli.main", "ask", "谁？", "--url", url]
        environ = Shell(tmp_path).environ
        with subprocess.Popen(
            command, env=environ, cwd=ROOT, stderr=subprocess.PIPE, text=True
        ) as asking:
            connection, _ = other.accept()
            connection.recv(65536)
            connection.sendall(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno!"
            )
            connection.close()
            _, said = asking.communicate(timeout=WAIT)
    assert "is this Chuchu?" in said


def test_a_chat_keeps_its_history(beside: Beside) -> None:
    done: Any = subprocess.run(
        [sys.executable, "-m", "rag.cli.main", "chat"], input=f"{LIBRARY}\n{'长' * 1001}\n那苹果呢？\n\n不问了\n",
        env=beside.chuchu.environ, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("12万册\n")
    assert "question: got" in done.stderr
    followed = beside.chuchu.json("ask", "那苹果呢？", "--history", LIBRARY)
    assert followed["answer"].split("\n")[0] in done.stdout


def test_the_version_and_the_short_help(tmp_path: Path) -> None:
    chuchu = Shell(tmp_path)
    assert chuchu("--version").stdout.startswith("chuchu 0.")
    for command in ([], ["ask"], ["documents", "show"]):
        assert "Usage" in chuchu(*command, "-h").stdout
