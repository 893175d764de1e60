"""Where sentences end: in Chinese and Japanese, with a full stop and a space, and by the marks of other scripts.

Hindi ends them with ।, Arabic and Urdu with ؟ and ۔, Burmese, Khmer and Amharic with marks of their own. Thai
has none: there a space parts what others end with a stop.
"""

from __future__ import annotations

import re

Span = tuple[int, int]
"""``(start, end)``, half-open, in code points."""

GAP = "〔…〕"
"""Put where words of a page are missing. No sentence reaches across it, and none holds it."""

_STOPS = "。｡！？!?…।॥؟۔။។།።"
_THAI = "[\u0e00-\u0e7f]"
_CLOSERS = "”’」』）】》〉\"'）)\\]"
_END = re.compile(
    rf"{GAP}|(?:[{_STOPS}]+|(?<=[^\s.])\.(?=[{_CLOSERS}]*(?:\s|$)))[{_CLOSERS}]*|(?<={_THAI}) +(?={_THAI})|\n+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|etc|Inc|Ltd|Co|Fig|cf|e\.g|i\.e|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
    r"|\b[A-Z]|\b(?:[A-Z]\.)+[A-Z])\.$"
)
_ATTRIBUTION = re.compile(
    r"[^。！？!?\n〔]{0,40}?(?:说|表示|介绍|告诉记者|感慨|认为|指出|强调|称|道|坦言|透露)[^。！？!?\n〔]{0,12}[。！？!?]"
)
_LONGEST_ABBREVIATION = 24
_QUOTE_END = re.compile(r"[。！？!?…][”」』]$")


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The sentences of ``text[start:end]``, white space around them left out.

    A line break ends a sentence; so does final punctuation with the quotes and
    brackets that close after it. “……。”某某说。 stays whole: who said it belongs to what was said.
    A ``GAP`` ends one and belongs to none.
    """
    end = len(text) if end is None else end
    spans: list[Span] = []
    while (gap := text.find(GAP, start, end)) >= 0:
        spans += sentences(text, start, gap)
        start = gap + len(GAP)
    begin = start
    position = start
    while (match := _END.search(text, position, end)) is not None:
        position = match.end()
        if match.group() == GAP:
            _append(spans, text, begin, match.start())
            begin = position
            continue
        if _goes_on(text, begin, match, end):
            continue
        quoted = _QUOTE_END.search(text, max(begin, position - 2), position)
        said = _ATTRIBUTION.match(text, position, end) if quoted else None
        if said is not None:
            position = said.end()
        _append(spans, text, begin, position)
        begin = position
    _append(spans, text, begin, end)
    return spans


def _goes_on(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Whether what looks like an end is none: an abbreviation, an ellipsis or ？ inside a sentence."""
    mark = match.group()
    if mark.startswith("\n"):
        return False
    if mark.startswith("."):
        # From a little before the stop: "A. B. C. …" for a megabyte would be searched from its beginning else.
        near = max(begin, match.start() - _LONGEST_ABBREVIATION)
        return _ABBREVIATION.search(text, near, match.start() + 1) is not None
    if mark.isspace():
        return False
    after = text[match.end() : min(match.end() + 1, end)]
    if mark.startswith("…"):
        return after not in ("", "\n") and mark[-1] == "…" and begin != match.start()
    going_on = "，、；：,;"
    if mark[-1] in "”’」』》）)":
        going_on += ":的等和与及是"  # “谁？”的问题
    return after != "" and after in going_on


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
