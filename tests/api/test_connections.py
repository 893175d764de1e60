"""api/connections.py: half a request ends after a while, and many of them keep nobody out."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api.connections import (
    FILES_KEPT_BACK,
    MOST_CONNECTIONS,
    BoundedProtocol,
    FewAlike,
    most_connections,
)

HALF = b"GET /half HTTP/1.1\r\nHost: a\r\n"
WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LONG = 1_000_000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body, then says yes; at ``/long`` with more than a client will read."""
    while (await receive()).get("more_body"):
        pass
    size = 50 * LONG if scope["path"] == "/long" else 3
    headers = [(b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"y" * size})


@asynccontextmanager
async def serving(**limits: float) -> AsyncIterator[int]:
    """The port of a server whose connections have these limits."""
    protocol = type("Protocol", (BoundedProtocol,), limits)
    config = uvicorn.Config(
        app, http=protocol, lifespan="off", log_level="error", ws="none"
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server._serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            await running


async def connected(
    port: int, said: bytes = b""
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    await writer.drain()
    return reader, writer


async def answered(port: int) -> bytes:
    reader, writer = await connected(port, WHOLE)
    line = await asyncio.wait_for(reader.readline(), 20)
    writer.close()
    return line


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether the server closes the connection, and without a word."""
    try:
        return await asyncio.wait_for(reader.read(), 20) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("said", [b"", HALF])
def test_who_does_not_ask_is_not_waited_for(said: bytes) -> None:
    async def run() -> None:
        async with serving(head_seconds=0.2) as port:
            reader, _ = await connected(port, said)
            assert await ended(reader)

    asyncio.run(run())


def test_half_of_a_second_request_is_not_waited_for() -> None:
    async def run() -> None:
        async with serving(head_seconds=0.2) as port:
            reader, writer = await connected(port, WHOLE)
            await reader.readuntil(b"yyy")
            writer.write(HALF)
            assert await ended(reader)

    asyncio.run(run())


def test_who_reads_no_answer_is_not_waited_for() -> None:
    async def run() -> None:
        async with serving(reading_seconds=0.2) as port:
            reader, _ = await connected(port, b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
            await asyncio.sleep(1)
            with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
                await asyncio.wait_for(reader.readexactly(50 * LONG), 20)

    asyncio.run(run())


def test_a_new_connection_takes_the_place_of_the_one_waited_for_longest() -> None:
    async def run() -> None:
        async with serving(most=3, head_seconds=60) as port:
            first, *others = [await connected(port, HALF) for _ in range(3)]
            assert await answered(port) == b"HTTP/1.1 200 OK\r\n"
            assert await ended(first[0])
            assert not any(reader.at_eof() for reader, _ in others)

    asyncio.run(run())


def test_a_half_sent_body_makes_room_when_nothing_else_does() -> None:
    async def run() -> None:
        async with serving(most=2, head_seconds=60) as port:
            half = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"
            first, second = await connected(port, half), await connected(port, half)
            await asyncio.sleep(0.1)
            assert await answered(port) == b"HTTP/1.1 200 OK\r\n"
            assert await ended(first[0])
            assert not second[0].at_eof()

    asyncio.run(run())


def test_there_are_files_left_beside_the_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def limited(soft: int) -> int:
        monkeypatch.setattr(
            resource, "getrlimit", lambda _: (soft, resource.RLIM_INFINITY)
        )
        return most_connections()

    assert limited(1024) == MOST_CONNECTIONS
    assert limited(400) == 400 - FILES_KEPT_BACK
    assert limited(64) == 16
    assert limited(resource.RLIM_INFINITY) == MOST_CONNECTIONS


def test_a_message_that_comes_again_and_again_is_logged_some_times() -> None:
    few = FewAlike(most=2)
    records = [
        logging.LogRecord("a", 30, "", 1, "bad %s", (number,), None)
        for number in range(5)
    ]
    passed = [record.getMessage() for record in records if few.filter(record)]
    assert passed == ["bad 0", "bad 1 (further ones of this minute are not logged)"]
