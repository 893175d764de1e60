"""rag/sources/base.py: whatever is added, each block knows its exact span."""

from __future__ import annotations

import string
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.records import Block
from rag.sources.base import ArticleBuilder

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def text_of(builder: ArticleBuilder, block: Block) -> str:
    return builder.article().text[block.start : block.end]


def test_blocks_stand_apart_and_know_their_spans() -> None:
    builder = ArticleBuilder()
    builder.add("heading", "  第一章 总则 ", level=1)
    builder.add("paragraph", "正文。")
    article = builder.article(title="条例", published="2024-01-02")
    assert article.text == "第一章 总则\n\n正文。"
    assert article.blocks == (
        Block("heading", 0, 6, level=1),
        Block("paragraph", 8, 11),
    )
    assert (article.title, article.published) == ("条例", "2024-01-02")


def test_what_is_blank_is_passed_over() -> None:
    builder = ArticleBuilder()
    builder.add("paragraph", " \n\u3000")
    builder.add_row(["", "  "])
    assert builder.article().blocks == ()


def test_items_of_a_list_and_rows_of_a_table_stand_line_by_line() -> None:
    builder = ArticleBuilder()
    builder.add("list_item", "甲", level=1)
    builder.add("list_item", "乙", level=1)
    builder.add("caption", "表1", table=1)
    builder.add_row(["子", "丑"], table=1)
    builder.add_row(["寅", "卯"], table=2)
    assert builder.article().text == "甲\n乙\n\n表1\n子 | 丑\n\n寅 | 卯"


def test_each_cell_has_its_head_and_its_span() -> None:
    builder = ArticleBuilder()
    builder.add("paragraph", "前言")
    builder.add_row(["型号", "重量"], head=True, table=1)
    builder.add_row(["甲\n一", "2  kg", "多"], ["型号", "重量"], table=1)
    _, head, row = builder.article().blocks
    assert (head.role, row.role) == ("table_head", "table_row")
    article = builder.article()
    found = [(cell.head, article.text[cell.start : cell.end]) for cell in row.cells]
    assert found == [("型号", "甲 一"), ("重量", "2 kg"), ("", "多")]


def test_an_empty_cell_is_none_and_moves_no_other() -> None:
    builder = ArticleBuilder()
    builder.add_row(["甲", "", "300"], ["型号", "重量", "价格"])
    (row,) = builder.article().blocks
    assert text_of(builder, row) == "甲 |  | 300"
    assert [cell.head for cell in row.cells] == ["型号", "价格"]


@pytest.mark.parametrize(
    "what",
    [{"page": 3}, {"ocr": True}, {"level": 2}, {"label": "张三"}, {"table": 7}],
    ids=str,
)
def test_what_is_known_of_a_block_is_kept(what: dict[str, Any]) -> None:
    builder = ArticleBuilder()
    builder.add("turn", "你好。", **what)
    (block,) = builder.article().blocks
    assert block == Block("turn", 0, 3, **what)


def test_an_article_taken_early_is_not_changed_later() -> None:
    builder = ArticleBuilder()
    builder.add("paragraph", "甲")
    early = builder.article()
    builder.add("paragraph", "乙")
    assert (early.text, len(early.blocks)) == ("甲", 1)


@given(
    st.lists(
        st.tuples(st.sampled_from(["paragraph", "code", "list_item", "row"]), ANY, ANY),
        max_size=8,
    )
)
def test_blocks_come_in_order_do_not_overlap_and_hold_all_that_is_printed(
    added: list[tuple[str, str, str]],
) -> None:
    builder = ArticleBuilder()
    for role, text, more in added:
        if role == "row":
            builder.add_row([text, more], ["甲", "乙"], table=1)
        else:
            builder.add(role, text)  # type: ignore[arg-type]
    article = builder.article()
    last = 0
    for block in article.blocks:
        assert not article.text[last : block.start].strip()
        assert block.start < block.end
        for cell in block.cells:
            assert block.start <= cell.start < cell.end <= block.end
        last = block.end
    assert not article.text[last:].strip()
    printed = Counter(
        "".join(article.text[block.start : block.end] for block in article.blocks)
    )
    wanted = Counter(
        "".join(text + (more if role == "row" else "") for role, text, more in added)
    )
    for letter in string.ascii_letters:
        assert printed[letter] == wanted[letter]
