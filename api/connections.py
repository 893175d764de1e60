"""How long a client may take, and how many there may be: uvicorn's HTTP/1.1 with a clock and a count.

    uvicorn.Config(app, http=BoundedProtocol, backlog=BACKLOG)

A request whose head does not come whole, and an answer that nobody reads, end their connection after a while.
Where there are as many connections as there may be, the next one takes the place of the one that has been
waited for longest: a thousand clients that say half a word keep nobody out. Bodies are timed in
``api.bodies``, where there is still a way to answer.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

if sys.platform != "win32":
    import resource

MOST_CONNECTIONS: Final = 512
FILES_KEPT_BACK: Final = 300
"""Open files that are not for connections: the store, processes that read, and connections that are accepted
before the ones they take the place of are closed."""
BACKLOG: Final = 32
"""Connections accepted in one turn of the event loop. With asyncio's 100 and more, a burst opens hundreds of
files before the first of them can be closed."""
WAITING_ROOM: Final = 1024
"""Connections that the kernel holds until their turn."""
ALIKE_A_MINUTE: Final = 20


class BoundedProtocol(H11Protocol):
    """One connection."""

    head_seconds: ClassVar[float] = 10.0
    """For the head of a request, from the connection or the last answer on."""
    reading_seconds: ClassVar[float] = 60.0
    """For a client to read some 64 kB that wait to be sent."""
    most: ClassVar[int] = MOST_CONNECTIONS

    _head_clock: asyncio.TimerHandle | None = None
    _reading_clock: asyncio.TimerHandle | None = None
    waits_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > self.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unset_clocks()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._reading_clock is None:
            self._reading_clock = self.loop.call_later(self.reading_seconds, self.drop)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reading_clock is not None:
            self._reading_clock.cancel()
            self._reading_clock = None

    @property
    def awaits_head(self) -> bool:
        """Whether no request is being answered: none has come, or none whole."""
        return self.cycle is None or bool(self.cycle.response_complete)

    @property
    def awaits_body(self) -> bool:
        """Whether a request is being answered whose body has not come whole."""
        return not self.awaits_head and bool(self.cycle.more_body)

    def drop(self) -> None:
        """End the connection without a word."""
        # uvicorn forgets it only in a later turn of the loop: until then it would count against newcomers.
        self.connections.discard(self)
        self._unset_clocks()
        self.transport.abort()

    def _watch(self) -> None:
        """Have the clock run while a head is awaited."""
        if not self.awaits_head:
            self._unset_head_clock()
        # One clock a head, which bytes do not wind up again: one byte now and then would keep it open.
        elif self._head_clock is None and not self.transport.is_closing():
            self.waits_since = self.loop.time()
            self._head_clock = self.loop.call_later(self.head_seconds, self.drop)

    def _make_room(self) -> None:
        """Drop whoever has been waited for longest: for a head, else for a body; else this one."""
        others = [
            each
            for each in self.connections
            if isinstance(each, BoundedProtocol) and each is not self
        ]
        waiting = [each for each in others if each.awaits_head] or [
            each for each in others if each.awaits_body
        ]
        min(waiting, key=lambda each: each.waits_since, default=self).drop()

    def _unset_head_clock(self) -> None:
        if self._head_clock is not None:
            self._head_clock.cancel()
            self._head_clock = None

    def _unset_clocks(self) -> None:
        self._unset_head_clock()
        if self._reading_clock is not None:
            self._reading_clock.cancel()
            self._reading_clock = None


def most_connections() -> int:
    """How many connections this process has files for: 512, with 400 files 100."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    # -1 on Linux: no number to subtract from.
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(16, min(MOST_CONNECTIONS, files - FILES_KEPT_BACK))


class FewAlike(logging.Filter):
    """Lets the same message through some times a minute: what clients can cause must not fill a disk."""

    def __init__(self, most: int = ALIKE_A_MINUTE) -> None:
        super().__init__()
        self.most = most
        self._minute = 0
        self._counts: dict[object, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        # By the message before its arguments are put in: addresses and ports would make each one new.
        count = self._counts[record.msg] = self._counts.get(record.msg, 0) + 1
        if count == self.most:
            record.msg = f"{record.msg} (further ones of this minute are not logged)"
        return count <= self.most
