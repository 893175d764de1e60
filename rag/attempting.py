"""One wording of a question: retrieve, read, decide. The part of ``Library`` that ``ask`` tries wordings with.

_attempt -> _retrieved       the passages, as far as they have to be read
         -> _decided         a form of its own (an article, an overview, two things at once), or the likeliest stretch
         -> _lacking         refused where it names what no document mentions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.language.questions import Asking
from models.language.questions import read as read_question
from rag.answerers import Answerer
from rag.answering import Decision, decide, in_parts, one_claim_each
from rag.answering.articles import article, asked_article
from rag.answering.attempt import Attempt
from rag.answering.keywords import is_keyword, mentions
from rag.answering.lists import MARGIN
from rag.answering.missing import missing, names_in, refuses
from rag.answering.overview import asks_for_overview, overview
from rag.answering.parts import parts_of
from rag.answering.reading import Choice, ReaderResult
from rag.clock import Clock
from rag.contexts import searchable
from rag.conversation.followups import speaks_of
from rag.documents import LibraryDocuments
from rag.errors import Damaged, NotFound
from rag.questions import Question, filter_of
from rag.records import Hit
from rag.retrieval import COPIES, Retriever

READ_HITS = 20
"""Passages that the reader is handed, whatever ``top_k`` asks to be shown."""
MOST_PASSAGES = 10_000
"""Of one document that are looked through for its article, or its sections."""


class RetrieverReader(LibraryDocuments):
    """Methods may be called from any thread."""

    _retriever: Retriever

    def _attempt(
        self,
        text: str,
        question: Question,
        answerer: Answerer,
        clock: Clock,
        about: str = "",
        thorough: bool = False,
    ) -> Attempt:
        """Retrieve, read, decide; where there are passages ``about`` something, from their documents."""
        with clock.step("retrieve"):
            hits = self._retrieved(text, question, thorough=thorough)
        with clock.step("read"):
            nearer: list[Hit] = []
            if about:
                nearer += [hit for hit in hits if speaks_of(hit, about)]
            reading, decision = self._decided(answerer, text, nearer or hits, question)
            if nearer and not decision.stretches:
                # What is asked of the subject may stand in a passage that does not name it again.
                documents = {hit.document.id for hit in nearer}
                beside = [hit for hit in hits if hit.document.id in documents]
                reading, decision = self._decided(answerer, text, beside, question)
            lacking = None
            if decision.stretches:
                lacking = self._lacking(text, hits, question)
                if any(map(refuses, lacking)):
                    decision = Decision("insufficient")
        return Attempt(text, hits, reading, decision, lacking)

    def _lacking(
        self, text: str, hits: Sequence[Hit], question: Question
    ) -> tuple[str, ...]:
        """Names in a question that no document mentions."""
        names = names_in(text)
        if not names or not hits:
            return ()
        only = filter_of(question)
        texts = [searchable(hit.document.title, hit.passage) for hit in hits]
        texts += [hit.document.published or "" for hit in hits]
        return missing(
            names, texts, lambda name: self._retriever.mentions([name], only)
        )

    def _decided(
        self, answerer: Answerer, asked: str, hits: Sequence[Hit], question: Question
    ) -> tuple[ReaderResult, Decision]:
        """What the reader makes of the hits, and what of it is shown."""
        special = self._whole_of(asked, hits) or self._in_parts(
            answerer, asked, question
        )
        if special is not None:
            return special
        reading = self._read(answerer, asked, hits)
        return reading, decide(reading, answerer.thresholds)

    def _read(
        self, answerer: Answerer, asked: str, hits: Sequence[Hit]
    ) -> ReaderResult:
        """What the reader makes of the hits; the likeliest item of a list comes with the blocks around it."""
        reading = answerer.reader.read(asked, hits)
        if reading.asking.asked != "list" or not reading.choices:
            return reading
        best, *others = reading.choices
        if best.hit.passage.context.cells:  # a row is no item, and a table has many
            return reading
        document, (start, end) = best.hit.document, best.span
        try:
            blocks = self._store.blocks_of(document.id, start - MARGIN, end + MARGIN)
        except (NotFound, Damaged):  # since it was found: citing it will tell
            return reading
        hit = replace(best.hit, document=replace(document, blocks=blocks))
        return replace(reading, choices=(replace(best, hit=hit), *others))

    def _whole_of(
        self, asked: str, hits: Sequence[Hit]
    ) -> tuple[ReaderResult, Decision] | None:
        """What speaks of a keyword; a document as a whole or one of its articles: where that is asked for."""
        asking = read_question(asked)
        choices = mentions(asking, hits) if is_keyword(asking) else ()
        if choices:
            return _all_of(asking, choices)
        label = asked_article(asked)
        if not hits or (label is None and not asks_for_overview(asked)):
            return None
        document = max(hits, key=lambda hit: hit.scores.get("fused", 0.0)).document
        try:
            passages = self._store.document_passages(document.id, MOST_PASSAGES)
        except (NotFound, Damaged):  # since it was found: then it is no answer
            return None
        choices = (
            article(document, passages, label)
            if label
            else overview(document, passages)
        )
        return _all_of(asking, choices) if choices else None

    def _in_parts(
        self, answerer: Answerer, asked: str, question: Question
    ) -> tuple[ReaderResult, Decision] | None:
        """A question after two things, each looked for by itself; None unless all of them are found."""
        parts = parts_of(asked)
        if parts is None:
            return None
        readings = [
            self._read(answerer, part, self._retrieved(part, question))
            for part in parts.asked
        ]
        decisions = [decide(reading, answerer.thresholds) for reading in readings]
        decision = in_parts(parts, decisions, [reading.asking for reading in readings])
        if decision is None:
            return None
        choices = tuple(stretch.choice for stretch in decision.stretches)
        return ReaderResult(read_question(asked), choices), decision

    def _retrieved(
        self, asked: str, question: Question, *, thorough: bool = False
    ) -> tuple[Hit, ...]:
        # A document or an article that is given whole is found by its words; nothing is read to choose from it.
        whole_asked = asks_for_overview(asked) or asked_article(asked) is not None
        return self._retriever.search(
            asked,
            max(READ_HITS, question.top_k),
            filter_of(question),
            ranked=not whole_asked,
            thorough=thorough,
            copies=COPIES,
        )


def _all_of(
    asking: Asking, choices: tuple[Choice, ...]
) -> tuple[ReaderResult, Decision]:
    """Each of the choices is shown, and none stands for the whole."""
    return ReaderResult(asking, choices), Decision(
        "answered", one_claim_each(choices), bare=False
    )
