"""api/bodies.py: a body that comes slowly or beside too many others ends in an answer, not in waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from api.bodies import SLOWEST, BoundedBodies
from rag.settings import MEBIBYTE, Settings

SETTINGS = Settings(home=Path(), max_upload_mib=1)
SCOPE: Scope = {"type": "http", "path": "/v1/documents"}


async def reads_all(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass


async def nowhere(_: Message) -> None:
    """What is sent goes nowhere."""


def body(*pieces: bytes, then: Callable[[], Awaitable[None]] | None = None) -> Receive:
    """A body in pieces; ``then`` is waited for before its end."""
    waiting = list(pieces)

    async def receive() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": True}
        if then is not None:
            await then()
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def forever() -> None:
    await asyncio.Event().wait()


def test_a_whole_body_passes() -> None:
    bodies = BoundedBodies(reads_all, SETTINGS)
    asyncio.run(bodies(SCOPE, body(b"a", b"b"), nowhere))
    assert bodies.held == 0


def test_a_body_that_stops_coming_is_answered_408() -> None:
    bodies = BoundedBodies(reads_all, SETTINGS, patience=0.05)
    with pytest.raises(HTTPException) as caught:
        asyncio.run(bodies(SCOPE, body(b"half", then=forever), nowhere))
    assert caught.value.status_code == 408
    assert caught.value.headers == {"Connection": "close"}
    assert bodies.held == 0, "what it held is free again"


def test_what_has_come_earns_time() -> None:
    async def later() -> None:
        await asyncio.sleep(0.2)

    # 16 kB earn a second: the fifth of one that the end takes is within it, and beyond the patience.
    bodies = BoundedBodies(reads_all, SETTINGS, patience=0.05)
    asyncio.run(bodies(SCOPE, body(b"x" * SLOWEST, then=later), nowhere))


def test_bodies_of_many_share_what_may_be_held() -> None:
    bodies = BoundedBodies(reads_all, SETTINGS, most_held=2 * MEBIBYTE)

    async def both() -> None:
        first = asyncio.create_task(
            bodies(SCOPE, body(b"x" * MEBIBYTE, b"x" * MEBIBYTE, then=forever), nowhere)
        )
        await asyncio.sleep(0.05)
        with pytest.raises(HTTPException) as caught:
            await bodies(SCOPE, body(b"x"), nowhere)
        assert caught.value.status_code == 503
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await bodies(SCOPE, body(b"x"), nowhere)

    asyncio.run(both())


def test_after_the_body_there_is_no_clock() -> None:
    async def waits_for_the_client(scope: Scope, receive: Receive, send: Send) -> None:
        await reads_all(scope, receive, send)
        assert (await receive())["type"] == "http.disconnect"

    async def receive() -> Message:
        if not seen:
            seen.append(True)
            return {"type": "http.request", "body": b"x", "more_body": False}
        await asyncio.sleep(0.1)
        return {"type": "http.disconnect"}

    seen: list[bool] = []
    asyncio.run(
        BoundedBodies(waits_for_the_client, SETTINGS, patience=0.02)(
            SCOPE, receive, nowhere
        )
    )
