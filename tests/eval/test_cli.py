"""``chuchu eval``: the report it writes, and what it exits with."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval import cli
from eval.commands import facts as commands
from tests.scripted_library import (
    FACTS,
    SCRIPT,
    Scripted,
    refuses,
    scripted,
)


@pytest.fixture
def library() -> Scripted:
    return scripted()


@pytest.fixture
def command(
    library: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., int]:
    library.script = SCRIPT
    file = tmp_path / "toy.jsonl"
    rows = [
        {
            "id": f.id,
            "question": f.question,
            "answers": f.answers,
            "lang": f.lang,
            "kind": f.kind,
        }
        for f in FACTS
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    @contextmanager
    def scripted(corpus: Path | None = None):  # type: ignore[no-untyped-def]
        yield library

    monkeypatch.setattr(commands, "library_of", scripted)

    def run(*arguments: str) -> int:
        where = [
            "facts",
            str(file),
            "--corpus",
            str(tmp_path),
            "--out",
            str(tmp_path / "out"),
        ]
        return CliRunner().invoke(cli.app, [*where, *arguments]).exit_code

    return run


def gates_of(folder: Path, text: str) -> str:
    path = folder / "gates.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_command_fails_when_a_gate_is_missed(
    command: Callable[..., int], tmp_path: Path
) -> None:
    assert command() == 1
    assert (
        command("--gates", gates_of(tmp_path, "[facts]\nanswer_right = { min = 0.3 }"))
        == 0
    )
    assert (tmp_path / "out" / "report.html").is_file()


def test_the_command_prints_json_for_machines(
    library: Scripted, command: Callable[..., int], tmp_path: Path
) -> None:
    where = [
        "facts",
        str(tmp_path / "toy.jsonl"),
        "--corpus",
        str(tmp_path),
        "--out",
        str(tmp_path / "out"),
        "--json",
    ]
    printed = CliRunner().invoke(cli.app, where).stdout
    assert json.loads(printed)["dataset"] == "toy"


def test_the_command_fails_on_a_regression_only(
    library: Scripted, command: Callable[..., int], tmp_path: Path
) -> None:
    none = gates_of(tmp_path, "")
    assert command("--gates", none) == 0
    baseline = tmp_path / "baseline.json"
    (tmp_path / "out" / "results.json").rename(baseline)
    library.script = SCRIPT | {"几家？": refuses}
    assert command("--gates", none, "--baseline", str(baseline)) == 0, (
        "one flip of five is noise"
    )


@pytest.mark.parametrize(
    "option",
    [("--baseline", "nowhere.json"), ("--gates", "nowhere.toml"), ("--bogus", "1")],
)
def test_bad_use_exits_with_two(
    command: Callable[..., int], option: tuple[str, str]
) -> None:
    assert command(*option) == 2


def test_a_facts_file_without_a_corpus_is_bad_use(tmp_path: Path) -> None:
    file = tmp_path / "unheard.jsonl"
    row = {"id": "a", "question": "几家？", "answers": [], "lang": "zh", "kind": "none"}
    file.write_text(json.dumps(row), encoding="utf-8")
    ran = CliRunner().invoke(cli.app, ["facts", str(file)])
    assert ran.exit_code == 2
    assert "--corpus" in ran.stderr
