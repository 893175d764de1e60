"""SRT and WebVTT: cues joined into turns with the time at which they begin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sources import subtitles
from rag.sources.base import ReadingError
from tests.hostile import LIMITS, check, damaged, only, survives


def turns(text: str, encoding: str = "utf-8") -> list[tuple[str | None, str]]:
    reading = subtitles.read(text.encode(encoding), LIMITS)
    check(reading)
    article = only(reading)
    assert {block.role for block in article.blocks} <= {"turn"}
    return [
        (block.label, article.text[block.start : block.end]) for block in article.blocks
    ]


def srt(*cues: tuple[int, int, str]) -> str:
    """Cues of ``(start, end, text)``, in seconds of the first minute."""
    lines = (
        f"{number}\n00:00:{start:02},000 --> 00:00:{end:02},500\n{text}\n"
        for number, (start, end, text) in enumerate(cues, start=1)
    )
    return "\n".join(lines)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_sentence_over_two_cues_is_in_one_turn(encoding: str) -> None:
    text = srt((1, 4, "磁铁矿的莫氏硬度"), (4, 9, "是五点五到六点五"))
    assert turns(text, encoding) == [("00:00:01", "磁铁矿的莫氏硬度\n是五点五到六点五")]


def test_a_pause_ends_a_turn() -> None:
    assert turns(srt((1, 4, "一"), (20, 22, "二"))) == [
        ("00:00:01", "一"),
        ("00:00:20", "二"),
    ]


def test_a_long_turn_ends_with_a_sentence() -> None:
    cues = [
        (at, at, f"{at:02}" + "字" * 38 + ("。" if at == 5 else "")) for at in range(12)
    ]
    first, second = turns(srt(*cues))
    assert len(first[1].replace("\n", "")) == 241
    assert second[0] == "00:00:06"


def test_speakers_begin_turns() -> None:
    text = srt(
        (1, 2, "主持人：谁来回答？"),
        (2, 3, "张三：我来。"),
        (3, 4, "这是真的。"),
        (4, 5, "主持人：好。"),
        (5, 6, "张三：谢谢。"),
    )
    assert [said for _, said in turns(text)] == [
        "主持人：谁来回答？",
        "张三：我来。\n这是真的。",
        "主持人：好。",
        "张三：谢谢。",
    ]


def test_webvtt() -> None:
    text = """WEBVTT - a title

NOTE a comment
over two lines

STYLE
::cue { color: red }

intro
00:01.000 --> 00:04.000 align:start
<v Roger Bingham>We are in <i>New York</i> &amp; <00:02.000>here</v>

00:04.000 --> 00:06.000
<v Neil>Right.</v>

01:00:10.000 --> 01:00:12.000
2024

01:00:12.000 --> 01:00:13.000
was the year.
"""
    assert turns(text) == [
        ("00:00:01 Roger Bingham", "We are in New York & here"),
        ("00:00:04 Neil", "Right."),
        ("01:00:10", "2024\nwas the year."),
    ]


def test_lines_that_scroll_are_said_once() -> None:
    assert turns(srt((1, 2, "甲"), (2, 3, "甲\n乙"), (3, 4, "乙\n丙"))) == [
        ("00:00:01", "甲\n乙\n丙")
    ]


def test_styling_is_no_text() -> None:
    assert turns(srt((1, 2, r"{\an8}<font color='red'>热</font> 5 < 6"))) == [
        ("00:00:01", "热 5 < 6")
    ]


def test_windows_lines_and_cues_without_a_gap() -> None:
    assert turns(
        "1\r\n00:00:01,0 --> 00:00:02,0\r\na\r\n2\r\n00:00:02,0 --> 00:00:03,0\r\nb\r\n"
    ) == [("00:00:01", "a\nb")]


@pytest.mark.parametrize("text", ["WEBVTT\n\n", "hello", "1\n2\n3\n"])
def test_no_cues(text: str) -> None:
    with pytest.raises(ReadingError, match="there are no subtitles in it"):
        turns(text)


PIECES = [
    "1\n",
    "\n",
    "00:00:01,000 --> 00:00:02,000\n",
    "0:1:2 -->",
    "<v a>",
    "a: b",
    "字",
    "NOTE",
    "{\\",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text(text: str) -> None:
    survives(subtitles.read, text.encode())


def test_much_of_nothing_costs_little() -> None:
    survives(subtitles.read, b"\n" * 1_000_000 + b"<" * 1_000_000)
    survives(subtitles.read, b"00:00:01,000 --> 00:00:02,000\n" * 100_000)


def test_damage() -> None:
    for broken in damaged(srt((1, 4, "一"), (4, 9, "二"), (20, 21, "三")).encode()):
        survives(subtitles.read, broken)
