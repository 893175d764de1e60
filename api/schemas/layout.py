"""What goes over the wire about how a document was read off its page."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from api.schemas.common import Span
from rag import records

_SOURCE_SPANS = "Where it stands in the source."


class Block(BaseModel):
    """A block of the page: `span` in the document's text, `source_spans` in the source, in reading order."""

    kind: records.BlockKind
    span: Span
    source_spans: list[Span] = Field(description=_SOURCE_SPANS)
    confidence: float = Field(
        description="0 to 1: that it belongs to this document and stands here in it."
    )


class Join(BaseModel):
    """Where a block that the page cut goes on with another."""

    at: int = Field(
        description="The offset in the document's text at which the second begins."
    )
    confidence: float = Field(description="0 to 1.")
    lossy: bool = Field(
        description="What stood between is lost; the text shows `〔…〕` before `at`, which is in no source."
    )


class Variant(BaseModel):
    """A copy that reads differently: where the document has `span`, the copy has `text`."""

    span: Span = Field(description="Empty where the copy has words more.")
    text: str = Field(description="Empty where the copy lacks the words.")
    source_spans: list[Span] = Field(
        description=f"{_SOURCE_SPANS} Where `text` is empty, one empty span: the place that lacks the words."
    )


class Caption(BaseModel):
    """A picture's words and whose picture it is."""

    text: str
    credit: str | None
    source_spans: list[Span] = Field(description=_SOURCE_SPANS)


class Layout(BaseModel):
    """How a document was read off its page; without blocks when it came in order."""

    blocks: list[Block]
    joins: list[Join]
    cuts: list[int] = Field(
        description="Offsets in the text after which words are missing and not on the page."
    )
    variants: list[Variant]
    captions: list[Caption]
    kicker: str | None = Field(description="The line above the headline.")
    subtitle: str | None = Field(description="The line below the headline.")
    agency: str | None = Field(description="The news agency.", examples=["新华社"])
    published_from: str | None = Field(
        description="How the published date was inferred, in words."
    )
    confidence: float = Field(
        description="That of the least sure block or join, 0 to 1."
    )

    @classmethod
    def of(cls, layout: records.Layout) -> Self:
        return cls.model_validate(layout, from_attributes=True)
