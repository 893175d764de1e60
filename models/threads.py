"""How many threads a matrix product takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import threadpool_limits


@cache
def one_blas_thread() -> None:
    """Have BLAS use one thread in this process from now on.

    The products of a question are small. Where the other core has work, two threads spin for each other:
    a search took 80 ms instead of 6.
    """
    threadpool_limits(limits=1, user_api="blas")


@contextmanager
def one_thread() -> Iterator[None]:
    """Have torch compute with one thread for a while: over small nets two wait for each other."""
    import torch  # noqa: PLC0415 - seconds, and most who are here do without

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
