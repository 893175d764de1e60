from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from eval.facts import Fact
from eval.pages.corruption_trials import (
    AS_PRINTED,
    CORRUPTIONS,
    WAYS,
    print_corruptions,
    run_corruptions,
    trials,
)
from eval.pages.gold import GoldPage
from eval.pages.printing import gold_of, printed
from tests.page_toys import article

MADE = [
    article(
        "library",
        "小镇图书馆于3月5日重新开放，馆长周明远说，新馆共有四层，藏书12万册。",
        "图书馆每天早上九点开门，晚上八点关门，读者凭身份证可以免费借阅。",
        headline="小镇图书馆重新开放",
    ),
    article(
        "orchard",
        "今年，河湾果园收获苹果320吨，比去年增加40吨，是建园以来收成最好的一年。",
        "果园主人孙秀兰介绍，增产的原因是引进了滴灌技术，省水又省工。",
        headline="果园的收成",
    ),
]
FACTS = [
    Fact("a", "图书馆有多少藏书？", ("12万册",), "zh", "fact", ("藏书12万册",)),
    Fact(
        "b",
        "河湾果园今年收获了多少苹果？",
        ("320吨",),
        "zh",
        "fact",
        ("收获苹果320吨",),
    ),
]


@pytest.fixture
def page() -> GoldPage:
    return gold_of(printed(MADE), MADE, name="toys")


def test_every_corruption_is_drawn_anew_and_the_intact_page_once(
    page: GoldPage,
) -> None:
    made = trials(page, draws=2)
    assert [(trial.corruption, trial.draw) for trial in made] == [
        (AS_PRINTED, 0),
        ("intact", 0),
        *((name, draw) for name in CORRUPTIONS if name != "intact" for draw in (0, 1)),
    ]
    assert made[0].text == made[1].text == page.text
    assert trials(page, draws=2) == made
    assert trials(page, draws=2, seed=1) != made


def test_what_is_moved_and_cut_is_all_there(page: GoldPage) -> None:
    signs = sorted("".join(page.text.split()))
    for trial in trials(page):
        assert (
            trial.corruption in ("duplicated", "all")
            or sorted("".join(trial.text.split())) == signs
        )


def test_a_row_a_corruption_read_in_both_ways(page: GoldPage) -> None:
    asked = [trial for trial in trials(page) if trial.corruption in (AS_PRINTED, "all")]
    results = run_corruptions(asked, FACTS, dataset="toys")
    assert results.dataset == "toys-corruption"
    assert results.by["kind"].keys() == {
        f"{each.corruption}, {way}" for each in asked for way in WAYS
    }
    assert results.by["kind"][f"{AS_PRINTED}, plain"]["answer_right"].value == 1.0
    assert len({case["id"] for case in results.cases}) == len(results.cases) == 8
    written = StringIO()
    print_corruptions(results, Console(file=written, width=120))
    assert "as printed" in written.getvalue()
    assert "1.000 → " in written.getvalue()
