"""Whether an amount of a quote bears out that of a claim: 超过70家 is borne out by 74家, 80家 is not."""

from __future__ import annotations

import math
from typing import Literal

from models.support.amounts import Amount, Bound
from models.support.units import COUNT, compatible

Comparison = Literal["same", "looser", "surer", "other"]

UPPER = frozenset({"above", "least"})
"""Bounds of what is that much or more."""
LOWER = frozenset({"below", "most"})
CONVERTED = 2e-3
"""3.2亿元 and 3.2004亿元 are one amount after a change of units, 3.2 and 3.3 are not."""
_EXACT = 1e-9
_ABOUT = 0.05
_ABOVE, _BELOW = 1.5, 1.2
"""How much more than the claim's bound the quote's amount may be, how much less: 超过70家 is not said of 200."""


def compare_amounts(claim: Amount, quote: Amount) -> Comparison:  # noqa: PLR0911 (a rule a return)
    """``same``: what the quote says bears the claim out. ``looser`` or ``surer``: it does but for the claim
    leaving a bound out. ``other``: it says another amount."""
    directions = {claim.direction, quote.direction}
    if not comparable(claim, quote) or directions == {"from", "to"}:
        return "other"
    claimed, quoted = _values(claim, quote)
    if claim.dimension == "score" and claimed[0] != claimed[1]:
        # 98比95 is 95比98, told from the other side
        return "same" if set(claimed) == set(quoted) else "other"
    tolerance = _EXACT if claim.factor == quote.factor else CONVERTED
    low = math.isclose(claimed[0], quoted[0], rel_tol=tolerance)
    high = math.isclose(claimed[1], quoted[1], rel_tol=tolerance)
    if low and high:
        return _compare_bounds(claim.bound, quote.bound)
    if claim.bound == "about" and quote.bound in ("", "about"):
        near = math.isclose(claimed[0], quoted[0], rel_tol=_ABOUT)
        return "same" if near else "other"
    if claim.bound in UPPER and quote.bound in ("", "about", *UPPER):
        # 超过70家: 70 < 74 <= 105
        return "same" if claimed[0] < quoted[0] <= claimed[0] * _ABOVE else "other"
    if claim.bound in LOWER and quote.bound in ("", "about", *LOWER):
        # 不到80家: 74 < 80 <= 88.8
        return "same" if quoted[1] < claimed[1] <= quoted[1] * _BELOW else "other"
    return "other"


def comparable(claim: Amount, quote: Amount) -> bool:
    """Whether the two can be one amount at all: both ordinals, or of dimensions that go together."""
    if claim.ordinal != quote.ordinal:
        return False
    return claim.ordinal or compatible(claim.dimension, quote.dimension)


def _values(
    claim: Amount, quote: Amount
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The two ranges in one unit: the base of their dimension, or as printed where there is none."""
    bare = not claim.dimension or not quote.dimension
    if bare or claim.dimension.startswith(COUNT):
        return (claim.low, claim.high), (quote.low, quote.high)
    return claim.base, quote.base


def _compare_bounds(claim: Bound, quote: Bound) -> Comparison:
    """Of two amounts that are equal but for their bounds."""
    either = {claim, quote}
    if len(either) == 1 or either in (UPPER, LOWER):
        return "same"
    if claim in UPPER | LOWER and quote in UPPER | LOWER:
        return "other"  # at least 6 of at most 6
    if not claim:
        return "surer"
    if claim == "about" or (not quote and claim in ("least", "most")):
        return "same" if not quote else "looser"
    return "other" if not quote else "surer"
