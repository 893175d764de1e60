"""Which lines of a page go on with each other, by how the columns of several printings end on the one and
begin on the other.

Where a paragraph is printed twice and cut at other places, the printing that was cut first goes on with what
the other still has. So an end within a line calls for a block that begins with what the line reads from there
on; where the ends of all printings meet beginnings, and the words between agree, the lines are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log2
from typing import Self

import numpy as np

from rag.pages.contigs import Contigs
from rag.pages.proofs import LOST

WORDS = 0.6
"""What characters in a row say, as a share of what they would say drawn one by one."""
BORDER = 5.0
"""Bits that it says when one more end meets a beginning, or two lines begin or end at one place."""
UNMET = 4.0
"""Bits that an end or a beginning without its counterpart says against it."""
NEXT = 4.0
"""Bits that it says when the one stands right after the other on the page."""
SAME = 4
"""Characters that must be the same for one that is not."""
MISPRINT = 8.0
"""Bits that a character that differs says against it."""
LEAST = 9.0
AHEAD = 3.0
"""Bits by which a place must be better than the next best."""


Place = tuple[int, int]
"""A line, and an offset on it."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """An end of ``line`` that meets a beginning of ``other``: the other lies ``offset`` further on."""

    bits: float
    line: int
    other: int
    offset: int
    end: int
    begin: int

    def is_ahead_of(self, rival: _Fit) -> bool:
        """Whether the rival is worse by ``AHEAD`` bits, or puts the same lines together at the same place."""
        if rival.bits + AHEAD <= self.bits:
            return True
        ours = (self.line, self.other, self.offset)
        return ours == (rival.line, rival.other, rival.offset)


def scaffold(contigs: Contigs) -> bool:
    """Put the lines together that go on with each other, the surest first; whether there were any."""
    said = _information(contigs.texts)
    any_attached = False
    while fits := _chosen(sorted(_fits(contigs, said), key=lambda fit: -fit.bits)):
        used: set[int] = set()
        for fit in fits:
            # Once it is put to another, a line has other ends: it is asked again in the next round.
            if fit.line in used or fit.other in used:
                continue
            contigs.attach(fit.line, fit.other, fit.offset)
            used |= {fit.line, fit.other}
        any_attached = True
    return any_attached


def _chosen(fits: Sequence[_Fit]) -> list[_Fit]:
    """Those that are better than all others of the same end and of the same beginning."""
    of_end: dict[Place, list[_Fit]] = {}
    of_beginning: dict[Place, list[_Fit]] = {}
    for fit in fits:
        of_end.setdefault((fit.line, fit.end), []).append(fit)
        of_beginning.setdefault((fit.other, fit.begin), []).append(fit)
    chosen: list[_Fit] = []
    for fit in fits:
        rivals = (*of_end[fit.line, fit.end], *of_beginning[fit.other, fit.begin])
        if fit.bits >= LEAST and all(map(fit.is_ahead_of, rivals)):
            chosen.append(fit)
    return chosen


@dataclass(frozen=True, slots=True)
class _Printings:
    """The lines of a page, and where their blocks begin and end on each.

    ``codes[line]`` is where the line begins and its characters; ``ends[line][place]`` and
    ``begins[line][place]`` the blocks that end and begin there.
    """

    codes: dict[int, tuple[int, np.ndarray]]
    ends: dict[int, dict[int, list[int]]]
    begins: dict[int, dict[int, list[int]]]

    @classmethod
    def of(cls, contigs: Contigs) -> Self:
        printings = cls({}, {}, {})
        for line, blocks in contigs.members.items():
            printings.codes[line] = contigs.codes(line)
            ends = printings.ends.setdefault(line, {})
            begins = printings.begins.setdefault(line, {})
            for block in blocks:
                ends.setdefault(contigs.end(block), []).append(block)
                begins.setdefault(contigs.begin(block), []).append(block)
        return printings

    def open_ends(self) -> Iterator[Place]:
        """The ends after which no block of the same line begins, a few lost characters aside."""
        for line, places in self.ends.items():
            for end in places:
                goes_on = range(end, end + LOST + 1)
                if self.begins[line].keys().isdisjoint(goes_on):
                    yield line, end

    def open_beginnings(self) -> Iterator[Place]:
        """The beginnings before which no block of the same line ends, a few lost characters aside."""
        for line, places in self.begins.items():
            for begin in places:
                came_from = range(begin - LOST, begin + 1)
                if self.ends[line].keys().isdisjoint(came_from):
                    yield line, begin

    def are_neighbours(self, end: Place, beginning: Place) -> bool:
        """Whether a block that begins here stands on the page right after one that ends there."""
        line, place = end
        other, begin = beginning
        after = {block + 1 for block in self.ends[line][place]}
        return not after.isdisjoint(self.begins[other][begin])


def _fits(contigs: Contigs, said: dict[int, float]) -> Iterator[_Fit]:
    """Every way in which an end on one line may meet a beginning on another."""
    printings = _Printings.of(contigs)
    beginning_with: dict[int, list[Place]] = {}
    inner: list[Place] = []
    for other, begin in printings.open_beginnings():
        low, codes = printings.codes[other]
        beginning_with.setdefault(int(codes[begin - low]), []).append((other, begin))
        if begin > low:
            inner.append((other, begin))
    for line, end in printings.open_ends():
        low, codes = printings.codes[line]
        # Within a line the next character says how the other must begin; at its very end any may follow that
        # lies over it in part.
        candidates = inner
        if end < low + len(codes):
            candidates = beginning_with.get(int(codes[end - low]), [])
        for other, begin in candidates:
            if line == other:
                continue
            fit = _fit(printings, (line, end), (other, begin), said)
            if fit is not None:
                yield fit


def _fit(
    printings: _Printings, end: Place, beginning: Place, said: dict[int, float]
) -> _Fit | None:
    """How well an end and a beginning meet; None where the two lines read otherwise there."""
    line, place = end
    other, begin = beginning
    offset = place - begin
    start, words = _shared(printings.codes[line], printings.codes[other], offset)
    if not len(words):
        return None
    # 的, one of 30 characters of a page, says 4.9 bits alone, and 0.6 of it among others: 2.9.
    bits = WORDS * sum(said.get(int(code), -MISPRINT / WORDS) for code in words)
    span = (start, start + len(words))
    bits += _borders(printings, line, other, offset, span, place)
    if printings.are_neighbours(end, beginning):
        bits += NEXT
    return _Fit(bits, line, other, offset, place, begin)


def _shared(
    line: tuple[int, np.ndarray], other: tuple[int, np.ndarray], offset: int
) -> tuple[int, np.ndarray]:
    """From where on the two lie over each other, and what they read there if it is the same."""
    (low, codes), (low_other, others) = line, other
    start = max(low, low_other + offset)
    end = min(low + len(codes), low_other + offset + len(others))
    ours = codes[max(0, start - low) : max(0, end - low)]
    theirs = others[
        max(0, start - low_other - offset) : max(0, end - low_other - offset)
    ]
    differ = ours != theirs
    # 2 of 9 characters differ: 2 × 4 <= 9, misprints; 3 of 9 are another text.
    if SAME * differ.sum() > len(ours):
        return start, ours[:0]
    return start, np.where(differ, 0, ours)


def _borders(
    printings: _Printings,
    line: int,
    other: int,
    offset: int,
    span: tuple[int, int],
    met: int,
) -> float:
    """What the borders say where two lines lie over each other, but for the end that was ``met``."""
    start, stop = span
    our_ends = set(printings.ends[line])
    our_begins = set(printings.begins[line])
    their_ends = {end + offset for end in printings.ends[other]}
    their_begins = {begin + offset for begin in printings.begins[other]}
    bits = 0.0
    if min(our_begins) == min(their_begins):
        bits += BORDER
    if max(our_ends) == max(their_ends):
        bits += BORDER
    # Where a block of a line ends and the next of the same line begins, nothing is left to be met.
    own = (our_ends & our_begins) | (their_ends & their_begins)
    alike = (our_ends & their_ends) | (our_begins & their_begins)
    meeting = (our_ends & their_begins) | (their_ends & our_begins)
    for at in (our_ends | their_ends | our_begins | their_begins) - own - {met}:
        if not start <= at <= stop:
            continue
        if at in meeting:
            bits += BORDER
        elif start < at < stop and at not in alike:
            bits -= UNMET
    return bits


def _information(texts: Sequence[str]) -> dict[int, float]:
    """Bits that each character says, by how often it stands on the page."""
    seen = Counter(chain.from_iterable(texts))
    total = seen.total()
    return {ord(char): log2(total / count) for char, count in seen.items()}
