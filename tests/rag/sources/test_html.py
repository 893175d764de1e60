"""HTML: the article kept, the furniture dropped."""

from __future__ import annotations

import pytest

from rag.sources import html
from rag.sources.base import Article, Limits, ReadingError
from tests.outlines import blocks_of, rows_of, texts_of

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
        == "前\n\n- 一\n- 内\n- 二\n3. 三\n4. 四\n\n表\n年 | 数\n2020 | 5\n\nx = 1\n  y\n\n尾"
    )
    assert [block.level for block in article.blocks if block.role == "list_item"] == [
        1,
        2,
        1,
        1,
        1,
    ]


def test_html_tables_for_layout_are_read_as_paragraphs() -> None:
    assert (
        page("<table><tr><td><p>甲</p><table><tr><td>乙</table><p>丙</p></table>").text
        == "甲\n\n乙\n\n丙"
    )


def test_html_line_breaks() -> None:
    assert (
        page("甲<br>乙<br><br>丙<br>\u3000\u3000丁<br/> 戊").text
        == "甲\n乙\n\n丙\n\n丁\n戊"
    )


def test_html_of_links_alone_is_still_read() -> None:
    assert (
        page("<ul><li><a>新闻<li><a>体育<li><a>财经</ul>").text
        == "- 新闻\n- 体育\n- 财经"
    )


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
    assert (
        page(
            "<h1>乙</h1>", '<meta property="og:title" content="甲"><title>丙</title>'
        ).title
        == "甲"
    )
    assert page("<p>x", "<title> 丙\n 丁</title>").title == "丙 丁"
    assert page("<p>x").title is None


@pytest.mark.parametrize(
    "declaration",
    ['<meta charset="gbk">', "<META http-equiv=x content='text/html; charset=GB2312'>"],
)
def test_html_declared_encoding(declaration: str) -> None:
    reading = html.read(
        f"<html><head>{declaration}<title>靐</title><p>龘".encode("gb18030"), LIMITS
    )
    assert (reading.articles[0].title, reading.articles[0].text, reading.encoding) == (
        "靐",
        "龘",
        "gb18030",
    )


def test_html_references_are_markup_safe_and_leave_no_controls() -> None:
    assert (
        page(
            "&#147;甲&#148;&#11;<header>x</header>&#60;b&#62;&#x202E;&#0;&#xD800;\v&lt;"
        ).text
        == "“甲” <b>�� <"
    )


def test_html_expands_no_entities_of_its_own() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;"><!ENTITY e SYSTEM "file:///etc/hostname">]>'
    (article,) = html.read(
        f"{bomb}<html><body><p>&b;&e;&amp;&eacute;".encode(), LIMITS
    ).articles
    assert article.text.endswith("&b;&e;&é")


@pytest.mark.parametrize(
    "data", [b"<div>" * 100_000 + b"x", b"<p>" + b"x" * 11_000_000]
)
def test_html_beyond_the_parser_is_refused_not_cut(data: bytes) -> None:
    with pytest.raises(ReadingError, match="too deep or too large"):
        html.read(data, LIMITS)


# structure


def test_html_headings_paragraphs_code_and_captions() -> None:
    article = page(
        "<h1>手册</h1><h2>安装</h2><p>先断电。</p><pre>make\n  all</pre><figure><figcaption>图1 接线</figure>"
    )
    assert blocks_of(article) == [
        ("heading 1", "手册"),
        ("heading 2", "安装"),
        ("paragraph", "先断电。"),
        ("code", "make\n  all"),
        ("caption", "图1 接线"),
    ]


def test_html_a_heading_in_an_item_stays_a_heading() -> None:
    article = page("<ul><li><h3>红茶</h3><p>每盒 128 元。</p></li></ul>")
    assert blocks_of(article) == [
        ("heading 3", "红茶"),
        ("list_item 1", "- 每盒 128 元。"),
    ]


def test_html_tables_with_heads_over_two_rows_and_columns() -> None:
    article = page(
        "<table><caption>各区医院</caption><thead><tr><th rowspan=2>区<th colspan=2>家数"
        "<tr><th>2023年<th>2024年</thead><tr><th rowspan=2>东区<td>23<td>27<tr><td>24<td>28</table>"
    )
    assert texts_of(article, "caption") == ["各区医院"]
    assert rows_of(article) == [
        "区=东区; 家数 / 2023年=23; 家数 / 2024年=27",
        "区=东区; 家数 / 2023年=24; 家数 / 2024年=28",
    ]


def test_html_a_head_before_each_value_is_a_key() -> None:
    article = page("<table><tr><th>型号：<td>X-200<tr><th>重量<td>2<br>公斤</table>")
    assert rows_of(article) == ["=型号; 型号=X-200", "=重量; 重量=2 公斤"]


def test_html_spans_that_are_no_figures_count_as_one() -> None:
    article = page(
        "<table><tr><th>甲<th>乙<tr><td colspan=x>1<td rowspan=-2>2<tr><td rowspan=0>3<td>4</table>"
    )
    assert rows_of(article) == ["甲=1; 乙=2", "甲=3; 乙=4"]


def test_html_a_small_table_in_a_cell_is_its_text() -> None:
    article = page(
        "<table><tr><td>标准<td><table><tr><td>G 4108<td>合金钢</table><tr><td>等级<td>甲</table>"
    )
    assert rows_of(article) == ["=标准; 标准=G 4108 合金钢", "=等级; 等级=甲"]


def test_html_long_cells_under_heads_are_still_a_table() -> None:
    article = page(f"<table><tr><th>条款<th>内容<tr><td>一<td>{'长' * 400}</table>")
    assert rows_of(article) == [f"条款=一; 内容={'长' * 400}"]


def test_html_questions_that_open() -> None:
    article = page(
        "<details><summary><h3>能退吗？</h3></summary><p>七天内可以。</p></details>"
    )
    assert blocks_of(article) == [
        ("question", "能退吗？"),
        ("paragraph", "七天内可以。"),
    ]


def test_html_questions_and_terms_in_lists_of_definitions() -> None:
    asked = page("<dl><dt>能退吗？<dd>可以。<dt>多久？<dd>七天。</dl>")
    assert [role for role, _ in blocks_of(asked)] == ["question", "paragraph"] * 2
    defined = page(
        "<dl><dt>保修期</dt><dd>三年</dd><dt>颜色</dt><dd>白</dd><dd>黑</dd></dl>"
    )
    assert rows_of(defined) == [
        "=保修期; 保修期=三年",
        "=颜色; 颜色=白",
        "=颜色; 颜色=黑",
    ]


# furniture


@pytest.mark.parametrize(
    "furniture",
    [
        "<div class='cookie-banner'>本站使用 Cookie。</div>",
        "<div id='share'>微信 微博</div>",
        "<ol class='breadcrumb'><li>首页<li>新闻</ol>",
        "<div>版权所有 © 2024 某公司</div>",
        "<p>京ICP备12345678号</p>",
        "<p>分享到：微信 微博</p>",
        "<p>We use cookies to serve you. Accept</p>",
        "<div><a>首页</a> | <a>新闻</a> | <a>联系</a></div>",
        "<table><tr><td><a>Home</a><td><a>News</a><td><a>About</a></table>",
    ],
)
def test_html_furniture_is_left_out(furniture: str) -> None:
    text = "保修期为三年，自发票日期起计算。" * 5
    assert page(f"{furniture}<p>{text}</p>{furniture}").text == text


def test_html_what_only_sounds_like_furniture_is_kept() -> None:
    policy = "本网站使用 Cookie 记录登录状态，保存三十天。"
    shares = "<div class='share-price'>" + "股价为三元。" * 20 + "</div>"
    assert page(f"<p>{policy}</p>").text == policy
    assert "股价为三元。" in page(shares).text


def test_a_title_across_a_head_is_a_caption_and_no_part_of_every_head() -> None:
    article = page(
        "<p>正文。</p><table><thead><tr><th colspan=3>某厂产量表</th></tr>"
        "<tr><th>地区</th><th>产量</th><th>产值</th></tr></thead>"
        "<tr><td>东区</td><td>20</td><td>300</td></tr></table>"
    )
    assert rows_of(article) == ["地区=东区; 产量=20; 产值=300"]
    assert texts_of(article, "caption") == ["某厂产量表"]
