"""Server-sent events: what of an ``Accept`` header asks for them, and how one is written."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic import BaseModel
from starlette.responses import StreamingResponse

MEDIA_TYPE = "text/event-stream"
SentEvent = tuple[str, BaseModel]
"""A name and what its ``data:`` line holds, as JSON."""


def wanted(accept: str) -> bool:
    """Whether an ``Accept`` header names ``text/event-stream``, and does not forbid it (``q=0``)."""
    for media_range in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in media_range.split(";"))
        # ``text/*`` and ``*/*`` do not count: clients that send these by default expect JSON.
        if kind == MEDIA_TYPE:
            return not any(_is_zero_quality(parameter) for parameter in parameters)
    return False


def encode(name: str, data: BaseModel) -> bytes:
    """One event on the wire. JSON never holds a raw line break, so one ``data:`` line is enough."""
    return f"event: {name}\ndata: {data.model_dump_json()}\n\n".encode()


def respond(events: AsyncIterator[bytes]) -> StreamingResponse:
    # A proxy that buffers would hold the events back until the answer is whole.
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(events, headers=headers, media_type=MEDIA_TYPE)


def _is_zero_quality(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name == "q" and value.strip("0") in {"", "."}
