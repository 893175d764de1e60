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
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

import apsw

from models.language.sentences import sentences
from rag.errors import Damaged, InvalidValue, NotFound, StoreBusy, StoreError
from rag.records import Answer, Span, Status
from rag.store.checksums import named
from rag.store.connections import Connections
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
        citations = tuple(
            Quoted(
                each.marker,
                each.document_id,
                each.title,
                each.quote,
                each.start,
                each.end,
                each.source_name,
                each.source_sha256,
                each.source_spans,
            )
            for each in answer.citations
        )
        claims = tuple(claim.text for claim in answer.claims)
        listed = sorted({hit.document.id for hit in (*answer.hits, *answer.nearest)})
        return cls(
            answer.id,
            answer.question,
            answer.status,
            answer.answer,
            answer.short_answer,
            claims,
            citations,
            dict(answer.versions),
            tuple(listed),
        )

    @property
    def documents(self) -> frozenset[int]:
        """The documents that it quotes or lists: what is said of it may hold words of any of them."""
        return frozenset((*self.listed, *(each.document_id for each in self.citations)))


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
            documents = shown.documents | ({marked.document_id} if marked else set())
            for document_id in sorted(documents):
                if (
                    db.execute(
                        "SELECT 1 FROM documents WHERE id = ?", (document_id,)
                    ).fetchone()
                    is None
                ):
                    raise NotFound("document", document_id)
            first = not _delete(db, "answer_id = ?", shown.id)
            db.execute(
                f"INSERT INTO feedback ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
                (
                    shown.id,
                    created,
                    verdict,
                    comment,
                    _dump(asdict(marked)) if marked else None,
                    _dump(asdict(shown)),
                ),
            )
            row = db.last_insert_rowid()
            db.executemany(
                "INSERT INTO feedback_documents (feedback_id, document_id) VALUES (?, ?)",
                ((row, document_id) for document_id in sorted(documents)),
            )
        return Feedback(shown, verdict, created, marked, comment), first

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
            return list(_rows(db))


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
            return (
                list(_rows(db)) if known else []
            )  # a store of an older version has none yet
        finally:
            db.close()
    except apsw.Error as error:
        raise StoreError(f"{type(error).__name__}: {error}") from error


def _rows(db: apsw.Connection) -> Iterator[Feedback]:
    rows: list[tuple[Any, ...]] = db.execute(
        f"SELECT {_COLUMNS} FROM feedback ORDER BY id"  # noqa: S608
    ).fetchall()
    for answer_id, created, verdict, comment, marked, answer in rows:
        try:
            with named("feedback on answer", answer_id):
                place = Marked(**json.loads(marked)) if marked else None
                kept = Feedback(
                    _shown(json.loads(answer)), verdict, created, place, comment
                )
        except Damaged as damage:  # the others are told all the same
            _log.error("%s", damage)
            continue
        yield kept


def _shown(fields: dict[str, Any]) -> Shown:
    citations = tuple(
        Quoted(
            **each
            | {
                "source_spans": tuple(
                    (start, end) for start, end in each["source_spans"]
                )
            }
        )
        for each in fields["citations"]
    )
    listed = tuple(fields.get("listed", ()))
    return Shown(
        **fields
        | {"claims": tuple(fields["claims"]), "citations": citations, "listed": listed}
    )


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
    held = [(a, b) for a, b in sentences(text) if a < end and start < b]
    first, last = min([start, *(a for a, _ in held)]), max([end, *(b for _, b in held)])
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


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
