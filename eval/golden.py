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
    asked = {_same(question) for question in known}
    latest: dict[str, Feedback] = {}
    for each in feedback:
        question = _same(each.shown.question)
        latest.pop(question, None)
        if question not in asked:
            latest[question] = each
    made = [(each, _fact(each)) for each in latest.values()]
    facts = tuple(fact for _, fact in made if fact is not None)
    return Golden(facts, tuple(each for each, fact in made if fact is None))


def _fact(each: Feedback) -> Fact | None:
    answers, evidence = _marked(each)
    refused = each.shown.status not in ANSWERED
    if each.verdict == "up" and not refused:
        said = (
            (each.shown.short_answer,) if each.shown.short_answer else each.shown.claims
        )
        answers = (*said, *answers)
        evidence = (*(cited.quote for cited in each.shown.citations), *evidence)
    if not answers and not (each.verdict == "up" and refused):
        return None
    question = " ".join(each.shown.question.split())
    return Fact(
        id=f"golden-{each.shown.id[:12]}",
        question=question,
        answers=tuple(dict.fromkeys(answers)),
        lang=language(question),
        kind=_kind(question, evidence) if answers else "none",
        evidence=tuple(dict.fromkeys(evidence)),
    )


def _marked(each: Feedback) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if each.marked is None:
        return (), ()
    return (each.marked.text,), (each.marked.sentence,)


def _kind(question: str, evidence: Sequence[str]) -> str:
    if any(language(text) != language(question) for text in evidence):
        return "cross"
    return _KINDS.get(read(question).asked, "fact")


def _same(question: str) -> str:
    """A question as far as two of them are the same."""
    return "".join(char for char in fold(question) if char.isalnum())
