"""The corpus with the evidence of some facts taken out: refusing is then right (RGB's negative rejection)."""

from __future__ import annotations

from collections.abc import Sequence

from eval.facts import Fact
from eval.normalise import holds
from eval.robustness.world import Page, sentences_of, shares_half


def remove_evidence(pages: Sequence[Page], facts: Sequence[Fact]) -> tuple[Page, ...]:
    """The pages without any sentence that tells one of the facts, wherever it is printed.

    A sentence goes when it shares half of itself, or half of an evidence, with that evidence, or when it
    holds an accepted answer: a headline or a copy with other words would else still give it away.
    """
    kept = []
    for page in pages:
        blocks = tuple(filter(None, (_without(each, facts) for each in page.blocks)))
        if blocks:
            kept.append(Page(page.name, blocks))
    return tuple(kept)


def _without(block: str, facts: Sequence[Fact]) -> str:
    sentences = sentences_of(block)
    left = []
    for sentence in sentences:
        if not any(_tells(sentence, fact) for fact in facts):
            left.append(sentence)
    # what nothing was taken out of keeps its white space
    return block if len(left) == len(sentences) else "".join(left)


def _tells(sentence: str, fact: Fact) -> bool:
    if any(holds(sentence, answer) for answer in fact.answers):
        return True
    return any(shares_half(sentence, evidence) for evidence in fact.evidence)
