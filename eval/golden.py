"""What people said of answers -> facts: a thumb with the right words becomes a case that stays asked.

    golden = golden_of(feedback_of(settings.home))

- up: the short answer, else each claim, is an accepted answer, and the quotes are its evidence; a refusal
  that was right becomes a fact without answers.
- down, with words marked: those are the accepted answer, and the sentence that they stand in the evidence.
- up with words marked: those are accepted beside what was answered.
- down without: nobody said what is right. It is listed, for a person to write the fact.

Of two words on the same question the later counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from eval.facts import Fact
from eval.judge import ANSWERED
from models.language.questions import read
from models.language.words import fold, language
from rag.store.feedback import Feedback

_KINDS: Final = {"reason": "why", "manner": "how", "list": "list"}


@dataclass(frozen=True, slots=True)
class Golden:
    """Facts that people vouch for, and what they called wrong without saying what is right."""

    facts: tuple[Fact, ...]
    unclear: tuple[Feedback, ...]


def golden_of(feedback: Iterable[Feedback], known: Iterable[str] = ()) -> Golden:
    """The facts that feedback makes, in its order.

    Args:
        known: questions that are facts already; what was said of these is passed over.
    """
    asked = set(map(_comparable, known))
    latest: dict[str, Feedback] = {}
    for each in feedback:
        question = _comparable(each.shown.question)
        # taken out first, so that what is said again moves to the end
        latest.pop(question, None)
        if question not in asked:
            latest[question] = each
    facts = []
    unclear = []
    for each in latest.values():
        fact = _fact(each)
        if fact is None:
            unclear.append(each)
        else:
            facts.append(fact)
    return Golden(tuple(facts), tuple(unclear))


def _fact(each: Feedback) -> Fact | None:
    """The fact that one word of feedback vouches for; None where nobody said what is right."""
    shown = each.shown
    approved = each.verdict == "up"
    refused = shown.status not in ANSWERED
    answers: list[str] = []
    evidence: list[str] = []
    if approved and not refused:
        answers += (shown.short_answer,) if shown.short_answer else shown.claims
        evidence += [cited.quote for cited in shown.citations]
    if each.marked is not None:
        answers.append(each.marked.text)
        evidence.append(each.marked.sentence)
    # "wrong" alone says nothing of what is right; "right" to a refusal does
    if not answers and not (approved and refused):
        return None
    question = " ".join(shown.question.split())
    return Fact(
        id=f"golden-{shown.id[:12]}",
        question=question,
        answers=tuple(dict.fromkeys(answers)),
        lang=language(question),
        kind=_kind(question, evidence) if answers else "none",
        evidence=tuple(dict.fromkeys(evidence)),
    )


def _kind(question: str, evidence: Sequence[str]) -> str:
    if any(language(text) != language(question) for text in evidence):
        return "cross"
    return _KINDS.get(read(question).asked, "fact")


def _comparable(question: str) -> str:
    """Letters and numbers alone: 几家？ and 几家 are one question."""
    return "".join(char for char in fold(question) if char.isalnum())
