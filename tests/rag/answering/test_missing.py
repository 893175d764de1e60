"""Names of a question that no document mentions."""

from __future__ import annotations

import pytest

from rag.answering.missing import missing, names_in, refuses


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("2021年的销售额是多少？", ("2021年",)),
        ("X-900的保修期多久？", ("X-900",)),
        ("第十二条规定了什么？", ("第十二条",)),
        ("《差旅办法》什么时候施行？", ("差旅办法",)),
        ("上海有几家分店？", ("上海",)),
        ("Who runs the clinic in Aberdeen?", ("Aberdeen",)),
        ("What did the Swift 5 cost in 2019?", ("Swift 5", "2019")),
        ("保修期多久？", ()),
        ("一共2021人参加了吗？", ()),
        ("Who led the 41st expedition?", ()),
    ],
)
def test_only_what_is_written_one_way_is_a_name(
    question: str, names: tuple[str, ...]
) -> None:
    assert names_in(question) == names


def lacking(*names: str, texts: str, elsewhere: str = "") -> tuple[str, ...]:
    return missing(names, [texts], lambda name: name in elsewhere)


def test_what_stands_in_what_was_found_or_elsewhere_is_not_missing() -> None:
    assert lacking("2021年", "X-900", texts="2022年的销售额") == ("2021年", "X-900")
    assert lacking("2021年", texts="二〇二一年的销售额") == ()
    assert lacking("X-900", texts="型号 x900") == ()
    assert lacking("上海", texts="销售额", elsewhere="上海分店") == ()
    assert lacking("河南省", texts="河南宝丰") == ()


def test_years_marks_and_provinces_refuse_an_answer_other_names_may_be_there_in_other_words() -> (
    None
):
    assert all(map(refuses, ("2021年", "2019", "X-900", "山西省")))
    assert not any(map(refuses, ("Swift 5", "差旅办法", "Aberdeen", "上海")))


def test_a_name_in_another_language_than_the_documents_may_be_there_under_another() -> (
    None
):
    assert lacking("Beijing", texts="北京的供暖") == ()
    assert lacking("北京", texts="heating in Beijing") == ()
