"""What goes over the wire about documents, their sources and what became of an upload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from api.problems import FailedFile, Warning
from api.request_body import Request
from api.schemas.common import IsoDate, SourceName, SourceSpans, Span
from api.schemas.layout import Layout
from rag import records
from rag.answering.citing import merged_spans
from rag.errors import SourceError
from rag.library import Failed, Library
from rag.store.rows import Listed
from rag.verbatim import is_verbatim


class NewDocument(Request):
    """A document given as text instead of as a file."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"title": "值班安排", "text": "十一月由李静值班。"}]
        },
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
    ingested: str | None = Field(
        description="When it was taken in, ISO 8601 in UTC; null for what is older than this record.",
        examples=["2025-11-22T08:30:00+00:00"],
    )

    @classmethod
    def of(cls, listed: Listed) -> Self:
        return cls(
            id=listed.id,
            title=listed.title,
            published=listed.published,
            source=SourceName(name=listed.source_name, sha256=listed.source_sha256),
            characters=listed.characters,
            ingested=listed.ingested,
        )


class DocumentList(BaseModel):
    """A page of documents in order of id; ``next`` goes into ``after``, null on the last page."""

    documents: list[DocumentSummary]
    next: int | None

    @classmethod
    def page(cls, documents: Sequence[Listed], limit: int) -> Self:
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


class Cell(BaseModel):
    """A cell of a row: the head that it stands under (`""` for none) and its span in the document's text."""

    head: str
    start: int
    end: int


class DocumentBlock(BaseModel):
    """A stretch of a document's text with its role: a heading, a list's item, a table's row.

    `page` counts from 1; blocks of one `table` share its number; `ocr`: a machine read it off a picture.
    """

    role: records.Role
    start: int
    end: int
    level: int = Field(
        description="Of a heading or a list item, 1 the outermost; else 0."
    )
    page: int | None
    table: int | None
    cells: list[Cell]
    label: str | None = Field(description="Of a turn: who speaks, or when.")
    ocr: bool

    @classmethod
    def of(cls, block: records.Block) -> Self:
        return cls.model_validate(block, from_attributes=True)


class Document(BaseModel):
    """An article; ``map`` tiles, in order, every character of ``text`` that comes from the source.

    Where only the part around an offset was asked for, ``text`` is that part, which begins at ``offset``, and
    ``map``, ``copies`` and ``blocks`` are those that lie in it. All offsets stay those of the whole text.
    """

    id: int
    title: str
    byline: str | None
    dateline: str | None
    place: str | None
    published: str | None
    text: str
    source: SourceName
    media_type: str = Field(
        description="Of the source's file.", examples=["application/pdf"]
    )
    map: list[tuple[int, int, int]] = Field(
        description="`[start, end, source_start]`: `text[start:end]` stands in the source at `source_start`."
    )
    copies: list[CopySpan]
    layout: Layout | None = Field(
        None,
        description="How it was read off its page; null when it came in order and nothing was found.",
    )
    blocks: list[DocumentBlock] = Field(
        description="The roles of its stretches, in order."
    )
    offset: int = Field(0, description="Where `text` begins in the whole text.")
    characters: int = Field(description="Length of the whole text, in code points.")

    @classmethod
    def of(
        cls,
        document: records.Document,
        media_type: str,
        offset: int = 0,
        characters: int | None = None,
    ) -> Self:
        return cls(
            id=document.id,
            title=document.title,
            byline=document.byline,
            dateline=document.dateline,
            place=document.place,
            published=document.published,
            text=document.text,
            source=_source(document),
            media_type=media_type,
            map=list(document.map),
            copies=[
                CopySpan(
                    start=start,
                    end=end,
                    source=SourceSpans(
                        name=copy.source_name,
                        sha256=copy.source_sha256,
                        spans=list(copy.spans),
                    ),
                )
                for (start, end), copy in document.copies
            ],
            layout=None
            if document.layout == records.Layout()
            else Layout.of(document.layout),
            blocks=[DocumentBlock.of(block) for block in document.blocks],
            offset=offset,
            characters=len(document.text) if characters is None else characters,
        )


class SourceDocument(BaseModel):
    """A document read off a source: its text stands at `spans`, in reading order."""

    id: int
    title: str
    spans: list[Span]

    @classmethod
    def of(
        cls, id_: int, title: str, tiles: Sequence[records.MapEntry], within: Span
    ) -> Self | None:
        """None when nothing of it stands within that span of the source."""
        spans = []
        for start, end in merged_spans(tiles):
            low, high = max(start, within[0]), min(end, within[1])
            if low < high:
                spans.append((low, high))
        return cls(id=id_, title=title, spans=spans) if spans else None


class Source(SourceName):
    """A file as it was given, by its decoded text, and the documents that were read off it.

    Where only the part around an offset was asked for, ``text`` is that part, which begins at ``offset``, and
    ``documents`` are those that stand in it. All offsets stay those of the whole text.
    """

    media_type: str = Field(examples=["application/pdf"])
    verbatim: bool = Field(
        description="Whether `text` is the file character by character; else it was read off it."
    )
    text: str
    documents: list[SourceDocument]
    offset: int = Field(0, description="Where `text` begins in the whole text.")
    characters: int = Field(description="Length of the whole text, in code points.")

    @classmethod
    def of(cls, library: Library, sha256: str, around: int | None, margin: int) -> Self:
        """Raises NotFound."""
        text, span, characters = library.store.source_around(sha256, around, margin)
        there = [
            SourceDocument.of(*each, span) for each in library.store.maps_of(sha256)
        ]
        return cls(
            name=library.store.source_name(sha256),
            sha256=sha256,
            media_type=library.store.source_kind(sha256)[0],
            verbatim=is_verbatim(library.store, sha256),
            text=text,
            documents=[each for each in there if each is not None],
            offset=span[0],
            characters=characters,
        )


class Page(BaseModel):
    """A page of a file: how many there are, and where on this one the quoted words stand."""

    pages: int
    boxes: list[tuple[float, float, float, float]] = Field(
        description="Left, top, right, bottom, in shares of the page as it is shown, one a line."
    )


class Added(BaseModel):
    """What became of an upload: the documents that are there now, what they replaced, and what was left out.

    ``failed`` are the files of which nothing was taken in; ``warnings`` name these, too.
    """

    documents: list[DocumentSummary]
    failed: list[FailedFile]
    warnings: list[Warning]
    replaced: list[int] = Field(
        description="Ids of the documents of older files of the same names; gone now."
    )

    @classmethod
    def of(
        cls,
        documents: Sequence[Listed],
        errors: Sequence[SourceError],
        left_out: Sequence[records.Warning],
        replaced: Sequence[int],
    ) -> Self:
        failed = [Failed.of(error).warning for error in errors]
        return cls(
            documents=[DocumentSummary.of(document) for document in documents],
            failed=[FailedFile(name=error.name, why=error.why) for error in errors],
            warnings=[Warning.of(each) for each in (*failed, *left_out)],
            replaced=list(replaced),
        )


def _source(document: records.Document) -> SourceName:
    return SourceName(name=document.source_name, sha256=document.source_sha256)
