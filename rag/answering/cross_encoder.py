"""The trunk's reader over hits: one pass ranks the passages, reads them, and says whether they answer.

encoder = CrossEncoder(PassageReader.load())
encoder.rank("质保多久？", hits)         log-odds that each answers, for the retriever
encoder.read("质保多久？", hits)         which stretches answer, for the answer: nothing is computed twice
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.kept import size_of
from models.language.facts import facts
from models.language.questions import Asked, Asking
from models.language.questions import read as read_question
from models.language.sentences import sentences
from models.language.words import fold, words
from models.reader import PassageReader, PassageReading
from models.support import Statement
from rag.answering.articles import ARTICLE
from rag.answering.reading import Choice, Reading
from rag.answering.short_answers import fits, whole_unit
from rag.answering.yes_no import statement_of
from rag.contexts import Readable, readable
from rag.indexes.terms import terms
from rag.records import Hit, Span
from rag.text.spans import stripped
from rag.text.widths import limit_in

LONGEST_QUOTE = 200
"""Han characters of a quote beyond which only clauses around the answer are kept."""
EVIDENCE_TERMS = 2
"""Terms of the question that a sentence must meet beyond the quote to be quoted with it."""
FURTHER_SPANS = 2
"""Answers that are looked for in one passage beside the best, each in a sentence of its own."""
FURTHER_ODDS = 2.0
"""How much less likely than the best answer of its passage a further one may be, in natural logarithms."""
KEPT_READINGS = 512
BYTES_OF_READINGS = 32_000_000
FIGURED: frozenset[str] = frozenset({"number", "date", "duration"})
UNLIKELY = 8.0
"""How much less likely than the best span one of the right kind may be, in natural logarithms."""
HEAD_WEIGHT = 3.0
"""Log-odds of a cell for each word of the question that its column's head holds."""
HEADLINE = 2.0
NAMED_ARTICLE, LABEL_CHARS = 3.0, 12
_CLAUSE_END = re.compile(r"[，,；;、。！？!?]|\s")


@dataclass(frozen=True, slots=True)
class _Read:
    """A hit, as it was read and what the reader made of it."""

    hit: Hit
    readable: Readable
    reading: PassageReading


@dataclass(frozen=True, slots=True)
class _Asking:
    """What a question asks for, and what of its content is to be met: terms, and words as they stand."""

    asked: Asked
    terms: frozenset[str]
    folded: str
    words: tuple[str, ...]


class CrossEncoder:
    """Methods may be called from any thread; the network takes one question at a time."""

    def __init__(self, reader: PassageReader) -> None:
        self._reader = reader
        self._computing = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], PassageReading] = OrderedDict()
        self._kept_bytes = 0

    def rank(self, question: str, hits: Sequence[Hit]) -> np.ndarray:
        """Log-odds that each passage answers, float32, ``(len(hits),)``."""
        labels = frozenset(ARTICLE.findall(question))
        odds = [
            each.reading.log_odds + _named(each, labels) - _as_headline(each)
            for each in self._readings(question, hits)
        ]
        return np.array(odds, np.float32)

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Every stretch worth weighing, best first."""
        asking = read_question(question)
        content = [word.text for word in asking.content]
        # 年 and 区 stand in too many heads to tell one from another.
        telling = tuple(word for word in content if len(word) > 1)
        wanted = _Asking(
            asking.asked, frozenset(terms(" ".join(content))), fold(question), telling
        )
        choices: list[Choice] = []
        labels = frozenset(ARTICLE.findall(question))
        for each in self._readings(question, hits):
            relevance = _share_met(wanted.terms, each.readable)
            for span, short, log_odds in _stretches(each, wanted):
                score = log_odds + _named(each, labels) - _as_headline(each)
                choices.append(Choice(each.hit, span, score, relevance, short))
        choices.sort(key=lambda choice: -choice.score)
        return Reading(asking, tuple(choices), self._polarity(asking, choices))

    def _polarity(self, asking: Asking, choices: Sequence[Choice]) -> float:
        """How much likelier the best quote bears out what is asked than the contrary, -1 to 1."""
        if asking.asked != "yes_no" or not choices:
            return 0.0
        best = choices[0]
        context = readable(best.hit.document.title, best.hit.passage).context
        with self._computing:
            chances = self._reader.judge(
                [Statement(statement_of(asking.text), best.text, context)]
            )
        return float(chances[0, 0] - chances[0, 1])

    def judge(self, statements: Sequence[Statement]) -> np.ndarray:
        """Probabilities that each claim is supported, contradicted, not said; ``(len(statements), 3)``."""
        with self._computing:
            return self._reader.judge(statements)

    def forget(self) -> None:
        """Drop what is kept of texts, after a document was deleted."""
        with self._computing:
            self._kept.clear()
            self._kept_bytes = 0
        for each in (fold, words, facts):
            each.cache_clear()

    def _readings(self, question: str, hits: Sequence[Hit]) -> list[_Read]:
        texts = [_as_read(hit) for hit in hits]
        with self._computing:
            new = [
                text
                for text in texts
                if (question, text.context, text.text) not in self._kept
            ]
            pairs = list(dict.fromkeys((text.context, text.text) for text in new))
            for pair, reading in zip(
                pairs, self._reader.read(question, pairs), strict=True
            ):
                self._kept[question, *pair] = reading
                self._kept_bytes += size_of(((question, *pair), reading))
            found = [
                _Read(hit, text, self._kept[question, text.context, text.text])
                for hit, text in zip(hits, texts, strict=True)
            ]
            while (
                len(self._kept) > KEPT_READINGS or self._kept_bytes > BYTES_OF_READINGS
            ):
                self._kept_bytes -= size_of(self._kept.popitem(last=False))
        return found


def _as_read(hit: Hit) -> Readable:
    """The passage with its context. A text that is all title is read once: twice it loses 2 log-odds."""
    whole = readable(hit.document.title, hit.passage)
    return replace(whole, context="") if whole.context == whole.text else whole


def _named(each: _Read, labels: frozenset[str]) -> float:
    """Log-odds for a passage under the article that a question names, against those under others.

    ``第三条是什么`` asks for 第三条 and for no other: numbers look alike to a reader of meanings.
    """
    if not labels:
        return 0.0
    above = f"{each.readable.context} {each.hit.passage.text[:LABEL_CHARS]}"
    return (
        NAMED_ARTICLE if labels & frozenset(ARTICLE.findall(above)) else -NAMED_ARTICLE
    )


def _as_headline(each: _Read) -> float:
    """Log-odds that a headline loses: it says in short what its article says in full and can be cited for."""
    document = each.hit.document
    return HEADLINE if each.hit.passage.text == document.title != document.text else 0.0


def _share_met(asked: frozenset[str], text: Readable) -> float:
    """Which share of the question's terms the passage and its context hold, 0 to 1."""
    if not asked:
        return 0.0
    there = frozenset(terms(f"{text.context}\n{text.text}"))
    return len(asked & there) / len(asked)


def _stretches(each: _Read, asking: _Asking) -> Iterator[tuple[Span, Span, float]]:
    """What to quote, the answer in it, and its log-odds: the best, then answers in other sentences."""
    best = _best_of_row(each, asking) or each.reading.best()
    if best is None:
        return
    start, end, log_probability = best
    answer = each.readable.in_document(*stripped(each.readable.text, start, end))
    if answer is None:
        return
    quote = with_evidence(each, quote_around(each.hit, answer), asking.terms)
    yield quote, _of_kind(each, quote, answer, asking.asked), each.reading.log_odds
    quoted = [quote]
    for low, high in _sentences_of(each.hit):
        if len(quoted) > FURTHER_SPANS:
            return
        if any(
            low < taken_end and taken_start < high for taken_start, taken_end in quoted
        ):
            continue
        further = _within(each, low, high)
        if further is not None and log_probability - further[2] <= FURTHER_ODDS:
            answer = stripped(each.hit.document.text, further[0], further[1])
            less = log_probability - further[2]
            quote = quote_around(each.hit, answer)
            quoted.append(quote)
            yield (
                quote,
                _of_kind(each, quote, answer, asking.asked),
                each.reading.log_odds - less,
            )


def _best_of_row(each: _Read, asking: _Asking) -> tuple[int, int, float] | None:
    """The likeliest answer of a row, given which heads the question names; None for a passage without heads.

    ``2024年有多少家社区医院`` names both words of ``社区医院 2024`` and one of ``社区医院 2023``: the first
    column gains 6 and the second 3, so it is read unless the second is likelier by 3. What the question
    itself gives (哪个型号的价格是30元) is not what it asks for.
    """
    heads = {
        cell.start: fold(cell.head)
        for cell in each.hit.passage.context.cells
        if cell.head
    }
    best, most = None, float("-inf")
    for start, end, at in each.readable.pieces if heads else ():
        found = each.reading.best_touching(start, end)
        given = fold(each.readable.text[start:end]) in asking.folded
        if found is None or given:
            continue
        named = sum(word in heads.get(at, "") for word in asking.words)
        score = found[2] + HEAD_WEIGHT * named
        if score > most:
            best, most = found, score
    return best


def _of_kind(each: _Read, quote: Span, answer: Span, asked: Asked) -> Span:
    """The answer as a whole unit; when it is not of the kind asked for, the likeliest in the quote that is.

    ``多久`` asked of ``参数：lock_minutes；值：20；说明：锁定的分钟数`` is 20 whatever the reader likes.
    """
    whole = _whole(each, quote, answer)
    text = each.hit.document.text
    if asked not in FIGURED or fits(asked, text[slice(*whole)]):
        return whole
    best, most = whole, each.reading.best_log_probability - UNLIKELY
    for start, end, at in each.readable.pieces:
        for fact in facts(each.readable.text[start:end]):
            found = each.reading.best(start + fact.start, start + fact.end)
            if fact.kind in FIGURED and found is not None and found[2] > most:
                best, most = (at + fact.start, at + fact.end), found[2]
    return best


def _whole(each: _Read, quote: Span, answer: Span) -> Span:
    """The answer as a whole unit of its cell or its sentence, in the document's offsets."""
    bounds = quote
    for cell in each.hit.passage.context.cells:
        if cell.start <= answer[0] and answer[1] <= cell.end:
            bounds = cell.start, cell.end
    text = each.hit.document.text[slice(*bounds)]
    start, end = whole_unit(text, (answer[0] - bounds[0], answer[1] - bounds[0]))
    return bounds[0] + start, bounds[0] + end


def _within(each: _Read, low: int, high: int) -> tuple[int, int, float] | None:
    """The likeliest answer between two offsets of the document, for a passage that is read as it stands."""
    if len(each.readable.pieces) != 1:
        return None
    shift = each.hit.passage.start
    found = each.reading.best(low - shift, high - shift)
    return (found[0] + shift, found[1] + shift, found[2]) if found else None


def quote_around(hit: Hit, answer: Span) -> Span:
    """The sentences around an answer, or its row; of a very long one the clauses around the answer."""
    passage = hit.passage
    if passage.context.cells:
        return passage.start, passage.end
    touched = [
        (low, high)
        for low, high in _sentences_of(hit)
        if low < answer[1] and answer[0] < high
    ]
    if not touched:
        return answer
    start, end = touched[0][0], touched[-1][1]
    longest = longest_quote(hit.document.text[start:end])
    return (
        (start, end)
        if end - start <= longest
        else _clauses_around(hit, (start, end), answer, longest)
    )


def _window(text: str, clause: Span, answer: Span, longest: int) -> Span:
    """What stands around an answer in a text without any marks: two thirds before it, cut between words."""
    spare = max(0, longest - (answer[1] - answer[0]))
    start = max(clause[0], answer[0] - spare * 2 // 3)
    end = min(clause[1], answer[1] + spare // 3)
    for word in words(text[start : end + 1]):
        if start + word.start < end < start + word.end and end < clause[1]:
            end = start + word.start
    return stripped(text, start, end)


def with_evidence(each: _Read, quote: Span, asked: frozenset[str]) -> Span:
    """The quote, and the sentence beside it that says what the question names, when the quote does not.

    Who holds a certificate is named where a life begins: ``某甲，1979年出生。……。持有测绘师证书。``
    A sentence joins that meets two terms of the question more than the quote and the path above it do.
    """
    if each.hit.passage.context.cells:
        return quote
    text = each.hit.document.text
    known = frozenset(terms(f"{each.readable.context}\n{text[slice(*quote)]}"))
    missing = asked - known
    if len(missing) < EVIDENCE_TERMS:
        return quote
    best, most = quote, EVIDENCE_TERMS - 1
    for low, high in _sentences_of(each.hit):
        met = len(missing & frozenset(terms(text[low:high])))
        whole = min(low, quote[0]), max(high, quote[1])
        if met > most and whole[1] - whole[0] <= longest_quote(text[slice(*whole)]):
            best, most = whole, met
    return best


def longest_quote(text: str) -> int:
    """The most characters of a quote in this script."""
    return int(limit_in(text, LONGEST_QUOTE))


def _sentences_of(hit: Hit) -> list[Span]:
    return list(sentences(hit.document.text, hit.passage.start, hit.passage.end))


def _clauses_around(hit: Hit, sentence: Span, answer: Span, longest: int) -> Span:
    """As many whole clauses as fit around the answer, taken in turn before and after it."""
    text = hit.document.text
    breaks = [
        sentence[0],
        *(m.end() for m in _CLAUSE_END.finditer(text, *sentence)),
        sentence[1],
    ]
    start = max(at for at in breaks if at <= answer[0])
    end = min(at for at in breaks if at >= answer[1])
    if end - start > longest:
        return _window(text, (start, end), answer, longest)
    before = [at for at in reversed(breaks) if at < start]
    after = [at for at in breaks if at > end]
    while before or after:
        grown = False
        if after and after[0] - start <= longest:
            end, grown = after.pop(0), True
        if before and end - before[0] <= longest:
            start, grown = before.pop(0), True
        if not grown:
            break
    return stripped(text, start, end)
