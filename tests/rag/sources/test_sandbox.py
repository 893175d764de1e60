"""Readers that hang, crash, gorge or babble cost one sentence."""

from __future__ import annotations

import os
import signal
import sys
import time
from importlib import import_module

import pytest

from rag.sources import sandbox
from rag.sources.base import (
    MEBIBYTE,
    Article,
    Limits,
    Reading,
    ReadingError,
    TooLargeError,
)

AMPLE = Limits(seconds=60)
NARROW = Limits(seconds=60, memory_bytes=256 * MEBIBYTE, max_characters=1000)
BRIEF = Limits(seconds=1)

# Readers as the child finds them, by name, in this very module.


def echo(data: bytes, limits: Limits) -> Reading:
    print("parsers print")  # noqa: T201
    return Reading(
        (Article(data.decode(), "title", "2024-05-31"), Article("\ud800 😀")),
        str(limits.seconds),
    )


def sleep_forever(data: bytes, limits: Limits) -> Reading:
    while True:
        time.sleep(1)


def spin_forever(data: bytes, limits: Limits) -> Reading:
    while True:
        pass


def gorge(data: bytes, limits: Limits) -> Reading:
    return Reading((Article("x" * len(bytearray(2 * limits.memory_bytes))),), "")


def crash(data: bytes, limits: Limits) -> Reading:
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def leave(data: bytes, limits: Limits) -> Reading:
    os._exit(0)


def babble(data: bytes, limits: Limits) -> Reading:
    out = os.fdopen(1, "wb", closefd=False)
    while True:
        out.write(b"x" * 100_000)


def recurse(data: bytes, limits: Limits) -> Reading:
    return recurse(data, limits)


def refuse(data: bytes, limits: Limits) -> Reading:
    raise ReadingError("it is written in invisible ink")


def fail(data: bytes, limits: Limits) -> Reading:
    raise ZeroDivisionError("somewhere deep")


def write_a_lot(data: bytes, limits: Limits) -> Reading:
    return Reading((Article("x" * (limits.max_characters + 1)),), "")


def write_a_file(data: bytes, limits: Limits) -> Reading:
    with open(data.decode(), "w") as file:  # noqa: PTH123
        file.write("x")
    return Reading((), "")


def look_around(data: bytes, limits: Limits) -> Reading:
    return Reading((Article(" ".join(os.environ)), Article(" ".join(sys.modules))), "")


def test_a_reading_comes_back_whole() -> None:
    data = "知识产权".encode()
    reading = sandbox.run(echo, data, AMPLE)
    assert reading == Reading(
        (Article("知识产权", "title", "2024-05-31"), Article("\ud800 😀")), "60"
    )


def test_much_data_goes_in_and_out() -> None:
    data = b"x" * 3_000_000  # more than a pipe holds, both ways
    assert sandbox.run(echo, data, AMPLE).articles[0].text == data.decode()


@pytest.mark.parametrize(
    ("reader", "limits", "why"),
    [
        (sleep_forever, BRIEF, "longer than 1 s"),
        (spin_forever, BRIEF, "longer than 1 s"),
        (gorge, NARROW, "more than the 256 MiB of memory"),
        (crash, NARROW, r"parser crashed \(exit status -11\)"),
        (leave, NARROW, "parser broke off"),
        (babble, NARROW, "longer than 1,000 characters"),
        (recurse, NARROW, "nested too deeply"),
        (refuse, NARROW, "^it is written in invisible ink$"),
        (
            fail,
            NARROW,
            "damaged or not what its name says .ZeroDivisionError: somewhere deep",
        ),
        (write_a_lot, NARROW, "longer than 1,000 characters"),
    ],
)
def test_a_hostile_reader_costs_one_sentence(
    reader: sandbox.Reader, limits: Limits, why: str
) -> None:
    with pytest.raises(ReadingError, match=why) as caught:
        sandbox.run(reader, b"x" * 100_000, limits)
    assert "\n" not in caught.value.why


def test_too_much_text_is_told_from_other_failures() -> None:
    with pytest.raises(TooLargeError):
        sandbox.run(write_a_lot, b"", NARROW)
    with pytest.raises(ReadingError) as caught:
        sandbox.run(fail, b"", NARROW)
    assert not isinstance(caught.value, TooLargeError)


def test_a_killed_child_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    start = sandbox._start
    monkeypatch.setattr(
        sandbox, "_start", lambda *args: started.append(start(*args)) or started[-1]
    )
    with pytest.raises(ReadingError):
        sandbox.run(sleep_forever, b"", BRIEF)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0].pid, 0)


def test_the_child_writes_no_files(tmp_path: object) -> None:
    with pytest.raises(ReadingError, match="OSError"):
        sandbox.run(write_a_file, f"{tmp_path}/written".encode(), NARROW)


def test_the_child_sees_no_secrets_and_loads_no_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHUCHU_API_KEY", "secret")
    environment, modules = sandbox.run(look_around, b"", AMPLE).articles
    assert "CHUCHU_API_KEY" not in environment.text.split()
    assert not {"torch", "transformers", "faiss", "numpy", "openpyxl"} & set(
        modules.text.split()
    )


READERS = (
    "pdf",
    "docx",
    "html",
    "markdown",
    "csv",
    "xlsx",
    "pptx",
    "odt",
    "rtf",
    "epub",
    "eml",
    "json",
)


@pytest.mark.parametrize("name", READERS)
def test_real_readers_answer_noise(name: str) -> None:
    reader = import_module(f"rag.sources.{name}").read
    with pytest.raises(ReadingError):
        sandbox.run(reader, bytes(range(256)) * 4, AMPLE)
