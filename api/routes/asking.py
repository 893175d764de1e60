"""``/v1/ask``, ``/v1/answers``, ``/v1/search``, ``/v1/examples``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api import events
from api.inference import Job
from api.problems import Problem, from_error, responses
from api.replying import reply, stream
from api.schemas.answers import Answer, BatchAnswers, BatchResult, Examples, GivenAnswer
from api.schemas.citations import Claim, Hits
from api.schemas.common import respond
from api.schemas.questions import AskRequest, BatchRequest, SearchRequest
from api.service import Service, ServiceOf
from rag import records
from rag.errors import ChuchuError
from rag.library import Event

router = APIRouter(prefix="/v1", tags=["asking"])
Emit = Callable[[bytes], None]
AnswerIdInPath = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["0" * 32])]

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
    responses={200: _STREAM, **responses(400, 401, 403, 413, 415, 422, 500, 503)},
)
async def ask(request: Request, body: AskRequest, service: ServiceOf) -> Response:
    """Answer from the documents, each claim citing the exact characters it rests on, or refuse.

    With `Accept: text/event-stream` the result comes as events: `hits` (`{hits}`), a `claim` for each
    claim, then `answer`, whose data is the whole result; or `error`, whose data is a problem.
    """
    question = body.to_question()
    streamed = events.wanted(request.headers.get("accept", ""))
    service.library  # noqa: B018 - raises NotReady here, before anything waits

    def call(emit: Emit) -> Response:
        answer = service.answer(
            # Unstreamed, an event is still sent: emit raises once the client has left, which ends the work.
            question,
            lambda event: emit(_encode(event) if streamed else b""),
        )
        return respond(answer)

    job = Job(service.worker_for(question.answerer), call)
    waiting = (
        stream(job, request.url.path, _encode_problem) if streamed else job.result()
    )
    return await reply(request, waiting)


@router.post(
    "/ask/batch",
    operation_id="ask_batch",
    summary="Ask several questions in one call",
    response_model=BatchAnswers,
    responses=responses(400, 401, 403, 413, 415, 422, 500, 503),
)
async def ask_batch(
    request: Request, body: BatchRequest, service: ServiceOf
) -> Response:
    """Answer each question by itself, in their order; other people's questions take turns with them.

    A question that cannot be answered for an error has a `problem` in the place of its `answer`; the others
    go on.
    """
    return await reply(request, _answer_each(body, service, request.url.path))


async def _answer_each(body: BatchRequest, service: Service, path: str) -> Response:
    results = []
    # One after another, each queued anew: fifty at once would leave no place to anybody else.
    for question in body.to_questions():
        try:
            worker = service.worker_for(question.answerer)
            answer = await worker.run(partial(service.answer, question))
            results.append(BatchResult(answer=answer))
        except ChuchuError as error:
            results.append(BatchResult(problem=from_error(error, path)))
    # Fifty answers may be 12 MB of JSON: too much to write on the event loop.
    return await service.background.run(partial(respond, BatchAnswers(results=results)))


@router.get(
    "/answers/{answer_id}",
    operation_id="get_answer",
    summary="Read an answer again",
    response_model=GivenAnswer,
    responses=responses(401, 403, 404, 422, 500, 503),
)
async def get_answer(answer_id: AnswerIdInPath, service: ServiceOf) -> Response:
    """An answer as it was given, for as long as it is among the last ones (`CHUCHU_KEEP_ANSWERS`).

    `gone` names the documents that were deleted since: the claims that rested on them are left out, and all
    their words with them. `changed` names those of which a quote no longer stands where it stood.
    """
    return respond(GivenAnswer.of_kept(await service.answer_given(answer_id)))


@router.post(
    "/search",
    operation_id="search",
    summary="Find passages",
    response_model=Hits,
    responses=responses(400, 401, 403, 413, 415, 422, 500, 503),
)
async def search(request: Request, body: SearchRequest, service: ServiceOf) -> Response:
    """The passages that fit best, best first, without an answer."""
    library, question = service.library, body.to_question()
    waiting = service.questions.run(lambda: respond(Hits.of(library.search(question))))
    return await reply(request, waiting)


@router.get(
    "/examples",
    operation_id="examples",
    summary="Questions to begin with",
    response_model=Examples,
    responses=responses(401, 403, 422, 500, 503),
)
async def examples(
    service: ServiceOf, lang: Annotated[records.Language, Query()] = "zh"
) -> Response:
    """Questions that the documents here answer."""
    return respond(Examples(examples=list(await service.examples(lang))))


def _encode(event: Event) -> bytes:
    name, data = event
    if isinstance(data, records.Answer):
        return events.encode(name, Answer.of(data))
    if isinstance(data, records.Claim):
        return events.encode(name, Claim.of(data))
    return events.encode(name, Hits.of(data))


def _encode_problem(problem: Problem) -> bytes:
    return events.encode("error", problem)
