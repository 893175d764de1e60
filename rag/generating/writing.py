"""The ladder: show the model the passages, read what it writes, keep what is borne out, cite it.

written = writer.write(task, source_text, on_claim)
written.claims         the sentences that stay, in the model's words, each with its citations
written.struck         how many do not
written.failure        how the model failed, when it did
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rag.answering import Decision
from rag.answering.citing import check_printed, cite, copies_of
from rag.answering.supporting import Supports
from rag.contexts import readable
from rag.errors import NotFound
from rag.generating.checking import Bearing, Quote, SentenceChecker
from rag.generating.markers import CitedSentence, CitedSentences
from rag.generating.models import Failure, LanguageModel, WritingFailed
from rag.generating.prompt import NumberedPassage, Task, declines, messages_for
from rag.records import Citation, Claim, Hit, Language, Span

MOST_PASSAGES = 6
MOST_CLAIMS = 8
"""What a model goes on to say after this many sentences is not read."""

SourceText = Callable[[str, tuple[Span, ...]], Sequence[str]]
OnClaim = Callable[[Claim], None]
logger = logging.getLogger("chuchu.llm")


@dataclass(frozen=True, slots=True)
class WritingTask:
    """What is asked of a model. ``hits`` are the passages it is shown, ``bearing`` what it may speak of."""

    question: str
    language: Language
    hits: tuple[Hit, ...]
    bearing: Bearing
    task: Task = "answer"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of it. Without claims and without a ``failure`` the passages do not answer."""

    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    struck: int = 0
    failure: Failure | None = None

    @property
    def failed(self) -> bool:
        """Whether nothing came of it, so that the extractive answer is to be shown."""
        return self.failure is not None and not self.claims


def reworded(decision: Decision, written: Written) -> Decision:
    """What is shown once a model has worded it: an answer, or a refusal when nothing was borne out."""
    if written.claims:
        return replace(decision, status="answered")
    return Decision("not_found" if decision.status == "not_found" else "insufficient")


@dataclass(slots=True)
class _Draft:
    """What is kept so far."""

    claims: list[Claim] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    struck: int = 0
    uncited: int = 0

    def written(self, failure: Failure | None = None) -> Written:
        return Written(
            tuple(self.claims),
            tuple(self.citations),
            self.struck + self.uncited,
            failure,
        )


class Writer:
    """A language model and the check of what it writes. Safe to use from any thread."""

    def __init__(
        self, model: LanguageModel, supports: Supports, seconds: float
    ) -> None:
        self.model, self._supports, self._seconds = model, supports, seconds

    def write(
        self, task: WritingTask, source_text: SourceText, on_claim: OnClaim
    ) -> Written:
        """Ask the model and check each sentence as it comes.

        Args:
            source_text: the SHA-256 of a source and spans in it -> the characters there.
            on_claim: called with each claim as soon as it is borne out.
        """
        hits = task.hits[:MOST_PASSAGES]
        checker = SentenceChecker(self._supports, hits, task.bearing)
        sentences = CitedSentences(len(hits))
        draft, reply = _Draft(), ""
        messages = messages_for(
            task.question, _numbered_passages(hits), task.language, task.task
        )
        try:
            for piece in self.model.write(messages, self._seconds):
                reply += piece
                for sentence in sentences.feed(piece):
                    _keep_or_strike(sentence, checker, draft, source_text, on_claim)
                if len(draft.claims) >= MOST_CLAIMS:
                    return draft.written()
        except WritingFailed as failed:
            logger.warning("the language model %s: %s", self.model.name, failed)
            return draft.written(failed.failure)
        if declines(reply):
            return Written()
        for sentence in sentences.close():
            _keep_or_strike(sentence, checker, draft, source_text, on_claim)
        # A text without a marker is no answer from the passages, however good it sounds.
        if not draft.claims and not draft.struck:
            logger.warning(
                "the language model %s wrote no sentence with a marker", self.model.name
            )
            return draft.written("unreadable")
        return draft.written()


def _numbered_passages(hits: Sequence[Hit]) -> list[NumberedPassage]:
    shown: list[NumberedPassage] = []
    for number, hit in enumerate(hits, start=1):
        text = readable(hit.document.title, hit.passage)
        shown.append(NumberedPassage(number, text.context, text.text))
    return shown


def _keep_or_strike(
    sentence: CitedSentence,
    checker: SentenceChecker,
    draft: _Draft,
    source_text: SourceText,
    on_claim: OnClaim,
) -> None:
    """Keep a sentence with its citations, or strike it out."""
    if declines(sentence.text):
        return
    if not sentence.passages:
        draft.uncited += 1
        return
    # Small models say a thing twice.
    if sentence.text in [claim.text for claim in draft.claims]:
        return
    cited = len(draft.citations)
    quotes = checker.quotes_for(sentence)
    try:
        markers = tuple(_marker(quote, draft, source_text) for quote in quotes)
    except NotFound:  # the document was deleted since it was found
        markers = ()
        del draft.citations[cited:]
    if not markers:
        draft.struck += 1
        return
    claim = Claim(sentence.text, tuple(dict.fromkeys(markers)), "supported")
    draft.claims.append(claim)
    on_claim(claim)


def _marker(quote: Quote, draft: _Draft, source_text: SourceText) -> int:
    """The marker of a quote's citation; the same characters are cited once.

    Raises:
        BrokenCitation: the quote is not what stands in its source.
    """
    hit, span = quote.hit, quote.span
    for known in draft.citations:
        if (known.document_id, known.start, known.end) == (hit.document.id, *span):
            return known.marker
    marker = len(draft.citations) + 1
    citation = cite(
        marker, hit.document, hit.passage, span, copies_of(hit.document, *span)
    )
    printed = source_text(citation.source_sha256, citation.source_spans)
    check_printed(citation, hit.document, printed)
    draft.citations.append(citation)
    return marker
