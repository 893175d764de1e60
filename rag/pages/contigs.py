"""The printings of a paragraph laid on one line: each block's characters at their coordinates.

A *contig*, as the assembly of genomes calls it, is a set of blocks that overlap, with the coordinates that
these overlaps give to their characters. Characters that two printings share have one coordinate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.pages.overlaps import Overlap, code_points

WINDOW = 16
"""Characters by which two lines that come to lie over each other are compared."""
ALIKE = 0.6
FULLER = 2
"""Characters by which a misprint at an end may be longer in one printing."""
_DRIFT = (0, -1, 1, -2, 2)
_NONE = 0

Coordinates = NDArray[np.int64]


class Contigs:
    """All blocks of a page, each at first on a line by itself.

    ``line[i]`` names the line of block ``i``, ``at[i]`` has the coordinates of its characters, ascending;
    one that another printing lacks shares that of the character before it.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.line = list(range(len(texts)))
        self.at: list[Coordinates] = [np.arange(len(text)) for text in texts]
        self.members: dict[int, list[int]] = {i: [i] for i in range(len(texts))}

    def begin(self, block: int) -> int:
        return int(self.at[block][0])

    def end(self, block: int) -> int:
        return int(self.at[block][-1]) + 1

    def span(self, line: int) -> tuple[int, int]:
        """From where to where a line's blocks reach."""
        blocks = self.members[line]
        return min(map(self.begin, blocks)), max(map(self.end, blocks))

    def codes(self, line: int) -> tuple[int, NDArray[np.uint32]]:
        """Where a line begins, and the code points that stand on it, those of its longest block first."""
        low, high = self.span(line)
        codes = np.full(high - low, _NONE, np.uint32)
        for block in sorted(self.members[line], key=lambda i: len(self.texts[i])):
            codes[self.at[block] - low] = code_points(self.texts[block])
        return low, codes

    def lay(self, overlap: Overlap) -> bool:
        """Put the lines of two blocks together as these overlap, where all else on them agrees."""
        i, j = overlap.first, overlap.second
        if self.line[i] == self.line[j]:
            return False
        if len(self.members[self.line[i]]) < len(self.members[self.line[j]]):
            return self.lay(overlap.flipped())
        new = projected(self.at[i], overlap)
        moved: dict[int, Coordinates] = {}
        for k in self.members[self.line[j]]:
            moved[k] = _carried(self.at[k], self.at[j], new)
        if not self._agree(self.line[i], moved):
            return False
        self._move(self.line[i], self.line[j], moved)
        return True

    def attach(self, line: int, other: int, offset: int) -> None:
        """Put ``other`` on ``line``, its coordinates shifted by ``offset``."""
        moved = {k: self.at[k] + offset for k in self.members[other]}
        self._move(line, other, moved)

    def _move(self, line: int, other: int, moved: dict[int, Coordinates]) -> None:
        for k, coordinates in moved.items():
            self.at[k] = coordinates
            self.line[k] = line
        self.members[line] += self.members.pop(other)

    def _agree(self, line: int, moved: dict[int, Coordinates]) -> bool:
        """Whether these blocks read as the line does wherever they come to lie on it."""
        low, codes = self.codes(line)
        # Room at both ends for what is read a few characters before or after its place.
        padded = np.pad(codes, WINDOW)
        for k, coordinates in moved.items():
            on_line = (coordinates >= low) & (coordinates < low + len(codes))
            theirs = code_points(self.texts[k])[on_line]
            places = coordinates[on_line] - low + WINDOW
            for start in range(0, len(theirs) - WINDOW + 1, WINDOW):
                part = slice(start, start + WINDOW)
                # Of 16 characters 10 must be the same (0.625): 9 (0.56) are another text.
                if _most_alike(padded, places[part], theirs[part]) < ALIKE:
                    return False
        return True


def _most_alike(
    codes: NDArray[np.uint32], places: Coordinates, theirs: NDArray[np.uint32]
) -> float:
    """The share of characters that are the same, at the shift by which most are: one may be left out before."""
    shares: list[float] = []
    for shift in _DRIFT:
        shares.append(float((codes[places + shift] == theirs).mean()))
    return max(shares)


def projected(at: Coordinates, overlap: Overlap) -> Coordinates:
    """The coordinates of the second block of an overlap, given those of the first."""
    new = np.empty(overlap.lengths[1], np.int64)
    done = 0
    for a, b, size in overlap.runs:
        # Characters between two runs share what room there is.
        if done:
            between = new[done - 1] + np.arange(1, b - done + 1)
            new[done:b] = np.minimum(between, max(at[a] - 1, new[done - 1]))
        else:
            misprint = 0 < b <= a <= b + FULLER
            new[:b] = at[a] - np.arange(b, 0, -1)
            if misprint:
                new[:b] -= at[a] - b - at[0]
        new[b : b + size] = at[a : a + size]
        done = b + size
    rest = len(new) - done
    new[done:] = new[done - 1] + np.arange(1, rest + 1)
    if 0 < rest <= overlap.right[0] <= rest + FULLER:
        new[-1] = at[-1]
    return new


def _carried(at: Coordinates, old: Coordinates, new: Coordinates) -> Coordinates:
    """Coordinates of a block, taken along by one of its line that moved from ``old`` to ``new``."""
    index = np.clip(np.searchsorted(old, at, side="right") - 1, 0, len(old) - 1)
    carried = new[index] + (at - old[index])
    # Between two characters of the mover none goes beyond the second of them.
    inside = (at > old[0]) & (at < old[-1])
    following = new[np.minimum(index + 1, len(new) - 1)]
    carried[inside] = np.minimum(carried[inside], following[inside])
    return np.asarray(np.maximum.accumulate(carried), np.int64)
