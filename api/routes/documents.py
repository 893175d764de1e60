"""``/v1/documents`` and ``/v1/sources``."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from pydantic import StringConstraints
from starlette.responses import Response

from api import uploads
from api.leaving import CLIENT_GONE, unless_gone
from api.problems import responses
from api.schemas.common import MAX_ID, Span, respond
from api.schemas.documents import Added, Document, DocumentList, Page, Source
from api.service import ServiceOf
from rag import page_pictures
from rag.stopping import Stop

MAX_LIMIT = 500
FILE_TYPE = "application/octet-stream"
"""Of every file that is downloaded: a browser that took one for HTML would run it here."""

router = APIRouter(prefix="/v1", tags=["documents"])

MAX_MARGIN = 1_000_000

Around = Annotated[
    int | None,
    Query(
        ge=0,
        le=MAX_ID,
        description="Only the part of the text around this offset; the whole without it.",
    ),
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

PageNumber = Annotated[int, Path(ge=1, le=100_000, examples=[1])]
QuotedSpans = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^\d{1,12}-\d{1,12}$")]] | None,
    Query(
        max_length=100,
        description="`start-end` in the source's text, once a span of a citation.",
    ),
]

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
                            "description": "Any kinds that README names.",
                        }
                    },
                }
            },
            "application/json": {
                "schema": {"$ref": "#/components/schemas/NewDocument"}
            },
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
    after: Annotated[
        int, Query(ge=0, le=MAX_ID, description="The `next` of the page before.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> Response:
    """Documents in order of id, without their texts; `ingested` says when each was taken in."""
    # One more than is shown tells whether there is a next page, without counting them.
    return respond(DocumentList.page(service.library.listing(after, limit + 1), limit))


@router.post(
    "/documents",
    operation_id="add_documents",
    summary="Add documents",
    status_code=201,
    response_model=Added,
    responses={
        200: {"model": Added, "description": "Everything was there already"},
        **responses(400, 401, 403, 409, 413, 415, 422, 500, 503, 507),
    },
    openapi_extra=_UPLOAD_BODY,
)
async def add_documents(
    request: Request,
    service: ServiceOf,
    replace: Annotated[
        bool,
        Query(
            description="Whether a file replaces the one of the same name; false keeps both."
        ),
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
            # Two may stop it: the server's end, here, and the client's leaving, below.
            with service.stopping.calling(stop.set):
                response, replaced = uploads.add(
                    library, sources, keep=not replace, stop=stop
                )
            for document_id in replaced:
                service.answers.forget_document(document_id)
            return response
        finally:
            service.changed()

    waiting = service.uploads.run(take_in)
    return await unless_gone(request, waiting, stop.set) or Response(
        status_code=CLIENT_GONE
    )


@router.get(
    "/documents/{document_id}",
    operation_id="get_document",
    summary="Read a document",
    response_model=Document,
    responses=responses(401, 403, 404, 422, 500, 503),
)
def get_document(
    document_id: DocumentId,
    service: ServiceOf,
    around: Around = None,
    margin: Margin = 50_000,
) -> Response:
    """An article with the map from its characters to the source's, its copies, and how it was read.

    `layout` says which blocks it is made of and how sure each is, where a sentence that the page cut was
    joined, what is missing, how copies differ, and what the page says of it beside the text. With `around`
    only a part of a long text comes, and `offset` says where it begins.
    """
    store = service.library.store
    if around is None:
        document = store.document(document_id)
        offset, characters = 0, len(document.text)
    else:
        document, (offset, _), characters = store.document_around(
            document_id, around, margin
        )
    media_type, _ = store.source_kind(document.source_sha256)
    return respond(Document.of(document, media_type, offset, characters))


@router.delete(
    "/documents/{document_id}",
    operation_id="delete_document",
    summary="Delete a document",
    status_code=204,
    response_class=Response,
    responses=responses(401, 403, 404, 409, 422, 500, 503, 507),
)
def delete_document(document_id: DocumentId, service: ServiceOf) -> Response:
    """Remove it for good: from the store, the indexes and the caches.

    503 `store-busy`: it is no longer found, but a program of somebody else keeps its text in the store's log.
    Delete it again once that has ended; 204 says that nothing of it is left.
    """
    try:
        # Whatever comes of it: answers in memory quote the document, and some of it may be gone.
        service.library.delete(document_id)
    finally:
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


@router.get(
    "/sources/{sha256}/file",
    operation_id="get_source_file",
    summary="Download a source",
    response_class=Response,
    responses={
        200: {
            "content": {FILE_TYPE: {"schema": {"type": "string", "format": "binary"}}}
        },
        **responses(401, 403, 404, 422, 500, 503),
    },
)
def get_source_file(sha256: Sha256, service: ServiceOf) -> Response:
    """The bytes of a file as they were given, to be saved, never to be shown by a browser."""
    store = service.library.store
    # RFC 8187: a Chinese name, a quotation mark or a line break cannot stand in the header as it is.
    name = quote(store.source_name(sha256), safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(store.source_data(sha256), headers=headers, media_type=FILE_TYPE)


@router.get(
    "/sources/{sha256}/pages/{number}.png",
    operation_id="draw_page",
    summary="See a page of a PDF",
    response_class=Response,
    responses={
        200: {
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}
        },
        **responses(401, 403, 404, 415, 422, 500, 503),
    },
)
async def draw_page(sha256: Sha256, number: PageNumber, service: ServiceOf) -> Response:
    """A page as a picture, drawn in a process of its own."""
    drawn = await service.pictures.run(
        partial(page_pictures.draw, service.library.store, sha256, number)
    )
    return Response(drawn, media_type="image/png")


@router.get(
    "/sources/{sha256}/pages/{number}",
    operation_id="find_on_page",
    summary="Find quoted words on a page of a PDF",
    response_model=Page,
    responses=responses(401, 403, 404, 415, 422, 500, 503),
)
async def find_on_page(
    sha256: Sha256, number: PageNumber, service: ServiceOf, span: QuotedSpans = None
) -> Response:
    """How many pages there are, and the boxes of what `span` quotes, as far as this page has it."""
    spans = tuple(_span_of(each) for each in span or ())
    found = await service.pictures.run(
        partial(page_pictures.find, service.library.store, sha256, number, spans)
    )
    return respond(Page.model_validate(found))


def _span_of(given: str) -> Span:
    start, _, end = given.partition("-")
    return int(start), int(end)
