"""What goes over the wire: one pydantic model a shape, each built from its record.

Offsets count Unicode code points and are half-open, as everywhere in Chuchu.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from starlette.responses import Response

from api.problems import Problem
from api.request_body import Request
from rag import records
from rag.contexts import where
from rag.library import Question
from rag.store.given_answers import Kept

MAX_ID = 2**63 - 1
MAX_HISTORY = 20
MAX_HISTORY_CHARS = 10_000
MAX_DOCUMENTS = 1000
MAX_BATCH = 50
MAX_ANSWER_BYTES = 256_000
"""Of an answer's body; what is shown beside the citations is cut for it, they never are."""
MAX_SHOWN_CHARS = 1000
"""Of a hit's text where the whole would be too much."""
CUT = "…"
"""Ends a text that was cut."""

Identifier = Annotated[int, Field(ge=1, le=MAX_ID)]
Span = tuple[int, int]


def _iso_date(value: str) -> str:
    return date.fromisoformat(value).isoformat()


IsoDate = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"),
    AfterValidator(_iso_date),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2025-11-22"]}),
]


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


class SourceName(BaseModel):
    """A source by its label and the SHA-256 of its bytes."""

    name: str
    sha256: str


class SourceSpans(SourceName):
    """Where a quote stands in a source; the spans joined give the quote, line breaks aside."""

    spans: list[Span]


class AlsoIn(BaseModel):
    """Another copy of a cited quote; ``document_id`` is null where it only stands in the source."""

    source: SourceSpans
    document_id: int | None
    start: int | None
    end: int | None

    @classmethod
    def of(cls, copy: records.Copy) -> Self:
        return cls(
            source=_spans(copy),
            document_id=copy.document_id,
            start=copy.start,
            end=copy.end,
        )


class RelativeDate(BaseModel):
    """A word of the quote that counts from the published date: `document.text[start:end] == text`."""

    text: str = Field(examples=["去年"])
    start: int
    end: int
    means: str = Field(description="A year or a day.", examples=["2023", "2024-11-17"])


class Where(BaseModel):
    """Where a passage stands: the path of its headings, its page or slide, its row of a table by heads."""

    headings: list[str] = Field(examples=[["第三章 处罚", "第十二条"]])
    page: int | None
    row: dict[str, str] | None = Field(examples=[{"型号": "甲", "重量": "2 kg"}])
    ocr: bool = Field(
        False, description="Whether a machine read the characters off a picture."
    )

    @classmethod
    def of(cls, where: records.Where) -> Self:
        return cls(
            headings=list(where.headings),
            page=where.page,
            row=dict(where.row) or None,
            ocr=where.ocr,
        )


class Citation(BaseModel):
    """A quote with the exact place it stands: ``document.text[start:end] == quote``."""

    marker: int
    document_id: int
    title: str
    published: str | None
    passage_id: int
    quote: str
    start: int
    end: int
    source: SourceSpans
    also_in: list[AlsoIn]
    dates: list[RelativeDate] = Field(
        description="What the quote's relative dates mean, where it is certain; none without `published`."
    )
    where: Where

    @classmethod
    def of(cls, citation: records.Citation) -> Self:
        return cls(
            marker=citation.marker,
            document_id=citation.document_id,
            title=citation.title,
            published=citation.published,
            passage_id=citation.passage_id,
            quote=citation.quote,
            start=citation.start,
            end=citation.end,
            source=SourceSpans(
                name=citation.source_name,
                sha256=citation.source_sha256,
                spans=list(citation.source_spans),
            ),
            also_in=[AlsoIn.of(copy) for copy in citation.also_in],
            dates=[
                RelativeDate(
                    text=each.text, start=each.start, end=each.end, means=each.means
                )
                for each in citation.dates
            ],
            where=Where.of(citation.where),
        )


class Claim(BaseModel):
    """One sentence of an answer and the markers of its citations."""

    text: str
    citations: list[int]
    verdict: records.Verdict | None = Field(
        description="Whether the citations bear the sentence out; null for a quote, which is its own proof."
    )

    @classmethod
    def of(cls, claim: records.Claim) -> Self:
        return cls(
            text=claim.text, citations=list(claim.citations), verdict=claim.verdict
        )


class Hit(BaseModel):
    """A passage with its scores; ``start`` and ``end`` are offsets in its document's text."""

    passage_id: int
    document_id: int
    title: str
    text: str
    start: int
    end: int
    score: float
    scores: dict[str, float]
    where: Where

    @classmethod
    def of(cls, hit: records.Hit) -> Self:
        passage = hit.passage
        return cls(
            passage_id=passage.id,
            document_id=passage.document_id,
            title=hit.document.title,
            text=passage.text,
            start=passage.start,
            end=passage.end,
            score=hit.score,
            scores=hit.scores,
            where=Where.of(where(passage)),
        )

    def shortened(self) -> Self:
        """With the beginning of a long text, and a mark that it was cut; the offsets stay the passage's."""
        if len(self.text) <= MAX_SHOWN_CHARS:
            return self
        text = self.text[: MAX_SHOWN_CHARS - len(CUT)] + CUT
        return self.model_copy(update={"text": text})


class Hits(BaseModel):
    """Passages, best first."""

    hits: list[Hit]

    @classmethod
    def of(cls, hits: Sequence[records.Hit]) -> Self:
        return cls(hits=[Hit.of(hit) for hit in hits])


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


class BatchResult(BaseModel):
    """What became of one question: an answer, or the problem that stood before it."""

    answer: Answer | None = None
    problem: Problem | None = None


class BatchAnswers(BaseModel):
    """One result for each question, in their order."""

    results: list[BatchResult]


def respond(body: BaseModel, status: int = 200) -> Response:
    """``body`` as JSON, serialised here and now: call it in a worker's thread when it may be long."""
    return Response(body.model_dump_json(), status, media_type="application/json")


def _spans(copy: records.Copy) -> SourceSpans:
    return SourceSpans(
        name=copy.source_name, sha256=copy.source_sha256, spans=list(copy.spans)
    )
