"""A page as it was read: the source's text in the source's order, each block with what it was taken for.

    view = page_view(source, documents)          documents: all that were read off this source

``chuchu documents show ID --page`` prints it (``rag.cli.page``) or gives it as JSON.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, pairwise
from typing import Any, Literal, Self

from rag.passages import paragraphs
from rag.records import BlockKind, Document, Join, Source, Span, Variant

Taken = Literal[BlockKind, "copy"]

AROUND = 4
"""Characters to either side that say where in a text something stands."""
_ASIDE = ("caption", "credit")
"""Blocks that stand beside the text, in no order with it."""


@dataclass(frozen=True, slots=True)
class Link:
    """From a block to the one before or after it in reading order, by its number on the page.

    ``join`` is set where a sentence that the page cut goes on; elsewhere only the order says so.
    """

    block: int
    join: Join | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """How a copy reads otherwise: ``here`` where the document has ``there``, in the words ``around`` that.

    Either is empty where the other has words more.
    """

    there: str
    here: str
    around: str

    @classmethod
    def of(cls, document: Document, variant: Variant) -> Self:
        """What a variant says of its document's text; ``around`` has more characters of the same line."""
        start, end = variant.span
        before = document.text[max(start - AROUND, 0) : start].rpartition("\n")[2]
        after = document.text[end : end + AROUND].partition("\n")[0]
        there = document.text[start:end]
        return cls(there, variant.text, f"{before}{there}{after}")


@dataclass(frozen=True, slots=True)
class PageBlock:
    """A stretch of the source: ``source.text[span] == text``. ``number`` counts from 1 down the page.

    ``document_id`` and ``kind`` are None for text that no document took. ``goes_on`` and ``comes_from`` are
    None where the next block on the page is the next to read. ``cut``: words after it are not on the page. A
    copy names the block it repeats, and how it reads differently.
    """

    number: int
    span: Span
    text: str
    document_id: int | None = None
    kind: Taken | None = None
    confidence: float = 1.0
    comes_from: Link | None = None
    goes_on: Link | None = None
    cut: bool = False
    copy_of: int | None = None
    differs: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class PageView:
    """A source and all that was read off it."""

    source: Source
    documents: tuple[Document, ...]
    blocks: tuple[PageBlock, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data; documents without their texts, as the blocks hold them."""
        return {
            "source": {
                "name": self.source.name,
                "sha256": self.source.sha256,
                "text": self.source.text,
            },
            "documents": [
                {
                    "id": document.id,
                    "title": document.title,
                    "published": document.published,
                    "confidence": document.layout.confidence,
                }
                for document in self.documents
            ],
            "blocks": [asdict(block) for block in self.blocks],
        }


@dataclass(slots=True)
class _Piece:
    """A contiguous stretch of the source and where in a document's text it went."""

    start: int
    end: int
    document: Document
    kind: Taken
    confidence: float = 1.0
    text: Span = (0, 0)
    number: int = field(default=0, compare=False)


def page_view(source: Source, documents: Sequence[Document]) -> PageView:
    """What became of every character of a source that is not white space.

    Args:
        documents: all that were read off the source. Where two claim the same characters, the first has them.
    """
    in_text: dict[int, list[_Piece]] = {}
    aside: list[_Piece] = []
    for document in documents:
        in_text[document.id] = list(_pieces_of(source.text, document))
        aside += _aside(source, document)
    claimed = [*chain.from_iterable(in_text.values()), *aside]
    pieces = _without_overlaps(source.text, claimed)
    blocks = {block.number: block for block in _numbered(source.text, pieces)}
    # What another document has taken bears no number.
    copies = [piece for piece in aside if piece.number]
    for document in documents:
        mine = [piece for piece in in_text[document.id] if piece.number]
        _link(blocks, document, [piece for piece in mine if piece.kind not in _ASIDE])
        _mark_copies(blocks, document, mine, copies)
    return PageView(source, tuple(documents), tuple(blocks.values()))


def _pieces_of(source_text: str, document: Document) -> Iterator[_Piece]:
    """The pieces of a document's text in reading order."""
    starts = [start for start, _, _ in document.map]
    joins = {join.at for join in document.layout.joins}
    for kind, span, confidence, places in _blocks(document):
        pieces: list[_Piece] = []
        for start, end, at in document.map[max(bisect_right(starts, span[0]) - 1, 0) :]:
            if start >= span[1]:
                break
            low, high = max(start, span[0]), min(end, span[1])
            if low >= high:
                continue
            first, end_of_piece = at + low - start, at + high - start
            text = (low, high)
            last = pieces[-1] if pieces else None
            if last and low not in joins and _only_blank(source_text, last.end, first):
                # A line that the page wrapped.
                last.end = end_of_piece
                last.text = (last.text[0], high)
            else:
                pieces.append(
                    _Piece(first, end_of_piece, document, kind, confidence, text)
                )
        if not pieces:
            for first, end_of_piece in places:
                pieces.append(
                    _Piece(first, end_of_piece, document, kind, confidence, span)
                )
        yield from pieces


def _blocks(
    document: Document,
) -> Iterator[tuple[BlockKind, Span, float, tuple[Span, ...]]]:
    """``(kind, span, confidence, source spans)``; the paragraphs of a document that came in order."""
    for block in document.layout.blocks:
        yield block.kind, block.span, block.confidence, block.source_spans
    if not document.layout.blocks:
        for span in paragraphs(document.text):
            yield "body", span, 1.0, ()


def _aside(source: Source, document: Document) -> Iterator[_Piece]:
    """What belongs to a document and is not in its text: captions with their credits, and copies."""
    in_text: set[Span] = set()
    for block in document.layout.blocks:
        in_text.update(block.source_spans)
    for caption in document.layout.captions:
        spans = [span for span in caption.source_spans if span not in in_text]
        for start, end in _merged(source.text, spans):
            yield _Piece(start, end, document, "caption")
    for span, copy in document.copies:
        if copy.source_sha256 == source.sha256:
            for start, end in _merged(source.text, copy.spans):
                yield _Piece(start, end, document, "copy", text=span)


def _merged(text: str, spans: Sequence[Span]) -> list[Span]:
    """The spans of a paragraph's lines become one."""
    found: list[Span] = []
    for start, end in spans:
        between = text[found[-1][1] : start] if found and found[-1][1] <= start else "?"
        if not between.strip() and between.count("\n") < 2:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _without_overlaps(source_text: str, pieces: list[_Piece]) -> list[_Piece]:
    """In the page's order, each trimmed to what none before it has; what is left of none is dropped."""
    kept: list[_Piece] = []
    reached = 0
    for piece in sorted(pieces, key=lambda each: each.start):
        piece.start = max(piece.start, reached)
        while piece.start < piece.end and source_text[piece.start].isspace():
            piece.start += 1
        while piece.end > piece.start and source_text[piece.end - 1].isspace():
            piece.end -= 1
        if piece.start < piece.end:
            kept.append(piece)
            reached = piece.end
    return kept


def _numbered(source_text: str, pieces: Sequence[_Piece]) -> Iterator[PageBlock]:
    """All blocks of the page, those between the pieces that nobody took among them."""
    number, reached = 1, 0
    for piece in pieces:
        for span in _paragraphs(source_text, reached, piece.start):
            yield PageBlock(number, span, source_text[slice(*span)])
            number += 1
        piece.number = number
        text = source_text[piece.start : piece.end]
        yield PageBlock(
            number,
            (piece.start, piece.end),
            text,
            piece.document.id,
            piece.kind,
            piece.confidence,
        )
        number += 1
        reached = piece.end
    for span in _paragraphs(source_text, reached, len(source_text)):
        yield PageBlock(number, span, source_text[slice(*span)])
        number += 1


def _link(
    blocks: dict[int, PageBlock], document: Document, pieces: Sequence[_Piece]
) -> None:
    """Mark where each piece goes on, comes from, and breaks off."""
    joins, cuts = document.layout.joins, document.layout.cuts
    for one, other in pairwise(pieces):
        between = [each for each in joins if one.text[1] <= each.at <= other.text[0]]
        join = between[0] if between else None
        if join or other.number != one.number + 1:
            onwards = Link(other.number, join)
            blocks[one.number] = replace(blocks[one.number], goes_on=onwards)
            back = Link(one.number, join)
            blocks[other.number] = replace(blocks[other.number], comes_from=back)
    for piece in pieces:
        if any(piece.text[0] < cut <= piece.text[1] for cut in cuts):
            blocks[piece.number] = replace(blocks[piece.number], cut=True)


def _mark_copies(
    blocks: dict[int, PageBlock],
    document: Document,
    in_text: Sequence[_Piece],
    aside: Sequence[_Piece],
) -> None:
    for copy in aside:
        if copy.kind != "copy" or copy.document is not document:
            continue
        first = next((each for each in in_text if each.text[1] > copy.text[0]), None)
        differs: list[Difference] = []
        for variant in document.layout.variants:
            if _lies_in(copy, variant.source_spans):
                differs.append(Difference.of(document, variant))
        blocks[copy.number] = replace(
            blocks[copy.number],
            copy_of=first.number if first else None,
            differs=tuple(differs),
        )


def _lies_in(piece: _Piece, spans: Sequence[Span]) -> bool:
    return any(piece.start <= start and end <= piece.end for start, end in spans)


def _paragraphs(text: str, start: int, end: int) -> list[Span]:
    return [(start + low, start + high) for low, high in paragraphs(text[start:end])]


def _only_blank(text: str, start: int, end: int) -> bool:
    """Whether nothing but white space lies between, and it comes in this order."""
    return start <= end and not text[start:end].strip()
