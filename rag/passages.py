"""Document -> Passages: what stands together is read together, and each knows where it stands.

    第三章 处罚                                  a heading: the path of what follows
    第十二条 有下列情形之一的，处二百元罚款：      a stem, with its items one passage; else the lead of each
    （一）…… （二）……
    | 甲 | 2 kg |                               a row: a passage of its own, under the heads of its columns

Neighbouring paragraphs of one section are one passage while they are short; a long one is split where
sentences end, and where none do, at commas, white space or, at last, anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from models.language.sentences import GAP, sentences
from rag.records import Block, Cell, Context, Document, Passage, Span
from rag.text.spans import stripped
from rag.text.widths import limit_in

MAX_CHARS = 320
"""A paragraph up to this long is one passage; a longer one is split where sentences end."""
TOGETHER_CHARS = 200
"""Neighbours are one passage up to this many characters."""
LONGEST_SENTENCE = 400
"""A longer stretch without a full stop is cut at commas or white space."""
OVERLAP_CHARS = 40
"""What two pieces of a text without any stops share, so that no phrase is cut through its middle."""
LONGEST_HEADING = 300
"""A longer heading or question is read as prose: what stands over a passage is short."""
LONGEST_STEP = 150
"""Characters of a heading, a stem, a caption or a head of a column that a passage is read with."""
LONGEST_PATH = 300
"""Characters of all headings over a passage; of more, the outermost are left away."""
ROW_TIMES = 1.5
"""Times ``MAX_CHARS`` that a row may have with its heads; a wider one is cut between cells."""

_PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*")
_SOFT_BREAK = re.compile(r"[，、；,;：:…—]|\s")
_STEM_ENDS = ("：", ":")
_PROSE_ROLES = frozenset({"paragraph", "list_item", "turn"})


def split(document: Document, max_chars: int = MAX_CHARS) -> list[Passage]:
    """The passages of a document in order; ids are 0 until the store gives them.

    No sentence is cut unless it is longer than ``LONGEST_SENTENCE``.
    """
    sections = _Sections(document, limit_in(document.text, max_chars))
    # A document off a torn page has no blocks: each of its paragraphs is a passage of its own.
    blocks: Sequence[Block] = document.blocks
    if not blocks:
        spans = paragraphs(document.text)
        blocks = [Block("code", start, end) for start, end in spans]
    for block in blocks:
        sections.take(block)
    sections.finish()
    return sections.passages


@dataclass(slots=True)
class _Sections:
    """The document as it is read from top to bottom."""

    document: Document
    max_chars: float
    passages: list[Passage] = field(default_factory=list)
    path: list[Block] = field(default_factory=list)
    captions: dict[int, list[str]] = field(default_factory=dict)
    loose_caption: str | None = None
    article: str | None = None
    lead: Block | None = None
    question: Block | None = None
    waiting: list[Block] = field(default_factory=list)
    bare_headings: list[Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        for block in self.document.blocks:
            if block.role == "caption" and block.table is not None:
                self.captions.setdefault(block.table, []).append(self._text(block))

    def take(self, block: Block) -> None:
        """Read one block: it opens a section, joins those that wait, or is a passage of its own."""
        if block.role == "running":
            return
        is_short = block.end - block.start <= LONGEST_HEADING
        if block.role == "heading" and is_short:
            self._open(block)
            return
        self.bare_headings.clear()
        if block.role == "question" and is_short:
            self._flush()
            self._end_question()
            self.question = block
            self.lead = None
            self.article = None
        elif block.role == "table_row":
            self._flush()
            self._add_row(block)
        elif block.role == "table_head":
            self._flush()
            # The rows below a long head are read with the beginning of it only.
            if any(cell.end - cell.start > LONGEST_STEP for cell in block.cells):
                self._add([block])
        elif block.role == "caption":
            self._flush()
            self.loose_caption = self._text(block)
            self._add([block])
        elif block.role in _PROSE_ROLES:
            self._wait(block)
        else:
            self._flush()
            self._add([block])

    def finish(self) -> None:
        """Write what still waits."""
        self._flush()
        if self.bare_headings:
            self._add_headings()
        self._end_question()

    def _open(self, heading: Block) -> None:
        self._flush()
        self._end_question()
        # Headings one under another with nothing between are themselves what is said: a slide, an agenda.
        if self.bare_headings and heading.level <= self.bare_headings[-1].level:
            self._add_headings()
        self.lead = self.article = self.loose_caption = None
        while self.path and self.path[-1].level >= heading.level:
            self.path.pop()
        self.path.append(heading)
        self.bare_headings.append(heading)

    def _add_headings(self) -> None:
        last = self.bare_headings[-1]
        self.passages += self._pieces(last.start, last.end, self._context(outer=True))
        self.bare_headings.clear()

    def _wait(self, block: Block) -> None:
        """Let a paragraph stand with its neighbours, unless it begins something new or there is no room."""
        if block.label is not None and block.role == "paragraph":
            self._flush()
            self.article, self.lead = block.label, None
        elif self.waiting and not self._belongs(block):
            self._flush()
        if block.role != "list_item" and not self._text(block).endswith(_STEM_ENDS):
            self._end_list(block)
        self.waiting.append(block)

    def _belongs(self, block: Block) -> bool:
        first, last = self.waiting[0], self.waiting[-1]
        length = block.end - first.start
        if block.page != last.page:
            return False
        if self._is_stem(first) and block.role == "list_item":
            return length <= self.max_chars
        if self._is_stem(block) and block.role == "paragraph":
            return False
        return length <= TOGETHER_CHARS * self.max_chars / MAX_CHARS

    def _end_list(self, block: Block) -> None:
        """A paragraph after a list closes it: what follows hangs on that stem no longer."""
        if self.lead is not None and block.role == "paragraph":
            self._flush()
            self.lead = None

    def _is_stem(self, block: Block) -> bool:
        return block.role in ("paragraph", "list_item") and self._text(block).endswith(
            _STEM_ENDS
        )

    def _flush(self) -> None:
        if not self.waiting:
            return
        blocks = self.waiting
        self.waiting = []
        self._add(blocks)
        for block in blocks:
            if self._is_stem(block):
                self.lead = block

    def _add_row(self, row: Block) -> None:
        """A row as one passage; a wide one as several, each under the first cell, which names the row."""
        context = self._context(row, self._caption_of(row))
        start = row.start
        for cells in _groups(row.cells, ROW_TIMES * self.max_chars):
            end = row.end if cells[-1:] == row.cells[-1:] else cells[-1].end
            for piece in self._pieces(start, end, context):
                own = replace(context, cells=_cells_in(cells, piece))
                self.passages.append(replace(piece, context=own))
            start = end
            if context.lead is None and row.cells:
                context = replace(context, lead=_step(self._text_of(row.cells[0])))

    def _add(self, blocks: Sequence[Block]) -> None:
        first, last = blocks[0], blocks[-1]
        context = self._context(first)
        pieces = list(self._pieces(first.start, last.end, context))
        if first.label is not None and first.label == self.article:
            # The first piece of an article begins with its number; the others stand under it.
            under = replace(context, headings=(*context.headings, first.label))
            pieces[1:] = [replace(piece, context=under) for piece in pieces[1:]]
        self.passages += pieces

    def _context(
        self,
        first: Block | None = None,
        caption: str | None = None,
        outer: bool = False,
    ) -> Context:
        path = self.path[:-1] if outer else self.path
        headings = _nearest([_step(self._text(heading)) for heading in path])
        # 第十二条 begins with its own number; what follows it stands under that.
        is_article_itself = first is not None and first.label == self.article
        if self.article is not None and not is_article_itself:
            headings.append(self.article)
        return Context(
            headings=tuple(headings),
            lead=_step(self._lead_of(first) or "") or None,
            caption=_step(caption or "") or None,
            page=first.page if first else None,
            ocr=bool(first and first.ocr),
        )

    def _lead_of(self, first: Block | None) -> str | None:
        """The stem of the list that a passage begins in the middle of, or the question that it answers."""
        if first is None:
            return None
        lead = self.lead
        if lead is not None and first.start > lead.start and first.role != "question":
            # Its end leads to the items: 有下列情形之一的，处二百元罚款：
            return self._text(lead)[-MAX_CHARS // 2 :]
        if self.question is not None and first is not self.question:
            return self._text(self.question)
        if first.role == "turn":
            return first.label
        return None

    def _caption_of(self, row: Block) -> str | None:
        if row.table is not None and row.table in self.captions:
            return " ".join(self.captions[row.table])
        return self.loose_caption

    def _end_question(self) -> None:
        """Close the question; one that nothing followed is a passage itself."""
        question = self.question
        self.question = None
        if question is None:
            return
        is_answered = bool(self.passages) and self.passages[-1].start >= question.end
        if not is_answered:
            self._add([question])

    def _pieces(self, start: int, end: int, context: Context) -> Iterator[Passage]:
        text = self.document.text
        for stretch in _between_gaps(text, start, end):
            parts = _bounded(text, sentences(text, *stretch))
            for low, high in _pack(parts, self.max_chars):
                yield Passage(0, self.document.id, low, high, text[low:high], context)

    def _text(self, block: Block) -> str:
        return self.document.text[block.start : block.end]

    def _text_of(self, cell: Cell) -> str:
        return self.document.text[cell.start : cell.end]


def _step(text: str) -> str:
    """What stands over a passage, not more of it than is read."""
    return text if len(text) <= LONGEST_STEP else text[: LONGEST_STEP - 1] + "…"


def _nearest(headings: Sequence[str]) -> list[str]:
    """The headings over a passage, as many of the nearest as have ``LONGEST_PATH`` characters."""
    kept: list[str] = []
    left = LONGEST_PATH
    for heading in reversed(headings):
        left -= len(heading)
        if left < 0:
            break
        kept.insert(0, heading)
    return kept


def _groups(cells: Sequence[Cell], most: float) -> Iterator[Sequence[Cell]]:
    """The cells of a row in order, as many in a group as are not longer than ``most`` with their heads.

    Three cells of 100 characters under heads of 150 are two groups for 640: 500 and 250.
    """
    first, length = 0, 0.0
    for number, cell in enumerate(cells):
        own = min(len(cell.head), LONGEST_STEP) + cell.end - cell.start
        if number > first and length + own > most:
            yield cells[first:number]
            first, length = number, 0.0
        length += own
    yield cells[first:]


def _cells_in(cells: Iterable[Cell], piece: Passage) -> tuple[Cell, ...]:
    """What of the cells of a row is in a piece of it."""
    found: list[Cell] = []
    for cell in cells:
        start, end = max(cell.start, piece.start), min(cell.end, piece.end)
        if start < end:
            found.append(Cell(_step(cell.head), start, end))
    return tuple(found)


def _bounded(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans, those without a stop for too long cut at commas or white space, at last anywhere.

    A transcript of 1,000 characters without any mark becomes three pieces that overlap by ``OVERLAP_CHARS``.
    """
    bounded: list[Span] = []
    for start, end in spans:
        longest = int(limit_in(text[start:end], LONGEST_SENTENCE))
        low = start
        while end - low > longest:
            high = _last_break(text, low + longest // 2, low + longest)
            if high is not None:
                bounded.append(stripped(text, low, high))
                low = high
            else:
                high = low + longest
                bounded.append(stripped(text, low, high))
                low = high - OVERLAP_CHARS
        bounded.append(stripped(text, low, end))
    return [(low, high) for low, high in bounded if low < high]


def _last_break(text: str, start: int, end: int) -> int | None:
    """The end of the last comma or white space between; None where there is none."""
    last: int | None = None
    for match in _SOFT_BREAK.finditer(text, start, end):
        last = match.end()
    return last


def _between_gaps(text: str, start: int, end: int) -> Iterator[Span]:
    """A paragraph as its stretches before, between and after gaps, which are no text of the source."""
    while (gap := text.find(GAP, start, end)) >= 0:
        yield start, gap
        start = gap + len(GAP)
    yield start, end


def paragraphs(text: str) -> list[Span]:
    """Stretches between blank lines, white space around them left out."""
    found: list[Span] = []
    for match in _PARAGRAPH.finditer(text):
        start = match.start()
        found.append((start, start + len(match.group().rstrip())))
    return found


def _pack(parts: Sequence[Span], max_chars: float) -> list[Span]:
    """Join neighbours into as few stretches of at most ``max_chars`` as may be, evenly filled."""
    if not parts:
        return []
    total = parts[-1][1] - parts[0][0]
    # 700 characters for 320: three stretches, so that each is closed from 233 on.
    target = total / ceil(total / max_chars)
    packed: list[Span] = []
    start, end = parts[0]
    for next_start, next_end in parts[1:]:
        if next_end - start > max_chars or end - start >= target:
            packed.append((start, end))
            start = next_start
        end = next_end
    return [*packed, (start, end)]
