"""What is asked: a search, a question, several in one call."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from api.request_body import Request
from api.schemas.common import MAX_DOCUMENTS, Identifier, IsoDate
from rag.library import Question

MAX_HISTORY = 20
"""Earlier questions; what a question can point back to stands in the last few."""
MAX_HISTORY_CHARS = 10_000
MAX_BATCH = 50
"""Questions in one call: at some 50 ms each, answered within seconds."""


class SearchRequest(Request):
    """What to look for, and in which documents."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"query": "知识产权保护中心", "top_k": 5}]},
    )

    query: str = Field(
        min_length=1, description="Words or a question, in any language."
    )
    top_k: int = Field(5, ge=1, description="How many passages.")
    documents: list[Identifier] | None = Field(
        None, max_length=MAX_DOCUMENTS, description="Only these documents."
    )
    since: IsoDate | None = Field(
        None, description="Only documents published on this day or later."
    )
    until: IsoDate | None = Field(
        None, description="Only documents published on this day or earlier."
    )

    def to_question(self) -> Question:
        return Question(
            self.query, self.top_k, tuple(self.documents or ()), self.since, self.until
        )


class AskRequest(Request):
    """A question, and which documents may answer it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"question": "全国有多少家国家级知识产权保护中心？"}]
        },
    )

    question: str = Field(min_length=1)
    top_k: int = Field(
        5,
        ge=1,
        description="How many passages to list; as many are read as the answer needs, whatever this is.",
    )
    documents: list[Identifier] | None = Field(
        None, max_length=MAX_DOCUMENTS, description="Only these documents."
    )
    since: IsoDate | None = Field(
        None, description="Only documents published on this day or later."
    )
    until: IsoDate | None = Field(
        None, description="Only documents published on this day or earlier."
    )
    history: list[Annotated[str, Field(max_length=MAX_HISTORY_CHARS)]] | None = Field(
        None,
        max_length=MAX_HISTORY,
        description="Earlier questions of the conversation, oldest first.",
    )
    answerer: str | None = Field(
        None,
        description="Who builds the answer, when not the server's default: extractive, openai or transformers.",
    )

    def to_question(self) -> Question:
        return Question(
            text=self.question,
            top_k=self.top_k,
            documents=tuple(self.documents or ()),
            since=self.since,
            until=self.until,
            history=tuple(self.history or ()),
            answerer=self.answerer,
        )


class BatchRequest(Request):
    """Questions that are asked one by one, and what limits all of them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "questions": [
                        "全国有多少家国家级知识产权保护中心？",
                        "宝应泵站站长是谁？",
                    ]
                }
            ]
        },
    )

    questions: list[Annotated[str, Field(min_length=1)]] = Field(
        min_length=1, max_length=MAX_BATCH
    )
    top_k: int = Field(5, ge=1, description="How many passages to list for each.")
    documents: list[Identifier] | None = Field(
        None, max_length=MAX_DOCUMENTS, description="Only these documents."
    )
    since: IsoDate | None = Field(
        None, description="Only documents published on this day or later."
    )
    until: IsoDate | None = Field(
        None, description="Only documents published on this day or earlier."
    )
    answerer: str | None = Field(
        None,
        description="Who builds the answers, when not the server's default: extractive, openai or transformers.",
    )

    def to_questions(self) -> list[Question]:
        limits = self.model_dump(exclude={"questions"})
        return [
            AskRequest(question=text, **limits).to_question() for text in self.questions
        ]
