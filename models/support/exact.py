"""What must stand in the quote as the claim has it: numbers, units, bounds, dates, names, and what is denied.

    contradictions("质保三年。", "质保两年。", "")        # (Part("number", "三年", "unsaid"),)

What must first be reckoned (12 from two dozen, 1843 from "two years after 1841") does not stand there. The
context above a quote may give a figure (单位：万人次, a year in a heading), never deny one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.language.words import fold, has_han, words
from models.support.amounts import Amount, amounts
from models.support.comparing import (
    CONVERTED,
    LOWER,
    UPPER,
    comparable,
    compare_amounts,
)
from models.support.dates import Moment, compare_dates, moments
from models.support.records import Part

LEAST_TELLING = 2
"""第一 and first, 第二 and second have many other words (首次, the former): the network reads those."""
REACH = 40
"""Characters before a word in which what denies it is looked for."""
_NOT_ZH = (
    r"(?:不(?!仅|但|过|同|断|少于|超过|低于|高于|足|到)|没有?|未(?!来|成年)|无(?!论|人机|线)|非(?!常)"
    r"|禁止|严禁|勿|免于|拒绝)"
)
_BEFORE_ZH = re.compile(_NOT_ZH + r"[^，。；、\s]{0,2}$")
_DENIES_ZH = re.compile(_NOT_ZH + r"|除外|除.{1,12}外|否|免|例外|才")
_BEFORE_EN = re.compile(
    r"(?:\b(?:not|never|no|cannot|without|neither|nor|forbidden to)\b|n't)(?:\s+\w+){0,2}\s*$"
)
_DENIES_EN = re.compile(
    r"\b(?:not|never|no|nobody|nothing|none|cannot|without|neither|nor|except|unless|only|forbidden|less|too"
    r"|instead|rather|free|until|before|most|fail\w*|un\w+|refus\w*|reject\w*|den\w+|exclu\w*|lack\w*)\b|n't"
)
_WORD_EN = re.compile(r"[a-z]{5,}")
_NAMED = re.compile(
    r"《[^》\n]{1,40}》|(?<![A-Za-z0-9])(?:[A-Za-z]+-?\d[A-Za-z0-9-]*|\d+[A-Za-z]+[A-Za-z0-9-]*|[A-Z]{2,}(?![a-z])"
    r"|(?P<capital>[A-Z][a-z]{2,}))(?![A-Za-z0-9])"
)
_FIGURE = re.compile(
    r"\d+(?:st|nd|rd|th|am|pm|[kcm]?m|[km]?g|h|s|ml|l|[kmgt]b|k?wh?|v|nm|°?c)"
)
_NO_NAMES = frozenset(
    """january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday the you they she his her its councillor doctor mister""".split()  # noqa: SIM905
)
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a text, folded."""

    text: str
    amounts: tuple[Amount, ...]
    moments: tuple[Moment, ...]

    @classmethod
    def of(cls, text: str) -> Figures:
        folded = fold(text)
        dates = moments(folded)
        taken = [(date.start, date.end) for date in dates]
        return cls(folded, amounts(folded, taken), dates)

    def prints(self, digits: str) -> bool:
        """Whether these very digits stand in the text, no others beside them: a room, a model, a version."""
        return re.search(rf"(?<![\d.]){re.escape(digits)}(?!\d)", self.text) is not None


def contradictions(claim: str, quote: str, context: str) -> tuple[Part, ...]:
    """The figures of the claim that neither quote nor context has."""
    said, there, above = Figures.of(claim), Figures.of(quote), Figures.of(context)
    parts = [*_amounts(said, there, above), *_dates(said, there, above)]
    if has_han(claim) == has_han(quote):
        parts += [*_names(claim, there, above), *_denials(claim, said, there)]
    return tuple(parts)


def _amounts(said: Figures, there: Figures, above: Figures) -> list[Part]:
    found: list[Part] = []
    for amount in said.amounts:
        text = _printed(said, amount)
        same = [other for other in there.amounts if _same_value(amount, other)]
        if same:
            if all(_other_bound(amount, other) for other in same):
                instead = _printed(there, same[0])
                found.append(Part("number", text, "contradicted", instead))
            continue
        if _implied(amount, there, above):
            continue
        other_unit = [each for each in there.amounts if _same_digits(amount, each)]
        if other_unit:
            instead = _printed(there, other_unit[0])
            found.append(Part("unit", text, "contradicted", instead))
        elif not _prints_digits(text, there, above):
            found.append(Part("number", text, "unsaid"))
    return found


def _same_value(claim: Amount, quote: Amount) -> bool:
    """3万 and 30000, 1.5公里 and 1500米; a number without a unit is that of any unit: 接待：41.7."""
    if claim.ordinal != quote.ordinal:
        return False
    if claim.dimension and claim.dimension == quote.dimension:
        low, high = claim.base
        other_low, other_high = quote.base
        return _close(low, other_low) and _close(high, other_high)
    without_unit = not claim.dimension or not quote.dimension
    if without_unit or comparable(claim, quote):
        return _close(claim.low, quote.low) and _close(claim.high, quote.high)
    return False


def _same_digits(claim: Amount, quote: Amount) -> bool:
    """5公里 and 5小时; one and two are said of everything."""
    return claim.low > 2 and _close(claim.low, quote.low)


def _other_bound(claim: Amount, quote: Amount) -> bool:
    """At least 6 of at most 6."""
    if claim.bound in UPPER:
        return quote.bound in LOWER
    return claim.bound in LOWER and quote.bound in UPPER


def _implied(claim: Amount, there: Figures, above: Figures) -> bool:
    """超过70家 of 74家; a figure of the context; first and second, which are words."""
    if claim.ordinal and claim.low <= LEAST_TELLING:
        return True
    for other in there.amounts:
        if compare_amounts(claim, other) in ("same", "surer"):
            return True
    return any(_same_value(claim, other) for other in above.amounts)


def _prints_digits(text: str, there: Figures, above: Figures) -> bool:
    """Whether the digits of an amount stand in the quote or its context, of whatever they are."""
    found = _DIGITS.search(text)
    if found is None:
        return False
    return there.prints(found.group()) or above.prints(found.group())


def _dates(said: Figures, there: Figures, above: Figures) -> list[Part]:
    years = frozenset(each.year for each in there.moments if each.year is not None)
    found: list[Part] = []
    for moment in said.moments:
        text = _printed(said, moment)
        compared = {
            compare_dates(moment, other, years)
            for other in (*there.moments, *above.moments)
        }
        if "same" in compared:
            continue
        if "other" in compared:
            found.append(Part("date", text, "contradicted"))
        elif not moment.relative and not _prints_all(text, there, above):
            found.append(Part("date", text, "unsaid"))
    return found


def _prints_all(text: str, there: Figures, above: Figures) -> bool:
    """Whether each number of a date stands in the quote or its context; a date without digits as it is."""
    numbers = _DIGITS.findall(text) or [text]
    return all(there.prints(each) or above.prints(each) for each in numbers)


def _names(claim: str, there: Figures, above: Figures) -> list[Part]:
    """Models, codes, titles and capitalised names that neither quote nor context has: R450 of R540.

    Chinese names bear no mark by which they could be told from other words exactly: the network reads those.
    """
    found: list[Part] = []
    for match in _NAMED.finditer(claim):
        if match.start() == 0 and match["capital"]:
            continue  # any word that opens a sentence
        name = fold(match.group().strip("《》"))
        if name in there.text or name in above.text or _is_figure(name):
            continue
        found.append(Part("name", match.group(), "unsaid"))
    return found


def _is_figure(name: str) -> bool:
    """5km and 3pm are compared as amounts and dates, months and pronouns are no names."""
    return _FIGURE.fullmatch(name) is not None or name in _NO_NAMES


def _denials(claim: str, said: Figures, there: Figures) -> list[Part]:
    """What the quote only ever denies and the claim tells without any denial: 可赎回 of 不可赎回.

    A denial that the claim adds is not told by rule: 不到1.2米 says what 1.2米以下 says.
    """
    chinese = has_han(claim)
    denies, before = (_DENIES_ZH, _BEFORE_ZH) if chinese else (_DENIES_EN, _BEFORE_EN)
    if denies.search(said.text):
        return []
    found: list[Part] = []
    for word in _verbs(claim) if chinese else _WORD_EN.findall(said.text):
        # "refunded" of "no refunds": an English word is looked for without its last three letters
        stem = word if chinese else word[: max(5, len(word) - 3)]
        places = [match.start() for match in re.finditer(re.escape(stem), there.text)]
        denied = [before.search(there.text[max(0, at - REACH) : at]) for at in places]
        if denied and all(denied):
            at = places[0]
            instead = there.text[at - 4 : at + len(stem)]
            found.append(Part("negation", word, "contradicted", instead))
    return found


def _verbs(claim: str) -> list[str]:
    found: list[str] = []
    for word in words(claim):
        if len(word.text) > 1 and word.tag[:1] == "v":
            found.append(fold(word.text))
    return found


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= CONVERTED * max(abs(one), abs(other), CONVERTED)


def _printed(figures: Figures, found: Amount | Moment) -> str:
    return figures.text[found.start : found.end].strip()
