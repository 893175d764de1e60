"""Lists come whole: the item that answers, its siblings, and how many they are."""

from __future__ import annotations

from pathlib import Path

from models.language.questions import read
from rag import sources
from rag.answering import Thresholds, decide
from rag.answering.lists import items_around
from rag.answering.phrases import framed
from rag.answering.reading import Choice, ReaderResult
from rag.library import Library, Question
from rag.pages import recover
from rag.passages import split
from rag.records import Document, Hit

THRESHOLDS = Thresholds(answer={"zh": 0.0, "en": 0.0}, relevant=0.5)
RULES = """# 借阅规则

有下列情形之一的，暂停借阅：

- 逾期不还的
- 损坏图书的
- 转借他人的

其他事项另行通知。
"""


ITEMS = ["- 逾期不还的", "- 损坏图书的", "- 转借他人的"]
"""As they stand in the source, marks and all."""


def document_of(text: str) -> Document:
    (document,) = recover(sources.read_bytes(text.encode(), "a.md"))
    return document


def items_at(document: Document, words: str) -> list[str]:
    at = document.text.index(words)
    return [
        document.text[slice(*span)]
        for span in items_around(document, (at, at + len(words)))
    ]


def test_an_item_brings_its_siblings() -> None:
    assert items_at(document_of(RULES), "损坏图书") == ITEMS


def test_the_stem_brings_the_items_that_hang_on_it() -> None:
    assert items_at(document_of(RULES), "有下列情形之一的") == ITEMS


def test_a_paragraph_without_a_list_brings_nothing() -> None:
    assert items_at(document_of(RULES), "其他事项") == []


def test_a_list_is_shown_whole_and_counted() -> None:
    document = document_of(RULES)
    (passage, *_) = [each for each in split(document) if "损坏" in each.text]
    at = document.text.index("损坏图书的")
    choice = Choice(Hit(passage, document, 1.0), (at, at + 5), 3.0, 1.0)
    decision = decide(ReaderResult(read("哪些情形会暂停借阅？"), (choice,)), THRESHOLDS)
    shown = "".join(stretch.choice.text for stretch in decision.stretches)
    assert all(item in shown for item in ("逾期不还的", "损坏图书的", "转借他人的"))
    assert decision.items == 3
    assert framed(decision.items, (), "zh") == "共 3 项。"
    assert framed(decision.items, (), "en") == "3 items."


def test_nothing_is_counted_where_one_thing_is_asked() -> None:
    document = document_of(RULES)
    (passage, *_) = [each for each in split(document) if "损坏" in each.text]
    at = document.text.index("损坏图书的")
    choice = Choice(Hit(passage, document, 1.0), (at, at + 5), 3.0, 1.0)
    assert (
        decide(ReaderResult(read("损坏图书怎么办？"), (choice,)), THRESHOLDS).items == 0
    )
    assert framed(0, (), "zh") is None


def test_a_list_asked_of_a_library_comes_whole(
    empty_library: Library, tmp_path: Path
) -> None:
    file = tmp_path / "rules.md"
    file.write_text(RULES, encoding="utf-8")
    list(empty_library.ingest([file]))
    answer = empty_library.ask(Question("哪些情形会暂停借阅？"))
    assert answer.status == "answered"
    for words in ("逾期不还的", "损坏图书的", "转借他人的"):
        assert words in answer.answer
