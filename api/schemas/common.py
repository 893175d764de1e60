"""What several shapes share: identifiers, spans, dates, a source by its label; and how a body is written."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from starlette.responses import Response

MAX_ID = 2**63 - 1
"""SQLite's largest integer; a larger one would fail within the store, and not here where it can be explained."""
MAX_DOCUMENTS = 1000
"""That a question may be limited to."""
Identifier = Annotated[int, Field(ge=1, le=MAX_ID)]
Span = tuple[int, int]


def _iso_date(value: str) -> str:
    return date.fromisoformat(value).isoformat()


IsoDate = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"),
    # The pattern lets 2025-02-30 through; SQLite's comparison of strings would, too.
    AfterValidator(_iso_date),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2025-11-22"]}),
]


class SourceName(BaseModel):
    """A source by its label and the SHA-256 of its bytes."""

    name: str
    sha256: str


class SourceSpans(SourceName):
    """Where a quote stands in a source; the spans joined give the quote, line breaks aside."""

    spans: list[Span]


def respond(body: BaseModel, status: int = 200) -> Response:
    """``body`` as JSON, serialised here and now: call it in a worker's thread when it may be long."""
    return Response(body.model_dump_json(), status, media_type="application/json")
