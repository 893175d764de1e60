"""Bodies that come slowly, and many at once: what is not whole yet is bounded in time and in bytes."""

from __future__ import annotations

import asyncio
import random
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.settings import MEBIBYTE, Settings

PATIENCE: Final = 15.0
"""Seconds for a body, beside those that its bytes take at ``SLOWEST``."""
SPREAD: Final = 0.5
"""How much of it more, at most, by chance: five hundred that began together are not all answered together."""
SLOWEST: Final = 16 * 1024
"""Bytes a second. A file of 32 MiB may take 35 minutes; a byte now and then ends after 15 seconds."""
MOST_HELD: Final = 256 * MEBIBYTE


class BoundedBodies:
    """Answers 408 to a body that comes too slowly, and 503 while bodies of others fill the memory for them.

    What is held counts from its first byte until its request is answered.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        patience: float = PATIENCE,
        most_held: int = MOST_HELD,
    ) -> None:
        self.app = app
        self.patience = patience
        # Two of the largest uploads always fit: else one alone could be refused for ever.
        self.most_held = max(most_held, 2 * settings.max_upload_mib * MEBIBYTE)
        self.held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        body = _Body(self, receive)
        try:
            await self.app(scope, body.receive, send)
        finally:
            # Only now: until its answer is sent the application may hold the body whole.
            self.held -= body.received


class _Body:
    """One body as it comes."""

    def __init__(self, bodies: BoundedBodies, receive: Receive) -> None:
        self.bodies = bodies
        self.received = 0
        self._receive = receive
        self._patience = bodies.patience * random.uniform(1, 1 + SPREAD)  # noqa: S311 - no secret
        self._begun = asyncio.get_running_loop().time()
        self._is_whole = False

    async def receive(self) -> Message:
        if self._is_whole:  # what comes now is that the client has left
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._seconds_left())
        # The rest of the body may still come, and must not be read as the next request: hence close.
        except TimeoutError:
            detail = f"a body that comes more slowly than {SLOWEST:,} bytes a second"
            raise HTTPException(408, detail, {"Connection": "close"}) from None
        size = len(message.get("body", b""))
        self.received += size
        self.bodies.held += size
        self._is_whole = not message.get("more_body", False)
        # The latest is refused: those that began before it can end and make room.
        if self.bodies.held > self.bodies.most_held:
            headers = {"Connection": "close", "Retry-After": "5"}
            raise HTTPException(
                503, "too many bytes of other requests are held; try again", headers
            )
        return message

    def _seconds_left(self) -> float:
        """From now on; after 5 s with 160 kB received 20."""
        spent = asyncio.get_running_loop().time() - self._begun
        return max(0.0, self._patience + self.received / SLOWEST - spent)
