"""Sentences -> questions that they answer: who, when, where, how many, what, why, which ones.

The words of a question are the sentence's own, with what is asked for taken out, so that a person need only
say whether it is a fair question. Patterns that make a crooked sentence now and then are kept when they find
much: dropping a proposal takes one key.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from eval import draft_chinese, draft_english
from models.language.sentences import sentences
from models.language.words import has_han
from rag.examples import questions_from

_KINDS: Final = {"reason": "why", "list": "list"}
"""Kinds of a fact by the pattern that made it; ``fact`` for all others."""
LONGEST_SENTENCE: Final = 400
LONGEST_QUESTION: Final = 60
LONGEST_ANSWER: Final = 80


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question that a sentence answers, by the ``pattern`` that made it.

    ``text[start:end] == evidence``, which holds ``answer`` verbatim.
    """

    pattern: str
    question: str
    answer: str
    evidence: str
    start: int
    end: int

    @property
    def kind(self) -> str:
        return _KINDS.get(self.pattern, "fact")

    @property
    def lang(self) -> str:
        return "zh" if has_han(self.question) else "en"


def proposals(text: str) -> list[Proposal]:
    """Every question that the sentences of a text answer, in their order; none asked or answered twice."""
    found: list[Proposal] = []
    asked: set[str] = set()
    answered: set[tuple[int, str]] = set()
    for start, end in sentences(text):
        sentence = text[start:end]
        if len(sentence) > LONGEST_SENTENCE:
            continue
        if draft_chinese.OPENS_ON_ANOTHER.match(sentence):
            continue
        for pattern, question, answer in _made(sentence):
            if question in asked or (start, answer) in answered:
                continue
            if _fair(question, answer, sentence):
                asked.add(question)
                answered.add((start, answer))
                found.append(Proposal(pattern, question, answer, sentence, start, end))
    return found


def varied(found: list[Proposal], limit: int) -> list[Proposal]:
    """At most ``limit`` of them, of each pattern in turn and from all over the text, in its order."""
    by_pattern: dict[str, list[Proposal]] = {}
    for each in found:
        by_pattern.setdefault(each.pattern, []).append(each)
    chosen: list[Proposal] = []
    for turn in zip_longest(*map(_spread, by_pattern.values())):
        chosen += filter(None, turn)
    return sorted(chosen[:limit], key=lambda each: (each.start, each.question))


def _spread(rows: list[Proposal]) -> list[Proposal]:
    """The same rows, the middle of what is left first: any number of them from the front lies spread out.

    1 2 3 4 5 -> 3 2 5 1 4: the first two are 3 and 2, the first three reach from 2 to 5.
    """
    if len(rows) < 3:
        return rows
    middle = len(rows) // 2
    left = _spread(rows[:middle])
    right = _spread(rows[middle + 1 :])
    spread = [rows[middle]]
    for pair in zip_longest(left, right):
        spread += filter(None, pair)
    return spread


def _fair(question: str, answer: str, sentence: str) -> bool:
    """Whether it can be asked by itself and does not give its answer away."""
    if not 1 <= len(answer) <= LONGEST_ANSWER:
        return False
    if answer not in sentence or answer in question:
        return False
    bare = question.rstrip("？?")
    # a letter says half as much as a Han character
    shortest, longest = 6, LONGEST_QUESTION
    if not has_han(question):
        shortest, longest = 2 * shortest, 2 * longest
    if len(bare) < shortest or len(question) > longest:
        return False
    if draft_chinese.OPENS_ON_ANOTHER.match(bare):
        return False
    return bare.count("“") == bare.count("”")


def _made(sentence: str) -> list[tuple[str, str, str]]:
    language = draft_chinese if has_han(sentence) else draft_english
    return [*questions_from(sentence), *language.made(sentence)]
