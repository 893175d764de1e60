"""Questions after two things at once, and what they are asked as."""

from __future__ import annotations

import pytest

from rag.answering.parts import parts_of


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("甲和乙的价格分别是多少？", ("甲的价格是多少？", "乙的价格是多少？")),
        (
            "门禁项目、能耗监测项目的负责人各是谁？",
            ("门禁项目的负责人是谁？", "能耗监测项目的负责人是谁？"),
        ),
        (
            "2023年稻谷和小麦的产量分别是多少？",
            ("2023年稻谷的产量是多少？", "2023年小麦的产量是多少？"),
        ),
        (
            "该方案的优点和缺点分别是什么？",
            ("该方案的优点是什么？", "该方案的缺点是什么？"),
        ),
        (
            "What are the prices of the A-10 and the B-20 respectively?",
            ("What are the prices of the A-10?", "What are the prices of the B-20?"),
        ),
    ],
)
def test_each_thing_is_asked_after_alone(question: str, asked: tuple[str, ...]) -> None:
    parts = parts_of(question)
    assert parts is not None and parts.more is None
    assert parts.asked == asked


@pytest.mark.parametrize(
    ("question", "asked", "more"),
    [
        ("海豚和云雀哪个更重？", ("海豚多重？", "云雀多重？"), True),
        ("海豚和云雀哪款便宜？", ("海豚多少钱？", "云雀多少钱？"), False),
        (
            "Which is heavier, the A-10 or the B-20?",
            ("How heavy is the A-10?", "How heavy is the B-20?"),
            True,
        ),
    ],
)
def test_a_comparison_asks_for_both_measures(
    question: str, asked: tuple[str, ...], more: bool
) -> None:
    parts = parts_of(question)
    assert parts is not None
    assert (parts.asked, parts.more) == (asked, more)


@pytest.mark.parametrize(
    "question",
    [
        "甲的价格是多少？",
        "和平路有多长？",
        "评估结果分几档，分别是什么？",
        "Who wrote War and Peace?",
        "哪个城市更大？",
    ],
)
def test_a_question_after_one_thing_has_no_parts(question: str) -> None:
    assert parts_of(question) is None


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (("47克", "52克"), "云雀"),
        (("1,200克", "900克"), "海豚"),
        (("47克", "0.1千克"), None),  # units differ: no sum is done
        (("47克", "47克"), None),
        (("47克", "很轻"), None),
        (("47克",), None),
    ],
)
def test_the_greater_of_two_like_figures_is_told(
    answers: tuple[str, ...], told: str | None
) -> None:
    parts = parts_of("海豚和云雀哪个更重？")
    assert parts is not None
    assert parts.told(answers) == told


def test_the_lesser_is_told_where_less_is_asked_for() -> None:
    parts = parts_of("海豚和云雀哪款更便宜？")
    assert parts is not None
    assert parts.told(("799元", "999元")) == "海豚"


def test_nothing_is_told_of_two_things_that_are_not_compared() -> None:
    parts = parts_of("海豚和云雀的价格分别是多少？")
    assert parts is not None
    assert parts.told(("799元", "999元")) is None
