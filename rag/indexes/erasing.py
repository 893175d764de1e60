"""Passages are taken out of the lexical index's file in place, so that no word of them can be told from it.

The postings of a passage lie together, and so do the terms that it has for itself. They are overwritten with
zeros; a reader drops postings of count 0 and terms without postings.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.indexes.postings import FILE_ARRAYS, Array
from rag.indexes.snapshot_files import Patch

_TYPES = {"I64": "<i8", "I32": "<i4", "U64": "<u8", "U8": "u1"}


def erasing_patches(path: Path, ids: Sequence[int]) -> list[Patch]:
    """What overwrites these passages in a file of ``Segment.write``; nothing where that is done.

    Raises OSError, ValueError: it is another kind of file.
    """
    arrays = _Arrays(path)
    starts = arrays["starts"]
    counts = arrays["counts"]
    columns = arrays["columns"]
    patches: list[Patch] = []
    # How many passages each term still has; an erased posting has count 0.
    left = np.bincount(columns[counts > 0], minlength=len(arrays["terms"]))
    touched: set[int] = set()
    for row in np.flatnonzero(np.isin(arrays["ids"], ids)).tolist():
        begin = int(starts[row])
        end = int(starts[row + 1])
        if not counts[begin:end].any():  # erased already
            continue
        own = columns[begin:end]
        np.subtract.at(left, own, 1)
        touched.update(own.tolist())
        patches.append(arrays.zeros("counts", begin, end))
        patches.append(arrays.zeros("columns", begin, end))
        patches.append(arrays.zeros("lengths", row, row + 1))
    for term in sorted(touched):
        if not left[term]:  # no other passage has it: its hash would tell of this one
            patches.append(arrays.zeros("terms", term, term + 1))
    return patches


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
        for name in FILE_ARRAYS:
            kind = np.dtype(_TYPES[header[name]["dtype"]])
            begin, end = header[name]["data_offsets"]
            self._offsets[name] = 8 + length + begin
            count = (end - begin) // kind.itemsize
            self._mapped[name] = np.empty(0, kind)
            if count:  # an empty stretch of a file cannot be mapped
                place = self._offsets[name]
                self._mapped[name] = np.memmap(path, kind, "r", place, (count,))

    def __getitem__(self, name: str) -> Array:
        return self._mapped[name]

    def zeros(self, name: str, start: int, end: int) -> Patch:
        """What writes zeros over ``[start, end)`` of an array."""
        size = self._mapped[name].dtype.itemsize
        return self._offsets[name] + start * size, bytes((end - start) * size)
