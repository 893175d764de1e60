"""``/v1/documents`` and ``/v1/sources``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api import uploads
from api.document_schemas import Added, Document, DocumentList, Source
from api.leaving import CLIENT_GONE, unless_gone
from api.problems import responses
from api.schemas import MAX_ID, respond
from api.service import ServiceOf
from rag.stopping import Stop

MAX_LIMIT = 500

router = APIRouter(prefix="/v1", tags=["documents"])

MAX_MARGIN = 1_000_000

Around = Annotated[
    int | None,
    Query(ge=0, le=MAX_ID, description="Only the part of the text around this offset; the whole without it."),
]
Margin = Annotated[
    int,
    Query(
        ge=1,
        le=MAX_MARGIN,
        description="Code points to either side of `around`. A text of up to twice as many comes whole.",
    ),
]

DocumentId = Annotated[int, Path(ge=1, le=MAX_ID, examples=[1])]
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", examples=["0" * 64])]

_UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                            "description": "Text, Markdown, HTML, PDF, DOCX or JSONL.",
                        }
                    },
                }
            },
            "application/json": {"schema": {"$ref": "#/components/schemas/NewDocument"}},
        },
    }
}


@router.get(
    "/documents",
    operation_id="list_documents",
    summary="List documents",
    response_model=DocumentList,
    responses=responses(401, 403, 422, 500, 503),
)
def list_documents(
    service: ServiceOf,
    after: Annotated[int, Query(ge=0, le=MAX_ID, description="The `next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> Response:
    """Documents in order of id, without their texts; `ingested` says when each was taken in."""
    return respond(DocumentList.page(service.library.listing(after, limit + 1), limit))


@router.post(
    "/documents",
    operation_id="add_documents",
    summary="Add documents",
    status_code=201,
    response_model=Added,
    responses={
        200: {"model": Added, "description": "Everything was there already"},
        **responses(400, 401, 403, 413, 415, 422, 500, 503),
    },
    openapi_extra=_UPLOAD_BODY,
)
async def add_documents(
    request: Request,
    service: ServiceOf,
    replace: Annotated[
        bool, Query(description="Whether a file replaces the one of the same name; false keeps both.")
    ] = True,
) -> Response:
    """Add files, or one document as text. `warnings` say what was left out and why; the rest goes on.

    Adding is idempotent by content: 201 when something is new, 200 when all was there already, and a
    problem when nothing could be read. A file of the same name with other content replaces its older self in
    one step, and `replaced` names the documents that left. A document given as text has a title and no name,
    and replaces nothing. When the client leaves, what is still being read is stopped.
    """
    library = service.library
    sources = await uploads.received(request, service.settings)
    stop = Stop()

    def take_in() -> Response:
        try:
            with service.stopping.calling(stop.set):
                response, replaced = uploads.add(library, sources, keep=not replace, stop=stop)
            for document_id in replaced:
                service.answers.forget_document(document_id)
            return response
        finally:
            service.changed()

    waiting = service.uploads.run(take_in)
    return await unless_gone(request, waiting, stop.set) or Response(status_code=CLIENT_GONE)


@router.get(
    "/documents/{document_id}",
    operation_id="get_document",
    summary="Read a document",
    response_model=Document,
    responses=responses(401, 403, 404, 422, 500, 503),
)
def get_document(
    document_id: DocumentId, service: ServiceOf, around: Around = None, margin: Margin = 50_000
) -> Response:
    """An article with the map from its characters to the source's, its copies, and how it was read.

    `layout` says which blocks it is made of and how sure each is, where a sentence that the page cut was
    joined, what is missing, how copies differ, and what the page says of it beside the text. With `around`
    only a part of a long text comes, and `offset` says where it begins.
    """
    if around is None:
        return respond(Document.of(service.library.document(document_id)))
    document, span, characters = service.library.store.document_around(document_id, around, margin)
    return respond(Document.of(document, span[0], characters))


@router.delete(
    "/documents/{document_id}",
    operation_id="delete_document",
    summary="Delete a document",
    status_code=204,
    response_class=Response,
    responses=responses(401, 403, 404, 422, 500, 503),
)
def delete_document(document_id: DocumentId, service: ServiceOf) -> Response:
    """Remove it for good: from the store, the indexes and the caches."""
    service.library.delete(document_id)
    service.answers.forget_document(document_id)
    service.changed()
    return Response(status_code=204)


@router.get(
    "/sources/{sha256}",
    operation_id="get_source",
    summary="Read a source",
    response_model=Source,
    responses=responses(401, 403, 404, 422, 500, 503),
)
def get_source(
    sha256: Sha256, service: ServiceOf, around: Around = None, margin: Margin = 50_000
) -> Response:
    """A file as it was given, by its decoded text, and which stretches of it belong to which document.

    With `around` only a part of a long text comes, and `offset` says where it begins.
    """
    return respond(Source.of(service.library, sha256, around, margin))
