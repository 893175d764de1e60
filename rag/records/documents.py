"""What is kept: sources as they were given, the documents read off them, and their passages.

A document's ``map`` says where its characters stand in its source; ``layout`` how it was read off a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rag.records.blocks import Block, Cell, MapEntry, Span


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a source that its format declares to be one document (a JSONL row, a whole file).

    ``blocks`` are those that its format declares, in the source's offsets; none for running text, whose
    structure is told from its lines.
    """

    start: int
    end: int
    title: str | None = None
    published: str | None = None
    blocks: tuple[Block, ...] = ()


WarningKind = Literal["unsupported", "scanned", "limit", "empty", "failed", "left_out"]


@dataclass(frozen=True, slots=True)
class Warning:
    """Something of a file that was not taken in: ``detail`` is one sentence for a person."""

    name: str
    kind: WarningKind
    detail: str


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was given.

    ``text`` is what was read from ``data``: the decoded characters of a plain
    file, what its reader made of any other. It never holds lone surrogates,
    NUL or bidi controls. ``sha256`` is that of ``data``, in hex.
    """

    name: str
    sha256: str
    data: bytes
    text: str
    media_type: str
    encoding: str
    parts: tuple[Part, ...]
    warnings: tuple[Warning, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """Another place where the same text stands: a source and the spans in it."""

    source_name: str
    source_sha256: str
    spans: tuple[Span, ...]
    document_id: int | None = None
    start: int | None = None
    end: int | None = None


BlockKind = Literal[
    "kicker",
    "headline",
    "subtitle",
    "byline",
    "dateline",
    "body",
    "subhead",
    "caption",
    "credit",
    "end",
]


@dataclass(frozen=True, slots=True)
class LayoutBlock:
    """A block of a page as its document holds it: ``span`` in the document's text, its places in the source.

    ``confidence``, 0 to 1, is how sure it is that the block belongs to this document and stands here in it.
    """

    kind: BlockKind
    span: Span
    source_spans: tuple[Span, ...]
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Join:
    """Where a block that the page cut goes on with another.

    ``at`` is the offset in the document's text at which the second begins. A ``lossy`` join lacks what stood
    between; the text shows it as ``〔…〕``, which is ours and no part of the map.
    """

    at: int
    confidence: float
    lossy: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """A copy that reads differently: where the document has ``span``, the copy has ``text``.

    ``span`` is empty where the copy has more. ``text`` is empty where it has less; ``source_spans`` is then
    one empty span, the place in the source at which the words are missing.
    """

    span: Span
    text: str
    source_spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Caption:
    """A picture's words and whose picture it is."""

    text: str
    credit: str | None
    source_spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a document was read off its page. Empty for a document that came in order.

    ``cuts`` are offsets in the text after which words are missing and not on the page.
    ``published_from`` says in words how the published date was inferred. ``confidence`` is that of
    the least sure block or join.
    """

    blocks: tuple[LayoutBlock, ...] = ()
    joins: tuple[Join, ...] = ()
    cuts: tuple[int, ...] = ()
    variants: tuple[Variant, ...] = ()
    captions: tuple[Caption, ...] = ()
    kicker: str | None = None
    subtitle: str | None = None
    agency: str | None = None
    published_from: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Document:
    """One article recovered from a source. ``id`` is 0 until the store has given one.

    ``map`` tiles, in order of ``start``, every character of ``text`` that comes
    from the source; what lies between tiles (blank lines put between
    paragraphs) is ours. ``copies`` are ``(span in this text, where it stands again)``.
    ``blocks`` are the roles of its stretches, in the document's offsets.
    """

    id: int
    title: str
    text: str
    source_name: str
    source_sha256: str
    map: tuple[MapEntry, ...]
    byline: str | None = None
    dateline: str | None = None
    place: str | None = None
    published: str | None = None
    copies: tuple[tuple[Span, Copy], ...] = ()
    layout: Layout = Layout()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader of the page would know before a passage begins. Searched and read, never quoted.

    ``headings`` is the path from the outermost; ``lead`` what the passage hangs on: the stem of its list, the
    question that it answers, its speaker; ``caption`` that of its table; ``cells`` those of its row, in
    the document's offsets.
    """

    headings: tuple[str, ...] = ()
    lead: str | None = None
    caption: str | None = None
    cells: tuple[Cell, ...] = ()
    page: int | None = None
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrievable piece ``[start, end)`` of a document's text, and the context that it stands in.

    It never cuts a sentence unless the sentence is longer than a passage may be.
    """

    id: int
    document_id: int
    start: int
    end: int
    text: str
    context: Context = Context()
