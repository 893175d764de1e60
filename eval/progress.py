"""How far long work has come: a bar on a terminal, a line now and then elsewhere; always on stderr."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

T = TypeVar("T")
SECONDS_BETWEEN_LINES = 15.0


def track(
    items: Sequence[T], label: str, console: Console | None = None
) -> Iterator[T]:
    """Yield the items, telling how many are done."""
    console = console or Console(stderr=True)
    return (
        _bar(items, label, console)
        if console.is_terminal
        else _lines(items, label, console)
    )


def _bar(items: Sequence[T], label: str, console: Console) -> Iterator[T]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield from progress.track(items, description=label)


def _lines(items: Sequence[T], label: str, console: Console) -> Iterator[T]:
    began = said = time.monotonic()
    for done, item in enumerate(items):
        now = time.monotonic()
        if done and now - said >= SECONDS_BETWEEN_LINES:
            said = now
            left = (now - began) / done * (len(items) - done)
            console.print(
                f"{label}: {done} of {len(items)}, about {_told(left)} left",
                highlight=False,
            )
        yield item
    console.print(f"{label}: {len(items)} of {len(items)}", highlight=False)


def _told(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
