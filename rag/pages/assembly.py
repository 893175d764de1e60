"""A thread of blocks -> a document: head, text, end, captions; sentences that were cut glued, gaps shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.language.sentences import GAP
from models.pages.lines import ENDINGS, dateline_of, inline_credit
from models.pages.solving import Link, Thread
from rag.pages.copies import Kept, Repeat
from rag.pages.edition import Calendar
from rag.pages.fields import Fields, fields_of
from rag.pages.kinds import FOOT, kinds_of
from rag.pages.plain import title_of
from rag.pages.stretch import Stretch
from rag.records import (
    BlockKind,
    Caption,
    Copy,
    Document,
    Join,
    Layout,
    LayoutBlock,
    Source,
    Span,
    Variant,
)

JOINED = 0.8
"""The confidence that a join needs; a wrong one is worse than one that is missed."""
TORN = 0.5
"""The probability from which an end or a beginning is taken to be within a sentence."""
CUT = 0.9
"""The one that the end of an article needs to be marked as cut."""
LOST = 0.2
"""The confidence of a join below which, between neighbours that are torn at both ends, words are lost.

Between this and ``JOINED`` nothing is said: of such joins one in ten lacks words, most lack none.
"""
PARAGRAPH = "\n\n"
_NOTHING = np.zeros(0, np.int64)


@dataclass(slots=True)
class _Draft:
    """A document's text as it grows."""

    text: Stretch = field(default_factory=lambda: Stretch("", _NOTHING))
    blocks: list[LayoutBlock] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    placed: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)

    def add(
        self,
        kind: BlockKind,
        block: int,
        start: int,
        piece: Stretch,
        confidence: float,
        before: str,
    ) -> None:
        """Put ``piece``, which begins at ``start`` of its block, after ``before``, which is ours."""
        if self.text.text:
            self.text = self.text + Stretch.ours(before)
        at = len(self.text)
        self.text = self.text + piece
        self.blocks.append(
            LayoutBlock(kind, (at, len(self.text)), piece.spans(), confidence)
        )
        self.placed.setdefault(block, []).append((start, start + len(piece), at))

    def span_of(self, block: int, span: Span) -> Span | None:
        """Where a span of a block's text stands in the document's."""
        borders: list[int] = []
        for start, end, at in self.placed.get(block, ()):
            low, high = max(span[0], start), min(span[1], end)
            if low < high:
                borders += [at + low - start, at + high - start]
        return (min(borders), max(borders)) if borders else None

    def place_of(self, block: int, span: Span) -> Span | None:
        """As :meth:`span_of`; an empty span is where what follows it begins, or what is before it ends."""
        start, end = span
        if start < end:
            return self.span_of(block, span)
        if following := self.span_of(block, (start, start + 1)):
            return following[0], following[0]
        before = self.span_of(block, (start - 1, start))
        return (before[1], before[1]) if before else None


@dataclass(frozen=True, slots=True)
class Page:
    """What is known of a page whose articles are being put together.

    Attributes:
        blocks: all blocks of the page; threads count in them.
        cut: ``(len(blocks), 2)``: how likely each begins, ends within a sentence.
        calendar: completes a date that lacks its year.
        published: the day that the source declares, if it does.
        in_order: nothing on the page goes on elsewhere than where it stands.
    """

    source: Source
    blocks: Sequence[Kept]
    cut: NDArray[np.float32]
    calendar: Calendar
    published: str | None = None
    in_order: bool = False


def assemble(page: Page, thread: Thread) -> Document:
    """The document of one thread."""
    blocks, cut = page.blocks, page.cut
    kinds = kinds_of(thread, blocks, cut)
    sure = _confidences(thread)
    order = list(thread.blocks)
    lost = 0.0
    if not page.in_order:
        order = _reading_order(thread, blocks, kinds)
        lost = LOST
    between = _betweens(thread, order, kinds, cut, lost)
    truncated = _truncated(order, blocks, kinds, between, cut)
    draft = _Draft()
    for block in order:
        before, join = between.get(block, (PARAGRAPH, 0.0))
        if before != PARAGRAPH:
            at = len(draft.text) + len(before)
            draft.joins.append(Join(at, round(join, 3), before == GAP))
        _put(draft, kinds[block], block, blocks[block].text, sure[block], before)
        if block == truncated:
            draft.cuts.append(len(draft.text))
    return _document(page, draft, thread)


def _betweens(
    thread: Thread,
    order: Sequence[int],
    kinds: Mapping[int, BlockKind],
    cut: NDArray[np.float32],
    lost: float,
) -> dict[int, tuple[str, float]]:
    """Of each block that goes on with the one before it: what to put between, and how sure that is.

    Nothing where a sentence goes on; a gap where words are lost, with less than ``lost`` for a join.
    """
    links: dict[tuple[int, int], Link] = {}
    for link in thread.links:
        if not link.gathered:
            links[link.first, link.second] = link
    found: dict[int, tuple[str, float]] = {}
    for first, second in pairwise(order):
        link_here = links.get((first, second))
        if link_here is None or kinds[first] != "body" or kinds[second] != "body":
            continue
        join = link_here.join
        are_torn = cut[first, 1] >= TORN and cut[second, 0] >= TORN
        if join >= JOINED:
            found[second] = "", min(link_here.confidence, join)
        elif join < lost and are_torn:
            # As sure that words are lost as it is that nothing joins them: a join of 0.05 is a gap of 0.95.
            found[second] = GAP, min(link_here.confidence, max(join, 1 - join))
    return found


def _truncated(
    order: Sequence[int],
    blocks: Sequence[Kept],
    kinds: Mapping[int, BlockKind],
    between: Collection[int],
    cut: NDArray[np.float32],
) -> int | None:
    """The last block of an article's text, where it surely ends within a sentence that nothing goes on with.

    Where something of the article may, because it begins within a sentence and nothing leads to it, a join
    was missed rather than the rest lost.
    """
    flow = [i for i in order if kinds[i] not in (*FOOT, "end")]
    if not flow or kinds[flow[-1]] != "body":
        return None
    last = flow[-1]
    if ENDINGS[blocks[last].look.ending] in ("terminal", "leads_on"):
        return None
    if cut[last, 1] < CUT:
        return None
    for i in flow[:-1]:
        if kinds[i] == "body" and i not in between and cut[i, 0] >= TORN:
            return None
    return last


def _reading_order(
    thread: Thread, blocks: Sequence[Kept], kinds: Mapping[int, BlockKind]
) -> list[int]:
    """Captions and credits last. Where the thread is not as it was printed, what its heading leads comes
    first, and the end mark after the text.
    """
    order = list(thread.blocks)
    rank = {"caption": 7, "credit": 7}
    printed = [blocks[i].number for i in order]
    if printed != sorted(printed):
        rank["end"] = 6
        begin = 0
        while begin < len(order) and kinds[order[begin]] not in ("kicker", "headline"):
            begin += 1
        if begin == len(order):
            begin = 0
        # What the headline leads ends where the thread goes on with what was only gathered.
        end = len(order)
        for at, link in enumerate(thread.links, start=1):
            if link.gathered and at > begin:
                end = at
                break
        order = order[begin:end] + order[:begin] + order[end:]
    return sorted(order, key=lambda i: rank.get(kinds[i], 5))


def _put(
    draft: _Draft, kind: BlockKind, block: int, text: Stretch, sure: float, between: str
) -> None:
    """A block, its dateline or inline credit as a paragraph of its own."""
    if kind == "body" and between == PARAGRAPH:
        dateline = dateline_of(text.text)
        # 央视网消息 alone says neither when nor who.
        says = dateline and (dateline["how"] != "消息" or dateline["by"])
        if dateline and says and dateline.end() < len(text):
            opening = text[: len(dateline.group().rstrip())]
            draft.add("dateline", block, 0, opening, sure, between)
            begin = dateline.end()
            draft.add("body", block, begin, text[begin:], sure, between)
            return
    if kind == "caption" and (credit := inline_credit(text.text)):
        at = text.text.rindex(credit)
        at -= text.text[at - 1] in "（("
        if at > 0:
            words = text[:at].stripped()
            draft.add("caption", block, 0, words, sure, between)
            draft.add("credit", block, at, text[at:], sure, PARAGRAPH)
            return
    draft.add(kind, block, 0, text, sure, between)


def _confidences(thread: Thread) -> dict[int, float]:
    """Of each block that of the least sure link it has."""
    sure = dict.fromkeys(thread.blocks, 1.0)
    for link in thread.links:
        for i in (link.first, link.second):
            sure[i] = round(min(sure[i], link.confidence), 3)
    return sure


def _document(page: Page, draft: _Draft, thread: Thread) -> Document:
    source = page.source
    text = draft.text.text
    texts: defaultdict[BlockKind, list[str]] = defaultdict(list)
    for block in draft.blocks:
        texts[block.kind].append(text[slice(*block.span)])
    fields = _fields(page, texts)
    copies, variants = _repeats(source, draft, thread, page.blocks)
    confidences = [block.confidence for block in draft.blocks]
    confidences += [join.confidence for join in draft.joins]
    subtitles = [line.strip("—–― ") for line in texts["subtitle"]]
    return Document(
        id=0,
        title=_title(texts, text, source.name),
        text=text,
        source_name=source.name,
        source_sha256=source.sha256,
        map=draft.text.tiles(),
        byline=fields.byline,
        dateline=fields.dateline,
        place=fields.place,
        published=fields.published,
        copies=copies,
        layout=Layout(
            blocks=tuple(draft.blocks),
            joins=tuple(draft.joins),
            cuts=tuple(draft.cuts),
            variants=variants,
            captions=_captions_of(draft),
            kicker=next(iter(texts["kicker"]), None),
            subtitle=next(iter(subtitles), None),
            agency=fields.agency,
            published_from=fields.published_from,
            confidence=min(confidences, default=1.0),
        ),
    )


def _fields(page: Page, texts: defaultdict[BlockKind, list[str]]) -> Fields:
    """What the edges of an article state: its byline, its first paragraphs, its end marks."""
    if not texts["body"]:
        captions = texts["caption"]
        return fields_of(captions, page.calendar, page.published, pictured=True)
    # A dateline that no line of its own holds opens the first paragraph, or the second below a summary.
    opening = [*texts["byline"], *texts["dateline"], *texts["body"][:2]]
    return fields_of([*opening, *texts["end"]], page.calendar, page.published)


def _title(texts: defaultdict[BlockKind, list[str]], text: str, name: str) -> str:
    """The headline, else the beginning of the text."""
    if texts["headline"]:
        return texts["headline"][0]
    opening = texts["body"][0] if texts["body"] else text
    return title_of(" ".join(opening.split()), name)


def _captions_of(draft: _Draft) -> tuple[Caption, ...]:
    """Captions with the credit that stands under each."""
    found: list[Caption] = []
    foot = [block for block in draft.blocks if block.kind in FOOT]
    for n, block in enumerate(foot):
        words = draft.text.text[slice(*block.span)]
        if block.kind == "caption":
            rest = foot[n + 1 :]
            credit = next((each for each in rest if each.kind == "credit"), None)
            spans = block.source_spans
            if credit and credit is rest[0]:
                spans += credit.source_spans
            by = draft.text.text[slice(*credit.span)] if credit else None
            found.append(Caption(words, by, spans))
        elif not any(each.kind == "caption" for each in foot):
            found.append(Caption("", words, block.source_spans))
    return tuple(found)


def _repeats(
    source: Source, draft: _Draft, thread: Thread, blocks: Sequence[Kept]
) -> tuple[tuple[tuple[Span, Copy], ...], tuple[Variant, ...]]:
    """The copies of a document's blocks, and how they read where they differ."""
    copies: list[tuple[Span, Copy]] = []
    variants: list[Variant] = []
    for i in thread.blocks:
        for repeat in blocks[i].repeats:
            span = draft.span_of(i, repeat.span)
            if span is None:
                continue
            copy = Copy(source.name, source.sha256, repeat.printed.spans())
            copies.append((span, copy))
            variants += _variants(draft, i, blocks[i], repeat)
    copies.sort(key=lambda copy: (copy[0], copy[1].spans))
    return tuple(copies), tuple(variants)


def _variants(draft: _Draft, i: int, block: Kept, repeat: Repeat) -> Iterator[Variant]:
    """How a copy reads where it differs from its block, number ``i``, white space aside."""
    start, end = repeat.span
    ours = block.text.text[start:end]
    theirs = repeat.printed.text
    if ours == theirs:
        return
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        where = draft.place_of(i, (start + a, start + b))
        if where is None or ours[a:b].strip() == theirs[c:d].strip():
            continue
        spans = repeat.printed[c:d].spans() or repeat.printed.place(c)
        yield Variant(where, theirs[c:d], spans)
