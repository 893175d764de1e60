"""Logs and code: entries with their continuations, lines as they are."""

from __future__ import annotations

import pytest

from rag.sources import code, log
from rag.sources.base import ReadingError
from tests.hostile import LIMITS, damaged, only, survives

TRACE = """2024-01-01 00:00:00 ERROR boom
Traceback (most recent call last):
  File "x.py", line 1

ValueError: y
2024-01-01 00:00:01 INFO  ok
"""


def entries(text: str) -> list[str]:
    article = only(log.read(text.encode(), LIMITS))
    assert {block.role for block in article.blocks} <= {"code"}
    return [article.text[block.start : block.end] for block in article.blocks]


def test_a_trace_belongs_to_its_entry() -> None:
    first, second = entries(TRACE)
    assert first.startswith("2024-01-01 00:00:00 ERROR boom\nTraceback")
    assert first.endswith("line 1\nValueError: y")
    assert second == "2024-01-01 00:00:01 INFO  ok"


def test_entries_stand_line_by_line() -> None:
    assert only(log.read(b"a=1\nb=2\n", LIMITS)).text == "a=1\nb=2"


@pytest.mark.parametrize(
    "line",
    [
        "[2024/05/06 03:12:44.120] started",
        "May  6 03:12:44 host sshd[1]: started",
        "06/May/2024:03:12:44 +0800 started",
        '10.0.0.1 - - [06/May/2024:03:12:44 +0800] "GET / HTTP/1.1" 200',
        "03:12:44 started",
        "20240506 031244 started",
        "<13>1 2024-05-06T03:12:44Z host app",
        "[INFO] started",
        "1714965164.123 started",
        "2024年5月6日 启动",
    ],
)
def test_what_begins_an_entry(line: str) -> None:
    assert entries(f"{line}\nmore of it\n{line}") == [f"{line}\nmore of it", line]


def test_without_times_each_line_is_an_entry_unless_it_is_indented() -> None:
    assert entries("first\n  more\nsecond\nCaused by: x\nthird") == [
        "first\n  more",
        "second\nCaused by: x",
        "third",
    ]


def test_binary_data_is_no_log() -> None:
    with pytest.raises(ReadingError):
        log.read(bytes(range(32)) * 8, LIMITS)


def test_damage() -> None:
    for broken in damaged(TRACE.encode()):
        survives(log.read, broken)


# Code


def blocks(text: str) -> list[str]:
    article = only(code.read(text.encode(), LIMITS))
    return [article.text[block.start : block.end] for block in article.blocks]


def test_a_function_is_one_block_as_it_is_written() -> None:
    assert blocks(
        "import os\n\n\ndef f():\n\ta = 1\n\n\treturn a\n\n\nclass B:\n    x = 2\n"
    ) == [
        "import os",
        "def f():\n\ta = 1\n\n\treturn a",
        "class B:\n    x = 2",
    ]


def test_settings_by_section() -> None:
    assert blocks("[a]\nx = 1\n\n[b]\ny = 2\n") == ["[a]\nx = 1", "[b]\ny = 2"]


def test_the_indent_of_a_first_line_is_kept() -> None:
    assert blocks("    a\n    b\n") == ["    a\n    b"]


def test_a_long_block_ends_at_an_empty_line() -> None:
    text = "def f():\n" + "    a = 1\n" * 70 + "\n" + "    b = 1\n" * 3
    assert len(blocks(text)) == 2
