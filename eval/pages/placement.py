"""Documents -> where each block of a gold came to stand.

Only what ``recover`` hands out is looked at (``Document.text, map, copies, layout`` and fields), so that any
way of reading a page can be measured. A character of the source stands at an offset of a document's text when
the ``map`` says so; a repeated one stands where the text it repeats does. Blocks that a document made fields
of are found through ``layout`` or, failing that, through a field of the same words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from eval.pages.gold import GoldPage
from eval.pages.printing import GAP
from rag.records import Document, Span

_NOTHING = re.compile(rf"(?:\s|{re.escape(GAP)})*")
_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A block in the documents: which, from where to where in its text, and whether it was folded as a copy.

    ``span`` is None for a block that the document knows but has at no place in its text (a caption).
    """

    document: int
    span: Span | None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Glued:
    """Blocks that a document's text has one after the other without a paragraph break; ``at``: the seam."""

    document: int
    first: int
    second: int
    at: int


def places(page: GoldPage, documents: Sequence[Document]) -> list[Place | None]:
    """Where each block of the page stands; None for one that no document accounts for.

    A block that was parted stands in the document that has most of its characters.
    """
    stands = _characters(page, documents)
    found: list[Place | None] = []
    for number, block in enumerate(page.blocks):
        seen = [stands[at] for at in range(*block.span) if at in stands]
        if not seen:
            found.append(_as_field(page.block_text(number), documents))
            continue
        shares = Counter(document for document, _, _ in seen)
        document = shares.most_common(1)[0][0]
        found.append(_place(document, [each for each in seen if each[0] == document]))
    return found


def glued(page: GoldPage, documents: Sequence[Document]) -> list[Glued]:
    """Every seam within a paragraph of a document's text at which another block goes on."""
    owner = page.owners()
    found: list[Glued] = []
    for number, document in enumerate(documents):
        for (begin, end, source), (start, _, at) in pairwise(document.map):
            # the block of the last character before the seam, and of the first after it
            first = owner.get(source + end - begin - 1)
            second = owner.get(at)
            if first is None or second is None or first == second:
                continue
            if "\n" not in document.text[end:start]:
                found.append(Glued(number, first, second, start))
    return found


def follow(
    first: Place | None, second: Place | None, documents: Sequence[Document]
) -> bool:
    """Whether the second stands right after the first: same document, nothing of the page between them."""
    return _between(first, second, documents) is not None


def run_on(
    first: Place | None, second: Place | None, documents: Sequence[Document]
) -> bool:
    """Whether the second goes on with the paragraph of the first."""
    between = _between(first, second, documents)
    return between is not None and "\n" not in between


def repeats(first: Place | None, second: Place | None) -> bool:
    """Whether two blocks stand at the same place: at least half of the shorter one."""
    if first is None or second is None or first.document != second.document:
        return False
    if first.span is None or second.span is None:
        return False
    (a, b), (c, d) = first.span, second.span
    # [0, 40) and [30, 50): 10
    shared = min(b, d) - max(a, c)
    return shared > 0 and 2 * shared >= min(b - a, d - c)


def normalised(text: str) -> str:
    """Letters, numbers and Han characters alone: how two field values are compared."""
    return _MARKS.sub("", text).lower()


_How = Literal["text", "copy", "layout"]
_Where = tuple[int, int | None, _How]
"""``(document, offset in its text or None, how that is known)``."""


def _place(document: int, stands: Sequence[_Where]) -> Place:
    """Where a block stands whose characters stand so; through its layout alone it has no extent."""
    offsets = []
    marks = []
    folded = True
    for _, offset, how in stands:
        folded = folded and how != "text"
        if offset is not None:
            marks.append(offset)
            if how != "layout":
                offsets.append(offset)
    if offsets:
        return Place(document, (min(offsets), max(offsets) + 1), folded)
    return Place(document, (min(marks), min(marks)) if marks else None)


def _characters(page: GoldPage, documents: Sequence[Document]) -> dict[int, _Where]:
    """Where each character of the page stands. The text itself goes before copies, copies before layout."""
    stands: dict[int, _Where] = {}
    for number, document in enumerate(documents):
        for start, end, at in document.map:
            for offset in range(end - start):
                stands.setdefault(at + offset, (number, start + offset, "text"))
    for number, document in enumerate(documents):
        for span, copy in document.copies:
            if copy.source_sha256 != document.source_sha256:
                continue
            copied = list(_within(copy.spans))
            for at, offset in _aligned(page.text, copied, document, span):
                stands.setdefault(at, (number, offset, "copy"))
    for number, document in enumerate(documents):
        for at, where, how in _in_layout(document):
            stands.setdefault(at, (number, where, how))
    return stands


def _aligned(
    text: str, copied: Sequence[int], document: Document, span: Span
) -> Iterator[tuple[int, int]]:
    """Each character of a copy with the offset it repeats; one that differs goes with what is before it."""
    offsets: list[int] = []
    for start, end, _ in document.map:
        offsets += range(max(start, span[0]), min(end, span[1]))
    if not offsets:
        return
    ours = "".join(document.text[offset] for offset in offsets)
    theirs = "".join(text[at] for at in copied)
    if ours == theirs:
        yield from zip(copied, offsets, strict=True)
        return
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    repeated: dict[int, int] = {}
    for our_start, their_start, size in matcher.get_matching_blocks():
        for step in range(size):
            repeated[their_start + step] = our_start + step
    # before any that matches, a sign that differs goes with the first
    last = 0
    for number, at in enumerate(copied):
        last = repeated.get(number, last)
        yield at, offsets[last]


def _in_layout(document: Document) -> Iterator[tuple[int, int | None, _How]]:
    layout = document.layout
    for variant in layout.variants:
        for at in _within(variant.source_spans):
            yield at, variant.span[0], "copy"
    for caption in layout.captions:
        for at in _within(caption.source_spans):
            yield at, None, "layout"
    for block in layout.blocks:
        for at in _within(block.source_spans):
            yield at, block.span[0], "layout"


def _within(spans: Sequence[Span]) -> Iterator[int]:
    """Every offset of the spans."""
    for start, end in spans:
        yield from range(start, end)


def _as_field(text: str, documents: Sequence[Document]) -> Place | None:
    """The document that has the words as a title, a byline, a caption or another field."""
    wanted = normalised(text)
    if not wanted:
        return None
    for number, document in enumerate(documents):
        for field in _fields(document):
            if field and normalised(field) == wanted:
                return Place(number, None)
    return None


def _fields(document: Document) -> Iterator[str | None]:
    layout = document.layout
    yield from (document.title, document.byline, document.dateline)
    yield from (layout.kicker, layout.subtitle)
    for caption in layout.captions:
        yield caption.text
        yield caption.credit


def _between(
    first: Place | None, second: Place | None, documents: Sequence[Document]
) -> str | None:
    """What a document's text has between the two, when that is nothing of the page's; else None."""
    if first is None or second is None or first.document != second.document:
        return None
    if first.span is None or second.span is None or second.span[0] < first.span[1]:
        return None
    between = documents[first.document].text[first.span[1] : second.span[0]]
    return between if _NOTHING.fullmatch(between) else None
