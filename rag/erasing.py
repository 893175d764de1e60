"""Passages are taken out of the lexical index's file in place, so that no word of them can be told from it.

A passage's postings lie scattered over the lists of its terms. Each is written over by one of row 0 with
count 0, which a reader drops; a term that no passage has any more takes the hash of the term before it, which
keeps the hashes in order and is never found, since the first of equals is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.postings import Array
from rag.snapshots import Patch

_TYPES = {"I64": "<i8", "I32": "<i4", "U64": "<u8", "U8": "u1"}


def erasing(path: Path, ids: Sequence[int]) -> list[Patch]:
    """What overwrites these passages in a file of ``Segment.write``; nothing where that is done.

    Raises OSError, ValueError: it is another kind of file.
    """
    arrays = _Arrays(path)
    gone = np.flatnonzero(np.isin(arrays["ids"], ids))
    flags = np.zeros(len(arrays["ids"]), bool)
    flags[gone] = True
    rows, counts = arrays["rows"], arrays["counts"]
    postings = np.flatnonzero(flags[rows] & (counts > 0)) if len(gone) else gone
    patches = [arrays.patch("lengths", int(row)) for row in gone if arrays["lengths"][row]]
    for at in postings.tolist():
        patches += [arrays.patch("rows", at), arrays.patch("counts", at)]
    return patches + _emptied(arrays, postings)


def _emptied(arrays: _Arrays, postings: Array) -> list[Patch]:
    """What overwrites the terms that have no posting left once these are gone."""
    starts, terms = arrays["starts"], arrays["terms"]
    left = np.array(arrays["counts"])
    left[postings] = 0
    lists = np.unique(np.searchsorted(starts, postings, side="right") - 1)
    renamed: dict[int, int] = {}
    for number in lists.tolist():
        if left[starts[number] : starts[number + 1]].any():
            continue
        before = renamed.get(number - 1, int(terms[number - 1])) if number else 0
        own = int(terms[number])
        while number < len(terms) and int(terms[number]) == own:  # and those that took its hash earlier
            renamed[number] = before
            number += 1  # noqa: PLW2901
    return [arrays.patch("terms", number, value) for number, value in renamed.items()]


class _Arrays:
    """The arrays of a safetensors file, mapped, and where they lie in it."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > path.stat().st_size:
                raise ValueError(f"{path.name} has no header")
            header = json.loads(file.read(length))
        self._mapped: dict[str, Array] = {}
        self._offsets: dict[str, int] = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            kind = np.dtype(_TYPES[entry["dtype"]])
            begin, end = entry["data_offsets"]
            self._offsets[name] = 8 + length + begin
            count = (end - begin) // kind.itemsize
            self._mapped[name] = (
                np.memmap(path, kind, "r", self._offsets[name], (count,)) if count else np.empty(0, kind)
            )

    def __getitem__(self, name: str) -> Array:
        return self._mapped[name]

    def patch(self, name: str, at: int, value: int = 0) -> Patch:
        """What writes a number at an index of an array."""
        kind = self._mapped[name].dtype
        return self._offsets[name] + at * kind.itemsize, np.array(value, kind).tobytes()
