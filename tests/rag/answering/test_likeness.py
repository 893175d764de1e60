"""Copies, and what only looks like one: rag/answering/likeness.py."""

from __future__ import annotations

import pytest

from rag.answering.likeness import copies_among, likeness, numbers_in, share_within

PRICE = "型号甲的加湿器每台售价30元，质保两年，颜色为白色，全国联保。"


def test_numbers_count_for_nothing_in_how_alike_texts_are() -> None:
    assert likeness("藏书12万册", "藏书150万册") == 1.0
    assert likeness("藏书12万册", "停车免费") == 0.0
    assert numbers_in("共1,200册，占3.5%。") == ("1200", "3.5")
    # The full stop is the sentence's.
    assert numbers_in("It opened in 1998.") == ("1998",)


def test_a_sentence_may_stand_within_a_longer_text() -> None:
    assert share_within("藏书12万册。", "据馆长说，藏书15万册。明年再添。") == 1.0
    assert share_within("", "无") == 0.0


@pytest.mark.parametrize(
    ("second", "copies"),
    [
        (PRICE, {1}),
        (PRICE.replace("全国联保", "全国联保哦"), {1}),
        # Another figure: a source that contradicts, not a copy.
        (PRICE.replace("30", "35"), set()),
        (PRICE.replace("两年", "三年"), set()),
        (PRICE.replace("全国联保", "不全国联保"), set()),
        ("停车场免费开放。", set()),
    ],
)
def test_a_near_copy_of_an_earlier_text_is_a_copy(
    second: str, copies: set[int]
) -> None:
    assert copies_among([PRICE, second]) == copies
