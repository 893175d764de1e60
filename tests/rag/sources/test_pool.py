"""rag/sources/pool.py: work in a process that is kept, and ended when it breaks a limit or is stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from threading import Timer
from typing import Any

import pytest

from rag.errors import Stopped
from rag.sources import plain
from rag.sources.base import (
    MEBIBYTE,
    Limits,
    OverLimitError,
    ReadingError,
    TooLargeError,
)
from rag.sources.pool import Pool
from rag.stopping import Stop
from tests.conftest import ROOT

AMPLE = Limits(seconds=60)

# Functions as the process finds them, by name, in this very module.


def lengths(data: bytes, arguments: dict[str, Any]) -> Iterator[Any]:
    print("libraries print")  # noqa: T201
    yield len(data)
    yield {"word": arguments["word"], "process": os.getpid()}


def sleep(data: bytes, arguments: dict[str, Any]) -> Iterator[Any]:
    yield "begun"
    time.sleep(600)


def gorge(data: bytes, arguments: dict[str, Any]) -> Iterator[Any]:
    yield len(bytearray(arguments["bytes"]))


def leave(data: bytes, arguments: dict[str, Any]) -> Iterator[Any]:
    yield "begun"
    os._exit(3)


def refuse(data: bytes, arguments: dict[str, Any]) -> Iterator[Any]:
    yield "begun"
    raise TooLargeError("it is too long")


def fail(data: bytes, arguments: dict[str, Any]) -> Iterator[Any]:
    yield 1 // len(data)


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool()
    yield made
    made.close()


def called(
    pool: Pool, name: str, data: bytes = b"", limits: Limits = AMPLE, **arguments: Any
) -> list[Any]:
    return list(
        pool.call(f"tests.rag.sources.test_pool:{name}", data, arguments, limits)
    )


def test_lines_come_back_and_the_process_is_kept(pool: Pool) -> None:
    data = b"x" * 300_000  # more than a pipe holds
    length, first = called(pool, "lengths", data, word="知识\ud800")
    assert (length, first["word"]) == (300_000, "知识\ud800")
    _, second = called(pool, "lengths", data, word="")
    assert first["process"] == second["process"] != os.getpid()


def test_a_process_counts_only_its_own_memory() -> None:
    """Started by one that holds 300 MB, it has not grown: the pool of a large service keeps its processes."""
    child = "from rag.sources.pool import _most_memory; print(_most_memory())"
    parent = (
        "import subprocess, sys; held = bytearray(300_000_000); held[::4096] = b'x' * len(held[::4096]);"
        f"print(subprocess.check_output([sys.executable, '-c', {child!r}], text=True))"
    )
    said = subprocess.check_output([sys.executable, "-c", parent], text=True, cwd=ROOT)
    assert int(said) < 200_000_000


def test_calls_at_once_have_a_process_each(pool: Pool) -> None:
    one = pool.call("tests.rag.sources.test_pool:lengths", b"", {"word": ""}, AMPLE)
    next(one)  # it has not given its process back
    (_, other) = called(pool, "lengths", word="")
    (rest,) = one
    assert rest["process"] != other["process"]


@pytest.mark.parametrize(
    ("name", "limits", "arguments", "kind", "why"),
    [
        ("sleep", Limits(seconds=1), {}, OverLimitError, "longer than 1 s"),
        (
            "gorge",
            Limits(memory_bytes=MEBIBYTE),
            {"bytes": 2**31},
            OverLimitError,
            "the 1 MiB of memory",
        ),
        ("leave", AMPLE, {}, OverLimitError, "broke off"),
        ("refuse", AMPLE, {}, TooLargeError, "^it is too long$"),
        ("fail", AMPLE, {}, ReadingError, "ZeroDivisionError"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_the_next_call_goes_well(
    pool: Pool,
    name: str,
    limits: Limits,
    arguments: dict[str, Any],
    kind: type[ReadingError],
    why: str,
) -> None:
    with pytest.raises(kind, match=why):
        called(pool, name, limits=limits, **arguments)
    assert called(pool, "lengths", b"abc", word="")[0] == 3


def test_a_word_from_another_thread_ends_it(pool: Pool) -> None:
    stop = Stop()
    lines = pool.call("tests.rag.sources.test_pool:sleep", b"", {}, AMPLE, stop)
    assert next(lines) == "begun"
    Timer(0.1, stop.set).start()
    with pytest.raises(Stopped):
        list(lines)
    with pytest.raises(Stopped):
        next(
            pool.call(
                "tests.rag.sources.test_pool:lengths", b"", {"word": ""}, AMPLE, stop
            )
        )


def test_who_loses_interest_leaves_no_process(pool: Pool) -> None:
    lines = pool.call("tests.rag.sources.test_pool:sleep", b"", {}, AMPLE)
    next(lines)
    lines.close()  # type: ignore[attr-defined]
    assert pool._idle == []


def test_our_own_readers_read_there(pool: Pool) -> None:
    reading = pool.read(plain.read, "知识产权".encode("gb18030"), AMPLE)
    assert (reading.articles[0].text, reading.encoding) == ("知识产权", "gb18030")
    with pytest.raises(ReadingError, match="binary"):
        pool.read(plain.read, bytes(range(256)) * 4, AMPLE)
