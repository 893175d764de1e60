"""Quotes with the exact place they stand, and the two invariants that none of them may break."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from operator import itemgetter

from rag.contexts import where
from rag.errors import BrokenCitation
from rag.records import Citation, Copy, Document, MapEntry, Passage, Source, Span
from rag.text.dates import relative_dates


def source_spans(document: Document, start: int, end: int) -> tuple[Span, ...]:
    """Where ``document.text[start:end]`` stands in the source, neighbours merged, in reading order."""
    tiles: list[MapEntry] = []
    # A tile that begins before the span may reach into it; of a long text there are a hundred thousand.
    first = bisect_right(document.map, start, key=itemgetter(0)) - 1
    for low, high, at in islice(document.map, max(first, 0), None):
        if low >= end:
            break
        if start < high:
            tiles.append((max(start, low), min(end, high), at + max(start - low, 0)))
    return merged_spans(tiles)


def merged_spans(tiles: Iterable[MapEntry]) -> tuple[Span, ...]:
    """Where tiles of a map stand in the source, neighbours merged, in reading order."""
    spans: list[Span] = []
    for start, end, at in tiles:
        here = at, at + end - start
        if spans and spans[-1][1] == here[0]:
            here = spans.pop()[0], here[1]
        spans.append(here)
    return tuple(spans)


def cite(
    marker: int,
    document: Document,
    passage: Passage,
    span: Span,
    also_in: tuple[Copy, ...] = (),
) -> Citation:
    """A citation of ``document.text[span]``; see :func:`check` for what must hold of it."""
    start, end = span
    return Citation(
        marker=marker,
        document_id=document.id,
        title=document.title,
        published=document.published,
        passage_id=passage.id,
        quote=document.text[start:end],
        start=start,
        end=end,
        source_name=document.source_name,
        source_sha256=document.source_sha256,
        source_spans=source_spans(document, start, end),
        also_in=also_in,
        dates=relative_dates(document.text, start, end, document.published),
        where=where(passage),
    )


def check(citation: Citation, document: Document, source: Source) -> None:
    """Raise BrokenCitation unless the quote is the document's and the source's very characters."""
    if source.sha256 != citation.source_sha256:
        raise BrokenCitation(f"{_where(citation)}: the source is another")
    check_printed(
        citation,
        document,
        [source.text[start:end] for start, end in citation.source_spans],
    )


def check_printed(
    citation: Citation, document: Document, printed: Sequence[str]
) -> None:
    """As :func:`check`, with the source's characters at ``source_spans`` at hand and not its whole text."""
    if (
        not citation.quote
        or document.text[citation.start : citation.end] != citation.quote
    ):
        raise BrokenCitation(
            f"{_where(citation)}: the quote is not the document's text there"
        )
    if _unspaced("".join(printed)) != _unspaced(citation.quote):
        spans = citation.source_spans
        raise BrokenCitation(
            f"{_where(citation)}: the quote is not the source's text at {spans}"
        )


def _where(citation: Citation) -> str:
    return f"citation {citation.marker} of document {citation.document_id} [{citation.start}, {citation.end})"


def copies_of(document: Document, start: int, end: int) -> tuple[Copy, ...]:
    """The other places of the same source where ``[start, end)`` is printed again.

    Of a copy as long as what it repeats, just the characters that repeat the stretch; of one that differs in
    length, the whole.
    """
    return tuple(
        _narrowed(document, copy, low, high, start, end)
        for (low, high), copy in document.copies
        if low <= start and end <= high
    )


def _narrowed(
    document: Document, copy: Copy, low: int, high: int, start: int, end: int
) -> Copy:
    """The part of a copy that repeats ``[start, end)`` of the ``[low, high)`` that it repeats in all.

    Characters of the source are counted. Of 100 at [0, 60) and [80, 120), 30 before the stretch and 40 in it
    are [30, 60) and [80, 90).
    """
    repeated = _length(source_spans(document, low, high))
    if repeated != _length(copy.spans):
        return copy
    first = _length(source_spans(document, low, start))
    last = first + _length(source_spans(document, start, end))
    spans: list[Span] = []
    passed = 0
    for span_start, span_end in copy.spans:
        begins = max(span_start, span_start + first - passed)
        ends = min(span_end, span_start + last - passed)
        if begins < ends:
            spans.append((begins, ends))
        passed += span_end - span_start
    return replace(copy, spans=tuple(spans))


def _length(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)


def same_letters(one: str, other: str) -> bool:
    """Whether two texts are the same, white space aside."""
    return _unspaced(one) == _unspaced(other)


def _unspaced(text: str) -> str:
    return "".join(text.split())
