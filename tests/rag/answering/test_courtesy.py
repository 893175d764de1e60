"""What is said to Chuchu gets a kind and true answer; what is asked of the documents is asked."""

from __future__ import annotations

import pytest

from rag.answering.courtesy import courtesy_of, without_greeting
from rag.answering.phrases import COURTESIES, EMPTY, courteous
from rag.library import Library, Question


@pytest.mark.parametrize(
    ("said", "courtesy"),
    [
        ("你好！", "greeting"),
        ("您好呀～", "greeting"),
        ("Hello there!", "greeting"),
        ("谢谢你！", "thanks"),
        ("OK, thanks.", "thanks"),
        ("再见", "farewell"),
        ("你能做什么？", "abilities"),
        ("你好，你能做什么？", "abilities"),
        ("请问你能回答哪些问题", "abilities"),
        ("help", "abilities"),
        ("What can you do?", "abilities"),
        ("你是谁呀", "identity"),
        ("你有哪些文献？", "documents"),
        ("有多少文档", "documents"),
        ("这里有哪些资料？", "documents"),
        ("Which documents do you have?", "documents"),
    ],
)
def test_courtesies_are_known_by_the_whole_of_what_is_said(
    said: str, courtesy: str
) -> None:
    assert courtesy_of(said) == courtesy


@pytest.mark.parametrize(
    "asked",
    [
        "你好，请问图书馆几点开门？",
        "公司有哪些文件需要盖章？",
        "申请签证有哪些材料",
        "怎么用？",
        "你们几点开门？",
        "What documents are required for a visa?",
        "How do I use it?",
        "help desk",
        "系统有什么功能？",
        "谢谢你的日子是哪首歌？",
    ],
)
def test_a_question_is_asked_however_it_begins(asked: str) -> None:
    assert courtesy_of(asked) is None


def test_a_greeting_before_a_question_is_left_out_of_it() -> None:
    assert without_greeting("你好，请问图书馆几点开门？") == "图书馆几点开门？"
    assert without_greeting("Hello, when does it open?") == "when does it open?"
    assert without_greeting("你好") == "你好"


def test_what_is_said_names_the_documents_and_asks_what_they_answer() -> None:
    said = courteous("documents", "zh", 2, ["小镇图书馆", "果园"], ["几点开门？"])
    assert (
        said
        == "这里有 2 份文献，最近加入的有：《小镇图书馆》、《果园》。\n可以这样问：几点开门？"
    )
    assert courteous("thanks", "en", 2, ["Bridge"], []) == COURTESIES["thanks"]["en"]
    assert courteous("greeting", "en", 0, [], []).endswith(EMPTY["en"])


def test_the_library_greets_without_searching(library: Library) -> None:
    answer = library.ask(Question("你好"))
    assert answer.status == "answered"
    assert answer.answer.startswith(COURTESIES["greeting"]["zh"])
    assert "3 份文献" in answer.answer and "《The old bridge》" in answer.answer
    assert answer.claims == answer.citations == answer.hits == answer.nearest == ()
    assert answer.short_answer is None


def test_examples_in_a_greeting_follow_the_documents(empty_library: Library) -> None:
    assert EMPTY["en"] in empty_library.ask(Question("help")).answer
    list_of = empty_library.ask(Question("你有哪些文献？")).answer
    assert list_of == EMPTY["zh"]


def test_a_greeted_question_is_answered(library: Library) -> None:
    answer = library.ask(Question("你好，请问小镇图书馆藏书多少册？"))
    assert answer.short_answer == "12万册"
    assert (answer.asked.text, answer.asked.from_history) == (
        "小镇图书馆藏书多少册？",
        False,
    )
