from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.cli import app
from eval.pages.gold import SEED_GOLD, read_gold, to_json
from eval.pages.running import describe, growth, run_pages
from eval.results import read_results
from tests.page_toys import STORIES
from tests.perfect_reader import read

KINDS = {
    "assignment_f1",
    "assignment_precision",
    "assignment_recall",
    "adjacent_order",
    "copies_f1",
}


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    path = tmp_path / "toys.jsonl"
    rows = (
        {"id": each.id, "text": each.text, "published": each.published}
        for each in STORIES
    )
    path.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows),
        encoding="utf-8",
    )
    return path


def test_the_seed_page(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["pages", "--seed-page", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    results = read_results(tmp_path / "results.json")
    assert (results.kind, results.dataset) == ("pages", "seeds")
    assert results.metrics.keys() >= KINDS | {"join_recall"}
    assert results.metrics["adjacent_order"].n == 77
    assert (tmp_path / "report.html").exists()
    assert (tmp_path / "mistakes.txt").exists()


def test_pages_made_of_a_strangers_articles(tmp_path: Path, articles: Path) -> None:
    done = CliRunner().invoke(
        app,
        [
            *(
                "pages",
                "--articles",
                str(articles),
                "--every-article",
                "--pages",
                "3",
                "--in-order",
                "2",
            ),
            *("--out", str(tmp_path / "out"), "--json"),
        ],
    )
    assert done.exit_code == 0, done.output
    raw = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert (raw["kind"], raw["dataset"]) == ("pages", "toys")
    assert [case["id"] for case in raw["cases"]] == [
        *(f"jumbled-0-000{n}" for n in range(3)),
        *(f"in_order-0-000{n}" for n in range(2)),
    ]
    assert raw["by"]["kind"].keys() == {"jumbled", "in_order"}
    assert raw["metrics"]["in_order_unchanged"]["n"] == 2


def test_a_gold_of_another_page(tmp_path: Path) -> None:
    gold = tmp_path / "mine.json"
    gold.write_text(json.dumps(to_json(read_gold(SEED_GOLD))), encoding="utf-8")
    done = CliRunner().invoke(
        app, ["pages", "--gold", str(gold), "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output
    assert read_results(tmp_path / "out" / "results.json").dataset == "mine"


def test_articles_that_cannot_be_read_are_bad_use(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app,
        ["pages", "--articles", str(tmp_path / "none.jsonl"), "--out", str(tmp_path)],
    )
    assert done.exit_code == 2
    assert "none.jsonl" in "".join(
        done.output.split()
    )  # the message is wrapped to the terminal


def test_a_page_read_without_a_mistake_is_right() -> None:
    seeds = read_gold(SEED_GOLD)
    results, misread = run_pages(
        [seeds], dataset="seeds", recover=lambda _: read(seeds)
    )
    assert misread == []
    assert results.cases[0]["right"]
    assert all(metric.value == 1.0 for metric in results.metrics.values())


def test_mistakes_lead_back_to_the_blocks() -> None:
    seeds = read_gold(SEED_GOLD)
    documents = read(seeds)
    results, misread = run_pages(
        [seeds], dataset="seeds", recover=lambda _: documents[1:]
    )
    (case,) = results.cases
    assert not case["right"]
    assert case["why_not"].startswith("lost 30")
    text = describe(misread)
    assert "lost: #3 “利民之事，丝发必兴。” of one-thing is in no document" in text
    assert "#22 [one-thing 7 subhead] 清单持续扩容 企业群众办事更省心" in text


def test_growth_is_measured_on_pages_of_the_sizes_asked_for() -> None:
    rows = growth(STORIES, sizes=(1000, 3000), pages=2, recover=lambda _: [])
    assert [row.pages for row in rows] == [2, 2]
    assert rows[0].characters < rows[1].characters
    assert all(0 <= row.median <= row.slowest for row in rows)
