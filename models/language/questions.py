"""What a question asks for: its kind of answer, the unit it names, the words that must be met."""

from __future__ import annotations

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
    lang: Literal["zh", "en"] = "zh" if has_han(folded) else "en"
    asked, at = _asked(folded, lang)
    unit = UNIT.search(folded) if asked in ("number", "duration") else None
    stop = STOP_ZH if lang == "zh" else STOP_EN
    content = tuple(
        word
        for word in words(question)
        if word.text not in stop
        and word.text not in STOP_EN
        and not _is_question_word(word, at)
    )
    return Asking(
        question,
        lang,
        asked,
        unit[1] if unit else "",
        content,
        _focus(content, at, folded),
    )


def _asked(folded: str, lang: str) -> tuple[Asked, tuple[int, int]]:
    for asked, pattern in QUESTION_WORDS[lang]:
        if (match := pattern.search(folded)) is not None:
            return asked, match.span()
    return "other", (len(folded), len(folded))


def _is_question_word(word: Word, at: tuple[int, int]) -> bool:
    """Words within what was recognised as the question word, unless they name the thing (哪个城市 keeps 城市)."""
    return (
        at[0] <= word.start
        and word.end <= at[1]
        and word.tag[:1] not in ("n", "v")
        and word.kind == "han"
    )


def _focus(
    content: tuple[Word, ...], at: tuple[int, int], folded: str
) -> frozenset[int]:
    """The nearest content word before the question word and after it, no more than four characters off."""
    after = [
        i
        for i, w in enumerate(content)
        if 0 <= w.start - at[1] <= 4 or at[0] <= w.start < at[1]
    ]
    before = [i for i, w in enumerate(content) if 0 <= at[0] - w.end <= 4]
    near = set(after[:1]) | set(before[-1:])
    if not near and content and folded:
        near = {len(content) - 1}
    return frozenset(near)
