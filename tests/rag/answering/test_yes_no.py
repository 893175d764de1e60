"""Yes/no questions as statements."""

from __future__ import annotations

import pytest

from rag.answering.yes_no import statement_of, word_for


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("可以带宠物吗？", "可以带宠物"),
        ("请问图书馆周一开门吗", "图书馆周一开门"),
        ("临时工是否享受年休假？", "临时工享受年休假"),
        ("能不能在走廊充电？", "能在走廊充电"),
        ("可不可以退货", "可以退货"),
        ("有没有停车场？", "有停车场"),
        ("Can guests bring pets?", "guests can bring pets"),
        ("Is the museum open on Mondays?", "the museum is open on Mondays"),
        ("Does the pump need oil?", "the pump need oil"),
    ],
)
def test_a_question_becomes_the_statement_that_it_asks_about(
    question: str, statement: str
) -> None:
    assert statement_of(question) == statement


def test_the_word_is_of_the_questions_language() -> None:
    assert [word_for("zh", True), word_for("zh", False)] == ["是", "否"]
    assert [word_for("en", True), word_for("en", False)] == ["Yes", "No"]
