"""The command as a person runs it: a process of its own, its output and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rag.cli.main import seeds_of_clone
from rag.store.store import Store

ROOT = Path(__file__).resolve().parents[3]


class Shell:
    """Runs the command over a data folder; without reranking, so that only ``ask`` loads the reader."""

    def __init__(self, home: Path, **settings: str) -> None:
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("CHUCHU_")
        }
        chosen = {
            "CHUCHU_HOME": str(home),
            "CHUCHU_ENCODER": "quick",
            "CHUCHU_RERANK": "false",
        } | settings
        self.environ = kept | {"PYTHONPATH": str(ROOT)} | chosen

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rag.cli.main", *arguments],
            env=self.environ, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False,
        )  # fmt: skip

    def json(self, *arguments: str) -> Any:
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def chuchu(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


@pytest.mark.slow
def test_from_a_folder_to_an_answer_to_nothing(chuchu: Shell, toy_folder: Path) -> None:
    taken = chuchu.json("ingest", str(toy_folder))
    assert (taken["documents"], sum(row["new"] for row in taken["files"])) == (3, 3)
    answer = chuchu.json("ask", "小镇图书馆藏书多少册？")
    assert (answer["status"], answer["short_answer"]) == ("answered", "12万册")
    citation = answer["citations"][0]
    document = chuchu.json("documents", "show", str(citation["document_id"]))
    assert document["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert citation["source"]["spans"]
    assert chuchu.json("search", "苹果")["hits"][0]["title"] == "果园的收成"
    listed = chuchu.json("documents", "list")["documents"]
    assert len(listed) == 3
    gone = chuchu("documents", "delete", *(str(row["id"]) for row in listed))
    assert gone.returncode == 0
    assert chuchu.json("ask", "小镇图书馆藏书多少册？")["status"] == "not_found"


@pytest.mark.slow
def test_a_person_reads_the_answer_and_where_it_comes_from(
    chuchu: Shell, toy_folder: Path
) -> None:
    assert chuchu("ingest", str(toy_folder)).returncode == 0
    shown = chuchu("ask", "小镇图书馆藏书多少册？").stdout
    assert shown.startswith("12万册\n")
    assert "[1]" in shown and "图书馆.txt" in shown


def test_one_bad_file_is_reported_and_the_rest_goes_in(
    chuchu: Shell, tmp_path: Path
) -> None:
    (tmp_path / "bad.docx").write_bytes(b"no zip")
    (tmp_path / "good.txt").write_text("好文件。", encoding="utf-8")
    done = chuchu("ingest", str(tmp_path / "bad.docx"), str(tmp_path / "good.txt"))
    assert done.returncode == 1
    assert "bad.docx" in done.stderr
    assert "1 new, 0 there already, 1 failed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ask", ""], 2, "question: got ''"),
        (["ask", "谁？", "--top-k", "0"], 2, "top_k: got 0"),
        (["documents", "show", "99"], 2, "no document 99"),
        (["documents", "show", str(10**30)], 2, "Invalid value"),
        (["ask", "谁？", "--since", "20240101"], 2, "YYYY-MM-DD"),
        (["ask", "谁？", "--url", ""], 2, "url: got ''"),
        (["ask", "谁？", "--document", "first"], 2, "--document"),
        (["documents", "delete", "98"], 2, "no document 98"),
        (["ingest", "/no/such/file.txt"], 1, "no such file"),
        (["ingest", ""], 2, "got '', expected the path of a file or folder"),
        (["ingest", "--recursive", "notes"], 2, "--recursive"),
        (["sync", " "], 2, "got ' ', expected the path"),
        (["sync", "/no/such/folder"], 2, "expected a folder that exists"),
        (["serve", "--seeds", "/no/such"], 2, "seeds: got '/no/such'"),
        (["serve", "--host", "0.0.0.0"], 2, "api_key"),
        (["serve", "--port", "http"], 2, "--port"),
        (["eval", "facts", "/no/such.jsonl"], 2, "/no/such.jsonl"),
        (["frobnicate"], 2, "frobnicate"),
        ([], 2, "Usage"),
    ],
)
def test_bad_use_says_what_was_wrong(
    chuchu: Shell, arguments: list[str], code: int, said: str
) -> None:
    done = chuchu(*arguments)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_finds_nothing_wrong(chuchu: Shell) -> None:
    checks = chuchu.json("doctor")
    assert {check["name"] for check in checks} == {
        "python",
        "settings",
        "store",
        "answers",
    }
    assert all(check["ok"] for check in checks)


def test_a_quote_is_printed_as_it_stands(chuchu: Shell, tmp_path: Path) -> None:
    (tmp_path / "ratio.txt").write_text(
        "The ratio was 1:100:2 and the :key: was lost.", encoding="utf-8"
    )
    assert chuchu("ingest", str(tmp_path / "ratio.txt")).returncode == 0
    assert "1:100:2 and the :key: was" in chuchu("documents", "show", "1").stdout


def test_a_data_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = Shell(tmp_path / "file")("documents", "list")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "data folder" in done.stderr


def test_a_clone_has_its_page_to_begin_with() -> None:
    assert seeds_of_clone() == ROOT / "seeds"
    assert list((ROOT / "seeds").glob("*.txt"))


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({"CHUCHU_HOME": ""}, 2, "home: got '', expected the path of a folder"),
        ({"CHUCHU_API_KEY": " "}, 2, "api_key: got ' ', expected a key"),
        ({"CHUCHU_COLOUR": "red"}, 2, "colour: got 'red', expected one of"),
        ({"CHUCHU_CONFIG": "/no/chuchu.toml"}, 2, "expected a file that exists"),
        ({"CHUCHU_ANSWERER": "oracle"}, 2, "answerer: got 'oracle', expected"),
        ({"CHUCHU_ENCODER": "/no/such"}, 1, "encoder '/no/such'"),
        ({"CHUCHU_URL": "localhost"}, 2, "expected an address as http://"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    tmp_path: Path, settings: dict[str, str], code: int, said: str
) -> None:
    done = Shell(tmp_path / "home", **settings)("ask", "谁？")
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_another_command_holds_is_one_sentence(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Store.open(home):
        for command in (["ask", "谁？"], ["ingest", __file__], ["documents", "list"]):
            done = Shell(home)(*command)
            assert done.returncode == 1
            assert "in use by process" in done.stderr
            assert done.stderr.count("\n") == 1


def test_one_unknown_document_does_not_keep_the_others(
    chuchu: Shell, toy_folder: Path
) -> None:
    assert chuchu("ingest", str(toy_folder)).returncode == 0
    done = chuchu("documents", "delete", "1", "99", "2", "1")
    assert (done.returncode, done.stdout) == (2, "deleted 1\ndeleted 2\n")
    assert done.stderr == "chuchu: no document 99\n"
    left = chuchu.json("documents", "list")["documents"]
    assert [row["id"] for row in left] == [3]


def test_a_folder_that_is_not_there_yet_is_told_of(
    chuchu: Shell, toy_folder: Path
) -> None:
    asked = chuchu("documents", "show", "1")
    assert asked.returncode == 2
    assert "home is new and empty" in asked.stderr
    assert "no document 1" in asked.stderr
    assert "is new" not in chuchu("documents", "list").stderr


def test_the_data_folder_is_never_taken_in(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "mill.txt").write_text("老磨坊有三台水车。", encoding="utf-8")
    chuchu = Shell(notes / "data")
    for _ in range(2):  # the second time the folder is there, with the lock in it
        chuchu("ingest", str(notes))
    listed = chuchu.json("documents", "list")["documents"]
    assert [row["source"] for row in listed] == ["mill.txt"]
