"""Texts as the reader sees them: one unit a Han character, a word of another script, a number or a mark."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.language.facts import facts
from models.language.words import fold, stem, words
from models.selector.lexicon import RAREST, FloatArray, Lexicon
from models.static import StaticTable

IntArray = NDArray[np.int64]

STATIC_COLUMNS = 288
"""Columns of the static encoder's vectors that are read; it may have more."""
UNKNOWN, LATIN, NUMBER = 1, 2, 3
"""Rows of the character table for what is in no row of its own; 0 is padding."""
FIRST_CHARACTER = 4
_JIEBA = (
    "n",
    "nr",
    "ns",
    "nt",
    "nz",
    "v",
    "vn",
    "a",
    "d",
    "m",
    "q",
    "p",
    "c",
    "u",
    "r",
    "t",
    "f",
    "j",
    "i",
    "l",
    "x",
)
KINDS = ("number", "date", "duration", "person", "place", "organisation", "name")
TAGS = ("", "latin", "number", *_JIEBA)
"""Parts of speech, by jieba's tags; a tag that is not here counts as its first letter's, or as x."""
PLAIN = len(KINDS) + 2 + 1 + 4
"""Columns of :attr:`Units.plain`: in a fact of each kind, at its start, its end; idf; place in the word."""
_LETTER = r"[^\W\d_\u3400-\u9fff\uf900-\ufaff]"
_UNIT = re.compile(rf"\d+(?:[.,·:]\d+)*|{_LETTER}+(?:['’]{_LETTER}+)*|\S")
_TAG_ROWS = {tag: row for row, tag in enumerate(TAGS)}


@dataclass(frozen=True, slots=True)
class Units:
    """A text of ``n`` units.

    ``spans``: ``(n, 2)`` code points. ``keys``: what is compared between a question and a passage.
    ``characters``, ``pieces``, ``tags``: rows of the tables of characters, of the static encoder, of TAGS.
    ``word_of``: index into ``words`` of the word that each unit is part of. ``plain``: ``(n, PLAIN)``.
    """

    spans: IntArray
    keys: tuple[str, ...]
    characters: IntArray
    pieces: IntArray
    tags: IntArray
    words: tuple[str, ...]
    word_of: IntArray
    plain: FloatArray

    def __len__(self) -> int:
        return len(self.keys)


class UnitReader:
    """Splits texts into units and looks up all that is known of each."""

    def __init__(self, characters: Mapping[str, int], lexicon: Lexicon, static: StaticTable) -> None:
        self.characters, self.lexicon, self.static = characters, lexicon, static
        self.read = lru_cache(maxsize=4096)(self._read)

    def vectors(self, units: Units) -> FloatArray:
        """``(n, STATIC_COLUMNS + 2 * lexicon dimension)``: of the piece, the word, the character alone."""
        word = np.stack([self.lexicon.vector(w) for w in units.words])[units.word_of]
        alone = np.stack([self.lexicon.vector(key) for key in units.keys])
        return np.concatenate([self.static.vectors[units.pieces, :STATIC_COLUMNS], word, alone], axis=1)

    def _read(self, text: str) -> Units:
        folded = fold(text)
        spans = np.array([m.span() for m in _UNIT.finditer(folded)], np.int64).reshape(-1, 2)
        keys = tuple(_key(folded[s:e]) for s, e in spans.tolist())
        starts = {int(s): i for i, (s, _) in enumerate(spans)}
        word_of = np.zeros(len(keys), np.int64)
        tags = np.zeros(len(keys), np.int64)
        plain = np.zeros((len(keys), PLAIN), np.float32)
        known: dict[str, int] = {"": 0}
        for word in words(text):
            first = starts.get(word.start)
            if first is None:
                continue
            size = word.end - word.start if word.kind == "han" else 1
            last = min(first + size, len(keys))
            text_ = stem(word.text) if word.kind == "latin" else word.text
            word_of[first:last] = known.setdefault(text_, len(known))
            tags[first:last] = _tag(word.tag if word.kind == "han" else word.kind)
            plain[first:last, len(KINDS) + 2] = self.lexicon.idf(text_) / RAREST
            place = [0] if size == 1 else [1, *[2] * (last - first - 2), 3]
            plain[np.arange(first, last), len(KINDS) + 3 + np.array(place[: last - first])] = 1
        _mark_facts(text, spans, plain)
        return Units(
            spans,
            keys,
            np.array([self._character(folded[s:e]) for s, e in spans.tolist()], np.int64),
            self._static_rows(text, spans),
            tags,
            tuple(known),
            word_of,
            plain,
        )

    def _character(self, unit: str) -> int:
        if unit[0].isdigit():
            return NUMBER
        if len(unit) == 1:
            return self.characters.get(unit, UNKNOWN)
        return LATIN

    def _static_rows(self, text: str, spans: IntArray) -> IntArray:
        """For each unit the row of the static encoder's token that covers its first character."""
        encoding = self.static.tokenizer.encode(text, add_special_tokens=False)
        rows = np.zeros(len(text) + 1, np.int64)
        for row, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            rows[start:end] = row
        return rows[spans[:, 0]] if len(spans) else np.zeros(0, np.int64)


def _key(unit: str) -> str:
    return stem(unit) if len(unit) > 1 and unit.isascii() else unit


def _tag(tag: str) -> int:
    return _TAG_ROWS.get(tag, _TAG_ROWS.get(tag[:1], _TAG_ROWS["x"]))


def _mark_facts(text: str, spans: IntArray, plain: FloatArray) -> None:
    for fact in facts(text):
        first = int(np.searchsorted(spans[:, 1], fact.start, side="right"))
        last = int(np.searchsorted(spans[:, 0], fact.end, side="left"))
        if first < last:
            plain[first:last, KINDS.index(fact.kind)] = 1
            plain[first, len(KINDS)] = 1
            plain[last - 1, len(KINDS) + 1] = 1


MATCHES = 8
"""Columns of :func:`matches`."""
NEAR, FAR = 15, 40
"""Units to each side within which the words of the question are counted."""


def matches(
    units: Units, other: Units, targets: Sequence[tuple[str, float]] = (), text: str = ""
) -> FloatArray:
    """``(n, MATCHES)``: how each unit is met in the other text.

    By itself; as a word; length of the longest common run through it, of 8; idf where it is met; the
    weight of the translated or related form of a question's word that stands there; the share of the
    other's words met within NEAR and FAR units; how far down the text it stands.

    Args:
        targets: forms to be found in ``text``, the folded text of ``units``, with their weights.
    """
    n = len(units)
    found = np.zeros((n, MATCHES), np.float32)
    if not n or not len(other):
        return found
    theirs = {key for key in other.keys if key[0].isalnum()}
    found[:, 0] = [key in theirs for key in units.keys]
    shared = {word: i for i, word in enumerate(other.words) if word}
    word_rows = np.array([shared.get(word, -1) for word in units.words], np.int64)[units.word_of]
    found[:, 1] = word_rows >= 0
    runs = _runs(units, other)
    found[:, 2] = np.minimum(runs, 8) / 8
    idf = units.plain[:, len(KINDS) + 2]
    found[:, 3] = idf * ((found[:, 1] > 0) | (runs >= 2))
    for form, weight in targets:
        for match in re.finditer(re.escape(form), text):
            first = int(np.searchsorted(units.spans[:, 1], match.start(), side="right"))
            last = int(np.searchsorted(units.spans[:, 0], match.end(), side="left"))
            found[first:last, 4] = np.maximum(found[first:last, 4], weight)
    total = max(sum(1 for w in other.words if w), 1)
    for column, reach in ((5, NEAR), (6, FAR)):
        found[:, column] = _distinct(word_rows, reach) / total
    found[:, 7] = np.minimum(np.arange(n) / 400, 1)
    return found


def _runs(units: Units, other: Units) -> FloatArray:
    """``(n,)``: the length of the longest run shared with the other text that goes through each unit."""
    number = {key: i for i, key in enumerate(dict.fromkeys(other.keys)) if key[0].isalnum()}
    mine = np.array([number.get(key, -1) for key in units.keys], np.int64)
    theirs = np.array([number.get(key, -2) for key in other.keys], np.int64)
    equal = mine[:, None] == theirs[None, :]
    lengths = np.zeros(equal.shape, np.int32)
    before = np.zeros(len(theirs) + 1, np.int32)
    rows = np.flatnonzero(equal.any(axis=1))
    last = -2
    for i in rows.tolist():
        if i != last + 1:
            before[:] = 0
        before[1:] = (before[:-1] + 1) * equal[i]
        lengths[i] = before[1:]
        last = i
    for i in rows[::-1].tolist():
        if i + 1 < len(mine):
            follows = np.zeros(len(theirs), np.int32)
            follows[:-1] = lengths[i + 1, 1:]
            lengths[i] = np.where(equal[i], np.maximum(lengths[i], follows), 0)
    return np.asarray(lengths.max(axis=1), np.float32)


def _distinct(rows: IntArray, reach: int) -> FloatArray:
    """``(n,)``: how many different rows, -1 aside, stand within ``reach`` of each place."""
    n = len(rows)
    count = np.zeros(n, np.float32)
    for row in np.unique(rows[rows >= 0]):
        near = np.zeros(n + 1, np.int32)
        for at in np.flatnonzero(rows == row).tolist():
            near[max(at - reach, 0)] += 1
            near[min(at + reach + 1, n)] -= 1
        count += np.cumsum(near[:n]) > 0
    return np.asarray(count, np.float32)
