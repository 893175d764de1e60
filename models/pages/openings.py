"""Where in an article a block is likely to stand, by the words it begins and ends with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.arrays import Bools, Floats, Ints
from models.pages.ngrams import UNKNOWN, Ids, Keys, key, padded

BUCKETS = 1 << 14
SIGHT = 10
"""Characters at either end that are looked at."""
EDGE = 3
"""Of these the outermost, which count by their place, too."""


def buckets(blocks: Sequence[Ids]) -> tuple[Ints, Bools]:
    """``(n, k)`` hash buckets of the n-grams, up to order 3, at both ends of each block, and which of them
    count.

    Args:
        blocks: ids of normalised texts. An n-gram with a rare character in it does not count.
    """
    starts = np.stack([padded(ids[:SIGHT], SIGHT, front=False) for ids in blocks])
    ends = np.stack([padded(ids[-SIGHT:], SIGHT, front=True) for ids in blocks])
    found: list[Ints] = []
    counts: list[Bools] = []
    sides = (1, starts, starts[:, :EDGE]), (2, ends, ends[:, -EDGE:])
    for side, characters, edge in sides:
        for order in (1, 2, 3):
            grams = np.lib.stride_tricks.sliding_window_view(characters, order, axis=1)
            found.append(_hashed(key(grams), side * 4 + order))
            counts.append((grams != UNKNOWN).all(axis=2))
        found.append(_hashed(key(edge[:, None, :]), side * 4 + 16))
        counts.append((edge != UNKNOWN).any(axis=1)[:, None])
    return np.concatenate(found, axis=1), np.concatenate(counts, axis=1)


def _hashed(keys: Keys, salt: int) -> Ints:
    """Buckets by the upper 14 bits of a product; the salt keeps orders and sides apart."""
    mixed = (keys + np.uint64(salt * 0x51ED)) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(50)).astype(np.int64)


class Openings:
    """Three linear models over :func:`buckets`.

    Args:
        weights: ``(BUCKETS, 3)``.
        bias: ``(3,)``.
    """

    def __init__(self, weights: Floats, bias: Floats) -> None:
        self._weights = np.asarray(weights, np.float32)
        self._bias = np.asarray(bias, np.float32)

    def __call__(self, blocks: Sequence[Ids]) -> Floats:
        """``(n, 3)``: log-odds that a block opens an article, that it closes one; where it stands, 0 to 1."""
        found, counts = buckets(blocks)
        summed = (self._weights[found] * counts[..., None]).sum(axis=1)
        # a short block has fewer n-grams: its sum varies less
        scale = np.sqrt(np.maximum(counts.sum(axis=1, keepdims=True), 1))
        return np.asarray(summed / scale + self._bias, np.float32)
