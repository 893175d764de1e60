"""Every error as ``application/problem+json`` (RFC 9457), from one table of handlers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any, Self

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.request_body import Request as Body
from rag import records
from rag.errors import (
    Busy,
    ChuchuError,
    InvalidValue,
    NotReady,
    Stopped,
    StoreBusy,
    TooManyTries,
    Unauthorized,
)

MEDIA_TYPE = "application/problem+json"
JSON = "application/json"
OPENAI_PATHS = ("/v1/chat/", "/v1/models", "/v1/embeddings")
TYPE_BASE = "/docs#problem-"
"""A problem's ``type`` resolves to its paragraph on the reference page."""


class InvalidField(BaseModel):
    """One value of a request that cannot be used."""

    key: str = Field(examples=["top_k"])
    value: str = Field(examples=["0"], description="What was given, shortened.")
    expected: str = Field(examples=["Input should be greater than or equal to 1"])


class FailedFile(BaseModel):
    """A file that could not be read."""

    name: str = Field(examples=["scan.xyz"])
    why: str = Field(examples=["no reader for .xyz"])


class Warning(BaseModel):
    """Something of a file that was not taken in."""

    name: str = Field(examples=["scan.pdf"])
    kind: records.WarningKind = Field(
        description="`unsupported`: a kind that is not read; `scanned`: a picture of a page, not read; "
        "`limit`: too large; `empty`: no text in it; `failed`: damaged; `left_out`: passed over."
    )
    detail: str = Field(examples=["pages 3 to 5 are pictures and were not read"])

    @classmethod
    def of(cls, warning: records.Warning) -> Self:
        return cls(name=warning.name, kind=warning.kind, detail=warning.detail)


class OpenAIError(BaseModel):
    """An error as clients of OpenAI's protocol read it."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class Problem(BaseModel):
    """An error as RFC 9457 words it; further members depend on its ``type``."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(
        examples=[TYPE_BASE + "invalid-value"], description="Names the kind of error."
    )
    title: str = Field(examples=["A value cannot be used"])
    status: int = Field(examples=[422], ge=400, le=599)
    detail: str = Field(examples=["top_k: got 0, expected a whole number from 1 to 50"])
    instance: str = Field(
        examples=["/v1/ask"], description="The path that was asked for."
    )
    key: str | None = Field(
        default=None, description="The value's name, when one value is to blame."
    )
    value: str | None = Field(default=None, description="What was given, shortened.")
    expected: str | None = Field(
        default=None, description="What would have been accepted."
    )
    errors: list[InvalidField] | None = Field(
        default=None, description="Each value to blame."
    )
    failed: list[FailedFile] | None = Field(
        default=None, description="Each file that could not be read."
    )
    warnings: list[Warning] | None = Field(
        default=None, description="The same files, each with the kind."
    )
    error: OpenAIError | None = Field(
        default=None, description="The same for OpenAI-compatible clients."
    )


def from_error(error: Exception, instance: str) -> Problem:
    """The problem that a caller is told of; the text of an unexpected exception stays inside."""
    if isinstance(error, RequestValidationError):
        return _from_validation(error.errors(), instance)
    if isinstance(error, HTTPException):
        return _from_http(error, instance)
    if not isinstance(error, ChuchuError):
        error = ChuchuError("an unexpected error; the server's log has the details")
    problem = Problem(
        type=TYPE_BASE + error.type,
        title=error.title,
        status=error.status,
        detail=printable(str(error)),
        instance=instance,
    )
    if isinstance(error, InvalidValue):
        problem.key, problem.value, problem.expected = (
            error.key,
            _shown(error.value),
            error.expected,
        )
    return problem


def respond(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    if problem.instance.startswith(OPENAI_PATHS):
        kind = problem.type.rpartition("-")[2]
        problem.error = OpenAIError(
            message=problem.detail, type=kind, param=problem.key
        )
    content = problem.model_dump_json(exclude_none=True)
    return Response(content, problem.status, headers, media_type=MEDIA_TYPE)


def response_to(error: Exception, instance: str) -> Response:
    """``error`` as a whole response, with the headers that its status asks for."""
    return respond(from_error(error, instance), _headers(error))


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` with a problem, those of the framework too."""

    async def handle(request: Request, error: Exception) -> Response:
        if isinstance(error, RequestValidationError):
            error = _wrong_kind(request, error) or error
        return response_to(error, request.url.path)

    for kind in (ChuchuError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, handle)


def _wrong_kind(
    request: Request, error: RequestValidationError
) -> HTTPException | None:
    """That a body is no JSON by its own account, when that is why it was not understood."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    at_body = any(tuple(each["loc"]) == ("body",) for each in error.errors())
    if (
        not at_body
        or kind == JSON
        or kind.endswith("+json")
        or request.url.path == "/v1/documents"
    ):
        return None
    return HTTPException(
        415, f"a body of type {kind or 'nothing'!r}; send content-type: {JSON}"
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What FastAPI's ``responses=`` takes: these statuses, each a :class:`Problem`.

    Where a key is asked for (401), too many wrong ones are answered 429; where a body is taken (413), a slow
    one 408.
    """
    told = set(statuses)
    for status, companion in _COME_WITH.items():
        if status in told:
            told.add(companion)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted(told)
    }


_COME_WITH = {401: 429, 413: 408}
"""Of a status that a route tells of, the one that ``api.brake`` or ``api.bodies`` may answer in its place."""


def _headers(error: Exception) -> dict[str, str] | None:
    # A queue moves within a second; models take some seconds to load, and a server as long to start again.
    if isinstance(error, Busy | NotReady | Stopped | StoreBusy):
        return {"Retry-After": "1" if isinstance(error, Busy) else "3"}
    if isinstance(error, TooManyTries):
        return {"Retry-After": str(error.seconds)}
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": 'Bearer realm="chuchu"'}
    if isinstance(error, HTTPException) and error.headers:
        return dict(error.headers)
    return None


def _from_http(error: HTTPException, instance: str) -> Problem:
    status = HTTPStatus(error.status_code)
    allowed = (error.headers or {}).get("Allow")
    detail = f"this path takes {allowed}" if allowed else str(error.detail)
    return Problem(
        # RFC 9457: a problem that is no more than its HTTP status.
        type="about:blank",
        title=status.phrase,
        status=status,
        detail=detail,
        instance=instance,
    )


def _from_validation(errors: Iterable[Any], instance: str) -> Problem:
    fields = [_field(error) for error in errors]
    first = fields[0]
    return Problem(
        type=TYPE_BASE + InvalidValue.type,
        title=InvalidValue.title,
        status=InvalidValue.status,
        detail=f"{first.key}: got {first.value}. {first.expected}",
        instance=instance,
        errors=fields,
    )


def _field(error: Any) -> InvalidField:
    """One of pydantic's errors; its ``loc`` begins with the part of the request, which says little."""
    if error["type"] == "json_invalid":
        return InvalidField(
            key="body", value="…", expected=f"JSON ({error['ctx']['error']})"
        )
    path = [str(part) for part in error["loc"] if part not in {"body", "path", "query"}]
    message = printable(str(error["msg"])).removeprefix("Value error, ")
    # pydantic's own sentence, Extra inputs are not permitted, does not say which field was meant.
    if error["type"] == "extra_forbidden":
        message = f"There is no such field{_meant(path[-1])}"
    return InvalidField(
        key=".".join(path) or "body", value=_shown(error.get("input")), expected=message
    )


def _meant(field: str) -> str:
    """A known field that the misspelt one resembles, as the end of a sentence."""
    known = {name for model in _descendants(Body) for name in model.model_fields}
    close = get_close_matches(field, sorted(known), 1)
    return f"; did you mean {close[0]}?" if close else "."


def _descendants(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for child in model.__subclasses__():
        yield child
        yield from _descendants(child)


def printable(text: str) -> str:
    """``text`` without lone surrogates, which UTF-8 cannot carry."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _shown(value: object, limit: int = 80) -> str:
    text = printable(repr(value))
    return text if len(text) <= limit else text[: limit - 1] + "…"
