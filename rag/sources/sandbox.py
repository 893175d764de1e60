"""Run a reader in a process of its own that can be killed: parsers hang, crash and swallow memory.

    python -m rag.sources.sandbox rag.sources.pdf:read '{"seconds": 20, …}' null < file > reading.json

The child limits its own address space, CPU time and open files, reads the file from standard input, and
writes one JSON object: ``{"articles": [{"text", "title", "published", "blocks"}, …], "encoding": …,
"warnings": …}``, or ``{"error": why, "too_large": …}``. A task, which asks of a file more than its text, is
given what it asks as JSON in place of ``null``, and writes its own object. The child sees neither the
parent's environment nor its open files. Nothing is pickled.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from threading import Event, Thread, Timer
from typing import IO, Any

from rag.sources.base import (
    MEBIBYTE,
    Article,
    Limits,
    OverLimitError,
    Reader,
    Reading,
    ReadingError,
    TooLargeError,
    one_line,
)
from rag.stopping import NEVER, Stop
from rag.text.blocks import block_of, packed

if sys.platform != "win32":  # which has no such limits: only the clock holds there
    import resource

_ROOT = Path(__file__).resolve().parent.parent.parent
_BYTES_PER_CHARACTER = 12
"""Of JSON, at most: an escaped surrogate pair."""
_OPEN_FILES = 64
_SYSTEM = {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if "SYSTEMROOT" in os.environ else {}
"""Without it no Python starts on Windows; elsewhere it is not set."""


Task = Callable[[bytes, Limits, Any], dict[str, Any]]
"""What is asked of a file beyond reading it: its bytes, the limits, the question; all of it plain JSON."""


def run(reader: Reader, data: bytes, limits: Limits, stop: Stop = NEVER) -> Reading:
    """Call ``reader(data, limits)`` in a child process.

    Args:
        reader: a function at the top level of a module; the child imports it by name.
        stop: kills the child when it is set.

    Raises:
        ReadingError: the reader says so, or the child broke a limit, crashed or answered nonsense.
        Stopped: ``stop`` was set.
    """
    return _understand(_replied(reader, data, limits, None, stop))


def perform(task: Task, data: bytes, limits: Limits, asked: Any) -> dict[str, Any]:
    """Call ``task(data, limits, asked)`` in a child process. Raises ReadingError as ``run`` does."""
    try:
        reply: dict[str, Any] = json.loads(_replied(task, data, limits, asked, NEVER))
    except ValueError:
        raise ReadingError("its parser broke off") from None
    _check(reply)
    return reply


def _replied(
    function: Reader | Task, data: bytes, limits: Limits, asked: Any, stop: Stop
) -> bytes:
    """What the child wrote. ``asked`` is None for a reader, which is asked nothing."""
    too_late = Event()
    with _start(function, limits, asked) as process:

        def end() -> None:
            too_late.set()
            process.kill()

        clock = Timer(limits.seconds, end)
        clock.start()
        try:
            with stop.calling(process.kill):
                answer = _converse(process, data, limits)
                process.wait()
        finally:
            clock.cancel()
            process.kill()
    stop.check()
    if too_late.is_set() or -process.returncode in _signals("SIGXCPU", "SIGALRM"):
        raise OverLimitError(f"it took longer than {limits.seconds:g} s to read")
    if process.returncode:
        raise ReadingError(f"its parser crashed (exit status {process.returncode})")
    return answer


def _start(
    function: Reader | Task, limits: Limits, asked: Any
) -> subprocess.Popen[bytes]:
    name = f"{function.__module__}:{function.__qualname__}"
    arguments = [name, json.dumps(asdict(limits)), json.dumps(asked)]
    try:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "rag.sources.sandbox", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            # Linear algebra, which some parsers load unasked, takes address space for each thread.
            env={
                "PYTHONPATH": str(_ROOT),
                "PYTHONUTF8": "1",
                "OPENBLAS_NUM_THREADS": "1",
            }
            | _SYSTEM,
            start_new_session=True,
        )
    except OSError as error:
        raise ReadingError(
            f"its parser cannot be started ({error.strerror})"
        ) from error


def _converse(process: subprocess.Popen[bytes], data: bytes, limits: Limits) -> bytes:
    """Feed the child from a thread, so that neither side waits for the other with a full pipe."""
    assert process.stdin and process.stdout
    feeder = Thread(target=_feed, args=(process.stdin, data), daemon=True)
    feeder.start()
    most = limits.max_characters * _BYTES_PER_CHARACTER + MEBIBYTE
    answer = process.stdout.read(most + 1)
    if len(answer) > most:
        process.kill()
        raise TooLargeError(
            f"its text is longer than {limits.max_characters:,} characters"
        )
    feeder.join()
    return answer


def _feed(pipe: IO[bytes], data: bytes) -> None:
    with (
        contextlib.suppress(OSError),
        pipe,
    ):  # the child may be gone before it has read all
        pipe.write(data)


def _signals(*names: str) -> set[int]:
    return {int(getattr(signal, name)) for name in names if hasattr(signal, name)}


def _understand(answer: bytes) -> Reading:
    try:
        return reading_of(json.loads(answer))
    except (ValueError, TypeError, KeyError):
        raise ReadingError("its parser broke off") from None


def reading_of(reply: dict[str, Any]) -> Reading:
    """What ``answer_of`` took apart. Raises the ReadingError that it tells of."""
    _check(reply)
    articles = tuple(_article(fields) for fields in reply["articles"])
    warnings = tuple((kind, detail) for kind, detail in reply["warnings"])
    return Reading(articles, reply["encoding"], warnings)


def _check(reply: dict[str, Any]) -> None:
    if "error" in reply:
        kind = TooLargeError if reply["too_large"] else ReadingError
        raise kind(reply["error"])


def _article(fields: dict[str, Any]) -> Article:
    blocks = tuple(block_of(block) for block in fields["blocks"])
    return Article(fields["text"], fields["title"], fields["published"], blocks)


def main(arguments: list[str]) -> None:
    """The child's side."""
    limits, asked = Limits(**json.loads(arguments[1])), json.loads(arguments[2])
    module, _, name = arguments[0].partition(":")
    function = getattr(import_module(module), name)
    data = sys.stdin.buffer.read()
    answers, sys.stdout = sys.stdout, sys.stderr  # what a parser prints is no answer
    _restrict(limits)
    answers.write(json.dumps(answer_of(function, data, limits, asked)))
    answers.flush()


def _restrict(limits: Limits) -> None:
    if sys.platform == "win32":
        return
    seconds = math.ceil(limits.seconds)
    signal.alarm(seconds + 1)  # should the parent die first
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(what, (most, most))


def answer_of(
    function: Any, data: bytes, limits: Limits, asked: Any = None
) -> dict[str, Any]:
    """What the reader or the task makes of the bytes, or why it makes nothing of them, as JSON takes it."""
    try:
        if asked is not None:
            done: dict[str, Any] = function(data, limits, asked)
            return done
        reading: Reading = function(data, limits)
        if (
            sum(len(article.text) for article in reading.articles)
            > limits.max_characters
        ):
            raise TooLargeError(
                f"its text is longer than {limits.max_characters:,} characters"
            )
        articles = [_packed_article(article) for article in reading.articles]
        return {
            "articles": articles,
            "encoding": reading.encoding,
            "warnings": reading.warnings,
        }
    except ReadingError as error:
        return {"error": error.why, "too_large": isinstance(error, TooLargeError)}
    except MemoryError:
        why = f"reading it takes more than the {limits.memory_bytes // MEBIBYTE:,} MiB of memory allowed"
    except RecursionError:
        why = "it is nested too deeply to be read"
    except Exception as error:  # whatever a parser may raise, the file is to blame
        why = f"it is damaged or not what its name says ({type(error).__name__}: {one_line(error)})"
    return {"error": why, "too_large": False}


def _packed_article(article: Article) -> dict[str, Any]:
    blocks = [packed(block) for block in article.blocks]
    return {
        "text": article.text,
        "title": article.title,
        "published": article.published,
        "blocks": blocks,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
