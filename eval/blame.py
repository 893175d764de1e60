"""Where a miss arose: the first stage that lost the answer. A table of counts says where to work next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

from eval.accepted import any_holds
from eval.facts import Fact
from eval.judge import ANSWERED, overlaps
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
    if _any_shows(fact, (claim.text for claim in answer.claims)):
        return "not_said"
    # what it would have said, had it not refused
    likeliest = answer.trace.candidates[:1]
    refused = answer.status not in ANSWERED
    if refused and _any_shows(fact, (each.text for each in likeliest)):
        return "refused"
    if _any_shows(fact, (hit.passage.text for hit in answer.trace.read)):
        return "not_read"
    return _lost_before_reading(fact, search, documents)


def _lost_before_reading(
    fact: Fact,
    search: Callable[[], Sequence[Hit]],
    documents: Callable[[], Iterable[Document]],
) -> Blame:
    if _any_shows(fact, (hit.passage.text for hit in search())):
        return "not_in_view"
    if _any_shows(fact, (document.text for document in documents())):
        return "not_retrieved"
    return "not_indexed"


def _any_shows(fact: Fact, texts: Iterable[str]) -> bool:
    return any(shows(fact, text) for text in texts)


def shows(fact: Fact, text: str) -> bool:
    """Whether the text holds what answers the fact."""
    if fact.evidence:
        return overlaps(text, fact.evidence)
    return any_holds([text], fact.answers)
