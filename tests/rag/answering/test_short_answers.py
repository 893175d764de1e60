"""The bare fact above an answer: whole, of the kind asked for, and only where it answers."""

from __future__ import annotations

import pytest

from models.language.questions import read
from rag.answering.short_answers import (
    answers_difference,
    echoes,
    fits,
    heading_that_answers,
    whole_unit,
    without_preposition,
)


@pytest.mark.parametrize(
    ("text", "read_", "whole"),
    [
        ("保修期为三十六个月。", "三十六", "三十六个月"),
        ("答复不超过七个工作日。", "超过七个工作日", "不超过七个工作日"),
        ("由《晨报》报道。", "《晨报", "《晨报》"),
        ("1. 押金200元", "1. 押金200元", "押金200元"),
    ],
)
def test_what_was_read_becomes_a_whole_unit(text: str, read_: str, whole: str) -> None:
    at = text.index(read_)
    start, end = whole_unit(text, (at, at + len(read_)))
    assert text[start:end] == whole


def test_a_place_is_no_number_and_a_reason_is_never_bare() -> None:
    assert not fits("number", "浙江乌镇")
    assert fits("number", "74家")
    assert not fits("reason", "因为下雨")


def test_the_question_said_again_is_an_echo() -> None:
    assert echoes("哪种茶需要冷藏？", "需要冷藏")
    assert not echoes("哪种茶需要冷藏？", "云雾绿茶")


@pytest.mark.parametrize(
    ("question", "before", "sentence", "answers"),
    [
        (
            "保护率提高了多少个百分点？",
            "保护率由52%提高到",
            "保护率由52%提高到70%。",
            False,
        ),
        ("保护率提高了多少？", "保护率提高了", "保护率提高了18个百分点。", True),
        ("甲比乙多多少？", "甲产出", "甲产出30吨，乙产出20吨。", False),
        ("甲比乙多多少？", "甲比乙多", "甲比乙多10吨。", True),
        ("How much did sales rise?", "Sales rose to ", "Sales rose to 40.", False),
        ("甲有多少？", "达到", "甲达到30吨。", True),
    ],
)
def test_a_difference_is_told_where_it_is_stated(
    question: str, before: str, sentence: str, answers: bool
) -> None:
    assert answers_difference(question, before, sentence) is answers


def test_prepositions_go_from_names_and_stay_with_figures() -> None:
    assert without_preposition("organisation", "由运维一组") == "运维一组"
    assert without_preposition("number", "在30人") == "在30人"
    assert (
        without_preposition("person", "由某") == "由某"
    )  # a name of two characters keeps both


def test_a_heading_answers_which_when_it_names_the_thing() -> None:
    headings = ("产品手册", "云雾绿茶", "储存方法")
    assert heading_that_answers(read("哪种绿茶要低温保存？"), headings) == "云雾绿茶"
    assert (
        heading_that_answers(read("哪种绿茶要低温保存？"), ("产品手册", "储存方法"))
        is None
    )


def test_a_heading_that_is_a_name_answers_who() -> None:
    assert (
        heading_that_answers(read("哪些人毕业于南岭大学？"), ("人员简介", "李文华"))
        == "李文华"
    )


def test_what_the_question_says_already_is_no_answer() -> None:
    assert heading_that_answers(read("云雾绿茶是哪种绿茶？"), ("云雾绿茶",)) is None
