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

from models.language.words import fold

Ids = NDArray[np.int64]
Keys = NDArray[np.uint64]
Floats = NDArray[np.float32]

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
    return "".join(
        "0" if char.isdigit() else "a" if char.isascii() and char.isalpha() else char
        for char in fold(text)
        if not char.isspace()
    )


def key(grams: NDArray[np.integer[Any]]) -> Keys:
    """``(..., n)`` ids -> ``(...)`` keys that differ between n-grams of any order."""
    keys = np.zeros(grams.shape[:-1], np.uint64)
    for column in range(grams.shape[-1]):
        keys = (keys << np.uint64(12)) | grams[..., column].astype(np.uint64)
    return keys


def slots(keys: Keys, third: int, seed: int) -> tuple[NDArray[np.int64], ...]:
    """The three slots of each key, one in each third of the table, and its fingerprint."""
    mixed = (keys + np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(29)
    again = mixed * np.uint64(0xBF58476D1CE4E5B9)
    again ^= again >> np.uint64(31)
    low = np.uint64(0xFFFFFFFF)
    parts = (mixed & low, mixed >> np.uint64(32), again & low)
    where = [
        (part * np.uint64(third) >> np.uint64(32)).astype(np.int64) + turn * third
        for turn, part in enumerate(parts)
    ]
    return (*where, (again >> np.uint64(64 - PRINT_BITS)).astype(np.int64))


def level(counts: NDArray[Any]) -> NDArray[np.int64]:
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
        self._ids = {char: i for i, char in enumerate(characters, 1)}
        self._unigrams = unigrams
        self._table, self._seed = table, seed
        self._third = len(table) // 3
        self._chance = np.asarray(
            (unigrams + 1) / (unigrams.sum() + len(unigrams)), np.float32
        )
        self._scale = np.concatenate([[0], COUNT_STEP ** np.arange(63)]).astype(
            np.float32
        )

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> CharacterModel:
        """Read ``ngrams.safetensors``; ``config`` names its characters and the seed of its hash."""
        weights = load_file(folder / "ngrams.safetensors")
        return cls(
            config["characters"], weights["unigrams"], weights["table"], config["seed"]
        )

    def ids(self, text: str) -> Ids:
        """Ids of a normalised text, ``(len(text),)``."""
        return np.array([self._ids.get(char, UNKNOWN) for char in text], np.int64)

    def ends(self, texts: Sequence[str]) -> Ids:
        """``(len(texts), REACH)`` ids of the last characters of normalised texts, padded in front."""
        return np.stack(
            [self._padded(self.ids(text[-REACH:]), front=True) for text in texts]
        )

    def starts(self, texts: Sequence[str]) -> Ids:
        """``(len(texts), REACH)`` ids of the first characters of normalised texts, padded behind."""
        return np.stack(
            [self._padded(self.ids(text[:REACH]), front=False) for text in texts]
        )

    def goes_on(self, ends: Ids, starts: Ids) -> Floats:
        """How much likelier each start is after its end than by itself: ``(n, REACH)`` nats a character.

        The sum over a row is the pointwise mutual information of the two sides of the border.
        """
        joined = np.concatenate([ends, starts], axis=1)
        gains = []
        for i in range(REACH):
            upto = joined[:, : REACH + i + 1]
            gains.append(
                self._log_chance(upto[:, -ORDER:]) - self._log_chance(upto[:, REACH:])
            )
        return np.stack(gains, axis=1)

    def log_chance(self, context: Ids, character: str) -> Floats:
        """``(n,)`` log-probability that ``character`` follows each ``(n, REACH)`` context."""
        follower = np.full(
            (len(context), 1), self._ids.get(character, UNKNOWN), np.int64
        )
        return self._log_chance(np.concatenate([context, follower], axis=1))

    def surprise(self, text: str) -> float:
        """Mean nats a character of a normalised text; 0 for an empty one."""
        ids = self.ids(text)
        if len(ids) < ORDER:
            return 0.0
        return float(
            -self._log_chance(
                np.lib.stride_tricks.sliding_window_view(ids, ORDER)
            ).mean()
        )

    def rarity(self, grams: Ids) -> Floats:
        """``(n, k)`` ids of n-grams -> ``(n,)`` how rare each is: log of all over its count."""
        total = np.float32(self._unigrams.sum())
        return np.asarray(np.log(total / (self.counts(grams) + 1)), np.float32)

    def counts(self, grams: Ids) -> Floats:
        """How often each ``(n, k)`` n-gram was met, ``(n,)``; 0 for what was too rare to keep."""
        if grams.shape[1] == 1:
            return np.asarray(self._unigrams[grams[:, 0]], np.float32)
        first, second, third, fingerprint = slots(key(grams), self._third, self._seed)
        held = (self._table[first] ^ self._table[second] ^ self._table[third]).astype(
            np.int64
        )
        known = ((held >> COUNT_BITS) == fingerprint) & (grams != UNKNOWN).all(axis=1)
        return np.where(known, self._scale[held & (2**COUNT_BITS - 1)], np.float32(0))

    def _log_chance(self, grams: Ids) -> Floats:
        """Log-probability of each row's last id after the others, longer contexts as far as they count."""
        chance = self._chance[grams[:, -1]]
        most = self._unigrams[grams[:, -1]]
        for size in range(2, grams.shape[1] + 1):
            whole = np.minimum(self.counts(grams[:, -size:]), most)
            context = np.maximum(self.counts(grams[:, -size:-1]), whole)
            prior = PRIOR + context**SPREAD
            chance = (whole + prior * chance) / (context + prior)
            most = whole
        return np.asarray(np.log(chance), np.float32)

    @staticmethod
    def _padded(ids: Ids, front: bool) -> Ids:
        padding = np.full(REACH - len(ids), UNKNOWN, np.int64)
        return np.concatenate([padding, ids] if front else [ids, padding])
