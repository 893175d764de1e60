"""Questions that the documents answer, made from their own sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from models.language.facts import Fact, facts
from models.language.sentences import sentences
from models.language.words import has_han, words
from rag.records import Answer
from rag.store import Store

LOOKED_AT = 20
"""Documents that are looked through; the first are as good as any."""
_CLAUSE = re.compile(r"[^，；：,;。！？“”\n（）()]+")
_LEADS = re.compile(r"^(?:其中|据统计|据了解|数据显示|统计显示|目前|截至目前|同时|此外)")
_AMOUNTS_TO = re.compile(r"(?:达到?|为|共有?|共计|有|超过?|约|近|增加|减少|增长|收获|藏书|[调补蓄供]水)$")
_WHO_SAYS = re.compile(
    r"([\u4e00-\u9fff]{2,12}(?:站长|主任|教授|书记|发言人|总裁|店长|院长|馆长|校长|局长|经理|主席|队长))([\u4e00-\u9fff]{2,3})"
    r"(?=说|表示|介绍|告诉|坦言|感慨|\d+日表示)"
)
_WHO_DID = re.compile(r"([A-Z][^.?!]*?) (?:was|were) (\w+ed) (.*?)by (?:the \w+ )?((?:[A-Z]\w+ )+[A-Z]\w+)\.")


def example_questions(
    store: Store, ask: Callable[[str], Answer], language: str, limit: int
) -> tuple[str, ...]:
    """Questions with a bare answer, each asked and kept only if the answer is the one it was made from.

    They are in the language of the documents: ours are the documents' own words, so a reader of English
    with Chinese documents sees Chinese ones when there are no others.
    """
    made: dict[str, dict[str, list[str]]] = {"zh": {}, "en": {}}
    for document in store.documents(limit=LOOKED_AT):
        for kind, question, expected in questions_from(document.text):
            kept = made["zh" if has_han(question) else "en"].setdefault(kind, [])
            if len(kept) < limit and question not in kept and ask(question).short_answer == expected:
                kept.append(question)
    chosen = made[language] or made["zh"] or made["en"]
    return tuple(_mixed(list(chosen.values()), limit))


def _mixed(kinds: list[list[str]], limit: int) -> list[str]:
    """One of each kind in turn, so that not all ask for a number."""
    longest = max((len(kind) for kind in kinds), default=0)
    return [kind[i] for i in range(longest) for kind in kinds if i < len(kind)][:limit]


def questions_from(text: str) -> Iterator[tuple[str, str, str]]:
    """``(kind, question, its bare answer)`` for sentences whose form says what they answer."""
    for start, end in sentences(text):
        sentence = text[start:end]
        for clause in _CLAUSE.finditer(sentence):
            stated = _LEADS.sub("", clause.group())
            if (number := _amount(stated)) is not None:
                asked = f"{stated[: number.start]}多少{number.unit}？"
                yield "number", asked, stated[number.start : number.end]
        for match in _WHO_SAYS.finditer(sentence):
            yield "person", f"{match[1]}是谁？", match[2]
        for match in _WHO_DID.finditer(sentence):
            yield "person", f"Who {match[2]} {match[1][0].lower()}{match[1][1:]}?", match[4]


def _amount(clause: str) -> Fact | None:
    """The number that a clause ends with, when the clause begins with what it is the number of."""
    found = [fact for fact in facts(clause) if fact.kind == "number" and fact.unit]
    first = next(iter(words(clause)), None)
    if len(found) != 1 or first is None or not 10 <= len(clause) <= 40 or "、" in clause:
        return None
    begins_well = first.start == 0 and (first.kind == "number" or first.tag[:1] in ("n", "t", "f"))
    states = _AMOUNTS_TO.search(clause[: found[0].start]) or clause[found[0].start] in "超近约逾"
    in_digits = re.search(r"\d", clause[found[0].start : found[0].end])
    ends = found[0].end == len(clause)
    return found[0] if begins_well and states and in_digits and ends else None
