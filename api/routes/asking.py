"""``POST /v1/ask``, ``POST /v1/search``, ``GET /v1/examples``."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import events
from api.inference import Job
from api.leaving import CLIENT_GONE, unless_gone
from api.problems import from_error, responses
from api.schemas import Answer, AskRequest, Claim, Examples, Hits, SearchRequest, respond
from api.service import ServiceOf
from rag import records
from rag.errors import ChuchuError
from rag.pipeline import Event

router = APIRouter(prefix="/v1", tags=["asking"])
logger = logging.getLogger("chuchu.api")
Emit = Callable[[bytes], None]

_STREAM = {
    "content": {
        events.MEDIA_TYPE: {
            "schema": {"type": "string"},
            "example": "event: hits\ndata: {…}\n\nevent: claim\ndata: {…}\n\nevent: answer\ndata: {…}\n\n",
        }
    }
}


@router.post(
    "/ask",
    operation_id="ask",
    summary="Ask the documents",
    response_model=Answer,
    responses={200: _STREAM, **responses(400, 401, 403, 413, 422, 500, 503)},
)
async def ask(request: Request, body: AskRequest, service: ServiceOf) -> Response:
    """Answer from the documents, each claim citing the exact characters it rests on, or refuse.

    With `Accept: text/event-stream` the result comes as events: `hits` (`{hits}`), a `claim` for each
    claim, then `answer`, whose data is the whole result; or `error`, whose data is a problem.
    """
    library, question = service.library, body.to_question()
    streamed = events.wanted(request.headers.get("accept", ""))

    def call(emit: Emit) -> Response:
        answer = library.ask(question, lambda event: emit(_encode(event) if streamed else b""))
        service.metrics.answers.add(status=answer.status)
        service.answers.remember(answer)
        return respond(Answer.of(answer))

    job = Job(service.questions, call)
    waiting = _stream(job, request.url.path) if streamed else job.result()
    return await unless_gone(request, waiting) or Response(status_code=CLIENT_GONE)


@router.post(
    "/search",
    operation_id="search",
    summary="Find passages",
    response_model=Hits,
    responses=responses(400, 401, 403, 413, 422, 500, 503),
)
async def search(request: Request, body: SearchRequest, service: ServiceOf) -> Response:
    """The passages that fit best, best first, without an answer."""
    library, question = service.library, body.to_question()
    waiting = service.questions.run(lambda: respond(Hits.of(library.search(question))))
    return await unless_gone(request, waiting) or Response(status_code=CLIENT_GONE)


@router.get(
    "/examples",
    operation_id="examples",
    summary="Questions to begin with",
    response_model=Examples,
    responses=responses(401, 403, 422, 500, 503),
)
async def examples(service: ServiceOf, lang: Annotated[records.Language, Query()] = "zh") -> Response:
    """Questions that the documents here answer."""
    return respond(Examples(examples=list(await service.examples(lang))))


def _encode(event: Event) -> bytes:
    name, data = event
    if isinstance(data, records.Answer):
        return events.encode(name, Answer.of(data))
    if isinstance(data, records.Claim):
        return events.encode(name, Claim.of(data))
    return events.encode(name, Hits.of(data))


async def _stream(job: Job[bytes, Response], path: str) -> Response:
    """Begin the response with the first event: an error before it is still a plain problem."""
    stream = job.events()
    first = await anext(stream)
    return events.respond(_rest(first, stream, path))


async def _rest(first: bytes, stream: AsyncIterator[bytes], path: str) -> AsyncIterator[bytes]:
    yield first
    try:
        async for event in stream:
            yield event
    except Exception as error:
        if not isinstance(error, ChuchuError):
            logger.exception("POST %s failed within its stream", path)
        yield events.encode("error", from_error(error, path))
