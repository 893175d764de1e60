"""What goes over the wire about feedback."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.request_body import Request
from api.schemas.common import MAX_ID, Identifier
from rag.store.feedback import MAX_COMMENT, Feedback

AnswerId = Annotated[
    str, Field(pattern="^[0-9a-f]{32}$", description="The `id` of an answer.")
]
Offset = Annotated[int, Field(ge=0, le=MAX_ID)]


class MarkedSpan(Request):
    """Words of a document: `text[start:end]`, in code points."""

    document_id: Identifier
    start: Offset
    end: Offset


class FeedbackRequest(Request):
    """A thumb up or down, the words that are the answer, and anything else there is to say."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "answer_id": "0" * 32,
                    "verdict": "down",
                    "span": {"document_id": 1, "start": 40, "end": 43},
                    "comment": "that is last year's figure",
                }
            ]
        },
    )

    answer_id: AnswerId
    verdict: Literal["up", "down"]
    span: MarkedSpan | None = Field(
        None, description="The words that answer the question."
    )
    comment: str | None = Field(None, max_length=MAX_COMMENT)


class FeedbackSpan(BaseModel):
    """A marked span with the words that stand there."""

    document_id: int
    start: int
    end: int
    text: str


class FeedbackKept(BaseModel):
    """What is kept of a word on an answer."""

    answer_id: str
    question: str
    verdict: Literal["up", "down"]
    span: FeedbackSpan | None
    comment: str | None
    created: str

    @classmethod
    def of(cls, said: Feedback) -> Self:
        place, span = said.marked, None
        if place is not None:
            span = FeedbackSpan(
                document_id=place.document_id,
                start=place.start,
                end=place.end,
                text=place.text,
            )
        return cls(
            answer_id=said.shown.id,
            question=said.shown.question,
            verdict=said.verdict,
            span=span,
            comment=said.comment,
            created=said.created,
        )


class FeedbackList(BaseModel):
    """Everything that was said, oldest first."""

    feedback: list[FeedbackKept]
