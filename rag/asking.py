"""Question -> Answer: the part of ``Library`` that answers. ``ask`` is a ladder, each rung under its caller.

ask -> _courteous                        a greeting, thanks, what can you do
    -> _answered -> _understood          the question alone, or completed from those before it
                    -> _attempt          retrieve, read, decide (rag.attempting)
                 -> compose              cite
                 -> _refusal             or say what is not there
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from models.language.words import has_han
from rag.answerers import Answerer, Answerers, Wording
from rag.answering import Decision, compose, decide, short_answer
from rag.answering.attempt import Attempt
from rag.answering.courtesy import Courtesy, courtesy_of, without_greeting
from rag.answering.phrases import BRIEF, answer_text, courteous, framed
from rag.answering.refusals import maybe_of, refusal
from rag.attempting import RetrieverReader
from rag.clock import Clock
from rag.conversation.followups import Documents, best_of, complete, settled
from rag.errors import Damaged, NotFound
from rag.examples import example_questions
from rag.generating.notices import notice_of
from rag.generating.writing import reworded
from rag.questions import Question, check_documents, check_question, filter_of
from rag.records import Answer, Citation, Claim, Hit, Language, Understood
from rag.retrieval import uncrowded
from rag.settings import Settings
from rag.tracing import trace_of

NEAREST = 3
NEWEST = 5
"""Documents that are named to whoever asks what is here."""
FIRST_QUESTIONS = 2
"""Examples that a greeting is answered with."""

MOST_READINGS = 10
"""Of one question, while documents are being deleted under it."""

Composed = tuple[tuple[Claim, ...], tuple[Citation, ...]]
Cited = tuple[Attempt, Composed]
Event = tuple[str, tuple[Hit, ...] | Claim | Answer]
"""``("hits", hits)``, ``("claim", claim)`` once a claim, then ``("answer", answer)``."""


class QuestionAnswering(RetrieverReader):
    """Answers from one store. Methods may be called from any thread."""

    settings: Settings
    versions: dict[str, str]
    _answerers: Answerers
    _examples_at: tuple[int, Language] | None = None
    _examples_kept: tuple[str, ...] = ()

    def search(self, question: Question) -> tuple[Hit, ...]:
        """The ``top_k`` best passages, best first. Raises InvalidValue as :meth:`ask` does."""
        self._check(question)
        return self._retriever.search(
            question.text, question.top_k, filter_of(question)
        )

    def ask(
        self, question: Question, on_event: Callable[[Event], None] | None = None
    ) -> Answer:
        """Answer with citations, or refuse.

        Args:
            on_event: called in this thread with each event as soon as it is known.

        Raises:
            InvalidValue: an empty or too long question, a bad ``top_k``, an unknown answerer, a bad date.
            BrokenCitation: a citation failed an invariant; nothing is shown.
        """
        answerer = self._check(question)
        tell = on_event or _nobody
        courtesy = courtesy_of(question.text)
        if courtesy is not None:
            answer = self._courteous(question, courtesy)
            tell(("hits", ()))
        else:
            answer = self._answered(question, answerer, tell)
        tell(("answer", answer))
        return answer

    def _courteous(self, question: Question, courtesy: Courtesy) -> Answer:
        """A kind word in place of an answer: nothing is searched and nothing is cited."""
        clock = Clock()
        with clock.step("total"):
            language = _language(question.text)
            count = self._store.counts()["documents"]
            brief = courtesy in BRIEF
            titles = (
                ()
                if brief
                else tuple(
                    dict.fromkeys(each.title for each in self._store.newest(NEWEST))
                )
            )
            questions = () if brief else self._first_questions(language)
            said = courteous(courtesy, language, count, titles, questions)
        return Answer(
            id=uuid.uuid4().hex,
            question=question.text,
            status="answered",
            answer=said,
            short_answer=None,
            claims=(),
            citations=(),
            hits=(),
            nearest=(),
            timings_ms=clock.timings_ms,
            versions=self.versions,
            asked=Understood(question.text),
        )

    def _answered(
        self, question: Question, answerer: Answerer, tell: Callable[[Event], None]
    ) -> Answer:
        """The answer of the documents, or that they have none."""
        clock = Clock()
        with clock.step("total"):
            attempt, from_history = self._understood(question, answerer, clock)
            tell(("hits", uncrowded(attempt.hits, question.top_k)))
            attempt, (claims, citations) = self._cited(
                attempt, question, answerer, clock
            )
            short = short_answer(attempt.decision, attempt.reading.asking)
            language = _language(question.text)
            frame = framed(attempt.decision.items, citations, language)
            with clock.step("write"):
                wording = Wording(
                    attempt.text,
                    language,
                    attempt.reading,
                    attempt.decision,
                    attempt.hits,
                )
                written = answerer.write(
                    wording, self._store.source_text, lambda each: tell(("claim", each))
                )
            if written is None or written.failed:
                for claim in claims:
                    tell(("claim", claim))
            else:
                claims, citations, frame = written.claims, written.citations, None
                attempt = replace(attempt, decision=reworded(attempt.decision, written))
                short = (
                    short
                    if short and any(short in claim.text for claim in claims)
                    else None
                )
            said = (
                answer_text(claims)
                if claims
                else self._refusal(attempt, question, language)
            )
        return Answer(
            id=uuid.uuid4().hex,
            question=question.text,
            status=attempt.decision.status,
            answer=said,
            short_answer=short,
            claims=claims,
            citations=citations,
            hits=uncrowded(attempt.hits, question.top_k),
            nearest=() if claims else uncrowded(attempt.hits, NEAREST),
            timings_ms=clock.timings_ms,
            versions=self.versions | answerer.versions(written),
            trace=trace_of(attempt.hits, attempt.reading),
            asked=Understood(attempt.text, from_history),
            maybe=maybe_of(attempt),
            frame=frame,
            struck=written.struck if written else 0,
            notice=notice_of(written, language) if written else None,
        )

    def _cited(
        self, attempt: Attempt, question: Question, answerer: Answerer, clock: Clock
    ) -> Cited:
        """The attempt with its claims and citations.

        Where a document has gone since it was found, or is damaged, what is left is read again.
        """
        for _ in range(MOST_READINGS):
            with clock.step("cite"):
                composed = self._composed(attempt.decision)
            if composed is not None:
                return attempt, composed
            attempt = self._attempt(attempt.text, question, answerer, clock)
        reading = answerer.reader.read(attempt.text, ())
        return Attempt(
            attempt.text, (), reading, decide(reading, answerer.thresholds)
        ), ((), ())

    def _composed(self, decision: Decision) -> Composed | None:
        """The claims and citations of what was decided; None when a source has gone or is damaged."""
        try:
            return compose(decision.stretches, self._store.source_text)
        except NotFound:
            return None
        except Damaged as damage:
            self._store.note(damage)
            return None

    def _understood(
        self, question: Question, answerer: Answerer, clock: Clock
    ) -> tuple[Attempt, bool]:
        """The question alone, or completed (True) from those before it: as the documents bear out."""
        text = without_greeting(question.text)
        # A wording that comes up twice (earlier questions do) is read once.
        attempt = cache(
            partial(self._attempt, question=question, answerer=answerer, clock=clock)
        )

        def answer_to(earlier: str) -> str | None:
            read_again = attempt(earlier)
            return short_answer(read_again.decision, read_again.reading.asking)

        together = partial(self._retriever.mentions, only=filter_of(question))
        completion = complete(text, question.history, Documents(answer_to, together))
        alone = None
        if completion.sign != "strong" or not completion.texts:
            # Whether it is sure of one thing is seen only when all that was found is read: of
            # 那负责人是谁 the first four passages may hold one of three projects' leaders.
            alone = attempt(text, thorough=bool(completion.texts))
            if not completion.texts or settled(alone, completion.sign):
                return alone, False
        completed = [
            attempt(each, about=completion.subject) for each in completion.texts
        ]
        best = best_of(alone, completed, completion)
        return best, best is not alone

    def _refusal(self, attempt: Attempt, question: Question, language: Language) -> str:
        lacking = attempt.lacking
        if lacking is None:
            lacking = self._lacking(attempt.text, attempt.hits, question)
        empty = not attempt.hits and not self._store.counts()["documents"]
        return refusal(attempt, lacking, language, empty=empty)

    def examples(self, language: Language, limit: int = 4) -> tuple[str, ...]:
        """Questions that the documents here answer, made from their sentences, to offer a newcomer."""
        return example_questions(self._store, self.ask_quietly, language, limit)

    def _first_questions(self, language: Language) -> tuple[str, ...]:
        """A few of :meth:`examples`; they are made once and kept until documents come or go."""
        at = self._store.seq()
        if self._examples_at != (at, language):
            self._examples_kept = self.examples(language, FIRST_QUESTIONS)
            self._examples_at = (at, language)
        return self._examples_kept

    def ask_quietly(self, text: str) -> Answer:
        return self.ask(Question(text))

    def answerer(self, name: str | None = None) -> Answerer:
        """Who reads under this name, or under that of the settings. Raises InvalidValue, ModelUnavailable."""
        return self._answerers.named(name or self.settings.answerer)

    def _check(self, question: Question) -> Answerer:
        """The answerer to use. Raises InvalidValue for what cannot be asked."""
        check_question(question, self.settings)
        check_documents(question, self._store)
        return self.answerer(question.answerer)


def _language(text: str) -> Language:
    return "zh" if has_han(text) else "en"


def _nobody(_: Event) -> None:
    """Hears events that nobody asked for."""
