from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.pages.gold import (
    SEED_GOLD,
    GoldJoin,
    GoldPage,
    check,
    from_json,
    lines,
    read_gold,
    to_json,
)
from rag.errors import InvalidValue


@pytest.fixture(scope="module")
def seeds() -> GoldPage:
    return read_gold(SEED_GOLD)


def test_every_block_of_the_seed_page_has_an_article(seeds: GoldPage) -> None:
    assert len(seeds.blocks) == 90
    assert [block.span for block in seeds.blocks] == lines(seeds.text)
    assert [len(article.order) for article in seeds.articles] == [30, 5, 1, 5, 2, 4, 37]


def test_the_cut_sentences_of_the_seed_page(seeds: GoldPage) -> None:
    joined = {
        seeds.block_text(j.first)[-3:]: (seeds.block_text(j.second)[:4], j.lossy)
        for j in seeds.joins
    }
    assert joined == {
        "障卡居": ("利服务、", True),
        "她还接": ("到了开户", False),
        "推进机": ("制”“促", False),
        "这八个": ("字能概括", False),
        "；济南": ("玉符河水", False),
    }


def test_the_copies_of_the_seed_page_read_the_same(seeds: GoldPage) -> None:
    assert len(seeds.copies) == 6
    assert all(
        seeds.block_text(first) == seeds.block_text(second)
        for first, second in seeds.copies
    )


def test_sections_follow_the_headline_that_names_them(seeds: GoldPage) -> None:
    (article,) = [each for each in seeds.articles if each.id == "water-diversion"]
    subheads = [
        seeds.block_text(n)
        for n in article.order
        if seeds.blocks[n].kinds == ("subhead",)
    ]
    assert [text[:4] for text in subheads] == ["锐意创新", "生态提质", "造福百姓"]


def test_gold_goes_to_json_and_back(seeds: GoldPage) -> None:
    assert from_json(json.loads(json.dumps(to_json(seeds)))) == seeds


def tiny() -> GoldPage:
    row = {
        "name": "tiny",
        "text": "题\n\n甲，\n  乙。\n题\n",
        "articles": [{"id": "a", "order": [0, 1, 2], "fields": {"title": "题"}}],
        "blocks": [
            {"span": [0, 1], "article": "a", "kinds": ["headline"]},
            {"span": [3, 5], "article": "a", "kinds": ["body"], "starts": "甲，"},
            {"span": [8, 10], "article": "a", "kinds": ["body"]},
            {"span": [11, 12], "article": "a", "kinds": ["headline"]},
        ],
        "joins": [{"first": 1, "second": 2}],
        "copies": [[0, 3]],
    }
    return from_json(row)


def test_a_gold_that_holds() -> None:
    check(tiny())


@pytest.mark.parametrize(
    ("key", "spoil"),
    [
        ("blocks", lambda page: replace(page, text=page.text + "\n多")),
        ("block 3", lambda page: replace(page, copies=frozenset())),
        (
            "order",
            lambda page: replace(
                page, articles=(replace(page.articles[0], order=(0, 1, 1, 2)),)
            ),
        ),
        ("join 2\\+0", lambda page: replace(page, joins=(GoldJoin(2, 0),))),
        ("cut 1", lambda page: replace(page, cuts=(1,))),
        ("copies 3, 0", lambda page: replace(page, copies=frozenset({(3, 0)}))),
        (
            "article of 0",
            lambda page: replace(page, articles=(replace(page.articles[0], id="b"),)),
        ),
        (
            "fields of a",
            lambda page: replace(
                page, articles=(replace(page.articles[0], fields={"name": ("x",)}),)
            ),
        ),
    ],
)
def test_a_gold_that_does_not_hold_says_where(key: str, spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(InvalidValue, match=f"tiny: {key}"):
        check(spoil(tiny()))


def test_further_successors_count_as_right() -> None:
    page = replace(tiny(), joins=(), next={0: (2,)})
    assert page.successors() == [(0, frozenset({1, 2})), (1, frozenset({2}))]


def test_a_gold_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "gold.json"
    row = to_json(tiny())
    row["blocks"][1]["starts"] = "丙"
    path.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(InvalidValue, match="block 1 starts"):
        read_gold(path)


def test_the_gold_is_of_this_very_source(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    source = json.loads(SEED_GOLD.read_text(encoding="utf-8"))["source"]
    (tmp_path / source).write_text("别的页面\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match="SHA-256"):
        read_gold(SEED_GOLD, root=tmp_path)
