"""Which characters are quoted around an answer: its sentences or its row, cut where they are very long.

quote_around(hit, answer)                        the sentence that holds the answer
with_evidence(hit, quote, asked, context)        and the one beside it that names who or what was asked after
"""

from __future__ import annotations

import re

from models.language.sentences import sentences
from models.language.words import words
from rag.indexes.terms import terms
from rag.records import Hit, Span
from rag.text.spans import stripped
from rag.text.widths import limit_in

LONGEST_QUOTE = 200
"""Characters of a quote (Latin: 2.5 times as many) beyond which only clauses around the answer are kept."""
EVIDENCE_TERMS = 2
"""Terms of the question that a sentence must meet beyond the quote to be quoted with it."""
# The comma of 1,200 ends no clause: a quote that began behind it would say 200.
_CLAUSE_END = re.compile(r"[，；;、。！？!?]|,(?!\d)|\s")
_LONGEST_WORD = 32
"""Characters beside a window in which the word that it cuts begins or ends."""


def quote_around(hit: Hit, answer: Span) -> Span:
    """The sentences around an answer, or its row; of a very long one the clauses around the answer."""
    passage = hit.passage
    if passage.context.cells:
        return passage.start, passage.end
    touched: list[Span] = []
    for low, high in sentences_of(hit):
        if low < answer[1] and answer[0] < high:
            touched.append((low, high))
    if not touched:
        return answer
    start = touched[0][0]
    end = touched[-1][1]
    longest = longest_quote(hit.document.text[start:end])
    if end - start <= longest:
        return start, end
    return _clauses_around(hit, (start, end), answer, longest)


def with_evidence(hit: Hit, quote: Span, asked: frozenset[str], context: str) -> Span:
    """The quote, and the sentence beside it that says what the question names, when the quote does not.

    Who holds a certificate is named where a life begins: ``某甲，1979年出生。……。持有测绘师证书。``
    A sentence joins that meets two terms of the question more than the quote and the path above it do, all
    between them with it; of several the one that meets most, of equals the first.

    Args:
        asked: the terms of the question.
        context: the path above the passage.
    """
    if hit.passage.context.cells:
        return quote
    text = hit.document.text
    known = frozenset(terms(f"{context}\n{text[slice(*quote)]}"))
    missing = asked - known
    if len(missing) < EVIDENCE_TERMS:
        return quote
    best = quote
    most_met = EVIDENCE_TERMS - 1
    for low, high in sentences_of(hit):
        met = len(missing.intersection(terms(text[low:high])))
        if met <= most_met:
            continue
        start = min(low, quote[0])
        end = max(high, quote[1])
        if end - start <= longest_quote(text[start:end]):
            best = start, end
            most_met = met
    return best


def longest_quote(text: str) -> int:
    """The most characters of a quote in this script: 200 in Chinese, 500 in English."""
    return int(limit_in(text, LONGEST_QUOTE))


def sentences_of(hit: Hit) -> list[Span]:
    """The sentences of a passage, in its document's offsets."""
    return list(sentences(hit.document.text, hit.passage.start, hit.passage.end))


def _clauses_around(hit: Hit, sentence: Span, answer: Span, longest: int) -> Span:
    """As many whole clauses as fit around the answer, taken in turn before and after it."""
    text = hit.document.text
    ends = [match.end() for match in _CLAUSE_END.finditer(text, *sentence)]
    breaks = [sentence[0], *ends, sentence[1]]
    start = max(at for at in breaks if at <= answer[0])
    end = min(at for at in breaks if at >= answer[1])
    if end - start > longest:
        return _window(text, (start, end), answer, longest)
    # Nearest first on both sides.
    before = [at for at in reversed(breaks) if at < start]
    after = [at for at in breaks if at > end]
    grows = True
    while grows:
        grows = False
        if after and after[0] - start <= longest:
            end = after.pop(0)
            grows = True
        if before and end - before[0] <= longest:
            start = before.pop(0)
            grows = True
    return stripped(text, start, end)


def _window(text: str, clause: Span, answer: Span, longest: int) -> Span:
    """What stands around an answer in a text without any marks: two thirds before it, cut between words."""
    spare = max(0, longest - (answer[1] - answer[0]))
    start = max(clause[0], answer[0] - spare * 2 // 3)
    end = min(clause[1], answer[1] + spare // 3)
    # A word that the window cuts is left out, and one that the answer cuts stays cut.
    looked_from = max(clause[0], start - _LONGEST_WORD)
    looked_to = min(clause[1], end + _LONGEST_WORD)
    for word in words(text[looked_from:looked_to]):
        word_start = looked_from + word.start
        word_end = looked_from + word.end
        if word_start < start < word_end <= answer[0]:
            start = word_end
        if answer[1] <= word_start < end < word_end:
            end = word_start
    return stripped(text, start, end)
