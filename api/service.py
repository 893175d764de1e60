"""What outlives a request: the library, opened in the background, and the threads that serve it.

Questions, uploads and what can wait have threads of their own, so that a large upload never stands before
a question.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request

from api.answers import RecentAnswers
from api.inference import Worker
from api.metrics import Metrics
from api.schemas.answers import Answer
from rag import records
from rag.answerers import WORDED
from rag.errors import Busy, ChuchuError, NotReady
from rag.library import Event, Library, Question
from rag.records import Language
from rag.settings import Settings
from rag.stopping import Stop
from rag.store.given_answers import Kept

OpenLibrary = Callable[[], Library]

MAX_QUESTIONS = 64
"""Questions that may wait: at some 50 ms each, as long as a person would."""
MOST_WORDED = 4
"""Questions that wait for a language model at a time; no other question waits behind them."""
MAX_UPLOADS = 8
UPLOADS_AT_ONCE = 3
"""So that a file that takes a minute to read does not hold up those beside it."""
MAX_BACKGROUND = 16
MAX_KEEPING = 256
"""Answers that may wait to be kept while a large document is being stored."""

logger = logging.getLogger("chuchu.api")


class Service:
    """One library behind the service.

    Args:
        settings: of the service and its limits.
        open_library: called once in a thread of its own; the service is not ready until it returns.
    """

    def __init__(self, settings: Settings, open_library: OpenLibrary) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.answers = RecentAnswers()
        self.questions = Worker("inference", MAX_QUESTIONS)
        self.worded = Worker("worded", MAX_QUESTIONS, threads=MOST_WORDED)
        self.uploads = Worker("ingest", MAX_UPLOADS, UPLOADS_AT_ONCE)
        self.background = Worker("background", MAX_BACKGROUND)
        # One thread: reading a kept answer queues behind its being kept (``answer_given``).
        self.keeping = Worker("answers", MAX_KEEPING)
        self.pictures = Worker("pictures", MAX_BACKGROUND)
        self.stopping = Stop()
        """Set when the service ends: uploads that are still being read are stopped."""
        self._open_library = open_library
        self._library: Library | None = None
        self._examples: dict[tuple[int, Language], asyncio.Future[tuple[str, ...]]] = {}
        self._changes = 0
        self._counting = threading.Lock()
        self._opening = threading.Thread(
            target=self._open, name="open-library", daemon=True
        )
        self.opened = threading.Event()
        """Set once the library is open, or could not be opened and ``failure`` says why."""
        self.failure: Exception | None = None
        self.closing_failure: ChuchuError | None = None
        """Why the library was not closed in good order, if it was not."""

    @property
    def library(self) -> Library:
        """Raises NotReady: it is still being opened, or could not be."""
        if self._library is None:
            raise NotReady(self._state())
        return self._library

    @property
    def ready(self) -> bool:
        return self._library is not None

    def worker_for(self, answerer: str | None) -> Worker:
        """Where a question to this answerer runs, the settings' own when none is named."""
        name = answerer or self.settings.answerer
        return self.worded if name in WORDED else self.questions

    def start(self) -> None:
        """Begin to open the library; returns at once."""
        self._opening.start()

    def stop(self) -> None:
        """Finish what runs, drop what waits, stop what is still being read, close the library."""
        # Before the workers are closed: closing waits for what runs, and a large upload runs for minutes.
        self.stopping.set()
        self.questions.close()
        self.worded.close()
        self.uploads.close()
        self.background.close()
        self.keeping.submit(lambda: None).result()  # what waits is kept, too
        self.keeping.close()
        self.pictures.close()
        # A library that is still being opened would come to hold its lock, and nobody would close it.
        self._opening.join()
        library, self._library = self._library, None
        if library is not None:
            try:
                library.close()
            except Exception as error:  # whatever it is, the exit code must tell of it
                logger.error(
                    "the library could not be closed (%s)", type(error).__name__
                )
                self.closing_failure = (
                    error if isinstance(error, ChuchuError) else _unknown(error)
                )

    # answers

    def answer(
        self, question: Question, on_event: Callable[[Event], None] | None = None
    ) -> Answer:
        """Ask, count, and keep what was answered. Slow, so for a worker's thread."""

        def tell(event: Event) -> None:
            if isinstance(event[1], records.Answer):
                # First: whoever is told of an answer may ask for it at once.
                self._note(event[1])
            if on_event is not None:
                on_event(event)

        return Answer.of(self.library.ask(question, tell))

    def _note(self, answer: records.Answer) -> None:
        self.metrics.answers.add(status=answer.status)
        self.answers.remember(answer)
        if self.settings.keep_answers:
            sent = Answer.of(answer).model_dump(mode="json")
            try:
                self.keeping.submit(partial(self._keep, self.library, sent))
            except Busy:
                logger.warning("answer %s is not kept: too many are waiting", answer.id)

    def _keep(self, library: Library, answer: dict[str, Any]) -> None:
        try:
            library.answers.keep(answer, self.settings.keep_answers)
        except ChuchuError as error:  # an answer is not lost because it cannot be kept
            logger.warning("answer %s is not kept: %s", answer["id"], error)

    async def answer_given(self, answer_id: str) -> Kept:
        """Behind all that is still being kept. Raises NotFound."""
        return await self.keeping.run(partial(self.library.answers.get, answer_id))

    # opening

    def _open(self) -> None:
        try:
            self._library = self._open_library()
        except Exception as error:
            self.failure = error
            if not isinstance(error, ChuchuError):
                logger.exception("the library could not be opened")
        finally:
            self.opened.set()

    def _state(self) -> str:
        if self.failure is None:
            return "models and indexes are being opened; try again in a moment"
        if isinstance(self.failure, ChuchuError):
            return f"the library could not be opened: {self.failure}"
        return "the library could not be opened; the server's log has the details"

    def changed(self) -> None:
        """Documents came or went: forget what was made from those that were there."""
        with self._counting:
            self._changes += 1

    async def examples(self, language: Language) -> tuple[str, ...]:
        """Questions that the documents answer; making them takes many, so they are kept until a change.

        Whoever asks while they are being made waits for the same ones: pages that are opened one after
        another would fill the queue.
        """
        key = (self._changes, language)
        making = self._examples.get(key)
        if making is None:
            making = asyncio.ensure_future(
                self.background.run(partial(self.library.examples, language))
            )
            current = {
                each: kept
                for each, kept in self._examples.items()
                if each[0] == self._changes
            }
            self._examples = current | {key: making}
        try:
            # Whoever leaves does not take them from the others.
            return await asyncio.shield(making)
        except Exception:
            # A failure is not kept: whoever asks next tries again.
            self._examples.pop(key, None)
            raise

    def gauges(self) -> dict[str, tuple[str, float]]:
        """What is true now, for the metrics page: name to (help text, value)."""
        gauges = {
            "chuchu_ready": ("1 when models and indexes are open.", float(self.ready)),
            "chuchu_questions": (
                "Questions that run or wait.",
                float(self.questions.jobs),
            ),
            "chuchu_uploads": ("Uploads that run or wait.", float(self.uploads.jobs)),
        }
        if self.ready:
            counts = self.library.counts()
            gauges |= self.library.gauges()
            gauges |= {
                f"chuchu_{what}": (f"How many {what} are there.", n)
                for what, n in counts.items()
            }
            waiting = float(self.library.waiting)
            gauges["chuchu_waiting"] = (
                "Passages whose deep vectors are not made yet.",
                waiting,
            )
        return gauges


def _unknown(error: Exception) -> ChuchuError:
    return ChuchuError(f"the library could not be closed ({type(error).__name__})")


async def _of(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


ServiceOf = Annotated[Service, Depends(_of)]
"""A parameter of a path operation: the service of its application."""
