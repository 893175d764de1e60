"""What is computed of texts is kept to be used again, up to a number of bytes.

    @kept(megabytes=8)
    def words(text: str) -> tuple[Word, ...]: ...

As ``functools.lru_cache``, which counts entries: eight thousand sentences are 2 MB or 2 GB. Bytes are counted
as entries come, so that a hit costs nothing more; when they are too many, all is let go and it fills anew.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import _lru_cache_wrapper, lru_cache, wraps
from typing import Any, Final, TypeVar

import numpy as np

T = TypeVar("T")

ENTRY_BYTES: Final = 200
"""What an entry costs beside its key and value."""
MEGABYTE: Final = 1_000_000


def kept(
    megabytes: int, entries: int | None = None
) -> Callable[[Callable[..., T]], _lru_cache_wrapper[T]]:
    """A decorator that keeps results, the latest ``entries`` of at most so many bytes together."""

    def decorate(function: Callable[..., T]) -> _lru_cache_wrapper[T]:
        counted = 0
        counting = threading.Lock()

        @wraps(function)
        def make(*arguments: Any) -> T:
            nonlocal counted
            value = function(*arguments)
            texts = (
                each for each in arguments if isinstance(each, str | tuple)
            )  # not a shared model
            size = ENTRY_BYTES + sum(map(size_of, texts)) + size_of(value)
            with counting:
                counted += size
                full = counted > megabytes * MEGABYTE
                if full:
                    counted = size
            if full:
                results.cache_clear()
            return value

        results = lru_cache(maxsize=entries)(make)
        return results

    return decorate


def size_of(value: object) -> int:
    """Bytes of texts, arrays and records of them; of anything else that of the object alone."""
    if isinstance(value, np.ndarray):
        return int(value.nbytes) + 112
    size = sys.getsizeof(value)
    if isinstance(value, tuple | list | set | frozenset):
        size += sum(map(size_of, value))
    elif isinstance(value, Mapping):
        size += size_of(tuple(value.items()))
    elif is_dataclass(value) and not isinstance(value, type):
        size += sum(size_of(getattr(value, field.name)) for field in fields(value))
    return size
