"""A question and a candidate sentence as numbers: what is met, what is missing, what could be the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.language.facts import Fact, of_kind
from models.language.questions import ASKED, BARE_FACTS, Asking
from models.language.words import fold
from models.selector.candidates import Candidate
from models.selector.lexicon import RAREST, FloatArray, Lexicon
from models.selector.matching import Query, Unit, exact, meanings, unit_length
from models.translation import Translator

BEFORE, AROUND = 0.9, 0.7
"""What a word met only before the sentence, or only around the passage, counts for."""

_MARKS = {
    "reason": re.compile(r"因为|由于|因此|所以|为了|从而|旨在|有助于|原因|以便|导致|受.{1,12}影响|得益于|受益于|是为|以免|避免|because|due to|so that|in order"),
    "manner": re.compile(r"通过|借助|利用|采用|采取|依靠|按照|以.{1,16}为|运用|推进|开展|建立|加强|by |through|using"),
    "definition": re.compile(r"是|指|即|称为|旨在| is | are | means "),
    "list": re.compile(r"、|包括|等|以及|分别|；|, | and "),
}  # fmt: skip
_CLAUSE = re.compile(r"[^，；：,;。！？]+")

NAMES: tuple[str, ...] = (
    "exact_here", "meaning_here", "exact_before", "meaning_before", "meaning_around", "exact_around",
    "worst_missing", "second_missing", "missing_total", "exact_worst_missing",
    "entities_here", "entities_around", "entity_worst", "has_entity",
    "numbers_here", "numbers_around", "number_worst", "has_number",
    "focus_here", "focus_meaning", "focus_around",
    "has_fact", "facts", "unit_met", "unit_asked", "fact_novel",
    "bigrams", "longest_common", "best_clause", "nearest_fact", "fact_clause",
    "marks_reason", "marks_manner", "marks_definition", "marks_list", "commas",
    "length", "units", "weight", "chinese_question", "foreign", "question_mark", "copies_question",
    "rival_place", "rival_person", "rival_date", "rival_rank", "letter_missing", "focus_in_clause",
    "learned_here", "learned_before", "gated_here", "gated_around", "gated_worst",
    *(f"asked_{kind}" for kind in ASKED),
    *(f"behind_{name}" for name in ("learned_here", "learned_before", "gated_around", "exact_here", "meaning_before", "meaning_around", "bigrams", "best_clause")),
)  # fmt: skip

TAGS = ("n", "v", "a", "d", "m", "q", "nr", "ns", "nt", "nz", "vn", "j")
"""Parts of speech that the network is told of, by jieba's tags; nr also counts as n, and so on."""
_COMPARED = [
    NAMES.index(name.removeprefix("behind_"))
    for name in NAMES
    if name.startswith("behind_")
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the network sees of one question and its candidates.

    ``whole``: ``(candidates, len(NAMES))``, each number roughly within 0 and 1. ``units``:
    ``(units, UNIT_FEATURES)``, what the words of the question are like. ``met``: ``(candidates, units, 6)``,
    how far each is met: exactly and in meaning, in the sentence, there or before, there or around.
    """

    whole: FloatArray
    units: FloatArray
    met: FloatArray


def features(
    query: Query,
    candidates: Sequence[Candidate],
    lexicon: Lexicon,
    translator: Translator | None,
) -> Evidence:
    """All that is known of how the candidates answer the question."""
    met = _met(query, candidates, lexicon, translator)
    rows = [
        _row(query, candidate, lexicon, translator, met[i])
        for i, candidate in enumerate(candidates)
    ]
    own = np.array(rows, np.float32).reshape(len(rows), len(NAMES) - len(_COMPARED))
    compared = own[:, _COMPARED]
    whole = np.concatenate([own, compared.max(axis=0, initial=0.0) - compared], axis=1)
    return Evidence(whole, unit_features(query, lexicon.dimension), met)


def _met(
    query: Query,
    candidates: Sequence[Candidate],
    lexicon: Lexicon,
    translator: Translator | None,
) -> FloatArray:
    """``(candidates, units, 6)``; see :class:`Evidence`. Each distinct string is looked at once."""
    texts = list(
        dict.fromkeys(
            t for c in candidates for t in (c.text, *c.before, *c.around) if t
        )
    )
    at = {text: i for i, text in enumerate(texts)}
    stands = np.array(
        [
            [exact(unit, fold(text), translator) for unit in query.units]
            for text in texts
        ],
        np.float32,
    ).reshape(len(texts), len(query.units))
    near = np.maximum(stands, meanings(query.units, texts, lexicon))
    met = np.zeros((len(candidates), len(query.units), 6), np.float32)
    for i, candidate in enumerate(candidates):
        best = np.zeros((2, len(query.units)), np.float32)
        places = (
            ((candidate.text,), 1.0),
            (candidate.before, BEFORE),
            (candidate.around, AROUND),
        )
        for place, (pieces, counts) in enumerate(places):
            rows = [at[piece] for piece in pieces if piece]
            if rows:
                found = np.stack([stands[rows].max(axis=0), near[rows].max(axis=0)])
                best = np.maximum(best, counts * found)
            met[i, :, 2 * place : 2 * place + 2] = best.T
    return met


def unit_features(query: Query, dimension: int) -> FloatArray:
    """``(units, UNIT_FEATURES)``: weight, gate, kind, focus, part of speech, and the tuned vector."""
    rows = [_unit_row(unit) for unit in query.units]
    return np.array(rows, np.float32).reshape(len(rows), 8 + len(TAGS) + dimension)


def _unit_row(unit: Unit) -> list[float]:
    gate = float(np.linalg.norm(unit.tuned))
    return [
        unit.weight / RAREST,
        gate,
        float(unit.focus),
        float(bool(unit.foreign)),
        min(len(unit.text), 8) / 8,
        *(float(unit.kind == kind) for kind in ("entity", "number", "word")),
        *(float(unit.tag.startswith(tag)) for tag in TAGS),
        *(unit.tuned / max(gate, 1e-6)).tolist(),
    ]


def _row(
    query: Query,
    candidate: Candidate,
    lexicon: Lexicon,
    translator: Translator | None,
    met: FloatArray,
) -> list[float]:
    """One candidate's row of ``whole``, from how its units are ``met``, ``(units, 6)``."""
    asking, units = query.asking, query.units
    here = fold(candidate.text)
    weights = np.array([unit.weight for unit in units], np.float32) + 1e-6
    share = weights / max(float(weights.sum()), 1e-6)
    (
        exact_here,
        meaning_here,
        exact_before,
        meaning_before,
        exact_around,
        meaning_around,
    ) = met.T
    missing = np.sort((1 - meaning_around) * weights / RAREST)[::-1]
    answering = _answering(asking, candidate.text, here)
    clauses = [_covered(units, clause, translator) @ share for clause in _clauses(here)]
    return [
        float(exact_here @ share), float(meaning_here @ share),
        float(exact_before @ share), float(meaning_before @ share),
        float(meaning_around @ share), float(exact_around @ share),
        float(missing[0]) if len(missing) else 0.0,
        float(missing[1]) if len(missing) > 1 else 0.0,
        float(missing.sum()) / 4,
        float(((1 - exact_around) * weights).max()) / RAREST if len(units) else 0.0,
        *_kind(units, "entity", exact_here, exact_around, weights),
        *_kind(units, "number", exact_here, exact_around, weights),
        *_focused(units, exact_here, meaning_here, meaning_around),
        float(bool(answering)), min(len(answering), 4) / 4,
        *_unit(asking, answering),
        float(any(here[f.start : f.end] not in fold(asking.text) for f in answering)),
        _bigrams(fold(asking.text), here), _longest_common(fold(asking.text), here),
        max(clauses, default=0.0),
        *_near(units, answering, here, share, translator),
        *(float(_MARKS[kind].search(here) is not None) for kind in ("reason", "manner", "definition", "list")),
        min(here.count("、") + here.count(", "), 6) / 6,
        np.log(len(here) + 1) / 6, min(len(units), 12) / 12, min(float(weights.sum()), 80) / 80,
        float(asking.language == "zh"), float((asking.language == "zh") != bool(re.search("[\u4e00-\u9fff]", here))),
        float(here.rstrip("”’\"")[-1:] in ("?", "？")), float(fold(asking.text).strip("?？ ") in here),
        *_rivals(query, candidate.text, here, exact_before),
        _focus_in_clause(units, answering, here, translator),
        *_learned(query, candidate, lexicon),
        *_gated(units, meaning_here, meaning_around),
        *(float(asking.asked == kind) for kind in ASKED),
    ]  # fmt: skip


_RANK = re.compile(
    r"第[一二三四五六七八九十\d]+|[a-z]级|[上下]半年|[一二三四]季度|[东西南北中]线"
)


def _rivals(
    query: Query, sentence: str, here: str, before: FloatArray
) -> tuple[float, float, float, float, float]:
    """Whether the sentence has another place, person, date or rank where the question's own is not met."""
    question = fold(query.asking.text)
    unmet = [unit for unit, met in zip(query.units, before, strict=True) if met < 0.5]
    wanted = {
        "place": any(
            unit.tag.startswith("ns") or (unit.kind == "entity" and unit.foreign)
            for unit in unmet
        ),
        "person": any(unit.tag.startswith("nr") for unit in unmet),
        "date": any(unit.kind == "number" for unit in unmet),
    }
    others = [
        float(
            want
            and any(
                here[f.start : f.end] not in question for f in of_kind(sentence, kind)
            )
        )
        for kind, want in wanted.items()
    ]
    asked, said = set(_RANK.findall(question)), set(_RANK.findall(here))
    letter = any(
        len(unit.text) == 1 and unit.text.isascii() and unit.text.isalpha()
        for unit in unmet
    )
    return (
        others[0],
        others[1],
        others[2],
        float(bool(asked - said) and bool(said)),
        float(letter),
    )


def _focus_in_clause(
    units: Sequence[Unit],
    answering: Sequence[Fact],
    here: str,
    translator: Translator | None,
) -> float:
    """Whether a clause with a possible answer meets a word of the focus."""
    focus = [unit for unit in units if unit.focus]
    if not focus or not answering:
        return 0.5
    own = [
        m.group()
        for m in _CLAUSE.finditer(here)
        if any(m.start() <= f.start < m.end() for f in answering)
    ]
    return max(
        (exact(unit, clause, translator) for unit in focus for clause in own),
        default=0.0,
    )


def _learned(
    query: Query, candidate: Candidate, lexicon: Lexicon
) -> tuple[float, float]:
    """Cosine of the question to the sentence, and to the sentence after what stands before it."""
    here = lexicon.whole(candidate.text)
    both = here + 0.5 * sum(
        (lexicon.whole(text) for text in candidate.before), np.zeros_like(here)
    )
    return float(query.tuned @ unit_length(here)), float(
        query.tuned @ unit_length(both)
    )


def _gated(
    units: Sequence[Unit], here: FloatArray, around: FloatArray
) -> tuple[float, float, float]:
    """As the coverages are, but each word weighs what it was found to weigh when sentences are sought."""
    gates = np.array([float(np.linalg.norm(unit.tuned)) for unit in units], np.float32)
    total = float(gates.sum())
    if not total:
        return 0.0, 0.0, 0.0
    return (
        float(here @ gates) / total,
        float(around @ gates) / total,
        float(((1 - around) * gates).max()),
    )


def _kind(
    units: Sequence[Unit],
    kind: str,
    here: FloatArray,
    around: FloatArray,
    weights: FloatArray,
) -> tuple[float, float, float, float]:
    of = [i for i, unit in enumerate(units) if unit.kind == kind]
    if not of:
        return 1.0, 1.0, 1.0, 0.0
    share = weights[of] / weights[of].sum()
    return (
        float(here[of] @ share),
        float(around[of] @ share),
        float(around[of].min()),
        1.0,
    )


def _focused(
    units: Sequence[Unit], here: FloatArray, near: FloatArray, around: FloatArray
) -> tuple[float, float, float]:
    of = [i for i, unit in enumerate(units) if unit.focus]
    if not of:
        return 0.5, 0.5, 0.5
    return float(here[of].mean()), float(near[of].mean()), float(around[of].mean())


def _answering(asking: Asking, text: str, here: str) -> list[Fact]:
    """Facts of the kind asked for that the question does not itself hold."""
    if asking.asked not in BARE_FACTS:
        return []
    question = fold(asking.text)
    return [
        fact
        for fact in of_kind(text, asking.asked)
        if here[fact.start : fact.end] not in question
    ]


def _unit(asking: Asking, answering: Sequence[Fact]) -> tuple[float, float]:
    if not asking.unit:
        return 0.5, 0.0
    return float(
        any(
            f.unit and (f.unit in asking.unit or asking.unit in f.unit)
            for f in answering
        )
    ), 1.0


def _clauses(folded: str) -> list[str]:
    return [m.group() for m in _CLAUSE.finditer(folded)]


def _covered(
    units: Sequence[Unit], clause: str, translator: Translator | None
) -> FloatArray:
    return np.array([exact(unit, clause, translator) for unit in units], np.float32)


def _near(
    units: Sequence[Unit],
    answering: Sequence[Fact],
    here: str,
    share: FloatArray,
    translator: Translator | None,
) -> tuple[float, float]:
    """How close the closest possible answer stands to what was matched; how much its clause covers."""
    if not answering:
        return 0.0, 0.0
    places = [
        (at, float(s))
        for unit, s in zip(units, share, strict=True)
        if (at := _where(unit, here)) >= 0
    ]
    nearness = max(
        (
            sum(s / (1 + abs(at - fact.start) / 8) for at, s in places)
            for fact in answering
        ),
        default=0.0,
    )
    own = [
        m.group()
        for m in _CLAUSE.finditer(here)
        for f in answering
        if m.start() <= f.start < m.end()
    ]
    return nearness, max(
        (float(_covered(units, c, translator) @ share) for c in own), default=0.0
    )


def _where(unit: Unit, here: str) -> int:
    return next(
        (at for target, _ in unit.targets if (at := here.find(target)) >= 0), -1
    )


def _bigrams(question: str, here: str) -> float:
    asked = {question[i : i + 2] for i in range(len(question) - 1)}
    return sum(pair in here for pair in asked) / max(len(asked), 1)


def _longest_common(question: str, here: str) -> float:
    """Length of the longest common substring over the question's."""
    best = start = 0
    while start + best < len(question):
        if question[start : start + best + 1] in here:
            best += 1
        else:
            start += 1
    return best / max(len(question), 1)
