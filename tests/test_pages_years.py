"""Which year a page is of, by the years that it names."""

from __future__ import annotations

import pytest

from rag.pages.edition import Calendar, day_of, folios
from rag.pages.years import year_of


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("会议于2023年8月2日召开。", 2023),  # two days before
        ("2023世界机器人大会开幕，2023年上半年产量比2022年增长一成。", 2023),
        ("比2023年增加378万户。2024年世界互联网大会召开，截至2024年6月底工程已经完工。", 2024),
        ("工程于2019年开工，2023年8月1日通车，预计2030年收回投资。", 2023),
    ],
)
def test_the_year_is_the_one_under_which_the_others_are_likely(text: str, year: int) -> None:
    assert year_of(text, 8, 4) == year


@pytest.mark.parametrize(
    "text",
    [
        "没有年份。",
        "曾在2006年选举中获胜，2006年大选后分裂。",  # long ago, and nothing says what came after
        "公司成立于2014年，2016年开始参展。",
        "量产时间将由2024年年底延至2025年。",
        "去年的8月2日，比分是2023比2019。",
    ],
)
def test_no_year_where_it_is_not_nearly_certain(text: str) -> None:
    assert year_of(text, 8, 4) is None


def test_what_is_printed_twice_proves_nothing_twice() -> None:
    once = "2023年，队伍增加到三百人。"
    assert year_of(once, 8, 4) is None
    assert year_of(once * 5, 8, 4) is None


FOLIOS = [
    "2024年11月19日 第03版 要闻",
    "2024年11月19日 星期二",
    "人民日报 2024年11月19日 星期二 第3版",
    "2024-11-19",
    "第03版：要闻",
    "03版 要闻",
]
TEXTS = [
    "2024年11月19日，大会在乌镇开幕。",
    "第三版工程规划通过评审",
    "新华社北京11月18日电",
    "2024年11月19日起施行新的收费标准",
    "夏粮再获丰收",
]


@pytest.mark.parametrize("text", FOLIOS)
def test_a_date_line_is_a_folio_at_either_end_of_a_page(text: str) -> None:
    assert folios([text, *TEXTS, *TEXTS]) == [0]
    assert folios([*TEXTS, *TEXTS, text]) == [10]
    assert folios([*TEXTS, text, *TEXTS]) == []


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_no_folio(text: str) -> None:
    assert folios([text]) == []


def test_the_day_of_the_page_completes_a_date_and_the_turn_of_the_year_is_minded() -> None:
    page = ["2024年1月2日 星期二 第01版", "本报讯，2019年2019年2019年。"]
    calendar = Calendar.of_page("\n".join(page), page)
    assert day_of(page[0]) == calendar.printed
    assert calendar.complete(1, 1) == ("2024-01-01", "the page is of 2024-01-02")
    assert calendar.complete(12, 31) == ("2023-12-31", "the page is of 2024-01-02")
    assert calendar.complete(1, 5) == ("2024-01-05", "the page is of 2024-01-02")
    assert calendar.complete(13, 31) is None
