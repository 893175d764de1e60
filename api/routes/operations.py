"""``/health/live``, ``/health/ready`` and ``/metrics``: what a supervisor looks at."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import PlainTextResponse, Response

from api.metrics import CONTENT_TYPE
from api.problems import responses
from api.service import ServiceOf

router = APIRouter(tags=["operations"])


class Live(BaseModel):
    status: Literal["live"] = "live"


class Ready(BaseModel):
    """``versions`` names the models and the generation of the indexes; ``problems`` what needs a person.

    ``waiting`` counts passages that are found by quick vectors until their deep ones are made.
    """

    status: Literal["ready"] = "ready"
    versions: dict[str, str]
    waiting: int = 0
    problems: list[str] = []


@router.get(
    "/health/live",
    operation_id="health_live",
    summary="Is the process up?",
    responses=responses(403, 500),
)
async def live() -> Live:
    """Answers as long as the process does."""
    return Live()


@router.get(
    "/health/ready",
    operation_id="health_ready",
    summary="Can it answer?",
    responses=responses(403, 500, 503),
)
async def ready(service: ServiceOf) -> Ready:
    """503 until the models are loaded and the indexes open.

    A service that answers and cannot be added to, because the disk is full or the folder read-only, is ready
    and says so in `problems`.
    """
    library = service.library
    return Ready(
        versions=library.versions, waiting=library.waiting, problems=library.troubles()
    )


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Prometheus metrics",
    response_class=PlainTextResponse,
    responses=responses(401, 403, 500),
)
def metrics(service: ServiceOf) -> Response:
    """Counters, durations and queues, in the Prometheus text format."""
    return Response(service.metrics.render(service.gauges()), media_type=CONTENT_TYPE)
