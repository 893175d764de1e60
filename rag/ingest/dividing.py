"""Source -> its documents with their passages, in a process that can be stopped (``rag.sources.pool``).

    source, read = read_apart(source, repair=True, stop=stop)

What takes long here is to put a torn page in order. One that takes longer than it may is read in the order it
stands, and says so in its warnings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rag.errors import SourceError, SourceTooLarge
from rag.pages import recover
from rag.passages import split
from rag.records import Document, Passage, Source, Warning
from rag.sources.base import (
    ON_THIS_MACHINE,
    Limits,
    OverLimitError,
    ReadingError,
    TooLargeError,
)
from rag.sources.pool import POOL
from rag.stopping import NEVER, Stop
from rag.store.rows import (
    document_of,
    document_row,
    passage_of,
    passage_row,
    source_of,
    source_row,
    warnings_row,
)

if TYPE_CHECKING:
    from rag.store.writer import Read

REPAIR_TIMES: Final = 3.0
PLAIN_TIMES: Final = 3.0
"""How much longer this may take than to parse a file: 60 s of an upload, and where a page was to be put in
order as long again without that. Five million characters of prose take 12, a torn page of 360 blocks too."""
_LINE: Final = 2000
"""Passages in one line of an answer: so many are taken apart in milliseconds, which nobody notices."""


def read_source(
    source: Source, *, repair: bool, max_pieces: int = ON_THIS_MACHINE.max_pieces
) -> Read:
    """The documents of a source, each with its passages; ids 0.

    Raises:
        TooLargeError: it makes more than ``max_pieces`` documents, blocks or passages.
    """
    documents = recover(source, repair=repair)
    blocks = sum(len(document.blocks) for document in documents)
    _check_count("documents", len(documents), max_pieces)
    _check_count("paragraphs and rows", blocks, max_pieces)
    read: list[tuple[Document, list[Passage]]] = []
    count = 0
    for document in documents:
        passages = split(document)
        count += len(passages)
        _check_count("passages", count, max_pieces)
        read.append((document, passages))
    return read


def _check_count(what: str, count: int, most: int) -> None:
    if count > most:
        raise TooLargeError(
            f"it makes {count:,} {what}, more than the {most:,} that one file may; divide it"
        )


def read_apart(
    source: Source,
    *,
    repair: bool,
    limits: Limits,
    stop: Stop = NEVER,
) -> tuple[Source, Read]:
    """As ``read_source``, in another process; and the source, with a warning more where it was cut short.

    Raises:
        SourceTooLarge: it makes more than ``max_pieces`` of anything.
        SourceError: reading it takes longer, or more memory, than it may.
        Stopped: ``stop`` was set.
    """
    plainly = replace(limits, seconds=PLAIN_TIMES * limits.seconds)
    try:
        if repair and source.media_type == "text/plain":
            try:
                return source, _repaired(source, limits, stop)
            except OverLimitError as error:
                source = _warned(source, error.why)
        return source, _divided(source, False, plainly, stop)
    except TooLargeError as error:
        raise SourceTooLarge(source.name, error.why) from error
    except ReadingError as error:
        raise SourceError(source.name, error.why) from error


def _repaired(source: Source, limits: Limits, stop: Stop) -> Read:
    longer = replace(limits, seconds=REPAIR_TIMES * limits.seconds)
    return _divided(source, True, longer, stop)


def _warned(source: Source, why: str) -> Source:
    """The source with a warning that its page was not put in order."""
    detail = (
        f"it could not be put in the order of its articles ({why}): read as it stands"
    )
    warning = Warning(source.name, "limit", detail)
    return replace(source, warnings=(*source.warnings, warning))


def _divided(source: Source, repair: bool, limits: Limits, stop: Stop) -> Read:
    arguments = {"repair": repair, "max_pieces": limits.max_pieces}
    read: list[tuple[Document, list[Passage]]] = []
    for line in POOL.call(
        "rag.ingest.dividing:divide", _source_as_bytes(source), arguments, limits, stop
    ):
        # A document comes first, its passages in the lines that follow.
        if "document" in line:
            read.append((_document_from_row(line["document"], source), []))
        else:
            document, passages = read[-1]
            passages += [passage_of(row, document.text) for row in line["passages"]]
    return read


def divide(data: bytes, arguments: dict[str, Any]) -> Iterator[Any]:
    """A ``Function`` of the pool: each document, and after it its passages in lines of some thousands."""
    for document, passages in read_source(_source_from_bytes(data), **arguments):
        yield {"document": document_row(document)}
        rows = [passage_row(passage) for passage in passages]
        for start in range(0, len(rows), _LINE):
            yield {"passages": rows[start : start + _LINE]}


def _document_from_row(row: list[Any], source: Source) -> Document:
    title, text, *rest, crc32 = row
    return document_of((0, title, text, source.name, source.sha256, *rest, crc32))


def _source_as_bytes(source: Source) -> bytes:
    """The source without its bytes, which nothing here looks at."""
    # The last column is the data, which stays here: a PDF of 30 MB need not cross over.
    row = source_row(replace(source, data=b""))
    held = {
        "row": row[:5],
        "warnings": warnings_row(source.warnings),
        "text": source.text,
    }
    return json.dumps(held, ensure_ascii=False).encode()


def _source_from_bytes(data: bytes) -> Source:
    held = json.loads(data)
    sha256, name, media_type, encoding, parts = held["row"]
    return source_of(
        (sha256, name, media_type, encoding, parts, b"", held["warnings"]), held["text"]
    )
