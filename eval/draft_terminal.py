"""The review of drafts on a terminal: one key a draft, the evidence with its answer lit."""

from __future__ import annotations

import os
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from rich.console import Console
from rich.text import Text

from eval.draft_file import DraftRow
from eval.draft_review import KEYS, SEPARATOR, Tally

AROUND = 90
"""Characters of evidence shown on each side of the answer."""


class Terminal:
    """A :class:`eval.draft_review.Desk` over standard input and output, a terminal both.

    Within ``with``, keys come one by one and are not echoed; what was typed ahead is not lost.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._input = sys.stdin.fileno()
        self._usual = termios.tcgetattr(self._input)
        self._typed = ""

    def __enter__(self) -> Self:
        tty.setcbreak(self._input, termios.TCSANOW)
        return self

    def __exit__(self, *_: object) -> None:
        termios.tcsetattr(self._input, termios.TCSADRAIN, self._usual)

    def show(self, row: DraftRow, at: int, tally: Tally) -> None:
        fact = row.fact
        print_ = self.console.print
        print_()
        head = f"{at}/{tally.drafts}  {fact.kind} · {fact.lang}" + (
            f" · {row.document}" if row.document else ""
        )
        print_(Text(head, style="dim"))
        print_(Text("Q  ", style="bold") + Text(fact.question, style="bold"))
        if fact.answers:
            print_(
                Text("A  ", style="bold")
                + Text(SEPARATOR.join(fact.answers), style="green")
            )
        else:
            print_(
                Text("A  ", style="bold")
                + Text("nothing: do the documents really not say?", style="yellow")
            )
        for evidence in fact.evidence:
            print_(Text("   ") + lit(evidence, fact.answers))
        if row.library is not None:
            print_(Text("   ") + _library(row))
        print_(
            Text("   ".join(f"{key} {what}" for key, what in KEYS.items()), style="dim")
        )

    def key(self) -> str:
        while True:
            try:
                pressed = self._pressed()
            except KeyboardInterrupt:
                return "q"
            if pressed in KEYS:
                return pressed
            if pressed in ("", "\x04"):  # the end of the input, Ctrl+D
                return "q"

    def edit(self, what: str, value: str) -> str:
        with self._mode(self._usual), _prefilled(value):
            try:
                return input(f"{what}: ")
            except (EOFError, KeyboardInterrupt):
                return value

    def _pressed(self) -> str:
        """The next key in lower case; an arrow or function key counts as none of ours."""
        if not self._typed:
            self._typed = os.read(self._input, 64).decode("utf-8", "replace")
            if self._typed.startswith("\x1b"):
                self._typed = "\x1b"
        key, self._typed = self._typed[:1], self._typed[1:]
        return key.lower()

    @contextmanager
    def _mode(self, wanted: list[Any]) -> Iterator[None]:
        now = termios.tcgetattr(self._input)
        termios.tcsetattr(self._input, termios.TCSADRAIN, wanted)
        try:
            yield
        finally:
            termios.tcsetattr(self._input, termios.TCSADRAIN, now)

    def tell(self, sentence: str) -> None:
        self.console.print(Text(sentence, style="yellow"))


def lit(evidence: str, answers: tuple[str, ...]) -> Text:
    """The evidence around its answer, the answer lit."""
    found = [(evidence.index(each), each) for each in answers if each in evidence]
    if not found:
        return Text(
            evidence[: 2 * AROUND] + ("…" if len(evidence) > 2 * AROUND else ""),
            style="dim",
        )
    at, answer = min(found)
    end = at + len(answer)
    before = ("…" if at > AROUND else "") + evidence[max(0, at - AROUND) : at]
    after = evidence[end : end + AROUND] + ("…" if end + AROUND < len(evidence) else "")
    return (
        Text(before, style="dim")
        + Text(answer, style="reverse")
        + Text(after, style="dim")
    )


def _library(row: DraftRow) -> Text:
    assert row.library is not None
    says = row.library.says or "that the documents do not say"
    if row.library.agrees:
        return Text(f"✓ the library says so, too: {says}", style="dim")
    return Text(f"✗ the library says {says}", style="red")


@contextmanager
def _prefilled(value: str) -> Iterator[None]:
    """``input()`` begins with ``value``, to be mended, where there is a line editor."""
    try:
        import readline  # noqa: PLC0415 - not on every platform
    except ImportError:
        sys.stdout.write(f"({value})\n")
        yield
        return
    readline.set_startup_hook(lambda: readline.insert_text(value))
    try:
        yield
    finally:
        readline.set_startup_hook(None)
