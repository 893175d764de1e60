"""``/v1/local``: what commands on this machine ask of the server that holds their data folder.

Files are named by their path and read here, with the limits of the command line. Only who knows the local
key, and so may read the data folder, gets here (``api.security.ApiKey``); ``/docs`` lists none of it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from api.inference import Job
from api.problems import from_error
from api.request_body import Request
from api.service import Service, ServiceOf
from rag.ingest.outcomes import told
from rag.library import Library
from rag.syncing import sync

JSON_LINES = "application/jsonl"

router = APIRouter(prefix="/v1/local", include_in_schema=False)

Outcomes = Iterator[tuple[dict[str, Any], list[int]]]
"""What became of a file, and the ids of the documents that left for it."""


class IngestPath(Request):
    path: Path
    keep: bool = False


class SyncFolder(Request):
    folder: Path


@router.post("/ingest")
async def ingest(body: IngestPath, service: ServiceOf) -> Response:
    """Take a file in; a line of JSON for each source in it, as it is done."""

    def take_in(library: Library) -> Outcomes:
        for done in library.ingest([body.path], keep=body.keep):
            outcome = told(done)
            yield outcome, outcome["file"].get("replaced", [])

    return _respond(service, take_in)


@router.post("/sync")
async def sync_folder(body: SyncFolder, service: ServiceOf) -> Response:
    """Bring the documents of a folder up to date; a line of JSON for each file."""

    def follow(library: Library) -> Outcomes:
        for change in sync(library, body.folder):
            yield asdict(change), list(change.removed)

    return _respond(service, follow)


def _respond(service: Service, work: Callable[[Library], Outcomes]) -> Response:
    """What ``work`` yields, line by line; run where uploads are."""
    library = service.library

    def call(emit: Callable[[bytes], None]) -> None:
        try:
            for line, gone in work(library):
                # Before its line is sent: a later file may fail, and the words of these are deleted already.
                for document_id in gone:
                    service.answers.forget_document(document_id)
                emit(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        finally:
            service.changed()

    job = Job[bytes, None](service.uploads, call)
    return StreamingResponse(_lines(job), media_type=JSON_LINES)


async def _lines(job: Job[bytes, None]) -> AsyncIterator[bytes]:
    """The lines of a job; one that fails ends with its problem."""
    try:
        async for line in job.events():
            yield line
    # 200 is sent: the command reads the problem off the last line.
    except Exception as error:
        problem = from_error(error, "/v1/local").model_dump(exclude_none=True)
        yield json.dumps({"problem": problem}, ensure_ascii=False).encode() + b"\n"
