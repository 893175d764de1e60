from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.language.sentences import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("天晴了。我们走吧！好吗？", ["天晴了。", "我们走吧！", "好吗？"]),
        ("“今天开馆。”馆长说。大家都来了。", ["“今天开馆。”馆长说。", "大家都来了。"]),
        ("他说：“走。”然后就走了。", ["他说：“走。”", "然后就走了。"]),
        ("苹果、梨……都熟了。明天摘。", ["苹果、梨……都熟了。", "明天摘。"]),
        (
            "“为什么？”、“怎么办？”，没有人回答。",
            ["“为什么？”、“怎么办？”，没有人回答。"],
        ),
        ("第一行\n第二行", ["第一行", "第二行"]),
        (
            "Mr. Hill left at 3.5 km. Then he came back.",
            ["Mr. Hill left at 3.5 km.", "Then he came back."],
        ),
        (
            "She lives in the U.S. and works. Really?",
            ["She lives in the U.S. and works.", "Really?"],
        ),
        ("没有句号的半句", ["没有句号的半句"]),
        ("专家花了〔…〕石板放回原处。走吧。", ["专家花了", "石板放回原处。", "走吧。"]),
        ("“走吧。”〔…〕他说。", ["“走吧。”", "他说。"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_range_is_kept_to() -> None:
    text = "甲。乙。丙。"
    assert [text[a:b] for a, b in sentences(text, 2, 4)] == ["乙。"]


@given(st.text(alphabet="甲乙。！？“”‘’…，,. \nabA1", max_size=60))
def test_nothing_but_white_space_is_lost_and_order_is_kept(text: str) -> None:
    spans = sentences(text)
    assert all(a < b for a, b in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    kept = "".join(text[a:b] for a, b in spans)
    assert "".join(kept.split()) == "".join(text.split())


def test_no_sentence_reaches_across_a_gap() -> None:
    text = "前半句说到〔…〕后半句。完了。"
    assert [text[a:b] for a, b in sentences(text)] == [
        "前半句说到",
        "后半句。",
        "完了。",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("वह घर गया। वह सो गया।", ["वह घर गया।", "वह सो गया।"]),
        ("أين الكتاب؟ هو هنا.", ["أين الكتاب؟", "هو هنا."]),
        ("یہ کتاب ہے۔ وہ قلم ہے۔", ["یہ کتاب ہے۔", "وہ قلم ہے۔"]),
        ("駅に着いた。電車が来た。", ["駅に着いた。", "電車が来た。"]),
        ("ร้านเปิดทุกวัน ปิดเวลาเที่ยงคืน", ["ร้านเปิดทุกวัน", "ปิดเวลาเที่ยงคืน"]),
        ("ราคา 20 บาท", ["ราคา 20 บาท"]),  # a space beside a number parts no sentences
    ],
)
def test_other_scripts_end_them_their_own_way(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == found
