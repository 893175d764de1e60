"""The bare fact that is shown above an answer: a whole unit, of the kind that was asked for, or nothing.

    whole_unit("保修期为三十六个月。", (4, 7))      三十六 -> 三十六个月
    fits("number", "浙江乌镇")                       False: how many is no place

The reader's borders fall between pieces of words; a person reads units. ``超过七个工作日`` cut out of
``不超过七个工作日`` says the opposite, so a negation that stands before the fact belongs to it.
"""

from __future__ import annotations

import re

from models.language.facts import facts
from models.language.question_words import Asked
from models.language.questions import Asking
from models.language.words import fold, has_han, words
from rag.records import Span
from rag.text.spans import stripped
from rag.text.widths import limit_in

ECHO = 0.6
"""The share of an answer's bigrams or words that stand in the question from which it says nothing new."""
LONGEST = 60
"""Han characters beyond which a fact is no longer bare."""

_NEGATIONS = "不未非无没勿莫"
_OPENERS, _CLOSERS = "（(《“「『【[", "）)》”」』】]"
_LEADING = re.compile(
    r"(?:[-*•·]\s+|\d{1,2}[.、．)）](?!\d)\s*|[（(][一二三四五六七八九十\d]{1,3}[）)]|[QA问答][:：]\s*)"
)
_TRAILING = "，,。；;：:、！!？? \t\n"
_FIGURE = re.compile(
    r"[\d〇零一二三四五六七八九十百千万亿两半]|"
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice|half|dozen|hundred|"
    r"thousand|million|billion|no|none|zero)\b",
    re.IGNORECASE,
)
_TIMELY = re.compile(
    r"\d|[年月日号时点周天]|星期|世纪|季|早|晚|午|昨|今|明|期间|之前|之后|以前|以后|次|立即|"
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|"
    r"autumn|fall|winter|monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|yesterday|tomorrow|"
    r"century|morning|noon|evening|night|midnight|week|month|year|day|immediately|after|before|during)",
    re.I,
)
_NAMED = re.compile(r"[^\W\d_]")
# By what is asked for, what an answer must show to be of that kind.
_LOOKS_OF: dict[Asked, re.Pattern[str]] = {
    "number": _FIGURE,
    "date": re.compile(f"{_FIGURE.pattern}|{_TIMELY.pattern}", re.IGNORECASE),
    "duration": re.compile(f"{_FIGURE.pattern}|{_TIMELY.pattern}", re.IGNORECASE),
    "person": _NAMED,
    "place": _NAMED,
    "organisation": _NAMED,
}
# What asks how much more one is than another, or by how much something grew; and what states it.
_ASKS_DIFFERENCE = re.compile(
    r"比.{1,20}?[多少高低大小重轻长短快慢早晚贵](?:了|出)?(?:多少|几)|相差|差(?:了)?(?:多少|几)|"
    r"\bhow (?:much|many) (?:more|less|fewer|longer|higher|lower)\b|\bdifference between\b",
    re.IGNORECASE,
)
_STATES_DIFFERENCE = re.compile(
    r"比|相差|高出|多出|超出|\bthan\b|\bdiffer", re.IGNORECASE
)
_ASKS_GROWTH = re.compile(
    r"(?:增长|提高|提升|上升|下降|降低|增加|减少)(?:了)?(?:多少|几)|\bby how (?:much|many)\b|"
    r"\bhow much did .* (?:rise|grow|fall|increase|decrease)\b",
    re.IGNORECASE,
)
_REACHES = re.compile(r"(?:到|至|为|\bto)\s?$", re.IGNORECASE)
_BEFORE_NAMES = re.compile(r"^[由在是](?=..)|^(?:the |an? )?(?:[a-z]+ ){1,3}(?=[A-Z])")
NEAR_BRACKET = 20
"""Characters within which the other one of a pair of brackets is taken in."""
MOST_HEADING_CHARS = 30
"""A longer heading is a sentence, and no name."""
# What no bare fact answers: the sentence is shown alone.
_UNSHORTENED: frozenset[Asked] = frozenset({"reason", "manner", "yes_no"})


def whole_unit(text: str, span: Span) -> Span:
    """The span as a whole unit: numbers with their units, dates and words uncut, brackets closed.

    Args:
        text: a sentence.
        span: within it.
    """
    start, end = _without_marks(text, *span)
    if start >= end:
        return start, start
    for fact in facts(text):
        touches = fact.start < end and start < fact.end
        lies_within = start <= fact.start and fact.end <= end
        # Half a name may be meant (馆长 of 馆长周明远); half a figure never is.
        if touches and not lies_within and fact.kind in ("number", "duration", "date"):
            start = min(start, fact.start)
            end = max(end, fact.end)
    for word in words(text):
        if word.start < start < word.end:
            start = word.start
        if word.start < end < word.end:
            end = word.end
    if start and text[start - 1] in _NEGATIONS:
        start -= 1
    return _without_marks(text, *_balanced(text, start, end))


def _without_marks(text: str, start: int, end: int) -> Span:
    """Without the number of an item before it and the marks that end a clause after it."""
    start, end = stripped(text, start, end)
    if leading := _LEADING.match(text, start, end):
        start = leading.end()
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return start, end


def _balanced(text: str, start: int, end: int) -> Span:
    """Brackets and quotation marks that open inside close inside, or neither does."""
    for opener, closer in zip(_OPENERS, _CLOSERS, strict=True):
        inside = text[start:end]
        opened = inside.count(opener)
        closed = inside.count(closer)
        if opened > closed:
            # 《测绘师 -> 《测绘师证书》; where it closes too far away the open part is left out.
            at = text.find(closer, end)
            is_near = 0 <= at - end <= NEAR_BRACKET
            end = at + 1 if is_near else start + inside.rfind(opener)
        elif closed > opened:
            at = text.rfind(opener, max(0, start - NEAR_BRACKET), start)
            if at >= 0:
                start = at
    return stripped(text, start, end)


def echoes(question: str, answer: str) -> bool:
    """Whether an answer only says the question again: ``需要冷藏`` for 哪种茶需要冷藏？

    Five of its eight bigrams stand in the question, or more.
    """
    asked = fold(question)
    said = fold(answer)
    if has_han(answer):
        pieces = [said[at : at + 2] for at in range(len(said) - 1)]
        known = sum(piece in asked for piece in pieces)
    else:
        asked_words = asked.split()
        pieces = said.split()
        known = sum(piece in asked_words for piece in pieces)
    # One word may well be what was chosen from the question: 甲还是乙？
    return len(pieces) > 1 and known >= ECHO * len(pieces)


def fits(asked: Asked, answer: str) -> bool:
    """Whether a bare fact is of the kind that was asked for, and short enough to be bare."""
    if asked in _UNSHORTENED or not answer:
        return False
    if len(answer) > limit_in(answer, LONGEST):
        return False
    # A list of questions and answers holds the question too, in nearly the words that are asked.
    if answer.endswith(("？", "?")):
        return False
    pattern = _LOOKS_OF.get(asked)
    return pattern is None or pattern.search(answer) is not None


def answers_difference(question: str, before: str, sentence: str) -> bool:
    """Whether a figure can be what a question asks, where that is by how much two things differ.

    ``由52%提高到70%`` holds no answer to 提高了多少: 70% is where it got to. Nothing is reckoned.
    """
    if _ASKS_DIFFERENCE.search(question):
        return _STATES_DIFFERENCE.search(sentence) is not None
    return not (_ASKS_GROWTH.search(question) and _REACHES.search(before))


def without_preposition(asked: Asked, answer: str) -> str:
    """``由运维一组`` -> ``运维一组``, ``the engineer Ada Byron`` -> ``Ada Byron`` for who and where."""
    if asked in ("person", "place", "organisation", "name"):
        return _BEFORE_NAMES.sub("", answer)
    return answer


def heading_that_answers(asking: Asking, headings: tuple[str, ...]) -> str | None:
    """The heading that names what a question looks for: 哪种茶需要冷藏 over 云雾绿茶 › 储存 is 云雾绿茶.

    It is the deepest one that holds the thing asked for (哪种｜茶), or for 谁 and 哪些人 that is a person's
    name, and says nothing that the question says already.
    """
    things = [asking.content[at].text for at in sorted(asking.focus)]
    persons = asking.asked == "person" or "人" in things
    question = fold(asking.text)
    for heading in reversed(headings):
        folded = fold(heading)
        if not 2 <= len(heading) <= MOST_HEADING_CHARS or folded in question:
            continue
        if any(len(thing) < len(folded) and thing in folded for thing in things):
            return heading
        if persons and _is_persons_name(heading):
            return heading
    return None


def _is_persons_name(text: str) -> bool:
    """Whether a text is a name from end to end: 林晓燕, and not 林晓燕的经历."""
    whole = (0, len(text))
    persons = [fact for fact in facts(text) if fact.kind == "person"]
    return any((person.start, person.end) == whole for person in persons)
