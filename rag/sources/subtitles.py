"""SRT and WebVTT: cues joined into turns, each labelled with the time at which it begins.

Cues are cut where the screen is full, not where a sentence ends: they are joined, a line each, until the
speaker changes, there is a pause, or a turn is long. Numbers, times, styling and notes are no text.

    1                                        a turn labelled 00:00:01:
    00:00:01,000 --> 00:00:04,200            上一讲我们说到磁铁矿的莫氏硬度
    上一讲我们说到磁铁矿的莫氏硬度            是五点五到六点五
    2
    00:00:04,200 --> 00:00:09,000
    是五点五到六点五
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from rag.sources.base import ArticleBuilder, Limits, Reading, ReadingError
from rag.sources.cleaning import clean
from rag.sources.decoding import decode

_PAUSE = 2.0
"""Seconds without a cue after which a new turn begins."""
_LONG = 160
"""Characters after which a turn ends with the next sentence."""
_LONGEST = 240
"""Characters after which a turn ends with the next cue."""
_TIMES = re.compile(
    r"^[ \t]*(?P<start>(?:\d{1,4}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)[ \t]*-->[ \t]*"
    r"(?P<end>(?:\d{1,4}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)[^\n]*$",
    re.M,
)
_NUMBER = re.compile(r"(?:\A|\n)[ \t]*\d+[ \t]*\n\Z")
"""Right above the next line of times. Above an empty line it is what someone says."""
_BLOCK = re.compile(r"^(?:NOTE|STYLE|REGION)\b")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+(?P<who>[^>\n]{1,80})>")
_STYLING = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>|<\d[\d:.]*>|\{\\[^{}\n]{0,200}\}")
_SPEAKER = re.compile(r"(?P<who>[^\s:：][^:：\n]{0,19})[:：]\s*\S")
_SENTENCE_END = re.compile(
    r"[。！？!?…][”’」』）)\"']*$|(?<!\bMr)(?<!\bDr)\.[”’)\"']*$"
)


@dataclass(frozen=True, slots=True)
class _Cue:
    """``start`` and ``end`` in seconds; ``voice`` is who speaks, where the file says so."""

    start: float
    end: float
    time: str
    lines: tuple[str, ...]
    voice: str | None


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError if the bytes are not text, or there is no cue in them."""
    text, encoding = decode(data)
    cues = list(_cues(clean(text)))
    if not cues:
        raise ReadingError("there are no subtitles in it")
    builder = ArticleBuilder()
    for turn in _turns(_without_repeats(cues)):
        first = turn[0]
        label = f"{first.time} {first.voice}" if first.voice else first.time
        builder.add("turn", "\n".join(_lines_of(turn)), label=label)
    return Reading((builder.article(),), encoding)


def _lines_of(turn: Sequence[_Cue]) -> Iterator[str]:
    for cue in turn:
        yield from cue.lines


def _cues(text: str) -> Iterator[_Cue]:
    """Each line of times with the text up to the next one, less the number or name that heads that."""
    times = list(_TIMES.finditer(text))
    for number, match in enumerate(times):
        last = number + 1 == len(times)
        body = text[match.end() : len(text) if last else times[number + 1].start()]
        body = body if last else _NUMBER.sub("\n", body)
        # Below an empty line stand the next cue's name, or a note.
        body = body.strip("\n").split("\n\n")[0]
        lines: list[str] = []
        for styled in body.split("\n"):
            if line := unescape(_STYLING.sub("", styled)).strip():
                lines.append(line)
        if not lines or _BLOCK.match(lines[0]):
            continue
        start, end = _seconds(match["start"]), _seconds(match["end"])
        voice = _VOICE.search(body)
        who = voice["who"].strip() if voice else None
        yield _Cue(start, end, _clock(start), tuple(lines), who)


def _without_repeats(cues: Sequence[_Cue]) -> Iterator[_Cue]:
    """Live captions scroll: each cue shows the last line of the one before again. Once is enough."""
    shown: tuple[str, ...] = ()
    for cue in cues:
        again = 0
        for size in range(1, min(len(shown), len(cue.lines)) + 1):
            if shown[-size:] == cue.lines[:size]:
                again = size
        shown = cue.lines
        if cue.lines[again:]:
            yield _Cue(cue.start, cue.end, cue.time, cue.lines[again:], cue.voice)


def _turns(cues: Iterator[_Cue]) -> Iterator[list[_Cue]]:
    every = list(cues)
    speakers = _speakers(every)
    turn: list[_Cue] = []
    for cue in every:
        if turn and _begins_turn(turn, cue, speakers):
            yield turn
            turn = []
        turn.append(cue)
    if turn:
        yield turn


def _begins_turn(turn: Sequence[_Cue], cue: _Cue, speakers: frozenset[str]) -> bool:
    last = turn[-1]
    if cue.voice != last.voice or cue.start - last.end >= _PAUSE:
        return True
    named = _SPEAKER.match(cue.lines[0])
    if named and named["who"] in speakers:
        return True
    characters = sum(map(len, _lines_of(turn)))
    ends_sentence = _SENTENCE_END.search(last.lines[-1]) is not None
    return characters >= (_LONG if ends_sentence else _LONGEST)


def _speakers(cues: Sequence[_Cue]) -> frozenset[str]:
    """Who is named before a colon at least twice: ``主持人：…``. Once, it may be any word."""
    named: Counter[str] = Counter()
    for cue in cues:
        if match := _SPEAKER.match(cue.lines[0]):
            named[match["who"]] += 1
    return frozenset(who for who, times in named.items() if times > 1)


def _seconds(time: str) -> float:
    """``01:02:03,500`` is 3723.5; hours may be missing."""
    total = 0.0
    for part in time.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total


def _clock(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}"
