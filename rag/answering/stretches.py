"""Which stretches of a passage answer, as the network read it: the quote, the answer in it, its log-odds.

query = query_of("质保多久？")                  the question, parsed once
stretches_of(read_hit, query)                  the best first, then answers in other sentences of the passage
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.language.facts import facts
from models.language.questions import Asked, Asking
from models.language.questions import read as read_question
from models.language.words import fold
from models.reader import PassageReading
from rag.answering.articles import ARTICLE
from rag.answering.quoting import quote_around, sentences_of, with_evidence
from rag.answering.short_answers import fits, whole_unit
from rag.contexts import Readable
from rag.indexes.terms import terms
from rag.records import Hit, Span
from rag.text.spans import stripped

FURTHER_SPANS = 2
"""Answers that are looked for in one passage beside the best, each in a sentence of its own."""
FURTHER_ODDS = 2.0
"""How much less likely than the best answer of its passage a further one may be, in natural logarithms."""
HOPELESS = -4.0
"""Log-odds of a passage below which one plain stretch of it is all that is looked at: it is never shown as an answer
(from -0.7 on), nor may a language model word it (from -3.7 on)."""
KEPT_QUESTIONS = 32
"""Parsed questions that are kept: one question is ranked, read and read again within a moment."""
FIGURED: frozenset[str] = frozenset({"number", "date", "duration"})
"""What is asked for, and the kinds of facts, that figures answer."""
UNLIKELY = 8.0
"""How much less likely than the best span one of the right kind may be, in natural logarithms."""
HEAD_WEIGHT = 3.0
"""Log-odds of a cell for each word of the question that its column's head holds."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question once parsed, and what of its content is to be met: terms, words as they stand, articles."""

    asking: Asking
    terms: frozenset[str]
    folded: str
    words: tuple[str, ...]
    labels: frozenset[str]

    @property
    def asked(self) -> Asked:
        return self.asking.asked


@dataclass(frozen=True, slots=True)
class ReadHit:
    """A hit, as it was read and what the reader made of it; ``score`` is the log-odds that it answers."""

    hit: Hit
    readable: Readable
    reading: PassageReading
    score: float


@lru_cache(KEPT_QUESTIONS)
def query_of(question: str) -> Query:
    asking = read_question(question)
    content = [word.text for word in asking.content]
    # 年 and 区 stand in too many heads to tell one from another.
    telling = tuple(word for word in content if len(word) > 1)
    return Query(
        asking=asking,
        terms=frozenset(terms(" ".join(content))),
        folded=fold(question),
        words=telling,
        labels=frozenset(ARTICLE.findall(question)),
    )


def stretches_of(each: ReadHit, query: Query) -> Iterator[tuple[Span, Span, float]]:
    """What to quote, the answer in it, and its log-odds: the best, then answers in other sentences.

    All of ``甲馆有3层。乙馆有4层。``, should the passage have log-odds of 2: ``3层`` has 2, and ``4层``, whose start
    and end are each less likely by one, 2 - 2 = 0.
    """
    best = _best_of_row(each, query) or each.reading.best()
    if best is None:
        return
    start, end, log_probability = best
    answer = each.readable.in_document(*stripped(each.readable.text, start, end))
    if answer is None:
        return
    around = quote_around(each.hit, answer)
    if each.score < HOPELESS:
        yield around, answer, each.score
        return
    quote = with_evidence(each.hit, around, query.terms, each.readable.context)
    yield quote, _of_kind(each, quote, answer, query.asked), each.score
    quoted = [quote]
    for sentence in sentences_of(each.hit):
        if len(quoted) > FURTHER_SPANS:
            return
        if _overlaps(sentence, quoted):
            continue
        further = _best_within(each, sentence)
        if further is None:
            continue
        start, end, further_log_probability = further
        less_likely = log_probability - further_log_probability
        if less_likely > FURTHER_ODDS:
            continue
        answer = stripped(each.hit.document.text, start, end)
        quote = quote_around(each.hit, answer)
        quoted.append(quote)
        short = _of_kind(each, quote, answer, query.asked)
        yield quote, short, each.score - less_likely


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _best_of_row(each: ReadHit, query: Query) -> tuple[int, int, float] | None:
    """The likeliest answer of a row, given which heads the question names; None for a passage without heads.

    ``2024年有多少家社区医院`` names both words of ``社区医院 2024`` and one of ``社区医院 2023``: the first
    column gains 6 and the second 3, so it is read unless the second is likelier by 3. What the question
    itself gives (哪个型号的价格是30元) is not what it asks for.
    """
    heads: dict[int, str] = {}
    for cell in each.hit.passage.context.cells:
        if cell.head:
            heads[cell.start] = fold(cell.head)
    if not heads:
        return None
    best = None
    best_score = float("-inf")
    for start, end, at in each.readable.pieces:
        is_given = fold(each.readable.text[start:end]) in query.folded
        answer = each.reading.best_touching(start, end)
        if answer is None or is_given:
            continue
        head = heads.get(at, "")
        named = sum(word in head for word in query.words)
        score = answer[2] + HEAD_WEIGHT * named
        if score > best_score:
            best = answer
            best_score = score
    return best


def _of_kind(each: ReadHit, quote: Span, answer: Span, asked: Asked) -> Span:
    """The answer as a whole unit; when it is not of the kind asked for, the likeliest in the quote that is.

    ``多久`` asked of ``参数：lock_minutes；值：20；说明：锁定的分钟数`` is 20 whatever the reader likes.
    """
    unit = _unit_around(each, quote, answer)
    if asked not in FIGURED or fits(asked, each.hit.document.text[slice(*unit)]):
        return unit
    best = unit
    best_log_probability = each.reading.best_log_probability - UNLIKELY
    for start, end, at in each.readable.pieces:
        for fact in facts(each.readable.text[start:end]):
            span = at + fact.start, at + fact.end
            # A figure of another sentence would be shown above a quote that does not hold it.
            if fact.kind not in FIGURED or span[0] < quote[0] or quote[1] < span[1]:
                continue
            figure = each.reading.best(start + fact.start, start + fact.end)
            if figure is not None and figure[2] > best_log_probability:
                best = span
                best_log_probability = figure[2]
    return best


def _unit_around(each: ReadHit, quote: Span, answer: Span) -> Span:
    """The answer as a whole unit of its cell or its sentence, in the document's offsets."""
    bounds = quote
    for cell in each.hit.passage.context.cells:
        if cell.start <= answer[0] and answer[1] <= cell.end:
            bounds = cell.start, cell.end
    text = each.hit.document.text[slice(*bounds)]
    start, end = whole_unit(text, (answer[0] - bounds[0], answer[1] - bounds[0]))
    return bounds[0] + start, bounds[0] + end


def _best_within(each: ReadHit, sentence: Span) -> tuple[int, int, float] | None:
    """The likeliest answer in a sentence: its span in the document, and its log-probability.

    None for a row, which is read as several pieces (``型号：甲；重量：2 kg``): it is quoted whole, once.
    """
    if len(each.readable.pieces) != 1:
        return None
    shift = each.hit.passage.start
    best = each.reading.best(sentence[0] - shift, sentence[1] - shift)
    if best is None:
        return None
    start, end, log_probability = best
    return start + shift, end + shift, log_probability
