"""Lists: the items that belong together, when one of them answers a question for all.

items_around(document, span)        the spans of the item at ``span`` and of its siblings, in order
"""

from __future__ import annotations

from rag.records import Block, Document, Span

MOST_ITEMS = 30
"""A longer list is given to its thirtieth item; the panel shows the rest."""
MARGIN = 100_000
"""Characters around an item within which the others of its list are looked for."""


def items_around(document: Document, span: Span) -> tuple[Span, ...]:
    """The items of the list that holds ``span``, or that hangs on the stem there; empty where there is none.

    A stem is a paragraph that ends in a colon: ``有下列情形之一的：``.
    """
    blocks = [block for block in document.blocks if block.role != "running"]
    touched = [
        number
        for number, block in enumerate(blocks)
        if block.start < span[1] and span[0] < block.end
    ]
    if not touched:
        return ()
    first = touched[0]
    if blocks[first].role != "list_item":
        follows = first + 1 < len(blocks) and blocks[first + 1].role == "list_item"
        is_stem = document.text[blocks[first].start : blocks[first].end].endswith(
            ("：", ":")
        )
        if not (follows and is_stem):
            return ()
        first += 1
    return tuple((block.start, block.end) for block in _siblings(blocks, first))[
        :MOST_ITEMS
    ]


def _siblings(blocks: list[Block], at: int) -> list[Block]:
    """The items beside the one at ``at``: as deep as it, with none less deep and nothing else between."""
    level = blocks[at].level
    first = at
    while first > 0 and _in_list(blocks[first - 1], level):
        first -= 1
    last = at
    while last + 1 < len(blocks) and _in_list(blocks[last + 1], level):
        last += 1
    return [block for block in blocks[first : last + 1] if block.level == level]


def _in_list(block: Block, level: int) -> bool:
    return block.role == "list_item" and block.level >= level
