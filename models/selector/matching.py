"""How far the words of a question are met by a text: exactly, in part, or in meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.kept import kept
from models.language.questions import Asking, read
from models.language.words import WORD, Word, fold, stem
from models.selector.lexicon import FloatArray, Lexicon
from models.translation import Translator

SHORTENED = 0.85
"""What a word counts for when the text has what it is short for."""
UnitKind = Literal["entity", "number", "word"]
_REGION_END = re.compile(r"(?<=[\u4e00-\u9fff]{2})(?:省|市|县|区|镇|乡|村|州|国)$")
_ENTITY_TAGS = ("nr", "ns", "nt", "nz", "eng")
_YEAR_WORDS = frozenset(
    {"今年", "去年", "明年", "前年", "今日", "昨日", "昨天", "明天", "上半年", "下半年"}
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A word of the question that an answer must meet; ``targets`` are its forms, weighted, the best 1."""

    text: str
    kind: UnitKind
    weight: float
    focus: bool
    targets: tuple[tuple[str, float], ...]
    vector: FloatArray
    tuned: FloatArray
    tag: str = ""
    foreign: str = ""
    """The English word as it was written, for names that Chinese text spells in characters."""


@dataclass(frozen=True, slots=True)
class Query:
    asking: Asking
    units: tuple[Unit, ...]
    tuned: FloatArray


def prepare(question: str, lexicon: Lexicon, translator: Translator | None) -> Query:
    """Read a question into the units that an answer must meet, English ones with their translations."""
    asking = read(question)
    if asking.language == "en" and translator is not None:
        units = _translated(asking, lexicon, translator)
    else:
        units = [
            _own(word, i in asking.focus, lexicon)
            for i, word in enumerate(asking.content)
        ]
    tuned = sum((unit.tuned for unit in units), np.zeros(lexicon.dimension, np.float32))
    return Query(asking, tuple(units), unit_length(tuned))


def _own(word: Word, focus: bool, lexicon: Lexicon) -> Unit:
    text = stem(word.text) if word.kind == "latin" else word.text
    forms = [(text, 1.0)]
    if word.tag == "ns" and (short := _REGION_END.sub("", text)) != text:
        forms.append((short, 0.95))
    kind: UnitKind = (
        "number" if word.kind == "number" or text in _YEAR_WORDS else "word"
    )
    if kind == "word" and word.tag.startswith(_ENTITY_TAGS):
        kind = "entity"
    return Unit(
        text,
        kind,
        lexicon.idf(text),
        focus,
        tuple(forms),
        lexicon.vector(text),
        lexicon.tuned(text),
        word.tag,
    )


def _translated(asking: Asking, lexicon: Lexicon, translator: Translator) -> list[Unit]:
    units: list[Unit] = []
    focus = {asking.content[i].start for i in asking.focus}
    for phrase in translator.to_chinese(asking.text):
        inside = [w for w in asking.content if phrase.start <= w.start < phrase.end]
        if not inside:
            continue
        written = asking.text[phrase.start : phrase.end]
        best = phrase.targets[0][1] if phrase.targets else 1.0
        targets = [(fold(text), (p / best) ** 0.5) for text, p in phrase.targets]
        targets += [(stem(fold(written)), 1.0)]
        name = written[:1].isupper() and phrase.start > 0
        kind: UnitKind = (
            "number" if inside[0].kind == "number" else "entity" if name else "word"
        )
        known = [t for t, _ in targets[:-1]]
        weight = max(lexicon.idf(t) for t in known[:1]) if known else RARE_FOREIGN
        vector = unit_length(
            _mean([(lexicon.vector(t), w) for t, w in targets[:-1]], lexicon.dimension)
        )
        tuned = _mean(
            [(lexicon.tuned(t), w) for t, w in targets[:-1]], lexicon.dimension
        )
        units.append(
            Unit(
                written,
                kind,
                weight,
                bool(focus & {w.start for w in inside}),
                tuple(targets),
                vector,
                tuned,
                "",
                written,
            )
        )
    return units


RARE_FOREIGN = 8.0


def _mean(weighted: list[tuple[FloatArray, float]], dimension: int) -> FloatArray:
    total = sum(
        (vector * weight for vector, weight in weighted),
        np.zeros(dimension, np.float32),
    )
    return np.asarray(
        total / max(sum(weight for _, weight in weighted), 1e-9), np.float32
    )


def unit_length(vector: FloatArray) -> FloatArray:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length else vector, np.float32)


def exact(unit: Unit, folded: str, translator: Translator | None) -> float:
    """0 to 1: whether a form of the unit stands in ``folded``, or the share of it that does."""
    best = 0.0
    for target, weight in unit.targets:
        if weight > best:
            best = max(best, weight * _stands(unit.kind, target, folded))
    if best < 1 and unit.foreign and unit.kind == "entity" and translator is not None:
        best = max(best, 0.9 * _spelled(unit.foreign, folded, translator))
    return best


_NOT_LETTERS = re.compile(r"[^a-z]+")


def _spelled(name: str, folded: str, translator: Translator) -> bool:
    """Whether pinyin ``name`` spells two or more characters of ``folded``, surname first or last."""
    parts = [part for part in _NOT_LETTERS.split(name.lower()) if part]
    orders = {"".join(parts), "".join(parts[-1:] + parts[:-1])}
    return any(_walk(order, folded, translator) for order in orders if len(order) > 3)


@kept(megabytes=8, entries=16384)
def _walk(letters: str, folded: str, translator: Translator) -> bool:
    for start in range(len(folded)):
        positions = {0}
        for at in range(start, len(folded)):
            readings = _readings(folded[at], translator)
            positions = {
                p + len(r)
                for p in positions
                for r in readings
                if letters.startswith(r, p)
            }
            if not positions:
                break
            if len(letters) in positions and at > start:
                return True
    return False


@kept(megabytes=8, entries=32768)
def _readings(character: str, translator: Translator) -> tuple[str, ...]:
    return tuple(translator.romanisations(character))


def meanings(
    units: Sequence[Unit], texts: Sequence[str], lexicon: Lexicon
) -> FloatArray:
    """``(texts, units)``: cosine of each unit to the nearest word of each text, 0 to 1.

    Names and numbers have no near enough: 0.
    """
    found = np.zeros((len(texts), len(units)), np.float32)
    matrices = [lexicon.matrix(text) for text in texts]
    filled = [i for i, matrix in enumerate(matrices) if len(matrix)]
    columns = [j for j, unit in enumerate(units) if unit.kind == "word"]
    if filled and columns:
        vectors = np.stack([units[j].vector for j in columns])
        starts = np.cumsum([0, *(len(matrices[i]) for i in filled[:-1])])
        cosines = np.concatenate([matrices[i] for i in filled]) @ vectors.T
        found[np.ix_(filled, columns)] = np.maximum(
            np.maximum.reduceat(cosines, starts, axis=0), 0
        )
    return found


@kept(megabytes=4, entries=4096)
def _abbreviation(target: str) -> re.Pattern[str]:
    """Matches what ``target`` may be short for, as 发改委 is for 发展改革委: its characters, few between."""
    return re.compile("[\u4e00-\u9fff]{0,2}".join(map(re.escape, target)))


@kept(megabytes=4, entries=4096)
def _latin(folded: str) -> frozenset[str]:
    return frozenset(stem(match.group()) for match in WORD.finditer(folded))


@kept(megabytes=32, entries=65536)
def _stands(kind: UnitKind, target: str, folded: str) -> float:
    if kind == "number":
        return float(
            re.search(rf"(?<![\d.]){re.escape(target)}(?![\d]|\.\d)", folded)
            is not None
        )
    if target.isascii():
        return float(not _latin(folded).isdisjoint(target.split()))
    if target in folded:
        return 1.0
    if len(target) < 2:
        return 0.0
    if len(target) > 2 and _abbreviation(target).search(folded):
        return SHORTENED
    if kind == "entity":
        return 0.0
    longest = max(
        (
            b - a
            for a in range(len(target))
            for b in range(a + 1, len(target) + 1)
            if target[a:b] in folded
        ),
        default=0,
    )
    return 0.7 * longest / len(target) if longest >= 2 or len(target) == 2 else 0.0


KEPT_OF_TEXTS = (_latin, _stands, _walk)
"""Caches that hold texts of documents."""
