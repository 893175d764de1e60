"""Articles -> a page of blocks, and what is right for it.

page = printed(articles)                    # one article after the other, nothing cut
page = shuffle(cut(page, rng), rng)         # see corruptions.py
gold = gold_of(page, articles, name="page-1")
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, pairwise
from random import Random

from eval.pages.gold import GoldArticle, GoldBlock, GoldJoin, GoldPage
from rag.records import BlockKind, Span

GAP = "〔…〕"
"""Stands in a document's text where the page lacks something."""
BESIDE: frozenset[BlockKind] = frozenset({"caption", "credit"})
"""Kinds that stand beside the text, in no reading order, unless the article is itself a picture's words."""
_SENTENCE_END = re.compile(r"[。！？!?.…][”’」』）)\"]*$")
"""Where a cut falls on the end of a sentence it cannot be seen: the join is right, but not required."""
MAY_BE_LOST = 12
"""With more characters than this missing in a paragraph, its halves need not be known for such."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article as it was written."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """``paragraphs`` in reading order; ``pictures``, each a caption with its credit, stand beside them.

    ``fields`` as ``GoldArticle`` has them. An article of captions and credits alone is a picture's words.
    """

    id: str
    paragraphs: tuple[Paragraph, ...]
    pictures: tuple[tuple[Paragraph, ...], ...] = ()
    fields: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    published_from: str | None = None

    @property
    def is_picture(self) -> bool:
        return all(each.kind in BESIDE for each in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Piece:
    """What the page prints of one paragraph: ``span`` of it, as ``text`` (a copy may differ in a few signs).

    ``paragraph`` counts within the article; those of its pictures have negative numbers. ``whole`` is the
    paragraph's length. ``printing`` is 0 for the first time it is printed, 1 and up for copies.
    """

    article: str
    paragraph: int
    kind: BlockKind
    text: str
    span: Span
    whole: int
    printing: int = 0

    @property
    def in_flow(self) -> bool:
        return self.paragraph >= 0 and self.printing == 0

    @property
    def begins(self) -> bool:
        return self.span[0] == 0

    @property
    def ends(self) -> bool:
        return self.span[1] == self.whole


Fragment = tuple[Piece, ...]
"""Pieces that stand under each other in one column: they move together."""

Page = tuple[Fragment, ...]


def printed(articles: Sequence[Article]) -> Page:
    """One fragment an article, nothing cut, no pictures."""
    fragments = []
    for article in articles:
        pieces = []
        for number, paragraph in enumerate(article.paragraphs):
            pieces.append(_whole(article.id, number, paragraph))
        fragments.append(tuple(pieces))
    return tuple(fragments)


def pictures_of(article: Article) -> Page:
    """One fragment a picture; its paragraphs are numbered -1, -2, … through all pictures."""
    found: list[Fragment] = []
    number = -1
    for picture in article.pictures:
        pieces = []
        for paragraph in picture:
            pieces.append(_whole(article.id, number, paragraph))
            number -= 1
        found.append(tuple(pieces))
    return tuple(found)


def text_of(page: Page, rng: Random | None = None) -> str:
    """The page as text: blocks between blank lines; with ``rng`` a few more blank lines here and there."""
    pieces: list[str] = ["\n" * rng.randint(0, 2)] if rng else []
    for number, fragment in enumerate(page):
        for at, piece in enumerate(fragment):
            if number or at:
                pieces.append("\n\n")
            if rng and rng.random() < 0.04:
                pieces.append("\n" * rng.randint(1, 2))
            pieces.append(piece.text)
    return "".join(pieces)


def gold_of(
    page: Page,
    articles: Sequence[Article],
    *,
    name: str,
    mode: str = "page",
    lang: str = "zh",
    rng: Random | None = None,
) -> GoldPage:
    """What is right for the page as it now stands."""
    text = text_of(page, rng)
    pieces = list(chain.from_iterable(page))
    joins: list[GoldJoin] = []
    cuts: list[int] = []
    golds: list[GoldArticle] = []
    for article in articles:
        if all(piece.article != article.id for piece in pieces):
            continue
        order = _order(article, pieces)
        joins += _joins(pieces, order)
        cuts += _cuts(pieces, order)
        fields = _stated(article, text)
        golds.append(GoldArticle(article.id, order, fields, article.published_from))
    joins += _other_joins(pieces, {(join.first, join.second) for join in joins})
    return GoldPage(
        name=name,
        text=text,
        blocks=tuple(_blocks(text, pieces, articles)),
        articles=tuple(golds),
        joins=tuple(joins),
        cuts=tuple(cuts),
        copies=frozenset(_copies(pieces)),
        mode=mode,
        lang=lang,
    )


def _order(article: Article, pieces: Sequence[Piece]) -> tuple[int, ...]:
    """The reading order of an article's pieces: copies are in none, nor is the credit of a picture's words."""
    order = []
    for number, piece in enumerate(pieces):
        if piece.article != article.id or not piece.in_flow:
            continue
        if article.is_picture and piece.kind == "credit":
            continue
        order.append(number)
    order.sort(key=lambda number: (pieces[number].paragraph, pieces[number].span))
    return tuple(order)


def _blocks(
    text: str, pieces: Sequence[Piece], articles: Sequence[Article]
) -> Iterator[GoldBlock]:
    """Each piece where the page's text prints it."""
    pictures = {article.id for article in articles if article.is_picture}
    at = 0
    for piece in pieces:
        start = text.index(piece.text, at)
        at = start + len(piece.text)
        yield GoldBlock((start, at), piece.article, _kinds(piece, pictures))


def articles_of(page: GoldPage) -> list[Article]:
    """The articles of a page as they were before anything was done to it, as far as the page has them.

    Where a join lacks something, ``〔…〕`` stands for it. Copies are left out; captions and credits that are
    in no order become pictures, or end the article if it is itself a picture's words.
    """
    copied = set(chain.from_iterable(page.copies))
    return [_article(page, each, copied) for each in page.articles]


def part_of(piece: Piece, start: int, end: int) -> Piece:
    """The piece from ``start`` to ``end``, counted in its own text."""
    first = piece.span[0]
    stop = first + end if end < len(piece.text) else piece.span[1]
    return replace(
        piece, text=piece.text[start:end].strip(), span=(first + start, stop)
    )


def _article(page: GoldPage, article: GoldArticle, copied: Set[int]) -> Article:
    paragraphs = _paragraphs(page, article)
    beside = []
    for number, block in enumerate(page.blocks):
        placed = number in article.order or number in copied
        if block.article == article.id and not placed:
            beside.append(Paragraph(block.kinds[0], page.block_text(number)))
    if all(each.kind in BESIDE for each in paragraphs):
        return Article(article.id, (*paragraphs, *beside), fields=article.fields)
    pictures = (tuple(beside),) if beside else ()
    return Article(article.id, tuple(paragraphs), pictures, article.fields)


def _paragraphs(page: GoldPage, article: GoldArticle) -> list[Paragraph]:
    """The blocks of an article in order, those that a join makes one put together."""
    joined = {}
    for join in page.joins:
        if join.required or not join.lossy:
            joined[join.first, join.second] = join.lossy
    paragraphs: list[Paragraph] = []
    for before, number in pairwise((-1, *article.order)):
        text = page.block_text(number)
        lossy = joined.get((before, number))
        if lossy is None:
            paragraphs.append(Paragraph(page.blocks[number].kinds[0], text))
            continue
        first = paragraphs.pop()
        gap = GAP if lossy else ""
        paragraphs.append(Paragraph(first.kind, f"{first.text}{gap}{text}"))
    return paragraphs


def _whole(article: str, number: int, paragraph: Paragraph) -> Piece:
    length = len(paragraph.text)
    return Piece(article, number, paragraph.kind, paragraph.text, (0, length), length)


def _kinds(piece: Piece, pictures: set[str]) -> tuple[BlockKind, ...]:
    # A picture's words alone may be taken for a short text, and no reader would mind.
    if piece.article in pictures and piece.kind == "caption":
        return ("caption", "body")
    return (piece.kind,)


def _joins(pieces: Sequence[Piece], order: Sequence[int]) -> list[GoldJoin]:
    """Neighbours in reading order that are one paragraph, or halves that whole paragraphs lie between."""
    found = []
    for first, second in pairwise(order):
        a, b = pieces[first], pieces[second]
        if a.paragraph == b.paragraph:
            lost = b.span[0] - a.span[1]
            # three characters lost: the halves still read as one sentence
            required = lost <= MAY_BE_LOST and not _SENTENCE_END.search(a.text)
            found.append(GoldJoin(first, second, lossy=lost > 0, required=required))
        elif not a.ends and not b.begins:
            found.append(GoldJoin(first, second, lossy=True, required=False))
    return found


def _cuts(pieces: Sequence[Piece], order: Sequence[int]) -> list[int]:
    """Ends in mid-paragraph that nothing on the page goes on with, not even after a gap."""
    after = dict(pairwise(order))
    cuts = []
    for number in order:
        rest = after.get(number)
        goes_on = rest is not None and not pieces[rest].begins
        if not pieces[number].ends and not goes_on:
            cuts.append(number)
    return cuts


def _other_joins(
    pieces: Sequence[Piece], known: set[tuple[int, int]]
) -> list[GoldJoin]:
    """Pieces of different printings, or of a copy, that meet in the middle of a paragraph."""
    starts: dict[tuple[str, int, int], list[int]] = {}
    for number, piece in enumerate(pieces):
        if not piece.begins:
            place = (piece.article, piece.paragraph, piece.span[0])
            starts.setdefault(place, []).append(number)
    joins = []
    for first, piece in enumerate(pieces):
        if piece.ends:
            continue
        place = (piece.article, piece.paragraph, piece.span[1])
        for second in starts.get(place, []):
            if (first, second) not in known and first != second:
                joins.append(GoldJoin(first, second, required=False))
    return joins


def _copies(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Pairs of different printings that share at least half of the shorter one."""
    by_paragraph: dict[tuple[str, int], list[int]] = {}
    for number, piece in enumerate(pieces):
        by_paragraph.setdefault((piece.article, piece.paragraph), []).append(number)
    found = []
    for numbers in by_paragraph.values():
        for first, second in combinations(numbers, 2):
            if pieces[first].printing == pieces[second].printing:
                continue
            if _share_half(pieces[first].span, pieces[second].span):
                found.append((first, second))
    return found


def _share_half(one: Span, other: Span) -> bool:
    """[0, 40) and [30, 50): 10 in common, half of the shorter one's 20."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return 2 * shared >= min(one[1] - one[0], other[1] - other[0])


def _stated(article: Article, text: str) -> dict[str, tuple[str | None, ...]]:
    """Its fields; a year that the page states nowhere cannot be asked for."""
    fields = dict(article.fields)
    published = fields.get("published", (None,))[0]
    # 11月18日 on a page without a year
    if published and f"{published[:4]}年" not in text:
        fields["published"] = (published, None)
    return fields
