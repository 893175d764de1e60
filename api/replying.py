"""From a job on a worker to a response: whole or event by event, and nothing for a client that has left."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from fastapi import Request
from starlette.responses import Response

from api import events
from api.inference import Job
from api.leaving import CLIENT_GONE, unless_gone
from api.problems import Problem, from_error
from rag.errors import ChuchuError

logger = logging.getLogger("chuchu.api")


async def reply(request: Request, work: Coroutine[Any, Any, Response]) -> Response:
    """What ``work`` returns, unless the client leaves before that."""
    return await unless_gone(request, work) or Response(status_code=CLIENT_GONE)


async def stream(
    job: Job[bytes, Any], path: str, encode_problem: Callable[[Problem], bytes]
) -> Response:
    """Begin the response with the first event: an error before it is still a plain problem."""
    events_of_job = job.events()
    # A busy queue or a bad question raises here, where the status can still be 503 or 422.
    first = await anext(events_of_job)
    return events.respond(_rest(first, events_of_job, path, encode_problem))


async def _rest(
    first: bytes,
    stream: AsyncIterator[bytes],
    path: str,
    encode_problem: Callable[[Problem], bytes],
) -> AsyncIterator[bytes]:
    yield first
    try:
        async for event in stream:
            yield event
    # The status line is sent: all that is left is to say it as an event, within the stream.
    except Exception as error:
        if not isinstance(error, ChuchuError):
            logger.exception("POST %s failed within its stream", path)
        yield encode_problem(from_error(error, path))
