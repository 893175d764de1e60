"""What a question is about, told from its words."""

from __future__ import annotations

import pytest

from rag.conversation.subjects import alike, exchanged, subject_of


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("冷库扩建的质保期是多久？", "冷库扩建"),
        ("收割机有几台？", "收割机"),
        ("请病假需要什么材料？", "病假"),
        ("云朵Pro卖多少钱？", "云朵Pro"),
        ("屋顶光伏什么时候开工？", "屋顶光伏"),
        ("谁是编辑部的美术编辑？", "编辑部的美术编辑"),
        ("合作社有几架植保无人机？", "合作社的植保无人机"),
        ("那冷库扩建呢？", "冷库扩建"),
        ("What is the range of the Swift 5?", "the Swift 5"),
        ("When does Dr. Calder see patients?", "Dr. Calder"),
        ("How long may books be borrowed?", "books"),
        ("What is the fine for an overdue book?", "an overdue book"),
        ("你好", None),
    ],
)
def test_the_subject_stands_before_what_is_asked_of_it(
    question: str, subject: str | None
) -> None:
    assert subject_of(question) == subject


@pytest.mark.parametrize(
    ("question", "other", "made"),
    [
        ("码头吊机更新的合同金额是多少？", "冷库扩建", "冷库扩建的合同金额是多少？"),
        ("请病假需要什么材料？", "事假", "请事假需要什么材料？"),
        ("云朵A1的水箱容量是多少？", "A2", "云朵A2的水箱容量是多少？"),
        ("食堂早餐几点开始？", "午餐", "食堂午餐几点开始？"),
        ("杭州分公司有多少人？", "上海", "上海分公司有多少人？"),
        ("2023年的销售额是多少？", "2024年", "2024年的销售额是多少？"),
        ("How long may books be borrowed?", "DVDs", "How long may DVDs be borrowed?"),
        ("合作社有几架无人机？", "农场", "农场有几架无人机？"),
        ("你好", "冷库扩建", None),
    ],
)
def test_another_takes_the_place_of_what_it_is_like(
    question: str, other: str, made: str | None
) -> None:
    assert exchanged(question, other) == made


def test_things_of_one_kind_go_by_like_names() -> None:
    assert alike("病假", "事假")
    assert alike("沈佩兰", "庄静安"), "both are people"
    assert alike("the Birch Room", "the Cedar Room")
    assert not alike("冷库扩建", "质保期")
    assert not alike("the Cargo 2", "the deposit")
