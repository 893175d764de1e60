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


def erasing(path: Path, ids: Sequence[int]) -> list[Patch]:
    """What overwrites these passages in a file of ``Segment.write``; nothing where that is done.

    Raises OSError, ValueError: it is another kind of file.
    """
    arrays = _Arrays(path)
    starts, counts, columns = arrays["starts"], arrays["counts"], arrays["columns"]
    patches: list[Patch] = []
    left = np.bincount(columns[counts > 0], minlength=len(arrays["terms"]))
    touched: set[int] = set()
    for row in np.flatnonzero(np.isin(arrays["ids"], ids)).tolist():
        begin, end = int(starts[row]), int(starts[row + 1])
        if not counts[begin:end].any():
            continue
        own = columns[begin:end]
        np.subtract.at(left, own, 1)
        touched.update(own.tolist())
        patches.append(arrays.patch("counts", begin, np.zeros(end - begin)))
        patches.append(arrays.patch("columns", begin, np.zeros(end - begin)))
        patches.append(arrays.patch("lengths", row, np.zeros(1)))
    emptied = [term for term in sorted(touched) if not left[term]]
    return patches + [arrays.patch("terms", term, np.zeros(1)) for term in emptied]


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
            self._mapped[name] = (
                np.memmap(path, kind, "r", self._offsets[name], (count,))
                if count
                else np.empty(0, kind)
            )

    def __getitem__(self, name: str) -> Array:
        return self._mapped[name]

    def patch(self, name: str, at: int, values: Array) -> Patch:
        """What writes numbers from an index of an array on."""
        kind = self._mapped[name].dtype
        return self._offsets[name] + at * kind.itemsize, values.astype(kind).tobytes()
