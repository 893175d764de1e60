"""The answers that were given lately, so that what people say of one can be kept with what it said."""

from __future__ import annotations

import threading
from collections import OrderedDict

from models.kept import size_of
from rag.errors import NotFound
from rag.records import Answer
from rag.store.feedback import Shown

REMEMBERED = 1_000
"""Answers, mostly of a few kilobytes. They live in memory only; ``rag.store.given_answers`` outlives the server."""
REMEMBERED_BYTES = 16_000_000


class RecentAnswers:
    """The last answers by id. Methods may be called from any thread."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self.limit = limit
        self._answers: OrderedDict[str, Shown] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def remember(self, answer: Answer) -> None:
        """Keep an answer, and let the oldest one go when there are too many."""
        shown = Shown.of(answer)
        with self._lock:
            self._answers[shown.id] = shown
            self._bytes += size_of(shown)
            while len(self._answers) > self.limit or self._bytes > REMEMBERED_BYTES:
                self._bytes -= size_of(self._answers.popitem(last=False)[1])

    def get(self, answer_id: str) -> Shown:
        """Raises NotFound: it was never given, or before the last start, or too long ago."""
        with self._lock:
            if answer_id not in self._answers:
                raise NotFound("answer given lately", answer_id)
            return self._answers[answer_id]

    def forget_document(self, document_id: int) -> None:
        """Let go of every answer that quotes a document."""
        with self._lock:
            for answer_id in [
                id_
                for id_, shown in self._answers.items()
                if document_id in shown.documents
            ]:
                self._bytes -= size_of(self._answers.pop(answer_id))
