"""A character n-gram model of Chinese news that answers one question: do these characters go on from those?

Counts of all n-grams to order 5 are kept in an xor filter (Graf and Lemire, Xor Filters, 2020) of 16 bits a
slot: ten of fingerprint, six of the count on a logarithmic scale. What was never counted reads as 0, but for
one key in a thousand, which the count of a shorter n-gram then bounds. Probabilities are smoothed with a
Dirichlet prior around the next shorter context (MacKay and Peto, A Hierarchical Dirichlet Language Model,
1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from models.arrays import Bools, Floats, Ints
from models.language.words import fold

Ids = Ints
"""Characters by their number in the vocabulary."""
Keys = NDArray[np.uint64]

ORDER = 5
REACH = ORDER - 1
"""Characters on either side of a border that an n-gram across it can see."""
VOCABULARY = 4096
UNKNOWN = 0
"""The id of all rare characters; with an n-gram that holds one, nothing is known."""
COUNT_BITS, PRINT_BITS = 6, 10
COUNT_STEP = 1.28
PRIOR, SPREAD = np.float32(2.5), np.float32(0.75)
"""How many observations the shorter context is worth, and more where a context is common: what followed it
rarely was not kept, so that nought does not mean never."""


def normalise(text: str) -> str:
    """Text as the model sees it: folded, without white space, digits alike and letters alike."""
    return "".join([_alike(char) for char in fold(text) if not char.isspace()])


def _alike(char: str) -> str:
    if char.isdigit():
        return "0"
    if char.isascii() and char.isalpha():
        return "a"
    return char


def key(grams: NDArray[np.integer[Any]]) -> Keys:
    """``(..., n)`` ids -> ``(...)`` keys that differ between n-grams of any order."""
    keys = np.zeros(grams.shape[:-1], np.uint64)
    for column in range(grams.shape[-1]):
        keys = (keys << np.uint64(12)) | grams[..., column].astype(np.uint64)
    return keys


def slots(keys: Keys, third: int, seed: int) -> tuple[Ints, ...]:
    """The three slots of each key, one in each third of the table, and its fingerprint.

    Keys of like n-grams differ in few bits: products and shifts spread these over all 64.
    """
    mixed = (keys + np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(29)
    again = mixed * np.uint64(0xBF58476D1CE4E5B9)
    again ^= again >> np.uint64(31)
    low = np.uint64(0xFFFFFFFF)
    parts = (mixed & low, mixed >> np.uint64(32), again & low)
    where: list[Ints] = []
    for turn, part in enumerate(parts):
        # 32 bits times a third of the table, over 2 ** 32: a slot within that third
        slot = part * np.uint64(third) >> np.uint64(32)
        where.append(slot.astype(np.int64) + turn * third)
    fingerprint = (again >> np.uint64(64 - PRINT_BITS)).astype(np.int64)
    return (*where, fingerprint)


def level(counts: NDArray[Any]) -> Ints:
    """Counts on the scale that is kept: level 1 is 1, each further one ``COUNT_STEP`` more."""
    steps = np.rint(np.log(np.maximum(counts, 1)) / np.log(COUNT_STEP))
    return np.asarray(np.clip(steps + 1, 1, 63), np.int64)


class CharacterModel:
    """Counts by n-gram, and log-probabilities from them.

    Args:
        characters: the vocabulary in order of id, from id 1.
        unigrams: ``(VOCABULARY,)`` counts.
        table: the xor filter of counts of n-grams from order 2.
    """

    def __init__(
        self,
        characters: str,
        unigrams: Floats,
        table: NDArray[np.uint16],
        seed: int = 0,
    ) -> None:
        self._ids = {char: id_ for id_, char in enumerate(characters, 1)}
        self._unigrams = unigrams
        self._table = table
        self._seed = seed
        self._third = len(table) // 3
        total = unigrams.sum() + len(unigrams)
        self._chance = np.asarray((unigrams + 1) / total, np.float32)
        counts = np.concatenate([[0], COUNT_STEP ** np.arange(63)])
        self._count_of_level = counts.astype(np.float32)

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> CharacterModel:
        """Read ``ngrams.safetensors``; ``config`` names its characters and the seed of its hash."""
        weights = load_file(folder / "ngrams.safetensors")
        return cls(
            characters=config["characters"],
            unigrams=weights["unigrams"],
            table=weights["table"],
            seed=config["seed"],
        )

    def ids(self, text: str) -> Ids:
        """Ids of a normalised text, ``(len(text),)``."""
        return np.array([self._ids.get(char, UNKNOWN) for char in text], np.int64)

    def ends(self, texts: Sequence[str]) -> Ids:
        """``(len(texts), REACH)`` ids of the last characters of normalised texts, padded in front."""
        last = [self.ids(text[-REACH:]) for text in texts]
        return np.stack([padded(ids, REACH, front=True) for ids in last])

    def starts(self, texts: Sequence[str]) -> Ids:
        """``(len(texts), REACH)`` ids of the first characters of normalised texts, padded behind."""
        first = [self.ids(text[:REACH]) for text in texts]
        return np.stack([padded(ids, REACH, front=False) for ids in first])

    def goes_on(self, ends: Ids, starts: Ids) -> Floats:
        """How much likelier each start is after its end than by itself: ``(n, REACH)`` nats a character.

        The sum over a row is the pointwise mutual information of the two sides of the border.
        """
        joined = np.concatenate([ends, starts], axis=1)
        gains = []
        for after in range(REACH):
            until = joined[:, : REACH + after + 1]
            across = self._log_chance(until[:, -ORDER:])
            alone = self._log_chance(until[:, REACH:])
            gains.append(across - alone)
        return np.stack(gains, axis=1)

    def log_chance(self, context: Ids, character: str) -> Floats:
        """``(n,)`` log-probability that ``character`` follows each ``(n, REACH)`` context."""
        id_ = self._ids.get(character, UNKNOWN)
        follower = np.full((len(context), 1), id_, np.int64)
        return self._log_chance(np.concatenate([context, follower], axis=1))

    def surprise(self, text: str) -> float:
        """Mean nats a character of a normalised text; 0 for an empty one."""
        ids = self.ids(text)
        if len(ids) < ORDER:
            return 0.0
        grams = np.lib.stride_tricks.sliding_window_view(ids, ORDER)
        return float(-self._log_chance(grams).mean())

    def rarity(self, grams: Ids) -> Floats:
        """``(n, k)`` ids of n-grams -> ``(n,)`` how rare each is: log of all over its count."""
        total = np.float32(self._unigrams.sum())
        return np.asarray(np.log(total / (self.counts(grams) + 1)), np.float32)

    def counts(self, grams: Ids) -> Floats:
        """How often each ``(n, k)`` n-gram was met, ``(n,)``; 0 for what was too rare to keep."""
        if grams.shape[1] == 1:
            return np.asarray(self._unigrams[grams[:, 0]], np.float32)
        first, second, third, fingerprint = slots(key(grams), self._third, self._seed)
        table = self._table
        held = (table[first] ^ table[second] ^ table[third]).astype(np.int64)
        met = (held >> COUNT_BITS) == fingerprint
        told: Bools = (grams != UNKNOWN).all(axis=1)
        counts = self._count_of_level[held & (2**COUNT_BITS - 1)]
        return np.where(met & told, counts, np.float32(0))

    def _log_chance(self, grams: Ids) -> Floats:
        """Log-probability of each row's last id after the others, longer contexts as far as they count."""
        chance = self._chance[grams[:, -1]]
        most = self._unigrams[grams[:, -1]]
        for size in range(2, grams.shape[1] + 1):
            # one of a thousand that were never met reads as counted: a part of it was met as often at least
            whole = np.minimum(self.counts(grams[:, -size:]), most)
            context = np.maximum(self.counts(grams[:, -size:-1]), whole)
            prior = PRIOR + context**SPREAD
            chance = (whole + prior * chance) / (context + prior)
            most = whole
        return np.asarray(np.log(chance), np.float32)


def padded(ids: Ids, length: int, front: bool) -> Ids:
    """``(length,)``: the ids with unknown characters in front of them, or behind."""
    padding = np.full(length - len(ids), UNKNOWN, np.int64)
    return np.concatenate([padding, ids] if front else [ids, padding])
