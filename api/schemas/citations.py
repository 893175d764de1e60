"""Where an answer comes from: hits, citations and claims, each built from its record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from api.schemas.common import SourceSpans
from rag import records
from rag.contexts import where

MAX_SHOWN_CHARS = 1000
"""Of a hit's text where the whole would be too much."""
CUT = "…"
"""Ends a text that was cut."""


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


def _spans(copy: records.Copy) -> SourceSpans:
    return SourceSpans(
        name=copy.source_name, sha256=copy.source_sha256, spans=list(copy.spans)
    )
