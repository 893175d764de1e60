"""The check itself: figures, names and denials exactly, the rest by the trunk, both together the verdict.

    checker = ClaimChecker(PassageReader.load().judge, load_support_threshold())
    (checked,) = checker.check([Statement("全国有75家保护中心。", "全国保护中心达74家。")])
    checked.verdict          # "unsupported"
    checked.reasons          # (Part("number", "75家", "unsaid"),)

Chinese or English on either side. A claim in the words of its quote needs no network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.arrays import Floats
from models.language.words import fold
from models.support.exact import contradictions
from models.support.records import Checked, Part, Statement

Judge = Callable[[Sequence[Statement]], Floats]
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
        exact = [_without_network(statement) for statement in statements]
        left = [
            statement
            for statement, checked in zip(statements, exact, strict=True)
            if checked is None
        ]
        supported = self._judge(left)[:, 0]
        both = zip(left, supported.tolist(), strict=True)
        weighed = iter([self._weighed(*each) for each in both])
        return [checked or next(weighed) for checked in exact]

    def _weighed(self, statement: Statement, chance: float) -> Checked:
        if chance >= self._threshold:
            return Checked("supported", chance)
        unsaid = Part("words", statement.claim, "unsaid")
        return Checked("unsupported", chance, (unsaid,))


def _without_network(statement: Statement) -> Checked | None:
    """The verdict where nothing needs to be weighed; None where something does."""
    says_something = any(char.isalnum() for char in statement.claim)
    if not says_something or not statement.quote.strip():
        unsaid = Part("words", statement.claim, "unsaid")
        return Checked("unsupported", 0.0, (unsaid,))
    if verbatim(statement.claim, statement.quote):
        return Checked("supported", 1.0)
    parts = contradictions(statement.claim, statement.quote, statement.context)
    return Checked("unsupported", 0.0, parts) if parts else None


def verbatim(claim: str, quote: str) -> bool:
    """Whether the claim stands in the quote as whole sentences: a piece of one may lack what denies it."""
    said = _plain(claim)
    whole = _plain(quote)
    # a claim may come with its full stop or without
    stopped = said.rstrip(_CLOSERS)[-1:] in _ENDS
    at = whole.find(said)
    while at >= 0:
        before = whole[:at].rstrip(_CLOSERS)
        after = whole[at + len(said) :].lstrip(_CLOSERS)
        begins = not before or before[-1] in _ENDS
        ends = not after or stopped or after[0] in _ENDS
        if begins and ends:
            return True
        at = whole.find(said, at + 1)
    return False


def _plain(passage: str) -> str:
    return "".join(fold(passage).split())
