"""How far long work is: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Self, TextIO, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bar

T = TypeVar("T")

Count = Callable[[int, int], None]
"""Called with ``(done, total)``."""

SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Steps of known or unknown length, told to ``stream``; a context manager."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False)
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
        )
        self._bar = Bar(*columns, console=self._console, transient=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def say(self, text: str) -> None:
        """A line that stays."""
        self._console.print(text, markup=False, soft_wrap=True)

    def step(self, text: str) -> None:
        """Begin a step whose length is unknown; the one before it is over."""
        self._begin(text, None)

    def counter(self, text: str) -> Count:
        """A step that begins when its count is first told."""
        task: TaskID | None = None
        told = time.monotonic()

        def count(done: int, total: int) -> None:
            nonlocal task, told
            if task is None:
                task = self._begin(text, total)
            self._bar.update(task, completed=done)
            if (
                not self._console.is_terminal
                and time.monotonic() - told >= SECONDS_BETWEEN_LINES
            ):
                self.say(f"{text}: {done} of {total}")
                told = time.monotonic()

        return count

    def track(self, items: Iterable[T], text: str, total: int) -> Iterator[T]:
        """A step of ``total`` items, each passed on as it is done."""
        count = self.counter(text)
        count(0, total)
        for done, item in enumerate(items, start=1):
            count(done, total)
            yield item

    def _begin(self, text: str, total: int | None) -> TaskID:
        for task in self._bar.task_ids:
            self._bar.remove_task(task)
        if not self._console.is_terminal:
            self.say(f"{text} …")
        return self._bar.add_task(text, total=total)
