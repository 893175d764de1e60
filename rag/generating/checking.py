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
from rag.answering.reading import Reader, ReaderResult
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


Quotes = tuple[Quote, ...]
"""What bears one claim out together."""


class Bearing(Protocol):
    """Says whether what a claim rests on has to do with the question."""

    def __call__(self, claim: str, quotes: Sequence[Quote]) -> bool: ...


class OnTheQuestion:
    """A claim bears on the question when the reader finds that its quote, or it itself, may answer.

    The reader follows no orders, so no document can have the model say what was not asked.
    """

    def __init__(self, reader: Reader, reading: ReaderResult, least: float) -> None:
        self._reader, self._question = reader, reading.asking.text
        self._least = least - BEARING_MARGIN
        self._spans: list[tuple[int, Span]] = []
        for choice in reading.choices:
            if choice.score >= self._least:
                self._spans.append((choice.hit.document.id, choice.span))

    def __call__(self, claim: str, quotes: Sequence[Quote]) -> bool:
        if any(self._overlaps(quote) for quote in quotes):
            return True
        read = self._reader.read(self._question, [_as_hit(claim)])
        return any(choice.score >= self._least for choice in read.choices)

    def _overlaps(self, quote: Quote) -> bool:
        start, end = quote.span
        for document_id, (low, high) in self._spans:
            if document_id == quote.hit.document.id and low < end and start < high:
                return True
        return False


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

    def quotes_for(self, sentence: CitedSentence) -> Quotes:
        """The fewest characters that bear a sentence out; empty when nothing that it cites does."""
        for attempts in self._attempts(sentence.passages):
            quotes = self._best(sentence.text, attempts)
            if quotes:
                return quotes if self._bearing(sentence.text, quotes) else ()
        return ()

    def _best(self, claim: str, attempts: Sequence[Quotes]) -> Quotes:
        """Of these alternatives the one that most surely bears a claim out; empty when none does."""
        statements = [_statement(claim, quotes) for quotes in attempts]
        best: Quotes = ()
        highest = -1.0
        for quotes, checked in zip(
            attempts, self._supports.check(statements), strict=True
        ):
            # Of equals the last, as ever: 0.91 and 0.91 take the second.
            if checked.verdict == "supported" and checked.probability >= highest:
                best = quotes
                highest = checked.probability
        return best

    def _attempts(self, passages: Sequence[int]) -> list[list[Quotes]]:
        """What may bear a claim out, the smallest first: alternatives that are weighed against each other."""
        of_passages = [self._quotes(number) for number in passages]
        alone: list[Quotes] = []
        together: list[Quotes] = []
        for quotes in of_passages:
            alone += ((quote,) for quote in quotes)
            together += ((quote,) for quote in _neighbours(quotes))
        across: list[Quotes] = []
        if len(of_passages) > 1:
            # Two passages of three sentences each: nine pairs.
            firsts = [quotes[:MOST_TOGETHER] for quotes in of_passages]
            across = list(product(*firsts))
        return [attempts for attempts in (alone, together, across) if attempts]

    def _quotes(self, number: int) -> list[Quote]:
        """The sentences of a passage that may be cited, its row as one."""
        if number not in self._kept:
            self._kept[number] = _citable(self._hits[number - 1])
        return self._kept[number]


def _citable(hit: Hit) -> list[Quote]:
    passage = hit.passage
    if passage.context.cells:
        spans = [(passage.start, passage.end)]
    else:
        spans = list(sentences(hit.document.text, passage.start, passage.end))
    quotes = [Quote(hit, span) for span in spans]
    return [quote for quote in quotes if not gives_orders(quote.text)]


def _neighbours(quotes: Sequence[Quote]) -> list[Quote]:
    """Two and three sentences in a row, nothing between them but white space."""
    joined: list[Quote] = []
    for count in range(2, MOST_NEIGHBOURS + 1):
        for at in range(len(quotes) - count + 1):
            row = quotes[at : at + count]
            whole = Quote(row[0].hit, (row[0].span[0], row[-1].span[1]))
            length = len(whole.text)
            # Where a sentence that gives orders was left out, the gap is more than white space.
            gaps = length - sum(len(quote.text) for quote in row)
            blanks = sum(char.isspace() for char in whole.text)
            if length <= MOST_QUOTE_CHARS and gaps <= blanks:
                joined.append(whole)
    return joined


def _statement(claim: str, quotes: Sequence[Quote]) -> Statement:
    said = "\n".join(_with_heads(quote) for quote in quotes)
    contexts = dict.fromkeys(_context(quote) for quote in quotes)
    return Statement(claim, said, "\n".join(contexts))


def _with_heads(quote: Quote) -> str:
    """The quote; a row with the heads of its cells, as ``型号：甲；重量：2 kg``."""
    passage = quote.hit.passage
    if passage.context.cells and quote.span == (passage.start, passage.end):
        return readable(quote.hit.document.title, passage).text
    return quote.text


def _context(quote: Quote) -> str:
    """What stands above the quote, and what its relative dates mean: ``去年 = 2023``."""
    document = quote.hit.document
    lines = [path_to(document.title, quote.hit.passage.context)]
    for date in relative_dates(document.text, *quote.span, document.published):
        lines.append(f"{date.text} = {date.means}")
    return "\n".join(lines)


def _as_hit(claim: str) -> Hit:
    """The claim as a passage of its own, for a reader to say whether it answers."""
    passage = Passage(0, 0, 0, len(claim), claim)
    return Hit(passage, replace(_NO_DOCUMENT, text=claim), 0.0)


_NO_DOCUMENT = Document(0, "", "", "", "", ())
