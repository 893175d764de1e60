"""A question with what limits it, and what cannot be asked."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from rag.errors import InvalidValue
from rag.retrieval import Filter
from rag.settings import Settings
from rag.store.reader import StoreReader


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and of which documents.

    ``documents`` limits the search to those ids; ``since`` and ``until`` are ISO dates
    (inclusive) that a document's published date must lie between. ``history`` holds earlier
    questions of the conversation, oldest first.
    """

    text: str
    top_k: int = 5
    documents: tuple[int, ...] = ()
    since: str | None = None
    until: str | None = None
    history: tuple[str, ...] = ()
    answerer: str | None = None


def check_question(question: Question, settings: Settings) -> None:
    """Raises InvalidValue for what cannot be asked."""
    most = settings.max_question_chars
    if not question.text.strip() or len(question.text) > most:
        raise InvalidValue("question", question.text, f"1 to {most} characters")
    if any("\ud800" <= char <= "\udfff" for char in question.text):
        raise InvalidValue("question", question.text, "text without lone surrogates")
    if not 1 <= question.top_k <= settings.max_top_k:
        raise InvalidValue("top_k", question.top_k, f"1 to {settings.max_top_k}")
    for key in ("since", "until"):
        _known_date(key, getattr(question, key))


def check_documents(question: Question, store: StoreReader) -> None:
    """Raises InvalidValue: the question is limited to a document that is not there."""
    if not question.documents:
        return
    known = {listed.id for listed in store.listed(question.documents)}
    for document_id in question.documents:
        if document_id not in known:
            raise InvalidValue(
                "documents", document_id, "ids of documents that are here"
            )


def filter_of(question: Question) -> Filter:
    return Filter(question.documents, question.since, question.until)


def _known_date(key: str, value: str | None) -> None:
    if value is None:
        return
    try:
        known = datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        known = False
    if not known:
        raise InvalidValue(key, value, "a date as YYYY-MM-DD")
