"""Workers and jobs: order, bounds, and callers that leave."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from api.inference import AbandonedError, Job, Worker
from rag.errors import Busy

Emit = Callable[[int], None]


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("test", limit=3)
    yield worker
    worker.close()


def test_jobs_run_one_at_a_time_in_the_order_they_came(worker: Worker) -> None:
    ran: list[int] = []
    threads: set[int] = set()

    def job(number: int) -> int:
        ran.append(number)
        threads.add(threading.get_ident())
        return number

    async def main() -> list[int]:
        return await asyncio.gather(*(worker.run(lambda n=n: job(n)) for n in range(3)))

    assert asyncio.run(main()) == ran == [0, 1, 2]
    assert len(threads) == 1 and threading.get_ident() not in threads


def test_event_loop_goes_on_while_a_job_runs(worker: Worker) -> None:
    reached = threading.Event()

    async def main() -> bool:
        job = asyncio.ensure_future(worker.run(lambda: reached.wait(10)))
        await asyncio.sleep(0)
        reached.set()
        return await job

    assert asyncio.run(main())


def test_full_queue_refuses_and_recovers(worker: Worker) -> None:
    go = threading.Event()
    futures = [worker.submit(go.wait) for _ in range(3)]
    with pytest.raises(Busy):
        worker.submit(go.wait)
    assert worker.jobs == 3
    go.set()
    assert all(future.result(10) for future in futures)
    assert worker.submit(lambda: "again").result(10) == "again"


def test_cancelled_job_that_waits_never_runs_and_frees_its_place(
    worker: Worker,
) -> None:
    go, ran = threading.Event(), threading.Event()
    running = worker.submit(go.wait)
    waiting = worker.submit(ran.set)
    assert waiting.cancel()
    assert worker.jobs == 1
    go.set()
    running.result(10)
    worker.submit(lambda: None).result(10)
    assert not ran.is_set()


def test_exception_of_a_job_reaches_its_caller_and_no_other(worker: Worker) -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(worker.run(lambda: 1 // 0))
    assert asyncio.run(worker.run(lambda: 1)) == 1


def test_closed_worker_refuses(worker: Worker) -> None:
    worker.close()
    with pytest.raises(Busy, match="shutting down"):
        worker.submit(lambda: None)
    assert worker.jobs == 0


def test_events_come_in_order_then_the_exception(worker: Worker) -> None:
    def call(emit: Emit) -> None:
        emit(1)
        emit(2)
        raise ValueError("after two")

    async def main() -> list[int]:
        seen = []
        with pytest.raises(ValueError, match="after two"):
            async for event in Job(worker, call).events():
                seen.append(event)
        return seen

    assert asyncio.run(main()) == [1, 2]


def test_events_arrive_while_the_job_runs(worker: Worker) -> None:
    seen = threading.Event()

    def call(emit: Emit) -> bool:
        emit(1)
        return seen.wait(10)

    async def main() -> bool:
        job = Job(worker, call)
        async for _ in job.events():
            seen.set()
        return await job.result()

    assert asyncio.run(main())


def test_abandoned_job_ends_at_its_next_event(worker: Worker) -> None:
    ended = threading.Event()

    def call(emit: Emit) -> None:
        try:
            while True:
                emit(0)
        except AbandonedError:
            ended.set()
            raise

    async def main() -> None:
        stream = Job(worker, call).events()
        await anext(stream)
        await stream.aclose()

    asyncio.run(main())
    assert ended.wait(10)


def test_abandoned_job_that_waits_never_runs(worker: Worker) -> None:
    go, ran = threading.Event(), threading.Event()

    async def main() -> None:
        worker.submit(go.wait)
        waiting = asyncio.ensure_future(Job(worker, lambda emit: ran.set()).result())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(main())
    go.set()
    worker.submit(lambda: None).result(10)
    assert not ran.is_set()
