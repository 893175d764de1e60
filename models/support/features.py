# ruff: noqa: E501
"""The numbers by which the rest of a claim, all but its exact parts, is scored."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.selector.lexicon import FloatArray
from models.support.alignment import Alignment, is_name
from models.support.records import Part
from models.support.text import Read

NAMES = (
    "exact", "met", "nouns_met", "verbs_met", "names_met", "missing_most", "missing_second", "missing_total",
    "missing_meaning_most", "low_meaning", "bigrams", "sentence_share", "clause_share", "inversions", "spread", "terms",
    "length", "numbers_met", "numbers_unsaid", "dates_unsaid", "names_unsaid", "modality_unsaid", "contradictions",
    "names_contradicted", "turns", "markers_added", "unknown", "cross", "english", "quote_length", "reverse",
    "denials_differ", "plans_differ",
)  # fmt: skip


def features(claim: Read, quote: Read, aligned: Alignment, parts: Sequence[Part]) -> FloatArray:
    """``(len(NAMES),)`` of one claim against its quotes, joined in ``quote``."""
    weights = np.array([t.weight for t in claim.terms], np.float32)
    exact, met = aligned.exact, np.maximum(aligned.exact, 0.95 * aligned.meaning)
    tags = [t.tag[:1] for t in claim.terms]
    missing = np.sort(weights * (1 - exact))[::-1]
    missing_meaning = np.sort(weights * (1 - met))[::-1]
    places = [at for at, e in zip(aligned.at, exact, strict=True) if at >= 0 and e >= 0.6]
    states = [(part.kind, part.state) for part in parts]
    turns = sum(k in ("negation", "modality", "opposite", "roles") and s == "contradicted" for k, s in states)
    kinds = {m.kind for m in claim.markers} - {m.kind for m in quote.markers}
    cross = claim.language != quote.language
    values = (
        _mean(exact, weights),
        _mean(met, weights),
        _mean(met, weights * np.array([t == "n" for t in tags], np.float32)),
        _mean(met, weights * np.array([t == "v" for t in tags], np.float32)),
        _mean(exact, weights * np.array([is_name(t) for t in claim.terms], np.float32)),
        _at(missing, 0) / 10,
        _at(missing, 1) / 10,
        float(missing.sum()) / 30,
        _at(missing_meaning, 0) / 10,
        float(np.min(met, initial=1.0)),
        0.0 if cross else _bigrams(claim, quote),
        _share([quote.sentence(p) for p in places]),
        _share([quote.clause(p) for p in places]),
        _inversions(places),
        (max(places) - min(places)) / max(len(claim.text), 20) if places else 0.0,
        len(claim.terms) / 10,
        math.log1p(len(claim.text)) / 5,
        sum(k in ("number", "date") and s == "met" for k, s in states) / 3,
        sum(k == "number" and s == "unsaid" for k, s in states),
        sum(k == "date" and s == "unsaid" for k, s in states),
        sum(k == "name" and s == "unsaid" for k, s in states),
        sum(k == "modality" and s == "unsaid" for k, s in states),
        sum(s == "contradicted" for _, s in states),
        sum(k == "name" and s == "contradicted" for k, s in states),
        turns,
        len(kinds),
        _mean(np.array([not t.vector.any() for t in claim.terms], np.float32), weights),
        cross,
        claim.language == "en",
        math.log1p(len(quote.text)) / 5,
        _reverse(quote, aligned),
        _differ(claim, quote, places, "denied"),
        _differ(claim, quote, places, "planned"),
    )
    return np.array(values, np.float32)


def _reverse(quote: Read, aligned: Alignment) -> float:
    """The share, by weight, of the terms of the best sentence of the quote that the claim has too."""
    hits = [p for places, e in zip(aligned.places, aligned.exact, strict=True) if e >= 0.6 for p in places]
    if not hits:
        return 0.0
    sentences = [quote.sentence(p) for p in hits]
    best = max(set(sentences), key=sentences.count)
    weights = [(t.weight, t.start in hits) for t in quote.terms if quote.sentence(t.start) == best]
    return sum(w for w, hit in weights if hit) / max(sum(w for w, _ in weights), 1e-9)


def _differ(claim: Read, quote: Read, places: Sequence[int], kind: str) -> float:
    """How many more or fewer such markers the claim has than the clauses of the quote that say it."""
    clauses = {quote.clause(p) for p in places}
    there = sum(m.kind == kind and quote.clause(m.start) in clauses for m in quote.markers)
    return float(abs(sum(m.kind == kind for m in claim.markers) - there))


def _mean(values: FloatArray, weights: FloatArray) -> float:
    """Weighted; 1 where there is nothing to weigh."""
    total = float(weights.sum())
    return float(values @ weights) / total if total else 1.0


def _at(values: FloatArray, i: int) -> float:
    return float(values[i]) if len(values) > i else 0.0


def _share(numbers: Sequence[int]) -> float:
    """The share of the most frequent one."""
    return max((numbers.count(n) for n in set(numbers)), default=0) / max(len(numbers), 1)


def _inversions(places: Sequence[int]) -> float:
    """The share of neighbours that the quote has in the other order."""
    return sum(b < a for a, b in pairwise(places)) / max(len(places) - 1, 1)


def _bigrams(claim: Read, quote: Read) -> float:
    """The share of the claim's character bigrams, white space and punctuation aside, that the quote has."""
    said, there = (
        {a + b for a, b in pairwise(t)}
        for t in ("".join(filter(str.isalnum, text.folded)) for text in (claim, quote))
    )
    return len(said & there) / len(said) if said else 1.0
