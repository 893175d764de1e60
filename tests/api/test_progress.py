"""Progress where there is no terminal: a line a step, and no line an item."""

from __future__ import annotations

import io

import pytest

from api import progress
from api.progress import Progress


def test_lines_of_a_quick_step() -> None:
    stream = io.StringIO()
    with Progress(stream) as shown:
        shown.step("Opening")
        assert list(shown.track(range(1000), "Reading", 1000)) == list(range(1000))
        shown.say("one [bold]line[/bold] that stays")
    assert stream.getvalue().splitlines() == [
        "Opening …",
        "Reading …",
        "one [bold]line[/bold] that stays",
    ]


def test_line_now_and_then_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    stream = io.StringIO()
    with Progress(stream) as shown:
        count = shown.counter("Encoding")
        assert stream.getvalue() == "", "a count that is never told shows nothing"
        count(10, 20)
        count(20, 20)
    assert stream.getvalue().splitlines() == [
        "Encoding …",
        "Encoding: 10 of 20",
        "Encoding: 20 of 20",
    ]
