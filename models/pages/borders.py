"""A border between two blocks, looked at with the character model and with the page itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.arrays import Bools, Floats
from models.pages.ngrams import UNKNOWN, CharacterModel, Ids, Keys, key

_PAUSES = "，、的；："
"""What a clause ends with, or is often broken after."""
_ECHOED = (2, 3, 4)
"""Characters of the n-grams across a border that are looked for elsewhere."""


def borders(characters: CharacterModel, normal: Sequence[str]) -> Floats:
    """``(n, 3)`` of normalised texts: how like a sentence's one starts; how likely a stop, a pause follows
    it.
    """
    ends = characters.ends(normal)
    starts = characters.starts(normal)
    sentence = np.broadcast_to(characters.ends(["。"]), ends.shape)
    starts_plain = characters.goes_on(sentence, starts).sum(axis=1)
    stops = characters.log_chance(ends, "。")
    pauses = np.max([characters.log_chance(ends, mark) for mark in _PAUSES], axis=0)
    return np.stack([starts_plain, stops, pauses], axis=1).astype(np.float32)


def goes_on(characters: CharacterModel, normal: Sequence[str]) -> Floats:
    """``(n, n, 2)`` of normalised texts: how much likelier each is right after each other than by itself.

    By the whole border, and by the first character after it.
    """
    ends = characters.ends(normal)
    starts = characters.starts(normal)
    # alike ends and starts are looked up once: many a block ends in 。
    distinct_ends, end_of = np.unique(ends, axis=0, return_inverse=True)
    distinct_starts, start_of = np.unique(starts, axis=0, return_inverse=True)
    rows = len(distinct_ends)
    columns = len(distinct_starts)
    gains = characters.goes_on(
        np.repeat(distinct_ends, columns, axis=0),
        np.tile(distinct_starts, (rows, 1)),
    )
    told = np.stack([gains.sum(axis=1), gains[:, 0]], axis=1)
    grid = told.reshape(rows, columns, 2)
    return np.asarray(grid[end_of.ravel()][:, start_of.ravel()], np.float32)


def echoes(
    characters: CharacterModel, normal: Sequence[str], ids: Sequence[Ids]
) -> Floats:
    """``(n, n, 3)``: a name that is cut in two stands whole elsewhere on the page.

    How many of the n-grams of 2, 3 and 4 characters across each border the page has within a block. The idea
    of a cache model (Kuhn and De Mori, A Cache-Based Natural Language Model, 1990).
    """
    ends = characters.ends(normal)
    starts = characters.starts(normal)
    found = np.zeros((len(ids), len(ids), len(_ECHOED)), np.float32)
    for column, order in enumerate(_ECHOED):
        known = _keys_within(ids, order)
        if not len(known):
            continue
        for before in range(1, order):  # of 3 characters: 1 + 2, then 2 + 1
            after = order - before
            left = ends[:, -before:]
            right = starts[:, :after]
            shifted = key(left) << np.uint64(12 * after)
            across = shifted[:, None] | key(right)[None, :]
            at = np.searchsorted(known, across).clip(max=len(known) - 1)
            told = _all_known(left)[:, None] & _all_known(right)[None, :]
            found[..., column] += (known[at] == across) & told
    return found


def _keys_within(ids: Sequence[Ids], order: int) -> Keys:
    """The distinct n-grams of a page's blocks, ascending."""
    grams = []
    for each in ids:
        if len(each) >= order:
            windows = np.lib.stride_tricks.sliding_window_view(each, order)
            grams.append(key(windows))
    if not grams:
        return np.zeros(0, np.uint64)
    return np.unique(np.concatenate(grams))


def _all_known(grams: Ids) -> Bools:
    return np.asarray((grams != UNKNOWN).all(axis=1), np.bool_)
