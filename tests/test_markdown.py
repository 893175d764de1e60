"""Markdown: what a reader would see."""

from __future__ import annotations

from rag.sources import markdown
from rag.sources.base import Article, Limits

LIMITS = Limits()


def test_markdown() -> None:
    source = (
        '---\ntitle: "前言"\ndate: 2024-5-31\ntags: [a]\n---\n# 大 *标题*\n\n'
        '一段\n接着 `code` [链接](http://x "t") <b>粗</b>  \n换行 ![图](x.png)\nnew\nline\n\n'
        "- 一\n- 二\n  1. 内\n  2. 外\n\n> 引文\n\n| a | b |\n|---|---|\n| 1 | ~~2~~ |\n\n"
        "```py\nx = 1\n```\n\n<div>块<script>bad()</script></div>\n"
    )
    (article,) = markdown.read(source.encode(), LIMITS).articles
    assert (article.title, article.published) == ("前言", "2024-05-31")
    assert article.text.split("\n\n") == [
        "大 标题",
        "一段接着 code 链接 粗\n换行 图 new line",
        "- 一\n- 二\n  1. 内\n  2. 外",
        "引文",
        "a | b\n1 | 2",
        "x = 1",
        "块",
    ]


def test_markdown_title_is_the_first_heading_of_level_one() -> None:
    (article,) = markdown.read("## 二\n\n# 一 `x`\n\n# 三".encode(), LIMITS).articles
    assert article == Article("二\n\n一 x\n\n三", "一 x", None)


def test_markdown_without_front_matter_may_begin_with_a_rule() -> None:
    (article,) = markdown.read(b"---\nno end", LIMITS).articles
    assert article.text == "no end"


def test_markdown_comments_are_passed_over() -> None:
    (article,) = markdown.read(
        b"<!-- a\n\ncomment -->\n\ntext <!-- inline --> here\n\n</div>\n\n<?php ?>\n", LIMITS
    ).articles
    assert article.text == "text here"
