"""Questions that the documents answer, made from their own sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from models.language.facts import Fact, facts
from models.language.sentences import sentences
from models.language.words import has_han
from rag.records import Answer
from rag.store import Store

LOOKED_AT = 20
"""Documents that are looked through; the first are as good as any."""
_CLAUSE = re.compile(r"[^，；：,;。！？“”\n（）()]+")
_LEADS = re.compile(r"^(?:其中|据统计|据了解|数据显示|统计显示|目前|截至目前|同时|此外|而|并|且)[，,]?")


def example_questions(
    store: Store, ask: Callable[[str], Answer], language: str, limit: int
) -> tuple[str, ...]:
    """Questions with a bare answer, each asked and kept only if the answer is the one it was made from.

    They are in the language of the documents: ours are the documents' own words, so a reader of English
    with Chinese documents sees Chinese ones when there are no others.
    """
    made: dict[str, list[str]] = {"zh": [], "en": []}
    for document in store.documents(limit=LOOKED_AT):
        for question, expected in _questions(document.text):
            kept = made["zh" if has_han(question) else "en"]
            if len(kept) < limit and question not in kept and ask(question).short_answer == expected:
                kept.append(question)
        if len(made[language]) >= limit:
            break
    return tuple((made[language] or made["zh"] or made["en"])[:limit])


def _questions(text: str) -> Iterator[tuple[str, str]]:
    """``(question, its bare answer)``: a clause with one number, the number asked for."""
    for start, end in sentences(text):
        sentence = text[start:end]
        for clause in _CLAUSE.finditer(sentence):
            words = _LEADS.sub("", clause.group())
            numbers = [f for f in facts(words) if f.kind == "number" and f.unit]
            if len(numbers) == 1 and 10 <= len(words) <= 40 and (asked := _asked(words, numbers[0])):
                yield asked, words[numbers[0].start : numbers[0].end]


def _asked(clause: str, number: Fact) -> str | None:
    if not has_han(clause) or re.search(r"[〇一二三四五六七八九十]", clause[number.start : number.end]):
        return None
    return f"{clause[: number.start]}多少{number.unit}{clause[number.end :]}？"
