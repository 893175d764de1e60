"""Questions to begin with: of the newest documents, in one language, none twice, each one answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.examples import MOST_ASKED, example_questions, questions_from_rows
from rag.library import Library
from rag.settings import Settings
from rag.sources import read_bytes

TOWERS = """# 海岸灯塔

| 名称 | 高度 |
| --- | --- |
| 北岬塔 | 47米 |
| 南岬塔 | 31米 |
"""
PUMPS = """# Harbour pumps

Pumps keep the harbour dry in winter.

| Name | Power |
| --- | --- |
| Heron | 12 kW |
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(Settings(home=tmp_path_factory.mktemp("home"))) as library:
        for name, text in (("towers.md", TOWERS), ("pumps.md", PUMPS)):
            library.ingest_source(read_bytes(text.encode(), name))
        yield library


def test_examples_are_in_the_language_that_is_asked_for_and_never_twice_the_same(
    library: Library,
) -> None:
    chinese, english = library.examples("zh"), library.examples("en")
    assert "北岬塔的高度是多少？" in chinese
    assert any("Harbour pumps" in question for question in english)
    assert len(set(chinese)) == len(chinese)
    assert not set(chinese) & set(english)


def test_the_newest_document_comes_first(library: Library) -> None:
    assert [listed.title for listed in library.store.newest(2)] == [
        "Harbour pumps",
        "海岸灯塔",
    ]
    assert (
        "pumps" in library.examples("en", limit=1)[0]
        or "Heron" in library.examples("en", limit=1)[0]
    )


def test_each_example_is_answered(library: Library) -> None:
    for question in (*library.examples("zh"), *library.examples("en")):
        assert library.ask_quietly(question).status == "answered", question


def test_no_more_is_asked_than_a_newcomer_would_wait_for(
    library: Library, tmp_path: Path
) -> None:
    asked: list[str] = []

    def ask(question: str):  # type: ignore[no-untyped-def]
        asked.append(question)
        return library.ask_quietly("有鲸鱼吗？")  # never the expected answer

    assert example_questions(library.store, ask, "zh", limit=4) == ()
    assert 0 < len(asked) <= MOST_ASKED


def test_a_row_is_asked_for_by_its_name_and_the_head_of_its_number(
    library: Library,
) -> None:
    asked = list(questions_from_rows(library.document(1), "zh"))
    assert asked == [
        ("row", "北岬塔的高度是多少？", "47米"),
        ("row", "南岬塔的高度是多少？", "31米"),
    ]
    assert list(questions_from_rows(library.document(2), "en")) == [
        ("row", "What is the Power of Heron?", "12 kW")
    ]
