from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.language.questions import ASKED, read


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("新馆有多少册藏书？", "number"),
        ("图书馆几点开门？", "date"),
        ("修缮用了多久？", "duration"),
        ("馆长是谁？", "person"),
        ("馆长叫什么名字？", "person"),
        ("图书馆在哪个城市？", "place"),
        ("哪家公司承建了新馆？", "organisation"),
        ("为什么要增设轮椅？", "reason"),
        ("馆内增设了哪些设备？", "list"),
        ("读者怎样借书？", "manner"),
        ("什么是滴灌？", "definition"),
        ("图书馆免费吗？", "yes_no"),
        ("這座橋是什麼時候建成的？", "date"),
        ("How many cars cross the bridge?", "number"),
        ("When was the bridge finished?", "date"),
        ("Who built it?", "person"),
        ("Why was it built?", "reason"),
        ("Which city is it in?", "place"),
        ("How long did it take?", "duration"),
        ("Is it free?", "yes_no"),
        ("图书馆", "other"),
    ],
)
def test_what_is_asked_for(question: str, asked: str) -> None:
    assert read(question).asked == asked


def test_the_unit_after_how_many() -> None:
    assert read("共有多少家保护中心？").unit == "家"
    assert read("调水多少亿立方米？").unit == "亿立方米"
    assert read("谁来了？").unit == ""


def test_content_leaves_question_words_out_and_knows_the_focus() -> None:
    asking = read("绍兴市的人口是多少？")
    assert [word.text for word in asking.content] == ["绍兴市", "人口"]
    assert [asking.content[i].text for i in asking.focus] == ["人口"]


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    asking = read(text)
    assert asking.asked in ASKED
    assert all(0 <= i < len(asking.content) for i in asking.focus)
