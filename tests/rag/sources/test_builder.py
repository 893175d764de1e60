"""Articles put together block by block: where each stands, and how they are parted."""

from __future__ import annotations

from rag.sources.base import Article, ArticleBuilder, Reading
from tests.hostile import by_heads, check, seen


def test_entries_may_stand_line_by_line() -> None:
    builder = ArticleBuilder()
    builder.add("code", "a\n")
    builder.add("code", "  b", tight=True)
    builder.add("code", "c")
    assert builder.article().text == "a\n  b\n\nc"


def test_white_space_is_kept_in_code_only() -> None:
    builder = ArticleBuilder()
    builder.add("code", "\n  x\n")
    builder.add("paragraph", "\n  x\n")
    assert [text for _, text in seen(builder.article())] == ["  x", "x"]


def test_a_pair_names_its_own_head() -> None:
    builder = ArticleBuilder()
    builder.add_pair("主机", "a\nb", table=1)
    builder.add_pair("端口", "", table=1)
    builder.add_pair("", "c", table=1)
    article = builder.article()
    assert article.text == "主机: a b\nc"
    assert by_heads(article) == [{"主机": "a b"}, {"": "c"}]


def test_an_article_in_an_article_keeps_its_blocks_and_tables_apart() -> None:
    chapter = ArticleBuilder()
    chapter.add("heading", "章", level=1)
    chapter.add_row(["甲", "1"], ["名", "数"], table=1)
    book = ArticleBuilder()
    book.add_row(["乙", "2"], table=3)
    book.append(chapter.article())
    book.append(Article("一段。\n\n又一段。"))
    article = book.article()
    check(Reading((article,), ""))
    assert seen(article) == [
        ("table_row", "乙 | 2"),
        ("heading", "章"),
        ("table_row", "甲 | 1"),
        ("paragraph", "一段。"),
        ("paragraph", "又一段。"),
    ]
    assert [block.table for block in article.blocks] == [3, None, 4, None, None]
    assert by_heads(article)[1] == {"名": "甲", "数": "1"}
