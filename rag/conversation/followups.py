"""A question after others: does it stand alone, or does it go on with what was asked before?

    completion = complete("那冷库扩建呢？", ("码头吊机更新的合同金额是多少？",), documents)
    completion.texts                ("冷库扩建的合同金额是多少？",)
    best_of(alone, completed, completion)

Words propose, documents decide: the question alone and the question completed are both read, and ``best_of``
says which reading is shown. The question alone wins ties.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from models.language.questions import read
from models.language.words import has_han, words
from rag.answering.attempt import Attempt
from rag.answering.courtesy import courtesy_of
from rag.answering.reading import Choice, ReaderResult
from rag.contexts import searchable
from rag.conversation.subjects import (
    alike,
    exchanged,
    subject_of,
    without_article,
    without_opening,
)
from rag.indexes.terms import terms
from rag.records import Hit

Sign = Literal["none", "weak", "strong"]
"""How plainly a question says that it goes on: 项目经理是谁？, 那食堂几点开门？, 那冷库扩建呢？"""
MOST_EARLIER = 4
"""Earlier questions that are looked at."""
NEAR: dict[Sign, float] = {"none": 1.5, "weak": 4.0, "strong": float("inf")}
"""How much less likely, in log-odds, the question alone may find what the completed question finds, for that
to be shown. 负责人是谁？ finds three of them at 5.1, 4.9 and 4.6: which one is meant, the history says. For
食堂几点开门？ the library's hours stand at -2 beside the canteen's 5: the history has no say."""
SURER = 2.0
"""Or how much likelier than the question alone finds anything the completed one must find it."""
SURE = 3.0
"""Log-odds of a question alone that nothing else comes near, from which it is not completed at all."""
FIRST = 1.0
"""What the likelier of two completions is given before its reading."""
SUBJECT_MET = 0.7
"""The share of the subject's terms that a passage must hold to be about it."""
MOST_WORDS_WITH_A_PRONOUN = 4
"""A question with more words of its own may hold what its pronoun stands for, or an ``it`` for nothing."""

_ASKS_ZH = re.compile(
    r"谁|什么|啥|哪|何[时人地处]|几(?!乎)|多少|多[大高长远重久深宽快]|怎|如何|为何|吗|是否|是不是|有没有|能不能|可不可以"
)
_ASKS_EN = re.compile(
    r"\b(?:what|when|where|who|whom|whose|why|how|which)\b|"
    r"^(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have)\b",
    re.IGNORECASE,
)
_GOES_ON_ZH = re.compile(r"^(?:那么?|还有|另外)|呢[?？。]*$")
_GOES_ON_EN = re.compile(r"^(?:and|what about|how about|but)\b", re.IGNORECASE)
_PERSON = re.compile(r"[他她]|\b(?:he|she|his|her|him|hers)\b", re.IGNORECASE)
_PRONOUN_ZH = re.compile(
    r"[它他她]们?|(?:该|此|[这那][个款种项家位台条座]?)(?=[\u4e00-\u9fff])|其(?![中他它余实次])(?=[\u4e00-\u9fff])"
)
_KIND_OF_THING = re.compile(
    r"(?:项目|工程|型号|产品|公司|机器|设备|人|地方|规定|制度|合同|展览|特展|活动|单位|部门|城市|机构|假期?)"
)
_PRONOUN_EN = re.compile(
    r"\b(?:(?P<owner>its|their|his)|(?P<her>her)|it|they|them|he|she|him|"
    r"(?:this|that) (?:one|project|model|product|person|place|company|room|rule))\b",
    re.IGNORECASE,
)
_WHO_IS = re.compile(r"(?:请问)?(?![谁什哪])(.{2,24}?)(?:是谁|叫什么)")
_PREPOSITION = re.compile(r"^(?:for|of|in|on|at|by|with|to|about)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Documents:
    """What the documents are asked while a question is completed.

    ``answer_to``: the bare answer to an earlier question, where a pronoun stands for it (``history`` holds no
    answers). ``together``: whether one passage, with what stands above it, holds all of some names.
    """

    answer_to: Callable[[str], str | None] = lambda _: None
    together: Callable[[Sequence[str]], bool] = lambda _: False


@dataclass(frozen=True, slots=True)
class Completion:
    """``texts`` are a question completed, likeliest first, none where nothing is to be added; of what
    ``subject``.
    """

    texts: tuple[str, ...] = ()
    sign: Sign = "none"
    subject: str = ""


# completing


def complete(
    question: str, history: Sequence[str], documents: Documents = Documents()
) -> Completion:
    """How a question could be meant after the questions in ``history``, oldest first."""
    earlier = _relevant(question, history)
    if not earlier:
        return Completion()
    before = earlier[0]
    for text in earlier[1:]:
        completion = _completed(text, before, documents)
        goes_on = completion.sign != "none" or _is_asked_of(
            completion.subject, text, documents
        )
        before = completion.texts[0] if completion.texts and goes_on else text
    return _completed(question, before, documents)


def _relevant(question: str, history: Sequence[str]) -> list[str]:
    """The last questions in the language of this one; greetings tell nothing."""
    language = has_han(question)
    kept = [
        text
        for text in history
        if has_han(text) == language and courtesy_of(text) is None
    ]
    return kept[-MOST_EARLIER:]


def _is_asked_of(subject: str, question: str, documents: Documents) -> bool:
    """Whether what a question names is something of the subject: 门票 of 海上瓷路, in 门票多少钱？"""
    named = subject_of(question)
    return named is None or documents.together(
        (without_article(subject), without_article(named))
    )


def _completed(question: str, before: str, documents: Documents) -> Completion:
    """The question completed from the one before it, which is complete itself."""
    core = without_opening(question)
    subject = subject_of(before)
    leads_over = (_GOES_ON_ZH if has_han(question) else _GOES_ON_EN).search(
        question.strip()
    ) is not None
    bare = leads_over and not (_ASKS_ZH if has_han(core) else _ASKS_EN).search(core)
    core = core.removesuffix("呢") if bare else core
    antecedents = (
        _antecedents(question, before, documents) if _has_pronoun(core) else ()
    )
    if antecedents:
        texts = tuple(_asking(_in_place(core, each), bare) for each in antecedents)
        few_words = len(read(question).content) <= MOST_WORDS_WITH_A_PRONOUN
        return Completion(
            texts, "strong" if bare or few_words else "weak", antecedents[-1]
        )
    if bare:
        return Completion(
            _fragment(_PREPOSITION.sub("", core), before, subject, documents),
            "strong",
            core,
        )
    if subject is None or subject.lower() in question.lower():
        return Completion()
    return Completion(
        (_of_subject(core, subject),), "weak" if leads_over else "none", subject
    )


def _has_pronoun(core: str) -> bool:
    if not has_han(core):
        return _PRONOUN_EN.search(core) is not None
    found = _PRONOUN_ZH.search(core)
    return found is not None and (
        found.group()[0] not in "该此这那" or _kind_after(core, found) is not None
    )


def _kind_after(core: str, found: re.Match[str]) -> re.Match[str] | None:
    """项目 after 该: the noun that 该 belongs to."""
    return _KIND_OF_THING.match(core, found.end())


def _antecedents(question: str, before: str, documents: Documents) -> tuple[str, ...]:
    """What a pronoun may stand for: who answers the question before, what it was about."""
    of_person = read(before).asked == "person" and _PERSON.search(question) is not None
    of_one = before.lower().startswith(("哪", "which"))
    answer = documents.answer_to(before) if of_person or of_one else None
    who = _WHO_IS.match(before) if of_person else None
    about = who[1] if who else subject_of(before)
    return tuple(each for each in (answer, about) if each)


def _in_place(core: str, antecedent: str) -> str:
    """The question with its pronoun replaced: 它什么时候验收, 该项目由谁监理, how much does it weigh."""
    if not has_han(core):
        return _PRONOUN_EN.sub(
            lambda found: _owning(found, antecedent, core), core, count=1
        )
    found = _PRONOUN_ZH.search(core)
    assert found is not None, core
    kind = _kind_after(core, found)
    end = kind.end() if kind and found.group()[0] in "该此这那" else found.end()
    return f"{core[: found.start()]}{antecedent}{'的' if found.group() == '其' else ''}{core[end:]}"


def _owning(found: re.Match[str], antecedent: str, core: str) -> str:
    """``its`` and ``her`` before a noun own: the Swift 5's range; ``her`` at the end does not."""
    owns = found["owner"] or (found["her"] and found.end() < len(core))
    return f"{antecedent}'s" if owns and not antecedent.endswith("'s") else antecedent


def _asking(core: str, bare: bool) -> str:
    """The words as a question: 冷库扩建的质保期 is asked as 冷库扩建的质保期是什么？"""
    if not has_han(core):
        return f"What is {core}?" if bare else f"{core}?"
    return f"{core}是什么？" if bare else f"{core}？"


def _fragment(
    core: str, before: str, subject: str | None, documents: Documents
) -> tuple[str, ...]:
    """那X呢: the question before asked of X, or X asked of what that question was about.

    事假 after 病假 is another of its kind. 质保期 after 冷库扩建 is no such thing, and a passage of 冷库扩建
    speaks of it, so it is likelier what is wanted.
    """
    of_another = exchanged(before, core)
    if subject is None or (of_another and alike(subject, core)):
        return (of_another,) if of_another else ()
    wanted = _asking(
        f"{subject}的{core}" if has_han(core) else f"{core} of {subject}", bare=True
    )
    if of_another is None:
        return (wanted,)
    return (
        (wanted, of_another)
        if documents.together((without_article(subject), without_article(core)))
        else (of_another,)
    )


def _of_subject(core: str, subject: str) -> str:
    """``门票多少钱`` of 海上瓷路: 海上瓷路的门票多少钱？"""
    if not has_han(core):
        return f"For {subject}: {core}?"
    first = next(iter(words(core)), None)
    noun_first = (
        first is not None
        and first.tag.startswith(("n", "vn"))
        and not _ASKS_ZH.match(core)
    )
    return f"{subject}{'的' if noun_first else ''}{core}？"


# deciding


def settled(alone: Attempt, sign: Sign) -> bool:
    """Whether a question that was read alone needs no other reading: it is sure of one thing.

    One that was answered by its form (an overview, an article, a comparison) is, too.
    """
    if alone.answers and not alone.decision.bare:
        return True
    if (
        alone.decision.status != "answered"
        or alone.best is None
        or alone.best.score < SURE
    ):
        return False
    best = alone.best
    near = [
        each for each in alone.reading.choices if best.score - each.score <= NEAR[sign]
    ]
    return all(_overlap(best, each) for each in near)


def best_of(
    alone: Attempt | None, completed: Sequence[Attempt], completion: Completion
) -> Attempt:
    """The reading that is shown.

    After a plain sign only the completed ones count, the likeliest of those that answer. Else the completed
    one must answer from a passage about the subject, with what the question alone finds nearly as likely as
    its own best, or much surer than it finds anything. The same sentence from both is the question's alone.
    """
    best = _likeliest(completed)
    if alone is None:
        return best or completed[0]
    if (
        best is None
        or best.best is None
        or not speaks_of(best.best.hit, completion.subject)
    ):
        return alone
    if (
        alone.best
        and _overlap(alone.best, best.best)
        and alone.decision.status == "answered"
    ):
        return alone
    near = _odds(alone) - _odds_of(best.best, alone.reading) <= NEAR[completion.sign]
    return best if near or _odds(best) - _odds(alone) >= SURER else alone


def _likeliest(completed: Sequence[Attempt]) -> Attempt | None:
    """The best of those that answer; the first, which is likelier by its words, by ``FIRST``.

    One that finds several answers has lost of whom it asks: 重量的售价 after 云朵A2的售价.
    """
    best: Attempt | None = None
    most = (False, float("-inf"))
    for number, attempt in enumerate(completed):
        of_one = attempt.decision.status == "answered"
        odds = _odds(attempt) + (FIRST if number == 0 else 0.0)
        if attempt.answers and (of_one, odds) > most:
            best, most = attempt, (of_one, odds)
    return best


def _odds(attempt: Attempt) -> float:
    return attempt.best.score if attempt.best else float("-inf")


def _odds_of(choice: Choice, reading: ReaderResult) -> float:
    """How likely a reading finds what stands at another reading's choice."""
    there = (other.score for other in reading.choices if _overlap(choice, other))
    return max(there, default=float("-inf"))


def speaks_of(hit: Hit, subject: str) -> bool:
    """Whether the passage, with what stands above it, holds the subject's words."""
    wanted = frozenset(terms(without_article(subject)))
    there = frozenset(terms(searchable(hit.document.title, hit.passage)))
    return len(wanted & there) >= SUBJECT_MET * len(wanted)


def _overlap(one: Choice, other: Choice) -> bool:
    same = one.hit.document.id == other.hit.document.id
    return same and one.span[0] < other.span[1] and other.span[0] < one.span[1]
