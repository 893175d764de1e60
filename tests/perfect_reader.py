"""Reads a page as its gold has it: what every metric must give full marks to. Tests spoil it in one way."""

from __future__ import annotations

from itertools import pairwise

from eval.pages.gold import GoldArticle, GoldPage
from eval.pages.printing import GAP
from eval.pages.running import source_of
from rag.records import (
    Caption,
    Copy,
    Document,
    Join,
    Layout,
    LayoutBlock,
    MapEntry,
    Span,
)


def read(page: GoldPage) -> list[Document]:
    return [_document(page, article) for article in page.articles]


def _document(page: GoldPage, article: GoldArticle) -> Document:
    source = source_of(page)
    joined = {
        (join.first, join.second): join.lossy for join in page.joins if join.required
    }
    text, map_, blocks, joins, spans = (
        "",
        list[MapEntry](),
        list[LayoutBlock](),
        list[Join](),
        dict[int, Span](),
    )
    for before, number in pairwise((None, *article.order)):
        assert number is not None
        if before is not None:
            lossy = joined.get((before, number))
            text += "\n\n" if lossy is None else GAP if lossy else ""
            if lossy is not None:
                joins.append(Join(len(text), 1.0, lossy))
        start, end = page.blocks[number].span
        spans[number] = (len(text), len(text) + end - start)
        map_.append((*spans[number], start))
        blocks.append(
            LayoutBlock(page.blocks[number].kinds[0], spans[number], ((start, end),))
        )
        text += page.block_text(number)
    return Document(
        id=0,
        title=(article.fields.get("title") or (None,))[0] or "",
        text=text,
        source_name=source.name,
        source_sha256=source.sha256,
        map=tuple(map_),
        byline=_field(article, "byline"),
        dateline=_field(article, "dateline"),
        place=_field(article, "place"),
        published=_field(article, "published"),
        copies=tuple(_copies(page, article, spans, source.name, source.sha256)),
        layout=Layout(
            blocks=tuple(blocks),
            joins=tuple(joins),
            cuts=tuple(
                spans[number][1] for number in article.order if number in page.cuts
            ),
            captions=tuple(
                Caption(page.block_text(number), None, (block.span,))
                for number, block in enumerate(page.blocks)
                if block.article == article.id
                and {"caption", "credit"} & set(block.kinds)
                and number not in spans
            ),
            kicker=_field(article, "kicker"),
            subtitle=_field(article, "subtitle"),
            agency=_field(article, "agency"),
        ),
    )


def _copies(
    page: GoldPage, article: GoldArticle, spans: dict[int, Span], name: str, sha256: str
) -> list[tuple[Span, Copy]]:
    """Each repeated block with the blocks in order that it shares most with."""
    found = []
    for number, block in enumerate(page.blocks):
        if block.article != article.id or number in spans:
            continue
        of = [a if b == number else b for a, b in page.copies if number in (a, b)]
        of = [spans[each] for each in of if each in spans]
        if of:
            at = (min(start for start, _ in of), max(end for _, end in of))
            found.append((at, Copy(name, sha256, (block.span,))))
    return found


def _field(article: GoldArticle, name: str) -> str | None:
    return (article.fields.get(name) or (None,))[0]
