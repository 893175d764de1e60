"""What the blocks of a page are about: rare character n-grams, hashed into buckets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.arrays import Floats, Ints
from models.pages.ngrams import UNKNOWN, CharacterModel, Ids

BUCKET_BITS = 12
DIMENSIONS = 1 << BUCKET_BITS
"""Buckets of the character bigrams and trigrams by which topics are compared."""
COMMON = 6
"""Rarity, in nats, below which an n-gram says nothing of a topic."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


def topics(ids: Sequence[Ids], characters: CharacterModel) -> Floats:
    """Character bigrams and trigrams by rarity, in the news and on the page: ``(n, DIMENSIONS)``."""
    blocks: list[Ints] = []
    buckets: list[Ints] = []
    weights: list[Floats] = []
    for order in (2, 3):
        grams, block_of = _grams(ids, order)
        if not len(grams):
            continue
        blocks.append(block_of)
        buckets.append(_bucket(grams, order))
        weights.append(np.maximum(characters.rarity(grams) - COMMON, 0))
    weighed = np.zeros((len(ids), DIMENSIONS), np.float32)
    if blocks:
        cells = np.concatenate(blocks), np.concatenate(buckets)
        np.add.at(weighed, cells, np.concatenate(weights))
    # what stands in every block of the page tells none of them from the others
    spread = (weighed > 0).sum(axis=0)
    page_rarity = np.log1p(len(ids) / np.maximum(spread, 1))
    return np.asarray(np.sqrt(weighed) * page_rarity, np.float32)


def _grams(ids: Sequence[Ids], order: int) -> tuple[Ids, Ints]:
    """All n-grams without a rare character, ``(k, order)``, and the block of each, ``(k,)``."""
    grams = [np.zeros((0, order), np.int64)]
    blocks = [np.zeros(0, np.int64)]
    for block, each in enumerate(ids):
        if len(each) >= order:
            windows = np.lib.stride_tricks.sliding_window_view(each, order)
            grams.append(windows)
            blocks.append(np.full(len(windows), block))
    stacked = np.concatenate(grams)
    told = (stacked != UNKNOWN).all(axis=1)
    return stacked[told], np.concatenate(blocks)[told]


def _bucket(grams: Ids, order: int) -> Ints:
    hashes = np.zeros(len(grams), np.uint64)
    for place in range(order):
        character = grams[:, place].astype(np.uint64)
        hashes = (hashes + character + np.uint64(order)) * _MIX
    return (hashes >> np.uint64(64 - BUCKET_BITS)).astype(np.int64)
