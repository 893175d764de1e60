"""What a question asks for: its kind of answer, the unit it names, the words that must be met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.language.question_words import (
    ASKED,
    BARE_FACTS,
    QUESTION_WORDS,
    STOP_EN,
    STOP_ZH,
    UNIT,
    Asked,
)
from models.language.words import Word, fold, has_han, words

NEAR = 4
"""Characters between a question word and what it asks for."""

__all__ = ["ASKED", "BARE_FACTS", "Asked", "Asking", "read"]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, read. ``content`` are its words that carry meaning, ``focus`` which of them say what is
    wanted (人口 in 绍兴市的人口是多少), as indices into ``content``; ``unit`` is what follows 多少 or 几."""

    text: str
    language: Literal["zh", "en"]
    asked: Asked
    unit: str
    content: tuple[Word, ...]
    focus: frozenset[int]


def read(question: str) -> Asking:
    """Read a question. Anything that is a text will do; one without question words asks for ``other``."""
    folded = fold(question)
    language: Literal["zh", "en"] = "zh" if has_han(folded) else "en"
    asked, at = _asked(folded, language)
    unit = UNIT.search(folded) if asked in ("number", "duration") else None
    # a Chinese question may hold English words
    stop = STOP_ZH | STOP_EN if language == "zh" else STOP_EN
    content: list[Word] = []
    for word in words(question):
        if word.text not in stop and not _is_question_word(word, at):
            content.append(word)
    return Asking(
        text=question,
        language=language,
        asked=asked,
        unit=unit[1] if unit else "",
        content=tuple(content),
        focus=_focus(content, at),
    )


def _asked(folded: str, language: str) -> tuple[Asked, tuple[int, int]]:
    """The kind of answer, and where the words stand that ask for it; the first pattern of the table that is met."""
    for asked, pattern in QUESTION_WORDS[language]:
        match = pattern.search(folded)
        if match is not None:
            return asked, match.span()
    return "other", (len(folded), len(folded))


def _is_question_word(word: Word, at: tuple[int, int]) -> bool:
    """Words within what was recognised as the question word, unless they name the thing (哪个城市 keeps 城市)."""
    begin, end = at
    within = begin <= word.start and word.end <= end
    return within and word.kind == "han" and word.tag[:1] not in ("n", "v")


def _focus(content: Sequence[Word], at: tuple[int, int]) -> frozenset[int]:
    """The nearest content word before the question word and after it, no more than four characters off."""
    begin, end = at
    before: list[int] = []
    after: list[int] = []
    for i, word in enumerate(content):
        if 0 <= begin - word.end <= NEAR:
            before.append(i)
        if 0 <= word.start - end <= NEAR or begin <= word.start < end:
            after.append(i)
    near = frozenset(before[-1:] + after[:1])
    if not near and content:
        return frozenset([len(content) - 1])
    return near
