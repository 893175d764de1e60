"""Markdown: what a reader would see."""

from __future__ import annotations

from rag.sources import markdown
from rag.sources.base import Article, Limits
from tests.outlines import blocks_of, rows_of, texts_of

LIMITS = Limits()


def article_of(source: str) -> Article:
    return markdown.read(source.encode(), LIMITS).articles[0]


def test_markdown() -> None:
    source = (
        '---\ntitle: "前言"\ndate: 2024-5-31\ntags: [a]\n---\n# 大 *标题*\n\n'
        '一段\n接着 `code` [链接](http://x "t") <b>粗</b>  \n换行 ![图](x.png)\nnew\nline\n\n'
        "- 一\n- 二\n  1. 内\n  2. 外\n\n> 引文。\n\n| a | b |\n|---|---|\n| 1 | ~~2~~ |\n\n"
        "```py\nx = 1\n```\n\n<div>块<script>bad()</script></div>\n"
    )
    (article,) = markdown.read(source.encode(), LIMITS).articles
    assert (article.title, article.published) == ("前言", "2024-05-31")
    assert article.text.split("\n\n") == [
        "大 标题",
        "一段接着 code 链接 粗\n换行 图 new line",
        "- 一\n- 二\n1. 内\n2. 外",
        "引文。",
        "a | b\n1 | 2",
        "x = 1",
        "块",
    ]


def test_markdown_title_is_the_first_heading_of_level_one() -> None:
    (article,) = markdown.read("## 二\n\n# 一 `x`\n\n# 三".encode(), LIMITS).articles
    assert (article.text, article.title) == ("二\n\n一 x\n\n三", "一 x")
    assert [block.level for block in article.blocks] == [2, 1, 1]


def test_markdown_without_front_matter_may_begin_with_a_rule() -> None:
    (article,) = markdown.read(b"---\nno end", LIMITS).articles
    assert article.text == "no end"


def test_markdown_comments_are_passed_over() -> None:
    (article,) = markdown.read(
        b"<!-- a\n\ncomment -->\n\ntext <!-- inline --> here\n\n</div>\n\n<?php ?>\n",
        LIMITS,
    ).articles
    assert article.text == "text here"


def test_markdown_roles() -> None:
    article = article_of(
        "手册\n====\n\n安装\n----\n\n先断电。\n\n- 甲\n  1. 乙\n\n     乙的话\n- 丙\n\n```\nx = 1\n```\n"
    )
    assert blocks_of(article) == [
        ("heading 1", "手册"),
        ("heading 2", "安装"),
        ("paragraph", "先断电。"),
        ("list_item 1", "- 甲"),
        ("list_item 2", "1. 乙"),
        ("list_item 2", "乙的话"),
        ("list_item 1", "- 丙"),
        ("code", "x = 1"),
    ]


def test_markdown_tables_know_their_heads_and_captions() -> None:
    article = article_of(
        "# 营收\n\n单位：万元\n\n| 年 | 收入 |\n|:--|--:|\n| 2022 | 3,410 |\n| 2023 | |\n\n注：快报数。"
    )
    assert rows_of(article) == ["年=2022; 收入=3,410", "年=2023"]
    assert [(block.role, block.table) for block in article.blocks[1:]] == [
        ("caption", 1), ("table_head", 1), ("table_row", 1), ("table_row", 1), ("footnote", 1),
    ]  # fmt: skip


def test_markdown_tables_without_heads_are_keys_and_values() -> None:
    assert rows_of(article_of("| | |\n|-|-|\n| 型号 | X-200 |\n| 重量 | 2 kg |")) == [
        "=型号; 型号=X-200", "=重量; 重量=2 kg",
    ]  # fmt: skip


def test_markdown_footnotes_stand_where_they_are_referred_to() -> None:
    article = article_of(
        "# 甲[^n]\n\n两小时内登记[^1]。\n\n| a | b |\n|-|-|\n| 1[^t] | 2 |\n\n完。\n\n"
        "[^1]: 节假日\n    除外。\n\n    另行通知。\n[^t]: 估算。\n[^n]: 试行。\n[^z]: 无人引用。"
    )
    assert blocks_of(article) == [
        ("heading 1", "甲"),
        ("footnote", "试行。"),
        ("paragraph", "两小时内登记。"),
        ("footnote", "节假日除外。\n另行通知。"),
        ("table_head", "a | b"),
        ("table_row", "1 | 2"),
        ("footnote", "估算。"),
        ("paragraph", "完。"),
    ]
    assert article.blocks[6].table == 1


def test_markdown_bold_lines() -> None:
    article = article_of(
        "## 售后\n\n**退货**\n\n七天内。\n\n**能换吗？**\n\n能。\n\n**参数**\n\n| a | b |\n|-|-|\n| 1 | 2 |"
    )
    assert blocks_of(article)[:5] == [
        ("heading 2", "售后"),
        ("heading 3", "退货"),
        ("paragraph", "七天内。"),
        ("question", "能换吗？"),
        ("paragraph", "能。"),
    ]
    assert texts_of(article, "caption") == ["参数"]
    assert blocks_of(article_of("**注意：**\n\n小心。\n\n**完**"))[0] == (
        "paragraph",
        "注意：",
    )


def test_markdown_questions_and_replies_are_apart() -> None:
    article = article_of(
        "**Q：** 保修多久？\n**A：** 一年。\n\nQ: How long?\nA: One year."
    )
    assert blocks_of(article) == [
        ("question", "Q： 保修多久？"),
        ("paragraph", "A： 一年。"),
        ("question", "Q: How long?"),
        ("paragraph", "A: One year."),
    ]


def test_markdown_lines_that_begin_with_a_key_stay_lines() -> None:
    assert article_of(
        "**产地**：云南\n**等级**：一级\n重量：五百克\n这里是\n一句话"
    ).text == ("产地：云南\n等级：一级\n重量：五百克这里是一句话")


def test_markdown_html_in_between_is_read_as_html() -> None:
    article = article_of(
        "<details><summary>能退吗？</summary>\n\n可以。\n\n</details>\n\n"
        "<table>\n<tr><th>甲</th><th>乙</th></tr>\n\n<tr><td>1</td><td>2</td></tr>\n</table>"
    )
    assert blocks_of(article)[:2] == [("question", "能退吗？"), ("paragraph", "可以。")]
    assert rows_of(article) == ["甲=1; 乙=2"]
