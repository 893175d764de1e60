"""Plain text: the whole file is one document, read as what it holds.

Under ``.txt`` people save subtitles, tables and logs, too: each shows by its lines, and is read as its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.sources import csv, log, subtitles
from rag.sources.base import Article, Limits, Reading
from rag.sources.decoding import decode

SAMPLE_LINES = 60
LEAST_LINES = 3
_CUE = re.compile(
    r"(?:\d{1,2}:)?\d{2}:\d{2}[.,]\d{3}\s*-->\s*(?:\d{1,2}:)?\d{2}:\d{2}[.,]\d{3}"
)
_STAMPED = re.compile(r"\[?\d{4}[-/]\d{2}[-/]\d{2}[ T]\d{2}:\d{2}")
_SENTENCE_END = re.compile(r"[。！？]|[.!?](?:\s|$)")


def read(data: bytes, limits: Limits) -> Reading:
    """Raises ReadingError if the bytes are not text."""
    text, encoding = decode(data)
    sample = text[: SAMPLE_LINES * 400].splitlines()
    lines = list(filter(str.strip, sample))[:SAMPLE_LINES]
    for shows, other in KINDS:
        if shows(lines):
            return other(data, limits)
    return Reading((Article(text),), encoding)


def is_subtitles(lines: list[str]) -> bool:
    """Whether two lines or more are the times of cues, and one of the first three is."""
    cues = [bool(_CUE.match(line)) for line in lines]
    return sum(cues) >= 2 and any(cues[:3])


def is_log(lines: list[str]) -> bool:
    """Whether two lines of three begin with a day and a time."""
    stamped = sum(bool(_STAMPED.match(line)) for line in lines)
    return len(lines) >= LEAST_LINES and 3 * stamped >= 2 * len(lines)


def is_table(lines: list[str]) -> bool:
    """Whether all lines have as many commas (or tabs, semicolons), two at least, and none is a sentence."""
    if len(lines) < LEAST_LINES:
        return False
    if any(map(_SENTENCE_END.search, lines[:LEAST_LINES])):
        return False
    for delimiter in (",", "\t", ";"):
        counts = {line.count(delimiter) for line in lines}
        if len(counts) == 1 and min(counts) >= 2:
            return True
    return False


KINDS: tuple[
    tuple[Callable[[list[str]], bool], Callable[[bytes, Limits], Reading]], ...
] = (
    (is_subtitles, subtitles.read),
    (is_log, log.read),
    (is_table, csv.read),
)
