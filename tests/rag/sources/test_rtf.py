"""RTF: encodings, headings, lists, tables with merged cells, footnotes, and groups without end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import SourceError
from rag.sources import read_bytes, rtf
from rag.sources.base import ReadingError
from tests.hostile import LIMITS, by_heads, damaged, only, seen, survives

CHINESE = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}}"


def read(markup: str, start: str = r"{\rtf1\ansi ") -> list[tuple[str, str]]:
    return seen(only(rtf.read((start + markup + "}").encode("latin-1"), LIMITS)))


def test_a_word() -> None:
    assert read("hello") == [("paragraph", "hello")]


def test_chinese_in_three_ways() -> None:
    assert read(r"\f0 \'d6\'aa\'ca\'b6\par", CHINESE) == [("paragraph", "知识")]
    assert read(r"\u30693?\u-29753?\par") == [
        ("paragraph", "知识"[:1] + chr(65536 - 29753))
    ]
    assert read("\\f0 \xd6\xaa\xca\xb6\\par", CHINESE) == [("paragraph", "知识")], (
        "raw, as some programs write"
    )


def test_headings_by_their_outline_level() -> None:
    markup = r"{\stylesheet{\s1\outlinelevel0 heading 1;}}\pard\s1\outlinelevel0 One\par\pard text\par"
    markup += r"\pard\outlinelevel1 Two\par"
    article = only(rtf.read((r"{\rtf1 " + markup + "}").encode(), LIMITS))
    assert seen(article) == [
        ("heading", "One"),
        ("paragraph", "text"),
        ("heading", "Two"),
    ]
    assert [block.level for block in article.blocks] == [1, 0, 2]
    assert article.title == "One"


def test_a_declared_title() -> None:
    assert (
        only(rtf.read(rb"{\rtf1{\info{\title Plan B}}text}", LIMITS)).title == "Plan B"
    )


def test_lists() -> None:
    markup = r"{\listtext\bullet\tab}apples\par{\listtext 2.\tab}pears\par"
    assert read(markup) == [("list_item", "apples"), ("list_item", "2. pears")]


def row(cells: list[str], definitions: tuple[str, ...]) -> str:
    places = "".join(
        f"{flag}\\cellx{(at + 1) * 1000}" for at, flag in enumerate(definitions)
    )
    return (
        rf"\trowd{places}\pard\intbl "
        + "".join(f"{cell}\\cell " for cell in cells)
        + r"\row "
    )


def test_tables_with_merged_cells() -> None:
    first, across, down = r"\clvmgf", r"\clmrg", r"\clvmrg"
    markup = (
        "before\\par "
        + row(["Area", "2022", ""], (first, r"\clmgf", across))
        + row(["", "tons", "sum"], (down, "", ""))
        + row(["East", "1", "2"], ("", "", ""))
        + r"\pard after\par"
    )
    article = only(rtf.read((r"{\rtf1 " + markup + "}").encode(), LIMITS))
    assert by_heads(article) == [
        {"Area": "East", "2022 / tons": "1", "2022 / sum": "2"}
    ]
    assert (seen(article)[0], seen(article)[-1]) == (
        ("paragraph", "before"),
        ("paragraph", "after"),
    )


def test_footnotes_stand_at_the_end_with_their_number() -> None:
    note = r"{\super\chftn}{\footnote\pard\plain {\super\chftn} The \b note\b0 .\par More.}"
    assert read(rf"Text{note} goes on.\par Last.\par") == [
        ("paragraph", "Text1 goes on."),
        ("paragraph", "Last."),
        ("footnote", "1 The note."),
        ("footnote", "More."),
    ]


def test_pictures_and_what_follows_the_end_are_no_text() -> None:
    assert read(r"{\pict\pngblip 89504e47}text\par") == [("paragraph", "text")]
    assert seen(only(rtf.read(rb"{\rtf1 text}{\rtf1 more}", LIMITS))) == [
        ("paragraph", "text")
    ]


@pytest.mark.parametrize("data", [b"hello", b"{\\html}", b"PK\3\4"])
def test_what_is_no_rtf(data: bytes) -> None:
    with pytest.raises(ReadingError, match="it is not RTF"):
        rtf.read(data, LIMITS)


@pytest.mark.parametrize(
    "markup",
    [
        "{" * 500_000,
        "{\\b " * 100_000 + "x" + "}" * 100_000,
        "}" * 100_000,
        "{\\footnote " * 50_000,
        "\\trowd" * 100_000,
        "\\cell\\row" * 50_000,
        "\\u99999999999?",
        "{\\field{\\*\\fldinst{HYPERLINK " * 2_000,
        "{\\pict\\bin99999999 x}",
    ],
)
def test_hostile_markup_ends_in_a_text_or_a_sentence(markup: str) -> None:
    try:
        read_bytes(b"{\\rtf1 a" + markup.encode() + b"}", "x.rtf")
    except SourceError as error:
        assert "\n" not in str(error)


PIECES = [
    r"\par ",
    "{",
    "}",
    r"\cell ",
    r"\row ",
    r"\trowd\cellx1",
    r"{\footnote ",
    r"\'d6",
    r"\u9999?",
    "a",
    r"\outlinelevel0 ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@settings(deadline=None)
def test_any_markup(markup: str) -> None:
    survives(rtf.read, (r"{\rtf1 " + markup).encode())


def test_damage() -> None:
    for broken in damaged(
        (CHINESE + r"\f0 \'d6\'aa\par" + row(["a", "b"], ("", "")) + "}").encode()
    ):
        survives(rtf.read, broken)
