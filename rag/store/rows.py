"""Records to rows of the store, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rag.records import (
    Block,
    Caption,
    Copy,
    Document,
    Join,
    Layout,
    LayoutBlock,
    Part,
    Passage,
    Source,
    Span,
    Variant,
    Warning,
)
from rag.store.checksums import checksum, damaged_if_unreadable, verify
from rag.text.blocks import block_of, context_of, packed, packed_context


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as a list shows it, without its text.

    ``characters`` is the text's length in code points; ``ingested`` when its source was taken in (ISO 8601,
    UTC), None where that was before it was kept.
    """

    id: int
    title: str
    published: str | None
    source_name: str
    source_sha256: str
    characters: int
    ingested: str | None


CHUNK: Final = 16_384
"""Code points of a source's text in one row."""

DOCUMENT_COLUMNS: Final = (
    "documents.id, documents.title, documents.text, sources.name, sources.sha256, documents.map, "
    "documents.byline, documents.dateline, documents.place, documents.published, documents.copies, "
    "documents.layout, documents.blocks, documents.crc32"
)
"""What ``document_of`` reads, of ``documents JOIN sources``."""

LISTED_COLUMNS: Final = (
    "documents.id, documents.title, documents.published, sources.name, sources.sha256, "
    "documents.characters, intakes.ingested"
)
"""What ``listed_of`` reads; all of ``documents`` in it stands in the index ``documents_listed``."""

PASSAGE_COLUMNS: Final = (
    'passages.id, passages.document_id, passages.start, passages."end",'
    " passages.context, passages.crc32"
)
"""What ``passage_of`` reads."""


def source_row(source: Source) -> tuple[Any, ...]:
    """``(sha256, name, media_type, encoding, parts, data)``."""
    parts = as_json([_packed_part(part) for part in source.parts])
    return (
        source.sha256,
        source.name,
        source.media_type,
        source.encoding,
        parts,
        source.data,
    )


def source_of(row: tuple[Any, ...], text: str) -> Source:
    """The record of ``(sha256, name, media_type, encoding, parts, data, warnings)`` and its text.

    Raises Damaged: its parts or warnings are not as they were written.
    """
    sha256, name, media_type, encoding, parts, data, warnings = row
    with damaged_if_unreadable("source", sha256):
        return Source(
            name=name,
            sha256=sha256,
            data=data,
            text=text,
            media_type=media_type,
            encoding=encoding,
            parts=tuple(_unpacked_part(part) for part in json.loads(parts)),
            warnings=warnings_of(warnings),
        )


def warnings_row(warnings: Sequence[Warning]) -> str:
    """What of a source was left out, as its intake keeps it."""
    return as_json([asdict(warning) for warning in warnings])


def warnings_of(kept: str) -> tuple[Warning, ...]:
    """What ``warnings_row`` kept."""
    return tuple(Warning(**fields) for fields in json.loads(kept))


def text_chunks(text: str) -> Iterator[tuple[int, str]]:
    """``(start, text[start:start + CHUNK])``, which together are the text."""
    for start in range(0, len(text), CHUNK):
        yield start, text[start : start + CHUNK]


def listed_of(row: tuple[Any, ...]) -> Listed:
    """The record of a row of ``LISTED_COLUMNS``."""
    return Listed(*row)


def document_row(document: Document) -> tuple[Any, ...]:
    """``(title, text, map, byline, dateline, place, published, copies, layout, blocks, crc32)``."""
    copies = [(span, asdict(copy)) for span, copy in document.copies]
    row = (
        document.title,
        document.text,
        as_json(document.map),
        document.byline,
        document.dateline,
        document.place,
        document.published,
        as_json(copies),
        "{}" if document.layout == Layout() else as_json(asdict(document.layout)),
        as_json([packed(block) for block in document.blocks]),
    )
    title, text, *rest = row
    # The source's name is left out: it changes when one of the places where it was found is no more.
    stood = (document.id, title, text, document.source_sha256, *rest)
    return *row, checksum(stood)


def passage_row(passage: Passage) -> tuple[Any, ...]:
    """``(id, document_id, start, end, context, crc32)``."""
    context = as_json(packed_context(passage.context))
    row = passage.id, passage.document_id, passage.start, passage.end, context
    return *row, checksum((*row, passage.text))


def passage_of(row: tuple[Any, ...], document_text: str) -> Passage:
    """The record of a row of ``PASSAGE_COLUMNS`` and its document's text.

    Raises Damaged: it, or the text there, is not as it was written.
    """
    id_, document_id, start, end, context, kept = row
    with damaged_if_unreadable("document", document_id):
        text = document_text[start:end]
        verify(kept, (*row[:-1], text), f"passage {id_}")
        return Passage(
            id_, document_id, start, end, text, context_of(json.loads(context))
        )


def document_of(
    row: tuple[Any, ...], *, whole: bool = True, with_blocks: bool = True
) -> Document:
    """The record of a row of ``DOCUMENT_COLUMNS``.

    Args:
        whole: it has its whole text, so that it can be held against its checksum.
        with_blocks: make its blocks, of which a long table has some hundred thousand.

    Raises Damaged: it is not as it was written.
    """
    with damaged_if_unreadable("document", row[0]):
        if whole:
            without_source_name = (*row[:3], *row[4:-1])
            verify(row[-1], without_source_name, "its row")
        return _unpacked_document(row, with_blocks=with_blocks)


def blocks_within(kept: str, start: int, end: int) -> tuple[Block, ...]:
    """Those of the blocks in a row that lie in ``[start, end)`` of their document, at least in part."""
    found: list[Block] = []
    for block in json.loads(kept):
        if block["start"] < end and start < block["end"]:
            found.append(block_of(block))
    return tuple(found)


def _unpacked_document(row: tuple[Any, ...], *, with_blocks: bool) -> Document:
    (
        id_,
        title,
        text,
        source_name,
        source_sha256,
        map_,
        byline,
        dateline,
        place,
        published,
    ) = row[:10]
    copies, layout, blocks = row[10:13]
    return Document(
        id=id_,
        title=title,
        text=text,
        source_name=source_name,
        source_sha256=source_sha256,
        map=tuple((start, end, at) for start, end, at in json.loads(map_)),
        byline=byline,
        dateline=dateline,
        place=place,
        published=published,
        copies=tuple(
            ((start, end), _copy_of(copy)) for (start, end), copy in json.loads(copies)
        ),
        layout=layout_of(json.loads(layout)),
        blocks=tuple(map(block_of, json.loads(blocks))) if with_blocks else (),
    )


def layout_of(fields: dict[str, Any]) -> Layout:
    """The layout that ``dataclasses.asdict`` took apart; ``{}`` is that of a document that came in order."""
    blocks = [LayoutBlock(**_with_spans(each)) for each in fields.get("blocks", ())]
    variants = [Variant(**_with_spans(each)) for each in fields.get("variants", ())]
    captions = [Caption(**_with_spans(each)) for each in fields.get("captions", ())]
    joins = [Join(**each) for each in fields.get("joins", ())]
    lists = {
        "blocks": tuple(blocks),
        "joins": tuple(joins),
        "cuts": tuple(fields.get("cuts", ())),
        "variants": tuple(variants),
        "captions": tuple(captions),
    }
    return Layout(**fields | lists)


def _with_spans(fields: dict[str, Any]) -> dict[str, Any]:
    """JSON has lists where the records have tuples: ``span`` and ``source_spans``."""
    spans: dict[str, Any] = {"source_spans": _spans(fields)}
    if "span" in fields:
        spans["span"] = tuple(fields["span"])
    return fields | spans


def _packed_part(part: Part) -> dict[str, Any]:
    row: dict[str, Any] = {
        "start": part.start,
        "end": part.end,
        "title": part.title,
        "published": part.published,
    }
    if part.blocks:  # most parts have none; the key is left away then, as it always was
        row["blocks"] = [packed(block) for block in part.blocks]
    return row


def _unpacked_part(fields: dict[str, Any]) -> Part:
    blocks = tuple(block_of(block) for block in fields.get("blocks", ()))
    return Part(**fields | {"blocks": blocks})


def _spans(fields: dict[str, Any], key: str = "source_spans") -> tuple[Span, ...]:
    return tuple((start, end) for start, end in fields[key])


def _copy_of(fields: dict[str, Any]) -> Copy:
    return Copy(**fields | {"spans": _spans(fields, "spans")})


def as_json(value: object) -> str:
    """As columns hold it: characters as they are, no spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
