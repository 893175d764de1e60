"""What turns a claim against its quote: a denial, a plan told as done, an opposite, changed roles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from models.support.alignment import Alignment
from models.support.markers import OPPOSITES, Kind, Marker
from models.support.records import Part
from models.support.text import Read

REACH = {"zh": 16, "en": 60}
"""How far before a word, in characters, what turns it may stand."""
TURNED = 2
"""A marker turns the first words after it, this many."""
_BETWEEN = re.compile(r"(?<!\d)比(?!\d)|被|把|由|给|向|\bthan\b|\bby\b")
_SOFT_DENIAL = re.compile(
    r"[无莫免拒否缺难]|而非|\b(?:un|in|im|ir|dis|non)[a-z-]{3,}|[a-z]less\b|\bn['’]?t\b|n['’]t\b|\b(?:no|not|never|without|lack|few|little|refus|fail|stop|avoid|prevent)"
)
_SOFT_PLAN = re.compile(r"[会将要拟望想]|计划|预计|打算|\b(?:will|would|to|plan|expect|intend|aim|going)\b")
_VOICE = re.compile(r"被|由|遭|受到|\bby\b")


def check_turns(claim: Read, quote: Read, aligned: Alignment) -> list[Part]:
    return [
        *_denials(claim, quote, aligned),
        *_plans(claim, quote, aligned),
        *_opposites(claim, quote, aligned),
        *_roles(claim, quote, aligned),
    ]


def _denials(claim: Read, quote: Read, aligned: Alignment) -> Iterator[Part]:
    for marker in _of(claim, "denied"):
        after = [i for i in _turned(claim, marker) if aligned.at[i] >= 0 and aligned.met[i] >= 0.5]
        text = _phrase(claim, marker)
        if not after:
            yield from _denied_literally(claim, quote, marker)
            continue
        there = any(_before(quote, place, "denied") for i in after for place in _all(aligned, i))
        there |= _across(claim, quote, [p for i in after for p in _all(aligned, i)], _SOFT_DENIAL)
        yield Part("negation", text, "met" if there else "contradicted")
    for marker in _of(quote, "denied"):
        yield from _dropped(claim, quote, aligned, marker, "negation")


def _denied_literally(claim: Read, quote: Read, marker: Marker) -> Iterator[Part]:
    """For words that are no terms: 不透露 where the quote has 透露 and nothing that denies it."""
    follows = claim.folded[marker.end : marker.end + 2]
    if claim.language != "zh" or len(follows) < 2 or not follows.isalpha():
        return
    found = [m.start() for m in re.finditer(re.escape(follows), quote.folded)]
    if found and not any(_before(quote, at, "denied") for at in found):
        yield Part("negation", claim.text[marker.start : marker.end + 2], "contradicted", follows)


def _across(claim: Read, quote: Read, places: list[int], soft: re.Pattern[str]) -> bool:
    """Between languages, where word order differs, anything that denies in the same sentence will do."""
    if claim.language == quote.language:
        return False
    spans = [quote.sentences[n] for p in places if (n := quote.sentence(p)) < len(quote.sentences)]
    if any(m.kind == "denied" and a <= m.start < b for m in quote.markers for a, b in spans):
        return True
    return any(soft.search(quote.folded[a:b]) is not None for a, b in spans)


def _plans(claim: Read, quote: Read, aligned: Alignment) -> Iterator[Part]:
    for kind in ("planned", "possible", "if"):
        for marker in _of(quote, kind):
            yield from _dropped(claim, quote, aligned, marker, "modality")


def _dropped(claim: Read, quote: Read, aligned: Alignment, marker: Marker, kind: str) -> Iterator[Part]:
    """A marker of the quote that the claim lacks before the same words.

    A plan told as done is contradicted; what is possible, told as so, goes too far but is not denied.
    """
    turned = {quote.terms[j].start for j in _turned(quote, marker)}
    kinds = {marker.kind} if marker.kind == "denied" else {"planned", "possible", "if"}
    for i, term in enumerate(claim.terms):
        if (aligned.exact[i] < 0.6 and aligned.meaning[i] < 0.6) or aligned.at[i] not in turned:
            continue
        if any(not _before(quote, place, marker.kind) for place in aligned.places[i]):
            continue  # said elsewhere without it
        if any(_before(claim, term.start, k) for k in kinds):
            return
        if any(m.kind in kinds and m.start <= term.start < m.end + 1 for m in claim.markers):
            return
        soft = _SOFT_DENIAL if marker.kind == "denied" else _SOFT_PLAN
        other = claim.language != quote.language
        if other and (soft.search(claim.folded) or _of(claim, marker.kind)):
            return
        text = quote.text[marker.start : marker.end]
        state = "contradicted" if marker.kind in ("denied", "planned") else "unsaid"
        yield Part("negation" if kind == "negation" else "modality", term.text, state, text)  # type: ignore[arg-type]
        return


def _opposites(claim: Read, quote: Read, aligned: Alignment) -> Iterator[Part]:
    for i, term in enumerate(claim.terms):
        forms = {form for form, weight in term.forms if weight > 0.3}
        against = {o for form in forms | {_head(term.text)} for o in OPPOSITES.get(form, ())}
        if not against or (clause := _clause(claim, quote, aligned, i)) is None:
            continue
        if aligned.exact[i] >= 0.8 and any(quote.clause(place) == clause for place in aligned.places[i]):
            continue
        found = [
            t for t in quote.terms if quote.clause(t.start) == clause and _one_of(t.text, t.forms, against)
        ]
        if found and not any(_inverted(claim, quote, aligned, i, found[0].start)):
            yield Part("opposite", term.text, "contradicted", quote.text[found[0].start : found[0].end])


def _one_of(text: str, forms: tuple[tuple[str, float], ...], against: set[str]) -> bool:
    return (
        text in against
        or _head(text) in against
        or any(form in against for form, weight in forms if weight > 0.6)
    )


def _head(text: str) -> str:
    """What a compound ends in: 上涨 of 价格上涨."""
    return text[-2:] if len(text) > 3 and not text.isascii() else text


def _clause(claim: Read, quote: Read, aligned: Alignment, but: int) -> int | None:
    """The clause of the quote in which the words around a word of the claim are said."""
    here = claim.clause(claim.terms[but].start)
    votes: Counter[int] = Counter()
    for i, term in enumerate(claim.terms):
        if i != but and claim.clause(term.start) == here and aligned.exact[i] >= 0.6:
            for clause in {quote.clause(place) for place in aligned.places[i]}:
                votes[clause] += 2 if len(aligned.places[i]) == 1 else 1
    for amount in claim.amounts:
        if claim.clause(amount.start) == here:
            for other in quote.amounts:
                if other.low == amount.low:
                    votes[quote.clause(other.start)] += 3
    return votes.most_common(1)[0][0] if votes else None


def _roles(claim: Read, quote: Read, aligned: Alignment) -> Iterator[Part]:
    """A超过B against B超过A: both names in the other order around the same word."""
    for i, term in enumerate(claim.terms):
        if (
            aligned.exact[i] < 0.8
            or _is_argument(claim, i)
            or not (term.tag[:1] in ("", "v") or term.text in OPPOSITES)
        ):
            continue
        for left, right in _inverted(claim, quote, aligned, i, aligned.at[i]):
            if _voice(claim, left, right) == _voice(
                quote, aligned.at[right], aligned.at[left], absolute=True
            ):
                yield Part(
                    "roles", claim.text[claim.terms[left].start : claim.terms[right].end], "contradicted"
                )
                return
    for match in _BETWEEN.finditer(claim.folded):
        arguments = [i for i in range(len(claim.terms)) if _is_argument(claim, i) and aligned.exact[i] >= 0.8]
        before = [i for i in arguments if claim.terms[i].end <= match.start()]
        after = [i for i in arguments if claim.terms[i].start >= match.end()]
        if (
            not before
            or not after
            or claim.clause(claim.terms[before[-1]].start) != claim.clause(match.end())
        ):
            continue
        left, right = before[-1], after[0]
        low, high = aligned.at[right], aligned.at[left]
        crossed = max(aligned.places[right]) < min(aligned.places[left])
        if crossed and match.group() in quote.folded[low:high] and quote.clause(low) == quote.clause(high):
            yield Part("roles", claim.text[claim.terms[left].start : claim.terms[right].end], "contradicted")
            return


def _inverted(claim: Read, quote: Read, aligned: Alignment, at: int, place: int) -> Iterator[tuple[int, int]]:
    """Pairs of names left and right of a word of the claim, right and left of ``place`` in the quote."""
    here = claim.clause(claim.terms[at].start)
    arguments = [
        i
        for i, t in enumerate(claim.terms)
        if i != at and claim.clause(t.start) == here and _is_argument(claim, i) and aligned.exact[i] >= 0.8
    ]
    for left in (i for i in arguments if i < at):
        for right in (i for i in arguments if i > at):
            near = quote.sentence(aligned.at[left]) == quote.sentence(aligned.at[right])
            if near and max(aligned.places[right]) < place < min(aligned.places[left]):
                yield left, right


def _is_argument(text: Read, i: int) -> bool:
    term = text.terms[i]
    if text.language == "en":
        return term.capital or any(n.start <= term.start < n.end for n in text.names)
    return (
        term.tag[:2] in ("nr", "ns", "nt", "nz") or term.tag == "n" or term.capital
    ) and term.text not in OPPOSITES


def _voice(text: Read, left: int, right: int, *, absolute: bool = False) -> bool:
    start, end = (left, right) if absolute else (text.terms[left].end, text.terms[right].start)
    return _VOICE.search(text.folded[start:end]) is not None


def _of(text: Read, kind: Kind | str) -> list[Marker]:
    return [marker for marker in text.markers if marker.kind == kind]


def _turned(text: Read, marker: Marker) -> list[int]:
    """The first terms after a marker, in its clause."""
    clause = text.clause(marker.start)
    after = [i for i, t in enumerate(text.terms) if t.end > marker.end and text.clause(t.start) == clause]
    return after[:TURNED]


def _before(text: Read, at: int, kind: str) -> bool:
    """Whether such a marker turns the word at an offset: before it in its clause, or within the word."""
    low, clause = at - REACH[text.language], text.clause(at)
    return any(
        m.kind == kind and low <= m.start <= at + 1 and text.clause(m.start) == clause for m in text.markers
    )


def _all(aligned: Alignment, i: int) -> tuple[int, ...]:
    return aligned.places[i] or (aligned.at[i],)


def _phrase(text: Read, marker: Marker) -> str:
    after = _turned(text, marker)
    return text.text[marker.start : text.terms[after[0]].end if after else marker.end]
