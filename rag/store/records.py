"""What the store hands to the indexes: which passages came and went, generations, arrays of ids and of vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
"""Passage ids, shape ``(count,)``."""
Matrix = npt.NDArray[np.float32]
"""Vectors, shape ``(count, dimension)``."""

STORED_VECTOR = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class PassageChange:
    """A passage came or went. ``seq`` counts up, without end and without reuse."""

    seq: int
    kind: Literal["add", "delete"]
    passage_id: int


@dataclass(frozen=True, slots=True)
class Generation:
    """The vectors of one encoder. ``whole`` once every passage has one."""

    id: int
    fingerprint: str
    dimension: int
    whole: bool
