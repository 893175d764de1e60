"""The check itself: figures, names and denials exactly, the rest by the trunk, both together the verdict.

    checker = ClaimChecker(PassageReader.load().judge, load_support_threshold())
    (checked,) = checker.check([Statement("全国有75家保护中心。", "全国保护中心达74家。")])
    checked.verdict          # "unsupported"
    checked.reasons          # (Part("number", "75家", "unsaid"),)

Chinese or English on either side. A claim in the words of its quote needs no network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from models.language.words import fold
from models.support.exact import contradictions
from models.support.records import Checked, Part, Statement

Judge = Callable[[Sequence[Statement]], npt.NDArray[np.float32]]
_ENDS = "。！？!?.\n"
_CLOSERS = "”’」』）)】\"'"


class ClaimChecker:
    """As safe from many threads as ``judge`` is.

    Args:
        judge: statements -> probabilities of supported, contradicted, not said; ``(n, 3)``.
        threshold: the least probability at which a claim is called supported.
    """

    def __init__(self, judge: Judge, threshold: float) -> None:
        self._judge, self._threshold = judge, threshold

    def check(self, statements: Sequence[Statement]) -> list[Checked]:
        """One verdict a statement, in their order."""
        found: list[Checked | None] = [
            _without_network(statement) for statement in statements
        ]
        open_ = [number for number, checked in enumerate(found) if checked is None]
        chances = self._judge([statements[number] for number in open_])[:, 0]
        for number, chance in zip(open_, chances.tolist(), strict=True):
            if chance >= self._threshold:
                found[number] = Checked("supported", chance)
            else:
                unsaid = Part("words", statements[number].claim, "unsaid")
                found[number] = Checked("unsupported", chance, (unsaid,))
        return [checked for checked in found if checked is not None]


def _without_network(statement: Statement) -> Checked | None:
    """The verdict where nothing needs to be weighed; None where something does."""
    if not any(map(str.isalnum, statement.claim)) or not statement.quote.strip():
        return Checked("unsupported", 0.0, (Part("words", statement.claim, "unsaid"),))
    if verbatim(statement.claim, statement.quote):
        return Checked("supported", 1.0)
    parts = contradictions(statement.claim, statement.quote, statement.context)
    return Checked("unsupported", 0.0, parts) if parts else None


def verbatim(claim: str, quote: str) -> bool:
    """Whether the claim stands in the quote as whole sentences: a piece of one may lack what denies it."""
    said, whole = _plain(claim), _plain(quote)
    at = whole.find(said)
    while at >= 0:
        before = whole[:at].rstrip(_CLOSERS)
        after = whole[at + len(said) :].lstrip(_CLOSERS)
        ended = not after or said.rstrip(_CLOSERS)[-1:] in _ENDS or after[0] in _ENDS
        if ended and (not before or before[-1] in _ENDS):
            return True
        at = whole.find(said, at + 1)
    return False


def _plain(passage: str) -> str:
    return "".join(fold(passage).split())
