"""What a question is about, so that the next one can be asked of it: 冷库扩建 in 冷库扩建的质保期是多久？

    subject_of("冷库扩建的质保期是多久？")             冷库扩建
    subject_of("What is the range of the Swift 5?")    the Swift 5
    exchanged("病假要交什么材料？", "事假")            事假要交什么材料？

Told from the words alone: whether the subject is the right one is for the documents to say
(``rag.conversation.followups``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.english import ARTICLES
from models.language.words import Word, has_han, words
from rag.records import Span


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LEADING = re.compile(
    r"^(?:(?:请问|那么?|还有|另外|其中|关于|对于|请)+[，,：:\s]*|(?:and|what about|how about|but)\b\s*)",
    re.IGNORECASE,
)
_MARKS = " \t\n，,。？?！!；;：:"
# Where the predicate begins: what stands before it is what the question is about.
_PREDICATES = _listed(
    """
    是 由 在 有 被 把 从 到 于 用 向 给 什么 什么时候 啥 谁 哪 哪里 哪儿 哪个 哪家 哪年 哪天 何时 何 几 多少
    多 多久 多大 多高 多长 多重 怎么 怎样 怎么样 如何 为什么 为何 需要 要 可以 能 能不能 能够 应 应该 应当 会
    必须 得 每 是否 是不是 有没有 吗 呢 不 没 没有 已 已经 还 都 也 属于 位于 毕业 设在 停在 最 最多 最少 包括
    共 共有 一共 总共
    """
)
_ASKS_WHEN = re.compile(
    r"^(?:什么时候|什么时间|何时|哪[一]?[年天日月]|几[年月号日点]|多久|多长时间)"
)
_ASKS = re.compile(r"^(?:什么|啥|谁|哪|何|几|多|怎|如何)")
_COUNTED = re.compile(
    r"^有(?:几|多少)[台架个家名位座辆艘种项条本份篇处幅件]([\u4e00-\u9fffA-Za-z0-9]{2,12})$"
)
_WHO_IS_ZH = re.compile(r"^(?:谁|哪[位个家些]?\w{0,2}|什么)是(.{2,20})$")

_NOUN_PHRASE = r"(?:(?:the|a|an|our|my|your|its)\s+)?[\w.'’-]+(?:\s+[\w'’-]+){0,3}"
_NAMED = re.compile(
    r"(?:\b[Tt]he\s+)?(?:\b[A-Z][\w'’-]*\.?|\b[A-Z]{1,3}\d+)(?:\s+(?:[A-Z][\w'’-]*|\d+\w*|of(?=\s+[A-Z])))*"
)
_AFTER_PREPOSITION = re.compile(
    rf"\b(?:of|for|about|on|in|at|from|by|with|to)\s+({_NOUN_PHRASE})\s*$",
    re.IGNORECASE,
)
_AFTER_AUXILIARY = re.compile(
    rf"\b(?:is|are|was|were|does|do|did|can|may|must|will|should|has|have|had)\s+({_NOUN_PHRASE})",
    re.IGNORECASE,
)
# Words that end an English noun phrase, as no tagger is at hand.
_VERBS_EN = _listed(
    """
    be been cost costs weigh take takes open close start begin end last need have get run work mean include
    seat see happen borrowed made built located allowed used paid sold held called join live say belong apply
    expire finish leave arrive per each in on at for of to by from with about and or
    """
)
_NOT_NAMES = _listed(
    "what when where who whom whose why how which is are was were does do did can may in"
)
_ALIKE_TAGS = frozenset({"ns", "nr", "nt", "nz", "t", "m"})


def subject_of(question: str) -> str | None:
    """The words for what the question asks about; None when it names nothing."""
    text = without_opening(question)
    found = _subject_zh(text) if has_han(text) else _subject_en(text)
    return found or None


def without_article(name: str) -> str:
    """``Swift 5`` for ``the Swift 5``."""
    first, _, rest = name.partition(" ")
    return rest if rest and first.lower() in ARTICLES else name


def without_opening(question: str) -> str:
    """The question without marks around it and words that lead over to it: 那……呢, and, what about."""
    return _LEADING.sub("", question.strip(_MARKS)).strip(_MARKS)


def _subject_zh(text: str) -> str:
    if who := _WHO_IS_ZH.match(text):
        return who[1]
    found = words(text)
    cut = next(
        (at for at, word in enumerate(found) if _begins_predicate(text, word)),
        len(found),
    )
    if cut == len(found):
        return ""
    rest = text[found[cut].start :]
    # 云朵Pro卖多少钱 is about 云朵Pro: a verb right before what is asked belongs to the asking.
    verb_before = (_ASKS.match(rest) and not _ASKS_WHEN.match(rest)) or found[
        cut
    ].text in ("于", "在")
    if cut > 1 and verb_before and found[cut - 1].tag == "v":
        cut -= 1
    end = found[cut - 1].end if cut else 0
    whole = text[:end].removesuffix("最")
    if counted := _COUNTED.match(rest):
        return f"{whole}的{counted[1]}" if whole else counted[1]
    return whole.rpartition("的")[0] or whole


def _begins_predicate(text: str, word: Word) -> bool:
    return word.text in _PREDICATES or bool(_ASKS.match(text[word.start :]))


def _subject_en(text: str) -> str:
    for named in _NAMED.finditer(text):
        if named.group().split()[0].lower() not in _NOT_NAMES:
            return named.group()
    for pattern in (_AFTER_PREPOSITION, _AFTER_AUXILIARY):
        if found := pattern.search(text):
            return _until_verb(found[1])
    return ""


def _until_verb(phrase: str) -> str:
    kept: list[str] = []
    for word in phrase.split():
        if kept and word.lower() in _VERBS_EN:
            break
        kept.append(word)
    return " ".join(kept)


def exchanged(question: str, other: str) -> str | None:
    """The question asked of ``other`` instead of what it is about; None where nothing can be exchanged."""
    subject = subject_of(question)
    if subject is not None and subject not in question:
        subject = subject.partition("的")[
            0
        ]  # 合作社的无人机, out of 合作社有几架无人机
    if not subject or subject not in question:
        return None
    at = question.index(subject)
    start, end = (
        _counterpart(subject, other)[0] if has_han(subject) else (0, len(subject))
    )
    return question[: at + start] + other + question[at + end :]


def alike(subject: str, other: str) -> bool:
    """Whether two things go by names of one kind: 病假 and 事假, the Swift 3 and the Swift 5."""
    if not has_han(subject):
        ends = {
            word.text for word in (words(subject)[:1] + words(subject)[-1:])
        } - ARTICLES
        return any(word.text in ends for word in words(other))
    return _counterpart(subject, other)[1] > 0


def _counterpart(subject: str, other: str) -> tuple[Span, float]:
    """The stretch of the subject whose place ``other`` takes, and how alike they are.

    早餐 of 食堂早餐 for 午餐 (they end alike and are as long), A1 of 云朵A1 for A2. All of 冷库扩建 for
    屋顶光伏, which is nothing like it: 0.0.
    """
    best, most = (0, len(subject)), 0.0
    found = words(subject)
    for first in range(len(found)):
        for last in range(first, len(found)):
            span = found[first].start, found[last].end
            score = _alike(subject[slice(*span)], other, found[first : last + 1])
            if score > most:
                best, most = span, score
    return best, most


def _alike(part: str, other: str, part_words: Sequence[Word]) -> float:
    """How much a stretch looks like what takes its place: shared ends, kind of name, length.

    早餐 for 午餐: 1 shared character of 2, as long: 1.0. 食堂早餐 for 午餐: 1 - 2 * 0.2 = 0.6.
    """
    one, two = part.lower(), other.lower()
    prefix = _shared(one, two)
    suffix = _shared(one[::-1], two[::-1]) if prefix < min(len(one), len(two)) else 0
    tags = _name_tags(part_words) & _name_tags(words(other))
    if not prefix and not suffix and not tags:
        return 0.0
    return prefix + suffix + len(tags) - 0.2 * abs(len(one) - len(two))


def _name_tags(found: Sequence[Word]) -> frozenset[str]:
    """Of what kinds the names are: ``nr`` a person, ``ns`` a place, ``t`` a time."""
    return frozenset(word.tag[:2] for word in found) & _ALIKE_TAGS


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count
