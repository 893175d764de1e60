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
        blocks = tuple(
            block for each in page.blocks if (block := _without(each, facts))
        )
        if blocks:
            kept.append(Page(page.name, blocks))
    return tuple(kept)


def _without(block: str, facts: Sequence[Fact]) -> str:
    told = sentences_of(block)
    left = [
        sentence
        for sentence in told
        if not any(_tells(sentence, fact) for fact in facts)
    ]
    return block if len(left) == len(told) else "".join(left)


def _tells(sentence: str, fact: Fact) -> bool:
    return any(holds(sentence, answer) for answer in fact.answers) or any(
        shares_half(sentence, evidence) for evidence in fact.evidence
    )
