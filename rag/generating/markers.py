"""The text that a model writes, piece by piece, as sentences with the passages that each cites.

    written = CitedSentences(passages=3)
    written.feed("质保两年[")            # []: the marker is not whole, the sentence may go on
    written.feed("1][2]。另有")          # [CitedSentence("质保两年。", (1, 2))]
    written.close()                      # [CitedSentence("另有", ())]

A marker may come as ``[1]``, ``【1】``, ``[1, 2]``, ``[1-3]``, ``[^1]``, ``【1†source】`` or ``[来源1]``,
before or after the full stop. One that names no passage is dropped; a year in brackets, ``[2020]``, is text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.language.sentences import sentences
from models.language.words import has_han
from rag.records import Span

MOST_RANGE = 10
"""``[1-3]`` names three passages; a range longer than this is no citation."""
MOST_PENDING = 40
"""Characters after an opening bracket in which a marker must close, or be text."""

_NUMBER = r"\d{1,3}"
_NUMBERS = rf"{_NUMBER}(?:\s*[-–~,，、;；&]\s*{_NUMBER})*"
_LABEL = r"(?:\^|#|passages?|sources?|citations?|refs?|来源|段落|文献|引用|资料)?\s*[:：#]?\s*"
_MARKER = re.compile(
    rf"\s?[\[【［]\s*{_LABEL}({_NUMBERS})(?:†[^\]】］\n]*)?\s*[\]】］]", re.IGNORECASE
)
_UNCLOSED = re.compile(rf"\s?[\[【［][^\]】］\n]{{0,{MOST_PENDING}}}$")
_THINKING = re.compile(r"\s*<think>.*?</think>\s*", re.DOTALL)
_BULLET = re.compile(r"^\s*(?:[-*•·–—]\s+|#{1,6}\s+|>\s+|\d{1,2}[.)、]\s*(?=\D))")
_ITEM = re.compile(r"\d{1,2}[.)、]")
_EMPHASIS = re.compile(r"\*\*|__|`")
_ENDS = "。！？!?.…"


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence without its markers; ``passages`` counts from 1, in the order that they are cited."""

    text: str
    passages: tuple[int, ...]


class CitedSentences:
    """Takes text as it comes, gives back each sentence once it is known to have ended.

    Args:
        passages: how many the model was shown; a marker beyond them leads nowhere and is dropped.
    """

    def __init__(self, passages: int) -> None:
        self._passages = passages
        self._text = ""

    def feed(self, piece: str) -> list[CitedSentence]:
        """The sentences that this piece completes: all but the last, which may go on or get its marker."""
        self._text += piece
        if _is_thinking(self._text):
            return []
        self._text = _THINKING.sub("", self._text, count=1)
        pending = _UNCLOSED.search(self._text)
        whole = self._text[: pending.start()] if pending else self._text
        found = self._sentences(whole)
        if len(found) < 2:
            return []
        self._text = self._text[found[-1][0] :]
        return [sentence for _, sentence in found[:-1] if sentence.text]

    def close(self) -> list[CitedSentence]:
        """What is left when no more comes. Thoughts that never ended are no answer."""
        rest = "" if _is_thinking(self._text) else self._text
        self._text = ""
        return [sentence for _, sentence in self._sentences(rest) if sentence.text]

    def _sentences(self, raw: str) -> list[tuple[int, CitedSentence]]:
        """Each sentence with where it begins in ``raw``."""
        plain, origins, markers = _without_markers(raw, self._passages)
        spans = _without_numbering(plain, sentences(plain))
        cited: list[list[int]] = [[] for _ in spans]
        for at, numbers in markers:
            if spans:
                cited[_sentence_before(at, spans)] += numbers
        found: list[tuple[int, CitedSentence]] = []
        for (start, end), numbers in zip(spans, cited, strict=True):
            text = _cleaned(plain[start:end])
            passages = tuple(dict.fromkeys(numbers))
            found.append((origins[start], CitedSentence(text, passages)))
        return found


def _sentence_before(at: int, spans: Sequence[Span]) -> int:
    """The number of the last sentence that begins before an offset: ``两年。[1]另有`` cites ``两年。``"""
    number = 0
    for other, (start, _) in enumerate(spans):
        if start < at:
            number = other
    return number


def _without_numbering(text: str, spans: Sequence[Span]) -> list[Span]:
    """The sentences with the number of a list's item, ``2.``, as the beginning of its sentence."""
    joined: list[Span] = []
    begins: int | None = None
    for start, end in spans:
        first = start if begins is None else begins
        if _ITEM.fullmatch(text, start, end):
            begins = first
        else:
            joined.append((first, end))
            begins = None
    return joined if begins is None else [*joined, (begins, spans[-1][1])]


def _without_markers(
    raw: str, passages: int
) -> tuple[str, list[int], list[tuple[int, list[int]]]]:
    """The text without markers, where each of its characters stood, and the markers at their place in it."""
    plain = ""
    origins: list[int] = []
    markers: list[tuple[int, list[int]]] = []
    at = 0
    for match in _MARKER.finditer(raw):
        plain += raw[at : match.start()]
        origins += range(at, match.start())
        numbers = [
            number for number in _passage_numbers(match[1]) if 1 <= number <= passages
        ]
        markers.append((len(plain), numbers))
        at = match.end()
        # "two years.[1]The" would be one sentence without the marker.
        if plain and plain[-1] in _ENDS and at < len(raw) and not has_han(raw[at]):
            plain += " "
            origins.append(at)
    return plain + raw[at:], [*origins, *range(at, len(raw))], markers


def _passage_numbers(text: str) -> list[int]:
    """``1, 3-5`` -> 1, 3, 4, 5."""
    found: list[int] = []
    for part in re.split(r"[,，、;；&]", text):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        if len(ends) == 2 and 0 <= ends[1] - ends[0] < MOST_RANGE:
            found += range(ends[0], ends[1] + 1)
        else:
            found += ends
    return found


def _cleaned(sentence: str) -> str:
    """Without the marks of a list, a heading or emphasis that models like to put."""
    plain = _EMPHASIS.sub("", _BULLET.sub("", sentence)).strip()
    return plain if any(map(str.isalnum, plain)) else ""


def _is_thinking(text: str) -> bool:
    """Whether a model that thinks aloud has not yet begun to answer."""
    begins = text.lstrip()
    opening = begins[: len("<think>")]
    # "<thi" may still become one; an empty text is not thinking.
    if not opening or not "<think>".startswith(opening):
        return False
    return "</think>" not in begins
