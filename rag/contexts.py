"""What a passage is read with: the path to it, and the heads of its row.

A row that stands in its document as ``甲 | 2 kg`` is read as ``型号：甲；重量：2 kg``. What was put between
its cells is ours; ``Readable`` knows which of its characters are the document's, so that an answer found in
it is quoted as it stands there.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.language.words import has_han
from rag.records import Cell, Context, Passage, Span, Where

PATH_SEPARATOR = " › "
SAME_HEAD_SEPARATOR = " / "
"""Between the cells of a row that stand under one head."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A passage as it is read.

    ``pieces`` are ``(start, end, at)``: ``text[start:end]`` is the document's text from ``at`` on. What lies
    between the pieces was put there and holds no answer.
    """

    context: str
    text: str
    pieces: tuple[tuple[int, int, int], ...]

    def in_document(self, start: int, end: int) -> Span | None:
        """Where ``text[start:end]`` stands in the document, from its first character there to its last."""
        low: int | None = None
        high = 0
        for piece_start, piece_end, at in self.pieces:
            first, last = max(start, piece_start), min(end, piece_end)
            if first < last:
                low = at + first - piece_start if low is None else low
                high = at + last - piece_start
        return None if low is None else (low, high)


def readable(title: str, passage: Passage) -> Readable:
    """The passage with its context in front, as the reader is given it."""
    context = path_to(title, passage.context)
    cells = _cells_within(passage)
    if not any(cell.head for cell in cells):
        whole = (0, len(passage.text), passage.start)
        return Readable(context, passage.text, (whole,))
    colon, stop = (": ", "; ")
    if has_han(passage.text) or any(has_han(cell.head) for cell in cells):
        colon, stop = ("：", "；")
    text = ""
    pieces: list[tuple[int, int, int]] = []
    key = ""
    for cell in cells:
        body = _text_of(cell, passage)
        # A key is the head of the value after it, and stands there already: 型号 | X-200 is 型号：X-200.
        if key and cell.head == key:
            text += colon
        else:
            text += stop if text else ""
            text += cell.head + colon if cell.head else ""
        pieces.append((len(text), len(text) + len(body), cell.start))
        text += body
        key = "" if cell.head else body
    return Readable(context, text, tuple(pieces))


def searchable(title: str, passage: Passage) -> str:
    """The passage with its context, as both indexes hold it."""
    whole = readable(title, passage)
    return f"{whole.context}\n{whole.text}" if whole.context else whole.text


def path_to(title: str, context: Context) -> str:
    """``title › heading › caption › lead``, none of them twice in a row."""
    steps: list[str] = []
    for step in (title, *context.headings, context.caption, context.lead):
        if step and (not steps or steps[-1] != step):
            steps.append(step)
    return PATH_SEPARATOR.join(steps)


def where(passage: Passage) -> Where:
    """Where a passage stands, for a person.

    No head stands twice in the row: cells that share one are its value together, in order, as a person
    writes them: ``电话: 8801 / 8802``.
    """
    context = passage.context
    cells_of_head: dict[str, list[str]] = {}
    for cell in _cells_within(passage):
        if cell.head:
            cells_of_head.setdefault(cell.head, []).append(_text_of(cell, passage))
    row = tuple(
        (head, SAME_HEAD_SEPARATOR.join(texts)) for head, texts in cells_of_head.items()
    )
    return Where(context.headings, context.page, row, context.ocr)


def _cells_within(passage: Passage) -> list[Cell]:
    """The cells of its row that stand whole in the passage; a wide row is cut into several."""
    within: list[Cell] = []
    for cell in passage.context.cells:
        if passage.start <= cell.start < cell.end <= passage.end:
            within.append(cell)
    return within


def _text_of(cell: Cell, passage: Passage) -> str:
    return passage.text[cell.start - passage.start : cell.end - passage.start]
