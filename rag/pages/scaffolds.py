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
from math import log2

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


@dataclass(frozen=True, slots=True)
class _Fit:
    bits: float
    line: int
    other: int
    offset: int
    end: int
    begin: int

    def same_as(self, fit: _Fit) -> bool:
        return (self.line, self.other, self.offset) == (fit.line, fit.other, fit.offset)


def scaffold(contigs: Contigs) -> bool:
    """Put the lines together that go on with each other, the surest first; whether there were any."""
    said = _information(contigs.texts)
    found = False
    while fits := _chosen(sorted(_fits(contigs, said), key=lambda fit: -fit.bits)):
        used: set[int] = set()
        for fit in fits:
            if not used & {fit.line, fit.other}:
                contigs.attach(fit.line, fit.other, fit.offset)
                used |= {fit.line, fit.other}
        found = True
    return found


def _chosen(fits: Sequence[_Fit]) -> list[_Fit]:
    """Those that are better than all others of the same end and of the same beginning."""
    best: dict[tuple[str, int, int], list[_Fit]] = {}
    for fit in fits:
        best.setdefault(("end", fit.line, fit.end), []).append(fit)
        best.setdefault(("begin", fit.other, fit.begin), []).append(fit)
    return [
        fit
        for fit in fits
        if fit.bits >= LEAST
        and all(
            rival is fit or rival.bits + AHEAD <= fit.bits or rival.same_as(fit)
            for rival in (
                *best["end", fit.line, fit.end],
                *best["begin", fit.other, fit.begin],
            )
        )
    ]


def _fits(contigs: Contigs, said: dict[int, float]) -> Iterator[_Fit]:
    """Every way in which an end on one line may meet a beginning on another."""
    lines = {line: contigs.codes(line) for line in contigs.members}
    ends: dict[int, dict[int, list[int]]] = {}
    begins: dict[int, dict[int, list[int]]] = {}
    for line, blocks in contigs.members.items():
        ends[line], begins[line] = {}, {}
        for block in blocks:
            ends[line].setdefault(contigs.end(block), []).append(block)
            begins[line].setdefault(contigs.begin(block), []).append(block)
    open_ends = {
        line: [
            e for e in found if not any(e + k in begins[line] for k in range(LOST + 1))
        ]
        for line, found in ends.items()
    }
    open_begins = {
        line: [
            b for b in found if not any(b - k in ends[line] for k in range(LOST + 1))
        ]
        for line, found in begins.items()
    }
    heads: dict[int, list[tuple[int, int]]] = {}
    for other, places in open_begins.items():
        low, codes = lines[other]
        for begin in places:
            heads.setdefault(int(codes[begin - low]), []).append((other, begin))
    for line, places in open_ends.items():
        low, codes = lines[line]
        for end in places:
            inside = end < low + len(codes)
            for other, begin in (
                heads.get(int(codes[end - low]), ())
                if inside
                else _inner(open_begins, lines)
            ):
                if line == other:
                    continue
                offset = end - begin
                start, words = _shared(lines[line], lines[other], offset)
                if not len(words):
                    continue
                bits = WORDS * sum(
                    said.get(int(code), -MISPRINT / WORDS) for code in words
                )
                bits += _borders(
                    ends, begins, line, other, offset, (start, start + len(words)), end
                )
                beside = any(
                    b - a == 1 for a in ends[line][end] for b in begins[other][begin]
                )
                yield _Fit(bits + NEXT * beside, line, other, offset, end, begin)


def _inner(
    open_begins: dict[int, list[int]], lines: dict[int, tuple[int, np.ndarray]]
) -> Iterator[tuple[int, int]]:
    """Open beginnings within a line."""
    return (
        (line, b)
        for line, places in open_begins.items()
        for b in places
        if b > lines[line][0]
    )


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
    return start, np.where(differ, 0, ours) if SAME * differ.sum() <= len(
        ours
    ) else ours[:0]


def _borders(
    ends: dict[int, dict[int, list[int]]],
    begins: dict[int, dict[int, list[int]]],
    line: int,
    other: int,
    offset: int,
    span: tuple[int, int],
    met: int,
) -> float:
    """What the borders say where two lines lie over each other, but for the end that was ``met``."""
    start, stop = span
    our_ends, their_ends = set(ends[line]), {e + offset for e in ends[other]}
    our_begins, their_begins = set(begins[line]), {b + offset for b in begins[other]}
    bits = BORDER * (min(our_begins) == min(their_begins)) + BORDER * (
        max(our_ends) == max(their_ends)
    )
    for at in (our_ends | their_ends | our_begins | their_begins) - {met}:
        own = at in our_ends & our_begins or at in their_ends & their_begins
        alike = at in our_ends & their_ends or at in our_begins & their_begins
        if start <= at <= stop and not own:
            if at in our_ends & their_begins or at in their_ends & our_begins:
                bits += BORDER
            elif start < at < stop and not alike:
                bits -= UNMET
    return bits


def _information(texts: Sequence[str]) -> dict[int, float]:
    """Bits that each character says, by how often it stands on the page."""
    seen = Counter(char for text in texts for char in text)
    total = sum(seen.values())
    return {ord(char): log2(total / count) for char, count in seen.items()}
