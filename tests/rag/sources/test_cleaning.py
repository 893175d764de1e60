"""What no text may hold, and what must survive."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sources.cleaning import clean, clean_line

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
ANY_TEXT = st.text(
    st.characters(codec=None, categories=None)
    | st.sampled_from("\0\r\n\v\x1a\u202e\ufeff\ud83d\ude00\u200d")
)


@given(ANY_TEXT)
def test_nothing_forbidden_is_left_and_cleaning_again_changes_nothing(
    text: str,
) -> None:
    cleaned = clean(text)
    assert not FORBIDDEN.search(cleaned)
    assert cleaned.encode().decode() == cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "end", ["\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\n"]
)
def test_every_line_end_is_one_line_feed(end: str) -> None:
    assert clean(f"a{end}b{end}{end}c") == "a\nb\n\nc"


def test_what_shows_nothing_is_removed() -> None:
    assert clean("\ufeffab\u202ecd\u2066ef\u200f") == "abcdef"


@pytest.mark.parametrize(
    "hidden",
    ["\0", "\x01", "\x08", "\x1b", "\x7f", "\x93", "\ufffe", "\ud800", "\udc00"],
)
def test_what_stood_for_something_leaves_a_mark(hidden: str) -> None:
    assert clean(f"a{hidden}b") == "a\ufffdb"


def test_paired_surrogates_become_their_character() -> None:
    assert clean("\ud83d\ude00 \ude00\ud83d") == "😀 \ufffd\ufffd"


@pytest.mark.parametrize(
    "text",
    ["👩‍👩‍👧‍👦", "❤️", "葛󠄀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "é", "é", "ﬁ", "①", "ＡＢ", "\u3000\u3000段", "नमस्‍ते"],
)
def test_nothing_is_normalised(text: str) -> None:
    assert clean(text) == text


def test_the_end_mark_of_old_text_files_goes() -> None:
    assert clean("text\r\n\x1a") == "text\n"


@pytest.mark.parametrize(
    ("given_title", "line"),
    [
        ("  a\n\tb ", "a b"),
        ("", None),
        (None, None),
        ("\u202e", None),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_titles_are_one_line(given_title: str | None, line: str | None) -> None:
    assert clean_line(given_title) == line
