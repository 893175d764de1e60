"""Amounts, dates and names of a claim against those of its quotes: met, contradicted or not said."""

from __future__ import annotations

from collections.abc import Sequence

from models.language.words import words
from models.selector.lexicon import RAREST
from models.support import amounts as am
from models.support import dates as da
from models.support.alignment import Alignment, is_name
from models.support.amounts import Amount
from models.support.names import Name
from models.support.records import Part, State
from models.support.text import Read

LEAST_ATTACHED = 4.0
"""Words that weigh this much must stand nearer to another amount before one is called another's."""
LEAST_OWN = 2.5
KNOWN_WEIGHT = 8.0
"""Rarer names the dictionary does not have."""


def check_amounts(claim: Read, quote: Read, aligned: Alignment) -> list[Part]:
    """One part an amount. An amount that the quote gives to something else is contradicted."""
    same = [[q for q in quote.amounts if am.compare(c, q) == "same"] for c in claim.amounts]
    used = {id(q) for matches in same for q in matches}
    parts: list[Part] = []
    for c, matches in zip(claim.amounts, same, strict=True):
        text = claim.text[c.start : c.end].strip()
        rivals = [q for q in quote.amounts if am.comparable(c, q) and q not in matches]
        if matches:
            if belongs_elsewhere(claim, quote, aligned, c, matches, rivals):
                parts.append(Part("number", text, "contradicted", _text(quote, rivals)))
            else:
                parts.append(Part("number", text, "met", _text(quote, matches)))
            continue
        softer = [q for q in rivals if am.compare(c, q) in ("surer", "looser")]
        if softer:
            parts.append(Part("number", text, "unsaid", _text(quote, softer)))
            continue
        if others := [
            q for q in quote.amounts if q.low == c.low and c.low > 2 and not q.ordinal and not c.ordinal
        ]:
            parts.append(Part("unit", text, "contradicted", _text(quote, others)))
            continue
        others = [q for q in rivals if id(q) not in used]
        parts.append(Part("number", text, "contradicted" if others else "unsaid", _text(quote, others)))
    return parts


def check_dates(claim: Read, quote: Read) -> list[Part]:
    years = frozenset(m.year for m in quote.moments if m.year is not None)
    parts: list[Part] = []
    used: set[int] = set()
    results = [[(da.compare(c, q, years), q) for q in quote.moments] for c in claim.moments]
    for found in results:
        used |= {id(q) for how, q in found if how == "same"}
    for c, found in zip(claim.moments, results, strict=True):
        state: State = "unsaid"
        shown: Sequence[da.Moment] = [q for how, q in found if how == "same"]
        if shown:
            state = "met"
        elif shown := [q for how, q in found if how == "other" and id(q) not in used]:
            state = "contradicted"
        parts.append(Part("date", claim.text[c.start : c.end].strip(), state, _text(quote, shown)))
    return parts


def check_names(claim: Read, quote: Read, aligned: Alignment) -> list[Part]:
    """One part a name. Not there, with another of its kind there that the claim lacks: contradicted."""
    parts: list[Part] = []
    for name in claim.names:
        text = claim.text[name.start : name.end]
        inside = [i for i, t in enumerate(claim.terms) if t.start < name.end and name.start < t.end]
        folded = claim.folded[name.start : name.end]
        weights = sum(claim.terms[i].weight for i in inside)
        met = sum(float(aligned.exact[i]) * claim.terms[i].weight for i in inside) / max(weights, 1e-9)
        if folded in quote.folded or (inside and met >= 0.75) or not inside:
            parts.append(Part("name", text, "met"))
            continue
        rivals = [
            r for r in quote.names if _rivals(claim, name, quote, r) and not _said(claim, aligned, quote, r)
        ]
        found = _text(quote, rivals) or _in_its_place(claim, quote, aligned, name)
        told = found and (claim.language == quote.language or _known(claim, name, aligned))
        parts.append(Part("name", text, "contradicted" if told else "unsaid", found))
    return parts


def belongs_elsewhere(
    claim: Read,
    quote: Read,
    aligned: Alignment,
    item: Amount,
    matches: Sequence[Amount],
    rivals: Sequence[Amount],
) -> bool:
    """Whether the quote gives an amount of the claim to something else: 浙江省74家 where it has 74家 of all.

    The names beside it decide; without one, all words must belong to a rival, and the amount in the quote
    have words of its own that the claim lacks.
    """
    if not rivals:
        return False
    rivals = [r for r in rivals if not any(_one_subject(quote, r, m) for m in matches)]
    if not rivals:
        return False
    among = [a for a in claim.amounts if a is item or am.comparable(item, a)]
    candidates = [*matches, *rivals]
    bad = good = named_bad = named_good = noun_bad = noun_good = 0.0
    for i, term in enumerate(claim.terms):
        if aligned.exact[i] < 0.6 or _nearest(claim, term.start, term.end, among) is not item:
            continue
        size = len(term.text) if claim.language == quote.language else 2
        nearest = [(p, _nearest(quote, p, p + size, candidates)) for p in aligned.places[i]]
        beside = is_name(term) and claim.clause(term.start) == claim.clause(item.start)
        here = [amount in matches for _, amount in nearest]
        if any(here) and not all(here):
            continue  # said of both
        if any(here):
            good += term.weight
            named_good += beside
            noun_good += term.tag[:1] == "n"
        else:
            bad += term.weight
            noun_bad += term.tag[:1] == "n"
            named_bad += beside and any(quote.clause(p) == quote.clause(a.start) for p, a in nearest)
    left = _left_of(quote, *matches)
    if left and _left_of(claim, item) & _left_of(quote, *rivals) - left:
        return True
    if named_bad or named_good:
        return named_bad > 0 and not named_good
    own = [
        t
        for t in quote.terms
        if (near := _nearest(quote, t.start, t.end, candidates)) in matches
        and (t.start < near.start or quote.language == "en")
    ]
    ours = {
        place
        for i, term in enumerate(claim.terms)
        if _nearest(claim, term.start, term.end, among) is item
        for place in aligned.places[i]
    }
    strange = [t for t in own if t.weight >= LEAST_OWN and t.start not in ours]
    if noun_bad > 0 and not noun_good:
        return any(t.tag[:1] == "n" for t in strange)
    return not good and bad >= LEAST_ATTACHED and bool(strange)


def _left_of(text: Read, *items: Amount) -> set[str]:
    """The words right before amounts, in their clause."""
    found: set[str] = set()
    for item in items:
        before = [
            t
            for t in text.terms
            if 0 <= item.start - t.end <= 3 and text.clause(t.start) == text.clause(item.start)
        ]
        found |= {before[-1].text} if before else set()
    return found


def _one_subject(quote: Read, one: Amount, other: Amount) -> bool:
    """Whether nothing but two amounts of one clause stands between them: fell by 2 million to 1.4 billion."""
    low, high = sorted((one, other), key=lambda a: a.start)
    inside = any(low.end <= t.start < high.start for t in quote.terms)
    return not inside and quote.clause(low.start) == quote.clause(high.start)


def _nearest(text: Read, start: int, end: int, among: Sequence[Amount]) -> Amount:
    """The amount that a word belongs to: near, in its clause, and rather after it than before."""

    def distance(amount: Amount) -> float:
        gap = amount.start - end if amount.start >= end else start - amount.end + 4
        return gap + 12 * abs(text.clause(start) - text.clause(amount.start))

    return min(among, key=distance)


def _known(claim: Read, name: Name, aligned: Alignment) -> bool:
    """Whether a name would have been found in the other language: by its translation, or half of it was."""
    if claim.language == "zh":
        return name.kind in ("place", "organisation") and all(
            t.weight < KNOWN_WEIGHT for t in claim.terms if name.start <= t.start < name.end
        )
    inside = [i for i, t in enumerate(claim.terms) if name.start <= t.start < name.end]
    translated = all(len(claim.terms[i].forms) > 1 for i in inside)
    return translated or any(aligned.exact[i] >= 0.8 for i in inside)


def _rivals(claim: Read, name: Name, quote: Read, other: Name) -> bool:
    """Whether the other is a name of the same kind; English names have the kinds of their translations."""
    kinds = _kinds(claim, name), _kinds(quote, other)
    return bool(kinds[0] & kinds[1])


def _common(text: Read, name: Name) -> bool:
    """Whether the news have the name, so that its tag is no guess."""
    return all(t.weight < RAREST for t in text.terms if t.start >= name.start and t.end <= name.end)


_KIND_OF_TAG = {"nr": "person", "ns": "place", "nt": "organisation"}


def _kinds(text: Read, name: Name) -> frozenset[str]:
    if name.kind == "place" and name.end - name.start < 4 and not _common(text, name):
        return frozenset({"place", "person"})
    if name.kind != "name":
        return frozenset({name.kind})
    if text.language == "zh":
        return frozenset({"name"}) if text.text[name.start].isascii() else frozenset()
    inside = [t for t in text.terms if name.start <= t.start < name.end]
    forms = [form for t in inside for form, weight in t.forms[1:] if weight > 0.5]
    tags = {_KIND_OF_TAG.get(w.tag[:2], "") for form in forms for w in words(form)[:1]} - {""}
    return frozenset(tags) | {"name"} if tags else frozenset({"person", "organisation", "name"})


def _in_its_place(claim: Read, quote: Read, aligned: Alignment, name: Name) -> str:
    """What the quote has, and the claim has not, right before the word that follows the name there."""
    after = next((i for i, t in enumerate(claim.terms) if t.start >= name.end), None)
    if after is None or aligned.exact[after] < 0.8 or claim.terms[after].start - name.end > 2:
        return ""
    place = aligned.at[after]
    hits = {p for places in aligned.places for p in places}
    before = [
        t for t in quote.terms if place - 6 <= t.end <= place and quote.clause(t.start) == quote.clause(place)
    ]
    return (
        before[-1].text
        if before and before[-1].start not in hits and before[-1].tag[:1] in ("n", "", "z")
        else ""
    )


def _said(claim: Read, aligned: Alignment, quote: Read, name: Name) -> bool:
    """Whether the claim speaks of a name of the quote."""
    if quote.folded[name.start : name.end] in claim.folded:
        return True
    hits = [p for i, ps in enumerate(aligned.places) if aligned.exact[i] >= 0.8 for p in ps]
    whole = sum(name.start <= t.start < name.end for t in quote.terms)
    return 0 < whole <= len({p for p in hits if name.start <= p < name.end})


def _text(quote: Read, spans: Sequence[Amount | da.Moment | Name]) -> str:
    return quote.text[spans[0].start : spans[0].end].strip() if spans else ""
