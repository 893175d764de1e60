"""A document that says the same with another number: RGB's counterfactual robustness (Chen et al. 2023).

RGB asks whether a model notices that all documents are wrong; here the true document stays beside the false
one, as it does in an archive, so the right behaviour is to tell both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from eval.accepted import any_holds
from eval.facts import Fact
from eval.robustness.world import Page

_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.])")
# 13月 or 31日 of a month that has 30 days would be told from their form.
_BOUNDS = {"月": (1, 12), "日": (1, 28), "号": (1, 28), "点": (1, 23)}
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``page`` says what the evidence says, with ``false`` where it had the answer ``true``."""

    page: Page
    true: str
    false: str


def contradict(fact: Fact, pages: Sequence[Page], rng: Random) -> Contradiction | None:
    """The paragraph of the evidence with the answer's number changed; None when the answer has none there.

    Only numbers in Arabic digits are changed. What comes out no longer holds any accepted answer.
    """
    for evidence in fact.evidence:
        paragraph = _paragraph_with(evidence, pages)
        for answer in fact.answers:
            whole = _whole(answer)
            match = whole.search(evidence)
            if match is None or not _NUMBER.search(answer):
                continue
            false = change(answer, evidence[match.end() :][:1], rng)
            # cut at the true answer and put together with the false one
            text = false.join(whole.split(paragraph))
            if false != answer and not any_holds([text], fact.answers):
                page = Page(f"contradiction-{fact.id}.txt", (text,))
                return Contradiction(page, answer, false)
    return None


def _paragraph_with(evidence: str, pages: Sequence[Page]) -> str:
    """The first block that prints the evidence whole; the evidence where the page cuts it."""
    for page in pages:
        for block in page.blocks:
            if evidence in block:
                return block
    return evidence


def change(answer: str, after: str, rng: Random) -> str:
    """``answer`` with its first number changed: as many decimals, a date that can be, never the same value.

    Args:
        after: the character that follows the answer where it stands.
    """
    match = _NUMBER.search(answer)
    if match is None:
        return answer
    number, unit = match.group(), (answer[match.end() :] + after)[:1]
    for _ in range(_TRIES):
        other = _another(number, unit, rng)
        if float(other) != float(number):
            return answer[: match.start()] + other + answer[match.end() :]
    return answer


def _another(number: str, unit: str, rng: Random) -> str:
    whole, _, decimals = number.partition(".")
    if unit in _BOUNDS and not decimals:
        return str(rng.randint(*_BOUNDS[unit]))
    # 2024年 -> 2021年; 10年, a duration, is changed as other numbers are
    if unit == "年" and len(whole) == 4:
        return str(int(whole) + rng.choice([-3, -2, -1, 1, 2, 3]))
    # far enough to be another number, near enough to be believed
    factor = rng.choice([rng.uniform(0.5, 0.85), rng.uniform(1.2, 1.9)])
    other = float(number) * factor
    if decimals:
        return f"{other:.{len(decimals)}f}"
    return str(max(1, round(other)) if whole != "1" else rng.randint(2, 9))


def _whole(answer: str) -> re.Pattern[str]:
    """The answer, not as a part of a longer number."""
    return re.compile(rf"(?<![\d.]){re.escape(answer)}(?![\d.]*\d)")
