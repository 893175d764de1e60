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


def buckets(ids: Ids) -> list[int]:
    """Hash buckets of the n-grams, up to order 3, at both ends of a block; ids of its normalised text."""
    found: list[Ids] = []
    for side, stretch in ((1, ids[:SIGHT]), (2, ids[-SIGHT:])):
        for order in (1, 2, 3):
            if len(stretch) >= order:
                grams = np.lib.stride_tricks.sliding_window_view(stretch, order)
                grams = grams[(grams != UNKNOWN).all(axis=1)]
                found.append(_hashed(key(grams), side * 4 + order))
        if len(stretch):  # the outermost characters count by their place, too
            edge = stretch[:3] if side == 1 else stretch[-3:]
            found.append(_hashed(key(edge[None, :]), side * 4 + 16))
    return np.concatenate(found).tolist() if found else []


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
        self._weights, self._bias = np.asarray(weights, np.float32), np.asarray(bias, np.float32)

    def __call__(self, blocks: Sequence[Ids]) -> Floats:
        """``(n, 3)``: log-odds that a block opens an article, that it closes one, and where it stands (0 to
        1).
        """
        rows = []
        for ids in blocks:
            held = buckets(ids)
            rows.append(
                self._weights[held].sum(axis=0) / max(len(held), 1) ** 0.5 if held else 0 * self._bias
            )
        return np.stack(rows) + self._bias
