"""The bare fact within a sentence that answers: 74家, 11月18日, 刘钊."""

from __future__ import annotations

import re

from models.language.facts import Fact, of_kind
from models.language.questions import BARE_FACTS
from models.language.words import fold
from models.selector.matching import Query, Unit
from rag.records import Span

REACH = 8.0
"""Characters over which a matched word's pull on a fact halves."""
_CLAUSE = re.compile(r"[^，；：,;。！？、]+")


def bare_fact(query: Query, text: str, span: Span) -> Span | None:
    """The fact of ``text[span]`` that the question asks for, in ``text``'s offsets; None when none fits.

    Facts of the kind asked for are weighed by the unit that the question names and by how close the
    question's words stand to them; what the question itself says cannot be the answer.
    """
    asking = query.asking
    if asking.asked not in BARE_FACTS:
        return None
    sentence = text[span[0] : span[1]]
    here, question = fold(sentence), fold(asking.text)
    facts = [f for f in of_kind(sentence, asking.asked) if here[f.start : f.end] not in question]
    if asking.unit and any(_fits(asking.unit, fact) for fact in facts):
        facts = [fact for fact in facts if _fits(asking.unit, fact)]
    if not facts:
        return None
    places = [place for unit in query.units for place in _places(unit, here)]
    best = max(facts, key=lambda fact: (_pull(fact, places, here), fact.end - fact.start, -fact.start))
    return span[0] + best.start, span[0] + best.end


def _fits(unit: str, fact: Fact) -> bool:
    return bool(fact.unit) and (fact.unit in unit or unit.endswith(fact.unit) or fact.unit.endswith(unit))


def _places(unit: Unit, here: str) -> list[tuple[int, int, float]]:
    """Where the unit stands: start, end, weight."""
    for target, weight in unit.targets:
        if found := [m.span() for m in re.finditer(re.escape(target), here)]:
            return [
                (a, b, weight * unit.weight * (1.5 if unit.focus else 1.0) / len(found)) for a, b in found
            ]
    return []


def _pull(fact: Fact, places: list[tuple[int, int, float]], here: str) -> float:
    """Closeness to the matched words; a word in the fact's own clause counts double."""
    clause = next((m.span() for m in _CLAUSE.finditer(here) if m.start() <= fact.start < m.end()), (0, 0))
    total = 0.0
    for start, end, weight in places:
        if start < fact.end and fact.start < end:
            continue
        gap = max(fact.start - end, start - fact.end, 0)
        own = 2.0 if clause[0] <= start < clause[1] else 1.0
        total += own * weight / (1 + gap / REACH)
    return total
