"""The trunk's reader over hits: it ranks passages, says whether they answer, and where.

encoder = CrossEncoder(PassageReader.load())
encoder.rank("质保多久？", hits)         log-odds that each answers, for the retriever
encoder.read("质保多久？", hits)         which stretches answer, for the answer: nothing is computed twice

Nearly all the time of a question is spent here, so hits are read in rounds (``rag.answering.rounds``).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from models.kept import size_of
from models.language.facts import facts
from models.language.questions import Asking
from models.language.words import fold, words
from models.reader import ContextAndText, PassageReader, PassageReading
from models.support import Statement
from rag.answering.articles import ARTICLE
from rag.answering.reading import Choice, ReaderResult
from rag.answering.rounds import is_clear, is_twin, rounds_of
from rag.answering.stretches import Query, ReadHit, query_of, stretches_of
from rag.answering.yes_no import statement_of
from rag.contexts import Readable, readable
from rag.indexes.terms import terms
from rag.records import Hit

KEPT_READINGS = 512
"""Passages with a question, of which some twenty are read a question: ranking and reading share them."""
BYTES_OF_READINGS = 32_000_000
HEADLINE = 2.0
"""Log-odds that a headline loses: of 3.0 it keeps 1.0, and the sentence that says it in full goes before it."""
NAMED_ARTICLE = 3.0
"""Log-odds for a passage under the article that is asked after, and against one under another: 6 between them."""
LABEL_CHARS = 12
"""Of a passage's own text, in which its article's number may stand: ``第一百二十三条　``."""


class CrossEncoder:
    """Methods may be called from any thread; the network takes one round of one question at a time."""

    def __init__(self, reader: PassageReader) -> None:
        self._reader = reader
        self._computing = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], PassageReading] = OrderedDict()
        self._kept_bytes = 0

    def rank(
        self, question: str, hits: Sequence[Hit], *, thorough: bool = True
    ) -> np.ndarray:
        """Log-odds that each passage answers, float32, ``(len(hits),)``.

        Args:
            thorough: read all of them; else in rounds until the answer is clear, and what is left is NaN.
        """
        query = query_of(question)
        read_hits = self._read_hits(query, hits, thorough=thorough)
        odds = np.full(len(hits), np.nan, np.float32)
        for number, each in read_hits.items():
            odds[number] = each.score
        return odds

    def read(self, question: str, hits: Sequence[Hit]) -> ReaderResult:
        """Every stretch worth weighing, best first. What ``rank`` left unread is read where it is needed."""
        query = query_of(question)
        read_hits = self._read_hits(query, hits)
        choices: list[Choice] = []
        # In the order of the hits, so that of two equally likely stretches the retriever's first stays first.
        for _, each in sorted(read_hits.items()):
            relevance = _share_met(query.terms, each.readable)
            for span, short, score in stretches_of(each, query):
                choices.append(Choice(each.hit, span, score, relevance, short))
        choices.sort(key=lambda choice: -choice.score)
        polarity = partial(self._polarity, query.asking, choices[:1])
        return ReaderResult(query.asking, tuple(choices), polarity)

    def _polarity(self, asking: Asking, best: Sequence[Choice]) -> float:
        """How much likelier the best quote bears out what is asked than the contrary, -1 to 1."""
        if asking.asked != "yes_no" or not best:
            return 0.0
        hit = best[0].hit
        context = readable(hit.document.title, hit.passage).context
        claim = statement_of(asking.text)
        chances = self.judge([Statement(claim, best[0].text, context)])
        supported, contradicted, _ = chances[0]
        return float(supported - contradicted)

    def judge(self, statements: Sequence[Statement]) -> np.ndarray:
        """Probabilities that each claim is supported, contradicted, not said; ``(len(statements), 3)``."""
        with self._computing:
            return self._reader.judge(statements)

    def forget(self) -> None:
        """Drop what is kept of texts, after a document was deleted."""
        with self._computing:
            self._kept.clear()
            self._kept_bytes = 0
        query_of.cache_clear()
        for each in (fold, words, facts):
            each.cache_clear()

    def _read_hits(
        self, query: Query, hits: Sequence[Hit], *, thorough: bool = False
    ) -> dict[int, ReadHit]:
        """What was read, by its number among the hits; all of them only if that is needed, or ``thorough``."""
        question = query.asking.text
        pile = _Pile(query, hits)
        if thorough:
            pile.add(self._readings(question, pile.unread()))
            return pile.read
        for texts in pile.rounds():
            pile.add(self._readings(question, texts))
            # A twin may turn out likelier than what it repeats, and has twins of its own then.
            twins = pile.twins_of_best()
            while twins:
                pile.add(self._readings(question, twins))
                twins = pile.twins_of_best()
            if pile.is_clear():
                break
        return pile.read

    def _readings(
        self, question: str, texts: Sequence[ContextAndText]
    ) -> dict[ContextAndText, PassageReading]:
        """What the network makes of these; what it made of them before is kept for a while."""
        with self._computing:
            new = [text for text in texts if (question, *text) not in self._kept]
            made = self._reader.read(question, new)
            for text, reading in zip(new, made, strict=True):
                key = question, *text
                self._kept[key] = reading
                self._kept_bytes += size_of((key, reading))
            # Before any goes: those asked for now may be more than are kept.
            readings = {text: self._kept[question, *text] for text in texts}
            while self._keeps_too_much():
                oldest = self._kept.popitem(last=False)
                self._kept_bytes -= size_of(oldest)
        return readings

    def _keeps_too_much(self) -> bool:
        if len(self._kept) > KEPT_READINGS:
            return True
        return self._kept_bytes > BYTES_OF_READINGS


class _Pile:
    """The hits of one question: what has been read of them, and what is worth reading next.

    Hits that read the same, context and all, are one text, which is read once for all of them.
    """

    def __init__(self, query: Query, hits: Sequence[Hit]) -> None:
        self._query = query
        self._hits = hits
        self._readables = [_as_read(hit) for hit in hits]
        self._numbers: dict[ContextAndText, list[int]] = {}
        for number, each in enumerate(self._readables):
            self._numbers.setdefault((each.context, each.text), []).append(number)
        self.read: dict[int, ReadHit] = {}

    def unread(self) -> list[ContextAndText]:
        """The texts that are left, in the order of their first hits."""
        texts: list[ContextAndText] = []
        for text, numbers in self._numbers.items():
            # A text is read for all of its hits at once: the first stands for them.
            if numbers[0] not in self.read:
                texts.append(text)
        return texts

    def rounds(self) -> Iterator[list[ContextAndText]]:
        """What the retriever had read already, then what is left, the likeliest first."""
        ranked: list[ContextAndText] = []
        for text, numbers in self._numbers.items():
            if any("rerank" in self._hits[number].scores for number in numbers):
                ranked.append(text)
        if ranked:
            yield ranked
        left = self.unread()
        for numbers_left in rounds_of(len(left)):
            yield [left[at] for at in numbers_left]

    def add(self, readings: Mapping[ContextAndText, PassageReading]) -> None:
        """Take up what was made of some of the texts."""
        for text, reading in readings.items():
            for number in self._numbers[text]:
                hit = self._hits[number]
                as_read = self._readables[number]
                score = _score(self._query, hit, as_read, reading)
                self.read[number] = ReadHit(hit, as_read, reading, score)

    def twins_of_best(self) -> list[ContextAndText]:
        """Unread texts that may say what the likeliest answer says: a copy, or another number for the same."""
        best = self._best()
        if best is None or not is_clear(best.score, self._query.asked):
            return []
        stretch = next(stretches_of(best, self._query), None)
        if stretch is None:
            return []
        document = best.hit.document
        quote = document.text[slice(*stretch[0])]
        twins: list[ContextAndText] = []
        for text in self.unread():
            hits = [self._hits[number] for number in self._numbers[text]]
            elsewhere = any(hit.document.id != document.id for hit in hits)
            if is_twin(quote, hits[0].passage.text, elsewhere=elsewhere):
                twins.append(text)
        return twins

    def is_clear(self) -> bool:
        """Whether what has been read answers, whatever the rest says."""
        best = self._best()
        return best is not None and is_clear(best.score, self._query.asked)

    def _best(self) -> ReadHit | None:
        return max(self.read.values(), key=lambda each: each.score, default=None)


def _score(query: Query, hit: Hit, as_read: Readable, reading: PassageReading) -> float:
    """The reader's log-odds, and what it does not see: which article is named, what is only a headline.

    Asked after 第三条, a passage of 第四条 with 2.0 has 2.0 - 3.0 = -1.0, and is no answer.
    """
    named = _under_named_article(as_read, hit, query.labels)
    return reading.log_odds + named - _as_headline(hit)


def _as_read(hit: Hit) -> Readable:
    """The passage with its context. A text that is all title is read once: twice it loses 2 log-odds."""
    as_read = readable(hit.document.title, hit.passage)
    if as_read.context == as_read.text:
        return replace(as_read, context="")
    return as_read


def _under_named_article(as_read: Readable, hit: Hit, labels: frozenset[str]) -> float:
    """Log-odds for a passage under the article that a question names, against those under others.

    ``第三条是什么`` asks for 第三条 and for no other: numbers look alike to a reader of meanings.
    """
    if not labels:
        return 0.0
    above = f"{as_read.context} {hit.passage.text[:LABEL_CHARS]}"
    stands_there = labels & frozenset(ARTICLE.findall(above))
    return NAMED_ARTICLE if stands_there else -NAMED_ARTICLE


def _as_headline(hit: Hit) -> float:
    """Log-odds that a headline loses: it says in short what its article says in full and can be cited for."""
    document = hit.document
    is_headline = hit.passage.text == document.title
    # Of a document that is nothing but its title there is no fuller sentence.
    is_all = document.title == document.text
    return HEADLINE if is_headline and not is_all else 0.0


def _share_met(asked: frozenset[str], text: Readable) -> float:
    """Which share of the question's terms the passage and its context hold, 0 to 1: three of four are .75."""
    if not asked:
        return 0.0
    there = frozenset(terms(f"{text.context}\n{text.text}"))
    return len(asked & there) / len(asked)
