"""An overview is the document's own sentences: its lead, then one of each section."""

from __future__ import annotations

import pytest

from rag import sources
from rag.answering.overview import MOST_SECTIONS, asks_for_overview, overview
from rag.library import Library, Question
from rag.pages import recover
from rag.passages import split
from rag.records import Document, Passage

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
        "“雪龙兄弟”那条消息说的是什么事？",
        "纳税信用年度评价的消息大意是什么？",
        "南水北调沿线见闻主要讲了哪几方面？",
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
        "新闻发布会上部长介绍了什么新规定？",
        "消息说的是哪个城市？",
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


def test_news_is_told_by_its_headline_and_its_lead_without_who_reported_it() -> None:
    text = "全省粮食再获丰收\n\n新华社石家庄8月3日电（记者 王明）\n\n今年全省夏粮总产量增长百分之二。"
    headline, _, lead = text.split("\n\n")
    document = Document(
        1,
        headline,
        text,
        "page.txt",
        "0",
        ((0, len(text), 0),),
        byline="记者 王明",
        dateline="新华社石家庄8月3日电",
    )
    passage = Passage(1, 1, 0, len(text), text)
    assert [choice.text for choice in overview(document, [passage])] == [headline, lead]


def test_a_lead_that_stands_behind_its_dateline_is_told() -> None:
    text = "新华社石家庄8月3日电 今年全省夏粮总产量增长百分之二。"
    document = Document(
        1,
        "题",
        text,
        "a.txt",
        "0",
        ((0, len(text), 0),),
        dateline="新华社石家庄8月3日电",
    )
    passage = Passage(1, 1, 0, len(text), text)
    assert [choice.text for choice in overview(document, [passage])] == [text]


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
