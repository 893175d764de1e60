"""Logs: each entry a block of code. Lines that go on with an entry, such as a stack trace, belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.sources.base import ArticleBuilder, Limits, Reading
from rag.sources.cleaning import clean
from rag.sources.decoding import decode

# "2024-05-06 03:12:44", "[06/May/2024:03:12:44", "May  6 03:12:44", "03:12:44.120", "<13>1 2024-…", epoch
_STAMP = re.compile(
    r"(?:<\d{1,3}>\d?\s*)?[\[(]?(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}[-/](?:\d{1,2}|[A-Z][a-z]{2})[-/]\d{2,4}|"
    r"[A-Z][a-z]{2}\s+\d{1,2}\s+\d{1,2}:\d{2}|\d{1,2}:\d{2}:\d{2}|\d{8}[ T]\d{4,6}|\d{10}(?:\.\d+|\d{3})?\b)"
)
_LEVEL = re.compile(
    r"[\[(<]?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|FATAL|CRIT(?:ICAL)?|[IWEDF]\d{4} )\b",
    re.I,
)
_CONTINUED = re.compile(
    r"[ \t}\])]|Caused by:|Traceback |\.\.\. \d+ more|\w+(?:\.\w+)*(?:Error|Exception)\b"
)
_STAMPED_SHARE = 0.2
"""The share of lines that must bear a time for those without one to be continuations."""
_ADDRESSED = re.compile(
    r"\S+ \S+ \S+ \[\d{1,2}/[A-Z][a-z]{2}/\d{4}:"
)  # a web server's: address, names, time


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError if the bytes are not text."""
    text, encoding = decode(data)
    builder = ArticleBuilder()
    first = True
    for entry in _entries(clean(text).split("\n")):
        builder.add("code", entry, tight=not first)
        first = False
    return Reading((builder.article(),), encoding)


def _entries(lines: Sequence[str]) -> Iterator[str]:
    filled = list(filter(str.strip, lines))
    # Of 40 lines eight must bear a time.
    fewest = max(len(filled) * _STAMPED_SHARE, 1)
    stamped = sum(map(_is_stamped, filled)) >= fewest
    entry: list[str] = []
    for line in filled:
        begins = _is_stamped(line) if stamped else not _CONTINUED.match(line)
        if begins and entry:
            yield "\n".join(entry)
            entry = []
        entry.append(line.rstrip())
    if entry:
        yield "\n".join(entry)


def _is_stamped(line: str) -> bool:
    return any(pattern.match(line) for pattern in (_STAMP, _LEVEL, _ADDRESSED))
