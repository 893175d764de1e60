"""The words of the project as frozen dataclasses: what each part hands to the next.

Offsets count Unicode code points and are half-open. Two invariants hold for
every citation that leaves the house:

    document.text[start:end] == quote
    "".join(source.text[s:e] for s, e in source_spans) == quote   (page line breaks aside)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Span = tuple[int, int]
"""``(start, end)``, half-open, in code points."""

MapEntry = tuple[int, int, int]
"""``(start, end, source_start)``: ``document.text[start:end]`` stands in the source at ``source_start``."""

Status = Literal["answered", "not_found", "insufficient", "conflicting"]
Verdict = Literal["supported", "partly", "unsupported"]
Language = Literal["zh", "en"]


Role = Literal[
    "heading",
    "paragraph",
    "list_item",
    "table_head",
    "table_row",
    "caption",
    "question",
    "turn",
    "code",
    "footnote",
    "running",
]
"""What a block is on its page.

``heading``      names what follows; ``level`` 1 is the outermost
``paragraph``    prose
``list_item``    one entry; ``level`` counts its nesting from 1
``table_head``   a row of heads; it is read with the rows below it, never alone
``table_row``    one row; ``cells`` say which head each of its cells stands under
``caption``      what stands over or under a table or picture: its name, its unit
``question``     asked in a list of questions and answers; the blocks that follow answer it
``turn``         what one speaker says at one time; ``label`` is the speaker or the time
``code``         lines that are kept as they are
``footnote``     a note at the foot or the end
``running``      head or foot of a page, a page's number: shown, never searched
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row: the head that it stands under (``""`` for none) and its span in the text."""

    head: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A span of a text with a role. The blocks of a text come in order and do not overlap.

    ``page`` counts from 1 (a slide's number, too). ``table`` is the same for all blocks of one table, its
    captions and notes among them. ``ocr``: a machine read the characters off a picture.
    """

    role: Role
    start: int
    end: int
    level: int = 0
    page: int | None = None
    table: int | None = None
    cells: tuple[Cell, ...] = ()
    label: str | None = None
    ocr: bool = False


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
    file, the recovered text of HTML, Markdown, PDF or DOCX. It never holds lone surrogates,
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


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its scores. ``score`` orders the hits; ``scores`` says where it came from."""

    passage: Passage
    document: Document
    score: float
    scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RelativeDate:
    """A word of a quote that counts from the day its document was published, and the date it means.

    ``document.text[start:end] == text``; ``means`` is a year or a day, ``2023`` or ``2024-11-17``.
    """

    text: str
    start: int
    end: int
    means: str


@dataclass(frozen=True, slots=True)
class Where:
    """Where a passage stands, for a person: headings from the outermost, page or slide, its row by heads."""

    headings: tuple[str, ...] = ()
    page: int | None = None
    row: tuple[tuple[str, str], ...] = ()
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote with the exact place it stands. ``marker`` counts from 1 within an answer."""

    marker: int
    document_id: int
    title: str
    published: str | None
    passage_id: int
    quote: str
    start: int
    end: int
    source_name: str
    source_sha256: str
    source_spans: tuple[Span, ...]
    also_in: tuple[Copy, ...] = ()
    dates: tuple[RelativeDate, ...] = ()
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, with the markers of the citations that it rests on.

    ``verdict`` says whether they bear it out, where it may differ from them: a quote is its own proof.
    """

    text: str
    citations: tuple[int, ...]
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch ``[start, end)`` of a document that the reader weighed; ``score`` is its log-odds."""

    document_id: int
    start: int
    end: int
    text: str
    score: float
    short: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """What the stages handed on, for whoever examines an answer; it is not part of the HTTP contract.

    ``read`` are the passages that the reader was given, best first, ``candidates`` the likeliest
    stretches in them, best first, whether shown or withheld.
    """

    read: tuple[Hit, ...] = ()
    candidates: tuple[Candidate, ...] = ()

    @property
    def confidence(self) -> float | None:
        """Log-odds of the likeliest stretch against "the documents don't say"; None: nothing was weighed."""
        return self.candidates[0].score if self.candidates else None


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it was understood; ``from_history``: completed from the questions before it."""

    text: str = ""
    from_history: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What ``ask()`` returns; the HTTP contract's ``POST /v1/ask`` is this record, serialised.

    ``maybe`` is the likeliest stretch of a refusal that is not sure. ``frame`` is what Chuchu says in its
    own voice beside the claims: that a quote is in another language than the question.
    ``struck`` counts the sentences of a language model that nothing bore out. ``notice`` says, in the
    question's language, what to know of how the answer came about.
    """

    id: str
    question: str
    status: Status
    answer: str
    short_answer: str | None
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    nearest: tuple[Hit, ...]
    timings_ms: dict[str, float]
    versions: dict[str, str]
    trace: Trace = Trace()
    asked: Understood = Understood()
    maybe: Candidate | None = None
    frame: str | None = None
    struck: int = 0
    notice: str | None = None
