"""A page view as lines for a terminal: what ``chuchu documents show ID --page`` prints.

     5  #1 body      匠人段启明拆开第二个桥墩时，在里面
           0.81      → joined to 10 (0.97)

First the block's number down the page, then the document that took it and what for; ``-`` where none did. A
confidence below 1 stands under the kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.text import Text

from models.language.sentences import GAP
from rag.pages.view import Difference, PageBlock, PageView
from rag.records import Document, Join
from rag.terminal import wrapped

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
_KIND = len("dateline")


def page_lines(view: PageView, shown: int, width: int) -> Iterator[Text]:
    """The page in lines of at most ``width`` columns.

    Args:
        shown: the document that was asked for; it is bold where there is style.
    """
    styles: dict[int, str] = {}
    for at, document in enumerate(view.documents):
        bold = " bold" if document.id == shown else ""
        styles[document.id] = _COLOURS[at % len(_COLOURS)] + bold
    names = max((len(f"#{id_}") for id_ in styles), default=1)
    yield from _hanging("", _counts(view), width, "bold")
    yield Text()
    for document in view.documents:
        head = f"  {_document_name(document.id):>{names}}  "
        yield from _hanging(head, _about_document(document), width, styles[document.id])
    digits = len(str(len(view.blocks)))
    for block in view.blocks:
        yield Text()
        number = f"{block.number:>{digits}}"
        name = f"{_document_name(block.document_id):>{names}}"
        head = f"{number}  {name} {block.kind or '':<{_KIND}}  "
        style = "dim"
        if block.document_id is not None:
            style = styles[block.document_id]
        yield from _block_lines(block, head, style, width)


def _block_lines(block: PageBlock, head: str, style: str, width: int) -> Iterator[Text]:
    """A block beside its head, its confidence below the kind, what is to be said of it under its text."""
    # 0.997 would be printed as 1.00, which says nothing.
    sure = f"{block.confidence:.2f}" if block.confidence < 0.995 else ""
    under = " " * (len(head) - _KIND - 2) + sure
    room = width - len(head)
    body = wrapped(block.text, room)
    of_text = len(body)
    for note in _notes(block):
        body += wrapped(note, room)
    yield from _beside((head, under), body, len(head), style, of_text)


def said_difference(read: Difference) -> str:
    """``“一” for “二” in “二十二点”``."""
    if not read.there:
        return f"“{read.here}” added in “{read.around}”"
    instead = f"“{read.here}” for" if read.here else "without"
    return f"{instead} “{read.there}” in “{read.around}”"


def _beside(
    heads: Sequence[str], body: Sequence[str], gutter: int, style: str, quiet: int
) -> Iterator[Text]:
    """Heads beside the body; from line ``quiet`` on the body is remarks of ours."""
    for at, (head, line) in enumerate(zip_longest(heads, body, fillvalue="")):
        row = Text(head.ljust(gutter), style)
        row.append(line, "dim" if at >= quiet else "")
        row.rstrip()
        if row.plain or at < len(body):
            yield row


def _hanging(head: str, text: str, width: int, style: str) -> Iterator[Text]:
    gutter = cell_len(head)
    for at, line in enumerate(wrapped(text, width - gutter)):
        yield Text((head if at == 0 else " " * gutter) + line, style)


def _counts(view: PageView) -> str:
    counts = [_many(len(view.blocks), "block"), _many(len(view.documents), "document")]
    left = sum(block.document_id is None for block in view.blocks)
    if left:
        counts.append(f"{_many(left, 'block')} in none")
    return f"{view.source.name}: {', '.join(counts)}"


def _about_document(document: Document) -> str:
    others: set[str] = set()
    for _, copy in document.copies:
        if copy.source_sha256 != document.source_sha256:
            others.add(copy.source_name)
    parts = [each for each in (document.title, document.published) if each]
    parts.append(f"confidence {document.layout.confidence:.2f}")
    if others:
        parts.append(f"also in {', '.join(sorted(others))}")
    return ", ".join(parts)


def _notes(block: PageBlock) -> Iterator[str]:
    """What is said under a block."""
    if block.copy_of:
        yield f"= copy of {block.copy_of}"
    for each in block.differs:
        yield f"≠ {said_difference(each)}"
    if link := block.comes_from:
        how = f"joined to {link.block}{_how(link.join)}" if link.join else ""
        yield f"← {how or f'after {link.block}'}"
    if link := block.goes_on:
        how = f"joined to {link.block}{_how(link.join)}" if link.join else ""
        yield f"→ {how or f'then {link.block}'}"
    if block.cut:
        yield "✂ breaks off: the rest is not on the page"


def _how(join: Join) -> str:
    lost = f", words between are lost {GAP}" if join.lossy else ""
    return f"{lost} ({join.confidence:.2f})"


def _document_name(document_id: int | None) -> str:
    return "-" if document_id is None else f"#{document_id}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
