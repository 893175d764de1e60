"""What every measurement needs: a process of its own for each, and how much memory that took."""

from __future__ import annotations

import multiprocessing
import platform
import resource
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def apart(run: Callable[..., Result], *arguments: object) -> Result:
    """Run ``run(*arguments)`` in a process of its own, so that its peak memory is its own.

    Raises:
        EOFError: it failed there; the process has printed why.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=lambda: sender.send(run(*arguments)), daemon=True
    )
    process.start()
    sender.close()
    result: Result = receiver.recv()
    process.join()
    return result


def peak_mib() -> float:
    """The most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peak_of_children_mib() -> float:
    """The most memory that one of the processes held which this one started and which are over, in MiB.

    Never less than what this process itself held when it started them: Linux counts that in.
    """
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def machine() -> str:
    """The machine in words, for the corner of a table: ``x86_64, 2 cores``."""
    return f"{platform.machine()}, {multiprocessing.cpu_count()} cores"
