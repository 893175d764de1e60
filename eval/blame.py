"""Where a miss arose: the first stage that lost the answer. A table of counts says where to work next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

from eval.facts import Fact
from eval.judge import ANSWERED, overlaps
from eval.normalise import holds
from rag.records import Answer, Document, Hit

Blame = Literal[
    "not_indexed",
    "not_retrieved",
    "not_in_view",
    "not_read",
    "refused",
    "not_said",
    "answered",
    "failed",
]
BLAMES: Final[Mapping[Blame, str]] = {
    "not_indexed": "no document holds the evidence: reading the page or cutting it up lost it",
    "not_retrieved": "a document holds it, but none of the first 50 passages of the search does",
    "not_in_view": "the search found it, but ranked it too low for the reader to be given it",
    "not_read": "the reader was given it, and thought another sentence likelier",
    "refused": "the reader thought it likeliest, but was not sure enough to show it",
    "not_said": "it was shown, but what was said does not hold an accepted answer",
    "answered": "answered, where the documents do not say",
    "failed": "an error was raised, or the answer was withheld for a broken citation",
}
"""In the order of the stages. ``it`` is a text that shares a run of half the shorter of both with the gold
evidence, or, where a fact names no evidence, that holds an accepted answer."""
FOUND: Final = 50
"""Passages of the search that are looked through: the most that ``top_k`` may ask for by default."""


def blame(
    fact: Fact,
    answer: Answer,
    search: Callable[[], Sequence[Hit]],
    documents: Callable[[], Iterable[Document]],
) -> Blame:
    """What to blame for an answer that is not right.

    Args:
        search: the first ``FOUND`` passages; called only when the reader was not given the evidence.
        documents: all documents; called only when the search did not find it.
    """
    if not fact.answerable:
        return "answered"
    if any(shows(fact, claim.text) for claim in answer.claims):
        return "not_said"
    likeliest = answer.trace.candidates[:1]
    if answer.status not in ANSWERED and any(
        shows(fact, each.text) for each in likeliest
    ):
        return "refused"
    stages: Sequence[tuple[Blame, Callable[[], Iterable[str]]]] = (
        ("not_read", lambda: (hit.passage.text for hit in answer.trace.read)),
        ("not_in_view", lambda: (hit.passage.text for hit in search())),
        ("not_retrieved", lambda: (document.text for document in documents())),
    )
    for stage, texts in stages:
        if any(shows(fact, text) for text in texts()):
            return stage
    return "not_indexed"


def shows(fact: Fact, text: str) -> bool:
    """Whether the text holds what answers the fact."""
    if fact.evidence:
        return overlaps(text, fact.evidence)
    return any(holds(text, each) for each in fact.answers)
