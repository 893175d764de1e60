"""Does an answer say what is accepted: one of the answers, each item of a list, the right bare fact?

Texts are compared by their tokens (:mod:`eval.normalise`): ``1.85亿`` is said by ``185 million``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Literal

from eval.facts import BARE_KINDS, CHOICE_KINDS, Fact, Items
from eval.normalise import holds, is_number, same, tokens
from rag.records import Answer

ShortVerdict = Literal["right", "wrong", "neither"]


def texts_of(answer: Answer) -> list[str]:
    """What counts as said: each claim that cites, and the short answer.

    Where nothing is claimed, as in a greeting, all that is said does.
    """
    if not answer.claims:
        return [answer.answer]
    texts = [claim.text for claim in answer.claims if claim.citations]
    if answer.short_answer:
        texts.append(answer.short_answer)
    return texts


def any_holds(texts: Sequence[str], accepted: Sequence[str]) -> bool:
    """Whether one of the texts holds one of the accepted answers."""
    return any(holds(text, each) for text, each in product(texts, accepted))


def answer_holds(answer: Answer, accepted: Sequence[str]) -> bool:
    """The ``short_answer`` or a claim that cites holds an accepted answer after normalisation."""
    return any_holds(texts_of(answer), accepted)


def items_shown(answer: Answer, items: Items) -> list[bool]:
    """Of each item, whether one of its forms is said.

    ``济南、淄博`` for the items 济南, 滨州, 淄博: True, False, True, a share of 2/3.
    """
    texts = texts_of(answer)
    return [any_holds(texts, forms) for forms in items]


def says_it(fact: Fact, answer: Answer) -> bool:
    """Whether the answer says all that makes it right.

    - a list with items: all of them, as 2 of 3 cities are not the cities;
    - an overview with items: any one, since each sums up a part;
    - a choice (yes or no, which of two): an accepted answer, and no short answer that chooses another;
    - else: one of the accepted answers.
    """
    if fact.items:
        shown = items_shown(answer, fact.items)
        return any(shown) if fact.kind == "overview" else all(shown)
    if fact.kind in CHOICE_KINDS:
        verdict = short_verdict(fact, answer.short_answer)
        if verdict != "neither":
            return verdict == "right"
    return answer_holds(answer, _phrases(fact))


def short_verdict(fact: Fact, short: str | None) -> ShortVerdict:
    """What the short answer alone is worth; ``neither`` where there is none, or none is asked for.

    A bare fact (:data:`eval.facts.BARE_KINDS`) has to be one. What explains or enumerates may be put in
    any words, so only what ``wrong`` lists is wrong there.
    """
    if not short:
        return "neither"
    if fact.kind in BARE_KINDS:
        return "right" if _fits(fact, short) else "wrong"
    if any(same(short, each) for each in fact.wrong):
        return "wrong"
    return "neither"


def _fits(fact: Fact, short: str) -> bool:
    """Whether a short answer is an accepted one, or holds one and nothing wrong beside it."""
    if any(same(short, each) for each in fact.answers):
        return True
    accepted = [each for each in _phrases(fact) if holds(short, each)]
    for each in fact.wrong:
        # "2020年" is no mistake within the accepted "2020年底"; "7家" beside "74家" is one.
        if holds(short, each) and not any_holds(accepted, [each]):
            return False
    return bool(accepted)


def _phrases(fact: Fact) -> list[str]:
    """The accepted answers that a longer text may hold.

    To a yes/no question a single word (是, 有, Yes) counts only as the whole short answer, for almost every
    sentence has a 是 in it.
    """
    if fact.kind != "yesno":
        return list(fact.answers)
    return [each for each in fact.answers if not _is_one_word(each)]


def _is_one_word(text: str) -> bool:
    found = tokens(text)
    return len(found) == 1 and not is_number(found[0])
