"""What an article says of itself: each field right, or left out."""

from __future__ import annotations

from datetime import date

import pytest

from rag import sources
from rag.pages import recover, repaired
from rag.pages.edition import Calendar
from rag.pages.fields import Fields, fields_of

YEAR = Calendar(lambda: "2023年8月2日，大桥通车。")
NONE = Calendar(lambda: "")

DATELINES = [
    (
        "新华社沈阳8月3日电（记者 王明）全省夏粮再获丰收。",
        Fields("新华社", "记者 王明", "新华社沈阳8月3日电", "沈阳", "2023-08-03"),
    ),
    (
        "新華社瀋陽8月3日電（記者 王明）全省夏糧再獲豐收。",
        Fields("新華社", "記者 王明", "新華社瀋陽8月3日電", "瀋陽", "2023-08-03"),
    ),
    (
        "中新社東京8月3日電 (李华)两国代表会谈。",
        Fields("中新社", "李华", "中新社東京8月3日電", "東京", "2023-08-03"),
    ),
    ("本报讯（记者 王明）全省夏粮再获丰收。", Fields("本报", "记者 王明", "本报讯")),
    (
        "（新华社北京2022年8月3日电）",
        Fields("新华社", None, "新华社北京2022年8月3日电", "北京", "2022-08-03"),
    ),
    (
        "央视网消息（新闻联播）：全省夏粮再获丰收。",
        Fields("央视网"),
    ),  # a programme, no reporter; no day, no place
    ("本报记者 王 明 李小华", Fields("本报", "本报记者 王 明 李小华")),
    ("□ 記者 王明、李小華", Fields(None, "記者 王明、李小華")),
    ("湖南日报全媒体评论员 朱明华在竞争激烈的年代", Fields()),  # no name is as long
    ("记者3日从省农业农村厅获悉，全省夏粮再获丰收。", Fields()),
]


@pytest.mark.parametrize(("paragraph", "expected"), DATELINES)
def test_what_an_opening_states(paragraph: str, expected: Fields) -> None:
    found = fields_of([paragraph], YEAR)
    names = ("agency", "byline", "dateline", "place", "published")
    assert [getattr(found, name) for name in names] == [
        getattr(expected, name) for name in names
    ]


def test_how_a_date_was_inferred_is_told() -> None:
    (paragraph, _), *_ = DATELINES
    assert fields_of([paragraph], NONE).published is None
    assert "2023年" in str(fields_of([paragraph], YEAR).published_from)
    declared = fields_of([paragraph], YEAR, published="2020-02-02")
    assert (declared.published, declared.published_from) == ("2020-02-02", None)


def test_an_article_without_a_date_is_of_the_day_of_its_page() -> None:
    edition = Calendar(lambda: "", date(2024, 11, 19))
    found = fields_of(["全省夏粮再获丰收。"], edition)
    assert (found.published, found.published_from) == (
        "2024-11-19",
        "the date of the page",
    )
    found = fields_of(["新华社北京11月18日电 全省夏粮再获丰收。"], edition)
    assert (found.published, found.published_from) == (
        "2024-11-18",
        "11月18日 in the dateline; the page is of 2024-11-19",
    )


def test_the_heading_of_a_page_dates_its_articles_and_is_in_none_of_them() -> None:
    page = "\n\n".join(
        [
            "2024年11月19日 星期二 第03版 要闻",
            "夏粮再获丰收",
            "新华社沈阳11月18日电（记者 王明）记者从省农业农村厅获悉，今年全省夏粮再获丰收，单产和总产均比",
            "港口繁忙有序",
            "新华社上海11月17日电（记者 李华）上海港集装箱吞吐量上半年同比增长百分之六，港口作业繁忙有",
            "上年有所增加。农业部门说，秋粮播种也已过半，长势良好。",
            "序。码头负责人介绍，新的航线将在下个月开通，每周三班。",
        ]
    )
    source = sources.read_bytes(page.encode(), "page.txt")
    folio, *articles = repaired(source, source.parts[0])
    assert (folio.text, folio.published) == (
        "2024年11月19日 星期二 第03版 要闻",
        "2024-11-19",
    )
    assert {each.published for each in articles} == {"2024-11-18", "2024-11-17"}
    assert all("第03版" not in each.text for each in articles)


def test_an_article_with_a_date_line_is_of_that_day() -> None:
    text = "夏粮再获丰收\n\n2024年11月19日\n\n全省夏粮再获丰收，单产和总产均比上年有所增加。"
    (document,) = recover(sources.read_bytes(text.encode(), "article.txt"))
    assert (document.published, document.text) == ("2024-11-19", text)
