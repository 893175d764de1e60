"""What goes over the wire about documents, their sources and what became of an upload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from api.layout_schemas import Layout
from api.problems import FailedFile
from api.schemas import IsoDate, Request, SourceName, SourceSpans, Span
from rag import records
from rag.citing import source_spans
from rag.pipeline import Failed


class NewDocument(Request):
    """A document given as text instead of as a file."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"title": "值班安排", "text": "十一月由李静值班。"}]},
    )

    title: str = Field(min_length=1, max_length=500)
    text: str = Field(min_length=1)
    published: IsoDate | None = None


class DocumentSummary(BaseModel):
    """A document without its text; ``characters`` is the text's length in code points."""

    id: int
    title: str
    published: str | None
    source: SourceName
    characters: int

    @classmethod
    def of(cls, document: records.Document) -> Self:
        return cls(
            id=document.id,
            title=document.title,
            published=document.published,
            source=_source(document),
            characters=len(document.text),
        )


class DocumentList(BaseModel):
    """A page of documents in order of id; ``next`` goes into ``after``, null on the last page."""

    documents: list[DocumentSummary]
    next: int | None

    @classmethod
    def page(cls, documents: Sequence[records.Document], limit: int) -> Self:
        """The first ``limit`` of ``documents``, of which one more was asked for."""
        shown = documents[:limit]
        more = len(documents) > limit
        return cls(
            documents=[DocumentSummary.of(document) for document in shown],
            next=shown[-1].id if more else None,
        )


class CopySpan(BaseModel):
    """``text[start:end]`` stands again in ``source``, at its ``spans``."""

    start: int
    end: int
    source: SourceSpans


class Document(BaseModel):
    """An article; ``map`` tiles, in order, every character of ``text`` that comes from the source."""

    id: int
    title: str
    byline: str | None
    dateline: str | None
    place: str | None
    published: str | None
    text: str
    source: SourceName
    map: list[tuple[int, int, int]] = Field(
        description="`[start, end, source_start]`: `text[start:end]` stands in the source at `source_start`."
    )
    copies: list[CopySpan]
    layout: Layout | None = Field(
        None, description="How it was read off its page; null when it came in order and nothing was found."
    )

    @classmethod
    def of(cls, document: records.Document) -> Self:
        return cls(
            id=document.id,
            title=document.title,
            byline=document.byline,
            dateline=document.dateline,
            place=document.place,
            published=document.published,
            text=document.text,
            source=_source(document),
            map=list(document.map),
            copies=[
                CopySpan(
                    start=start,
                    end=end,
                    source=SourceSpans(
                        name=copy.source_name, sha256=copy.source_sha256, spans=list(copy.spans)
                    ),
                )
                for (start, end), copy in document.copies
            ],
            layout=None if document.layout == records.Layout() else Layout.of(document.layout),
        )


class SourceDocument(BaseModel):
    """A document read off a source: its text stands at `spans`, in reading order."""

    id: int
    title: str
    spans: list[Span]

    @classmethod
    def of(cls, document: records.Document) -> Self:
        spans = source_spans(document, 0, len(document.text))
        return cls(id=document.id, title=document.title, spans=list(spans))


class Source(SourceName):
    """A file as it was given, by its decoded text, and the documents that were read off it."""

    text: str
    documents: list[SourceDocument]

    @classmethod
    def of(cls, source: records.Source, documents: Sequence[records.Document]) -> Self:
        return cls(
            name=source.name,
            sha256=source.sha256,
            text=source.text,
            documents=[SourceDocument.of(document) for document in documents],
        )


class Added(BaseModel):
    """What became of an upload: the documents that are there now, and the files that failed."""

    documents: list[DocumentSummary]
    failed: list[FailedFile]

    @classmethod
    def of(cls, documents: Sequence[records.Document], failed: Sequence[Failed]) -> Self:
        return cls(
            documents=[DocumentSummary.of(document) for document in documents],
            failed=[FailedFile(name=one.name, why=one.why) for one in failed],
        )


def _source(document: records.Document) -> SourceName:
    return SourceName(name=document.source_name, sha256=document.source_sha256)
