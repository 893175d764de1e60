"""rag/stopping.py: a word to stop reaches whoever works, once, early or late."""

from __future__ import annotations

import pytest

from rag.errors import Stopped
from rag.stopping import Stop


def test_nothing_is_stopped_before_the_word() -> None:
    stop = Stop()
    stop.check()
    told: list[str] = []
    with stop.calling(lambda: told.append("end")):
        pass
    stop.set()
    assert told == [], "what was over by then is left alone"
    with pytest.raises(Stopped):
        stop.check()


def test_what_runs_is_told_once() -> None:
    stop = Stop()
    told: list[str] = []
    with (
        stop.calling(lambda: told.append("first")),
        stop.calling(lambda: told.append("second")),
    ):
        stop.set()
        stop.set()
    assert sorted(told) == ["first", "second"]


def test_what_begins_after_the_word_is_told_at_once() -> None:
    stop = Stop()
    stop.set()
    told: list[str] = []
    with stop.calling(lambda: told.append("end")):
        assert told == ["end"]
