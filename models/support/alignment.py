"""Where in the quote each word of the claim is said: by itself, in part, translated, or in meaning."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from models.kept import kept
from models.language.words import has_han
from models.selector.lexicon import FloatArray
from models.selector.matching import _spelled as spelled
from models.support.text import Read, Term
from models.translation import Translator

SHORTENED = 0.9
"""What a word counts for when one is short for the other (发改委, 发展改革委)."""
IN_PART = 0.7
Place = tuple[float, int]
"""``(score, offset in the quote)``."""


@dataclass(frozen=True)
class Alignment:
    """By term of the claim: ``exact`` and ``meaning`` are 0 to 1, ``at`` the offset in the quote or -1, and
    ``places`` every offset at which the term stands."""

    exact: FloatArray
    meaning: FloatArray
    at: tuple[int, ...]
    places: tuple[tuple[int, ...], ...]

    @property
    def met(self) -> FloatArray:
        return np.maximum(self.exact, self.meaning)


def align(claim: Read, quote: Read, translator: Translator) -> Alignment:
    found = [_places(term, quote) for term in claim.terms]
    if claim.language != quote.language:
        _romanised(claim, quote, translator, found)
    if any(not places for places in found):
        _short_for(claim, quote, found)
    _synonyms(claim, quote, translator, found)
    meaning = np.zeros(len(claim.terms), np.float32)
    nearest = np.zeros(len(claim.terms), np.int64)
    if claim.terms and quote.terms:
        cosines = claim.matrix @ quote.matrix.T
        nearest = cosines.argmax(axis=1)
        meaning = np.maximum(cosines.max(axis=1), 0)
        meaning[[is_name(term) for term in claim.terms]] = 0
    best = _best_sentence(quote, found)
    exact = np.zeros(len(claim.terms), np.float32)
    at: list[int] = []
    before = -1
    for i, places in enumerate(found):
        if places:
            top = max(score for score, _ in places)
            near = [place for score, place in places if score >= top - 0.05]
            place = min(
                near, key=lambda p: (quote.sentence(p) != best, abs(p - before) if before >= 0 else p)
            )
            exact[i] = top
            at.append(place)
            before = place
        else:
            at.append(quote.terms[int(nearest[i])].start if meaning[i] >= 0.5 else -1)
    return Alignment(
        exact,
        np.asarray(meaning, np.float32),
        tuple(at),
        tuple(tuple(p for _, p in places) for places in found),
    )


def is_name(term: Term) -> bool:
    """Whether nothing near in meaning can stand for the term."""
    return term.tag[:2] in ("nr", "ns", "nt", "nz") or term.capital


def _places(term: Term, quote: Read) -> list[Place]:
    found: list[Place] = []
    for form, weight in term.forms:
        found += [(weight * other, quote.terms[j].start) for other, j in quote.index.get(form, ())]
        if len(form) > 1 and has_han(form):
            start = quote.folded.find(form)
            while start >= 0:
                found.append((weight, start))
                start = quote.folded.find(form, start + 1)
    if not found and not is_name(term):
        found = _in_part(term, quote)
    return [(score, place) for score, place in found if score >= 0.25]


def _in_part(term: Term, quote: Read) -> list[Place]:
    """A piece of a Chinese word, or some words of an English phrase."""
    if quote.language == "zh" and has_han(term.text):
        size = len(term.text)
        for length in range(size - 1, 1, -1):
            for start in range(size - length + 1):
                if (place := quote.folded.find(term.text[start : start + length])) >= 0:
                    return [(IN_PART * length / size, place)]
    if quote.language == "en" and not has_han(term.text):
        pieces = term.text.split()
        hits = [
            quote.terms[j].start
            for piece in pieces
            for j in [next((j for j, t in enumerate(quote.terms) if piece in t.text.split()), -1)]
            if j >= 0
        ]
        if hits:
            return [(0.95 * len(hits) / len(pieces), hits[0])]
    return []


def _romanised(claim: Read, quote: Read, translator: Translator, found: list[list[Place]]) -> None:
    """Names that one text spells in pinyin and the other writes in characters."""
    for name in claim.names:
        inside = [i for i, t in enumerate(claim.terms) if name.start <= t.start < name.end]
        if all(any(score >= 0.8 for score, _ in found[i]) for i in inside):
            continue
        text = claim.text[name.start : name.end]
        if claim.language == "en" and spelled(text, quote.folded, translator):
            places = [(0.95, start) for start, _ in translator.romaniser.find(text, quote.folded)]
        elif claim.language == "zh":
            plain = text.rstrip("省市县区镇")
            places = [
                (0.95, other.start)
                for other in quote.names
                if translator.romanises(quote.text[other.start : other.end], plain)
            ]
        else:
            continue
        for i in inside if places else ():
            found[i] = places


@kept(megabytes=4, entries=4096)
def _abbreviation(short: str) -> re.Pattern[str]:
    return re.compile("[\u4e00-\u9fff]{0,3}?".join(map(re.escape, short)))


def _short_for(claim: Read, quote: Read, found: list[list[Place]]) -> None:
    """Short forms on either side, of three characters or more: 发改委, 发展和改革委."""
    if claim.language != "zh" or quote.language != "zh":
        return
    for i, term in enumerate(claim.terms):
        if not found[i] and 2 < len(term.text) < 7 and (m := _abbreviation(term.text).search(quote.folded)):
            found[i] = [(SHORTENED, m.start())]
    if all(found):
        return
    for other in quote.terms:
        if 2 < len(other.text) < 6 and has_han(other.text) and other.text not in claim.folded:
            match = _abbreviation(other.text).search(claim.folded)
            for i, term in enumerate(claim.terms):
                if match and not found[i] and match.start() <= term.start and term.end <= match.end():
                    found[i] = [(SHORTENED, other.start)]


def _synonyms(claim: Read, quote: Read, translator: Translator, found: list[list[Place]]) -> None:
    """Chinese words with the same English translations: 建立 and 设立."""
    if claim.language != "zh" or quote.language != "zh":
        return
    for i, term in enumerate(claim.terms):
        if found[i] or is_name(term) or len(term.text) < 2:
            continue
        english = _english(term.text, translator)
        if not english:
            continue
        best = max(
            (
                (_overlap(english, _english(q.text, translator)), q.start)
                for q in quote.terms
                if len(q.text) > 1 and not is_name(q)
            ),
            default=(0.0, 0),
        )
        if best[0] >= LEAST_SHARED:
            found[i] = [(min(0.9, best[0] + 0.3), best[1])]


LEAST_SHARED = 0.45
"""Words are synonyms from this overlap of their translations."""


@kept(megabytes=16, entries=32768)
def _english(word: str, translator: Translator) -> tuple[tuple[str, float], ...]:
    return translator.to_english(word, 6)


def _overlap(one: tuple[tuple[str, float], ...], other: tuple[tuple[str, float], ...]) -> float:
    """Bhattacharyya coefficient of two distributions over translations."""
    table = dict(other)
    return sum(math.sqrt(share * table[word]) for word, share in one if word in table)


def _best_sentence(quote: Read, found: list[list[Place]]) -> int:
    """The sentence in which most of the claim's terms stand."""
    counts = [0.0] * (len(quote.sentences) + 1)
    for places in found:
        for sentence in {quote.sentence(place) for _, place in places}:
            counts[sentence] += 1
    return max(range(len(counts)), key=counts.__getitem__)
