"""Keywords: told from questions, and the sentences listed for them."""

from __future__ import annotations

import pytest

from models.language.questions import read
from rag.answering.keywords import is_keyword, mentions
from rag.passages import split
from rag.records import Document, Hit


@pytest.mark.parametrize("text", ["年休假", "门禁改造项目", "annual leave", "KD-7"])
def test_a_term_alone_is_a_keyword(text: str) -> None:
    assert is_keyword(read(text))


@pytest.mark.parametrize(
    "text",
    [
        "年休假多久？",
        "年休假呢",
        "我想了解年休假",
        "谁",
        "how long is annual leave",
        "可以带宠物吗",
        "the annual leave of staff who joined in May",
    ],
)
def test_a_question_is_none(text: str) -> None:
    assert not is_keyword(read(text))


def hits_of(*texts: str) -> list[Hit]:
    hits: list[Hit] = []
    for number, text in enumerate(texts, start=1):
        document = Document(
            number,
            f"题{number}",
            text,
            f"{number}.txt",
            str(number),
            ((0, len(text), 0),),
        )
        hits += [Hit(passage, document, 1.0) for passage in split(document)]
    return hits


def test_sentences_that_speak_of_it_are_listed_by_document() -> None:
    hits = hits_of(
        "年休假为五天。病假另计。", "总则在前。\n\n年休假须提前申请。", "与此无关。"
    )
    found = mentions(read("年休假"), hits)
    assert [choice.text for choice in found] == ["年休假为五天。", "年休假须提前申请。"]


def test_a_line_that_is_the_keyword_itself_says_nothing() -> None:
    assert mentions(read("年休假"), hits_of("年休假。")) == ()
