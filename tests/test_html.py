"""HTML: the article kept, the furniture dropped."""

from __future__ import annotations

import pytest

from rag.sources import html
from rag.sources.base import Article, Limits, ReadingError

LIMITS = Limits()


def page(body: str, head: str = "") -> Article:
    data = f"<!doctype html><html><head>{head}</head><body>{body}</body>".encode()
    return html.read(data, LIMITS).articles[0]


def test_html_keeps_the_article_and_drops_the_furniture() -> None:
    article = page(
        "<header><h1>某网</h1></header><nav><a>首页</a></nav>"
        "<ul><li><a>新闻</a><li><a>体育</a><li><a>财经</a></ul>"
        "<article><header><h1>全国供暖</h1></header>"
        "<p>第一段\n  接着。<b>粗</b>体 and <i>English</i>\n text</p>"
        "<script>alert(1)</script><style>p{}</style><p hidden>藏</p><p style='display: none'>藏</p>"
        "<aside>广告</aside><p>第二段。</p></article><footer>版权</footer>"
    )
    assert article.text == "全国供暖\n\n第一段接着。粗体 and English text\n\n第二段。"
    assert article.title == "全国供暖"


def test_html_lists_and_tables_stay_readable() -> None:
    article = page(
        "<p>前<ul><li>一<ul><li>内</ul><li>二</ul><ol start=3><li>三<li>四</ol>"
        "<table><caption>表<tr><th>年<th>数<tr><td>2020<td>5</table><pre>x = 1\n  y</pre>尾"
    )
    assert (
        article.text
        == "前\n\n- 一\n  - 内\n- 二\n\n3. 三\n4. 四\n\n表\n年 | 数\n2020 | 5\n\nx = 1\n  y\n\n尾"
    )


def test_html_tables_for_layout_are_read_as_paragraphs() -> None:
    assert page("<table><tr><td><p>甲</p><table><tr><td>乙</table><p>丙</p></table>").text == "甲\n\n乙\n\n丙"


def test_html_line_breaks() -> None:
    assert page("甲<br>乙<br><br>丙<br>\u3000\u3000丁<br/> 戊").text == "甲\n乙\n\n丙\n\n丁\n戊"


def test_html_of_links_alone_is_still_read() -> None:
    assert page("<ul><li><a>新闻<li><a>体育<li><a>财经</ul>").text == "- 新闻\n- 体育\n- 财经"


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2024-05-31T23:00:00+08:00">',
        '<meta name="pubdate" content="2024/5/31 10:00">',
        '<meta itemprop="datePublished" content="May 31, 2024">',
        '<meta name="pubdate" content="soon"><meta name="date" content="2024-05-31">',
    ],
)
def test_html_published(head: str) -> None:
    assert page("x", head).published == "2024-05-31"


def test_html_title_falls_back() -> None:
    assert page("<h1>乙</h1>", '<meta property="og:title" content="甲"><title>丙</title>').title == "甲"
    assert page("<p>x", "<title> 丙\n 丁</title>").title == "丙 丁"
    assert page("<p>x").title is None


@pytest.mark.parametrize(
    "declaration", ['<meta charset="gbk">', "<META http-equiv=x content='text/html; charset=GB2312'>"]
)
def test_html_declared_encoding(declaration: str) -> None:
    reading = html.read(f"<html><head>{declaration}<title>靐</title><p>龘".encode("gb18030"), LIMITS)
    assert (reading.articles[0].title, reading.articles[0].text, reading.encoding) == ("靐", "龘", "gb18030")


def test_html_references_are_markup_safe_and_leave_no_controls() -> None:
    assert (
        page("&#147;甲&#148;&#11;<header>x</header>&#60;b&#62;&#x202E;&#0;&#xD800;\v&lt;").text
        == "“甲” <b>�� <"
    )


def test_html_expands_no_entities_of_its_own() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;"><!ENTITY e SYSTEM "file:///etc/hostname">]>'
    (article,) = html.read(f"{bomb}<html><body><p>&b;&e;&amp;&eacute;".encode(), LIMITS).articles
    assert article.text.endswith("&b;&e;&é")


@pytest.mark.parametrize("data", [b"<div>" * 100_000 + b"x", b"<p>" + b"x" * 11_000_000])
def test_html_beyond_the_parser_is_refused_not_cut(data: bytes) -> None:
    with pytest.raises(ReadingError, match="too deep or too large"):
        html.read(data, LIMITS)
