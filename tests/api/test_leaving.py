"""api/leaving.py: a client who leaves takes the work with him; one who stays gets it."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import Request
from starlette.types import Message

from api.leaving import unless_gone
from rag.errors import Busy


def request(left: asyncio.Event) -> Request:
    """A request whose client leaves when ``left`` is set."""

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


async def work(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"


def test_who_stays_gets_what_was_made() -> None:
    ended: list[bool] = []

    async def run() -> str | None:
        return await unless_gone(
            request(asyncio.Event()), work(0), lambda: ended.append(True)
        )

    assert asyncio.run(run()) == "done"
    assert ended == []


def test_who_leaves_ends_it() -> None:
    ended: list[bool] = []

    async def run() -> str | None:
        left = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, left.set)
        return await unless_gone(request(left), work(600), lambda: ended.append(True))

    assert asyncio.run(run()) is None
    assert ended == [True]


def test_so_does_a_server_that_ends() -> None:
    ended: list[bool] = []

    async def run() -> None:
        waiting = unless_gone(
            request(asyncio.Event()), work(600), lambda: ended.append(True)
        )
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waiting, 0.05)

    asyncio.run(run())
    assert ended == [True]


def test_its_error_is_told() -> None:
    async def fails() -> str:
        raise Busy("full")

    async def run() -> None:
        with pytest.raises(Busy):
            await unless_gone(request(asyncio.Event()), fails())

    asyncio.run(run())
