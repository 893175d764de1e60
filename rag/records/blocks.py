"""Offsets, and the blocks that a text is made of: headings, paragraphs, rows of tables.

Offsets count Unicode code points and are half-open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Span = tuple[int, int]
"""``(start, end)``, half-open, in code points."""

MapEntry = tuple[int, int, int]
"""``(start, end, source_start)``: ``document.text[start:end]`` stands in the source at ``source_start``."""

Role = Literal[
    "heading",
    "paragraph",
    "list_item",
    "table_head",
    "table_row",
    "caption",
    "question",
    "turn",
    "code",
    "footnote",
    "running",
]
"""What a block is on its page.

``heading``      names what follows; ``level`` 1 is the outermost
``paragraph``    prose
``list_item``    one entry; ``level`` counts its nesting from 1
``table_head``   a row of heads; it is read with the rows below it, never alone
``table_row``    one row; ``cells`` say which head each of its cells stands under
``caption``      what stands over or under a table or picture: its name, its unit
``question``     asked in a list of questions and answers; the blocks that follow answer it
``turn``         what one speaker says at one time; ``label`` is the speaker or the time
``code``         lines that are kept as they are
``footnote``     a note at the foot or the end
``running``      head or foot of a page, a page's number: shown, never searched
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row: the head that it stands under (``""`` for none) and its span in the text."""

    head: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A span of a text with a role. The blocks of a text come in order and do not overlap.

    ``page`` counts from 1 (a slide's number, too). ``table`` is the same for all blocks of one table, its
    captions and notes among them. ``ocr``: a machine read the characters off a picture.
    """

    role: Role
    start: int
    end: int
    level: int = 0
    page: int | None = None
    table: int | None = None
    cells: tuple[Cell, ...] = ()
    label: str | None = None
    ocr: bool = False
