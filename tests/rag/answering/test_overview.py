"""An overview is the document's own sentences: its lead, then one of each section."""

from __future__ import annotations

import pytest

from rag import sources
from rag.answering.overview import MOST_SECTIONS, asks_for_overview, overview
from rag.library import Library, Question
from rag.pages import recover
from rag.passages import split

HANDBOOK = """# 宿舍管理办法

本办法适用于全体住宿学生，由后勤处负责解释。

## 入住

新生凭录取通知书办理入住。入住当日领取钥匙。

## 作息

每晚十一点熄灯，周末顺延一小时。
"""


@pytest.mark.parametrize(
    "question",
    [
        "这份文件讲了什么？",
        "总结一下",
        "请概括这份规划的主要内容",
        "What is this document about?",
        "Summarise the handbook",
        "What topics are covered in this document?",
    ],
)
def test_asked_for_the_whole(question: str) -> None:
    assert asks_for_overview(question)


@pytest.mark.parametrize(
    "question",
    [
        "文件几点交？",
        "谁写了这份报告？",
        "What is this device made of?",
        "报告里说的站是什么",
    ],
)
def test_asked_for_a_part(question: str) -> None:
    assert not asks_for_overview(question)


def told(text: str) -> list[str]:
    (document,) = recover(sources.read_bytes(text.encode(), "a.md"))
    return [choice.text for choice in overview(document, split(document))]


def test_the_lead_and_one_sentence_a_section() -> None:
    assert told(HANDBOOK) == [
        "本办法适用于全体住宿学生，由后勤处负责解释。",
        "新生凭录取通知书办理入住。",
        "每晚十一点熄灯，周末顺延一小时。",
    ]


def test_a_long_document_is_told_in_its_first_sections() -> None:
    sections = "".join(
        f"## 第{n}节\n\n这一节说的是第{n}件事情。\n\n" for n in range(1, 20)
    )
    assert len(told(f"# 全书\n\n{sections}")) == MOST_SECTIONS


def test_no_network_reads_for_an_overview(library: Library) -> None:
    answer = library.ask(Question("总结一下图书馆的文件"))
    assert answer.status == "answered"
    assert answer.hits and all("rerank" not in hit.scores for hit in answer.hits)
    asked = library.ask(Question("图书馆藏书多少册？"))
    assert "rerank" in asked.hits[0].scores
