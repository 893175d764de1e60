"""rag/generating/markers.py: sentences and their markers out of text that comes in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generating.markers import CitedSentence, CitedSentences


def read(text: str, passages: int = 3) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of a text that comes in one piece."""
    written = CitedSentences(passages)
    found = [*written.feed(text), *written.close()]
    return [(sentence.text, sentence.passages) for sentence in found]


@pytest.mark.parametrize(
    "text",
    [
        "质保两年[1]。运费自理[2]。",
        "质保两年。[1]运费自理。[2]",
        "质保两年【1】。运费自理【2】。",
        "质保两年［1］。运费自理［2］。",
        "质保两年【1†source】。运费自理【2†第3行】。",
        "质保两年[来源1]。运费自理[passage 2]。",
        "质保两年[^1]。运费自理[^2]。",
        "1. 质保两年[1]。\n2. 运费自理[2]。",
        "- **质保两年**[1]。\n- 运费自理 [2]。",
        "<think>先看[3]，两年？</think>质保两年[1]。运费自理[2]。",
    ],
)
def test_however_a_marker_is_written_it_belongs_to_its_sentence(text: str) -> None:
    assert read(text) == [("质保两年。", (1,)), ("运费自理。", (2,))]


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("It lasts two years [1][2].", (1, 2)),
        ("It lasts two years. [1, 3]", (1, 3)),
        ("It lasts two years [1-3].", (1, 2, 3)),
        ("It lasts two years [2][2].", (2,)),
        ("[1] It lasts two years.", (1,)),
        ("It lasts [1] two years [2].", (1, 2)),
    ],
)
def test_a_sentence_may_cite_several_passages(
    text: str, passages: tuple[int, ...]
) -> None:
    assert read(text) == [(text_without_markers(text), passages)]


def text_without_markers(text: str) -> str:
    return "It lasts two years." if text else ""


def test_a_marker_that_names_no_passage_leads_nowhere() -> None:
    assert read("质保两年[9]。运费自理[0]。保修卡在盒内[1][7]。") == [
        ("质保两年。", ()),
        ("运费自理。", ()),
        ("保修卡在盒内。", (1,)),
    ]


def test_a_year_or_a_word_in_brackets_is_text() -> None:
    assert read("国发[2020]15号文件规定质保两年[1]。") == [
        ("国发[2020]15号文件规定质保两年。", (1,))
    ]
    assert read("The [sic] warranty is two years [1].") == [
        ("The [sic] warranty is two years.", (1,))
    ]


def test_english_without_a_space_after_the_marker_is_two_sentences() -> None:
    assert read("It lasts two years.[1]The box holds 3.5 litres.[2]") == [
        ("It lasts two years.", (1,)),
        ("The box holds 3.5 litres.", (2,)),
    ]


def test_a_sentence_is_told_once_the_next_has_begun() -> None:
    written = CitedSentences(2)
    assert written.feed("质保两年。") == []
    assert written.feed("[") == [], "the bracket may be its marker"
    assert written.feed("1]") == []
    assert written.feed("运") == [CitedSentence("质保两年。", (1,))]
    assert written.close() == [CitedSentence("运", ())]


def test_thoughts_that_never_end_are_no_answer() -> None:
    written = CitedSentences(2)
    assert (
        written.feed("<thi")
        == written.feed("nk>质保两年[1]。")
        == written.close()
        == []
    )


@given(st.data())
def test_it_does_not_matter_where_the_text_is_cut(data: st.DataObject) -> None:
    """Tokens of a model end anywhere, within a marker too."""
    text = (
        "质保两年[1][2]。It holds 3.5 litres [3].\n- 运费自理【1】。国发[2020]15号[2]"
    )
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=12)))
    pieces = [
        text[start:end]
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)
    ]
    written = CitedSentences(3)
    found: list[CitedSentence] = []
    for piece in pieces:
        found += written.feed(piece)
    found += written.close()
    assert [(each.text, each.passages) for each in found] == read(text)


@given(st.text(alphabet="[]【】12 a。.\n质<think>/", max_size=60))
def test_whatever_is_written_no_marker_beyond_the_passages_is_cited(text: str) -> None:
    for sentence, passages in read(text, passages=1):
        assert set(passages) <= {1}
        assert any(map(str.isalnum, sentence))
