"""Work for a client who may leave before it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request

CLIENT_GONE = 499
"""nginx's status for a request whose client did not wait; nobody receives it."""

T = TypeVar("T")


async def unless_gone(
    request: Request,
    work: Coroutine[Any, Any, T],
    end: Callable[[], object] | None = None,
) -> T | None:
    """What ``work`` returns; None when the client leaves before that.

    Args:
        end: called when ``work`` is cancelled, by the client's leaving or the server's end: what has begun in
            another thread does not stop by itself.
    """
    working = asyncio.ensure_future(work)
    # The body has been read whole: the one message that can still come is http.disconnect.
    leaving = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        if end is not None and not working.done():
            end()
        # Cancelled also when this coroutine is, as at the server's end; on a task that is done it does nothing.
        working.cancel()
        leaving.cancel()
