"""What only several lines of a running text together show.

One ``甲：`` is a key with its value, the same names again and again are speakers. One line that begins with a
time, or as an article of a law does, is a sentence; several are a transcript and a law.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from rag.sources.outline_lines import Line
from rag.sources.outline_marks import (
    ARTICLE,
    ASKS,
    BARE_NUMBER,
    HEADING_WIDTH,
    NUMBERED_QUESTION,
    REPLIES,
    STAMP,
    division_level,
    speaker_of,
)

LEAST_SPEAKERS = 2
LEAST_TURNS = 4
"""Lines that must begin with a speaker's name before names are taken for speakers."""
LEAST_QUESTIONS = 2
LEAST_STAMPS = 2
"""Lines that begin with a time before a bare one begins a turn."""
LEAST_ARTICLES = 2
"""Lines that begin as articles do before the text is a law; one is a sentence."""

_NO_NAMES = frozenset({"问", "答", "Q", "A", "q", "a"})


@dataclass(frozen=True, slots=True)
class Company:
    """What the lines of a text show together.

    ``speakers`` are names; ``questions`` and ``counted`` numbers of lines: those that are asked and answered,
    and those that begin with a bare number beside its neighbour. ``stamped``: several lines begin with a
    time. ``is_law``: several begin as articles, or one as a chapter.
    """

    speakers: frozenset[str]
    questions: frozenset[int]
    counted: frozenset[int]
    stamped: bool
    is_law: bool

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Self:
        has_chapters = any(map(division_level, lines))
        return cls(
            _speakers(lines),
            _questions(lines),
            _counted(lines),
            stamped=_count_beginning(STAMP, lines) >= LEAST_STAMPS,
            is_law=has_chapters or _count_beginning(ARTICLE, lines) >= LEAST_ARTICLES,
        )


def _count_beginning(pattern: re.Pattern[str], lines: Sequence[Line]) -> int:
    """How many lines begin with the pattern."""
    return sum(pattern.match(line.text) is not None for line in lines)


def _speakers(lines: Sequence[Line]) -> frozenset[str]:
    """Names that begin lines again and again: at least two of them, with four lines together."""
    counts: Counter[str] = Counter()
    for line in lines:
        name = speaker_of(line.text)
        if name is not None and not ASKS.match(line.text):
            counts[name] += 1
    again = {name: count for name, count in counts.items() if count >= 2}
    if len(again) < LEAST_SPEAKERS or sum(again.values()) < LEAST_TURNS:
        return frozenset()
    if not _NO_NAMES.isdisjoint(again):
        return frozenset()
    return frozenset(again)


def _questions(lines: Sequence[Line]) -> frozenset[int]:
    """The lines that ask and are answered by the next ones; two at least, so that prose is left alone.

    ``Q:`` and ``问：`` ask when an ``A:`` or ``答：`` follows somewhere; a bare ``1. ……？`` asks when what
    follows it is no question itself.
    """
    marked = {number for number, line in enumerate(lines) if ASKS.match(line.text)}
    if marked and _count_beginning(REPLIES, lines):
        return frozenset(marked)
    bare: set[int] = set()
    for number, (line, after) in enumerate(pairwise(lines)):
        if _asks_without_mark(line) and not after.text.endswith(("？", "?")):
            bare.add(number)
    # One line of five is a question, two at least: 2 of 10 lines are, 2 of 11 are rhetoric in prose.
    if len(bare) < LEAST_QUESTIONS or 5 * len(bare) < len(lines):
        return frozenset()
    return frozenset(bare)


def _asks_without_mark(line: Line) -> bool:
    """``1. 可以退货吗？``"""
    if NUMBERED_QUESTION.match(line.text) is None:
        return False
    return line.width <= HEADING_WIDTH * 1.5


def _counted(lines: Sequence[Line]) -> frozenset[int]:
    """The lines that begin with a bare number where another begins with the next one up or down.

    ``1 安装`` beside ``2 清洗`` are numbered; ``12 men crossed it`` alone is a sentence.
    """
    numbers: dict[int, int] = {}
    for number, line in enumerate(lines):
        if match := BARE_NUMBER.match(line.text):
            numbers[number] = int(match[1])
    there = set(numbers.values())
    counted: set[int] = set()
    for number, value in numbers.items():
        if value - 1 in there or value + 1 in there:
            counted.add(number)
    return frozenset(counted)
