"""Processes that are kept from one text to the next: what takes long runs there, can be killed, and holds up
no question.

    for line in POOL.call("rag.ingest.dividing:divide", data, {"repair": True}, limits, stop):
        ...

Unlike ``sandbox``, which starts anew for every file that a foreign parser reads, a process here has its
modules and models loaded already. It answers one call at a time and is ended when it breaks a limit, when
the call is stopped, when it has grown, or when nobody has asked anything for a while. A call is a line of
JSON and as many bytes as it says; the answer is lines of JSON, of which the last has an ``end`` or an
``error``.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from threading import Event, Timer
from typing import IO, Any, Final

from rag.sources.base import (
    MEBIBYTE,
    Limits,
    OverLimitError,
    Reader,
    Reading,
    ReadingError,
    TooLargeError,
    one_line,
)
from rag.sources.sandbox import answer_of, reading_of
from rag.stopping import NEVER, Stop

if sys.platform != "win32":
    import resource

_ROOT = Path(__file__).resolve().parent.parent.parent
_AT_REST: Final = 1024 * MEBIBYTE
"""Addresses that modules and models take, which a call's own limit does not count."""
_GROWN: Final = 1024 * MEBIBYTE
"""Memory from which a process is not kept: another is small again."""
_STATUS: Final = Path("/proc/self/status")
_IDLE_SECONDS: Final = 300.0
_MOST_IDLE: Final = 2
_LATE: Final = 5
"""Seconds after its limit at which a process ends by itself, should nobody be left who ends it."""

Function = Callable[[bytes, dict[str, Any]], Iterator[Any]]
"""What can be called: bytes and arguments in, lines out; each of them as JSON takes it."""


class Pool:
    """Methods may be called from any thread; each call has a process of its own while it lasts."""

    def __init__(self) -> None:
        self._idle: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    def call(
        self,
        function: str,
        data: bytes,
        arguments: dict[str, Any],
        limits: Limits,
        stop: Stop = NEVER,
    ) -> Iterator[Any]:
        """The lines that ``function(data, arguments)`` yields in another process.

        Args:
            function: ``module:name`` of a ``Function``.
            limits: ``seconds`` for all of it, ``memory_bytes`` beside what the process has at rest.

        Raises:
            ReadingError: the function says so, it broke a limit, or its process broke off.
            Stopped: ``stop`` was set.
        """
        stop.check()
        process = self._taken()
        too_late = Event()

        def end() -> None:
            too_late.set()
            process.kill()

        clock = Timer(limits.seconds, end)
        clock.daemon = True
        clock.start()
        is_whole = False
        try:
            with stop.calling(process.kill):
                _ask(process, function, data, arguments, limits)
                for line in _lines(process):
                    if "line" in line:
                        yield line["line"]
                    else:
                        is_whole = True
                        _raise_told(line)
            stop.check()
            if not is_whole:
                raise _broken(process, too_late.is_set(), limits)
        finally:
            clock.cancel()
            self._give_back(process, is_whole and line["keeps"])

    def read(
        self, reader: Reader, data: bytes, limits: Limits, stop: Stop = NEVER
    ) -> Reading:
        """Call ``reader(data, limits)`` in another process; for readers of our own.

        Raises:
            ReadingError: the reader says so, or it broke a limit.
            Stopped: ``stop`` was set.
        """
        arguments = {
            "reader": f"{reader.__module__}:{reader.__qualname__}",
            "limits": asdict(limits),
        }
        (reply,) = self.call("rag.sources.pool:read", data, arguments, limits, stop)
        return reading_of(reply)

    def close(self) -> None:
        """End the processes that wait. Those that are asked later start anew."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            _end(process)

    def _taken(self) -> subprocess.Popen[bytes]:
        while True:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            if process is None:
                return _start()
            if process.poll() is None:
                return process
            _end(process)  # it has left by itself: nobody asked for long

    def _give_back(self, process: subprocess.Popen[bytes], keeps: bool) -> None:
        if keeps:
            with self._lock:
                if len(self._idle) < _MOST_IDLE:
                    self._idle.append(process)
                    return
        _end(process)


POOL: Final = Pool()
"""The one of this process. Nothing is started until it is first asked."""


def _start() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "rag.sources.pool"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"} | _ONE_THREAD,
            start_new_session=True,
        )
    except OSError as error:
        raise ReadingError(
            f"the process that reads it cannot be started ({error.strerror})"
        ) from error


_ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
"""Threads take addresses, and questions need the other cores."""


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()


def _ask(
    process: subprocess.Popen[bytes],
    function: str,
    data: bytes,
    arguments: dict[str, Any],
    limits: Limits,
) -> None:
    """Send the call. The process reads all of it before it answers, so neither waits for the other."""
    head = {
        "function": function,
        "arguments": arguments,
        "bytes": len(data),
        "limits": asdict(limits),
    }
    assert process.stdin
    with contextlib.suppress(OSError):  # it has been killed: its silence says so
        process.stdin.write(_line(head))
        process.stdin.write(data)
        process.stdin.flush()


def _lines(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """Its answer, until it ends or breaks off."""
    assert process.stdout
    while line := process.stdout.readline():
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError:
            return
        yield said
        if "line" not in said:
            return


def _raise_told(line: dict[str, Any]) -> None:
    """Raise the error that the last line of an answer tells of, if it does."""
    if (why := line.get("error")) is not None:
        kinds: dict[str, type[ReadingError]] = {
            "too_large": TooLargeError,
            "over_limit": OverLimitError,
        }
        raise kinds.get(line["kind"], ReadingError)(why)


def _broken(
    process: subprocess.Popen[bytes], is_late: bool, limits: Limits
) -> ReadingError:
    if is_late:
        return OverLimitError(f"it took longer than {limits.seconds:g} s to read")
    return OverLimitError(
        f"the process that read it broke off (exit status {process.wait()})"
    )


# in the process itself


def main() -> None:
    """Answer calls until nobody asks for long, or the pipe is closed."""
    calls, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints is no answer
    keeps = True
    while keeps and (head := _next_call(calls)):
        data = calls.read(head["bytes"])
        limits = Limits(**head["limits"])
        _restrict(limits)
        last: dict[str, Any] = {"end": True}
        try:
            for line in _named(head["function"])(data, head["arguments"]):
                answers.write(_line({"line": line}))
                answers.flush()
        except TooLargeError as error:
            last = {"error": error.why, "kind": "too_large"}
        except ReadingError as error:
            last = {"error": error.why, "kind": ""}
        except MemoryError:
            why = f"reading it takes more than the {limits.memory_bytes // MEBIBYTE:,} MiB of memory allowed"
            last = {"error": why, "kind": "over_limit"}
            keeps = False
        except (
            Exception
        ) as error:  # whatever goes wrong over a text, the next one is not to blame
            last = {
                "error": f"it cannot be read ({type(error).__name__}: {one_line(error)})",
                "kind": "",
            }
        signal_alarm(0)
        del data
        keeps = keeps and _most_memory() < _GROWN
        answers.write(_line(last | {"keeps": keeps}))
        answers.flush()


def read(data: bytes, arguments: dict[str, Any]) -> Iterator[Any]:
    """A ``Function``: what a reader makes of a file."""
    yield answer_of(_named(arguments["reader"]), data, Limits(**arguments["limits"]))


def _next_call(calls: IO[bytes]) -> dict[str, Any] | None:
    if sys.platform != "win32" and not select.select([calls], [], [], _IDLE_SECONDS)[0]:
        return None
    line = calls.readline()
    return dict(json.loads(line)) if line else None


def _named(function: str) -> Any:
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)


def _restrict(limits: Limits) -> None:
    signal_alarm(int(limits.seconds) + _LATE)
    if sys.platform == "win32":
        return
    wanted = (
        (resource.RLIMIT_AS, limits.memory_bytes + _AT_REST),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in wanted:
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            _, hard = resource.getrlimit(what)
            resource.setrlimit(what, (most, hard))


def signal_alarm(seconds: int) -> None:
    """Be ended in so many seconds; 0 takes that back."""
    if sys.platform != "win32":
        signal.alarm(seconds)


def _most_memory() -> int:
    """Bytes that this process had at its most.

    Linux counts in ``ru_maxrss`` what the process that started this one had, too: beside a service of 1 GB
    every process would have grown at once, and none be kept.
    """
    if sys.platform == "win32":
        return 0
    with contextlib.suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _line(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + os.linesep[-1:].encode()


if __name__ == "__main__":
    # By its own name, so that what is called here and what calls it are one module.
    import_module("rag.sources.pool").main()
