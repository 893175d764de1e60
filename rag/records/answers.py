"""What is found and answered: hits, claims, the citations that they rest on, and the answer.

Two invariants hold for every citation that is shown:

    document.text[start:end] == quote
    "".join(source.text[s:e] for s, e in source_spans) == quote   (page line breaks aside)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rag.records.blocks import Span
from rag.records.documents import Copy, Document, Passage

Status = Literal["answered", "not_found", "insufficient", "conflicting"]

Verdict = Literal["supported", "partly", "unsupported"]

Language = Literal["zh", "en"]


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
