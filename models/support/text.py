"""A text as the check reads it: its amounts, dates, names, words that carry meaning, and what turns them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from models.english import ARTICLES, STOP_WORDS
from models.english import tokens as english_tokens
from models.language.question_words import STOP_ZH
from models.language.sentences import sentences
from models.language.words import fold, has_han, words
from models.selector.lexicon import FloatArray, Lexicon
from models.support.amounts import Amount, amounts
from models.support.dates import Moment, moments
from models.support.markers import LITTLE_MEANING, Marker, markers_of
from models.support.names import Name, names_of
from models.translation import Translator

_CLAUSE_END = re.compile(
    r"[，。；！？;!?\n：]|[,:](?=\s)|\.(?=\s|$)|(?<=\s)(?:but|although|though|while|whereas)\b|(?<=[\u4e00-\u9fff]),"
)
RARE_FOREIGN = 8.0
"""Weight of an English word that has no translation: as a name or term of art would weigh."""
_OF_COUNTRY = {"china": (("全国", 0.9), ("我国", 0.95))}
MOST_CHARS = 4000
"""More of a quote is not read: a citation is a sentence or a few."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase with a meaning of its own at ``[start, end)``.

    ``forms`` are what may stand for it in the other text, weighted, the best 1: itself, and for English its
    Chinese translations. ``tag`` is jieba's part of speech. ``vector`` has length 1 or is zeros.
    """

    text: str
    start: int
    end: int
    weight: float
    forms: tuple[tuple[str, float], ...]
    vector: FloatArray
    tag: str = ""
    capital: bool = False


@dataclass(frozen=True)
class Read:
    """A text, read once. Offsets are those of ``text``; ``folded`` has the same length."""

    text: str
    folded: str
    language: Literal["zh", "en"]
    amounts: tuple[Amount, ...]
    moments: tuple[Moment, ...]
    names: tuple[Name, ...]
    markers: tuple[Marker, ...]
    terms: tuple[Term, ...]
    sentences: tuple[tuple[int, int], ...]
    clauses: tuple[int, ...]
    """Offsets at which a clause ends."""

    @cached_property
    def matrix(self) -> FloatArray:
        """``(terms, dimension)``."""
        return np.stack([t.vector for t in self.terms]) if self.terms else np.zeros((0, 1), np.float32)

    @cached_property
    def index(self) -> dict[str, list[tuple[float, int]]]:
        """Form -> ``(weight, term)`` of the terms that it may stand for."""
        found: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for i, term in enumerate(self.terms):
            for form, weight in term.forms:
                found[form].append((weight, i))
        return found

    def clause(self, at: int) -> int:
        """The number of the clause in which ``at`` lies."""
        return bisect_right(self.clauses, at)

    def sentence(self, at: int) -> int:
        """The number of the sentence in which ``at`` lies."""
        return bisect_right(self.sentences, at, key=lambda span: span[1])


def read(text: str, lexicon: Lexicon, translator: Translator) -> Read:
    text = text[:MOST_CHARS]
    folded = fold(text)
    dates = moments(folded)
    counted = amounts(folded, tuple((m.start, m.end) for m in dates))
    marked = markers_of(text, folded)
    taken = bytearray(len(text))
    for start, end in [(s.start, s.end) for found in (dates, counted, marked) for s in found]:
        taken[start:end] = b"\1" * (end - start)
    chinese = has_han(text)
    terms = _chinese(text, lexicon, taken) if chinese else _english(text, lexicon, translator, taken)
    return Read(
        text,
        folded,
        "zh" if chinese else "en",
        counted,
        dates,
        tuple(name for name in names_of(text, chinese) if chinese or not _opens(name, terms)),
        marked,
        tuple(terms),
        tuple(sentences(text)),
        tuple(m.end() for m in _CLAUSE_END.finditer(text)),
    )


def _opens(name: Name, terms: list[Term]) -> bool:
    """Whether a capital only opens the text: its word is a common one."""
    first = next((t for t in terms if t.start == name.start == 0), None)
    if first is None or first.end < name.end or len(first.forms) < 2:
        return False
    return all(w.tag[:2] not in ("nr", "ns", "nt", "nz") for w in words(first.forms[1][0]))


def _chinese(text: str, lexicon: Lexicon, taken: bytearray) -> list[Term]:
    found: list[Term] = []
    for word in words(text):
        if word.text in STOP_ZH or word.text in LITTLE_MEANING or word.text in STOP_WORDS:
            continue
        if taken[word.start] and taken[word.end - 1]:
            continue
        forms = [(word.text, 1.0)]
        if word.tag == "ns" and len(word.text) > 2 and word.text[-1] in "省市县区镇乡村州国":
            forms.append((word.text[:-1], 0.95))
        found.append(
            Term(
                word.text,
                word.start,
                word.end,
                lexicon.idf(word.text)
                * (0.6 if word.tag[:1] in ("d", "p", "c", "u", "m", "r", "f") else 1.0),
                tuple(forms),
                lexicon.vector(word.text),
                word.tag,
                word.kind == "latin",
            )
        )
    return found


def _english(text: str, lexicon: Lexicon, translator: Translator, taken: bytearray) -> list[Term]:
    found: list[Term] = []
    for phrase in translator.to_chinese(text):
        forms = [t.form for t in english_tokens(phrase.source) if not t.stop and t.form not in ARTICLES]
        if (
            not forms
            or (taken[phrase.start] and taken[phrase.end - 1])
            or phrase.source.lower() in LITTLE_MEANING
        ):
            continue
        of_country = _OF_COUNTRY.get(" ".join(forms), ())
        best = phrase.targets[0][1] if phrase.targets else 1.0
        targets = [(fold(word), (share / best) ** 0.5) for word, share in phrase.targets]
        targets += of_country
        total = sum((lexicon.vector(w) * s for w, s in targets), np.zeros(lexicon.dimension, np.float32))
        length = float(np.linalg.norm(total))
        found.append(
            Term(
                " ".join(forms),
                phrase.start,
                phrase.end,
                max(lexicon.idf(targets[0][0]), 2.0) if targets else RARE_FOREIGN,
                (*((" ".join(forms), 1.0),), *targets),
                np.asarray(total / length if length else total, np.float32),
                "",
                phrase.source[:1].isupper() and (phrase.start > 0 or not phrase.targets),
            )
        )
    return found
