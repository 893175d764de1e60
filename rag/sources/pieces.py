"""What a format declares, piece by piece, to an article: captions find their tables, questions their role.

pieces = [Piece("heading", "营收", 1), Piece("paragraph", "单位：万元"), Table(…)]
article_of(pieces).blocks    # heading, caption (of table 1), table_head, table_row, …
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.records import Role
from rag.sources.base import Article, ArticleBuilder
from rag.sources.table_cells import is_note
from rag.sources.tables import Table, write_table
from rag.text.widths import width_of

_NUMBER = r"[\dA-Z一二三四五六七八九十IVX]"
_CAPTION = re.compile(
    rf"(?:(?:附|续)?表|图)\s*{_NUMBER}|(?:Table|Tab\.|Figure|Fig\.)\s*{_NUMBER}|[（(]?\s*(?:计量)?单位\s*[:：]"
    r"|[（(]?\s*(?:in|unit:|units:)\s+(?:millions|thousands|RMB|USD)",
    re.IGNORECASE,
)
_MAX_CAPTION = 100
_MAX_TITLE = 80
"""Cells (a Chinese character is two wide) of an unmarked line over a table that may be the table's title."""
_SENTENCE_ENDS = ("。", "！", "？", "；", ".", "!", "?", ";")
_MAX_ABBREVIATED = 60
_MOST_ABOVE = 2
"""Lines over a table that may belong to it: its title and its unit."""

_ASKS = re.compile(r"(?:问|提问|Q|Question)\s*\d{0,3}\s*[：:．.、]\s*\S", re.IGNORECASE)
_REPLIES = re.compile(
    r"(?:答|回答|A|Answer)\s*\d{0,3}\s*[：:．.、]\s*\S", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A block to be: its role, its text, and what ``rag.records.Block`` says of it.

    ``bold`` is the size of its letters where all of them are bold: it may be a heading that says so by its
    looks only.
    """

    role: Role
    text: str
    level: int = 0
    label: str | None = None
    bold: int | None = None


def article_of(
    pieces: Iterable[Piece | Table],
    title: str | None = None,
    published: str | None = None,
) -> Article:
    """The article that the pieces make, in their order.

    A line over a table that names it (``表2 ……``, ``单位：万元``, a short one without a full stop) becomes a
    caption of it, one below it (``注：……``) its note. ``Q：`` and ``问：`` followed by ``A：`` or ``答：`` is
    a question.
    """
    given = [
        piece for piece in pieces if isinstance(piece, Table) or piece.text.strip()
    ]
    taken = _gather(given)
    builder = ArticleBuilder()
    number = 0
    for at, piece in enumerate(given):
        if isinstance(piece, Table):
            number += 1
            write_table(builder, piece, number)
        elif at not in taken:
            following = given[at + 1] if at + 1 < len(given) else None
            one = _as_question(piece, following)
            builder.add(one.role, one.text, level=one.level, label=one.label)
    return builder.article(title, published)


def begins_question_or_reply(line: str) -> bool:
    """Whether a line begins with ``Q：``, ``答：`` or the like."""
    return bool(_ASKS.match(line) or _REPLIES.match(line))


def is_open_line(text: str, longest: int) -> bool:
    """Whether a text is short and does not end as a sentence does, as headings don't.

    ``3.1 Foo Inc.`` ends in a point and may be one; a line of more than 60 characters that does is a clause.
    """
    if not 0 < len(text) <= longest or text.endswith(("。", "；", ";", "！", "!")):
        return False
    return not (text.endswith(".") and len(text) > _MAX_ABBREVIATED)


def _gather(pieces: Sequence[Piece | Table]) -> set[int]:
    """Hand the lines around each table to it; returns where they stood."""
    taken: set[int] = set()
    for at, table in enumerate(pieces):
        if not isinstance(table, Table):
            continue
        # Upwards from the table, as long as the lines speak of it; each line goes to one table.
        first = at
        while first > 0 and at - first < _MOST_ABOVE and first - 1 not in taken:
            if not (_is_caption(pieces[first - 1]) or _is_title(pieces, first - 1)):
                break
            first -= 1
        table.captions = [*_texts(pieces[first:at]), *table.captions]
        taken.update(range(first, at))
        after = at + 1
        while after < len(pieces) and _is_note(pieces[after]):
            after += 1
        table.notes += _texts(pieces[at + 1 : after])
        taken.update(range(at + 1, after))
    return taken


def _texts(pieces: Iterable[Piece | Table]) -> list[str]:
    return [piece.text for piece in pieces if isinstance(piece, Piece)]


def _is_caption(piece: Piece | Table) -> bool:
    if isinstance(piece, Table):
        return False
    named = (
        piece.role == "paragraph"
        and len(piece.text) <= _MAX_CAPTION
        and _CAPTION.match(piece.text)
    )
    return piece.role == "caption" or bool(named)


def _is_title(pieces: Sequence[Piece | Table], at: int) -> bool:
    """Whether an unmarked line is the title of the table below it; the first line is the document's."""
    piece = pieces[at]
    if (
        at == 0
        or isinstance(piece, Table)
        or piece.role != "paragraph"
        or piece.label is not None
    ):
        return False
    # 部门联系方式, without a full stop: nothing but a title stands so over a table.
    return width_of(piece.text) <= _MAX_TITLE and not piece.text.endswith(
        _SENTENCE_ENDS
    )


def _is_note(piece: Piece | Table) -> bool:
    if isinstance(piece, Table) or piece.role not in ("paragraph", "footnote"):
        return False
    return is_note(piece.text)


def _as_question(piece: Piece, following: Piece | Table | None) -> Piece:
    """``Q：保修多久？`` before ``A：一年。`` asks; without a reply after it, it is a line like others."""
    # Without the reply a line "Q. 3" may be anything.
    replied = isinstance(following, Piece) and _REPLIES.match(following.text)
    if piece.role == "paragraph" and replied and _ASKS.match(piece.text):
        return replace(piece, role="question")
    return piece
