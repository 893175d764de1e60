"""Questions that the documents answer, made from their own sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain, zip_longest

from models.language.facts import Fact, facts
from models.language.sentences import sentences
from models.language.words import has_han, words
from rag.errors import Damaged, NotFound
from rag.records import Answer, Document, Language
from rag.store.reader import StoreReader

LOOKED_AT = 20
"""Documents that are looked through, the newest first."""
MOST_ASKED = 12
"""Questions that are tried: one costs as much as a person's, and nobody waits for more."""
A_DOCUMENT = 2
"""Questions that one document may give, so that they show what is there."""
_TITLE = range(2, 41)
"""Characters of a title that a question can name."""
_CLAUSE = re.compile(r"[^，；：,;。！？“”\n（）()]+")
_DIGITS = re.compile(r"\d")
_IS_NUMBER = re.compile(r"\d[\d,.]*\s*\S{0,6}$")
_UNIT = re.compile(r"[(（][^()（）]*[)）]$")
_LONGEST_NAME = 24
_LEADS = re.compile(
    r"^(?:其中|据统计|据了解|数据显示|统计显示|目前|截至目前|同时|此外)"
)
_AMOUNTS_TO = re.compile(
    r"(?:达到?|为|共有?|共计|有|超过?|约|近|增加|减少|增长|收获|藏书|[调补蓄供]水)$"
)
_WHO_SAYS = re.compile(
    r"([\u4e00-\u9fff]{2,12}(?:站长|主任|教授|书记|发言人|总裁|店长|院长|馆长|校长|局长|经理|主席|队长))([\u4e00-\u9fff]{2,3})"
    r"(?=说|表示|介绍|告诉|坦言|感慨|\d+日表示)"
)
_WHO_DID = re.compile(
    r"([A-Z][^.?!]*?) (?:was|were) (\w+ed) (.*?)by (?:the \w+ )?((?:[A-Z]\w+ )+[A-Z]\w+)\."
)


Ask = Callable[[str], Answer]


def example_questions(
    store: StoreReader, ask: Ask, language: Language, limit: int
) -> tuple[str, ...]:
    """Questions in ``language``, of the newest documents first, each asked and kept only if it is answered.

    A question for a fact must get the fact that it was made from; one for what a document is about must be
    answered from that document. No two ask for the same.
    """
    tried = Tried(ask)
    documents = list(_newest(store))
    for document in documents:
        kept = 0
        for question, expected in _facts_of(document, language):
            if len(tried.kept) == limit or tried.asked >= MOST_ASKED:
                return tuple(tried.kept)
            kept += tried.fact(question, expected)
            if kept == A_DOCUMENT:
                break
    for document in documents:
        if len(tried.kept) == limit or tried.asked >= MOST_ASKED:
            break
        if len(document.title) in _TITLE:
            tried.overview(_about(document.title, language), document.id)
    return tuple(tried.kept)


def _newest(store: StoreReader) -> Iterator[Document]:
    for listed in store.newest(LOOKED_AT):
        with suppress(NotFound, Damaged):  # deleted meanwhile, or not as it was written
            yield store.document(listed.id)


class Tried:
    """The questions that were asked, and those of them that are worth showing."""

    def __init__(self, ask: Ask) -> None:
        self.kept: list[str] = []
        self.asked = 0
        self._ask = ask
        self._seen: set[str] = set()

    def fact(self, question: str, expected: str) -> bool:
        """Whether the question is new and its bare answer is the expected one."""
        answer = self._answer(question, expected)
        return (
            answer is not None
            and answer.short_answer == expected
            and self._keep(question)
        )

    def overview(self, question: str, document_id: int) -> bool:
        """Whether the question is new and answered from this document alone."""
        answer = self._answer(question, question)
        if answer is None or answer.status != "answered":
            return False
        cited = {citation.document_id for citation in answer.citations}
        return cited == {document_id} and self._keep(question)

    def _answer(self, question: str, expected: str) -> Answer | None:
        """None when the same was asked before: in these words, or for this fact."""
        if self._seen & {question, expected}:
            return None
        self._seen |= {question, expected}
        self.asked += 1
        return self._ask(question)

    def _keep(self, question: str) -> bool:
        self.kept.append(question)
        return True


def _about(title: str, language: Language) -> str:
    return (
        f"《{title}》这份文件讲了什么？"
        if language == "zh"
        else f"Summarize “{title}”."
    )


def _facts_of(document: Document, language: Language) -> Iterator[tuple[str, str]]:
    """``(question, its bare answer)``, one of each kind in turn, so that not all ask for a number."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    stated = chain(
        questions_from(document.text), questions_from_rows(document, language)
    )
    for kind, question, expected in stated:
        of_this_kind = kinds.setdefault(kind, [])
        if has_han(question) == (language == "zh") and len(of_this_kind) < A_DOCUMENT:
            of_this_kind.append((question, expected))
    for one_of_each in zip_longest(*kinds.values()):
        yield from filter(None, one_of_each)


def questions_from_rows(
    document: Document, language: Language
) -> Iterator[tuple[str, str, str]]:
    """``("row", question, cell)`` for a number in a table, asked for by its head and its row's name."""
    for block in document.blocks:
        if block.role != "table_row" or len(block.cells) < 2:
            continue
        names = [
            cell
            for cell in block.cells
            if not _DIGITS.search(document.text[cell.start : cell.end])
        ]
        numbers = [
            cell
            for cell in block.cells
            if _IS_NUMBER.match(document.text[cell.start : cell.end])
        ]
        if not names or not numbers:
            continue
        name = document.text[names[0].start : names[0].end].strip()
        head = _UNIT.sub("", numbers[0].head).strip()
        if (
            not head
            or "/" in head
            or len(name) > _LONGEST_NAME
            or has_han(name + head) != (language == "zh")
        ):
            continue
        number = document.text[numbers[0].start : numbers[0].end].strip()
        if language == "zh":
            yield "row", f"{name}的{head}是多少？", number
        else:
            yield "row", f"What is the {head} of {name}?", number


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
            yield (
                "person",
                f"Who {match[2]} {match[1][0].lower()}{match[1][1:]}?",
                match[4],
            )


def _amount(clause: str) -> Fact | None:
    """The number that a clause ends with, when the clause begins with what it is the number of."""
    found = [fact for fact in facts(clause) if fact.kind == "number" and fact.unit]
    first = next(iter(words(clause)), None)
    if (
        len(found) != 1
        or first is None
        or not 10 <= len(clause) <= 40
        or "、" in clause
    ):
        return None
    begins_well = first.start == 0 and (
        first.kind == "number" or first.tag[:1] in ("n", "t", "f")
    )
    states = (
        _AMOUNTS_TO.search(clause[: found[0].start])
        or clause[found[0].start] in "超近约逾"
    )
    in_digits = re.search(r"\d", clause[found[0].start : found[0].end])
    ends = found[0].end == len(clause)
    return found[0] if begins_well and states and in_digits and ends else None
