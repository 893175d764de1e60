"""The answers that were given, kept so that a link to one goes on: ``GET /v1/answers/{id}``.

    store.answers.keep(answer_as_json)
    kept = store.answers.get(answer_id)          Kept(answer, gone=(7,), changed=())

An answer is kept as the JSON that was sent. Nothing of a document outlives it here: within the transaction
that removes a document, ``forget_document`` takes out of every kept answer what came from that document. The
oldest leave when there are too many, or too many bytes.
"""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import apsw

from rag.errors import Damaged, NotFound
from rag.store.checksums import damaged_if_unreadable
from rag.store.connections import Connections
from rag.store.rows import as_json

_log = logging.getLogger(__name__)

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of all answers together; one with five passages takes some 10 KB."""

Json = dict[str, Any]

_ALWAYS: Final = (
    "id",
    "question",
    "asked",
    "status",
    "timings_ms",
    "versions",
    "struck",
)
"""Fields that hold nothing of a document."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given, and what became of the documents that it cited, or showed as nearest.

    ``gone`` were deleted, and their words with them; of ``changed`` a quote no longer stands where it stood.
    """

    answer: Json
    gone: tuple[int, ...]
    changed: tuple[int, ...]


class GivenAnswers:
    """The answers of one store. Methods may be called from any thread."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def keep(self, answer: Json, most: int, most_bytes: int = MAX_BYTES) -> None:
        """Keep an answer, and let the oldest go beyond ``most`` answers or ``most_bytes``.

        What is of a document that was deleted in the meantime is not kept.
        """
        shown = _shown_documents(answer)
        with self._connections.write() as db:
            known = [document_id for document_id in shown if _is_there(db, document_id)]
            gone = _named_documents(answer).difference(known)
            for document_id in set(shown).difference(known):
                answer = without_document(answer, document_id)
            text = as_json(answer)
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            db.execute(
                "INSERT INTO answers (answer_id, created, bytes, gone, answer) VALUES (?, ?, ?, ?, ?)",
                (answer["id"], now, len(text.encode()), as_json(sorted(gone)), text),
            )
            row = db.last_insert_rowid()
            db.executemany(
                "INSERT INTO answer_documents (answer_row, document_id) VALUES (?, ?)",
                ((row, document_id) for document_id in known),
            )
            _let_go(db, most, most_bytes)

    def get(self, answer_id: str) -> Kept:
        """An answer as it was given.

        Raises:
            NotFound: it was never given, or so long ago that it is not kept any more.
            Damaged: it is not as it was written.
        """
        with self._connections.read() as db:
            rows: list[Any] = db.execute(
                "SELECT answer, gone FROM answers WHERE answer_id = ?", (answer_id,)
            ).fetchall()
            if not rows:
                raise NotFound("answer that is still kept", answer_id)
            with damaged_if_unreadable("answer", answer_id):
                answer: Json = json.loads(rows[0][0])
                gone = tuple(json.loads(rows[0][1]))
                changed: set[int] = set()
                for citation in answer["citations"]:
                    if not _stands_there(db, citation):
                        changed.add(citation["document_id"])
        return Kept(answer, gone, tuple(sorted(changed)))


def forget_document(db: apsw.Connection, document_id: int) -> None:
    """Take a document out of every kept answer, within the transaction that removes it.

    An answer that cannot be read goes whole: what it holds of the document cannot be told.
    """
    rows: list[Any] = db.execute(
        "SELECT id, answer_id, gone, answer FROM answers "
        "WHERE id IN (SELECT answer_row FROM answer_documents WHERE document_id = ?)",
        (document_id,),
    ).fetchall()
    for row, answer_id, kept_gone, kept in rows:
        try:
            with damaged_if_unreadable("answer", answer_id):
                gone, left = _without(
                    document_id, json.loads(kept_gone), json.loads(kept)
                )
        except Damaged as damage:
            _log.error("%s", damage)
            db.execute("DELETE FROM answer_documents WHERE answer_row = ?", (row,))
            db.execute("DELETE FROM answers WHERE id = ?", (row,))
            continue
        db.execute(
            "UPDATE answers SET gone = ?, bytes = ?, answer = ? WHERE id = ?",
            (gone, len(left.encode()), left, row),
        )
    db.execute("DELETE FROM answer_documents WHERE document_id = ?", (document_id,))


def _without(document_id: int, gone: list[int], answer: Json) -> tuple[str, str]:
    """The columns ``gone`` and ``answer`` of a kept answer once a document has left it."""
    left_it = set(gone)
    if document_id in _named_documents(answer):
        left_it.add(document_id)
    return as_json(sorted(left_it)), as_json(without_document(answer, document_id))


def without_document(answer: Json, document_id: int) -> Json:
    """An answer without anything that came from a document.

    The claims that rest on it leave with their citations, also where they rest on others too: their words
    may be those of either. So do the short answer, and every field that may hold its words as well.
    """
    lost: set[int] = set()
    citations: list[Json] = []
    for citation in answer["citations"]:
        if citation["document_id"] == document_id:
            lost.add(citation["marker"])
        else:
            copies = _of_others(citation["also_in"], document_id)
            citations.append({**citation, "also_in": copies})
    left: Json = {"citations": citations}
    left["claims"] = [
        each for each in answer["claims"] if not lost.intersection(each["citations"])
    ]
    for name in ("hits", "nearest"):
        left[name] = _of_others(answer[name], document_id)
    maybe = answer.get("maybe")
    if maybe is not None and maybe["document_id"] == document_id:
        left["maybe"] = None
    if not lost:  # it was only listed: what was said came from others
        return {**answer, **left}
    for name in answer.keys() - left.keys() - set(_ALWAYS):
        left[name] = [] if isinstance(answer[name], list) else None
    lines: list[str] = []
    for claim in left["claims"]:
        markers = "".join(f"[{marker}]" for marker in claim["citations"])
        lines.append(claim["text"] + markers)
    return {**answer, **left, "answer": "\n".join(lines)}


def _of_others(entries: Iterable[Json], document_id: int) -> list[Json]:
    """The entries that are not of a document."""
    return [each for each in entries if each["document_id"] != document_id]


def _shown_documents(answer: Json) -> list[int]:
    """The documents that an answer holds words of, or names."""
    shown = _ids((*answer["citations"], *answer["hits"], *answer["nearest"]))
    if answer.get("maybe"):
        shown.add(answer["maybe"]["document_id"])
    for citation in answer["citations"]:
        shown |= _ids(citation["also_in"])
    # A copy may stand in a source that no document was made of.
    return sorted(each for each in shown if each is not None)


def _ids(entries: Iterable[Json]) -> set[int | None]:
    return {each["document_id"] for each in entries}


def _named_documents(answer: Json) -> set[int]:
    """The documents that a reader of an answer sees: those cited, or those nearest to a refusal."""
    return {each["document_id"] for each in (*answer["citations"], *answer["nearest"])}


def _is_there(db: apsw.Connection, document_id: int) -> bool:
    query = "SELECT 1 FROM documents WHERE id = ?"
    return db.execute(query, (document_id,)).fetchone() is not None


def _stands_there(db: apsw.Connection, citation: Json) -> bool:
    """Whether a quote is still what its document has at its place; SQLite counts code points, too."""
    start, length = citation["start"], citation["end"] - citation["start"]
    rows: list[Any] = db.execute(
        "SELECT substr(text, ?, ?) FROM documents WHERE id = ?",
        (start + 1, length, citation["document_id"]),
    ).fetchall()
    return bool(rows) and rows[0][0] == citation["quote"]


def _let_go(db: apsw.Connection, most: int, most_bytes: int) -> None:
    """Delete the oldest answers, as many as are too many."""
    sizes: list[Any] = db.execute(
        "SELECT id, bytes FROM answers ORDER BY id DESC"
    ).fetchall()
    # Newest first: from the first that is too many on, all older ones go.
    total = 0
    for at, (row, size) in enumerate(sizes):
        total += size
        if at >= most or total > most_bytes:
            db.execute("DELETE FROM answer_documents WHERE answer_row <= ?", (row,))
            db.execute("DELETE FROM answers WHERE id <= ?", (row,))
            return
