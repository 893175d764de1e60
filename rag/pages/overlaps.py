"""Which blocks of a page share a stretch as two printings of one text would, and where.

Blocks with character n-grams in common (shingles; Broder, On the resemblance and containment of documents,
1997) are aligned on the diagonal that most of them lie on. As in the assembly of genomes (Myers, Toward
simplifying and accurately formulating fragment assembly, 1995), only what reaches an end of one of the two on
either side is an overlap: what two texts share in the middle of both is a phrase that they have in common.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from rag.records import Span

SHINGLE = 5
COMMON = 24
"""A shingle that stands in more places than this on a page says nothing."""
SLACK = 6
"""Characters at an end that a misprint may keep out of the alignment."""
EACH = 20
"""Characters in common for each of ``SLACK``."""
DRIFT = 8
"""How far insertions and omissions may shift what two printings share."""
SHORTEST_RUN = 3
DENSE = 0.85
"""The share of an overlap that two printings have in common."""
SHORTEST_INEXACT = 10
NUMBERS = 80
"""Characters in which one number more may be misprinted."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MISPRINTS = ((1, 1), (0, 1), (1, 0))
"""Characters of each block that a misprint takes: another one, one more, one less."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""2^64 by the golden ratio: it spreads a sum over all 64 bits (Knuth, The Art of Computer Programming, 6.4)."""

Run = tuple[int, int, int]
"""``(start in the first, start in the second, length)`` of characters that are the same."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What blocks ``first`` and ``second`` share: ``runs``, in order; ``lengths`` are those of the blocks."""

    first: int
    second: int
    runs: tuple[Run, ...]
    lengths: tuple[int, int]

    @property
    def shared(self) -> int:
        return sum(size for _, _, size in self.runs)

    @property
    def exact(self) -> bool:
        """Whether it reads the same up to an end of one of the two on either side."""
        if len(self.runs) > 1:
            return False
        (left_a, left_b), (right_a, right_b) = self.left, self.right
        return min(left_a, left_b) == min(right_a, right_b) == 0

    @property
    def left(self) -> tuple[int, int]:
        """How many characters of each block stand before what they share."""
        return self.runs[0][0], self.runs[0][1]

    @property
    def right(self) -> tuple[int, int]:
        """How many characters of each block stand after what they share."""
        a, b, size = self.runs[-1]
        return self.lengths[0] - a - size, self.lengths[1] - b - size

    @property
    def shift(self) -> int:
        """Where the second begins, counted from where the first does."""
        return self.runs[0][0] - self.runs[0][1]

    def flipped(self) -> Overlap:
        """The same with first and second exchanged."""
        runs = tuple((b, a, size) for a, b, size in self.runs)
        return Overlap(
            self.second, self.first, runs, (self.lengths[1], self.lengths[0])
        )


def overlaps(texts: Sequence[str]) -> list[Overlap]:
    """Every overlap of two blocks that share a shingle at least, the one of a pair that is most alike."""
    best: dict[tuple[int, int], Overlap] = {}
    for i, j, shift, count in _diagonals(texts):
        found = _exact(texts, i, j, shift) or _inexact(texts, i, j, shift, count)
        if found and ((i, j) not in best or found.shared > best[i, j].shared):
            best[i, j] = found
    return list(best.values())


def _diagonals(texts: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """``(first, second, shift, shared shingles)`` for every two blocks and shift at which they share any."""
    hashes: list[NDArray[np.uint64]] = []
    blocks: list[NDArray[np.int64]] = []
    places: list[NDArray[np.int64]] = []
    for i, text in enumerate(texts):
        codes = code_points(text).astype(np.uint64)
        if len(codes) < SHINGLE:
            continue
        rolled = np.zeros(len(codes) - SHINGLE + 1, np.uint64)
        for at in range(SHINGLE):
            rolled = (rolled + codes[at : at + len(rolled)]) * _MULTIPLIER
        hashes.append(rolled)
        blocks.append(np.full(len(rolled), i))
        places.append(np.arange(len(rolled)))
    if not hashes:
        return
    hashed = np.concatenate(hashes)
    order = np.argsort(hashed, kind="stable")
    hashed = hashed[order]
    block = np.concatenate(blocks)[order]
    place = np.concatenate(places)[order]
    a, b = _pairs_of_equals(hashed)
    in_two_blocks = block[a] != block[b]
    a, b = a[in_two_blocks], b[in_two_blocks]
    # One number for each (first, second, shift), so that they are counted in one pass: of 50 blocks of at
    # most 300 characters, blocks 3 and 7 at shift -12 are (3 × 50 + 7) × 600 - 12 + 300.
    reach = int(place.max()) + 1
    pair_keys = block[a] * len(texts) + block[b]
    keys = pair_keys * (2 * reach) + place[a] - place[b] + reach
    diagonals, counts = np.unique(keys, return_counts=True)
    by_count = zip(counts.tolist(), diagonals.tolist(), strict=True)
    for count, key in sorted(by_count, key=lambda each: -each[0]):
        pair, shift = divmod(key, 2 * reach)
        first, second = divmod(pair, len(texts))
        yield first, second, shift - reach, count


def _pairs_of_equals(
    hashed: NDArray[np.uint64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The indexes of every two equal hashes of a sorted array, but for those that are all too common."""
    borders = np.concatenate([[True], hashed[1:] != hashed[:-1], [True]])
    edges = np.flatnonzero(borders)
    sizes = np.diff(edges)
    firsts: list[NDArray[np.int64]] = []
    seconds: list[NDArray[np.int64]] = []
    # All groups of one size at once: of three hashes that are the same 0-1, 0-2 and 1-2.
    for size in range(2, COMMON + 1):
        starts = edges[:-1][sizes == size]
        a, b = np.triu_indices(size, 1)
        firsts.append((starts[:, None] + a).ravel())
        seconds.append((starts[:, None] + b).ravel())
    return np.concatenate(firsts), np.concatenate(seconds)


def code_points(text: str) -> NDArray[np.uint32]:
    """``(len(text),)``."""
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def _exact(texts: Sequence[str], i: int, j: int, shift: int) -> Overlap | None:
    first, second = texts[i], texts[j]
    start, end = max(0, shift), min(len(first), shift + len(second))
    if first[start:end] != second[start - shift : end - shift]:
        return None
    whole = (start, start - shift, end - start)
    return Overlap(i, j, (whole,), (len(first), len(second)))


def _inexact(
    texts: Sequence[str], i: int, j: int, shift: int, count: int
) -> Overlap | None:
    first, second = texts[i], texts[j]
    start, end = max(0, shift), min(len(first), shift + len(second))
    if end - start < SHORTEST_INEXACT or count < 2:
        return None
    # Each misprint spoils five shingles. Of 100 characters that lie over each other 20 must begin a shared one.
    if count * 4 < end - start - 4 * SHINGLE:
        return None
    runs = _runs_near(first, second, (start, end), shift)
    if not runs:
        return None
    runs = _to_the_ends(first, second, runs)
    found = Overlap(i, j, runs, (len(first), len(second)))
    differing = _numbers_that_differ(first, second, runs)
    if not _reaches_ends(found) or differing > 1 + found.shared // NUMBERS:
        return None
    return found


def _reaches_ends(found: Overlap) -> bool:
    """Whether it goes from an end of one of the two to an end of one, a few misprints aside."""
    before, after = min(found.left), min(found.right)
    # 45 characters in common: three at an end may be misprinted; 100 and more: six.
    slack = min(SLACK, 1 + found.shared // EACH)
    if before > slack or after > slack:
        return False
    first, last = found.runs[0], found.runs[-1]
    longer = max(last[side] + last[2] - first[side] for side in (0, 1))
    return found.shared >= DENSE * (longer + before + after)


def _runs_near(first: str, second: str, span: Span, shift: int) -> tuple[Run, ...]:
    """What two texts have in common near a diagonal: ``span`` in the first, ``shift`` back in the second."""
    start, end = span
    low = max(0, start - DRIFT)
    bottom = max(0, start - shift - DRIFT)
    ours = first[low : end + DRIFT]
    theirs = second[bottom : end - shift + DRIFT]
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    runs: list[Run] = []
    for a, b, size in matcher.get_matching_blocks():
        drift = low + a - bottom - b - shift
        if size >= SHORTEST_RUN and abs(drift) <= DRIFT:
            runs.append((low + a, bottom + b, size))
    return tuple(runs)


def _to_the_ends(first: str, second: str, runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """The runs, and the few characters between a misprint near an end and that end."""
    a, b, size = runs[-1]
    after = _beyond(first[a + size :], second[b + size :])
    if after is not None:
        runs = (*runs, (a + size + after[0], b + size + after[1], after[2]))
    a, b, _ = runs[0]
    before = _beyond(first[:a][::-1], second[:b][::-1])
    if before is not None:
        skipped, passed, size = before
        runs = ((a - skipped - size, b - passed - size, size), *runs)
    return runs


def _beyond(ours: str, theirs: str) -> Run | None:
    """What two rests have in common up to the end of one of them, behind a misprint."""
    if 0 < max(len(ours), len(theirs)) <= SLACK:
        alike = (a == b for a, b in zip(reversed(ours), reversed(theirs), strict=False))
        if size := sum(takewhile(bool, alike)):
            return len(ours) - size, len(theirs) - size, size
    for skip, passed in _MISPRINTS:
        rest = min(len(ours) - skip, len(theirs) - passed)
        if not 0 < rest < SHORTEST_RUN:
            continue
        if ours[skip : skip + rest] == theirs[passed : passed + rest]:
            return skip, passed, rest
    return None


def _numbers_that_differ(first: str, second: str, runs: Sequence[Run]) -> int:
    """How many numbers read otherwise: more than misprints are the same sentence of another day."""
    (a, b, _), (c, d, size) = runs[0], runs[-1]
    ours = Counter(_NUMBER.findall(first[a : c + size]))
    theirs = Counter(_NUMBER.findall(second[b : d + size]))
    return min((ours - theirs).total(), (theirs - ours).total())
