"""What outlives a request: the library, opened in the background, and the threads that serve it.

Questions, uploads and what can wait have threads of their own, so that a large upload never stands before
a question.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import Depends, Request

from api.answers import RecentAnswers
from api.inference import Worker
from api.metrics import Metrics
from rag.errors import ChuchuError, NotReady
from rag.pipeline import Library
from rag.settings import Settings
from rag.stopping import Stop

OpenLibrary = Callable[[], Library]

MAX_QUESTIONS = 64
"""Questions that may wait: at some 50 ms each, as long as a person would."""
MAX_UPLOADS = 8
UPLOADS_AT_ONCE = 3
"""So that a file that takes a minute to read does not hold up those beside it."""
MAX_BACKGROUND = 16

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
        self.uploads = Worker("ingest", MAX_UPLOADS, UPLOADS_AT_ONCE)
        self.background = Worker("background", MAX_BACKGROUND)
        self.stopping = Stop()
        """Set when the service ends: uploads that are still being read are stopped."""
        self._open_library = open_library
        self._library: Library | None = None
        self._examples: dict[tuple[int, str], tuple[str, ...]] = {}
        self._changes = 0
        self._counting = threading.Lock()
        self._opening = threading.Thread(target=self._open, name="open-library", daemon=True)
        self.opened = threading.Event()
        """Set once the library is open, or could not be opened and ``failure`` says why."""
        self.failure: Exception | None = None

    @property
    def library(self) -> Library:
        """Raises NotReady: it is still being opened, or could not be."""
        if self._library is None:
            raise NotReady(self._state())
        return self._library

    @property
    def ready(self) -> bool:
        return self._library is not None

    def start(self) -> None:
        """Begin to open the library; returns at once."""
        self._opening.start()

    def stop(self) -> None:
        """Finish what runs, drop what waits, stop what is still being read, close the library."""
        self.stopping.set()
        self.questions.close()
        self.uploads.close()
        self.background.close()
        self._opening.join()
        library, self._library = self._library, None
        if library is not None:
            library.close()

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

    async def examples(self, language: str) -> tuple[str, ...]:
        """Questions that the documents answer; making them takes many, so they are kept until a change."""
        library = self.library
        return await self.background.run(partial(self._make_examples, library, language))

    def _make_examples(self, library: Library, language: str) -> tuple[str, ...]:
        key = (self._changes, language)
        if key not in self._examples:
            made = library.examples(language)
            self._examples = {each: kept for each, kept in self._examples.items() if each[0] == key[0]}
            self._examples[key] = made
        return self._examples[key]

    def gauges(self) -> dict[str, tuple[str, float]]:
        """What is true now, for the metrics page: name to (help text, value)."""
        gauges = {
            "chuchu_ready": ("1 when models and indexes are open.", float(self.ready)),
            "chuchu_questions": ("Questions that run or wait.", float(self.questions.jobs)),
            "chuchu_uploads": ("Uploads that run or wait.", float(self.uploads.jobs)),
        }
        if self.ready:
            counts = self.library.counts()
            gauges |= {f"chuchu_{what}": (f"How many {what} are there.", n) for what, n in counts.items()}
            waiting = float(self.library.waiting)
            gauges["chuchu_waiting"] = ("Passages whose deep vectors are not made yet.", waiting)
        return gauges


async def _of(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


ServiceOf = Annotated[Service, Depends(_of)]
"""A parameter of a path operation: the service of its application."""
