"""How many threads a matrix product takes."""

from __future__ import annotations

from functools import cache

from threadpoolctl import threadpool_limits


@cache
def one_blas_thread() -> None:
    """Have BLAS use one thread in this process from now on.

    The products of a question are small. Where the other core has work, two threads spin for each other:
    a search took 80 ms instead of 6.
    """
    threadpool_limits(limits=1, user_api="blas")
