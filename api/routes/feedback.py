"""``/v1/feedback``: what people say of answers, kept here and sent nowhere."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.problems import responses
from api.schemas.common import respond
from api.schemas.feedback import FeedbackKept, FeedbackList, FeedbackRequest
from api.service import ServiceOf

router = APIRouter(prefix="/v1", tags=["feedback"])

AnswerIdInPath = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["0" * 32])]


@router.post(
    "/feedback",
    operation_id="give_feedback",
    summary="Say whether an answer was right",
    status_code=201,
    response_model=FeedbackKept,
    responses={
        200: {
            "model": FeedbackKept,
            "description": "In place of an earlier word on the same answer",
        },
        **responses(400, 401, 403, 404, 409, 413, 415, 422, 500, 503, 507),
    },
)
def give_feedback(body: FeedbackRequest, service: ServiceOf) -> Response:
    """Keep a thumb up or down on an answer, with the words that would have been right and a comment.

    The answer must have been given since the server started; what it said and quoted is kept with the
    word on it, in the data folder, and goes when a document that it quotes or showed is deleted.
    `chuchu eval golden` makes evaluation cases of it.
    """
    marked = body.span
    span = None if marked is None else (marked.document_id, marked.start, marked.end)
    said, first = service.library.feedback.put(
        service.answers.get(body.answer_id),
        body.verdict,
        span=span,
        comment=body.comment,
    )
    return respond(FeedbackKept.of(said), 201 if first else 200)


@router.get(
    "/feedback",
    operation_id="list_feedback",
    summary="List feedback",
    response_model=FeedbackList,
    responses=responses(401, 403, 500, 503),
)
def list_feedback(service: ServiceOf) -> Response:
    """What was said of which answers, oldest first."""
    return respond(
        FeedbackList(
            feedback=[FeedbackKept.of(each) for each in service.library.feedback.all()]
        )
    )


@router.delete(
    "/feedback/{answer_id}",
    operation_id="delete_feedback",
    summary="Take feedback back",
    status_code=204,
    response_class=Response,
    responses=responses(401, 403, 404, 409, 422, 500, 503, 507),
)
def delete_feedback(answer_id: AnswerIdInPath, service: ServiceOf) -> Response:
    """Forget what was said of an answer."""
    service.library.feedback.delete(answer_id)
    return Response(status_code=204)
