"""An answer and what belongs to it: how the question was understood, what may be it, several at once."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from api.problems import Problem
from api.schemas.citations import Citation, Claim, Hit
from rag import records
from rag.store.given_answers import Kept

MAX_ANSWER_BYTES = 256_000
"""Of an answer's body; what is shown beside the citations is cut for it, they never are."""


class Examples(BaseModel):
    """Questions that the documents answer."""

    examples: list[str]


class Asked(BaseModel):
    """The question as it was understood."""

    text: str = Field(examples=["能耗监测项目的合同金额是多少？"])
    from_history: bool = Field(
        description="Whether something of it comes from the questions before it."
    )

    @classmethod
    def of(cls, understood: records.Understood) -> Self:
        return cls(text=understood.text, from_history=understood.from_history)


class Maybe(BaseModel):
    """A stretch that may answer, though not surely: ``document.text[start:end] == text``."""

    document_id: int
    start: int
    end: int
    text: str

    @classmethod
    def of(cls, candidate: records.Candidate) -> Self:
        return cls(
            document_id=candidate.document_id,
            start=candidate.start,
            end=candidate.end,
            text=candidate.text,
        )


class Answer(BaseModel):
    """An answer whose every claim cites, or an honest refusal with the ``nearest`` passages.

    What is said to a greeting or to "what can you do?" is `answered` without claims, citations and hits.
    """

    id: str
    question: str
    status: records.Status
    answer: str = Field(
        description="The claims joined, each followed by its markers; or the refusal."
    )
    short_answer: str | None = Field(
        description="The bare fact, when the question asks for one."
    )
    claims: list[Claim]
    citations: list[Citation]
    hits: list[Hit]
    nearest: list[Hit] = Field(
        description="When not answered: the closest passages, which do not answer."
    )
    timings_ms: dict[str, float]
    versions: dict[str, str]
    asked: Asked
    maybe: Maybe | None = Field(
        description="Of an `insufficient` that is not sure: the likeliest words."
    )
    frame: str | None = Field(
        description="Said beside the claims: that they are quoted in another language than asked."
    )
    struck: int = Field(
        description="Sentences that a language model wrote and no cited characters bear out: left out."
    )
    notice: str | None = Field(
        description="What to know of how the answer came about, as that the language model did not respond."
    )

    @classmethod
    def of(cls, answer: records.Answer) -> Self:
        """The answer, its body at most ``MAX_ANSWER_BYTES``: long hits are shortened, then the last left out."""
        made = cls._of(answer)
        if made._is_too_long():
            made.hits = [hit.shortened() for hit in made.hits]
            made.nearest = [hit.shortened() for hit in made.nearest]
        while made._is_too_long() and (made.hits or made.nearest):
            # From the longer list, and of it the last: the worst passage goes first.
            more = made.hits if len(made.hits) >= len(made.nearest) else made.nearest
            more.pop()
        return made

    def _is_too_long(self) -> bool:
        return len(self.model_dump_json().encode()) > MAX_ANSWER_BYTES

    @classmethod
    def _of(cls, answer: records.Answer) -> Self:
        return cls(
            id=answer.id,
            question=answer.question,
            status=answer.status,
            answer=answer.answer,
            short_answer=answer.short_answer,
            claims=[Claim.of(claim) for claim in answer.claims],
            citations=[Citation.of(citation) for citation in answer.citations],
            hits=[Hit.of(hit) for hit in answer.hits],
            nearest=[Hit.of(hit) for hit in answer.nearest],
            timings_ms=answer.timings_ms,
            versions=answer.versions,
            asked=Asked.of(answer.asked),
            maybe=Maybe.of(answer.maybe) if answer.maybe else None,
            frame=answer.frame,
            struck=answer.struck,
            notice=answer.notice,
        )


class GivenAnswer(Answer):
    """An answer as it was given, and what became of the documents that it showed."""

    gone: list[int] = Field(
        description="Documents that were deleted, and their words here with them."
    )
    changed: list[int] = Field(
        description="Documents of which a quote no longer stands where it stood."
    )

    @classmethod
    def of_kept(cls, kept: Kept) -> Self:
        return cls(**kept.answer, gone=list(kept.gone), changed=list(kept.changed))


class BatchResult(BaseModel):
    """What became of one question: an answer, or the problem that stood before it."""

    answer: Answer | None = None
    problem: Problem | None = None


class BatchAnswers(BaseModel):
    """One result for each question, in their order."""

    results: list[BatchResult]
