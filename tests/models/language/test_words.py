from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.language.words import fold, has_han, language, stem, words
from rag.indexes.terms import terms


@given(st.text(max_size=200))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


def test_folding_unifies_width_case_and_script() -> None:
    assert fold("秦嶺ＡＢＣ１２３") == "秦岭abc123"


@given(st.text(max_size=200))
def test_words_stand_where_they_say(text: str) -> None:
    folded = fold(text)
    for word in words(text):
        assert folded[word.start : word.end] == word.text


def test_words_of_mixed_text() -> None:
    found = [(word.text, word.kind) for word in words("数字孪生1.0系统 in A级")]
    assert (
        ("1.0", "number") in found
        and ("in", "latin") in found
        and ("系统", "han") in found
    )


def test_terms_are_words_and_bigrams() -> None:
    assert terms("图书馆") == ["图书馆", "图书", "书馆"]
    assert terms("馆") == ["馆"]
    assert terms("Wind farms 3.5") == ["wind", "farm", "3.5"]
    assert terms("圖書館") == terms("图书馆")
    assert terms("。！") == []


def test_plurals_are_folded_and_little_else() -> None:
    assert [stem(word) for word in ("cities", "houses", "cats", "bus", "glass", "is", "mary's")] == [
        "city", "house", "cat", "bus", "glass", "is", "mary",
    ]  # fmt: skip


def test_the_language_of_a_question() -> None:
    assert language("南水北调是什么？") == "zh"
    assert language("What is 南水北调 in the north of China?") == "en"
    assert language("123") == "en"
    assert has_han("a中b") and not has_han("abc")
