"""Where models compute: worker threads with bounded queues, so that ``async def`` never does.

A :class:`Worker` begins its jobs in the order they came, which is fair to concurrent questions; what does
not fit into its queue is refused at once (``Busy``) instead of waiting longer than a person would.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from rag.errors import Busy

T = TypeVar("T")
E = TypeVar("E")


class AbandonedError(Exception):
    """Raised inside a job whose caller has gone, to stop it."""


class Worker:
    """A few threads, one unless said otherwise, and their queue.

    Args:
        name: of the threads.
        limit: jobs that may run or wait; the next one is refused.
    """

    def __init__(self, name: str, limit: int, threads: int = 1) -> None:
        self.name, self.limit = name, limit
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._jobs = 0
        self._lock = threading.Lock()

    @property
    def jobs(self) -> int:
        """How many jobs run or wait."""
        return self._jobs

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Queue ``job``. Cancelling the future takes back a job that has not begun.

        Raises:
            Busy: the queue is full.
        """
        with self._lock:
            if self._jobs >= self.limit:
                raise Busy(
                    f"{self.limit} jobs are already waiting for {self.name}; try again in a moment"
                )
            self._jobs += 1
        try:
            future = self._executor.submit(job)
        # The executor was shut down between a request's arrival and now.
        except RuntimeError as error:
            self._release()
            raise Busy("the server is shutting down") from error
        # Also called for a future that is cancelled before it began: its place is free at once.
        future.add_done_callback(lambda _: self._release())
        return future

    async def run(self, job: Callable[[], T]) -> T:
        """Wait for ``job`` without blocking the event loop."""
        return await asyncio.wrap_future(self.submit(job))

    def close(self) -> None:
        """Drop what waits, finish what runs."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _release(self) -> None:
        with self._lock:
            self._jobs -= 1


class Job(Generic[E, T]):
    """One call on a worker: its events, handed to the event loop as they come, and its result.

    ``call`` is given ``emit``; once :meth:`abandon` was called, ``emit`` raises
    :class:`AbandonedError`, which ends the call at its next event.
    """

    def __init__(
        self, worker: Worker, call: Callable[[Callable[[E], None]], T]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[E | None] = asyncio.Queue()
        self._abandoned = threading.Event()
        self._future = worker.submit(lambda: call(self._emit))
        # None ends the events, also after an exception: the reader then asks the future, which raises it.
        self._future.add_done_callback(lambda _: self._put(None))

    async def events(self) -> AsyncIterator[E]:
        """Each event, then the call's exception if it raised one."""
        try:
            while (event := await self._events.get()) is not None:
                yield event
            self._future.result()
        finally:
            self.abandon()

    async def result(self) -> T:
        """What the call returns, or its exception."""
        try:
            return await asyncio.wrap_future(self._future)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Take the call back if it waits; end it at its next event if it runs."""
        self._abandoned.set()
        self._future.cancel()

    def _emit(self, event: E) -> None:
        if self._abandoned.is_set():
            raise AbandonedError
        self._put(event)

    def _put(self, event: E | None) -> None:
        # A job that outlives the server's loop has nobody to tell.
        if not self._loop.is_closed():
            # This is the worker's thread; an asyncio queue may only be touched in the loop's.
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)
