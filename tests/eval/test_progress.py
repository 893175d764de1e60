"""How far the eval has come: a bar with the time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from eval import progress
from eval.progress import track


def test_elsewhere_a_line_now_and_then_with_the_time_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter(
        [0.0, 0.0, 10.0, 20.0, 30.0]
    )  # the start, then before each of four items
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    stream = io.StringIO()
    assert list(track("甲乙丙丁", "asking", Console(file=stream))) == list("甲乙丙丁")
    assert stream.getvalue().splitlines() == [
        "asking: 2 of 4, about 20 s left",
        "asking: 4 of 4",
    ]


def test_on_a_terminal_a_bar_with_the_time_left() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80)
    assert list(track([1, 2], "asking", console)) == [1, 2]
    assert (
        "asking" in stream.getvalue()
        and "2/2" in stream.getvalue()
        and "0:00:00" in stream.getvalue()
    )


def test_nothing_to_do_is_soon_done() -> None:
    stream = io.StringIO()
    assert list(track([], "asking", Console(file=stream))) == []
    assert stream.getvalue() == "asking: 0 of 0\n"
