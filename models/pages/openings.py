"""Where in an article a block is likely to stand, by the words it begins and ends with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.pages.ngrams import UNKNOWN, Ids, key

BUCKETS = 1 << 14
SIGHT = 10
"""Characters at either end that are looked at."""

Floats = NDArray[np.float32]


def buckets(blocks: Sequence[Ids]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """``(n, k)`` hash buckets of the n-grams, up to order 3, at both ends of each block, and which of them
    count.

    Args:
        blocks: ids of normalised texts. An n-gram with a rare character in it does not count.
    """
    found, counts = [], []
    for side in (1, 2):
        ends = np.stack(
            [
                _padded(ids[:SIGHT] if side == 1 else ids[-SIGHT:], side == 2)
                for ids in blocks
            ]
        )
        for order in (1, 2, 3):
            grams = np.lib.stride_tricks.sliding_window_view(ends, order, axis=1)
            found.append(_hashed(key(grams), side * 4 + order))
            counts.append((grams != UNKNOWN).all(axis=2))
        edge = (
            ends[:, :3] if side == 1 else ends[:, -3:]
        )  # the outermost characters count by their place, too
        found.append(_hashed(key(edge[:, None, :]), side * 4 + 16))
        counts.append((edge != UNKNOWN).any(axis=1)[:, None])
    return np.concatenate(found, axis=1), np.concatenate(counts, axis=1)


def _padded(ids: Ids, front: bool) -> Ids:
    padding = np.full(SIGHT - len(ids), UNKNOWN, np.int64)
    return np.concatenate([padding, ids] if front else [ids, padding])


def _hashed(keys: NDArray[np.uint64], salt: int) -> Ids:
    mixed = (keys + np.uint64(salt * 0x51ED)) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(50)).astype(np.int64)


class Openings:
    """Three linear models over :func:`buckets`.

    Args:
        weights: ``(BUCKETS, 3)``.
        bias: ``(3,)``.
    """

    def __init__(self, weights: Floats, bias: Floats) -> None:
        self._weights, self._bias = (
            np.asarray(weights, np.float32),
            np.asarray(bias, np.float32),
        )

    def __call__(self, blocks: Sequence[Ids]) -> Floats:
        """``(n, 3)``: log-odds that a block opens an article, that it closes one; where it stands, 0 to 1."""
        held, counts = buckets(blocks)
        summed = (self._weights[held] * counts[..., None]).sum(axis=1)
        scale = np.sqrt(np.maximum(counts.sum(axis=1, keepdims=True), 1))
        return np.asarray(summed / scale + self._bias, np.float32)
