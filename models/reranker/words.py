"""What the words of a question and a passage say, before any vector is looked at; and what retrieval said.

Lexical evidence is strong: a passage with every rare word of the question, close together, mostly answers.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.language.words import fold
from models.selector.lexicon import RAREST, FloatArray
from models.selector.matching import Query, Unit, exact
from models.translation import Translator

_STOP = re.compile(r"[。！？!?；;\n]")
_NUMERAL = re.compile(r"[\d一二两三四五六七八九十百千万亿]")
_DATE = re.compile(r"\d年|\d月|\d日|世纪|年代|(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")

OWN: tuple[str, ...] = (
    "exact", "exact_titled", "worst_missing", "second_missing", "missing_total",
    "entities", "numbers", "focus", "has_entity", "has_number",
    "best_sentence", "best_pair", "repeated", "bigrams", "longest_common", "title_met", "answer_kind",
    "bm25", "dense", "fused", "bm25_rank", "dense_rank", "fused_rank", "by_words", "by_meaning",
)  # fmt: skip
COMPARED: tuple[str, ...] = (
    "exact", "exact_titled", "best_sentence", "best_pair", "bigrams", "longest_common", "bm25", "dense",
)  # fmt: skip
"""Of these also how far a passage is behind the best of its list."""
NAMES: tuple[str, ...] = (
    "present", *OWN, *(f"behind_{name}" for name in COMPARED),
    "units", "weight", "chinese_question", "foreign", "length",
)  # fmt: skip
"""The columns of the evidence. ``present`` is 1; all zeros stand for "no such evidence is at hand"."""
_COMPARED = [OWN.index(name) for name in COMPARED]


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as retrieval found it; ``scores`` has some of fused, dense and bm25."""

    title: str
    text: str
    scores: Mapping[str, float] = field(default_factory=dict)


def evidence(query: Query, found: Sequence[Found], translator: Translator | None) -> FloatArray:
    """``(passages, len(NAMES))``, each number roughly within 0 and 1."""
    weights = np.array([unit.weight for unit in query.units], np.float32) + 1e-6
    question = fold(query.asking.text)
    pairs = {question[i : i + 2] for i in range(len(question) - 1)}
    retrieved = _retrieved(found)
    rows = []
    for i, each in enumerate(found):
        here = fold(each.text)
        rows.append([*_words(query, weights, here, fold(each.title), pairs, translator), *retrieved[i]])
    own = np.array(rows, np.float32).reshape(len(found), len(OWN))
    compared = own[:, _COMPARED]
    foreign = query.asking.language == "en" and bool(
        re.search("[\u4e00-\u9fff]", "".join(f.text for f in found))
    )
    shared = [
        min(len(query.units), 12) / 12,
        min(float(weights.sum()), 80) / 80,
        float(query.asking.language == "zh"),
        float(foreign),
    ]
    lengths = np.log1p(np.array([[len(each.text)] for each in found], np.float32)).reshape(-1, 1) / 6
    columns = (
        np.ones((len(found), 1)),
        own,
        compared.max(axis=0, initial=0.0) - compared,
        np.broadcast_to(np.array(shared), (len(found), 4)),
        lengths,
    )
    return np.concatenate(columns, axis=1).astype(np.float32)


def _words(
    query: Query,
    weights: FloatArray,
    here: str,
    title: str,
    pairs: set[str],
    translator: Translator | None,
) -> list[float]:
    """The columns of ``OWN`` that look at the passage itself."""
    units, total = query.units, max(float(weights.sum()), 1e-6)
    share = weights / total
    met = np.array([_exact(unit, here, translator) for unit in units], np.float32)
    titled = np.array([_exact(unit, title, translator) for unit in units], np.float32) if title else 0 * met
    both = np.maximum(met, titled)
    missing = np.sort((1 - both) * weights / RAREST)[::-1]
    entities = np.array([unit.kind == "entity" for unit in units], bool)
    numbers = np.array([unit.kind == "number" for unit in units], bool)
    focus = np.array([unit.focus for unit in units], bool)
    best, pair, repeated = _together(units, share, here)
    return [
        float(met @ share), float(both @ share),
        float(missing[0]) if len(missing) else 0.0,
        float(missing[1]) if len(missing) > 1 else 0.0,
        float(missing.sum()) / 4,
        _mean(both, entities), _mean(both, numbers), _mean(met, focus),
        float(entities.any()), float(numbers.any()),
        best, pair, repeated,
        sum(each in here for each in pairs) / max(len(pairs), 1),
        _longest_common(fold(query.asking.text), here),
        float(titled @ share),
        _answer_kind(query.asking.asked, here),
    ]  # fmt: skip


def _exact(unit: Unit, folded: str, translator: Translator | None) -> float:
    """As the selector sees it; a name is spelled out in pinyin only if no translation of it is known."""
    return exact(unit, folded, translator if len(unit.targets) == 1 else None)


def _together(units: Sequence[Unit], share: FloatArray, here: str) -> tuple[float, float, float]:
    """How much of the question the best sentence has, the best two neighbours; how often words return."""
    ends = [match.end() for match in _STOP.finditer(here)]
    met = np.zeros((len(ends) + 1, len(units)), np.float32)
    returning = 0.0
    for column, unit in enumerate(units):
        times = 0
        for target, weight in unit.targets:
            at = here.find(target)
            while at >= 0 and times < 16:
                sentence = bisect_right(ends, at)
                met[sentence, column] = max(met[sentence, column], weight)
                times += 1
                at = here.find(target, at + len(target))
        returning += float(share[column]) * min(times, 5) / 5
    pairs = np.maximum(met[:-1], met[1:]) if len(met) > 1 else met
    return float((met @ share).max()), float((pairs @ share).max()), returning


def _mean(met: FloatArray, of: np.ndarray) -> float:
    return float(met[of].mean()) if of.any() else 0.5


def _longest_common(question: str, here: str) -> float:
    """The longest stretch of the question that the passage has, as a share of it or of 12 characters."""
    longest = 0
    for start in range(len(question)):
        while start + longest < len(question) and question[start : start + longest + 1] in here:
            longest += 1
    return min(longest, 12) / max(min(len(question), 12), 1)


def _answer_kind(asked: str, here: str) -> float:
    """Whether the passage has anything of the kind asked for, where that can be told at a glance."""
    if asked in ("number", "duration"):
        return float(_NUMERAL.search(here) is not None)
    return float(_DATE.search(here) is not None) if asked == "date" else 0.5


def _retrieved(found: Sequence[Found]) -> FloatArray:
    """``(passages, 8)``: scores as shares of the best, ranks as ``1 / (1 + rank / 4)``, and who found it."""
    columns: list[FloatArray] = []
    ranks: list[FloatArray] = []
    for name in ("bm25", "dense", "fused"):
        scores = np.array([each.scores.get(name, 0.0) for each in found], np.float32)
        best = float(scores.max(initial=0.0))
        columns.append(scores / best if best > 0 else scores)
        order = np.argsort(np.argsort(-scores, kind="stable"), kind="stable")
        ranks.append(np.where(scores > 0, 1 / (1 + order / 4), 0).astype(np.float32))
    columns[1] = np.array([max(each.scores.get("dense", 0.0), 0.0) for each in found], np.float32)
    by = [
        np.array([each.scores.get(name, 0.0) > 0 for each in found], np.float32) for name in ("bm25", "dense")
    ]
    return np.stack([*columns, *ranks, *by], axis=1).reshape(len(found), 8)
