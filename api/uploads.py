"""From the body of ``POST /v1/documents`` to sources in the library."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.problems import FailedFile, Warning, from_error
from api.problems import respond as respond_with_problem
from api.schemas.common import respond
from api.schemas.documents import Added, NewDocument
from rag.errors import InvalidValue, SourceError
from rag.ingest.rereading import is_typed
from rag.library import Failed, Ingested, Library
from rag.records import Source
from rag.settings import MEBIBYTE, Settings
from rag.sources import from_text, read_bytes
from rag.sources.base import Limits
from rag.stopping import NEVER, Stop
from rag.store.places import Place

FORM = "multipart/form-data"
JSON = "application/json"


ReadSource = Callable[[Stop], Source]
"""Reads one source that has arrived. Slow, so for a worker's thread. Raises SourceError, Stopped."""


async def received(request: Request, settings: Settings) -> list[ReadSource]:
    """The sources in a request's body: the files of a form, or one document given as JSON.

    Raises:
        InvalidValue: no file, or more than ``max_upload_files``.
        HTTPException: 415, a body of another kind; 400, a malformed form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == JSON:
        # Parsed in the worker's thread: 32 MiB of JSON would hold up the event loop.
        body = await request.body()
        return [partial(_from_json, body)]
    if kind != FORM:
        raise HTTPException(
            415, f"a body of type {kind or 'nothing'!r}; send {FORM} or {JSON}"
        )
    async with request.form() as form:
        files = [file for file in form.getlist("files") if isinstance(file, UploadFile)]
        if not 1 <= len(files) <= settings.max_upload_files:
            expected = (
                f"1 to {settings.max_upload_files} files in the form's field 'files'"
            )
            raise InvalidValue("files", len(files), expected)
        limits = Limits(max_bytes=settings.max_upload_mib * MEBIBYTE)
        return [
            # Read here, while the form is open: leaving it deletes the temporary files.
            partial(read_bytes, await file.read(), file.filename or "", limits)
            for file in files
        ]


def add(
    library: Library,
    sources: list[ReadSource],
    *,
    keep: bool = False,
    stop: Stop = NEVER,
) -> tuple[Response, list[int]]:
    """Take in each source. One that cannot be read does not stop the rest; when none can, a problem.

    Args:
        keep: whether the older self of a file of the same name stays.
        stop: once it is set nothing more is read; what is in by then stays.

    Returns:
        The response, and the ids of the documents that were replaced.

    Raises:
        RequestValidationError: JSON that is not a new document.
        InvalidValue: a document whose title or text is blank.
        Stopped: ``stop`` was set.
    """
    ingested: list[Ingested] = []
    errors: list[SourceError] = []
    for read in sources:
        try:
            ingested.append(_take_in(library, read(stop), keep, stop))
        except SourceError as error:
            errors.append(error)
    if not ingested:
        return _nothing_read(errors), []
    # One file may hold many documents, and two files the same one.
    ids = sorted({document.id for one in ingested for document in one.documents})
    replaced = sorted({id_ for one in ingested for id_ in one.replaced})
    left_out = [warning for one in ingested for warning in one.source.warnings]
    added = Added.of(library.listed(ids), errors, left_out, replaced)
    return respond(added, 201 if any(one.new for one in ingested) else 200), replaced


def _take_in(library: Library, source: Source, keep: bool, stop: Stop) -> Ingested:
    """A file goes in for the one of its name; a text that was typed has a title, which many may share."""
    place = Place("typed" if is_typed(source) else "upload", source.name)
    return library.ingest_source(source, place, keep=keep, limits=Limits(), stop=stop)


def _from_json(body: bytes, _: Stop) -> Source:
    try:
        document = NewDocument.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from error
    return from_text(document.title, document.text, document.published)


def _nothing_read(errors: list[SourceError]) -> Response:
    """One problem with every file listed; its kind is that of the files, when they share one."""
    shared = {type(error) for error in errors}
    first = (
        errors[0]
        if len(shared) == 1
        else SourceError("the upload", "none of its files can be read")
    )
    problem = from_error(first, "/v1/documents")
    problem.failed = [FailedFile(name=error.name, why=error.why) for error in errors]
    problem.warnings = [Warning.of(Failed.of(error).warning) for error in errors]
    return respond_with_problem(problem)
