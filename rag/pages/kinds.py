"""What each block of an article is: by its looks, its place, and whether a sentence goes on at its ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.pages.lines import EXCLAIMED, Look, short_line
from models.pages.solving import Thread
from rag.pages.copies import Kept
from rag.records import BlockKind

HEAD: tuple[BlockKind, ...] = ("kicker", "headline", "subtitle", "byline", "dateline")
FOOT: tuple[BlockKind, ...] = ("caption", "credit")
_BELOW_HEADLINE: tuple[BlockKind, ...] = ("subtitle", "byline", "dateline")

GOES_ON = 0.5
"""The probability of a join from which a short line is taken for the end of a column, not for a headline."""
WITHIN = 0.73, 0.5
"""The probability that it ends within a sentence from which a short line is, without a comma and with one."""


def kinds_of(
    thread: Thread, blocks: Sequence[Kept], cut: NDArray[np.float32]
) -> dict[int, BlockKind]:
    """The kind of each block of a thread.

    Args:
        blocks: all blocks of the page; the thread counts in them.
        cut: ``(len(blocks), 2)``: how likely each begins, ends within a sentence.
    """
    joined: set[int] = set()
    for link in thread.links:
        if link.join >= GOES_ON:
            joined |= {link.first, link.second}
    kinds: dict[int, BlockKind] = {}
    lines: list[int] = []
    for i in thread.blocks:
        look = blocks[i].look
        is_line = i not in joined and _heads(look, float(cut[i, 1]))
        if look.furniture is not None:
            kinds[i] = look.furniture
        elif is_line or _exclaims(blocks[i], thread, i):
            lines.append(i)
        else:
            kinds[i] = "body"
    body = [i for i in thread.blocks if kinds.get(i) == "body"]
    kinds |= dict.fromkeys(lines, "subhead" if body else "headline")
    if body:
        for heading in _headings(thread, lines, kinds):
            kinds[heading[0]] = "headline" if len(heading) == 1 else "kicker"
            kinds |= dict.fromkeys(heading[1:2], "headline")
    _captions(thread, kinds, body)
    return kinds


def _heads(look: Look, ends_within: float) -> bool:
    """Whether a block stands over others: short, without a stop, and not by a column's end."""
    return short_line(look) and ends_within < WITHIN[bool(look.pauses)]


def _exclaims(block: Kept, thread: Thread, i: int) -> bool:
    """A headline may end in ！ or ？ where it stands first and is short."""
    if thread.blocks[0] != i or len(thread.blocks) < 2:
        return False
    return len(block.text) <= EXCLAIMED and block.text.text[-1] in "！？!?"


def _headings(
    thread: Thread, lines: Sequence[int], kinds: Mapping[int, BlockKind]
) -> list[list[int]]:
    """The lines over an article, next to each other: those before its text, or over a subtitle or a byline.

    Where there are none, those that nothing leads to, or that stand at its very end: their place is lost.
    """
    at = {i: place for place, i in enumerate(thread.blocks)}
    groups: list[list[int]] = []
    for i in lines:
        if groups and at[i] == at[groups[-1][-1]] + 1:
            groups[-1].append(i)
        else:
            groups.append([i])
    first_of_body = min(at[i] for i, kind in kinds.items() if kind == "body")
    led_to = {link.second for link in thread.links if not link.gathered}
    leading: list[list[int]] = []
    loose: list[list[int]] = []
    for group in groups:
        after = thread.blocks[at[group[-1]] + 1 :]
        if at[group[0]] < first_of_body or (
            after and kinds[after[0]] in _BELOW_HEADLINE
        ):
            leading.append(group)
        if group[0] not in led_to or not after:
            loose.append(group)
    if leading:
        return leading
    # Of two whose place is lost nobody knows which one is the headline.
    return loose if len(loose) == 1 else []


def _captions(thread: Thread, kinds: dict[int, BlockKind], body: Sequence[int]) -> None:
    """What little text stands before a credit is the words of the picture, where the thread has no more."""
    if "credit" not in kinds.values() or any(kinds[i] in HEAD for i in thread.blocks):
        return
    if 0 < len(body) <= 2:
        kinds |= dict.fromkeys(body, "caption")
