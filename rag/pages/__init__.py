"""Source -> Documents: what a file holds, read as articles with a map back to its characters.

    documents = recover(source)

What declares its structure, or is not seen to be out of order, passes through as it stands (``plain``). A
flattened newspaper page (``detection``) is read in steps: blocks that are printed again are folded
(``copies``); what is left is put in order and told apart by article (``models.pages``); each article becomes
a document (``assembly``).
"""

from __future__ import annotations

from collections.abc import Sequence

from models.pages.disorder import page_judge
from models.pages.network import probability
from models.pages.reading import page_reader
from models.pages.solving import Thread
from rag.pages.assembly import Page, assemble
from rag.pages.copies import fold
from rag.pages.detection import is_page
from rag.pages.edition import Calendar, folios
from rag.pages.paragraphs import Lines, lines_of, text_of
from rag.pages.plain import folio_document, plain_document
from rag.pages.stretch import Stretch
from rag.records import Document, Part, Source

__all__ = ["recover", "repaired"]


def recover(source: Source, *, repair: bool = True) -> list[Document]:
    """The documents of a source, ids 0. A part without any text yields none.

    Without ``repair`` every part is one document in the order it stands.
    """
    documents: list[Document] = []
    for part in source.parts:
        if repair and is_page(source, part, _judge):
            documents += repaired(source, part)
        elif (document := plain_document(source, part)) is not None:
            documents.append(document)
    return documents


def _judge(texts: Sequence[str]) -> float:
    return page_judge()(texts)


def repaired(source: Source, part: Part) -> list[Document]:
    """The documents of a part that is known to be a page.

    What the page bears at its head and foot, which belongs to no article, and its articles.
    """
    paragraphs = lines_of(source.text, part)
    texts = [text_of(source.text, lines) for lines in paragraphs]
    apart = folios(texts)
    calendar = Calendar.of_page(source.text[part.start : part.end], texts)
    at_edges = [paragraphs[i] for i in apart]
    rest = [lines for i, lines in enumerate(paragraphs) if i not in apart]
    articles = _articles(source, part, rest, calendar)
    folio = folio_document(source, calendar.dated(part), at_edges)
    return articles if folio is None else [folio, *articles]


def _articles(
    source: Source, part: Part, paragraphs: Sequence[Lines], calendar: Calendar
) -> list[Document]:
    """The articles of a page, in the order in which they begin on it."""
    reader = page_reader()
    printed = [Stretch.of_source(source.text, lines) for lines in paragraphs]
    folded = fold(printed, reader.is_phrase, reader.is_torn)
    blocks = folded.kept
    texts = [block.text.text for block in blocks]
    begins = [block.begins for block in blocks]
    ends = [block.ends for block in blocks]
    reading = reader.read(texts, begins, ends, folded.seams)
    for block, seen in zip(blocks, reading.looks, strict=True):
        block.look = seen
    cut = probability(reading.edges)
    in_order = all(map(_is_in_order, reading.threads))
    page = Page(source, blocks, cut, calendar, part.published, in_order)
    return [assemble(page, thread) for thread in reading.threads]


def _is_in_order(thread: Thread) -> bool:
    return list(thread.blocks) == sorted(thread.blocks)
