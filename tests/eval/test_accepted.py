"""What counts as saying an accepted answer: items, short answers, choices. Shares are redone by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.accepted import items_shown, says_it, short_verdict
from eval.facts import Fact
from eval.harness import run_facts
from eval.results import Case
from rag.records import Answer, Claim
from tests.scripted_library import SENTENCES, answer_of, refuses, says, scripted

CITIES = Fact(
    "cities",
    "哪三座城市？",
    ("济南、滨州、淄博",),
    "zh",
    "list",
    (SENTENCES[0],),
    items=(("济南", "Jinan"), ("滨州",), ("淄博",)),
)
OPEN = Fact(
    "open",
    "周一开门吗？",
    ("是", "开门"),
    "zh",
    "yesno",
    (SENTENCES[0],),
    wrong=("否", "不开门"),
)


def said(*claims: str, short: str | None = None) -> Answer:
    return answer_of("answered", short, [Claim(claim, (1,)) for claim in claims])


def test_an_item_is_shown_in_any_claim_and_in_any_of_its_forms() -> None:
    answer = said("供水给Jinan。", "淄博也用它。")
    assert items_shown(answer, CITIES.items) == [True, False, True]


def test_what_cites_nothing_shows_nothing() -> None:
    answer = answer_of("answered", None, [Claim("济南、滨州、淄博", ())])
    assert items_shown(answer, CITIES.items) == [False, False, False]


def test_a_list_is_right_with_all_of_its_items_and_an_overview_with_one() -> None:
    two_of_three, three = said("济南、淄博"), said("济南、滨州、淄博")
    assert not says_it(CITIES, two_of_three)
    assert says_it(CITIES, three)
    assert says_it(replace(CITIES, kind="overview"), two_of_three)
    assert not says_it(replace(CITIES, kind="overview"), said("青岛"))


@pytest.mark.parametrize(
    ("answers", "wrong", "short", "verdict"),
    [
        (("74家",), (), "74家", "right"),
        (("74家",), (), "达74家", "right"),
        (("74家",), (), "7家", "wrong"),
        (("74家",), (), None, "neither"),
        # holds the right one, and a wrong one beside it
        (("74家",), ("7家",), "74家，其中7家", "wrong"),
        # what is wrong alone is no mistake within what is accepted
        (("2020年底",), ("2020年",), "在2020年底", "right"),
        (("2020年底",), ("2020年",), "2020年", "wrong"),
    ],
)
def test_a_short_answer_is_right_wrong_or_not_there(
    answers: tuple[str, ...], wrong: tuple[str, ...], short: str | None, verdict: str
) -> None:
    fact = Fact("a", "几家？", answers, "zh", "number", wrong=wrong)
    assert short_verdict(fact, short) == verdict


def test_what_explains_may_be_put_in_any_words_but_the_wrong_ones() -> None:
    fact = Fact("a", "为什么？", ("下雨",), "zh", "why", wrong=("周一",))
    assert short_verdict(fact, "路滑") == "neither"
    assert short_verdict(fact, "周一") == "wrong"


@pytest.mark.parametrize(
    ("claim", "short", "right"),
    [
        ("图书馆周一照常开门。", "是", True),
        ("图书馆周一照常开门。", None, True),
        ("图书馆周一照常开门。", "否", False),
        # a 是 within a sentence answers nothing
        ("图书馆是新建的。", None, False),
        ("图书馆周一不开门。", "不开门", False),
    ],
)
def test_yes_or_no_is_what_the_short_answer_says(
    claim: str, short: str | None, right: bool
) -> None:
    assert says_it(OPEN, said(claim, short=short)) is right


def test_a_comparison_that_picks_the_other_is_wrong_over_the_right_quote() -> None:
    fact = Fact("a", "哪批多？", ("第一批",), "zh", "compare", wrong=("第二批", "8个"))
    assert says_it(fact, said("第一批13个，第二批8个。"))
    assert not says_it(fact, said("第一批13个，第二批8个。", short="第二批"))


# through the harness


def case_of(fact: Fact, answer: str, short: str | None = None) -> Case:
    library = scripted({fact.question: says(answer, short)})
    return run_facts(library, [fact], dataset="toy").cases[0]


def test_a_list_scores_the_share_of_its_items() -> None:
    fact = replace(CITIES, items=(("74家",), ("7家",), ("绍兴",)))
    case = case_of(fact, SENTENCES[0])
    assert case["scores"]["items_shown"] == pytest.approx(2 / 3)
    assert case["scores"]["answer_right"] == 0.0
    assert case["why_not"] == "2 of 3 items were named"
    assert "short_answer_right" not in case["scores"]


def test_a_refused_list_shows_none_of_its_items() -> None:
    library = scripted({CITIES.question: refuses})
    (case,) = run_facts(library, [CITIES], dataset="toy").cases
    assert case["scores"]["items_shown"] == case["scores"]["answer_right"] == 0.0


def test_a_wrong_choice_is_counted_and_told() -> None:
    fact = replace(OPEN, answers=("是", "74家"))
    case = case_of(fact, SENTENCES[0], "否")
    assert case["scores"]["short_answer_wrong"] == 1.0
    assert case["scores"]["short_answer_right"] == 0.0
    assert case["why_not"] == "its short answer chooses another"


def test_what_must_be_computed_may_be_refused_or_answered() -> None:
    fact = Fact(
        "a",
        "一共几家？",
        ("74家",),
        "zh",
        "compare",
        (SENTENCES[0],),
        refuse_ok=True,
    )
    library = scripted({fact.question: refuses})
    refused = run_facts(library, [fact], dataset="toy").cases[0]
    assert refused["right"]
    assert refused["scores"]["refused_right"] == 1.0
    assert "refused_wrong" not in refused["scores"]
    answered = case_of(fact, SENTENCES[0])
    assert answered["right"]
    assert answered["scores"]["answer_right"] == 1.0
