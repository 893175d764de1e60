"""Which year a page is of, by the years that it names."""

from __future__ import annotations

import json
import lzma
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from models.errors import ModelUnavailable
from models.pages.years import FILE, Mention, YearModel, mentions
from models.training import pages_years
from rag.pages.edition import Calendar, day_of, folios
from rag.pages.years import year_of


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("会议于2023年8月2日召开。", 2023),  # two days before
        ("2023世界机器人大会开幕，2023年上半年产量比2022年增长一成。", 2023),
        (
            "比2023年增加378万户。2024年世界互联网大会召开，截至2024年6月底工程已经完工。",
            2024,
        ),
        ("工程于2019年开工，2023年8月1日通车，预计2030年收回投资。", 2023),
    ],
)
def test_the_year_is_the_one_under_which_the_others_are_likely(
    text: str, year: int
) -> None:
    assert year_of(text, 8, 4) == year


@pytest.mark.parametrize(
    "text",
    [
        "没有年份。",
        "曾在2006年选举中获胜，后来分裂。",  # long ago, and nothing says what came after
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


def test_the_day_of_the_page_completes_a_date_and_the_turn_of_the_year_is_minded() -> (
    None
):
    page = ["2024年1月2日 星期二 第01版", "本报讯，2019年2019年2019年。"]
    calendar = Calendar.of_page("\n".join(page), page)
    assert day_of(page[0]) == calendar.printed
    assert calendar.complete(1, 1) == ("2024-01-01", "the page is of 2024-01-02")
    assert calendar.complete(12, 31) == ("2023-12-31", "the page is of 2024-01-02")
    assert calendar.complete(1, 5) == ("2024-01-05", "the page is of 2024-01-02")
    assert calendar.complete(13, 31) is None


# the counts behind it


def test_a_mention_is_as_far_from_the_news_as_it_says() -> None:
    text = "2022年底建成，2023年6月动工，截至2023年8月1日，比2021年增长。2023世界大会"
    found = {each.kind: each for each in mentions(text)}
    before = {kind: each.before(2023, 8, 4) for kind, each in found.items()}
    assert before == {"to_come": 1, "month": 2, "day": 3, "compared": 2, "named": 0}
    assert (
        Mention("day", 2022, 12, 31).before(2023, 1, 2) == 1
    )  # a month is taken to have 30.44 days


def test_what_an_article_prints_again_counts_once() -> None:
    counts = pages_years.count(
        [
            (date(2023, 8, 4), "2023年8月2日举行开幕仪式。" * 3),
            (date(2024, 1, 9), "2023年8月2日，2030年建成"),
        ]
    )
    assert counts["day"] == Counter({2: 1, 5 * 30 + 2 + 7: 1})
    assert counts["to_come"] == Counter({-6: 1})
    assert not counts["plain"]


def test_a_table_is_a_distribution_highest_where_most_was_counted() -> None:
    rows = pages_years.table(
        Counter({0: 60, 1: 30, 4: 9, 150: 1}), pages_years.YEARS, 1
    )
    ends = [*(start for start, _ in rows[1:]), -rows[0][0]]
    chances = dict(rows)
    assert sum(
        chance * (end - start) for (start, chance), end in zip(rows, ends, strict=True)
    ) == (pytest.approx(1, abs=0.01))
    assert chances[0] == pytest.approx(2 * chances[1], rel=0.02)
    assert min(chances.values()) > 0


def test_tables_that_were_counted_are_those_that_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "text"
    folder.mkdir(parents=True)
    with lzma.open(folder / "news_zh.jsonl.xz", "wt", encoding="utf-8") as file:
        for n in range(50):
            row = {
                "id": f"made:{n}",
                "published": "2023-08-16" if n % 2 else None,
                "text": "2022年如此。",
            }
            file.write(json.dumps(row) + "\n")
    monkeypatch.setattr(
        sys, "argv", ["pages_years", str(tmp_path / "data"), str(tmp_path / "out")]
    )
    pages_years.main()
    model = YearModel.load(tmp_path / "out")
    last, same = (
        model.chance(Mention("plain", year), 2023, 8, 4) for year in (2022, 2023)
    )
    assert last > 100 * same
    assert model.chance(Mention("since", 1999), 2023, 8, 4) == model.chance(
        Mention("since", 2023), 2023, 8, 4
    )


def test_what_ships_says_that_news_is_mostly_of_its_own_year() -> None:
    model = YearModel.load()
    for kind in ("period", "named"):
        chances = [
            model.chance(Mention(kind, year), 2023, 8, 4) for year in range(1990, 2040)
        ]
        assert max(chances) == chances[2023 - 1990]


@pytest.mark.parametrize("said", ["", "[]", '{"day": []}', None])
def test_tables_that_cannot_be_read_are_said_to_be_unavailable(
    said: str | None, tmp_path: Path
) -> None:
    if said is not None:
        (tmp_path / FILE).write_text(said)
    with pytest.raises(ModelUnavailable, match=r"years\.json"):
        YearModel.load(tmp_path)
