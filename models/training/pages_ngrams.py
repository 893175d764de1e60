"""Counts the n-grams of the news and packs them into an xor filter.

python -m models.training.pages_ngrams ../shared/data models/weights/chuchu-pages
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from models.arrays import Ints
from models.pages.ngrams import (
    COUNT_BITS,
    ORDER,
    UNKNOWN,
    VOCABULARY,
    Keys,
    key,
    level,
    normalise,
    slots,
)
from models.training.pages_articles import BELOW, articles

LEAST = {2: 4, 3: 5, 4: 8, 5: 14}
"""How often an n-gram of each order must be met to be kept."""
LOAD = 1.25
"""Slots a key; below 1.23 the filter cannot be built."""


def count(ids: NDArray[np.int16], least: dict[int, int]) -> tuple[Keys, Ints]:
    """Keys and counts of all n-grams from order 2 that are frequent enough and hold no unknown."""
    kept_keys: list[Keys] = []
    kept_counts: list[Ints] = []
    for order in range(2, ORDER + 1):
        windows = np.lib.stride_tricks.sliding_window_view(ids, order)
        keys = np.sort(key(windows)[(windows != UNKNOWN).all(axis=1)])
        # Of the sorted keys 7 7 7 9 9 new ones begin at 0 and 3: three times 7, twice 9.
        # Without any key nothing begins.
        begins = np.ones(len(keys), bool)
        begins[1:] = keys[1:] != keys[:-1]
        first = np.flatnonzero(begins)
        counts = np.diff(np.concatenate([first, [len(keys)]]))
        often = counts >= least[order]
        kept_keys.append(keys[first[often]])
        kept_counts.append(counts[often])
        print(
            f"order {order}: {len(first):,} n-grams, {int(often.sum()):,} kept",
            flush=True,
        )
    return np.concatenate(kept_keys), np.concatenate(kept_counts)


def pack(keys: Keys, counts: Ints) -> tuple[NDArray[np.uint16], int]:
    """The xor filter of these keys, and the seed with which it could be built."""
    third = int(len(keys) * LOAD / 3) + 32
    for seed in range(1, 20):
        peeled = _peel(keys, third, seed)
        if peeled is not None:
            break
    else:
        raise ValueError(
            f"no xor filter of {len(keys)} keys could be built in {third * 3} slots"
        )
    *where, prints = slots(keys, third, seed)
    values = ((prints << COUNT_BITS) | level(counts)).astype(np.uint16)
    table = np.zeros(third * 3, np.uint16)
    columns = np.stack(where, axis=1)
    # The last round first: when a key's own slot is set, its other two do not change any more.
    for which, own in reversed(peeled):
        table[own] = 0
        others = table[columns[which]]
        table[own] = values[which] ^ others[:, 0] ^ others[:, 1] ^ others[:, 2]
    return table, seed


def _peel(keys: Keys, third: int, seed: int) -> list[tuple[Ints, Ints]] | None:
    """Rounds of (keys, the slot that each has for itself once those of later rounds are gone); None if
    stuck.
    """
    columns = np.stack(slots(keys, third, seed)[:3], axis=1)
    degree = np.bincount(columns.ravel(), minlength=third * 3)
    # The sum of the numbers of all keys in a slot: where there is one, that is its number.
    sums = np.zeros(third * 3, np.int64)
    for column in range(3):
        np.add.at(sums, columns[:, column], np.arange(len(keys)))
    rounds = []
    left = len(keys)
    alone = np.flatnonzero(degree == 1)
    while len(alone):
        which, at = np.unique(sums[alone], return_index=True)
        rounds.append((which, alone[at]))
        left -= len(which)
        gone = columns[which]
        np.subtract.at(degree, gone.ravel(), 1)
        np.subtract.at(sums, gone.ravel(), np.repeat(which, 3))
        # Only where a key has gone can another be alone now.
        touched = np.unique(gone.ravel())
        alone = touched[degree[touched] == 1]
    return None if left else rounds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--least", type=int, help="keep n-grams met so often, whatever their order"
    )
    args = parser.parse_args()
    began = time.monotonic()
    texts = [normalise(text) for text in articles(args.data, BELOW)]
    often = Counter[str]()
    for text in texts:
        often.update(text)
    characters = "".join(char for char, _ in often.most_common(VOCABULARY - 1))
    ids_of = {char: i for i, char in enumerate(characters, 1)}
    # A gap after each article, so that no n-gram runs from one into the next.
    gap = [UNKNOWN] * ORDER
    flat: list[int] = []
    for text in texts:
        flat += (ids_of.get(char, UNKNOWN) for char in text)
        flat += gap
    ids = np.array(flat, np.int16)
    print(
        f"{len(texts):,} articles, {len(ids):,} characters, {time.monotonic() - began:.0f} s",
        flush=True,
    )
    unigrams = np.bincount(ids, minlength=VOCABULARY).astype(np.float32)
    # Counted anew: the gaps are no characters.
    unigrams[UNKNOWN] = sum(n for char, n in often.items() if char not in ids_of)
    least = LEAST
    if args.least is not None:
        least = dict.fromkeys(range(2, ORDER + 1), args.least)
    table, seed = pack(*count(ids, least))
    args.out.mkdir(parents=True, exist_ok=True)
    save_file({"table": table, "unigrams": unigrams}, args.out / "ngrams.safetensors")
    (args.out / "ngrams.json").write_text(
        json.dumps({"characters": characters, "seed": seed}, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )
    print(f"{len(table) * 2 / 1e6:.1f} MB, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
