"""Texts in order are left as they stand: the sixty of tests/data, and how it is measured."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.cli import app
from eval.pages.generator import generate
from eval.pages.ordinary import (
    as_it_stands,
    in_a_row,
    is_torn,
    ordinary_cases,
    read_texts,
)
from eval.results import read_results
from rag import sources
from rag.errors import InvalidValue
from rag.pages import recover, repaired
from tests.page_toys import STORIES

FILE = Path(__file__).parents[2] / "data" / "ordinary.jsonl"
TEXTS = read_texts(FILE)


def test_the_texts_are_of_many_genres_and_mainly_chinese() -> None:
    assert len(TEXTS) >= 60
    assert len({text.genre for text in TEXTS}) >= 10
    assert Counter(text.lang for text in TEXTS)["zh"] > 0.7 * len(TEXTS)
    assert len({text.id for text in TEXTS}) == len(TEXTS)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.id)
def test_an_ordinary_text_is_one_document_nothing_of_it_moved_or_folded(
    text: object,
) -> None:
    (case,) = ordinary_cases([text])  # type: ignore[list-item]
    assert case["right"], case["why_not"]


@pytest.mark.parametrize("end", ["\r\n", "\n\n"])
def test_line_ends_and_blank_lines_change_nothing(end: str) -> None:
    changed = [
        replace(text, text=end.join(text.text.splitlines()))
        for text in TEXTS
        if text.lang == "zh"
    ]
    assert [case["id"] for case in ordinary_cases(changed) if not case["right"]] == []


def test_news_one_after_another_is_left_as_it_is() -> None:
    texts = list(in_a_row(STORIES, texts=12))
    assert len({text.text.count("\n") for text in texts}) > 1
    assert all(case["right"] for case in ordinary_cases(texts))


def test_a_torn_page_does_not_come_out_as_it_stands() -> None:
    torn = [
        page for page in generate(STORIES, pages=8, mode="fragments") if is_torn(page)
    ]
    assert len(torn) >= 6
    for page in torn:
        source = sources.read_bytes(page.text.encode(), "page.txt")
        assert not as_it_stands(source, recover(source)), page.name


def test_what_is_moved_folded_split_or_lost_does_not_stand_as_it_was() -> None:
    source = sources.read_bytes("甲说了一句。\n\n乙说了一句。".encode(), "a.txt")
    (document,) = recover(source)
    assert as_it_stands(source, [document])
    assert not as_it_stands(source, [document, document])
    (first, second) = document.map
    assert not as_it_stands(source, [replace(document, map=(first,))])
    moved = ((0, 6, second[2]), (8, 14, first[2]))
    assert not as_it_stands(source, [replace(document, map=moved)])


def test_a_page_in_order_is_not_torn() -> None:
    assert not any(
        map(is_torn, generate(STORIES, pages=5, mode="in_order", articles=(1, 6)))
    )


def test_texts_come_from_a_folder_or_from_lines_compressed_or_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "one.txt").write_text("一行。\n两行。\n", encoding="utf-8")
    (found,) = read_texts(tmp_path / "texts")
    assert (found.id, found.genre, found.lang) == ("one", "texts", "zh")
    row = {
        "id": "d",
        "genre": "rules",
        "title": "规则",
        "passages": [{"context": "规则 › 一、总则", "text": "要守规则。"}],
    }
    packed = tmp_path / "rows.jsonl.xz"
    packed.write_bytes(lzma.compress((json.dumps(row) + "\n").encode()))
    (found,) = read_texts(packed)
    assert (found.text, found.genre) == ("规则\n\n一、总则\n\n要守规则。", "rules")
    (tmp_path / "bad.jsonl").write_text('{"text": "no id"}\n', encoding="utf-8")
    with pytest.raises(InvalidValue, match="JSONL of texts"):
        read_texts(tmp_path / "bad.jsonl")


def test_one_command_measures_texts_and_pages(tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text(
        "\n".join(FILE.read_text(encoding="utf-8").splitlines()[:3]), encoding="utf-8"
    )
    done = CliRunner().invoke(
        app, ["pages", "--ordinary", str(few), "--seed-page", "--out", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    metrics = read_results(tmp_path / "results.json").metrics
    assert (metrics["left_as_it_stands"].value, metrics["left_as_it_stands"].n) == (
        1.0,
        3,
    )
    assert metrics["torn_repaired"].value == 1.0


def test_a_page_can_be_repaired_whatever_it_looks_like() -> None:
    source = sources.read_bytes(
        "\n\n".join(["甲说了一句话。", "乙也说了一句话。", "（完）"]).encode(), "a.txt"
    )
    assert sum(len(document.text) for document in repaired(source, source.parts[0])) > 0
