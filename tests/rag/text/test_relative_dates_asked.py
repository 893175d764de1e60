"""What 今年 and yesterday mean in a text of a known day, and where they mean nothing certain."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.schemas.citations import Citation
from rag.answering.citing import cite
from rag.records import Document, Passage
from rag.text.dates import relative_dates

PUBLISHED = "2024-03-01"

CERTAIN = [
    ("今年5月，八部门联合发文。", [("今年", "2024")]),
    ("比去年增加45.6万户，预计明年还会增加。", [("去年", "2023"), ("明年", "2025")]),
    ("截至今年9月，工程已完工。", [("今年", "2024")]),
    ("“今年丰收了。”他说。", [("今年", "2024")]),
    ("图书馆昨日起延长开放时间。", [("昨日", "2024-02-29")]),
    (
        "记者昨天获悉，今日上午大桥通车。",
        [("昨天", "2024-02-29"), ("今日", "2024-03-01")],
    ),
    ("展览将于明日开幕。", [("明日", "2024-03-02")]),
    (
        "He said it opened yesterday, not last year.",
        [("yesterday", "2024-02-29"), ("last year", "2023")],
    ),
    (
        "This year’s harvest was poor; next year may be better.",
        [("This year", "2024"), ("next year", "2025")],
    ),
]
NOT_CERTAIN = (
    "如今年产十万吨",
    "过去年份的账目",
    "失去年轻的朋友",
    "精神文明年度评选",
    "今日头条客户端上线",
    "如今日益繁荣",
    "今天的中国",
    "明天会更好",
    "“昨天我还见过他。”他说",
    "《昨日重现》再版",
    '"It closed yesterday," she said',
    "he was in the last year of his life",
    "She died the next year.",
    "his last year at school",
    "近日，他来了",
    "日前",
    "当日",
    "昨日的世界",
    "次年",
    "她在《今年夏天》里写道",
)


@pytest.mark.parametrize(("text", "expected"), CERTAIN)
def test_what_is_certain_is_resolved(
    text: str, expected: list[tuple[str, str]]
) -> None:
    found = relative_dates(text, 0, len(text), PUBLISHED)
    assert [(each.text, each.means) for each in found] == expected
    assert all(text[each.start : each.end] == each.text for each in found)


@pytest.mark.parametrize("text", NOT_CERTAIN)
def test_what_is_not_certain_is_left_alone(text: str) -> None:
    assert relative_dates(text, 0, len(text), PUBLISHED) == ()


@pytest.mark.parametrize("published", [None, "", "2024", "some day"])
def test_without_a_published_day_nothing_is_known(published: str | None) -> None:
    assert relative_dates("今年", 0, 2, published) == ()


def test_a_quotation_opened_before_the_quote_counts() -> None:
    text = "他说：“桥很稳。昨天我走过。”记者昨天获悉。"
    speech = text.index("昨天我")
    assert relative_dates(text, speech, len(text) - 8, PUBLISHED) == ()
    (found,) = relative_dates(text, speech, len(text), PUBLISHED)
    assert found.start == text.rindex("昨天")


@given(st.text("今昨明去年日天“”《》\n如过上午起。", max_size=40), st.data())
def test_a_part_says_what_the_whole_says_of_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    whole = relative_dates(text, 0, len(text), "2024-11-18T08:00")
    part = relative_dates(text, start, end, "2024-11-18T08:00")
    assert list(part) == [
        each for each in whole if start <= each.start and each.end <= end
    ]


def test_a_citation_carries_them_out_of_the_house() -> None:
    text = "全文。今年收成好。"
    document = Document(
        1, "", text, "a.txt", "0" * 64, ((0, len(text), 0),), published=PUBLISHED
    )
    passage = Passage(1, 1, 0, len(text), text)
    sent = Citation.of(cite(1, document, passage, (3, len(text)))).model_dump()
    assert sent["dates"] == [{"text": "今年", "start": 3, "end": 5, "means": "2024"}]
    undated = cite(1, replace(document, published=None), passage, (3, len(text)))
    assert Citation.of(undated).model_dump()["dates"] == []
