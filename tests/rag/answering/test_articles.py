"""An article asked for by its number."""

from __future__ import annotations

import pytest

from rag.answering.articles import article, asked_article
from rag.answering.overview import asks_for_overview
from rag.pages import recover
from rag.passages import split
from tests.toys import toy_source


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("第十二条是什么？", "第十二条"),
        ("条例第十二条的内容是什么", "第十二条"),
        ("请问第三章规定了什么？", "第三章"),
        ("What does Section 4.2 of the agreement say?", "Section 4.2"),
    ],
)
def test_an_article_asked_for_whole_is_known(question: str, label: str) -> None:
    assert asked_article(question) == label
    assert not asks_for_overview(question)


@pytest.mark.parametrize(
    "question",
    [
        "第十二条规定的罚款是多少？",
        "哪一条规定了罚款？",
        "What is the fee in Section 4.2?",
        "罚款多少？",
    ],
)
def test_a_question_for_something_in_it_is_none(question: str) -> None:
    assert asked_article(question) is None


def test_the_article_comes_whole_and_no_other() -> None:
    lines = ["停车管理条例", "第一条 为了加强管理，制定本条例。"]
    lines += [
        f"第{number}条 {number}号区域按小时收费，每小时{number}元。"
        for number in "二三四"
    ]
    lines += ["第三条之一 临时区域不收费。", "第五条 本条例自公布之日起施行。"]
    (document,) = recover(toy_source("a.txt", "\n\n".join(lines)))
    (choice,) = article(document, split(document), "第三条")
    assert choice.text == "第三条 三号区域按小时收费，每小时三元。"


def test_an_article_that_is_not_there_gives_nothing() -> None:
    (document,) = recover(toy_source("a.txt", "第一条 甲。\n\n第二条 乙。"))
    assert article(document, split(document), "第九条") == ()
