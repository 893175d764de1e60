"""Is a sentence that a model wrote borne out by the passages that it cites, and by which characters?

    quotes = SentenceChecker(support, bearing).quotes_for(sentence, hits)
    quotes                        # (Quote(hit, (120, 138)),), or () when the sentence is to be struck out

The sentence is checked against one sentence of a passage, then against neighbours together, then, when it
cites several passages, against one sentence of each: the fewest characters that bear it out are its citation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Protocol

from models.language.sentences import sentences
from rag.answering.reading import Reader, Reading
from rag.answering.supporting import Statement, Supports
from rag.contexts import path_to, readable
from rag.generating.instructions import gives_orders
from rag.generating.markers import CitedSentence
from rag.records import Document, Hit, Passage, Span
from rag.text.dates import relative_dates

MOST_NEIGHBOURS = 3
"""Sentences in a row that may bear out one claim together."""
MOST_TOGETHER = 3
"""Sentences of each of several cited passages that are tried together."""
MOST_QUOTE_CHARS = 600
BEARING_MARGIN = 3.0
"""How far below the threshold of an answer, in log-odds, a quote may stand and still bear on the question.

At a threshold of -0.5 a stretch of -3.4 (a chance of 3 in 100) may be worded, one of -3.6 not."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The characters ``span`` of a hit's document."""

    hit: Hit
    span: Span

    @property
    def text(self) -> str:
        return self.hit.document.text[slice(*self.span)]


class Bearing(Protocol):
    """Says whether what a claim rests on has to do with the question."""

    def __call__(self, claim: str, quotes: Sequence[Quote]) -> bool: ...


class OnTheQuestion:
    """A claim bears on the question when the reader finds that its quote, or it itself, may answer.

    The reader follows no orders, so no document can have the model say what was not asked.
    """

    def __init__(self, reader: Reader, reading: Reading, least: float) -> None:
        self._reader, self._question = reader, reading.asking.text
        self._least = least - BEARING_MARGIN
        near = [choice for choice in reading.choices if choice.score >= self._least]
        self._spans = [(choice.hit.document.id, choice.span) for choice in near]

    def __call__(self, claim: str, quotes: Sequence[Quote]) -> bool:
        if any(self._overlaps(quote) for quote in quotes):
            return True
        read = self._reader.read(self._question, [_as_hit(claim)])
        return any(choice.score >= self._least for choice in read.choices)

    def _overlaps(self, quote: Quote) -> bool:
        start, end = quote.span
        return any(
            id_ == quote.hit.document.id and low < end and start < high
            for id_, (low, high) in self._spans
        )


def about_the_document(claim: str, quotes: Sequence[Quote]) -> bool:
    """An overview may say anything that the document says."""
    del claim, quotes
    return True


class SentenceChecker:
    """Finds the quotes of sentences; every sentence of the passages is read once."""

    def __init__(
        self, supports: Supports, hits: Sequence[Hit], bearing: Bearing
    ) -> None:
        self._supports, self._hits, self._bearing = supports, hits, bearing
        self._kept: dict[int, list[Quote]] = {}

    def quotes_for(self, sentence: CitedSentence) -> tuple[Quote, ...]:
        """The fewest characters that bear a sentence out; empty when nothing that it cites does."""
        for tried in self._attempts(sentence.passages):
            chances = self._supports.check(
                [_statement(sentence.text, quotes) for quotes in tried]
            )
            found = [
                (checked.probability, at)
                for at, checked in enumerate(chances)
                if checked.verdict == "supported"
            ]
            if found:
                quotes = tried[max(found)[1]]
                return quotes if self._bearing(sentence.text, quotes) else ()
        return ()

    def _attempts(self, passages: Sequence[int]) -> list[list[tuple[Quote, ...]]]:
        """What may bear a claim out, the smallest first: alternatives that are weighed against each other."""
        single = [self._quotes(number) for number in passages]
        alone: list[tuple[Quote, ...]] = [
            (quote,) for quotes in single for quote in quotes
        ]
        together: list[tuple[Quote, ...]] = [
            (quote,) for quotes in single for quote in _neighbours(quotes)
        ]
        across: list[tuple[Quote, ...]] = []
        if len(single) > 1:
            across = [
                tuple(each)
                for each in product(*(quotes[:MOST_TOGETHER] for quotes in single))
            ]
        return [attempt for attempt in (alone, together, across) if attempt]

    def _quotes(self, number: int) -> list[Quote]:
        """The sentences of a passage that may be cited, its row as one."""
        if number not in self._kept:
            self._kept[number] = _citable(self._hits[number - 1])
        return self._kept[number]


def _citable(hit: Hit) -> list[Quote]:
    passage, text = hit.passage, hit.document.text
    if passage.context.cells:
        spans = [(passage.start, passage.end)]
    else:
        spans = list(sentences(text, passage.start, passage.end))
    return [Quote(hit, span) for span in spans if not gives_orders(text[slice(*span)])]


def _neighbours(quotes: Sequence[Quote]) -> list[Quote]:
    """Two and three sentences in a row, nothing between them but white space."""
    found: list[Quote] = []
    for count in range(2, MOST_NEIGHBOURS + 1):
        for at in range(len(quotes) - count + 1):
            some = quotes[at : at + count]
            start, end = some[0].span[0], some[-1].span[1]
            between = sum(quote.span[1] - quote.span[0] for quote in some)
            text = some[0].text if count == 1 else some[0].hit.document.text[start:end]
            gaps = end - start - between
            if end - start <= MOST_QUOTE_CHARS and gaps <= sum(map(str.isspace, text)):
                found.append(Quote(some[0].hit, (start, end)))
    return found


def _statement(claim: str, quotes: Sequence[Quote]) -> Statement:
    said = "\n".join(_as_read(quote) for quote in quotes)
    contexts = dict.fromkeys(_context(quote) for quote in quotes)
    return Statement(claim, said, "\n".join(contexts))


def _as_read(quote: Quote) -> str:
    """The quote; a row with the heads of its cells, as ``型号：甲；重量：2 kg``."""
    passage = quote.hit.passage
    if passage.context.cells and quote.span == (passage.start, passage.end):
        return readable(quote.hit.document.title, passage).text
    return quote.text


def _context(quote: Quote) -> str:
    """What stands above the quote, and what its relative dates mean: ``去年 = 2023``."""
    document = quote.hit.document
    above = path_to(document.title, quote.hit.passage.context)
    dates = relative_dates(document.text, *quote.span, document.published)
    return "\n".join([above, *(f"{date.text} = {date.means}" for date in dates)])


def _as_hit(claim: str) -> Hit:
    """The claim as a passage of its own, for a reader to say whether it answers."""
    passage = Passage(0, 0, 0, len(claim), claim)
    return Hit(passage, replace(_NO_DOCUMENT, text=claim), 0.0)


_NO_DOCUMENT = Document(0, "", "", "", "", ())
