"""``/v1/chat/completions``, ``/v1/models``, ``/v1/embeddings``: for what speaks OpenAI's protocol.

    client = openai.OpenAI(base_url="http://127.0.0.1:8000/v1", api_key="…")
    client.chat.completions.create(model="chuchu", messages=[{"role": "user", "content": "…"}])

What a system message asks for is passed over: Chuchu quotes, it does not write.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api import events
from api.chat_text import text_of
from api.inference import Job
from api.problems import Problem, responses
from api.replying import reply, stream
from api.schemas.answers import Answer
from api.schemas.common import respond
from api.schemas.openai import (
    MAX_TEXTS,
    MODEL,
    ChatChunk,
    ChatCompletion,
    ChatRequest,
    Choice,
    ChunkChoice,
    Delta,
    Embedding,
    EmbeddingList,
    EmbeddingRequest,
    Model,
    ModelList,
    Reply,
    Usage,
)
from api.schemas.questions import MAX_HISTORY, MAX_HISTORY_CHARS, AskRequest
from api.service import Service, ServiceOf
from rag.errors import InvalidValue, NotFound
from rag.library import Event, Question

router = APIRouter(prefix="/v1", tags=["openai"])

_DONE = b"data: [DONE]\n\n"
_STREAM = {"content": {events.MEDIA_TYPE: {"example": "data: {…}\n\n"}}}


@router.post(
    "/chat/completions",
    operation_id="chat",
    summary="Ask as an OpenAI-compatible chat",
    response_model=ChatCompletion,
    responses={200: _STREAM, **responses(400, 401, 403, 404, 413, 415, 422, 500, 503)},
)
async def chat(request: Request, body: ChatRequest, service: ServiceOf) -> Response:
    """Answer the last message of the user; the user's messages before it are its history.

    The text has markers such as `[1]` and ends with a list of sources; the whole answer, each citation with
    its quote and place, is in the extra field `chuchu`, when streamed in the last chunk that has a choice.
    """
    _known_model(body.model, {MODEL})
    question, created = _question_of(body), int(time.time())
    service.library  # noqa: B018 - raises NotReady here, before anything waits

    def call(emit: Callable[[bytes], None]) -> Response:
        if not body.stream:
            answer = service.answer(question, lambda _: emit(b""))
            return respond(_completion(answer, created))
        first = ChatChunk(
            id="",
            created=created,
            model=MODEL,
            choices=[_choice(Delta(role="assistant"))],
        )

        def tell(event: Event) -> None:
            # The first event, so that the stream, and the client's clock for it, begins before the answer is written.
            # The claims wait: their text with its sources is only known at the end.
            if event[0] == "hits":
                emit(_line(first))

        answer = service.answer(question, tell)
        for chunk in _chunks(answer, created, wants_usage=_wants_usage(body)):
            emit(_line(chunk))
        emit(_DONE)
        return Response()

    job = Job(service.worker_for(question.answerer), call)
    waiting = stream(job, request.url.path, _line) if body.stream else job.result()
    return await reply(request, waiting)


@router.get(
    "/models",
    operation_id="list_models",
    summary="List models, for OpenAI-compatible clients",
    response_model=ModelList,
    responses=responses(401, 403, 500, 503),
)
def list_models(service: ServiceOf) -> Response:
    """`chuchu` answers and embeds; the encoder embeds under its own name, too."""
    return respond(ModelList(data=[Model(id=name) for name in _names(service)]))


@router.get(
    "/models/{model:path}",  # the name of an encoder may hold a slash
    operation_id="get_model",
    summary="Look a model up, for OpenAI-compatible clients",
    response_model=Model,
    responses=responses(401, 403, 404, 422, 500, 503),
)
def get_model(
    model: Annotated[str, Path(examples=[MODEL])], service: ServiceOf
) -> Response:
    """Whether there is a model of this name."""
    _known_model(model, set(_names(service)))
    return respond(Model(id=model))


@router.post(
    "/embeddings",
    operation_id="embed",
    summary="Embed texts, as an OpenAI-compatible endpoint",
    response_model=EmbeddingList,
    responses=responses(400, 401, 403, 404, 413, 415, 422, 500, 503),
)
async def embed(
    request: Request, body: EmbeddingRequest, service: ServiceOf
) -> Response:
    """Vectors of texts by the encoder that searches here, each of length 1."""
    _known_model(body.model, set(_names(service)))
    if not 1 <= len(body.texts) <= MAX_TEXTS or not all(body.texts):
        raise InvalidValue(
            "input", len(body.texts), f"1 to {MAX_TEXTS} texts, none of them empty"
        )
    return await reply(request, service.questions.run(partial(_embed, service, body)))


def _embed(service: Service, body: EmbeddingRequest) -> Response:
    vectors = service.library.embed(body.texts, body.input_type)
    if body.dimensions not in (None, vectors.shape[1]):
        raise InvalidValue(
            "dimensions", body.dimensions, f"{vectors.shape[1]}, the encoder's own"
        )
    data = []
    for index, vector in enumerate(vectors):
        # Little-endian float32 on every machine: the official client unpacks it so.
        packed = base64.b64encode(vector.astype(np.dtype("<f4")).tobytes()).decode()
        numbers = (
            packed
            if body.encoding_format == "base64"
            else [float(each) for each in vector]
        )
        data.append(Embedding(index=index, embedding=numbers))
    return respond(EmbeddingList(data=data, model=body.model))


def _question_of(body: ChatRequest) -> Question:
    """Raises InvalidValue: the conversation does not end with a message of the user that has text."""
    said = [(message.role, message.text) for message in body.messages]
    asked = [text for role, text in said if role == "user" and text.strip()]
    if not asked or said[-1][0] != "user" or not said[-1][1].strip():
        raise InvalidValue(
            "messages", said[-1][0], "a message of the user, with text, as the last one"
        )
    history = [text[:MAX_HISTORY_CHARS] for text in asked[:-1][-MAX_HISTORY:]]
    options = {} if body.chuchu is None else body.chuchu.model_dump()
    return AskRequest(question=asked[-1], history=history, **options).to_question()


def _completion(answer: Answer, created: int) -> ChatCompletion:
    choice = Choice(message=Reply(content=text_of(answer)))
    return ChatCompletion(
        id=_id_of(answer), created=created, model=MODEL, choices=[choice], chuchu=answer
    )


def _chunks(answer: Answer, created: int, *, wants_usage: bool) -> Iterator[ChatChunk]:
    """The text line by line, then the end with the whole answer, then what it cost if that was asked for."""
    id_ = _id_of(answer)
    # Joined again, the deltas are the text of the unstreamed answer, line breaks too.
    for line in text_of(answer).splitlines(keepends=True):
        yield ChatChunk(
            id=id_, created=created, model=MODEL, choices=[_choice(Delta(content=line))]
        )
    end = ChunkChoice(delta=Delta(), finish_reason="stop")
    yield ChatChunk(id=id_, created=created, model=MODEL, choices=[end], chuchu=answer)
    if wants_usage:
        yield ChatChunk(id=id_, created=created, model=MODEL, choices=[], usage=Usage())


def _choice(delta: Delta) -> ChunkChoice:
    return ChunkChoice(delta=delta)


def _wants_usage(body: ChatRequest) -> bool:
    return body.stream_options is not None and body.stream_options.include_usage


def _id_of(answer: Answer) -> str:
    """What stands after the dash is the answer's own: ``GET /v1/answers/{id}``."""
    return f"chatcmpl-{answer.id}"


def _line(data: ChatChunk | Problem) -> bytes:
    """One event; clients of this protocol know no ``event:`` line."""
    return f"data: {data.model_dump_json(exclude_none=True)}\n\n".encode()


def _names(service: Service) -> list[str]:
    return [MODEL, service.library.settings.encoder]


def _known_model(name: str, known: set[str]) -> None:
    if name not in known:
        raise NotFound("model", name)
