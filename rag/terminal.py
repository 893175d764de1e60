"""What ``chuchu`` and ``chuchu eval`` share: the two consoles, common options, progress, text that fits the width."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Final, TypeVar

import typer
from rich.cells import get_character_cell_size
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

Id = Annotated[int, typer.Argument(min=1, max=2**63 - 1)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one value.")]

T = TypeVar("T")

SECONDS_BETWEEN_LINES: Final = 5.0

WIDTH: Final = 80
"""Columns where nobody says how many there are."""
_WIDEST: Final = 100
_NEVER_FIRST = frozenset("，。、；：！？”’）》」』】〕…,.;:!?)]}%")
_NEVER_LAST = frozenset("“‘（《「『【〔([{")


def progress(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The items, with a bar on a terminal and a line now and then elsewhere."""
    # In a log a bar would be a line a step: 1,200 files are twelve lines.
    if not err.is_terminal:
        for count, item in enumerate(items, start=1):
            yield item
            if count % 100 == 0 or count == total:
                err.print(f"{what} {count}/{total}")
        return
    shown = TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*shown, console=err, transient=True) as bar:
        yield from bar.track(items, total=total)


def counting(what: str) -> Callable[[int, int], None]:
    """Tells of long work when it begins, when it ends, and every few seconds between."""
    told = 0.0

    def count(done: int, total: int) -> None:
        nonlocal told
        if done == total or time.monotonic() - told >= SECONDS_BETWEEN_LINES:
            err.print(f"{what}: {done} of {total}")
            told = time.monotonic()

    return count


def columns() -> int:
    """The width to print to: the terminal's, within reason, and 80 where there is none."""
    return min(out.width, _WIDEST) if out.is_terminal else WIDTH


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` columns, wide characters taking two; line breaks are kept.

    Words of letters are not cut, and no line begins with a closing mark or ends with an opening one, unless
    that alone is wider than a line.
    """
    lines: list[str] = []
    for given in text.split("\n"):
        lines += _wrapped(given.rstrip(), width)
    return lines


def _wrapped(text: str, width: int) -> Iterator[str]:
    line = 0
    while (at := _fitting(text, line, width)) < len(text):
        cut = at if text[at].isspace() else _break(text, line, at)
        yield text[line:cut].rstrip()
        line = cut
        while line < len(text) and text[line].isspace():
            line += 1
    yield text[line:]


def _fitting(text: str, line: int, width: int) -> int:
    """How far from ``line`` on fits, one character at least."""
    used = 0  # 水车 takes four columns
    for at in range(line, len(text)):
        used += get_character_cell_size(text[at])
        if used > width and at > line:
            return at
    return len(text)


def _break(text: str, line: int, at: int) -> int:
    """Where to cut, at ``at`` or before it."""
    for cut in range(at, line, -1):
        before = text[cut - 1]
        after = text[cut]
        if after in _NEVER_FIRST or before in _NEVER_LAST:
            continue
        # "water|mill" is one word; Han characters may be parted anywhere.
        if not (_is_of_a_word(before) and _is_of_a_word(after)):
            return cut
    return at


def _is_of_a_word(char: str) -> bool:
    return char.isascii() and not char.isspace()
