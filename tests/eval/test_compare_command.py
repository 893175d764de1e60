"""``chuchu eval compare A B``: the page it writes, and what it exits with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.catalogue import Case
from eval.cli import app
from eval.results import Results


def case(key: int, right: bool) -> Case:
    return {
        "id": str(key),
        "question": f"第{key}问？",
        "right": right,
        "latency_ms": 1.0,
        "scores": {"answer_right": float(right)},
    }


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Runs of twenty questions: ``good``, ``same``, and ``bad``, which lost eight of them."""
    for name, lost in (("good", 0), ("same", 0), ("bad", 8)):
        rows = [case(key, key >= lost) for key in range(20)]
        Results.of("facts", "toy", {"chuchu": name}, rows).write(
            tmp_path / name / "results.json"
        )
    return tmp_path


def compare(*arguments: object) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["compare", *map(str, arguments)])
    return ran.exit_code, ran.output


def test_a_rerun_without_a_change_passes(runs: Path) -> None:
    code, told = compare(runs / "good", runs / "same", "--out", runs / "out")
    assert code == 0
    assert "did not move" in told and "worse" not in told


def test_what_got_worse_fails_and_stands_on_the_page(runs: Path) -> None:
    code, _ = compare(
        runs / "good" / "results.json", runs / "bad", "--out", runs / "out"
    )
    assert code == 1
    page = (runs / "out" / "report.html").read_text(encoding="utf-8")
    assert "answer_right: 1.000 -" in page
    assert '"label":"good"' in page and page.count('"change":"lost"') == 8
    assert compare(runs / "bad", runs / "good", "--out", runs / "out")[0] == 0, (
        "a gain is no failure"
    )


def test_machines_get_json(runs: Path) -> None:
    code, told = compare(runs / "good", runs / "bad", "--out", runs / "out", "--json")
    assert code == 1
    found = json.loads(told)
    assert [each["verdict"] for each in found["metrics"]] == ["worse"]
    assert len(found["flips"]) == 8


@pytest.mark.parametrize("which", ["A", "B"])
def test_a_run_that_is_not_there_is_named(runs: Path, which: str) -> None:
    paths = {
        "A": (runs / "nowhere", runs / "good"),
        "B": (runs / "good", runs / "nowhere"),
    }[which]
    code, told = compare(*paths)
    assert code == 2
    assert told.startswith(f"{which}: got")
