"""Text as words: folding, and words with offsets.

Folding never changes the length of a text, so an offset in the folded text is an
offset in the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import opencc
import rjieba

from models.kept import kept

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
HAN_RUN = re.compile(f"[{_HAN}]+")
WORD = re.compile(r"\d+(?:[.,·:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")

Kind = Literal["han", "latin", "number"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word at ``[start, end)``: ``text`` is folded; ``tag`` is jieba's part of speech, ``""`` for the rest."""

    text: str
    start: int
    end: int
    kind: Kind
    tag: str = ""


@kept(megabytes=8, entries=8192)
def fold(text: str) -> str:
    """Fold width, case and traditional characters, one code point to one code point."""
    return text.translate(_folding())


def has_han(text: str) -> bool:
    return HAN_RUN.search(text) is not None


def language(text: str) -> Literal["zh", "en"]:
    """The language to answer in: Chinese when Han characters are no small part of the letters."""
    han = sum(len(run) for run in HAN_RUN.findall(text))
    latin = len(re.findall(r"[A-Za-z]+", text))
    return "zh" if han and han >= latin else "en"


@kept(megabytes=48, entries=4096)
def words(text: str) -> tuple[Word, ...]:
    """The words of ``text`` in order, punctuation left out."""
    folded = fold(text)
    found = [*_han_words(folded), *_other_words(folded)]
    return tuple(sorted(found, key=lambda word: word.start))


def _han_words(folded: str) -> Iterator[Word]:
    """As jieba cuts them; all runs of a text in one call, since each call costs as much as many words."""
    runs = [match.span() for match in HAN_RUN.finditer(folded)]
    joined = " ".join([folded[start:end] for start, end in runs])
    pieces = iter(rjieba.tag(joined))
    for start, end in runs:
        begin = start
        while begin < end:
            piece, tag = next(pieces)
            if piece.isspace():
                continue  # between two runs
            yield Word(piece, begin, begin + len(piece), "han", tag)
            begin += len(piece)


def _other_words(folded: str) -> Iterator[Word]:
    without_han = HAN_RUN.sub(_blank, folded)
    for match in WORD.finditer(without_han):
        word = match.group()
        kind: Kind = "number" if word[0].isdigit() else "latin"
        yield Word(word, match.start(), match.end(), kind)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def stem(word: str) -> str:
    """Harman's S-stemmer (How effective is suffixing, 1991): English plurals folded, nothing else."""
    if len(word) < 4 or not word.isascii() or not word.endswith("s"):
        return word.removesuffix("'s")
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word if word.endswith(("us", "ss")) else word[:-1].removesuffix("'")


@cache
def _folding() -> dict[int, str]:
    """Code point -> one folded character: NFKC and lower case where they keep the length, then OpenCC t2s."""
    table: dict[int, str] = {}
    for code in range(0x80, 0x10000):
        char = chr(code)
        if (folded := unicodedata.normalize("NFKC", char).lower()) != char and len(
            folded
        ) == 1:
            table[code] = folded
    table |= {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
    han = [chr(code) for code in range(0x3400, 0xA000)]
    simplified = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    for traditional, plain in zip(han, simplified, strict=True):
        if plain != traditional and len(plain) == 1:
            table[ord(traditional)] = plain
    return table
