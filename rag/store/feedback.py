"""What people said of answers: thumbs up or down, the words that would have been right, a comment.

    store.feedback.put(answer, "down", span=(7, 120, 123), comment="that is last year's figure")
    for each in store.feedback.all():
        ...

A row keeps the question with what was answered and quoted, so that it can become an evaluation case long
after (``chuchu eval golden``). It keeps nothing else of the documents, and goes with the first of them that
is deleted: ``forget`` runs within that transaction.
"""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, Self

import apsw

from models.language.sentences import sentences
from rag.errors import Damaged, InvalidValue, NotFound, StoreBusy, StoreError
from rag.records import Answer, Citation, Span, Status
from rag.store.checksums import damaged_if_unreadable
from rag.store.connections import Connections
from rag.store.rows import as_json
from rag.store.schema import connect_reader

_log = logging.getLogger(__name__)

Thumb = Literal["up", "down"]
THUMBS: Final = ("up", "down")
MAX_COMMENT: Final = 2_000
MAX_SPAN: Final = 2_000
"""Code points; what answers a question is a few words, or a few sentences."""

_COLUMNS: Final = "answer_id, created, verdict, comment, marked, answer"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A citation as far as a person judged it: ``document.text[start:end] == quote``."""

    marker: int
    document_id: int
    title: str
    quote: str
    start: int
    end: int
    source_name: str
    source_sha256: str
    source_spans: tuple[Span, ...]

    @classmethod
    def of(cls, citation: Citation) -> Self:
        """The fields of a citation that have the same name here."""
        return cls(**{each.name: getattr(citation, each.name) for each in fields(cls)})

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """What ``dataclasses.asdict`` made of one, and JSON of that: spans are lists there."""
        spans = tuple((start, end) for start, end in kept["source_spans"])
        return cls(**kept | {"source_spans": spans})


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as a person saw it, without the passages that were merely read."""

    id: str
    question: str
    status: Status
    answer: str
    short_answer: str | None
    claims: tuple[str, ...]
    citations: tuple[Quoted, ...]
    versions: dict[str, str]
    listed: tuple[int, ...] = ()
    """The documents whose passages stood below it: a comment may be about any of them."""

    @classmethod
    def of(cls, answer: Answer) -> Self:
        listed = {hit.document.id for hit in (*answer.hits, *answer.nearest)}
        return cls(
            id=answer.id,
            question=answer.question,
            status=answer.status,
            answer=answer.answer,
            short_answer=answer.short_answer,
            claims=tuple(claim.text for claim in answer.claims),
            citations=tuple(Quoted.of(each) for each in answer.citations),
            versions=dict(answer.versions),
            listed=tuple(sorted(listed)),
        )

    @property
    def documents(self) -> frozenset[int]:
        """The documents that it quotes or lists: what is said of it may hold words of any of them."""
        quoted = {each.document_id for each in self.citations}
        return frozenset(self.listed).union(quoted)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """What ``dataclasses.asdict`` made of one; an older version kept no ``listed``."""
        citations = tuple(Quoted.from_json(each) for each in kept["citations"])
        claims = tuple(kept["claims"])
        listed = tuple(kept.get("listed", ()))
        given = {"claims": claims, "citations": citations, "listed": listed}
        return cls(**kept | given)


@dataclass(frozen=True, slots=True)
class Marked:
    """What a person marked as the answer: ``document.text[start:end] == text``; ``sentence`` holds it."""

    document_id: int
    start: int
    end: int
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """One person's word on one answer; ``created`` is in ISO 8601, UTC."""

    shown: Shown
    verdict: Thumb
    created: str
    marked: Marked | None = None
    comment: str | None = None

    @property
    def documents(self) -> frozenset[int]:
        """The documents that it may hold words of: it goes with the first of them that is deleted."""
        if self.marked is None:
            return self.shown.documents
        return self.shown.documents | {self.marked.document_id}


class FeedbackTable:
    """The feedback of one store. Methods may be called from any thread."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put(
        self,
        shown: Shown,
        verdict: Thumb,
        *,
        span: tuple[int, int, int] | None = None,
        comment: str | None = None,
    ) -> tuple[Feedback, bool]:
        """Keep a word on an answer in place of an earlier one on it; with whether it is the first.

        Args:
            span: ``(document_id, start, end)`` of the words that are the answer, in code points of the
                document's text.

        Raises:
            InvalidValue: another verdict, a comment or span that is empty or too long, or a span that lies
                outside its document.
            NotFound: a document that is quoted or marked is gone.
        """
        if verdict not in THUMBS:
            raise InvalidValue("verdict", verdict, " or ".join(THUMBS))
        comment = _checked_comment(comment)
        created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        with self._connections.write(truncate=True) as db:
            marked = None if span is None else _marked(db, *span)
            feedback = Feedback(shown, verdict, created, marked, comment)
            _expect_documents(db, feedback.documents)
            first = not _delete(db, "answer_id = ?", shown.id)
            _insert(db, feedback)
        return feedback, first

    def delete(self, answer_id: str) -> None:
        """Take back what was said of an answer. Raises NotFound."""
        with self._connections.write(truncate=True) as db:
            if not _delete(db, "answer_id = ?", answer_id):
                raise NotFound("feedback on answer", answer_id)
        if not self._connections.empty_log():
            raise StoreBusy(
                "it is taken back, but another program that reads the store keeps it in the log"
            )

    def all(self) -> list[Feedback]:
        """Everything that was said, oldest first."""
        with self._connections.read() as db:
            return list(_feedback_rows(db))


def _expect_documents(db: apsw.Connection, ids: Iterable[int]) -> None:
    """Raises NotFound: one of these documents is gone."""
    for document_id in sorted(ids):
        query = "SELECT 1 FROM documents WHERE id = ?"
        if db.execute(query, (document_id,)).fetchone() is None:
            raise NotFound("document", document_id)


def _insert(db: apsw.Connection, feedback: Feedback) -> None:
    marked = None
    if feedback.marked is not None:
        marked = as_json(asdict(feedback.marked))
    db.execute(
        f"INSERT INTO feedback ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
        (
            feedback.shown.id,
            feedback.created,
            feedback.verdict,
            feedback.comment,
            marked,
            as_json(asdict(feedback.shown)),
        ),
    )
    row = db.last_insert_rowid()
    for document_id in sorted(feedback.documents):
        db.execute(
            "INSERT INTO feedback_documents (feedback_id, document_id) VALUES (?, ?)",
            (row, document_id),
        )


def forget(db: apsw.Connection, document_id: int) -> None:
    """Drop, within the caller's transaction, all feedback that quotes or marks a document."""
    _delete(
        db,
        "id IN (SELECT feedback_id FROM feedback_documents WHERE document_id = ?)",
        document_id,
    )


def feedback_of(home: Path) -> list[Feedback]:
    """The feedback kept in a data folder, oldest first, read beside a server that may have it open.

    Raises:
        InvalidValue: there is no store in it.
        StoreError: it cannot be read.
    """
    path = home / "chuchu.db"
    if not path.is_file():
        raise InvalidValue(
            "home", str(home), "a data folder with a store in it; CHUCHU_HOME names it"
        )
    try:
        db = connect_reader(path)
        try:
            known = db.execute(
                "SELECT 1 FROM sqlite_schema WHERE name = 'feedback'"
            ).fetchone()
            # A store of an older version has none yet.
            return list(_feedback_rows(db)) if known else []
        finally:
            db.close()
    except apsw.Error as error:
        raise StoreError(f"{type(error).__name__}: {error}") from error


def _feedback_rows(db: apsw.Connection) -> Iterator[Feedback]:
    rows: list[tuple[Any, ...]] = db.execute(
        f"SELECT {_COLUMNS} FROM feedback ORDER BY id"  # noqa: S608
    ).fetchall()
    for answer_id, created, verdict, comment, marked, answer in rows:
        try:
            with damaged_if_unreadable("feedback on answer", answer_id):
                place = Marked(**json.loads(marked)) if marked else None
                shown = Shown.from_json(json.loads(answer))
                kept = Feedback(shown, verdict, created, place, comment)
        except Damaged as damage:  # the others are told all the same
            _log.error("%s", damage)
            continue
        yield kept


def _marked(db: apsw.Connection, document_id: int, start: int, end: int) -> Marked:
    row = db.execute(
        "SELECT text FROM documents WHERE id = ?", (document_id,)
    ).fetchone()
    if row is None:
        raise NotFound("document", document_id)
    text: str = row[0]
    if not 0 <= start < end <= len(text):
        raise InvalidValue(
            "span",
            [start, end],
            f"0 <= start < end <= {len(text)}, the document's length",
        )
    if end - start > MAX_SPAN:
        raise InvalidValue("span", [start, end], f"at most {MAX_SPAN:,} characters")
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start == end:
        raise InvalidValue("span", [start, end], "more than white space")
    # The words may run over several sentences; those are kept whole.
    first, last = start, end
    for begins, ends in sentences(text):
        if begins < end and start < ends:
            first = min(first, begins)
            last = max(last, ends)
    return Marked(document_id, start, end, text[start:end], text[first:last])


def _delete(db: apsw.Connection, where: str, value: object) -> bool:
    """Delete the rows of feedback that ``where`` names; whether there were any."""
    named = f"SELECT id FROM feedback WHERE {where}"  # noqa: S608 - of our own words
    ids = [row for (row,) in db.execute(named, (value,)).fetchall()]
    for row in ids:
        db.execute("DELETE FROM feedback_documents WHERE feedback_id = ?", (row,))
        db.execute("DELETE FROM feedback WHERE id = ?", (row,))
    return bool(ids)


def _checked_comment(comment: str | None) -> str | None:
    if comment is None or not comment.strip():
        return None
    if len(comment) > MAX_COMMENT:
        raise InvalidValue("comment", comment, f"at most {MAX_COMMENT:,} characters")
    if any("\ud800" <= char <= "\udfff" for char in comment):
        raise InvalidValue("comment", comment, "text without lone surrogates")
    return comment.strip()
