"""Markdown (CommonMark with tables): what a reader would see, without the marks.

Headings, lists, tables, code and footnotes (put where they are referred to) become blocks with their role;
HTML in between is read as HTML. The title is the front matter's, else the first heading of level one. Of
YAML front matter only plain ``title:``, ``date:`` and ``published:`` lines are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from rag.sources.base import Limits, Reading
from rag.sources.dates import iso_date
from rag.sources.decoding import decode
from rag.sources.html import pieces_of
from rag.sources.pieces import Piece, article_of, begins_question_or_reply, is_open_line
from rag.sources.prose import flow
from rag.sources.tables import Table, TableCell, TableRow

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?P<lines>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M
)
_MAX_BOLD = 60
"""Characters of a bold line that may be a heading."""
_KEY = re.compile(r"[^\s：:，。,.]{1,12}[：:]")


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError if the bytes are not text."""
    text, encoding = decode(data)
    meta, text = _front_matter(text.replace("\r\n", "\n").replace("\r", "\n"))
    parser = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .use(footnote_plugin, inline=False)
    )
    tokens = parser.parse(text)
    published = next(
        (day for key in ("published", "date") if (day := iso_date(meta.get(key)))), None
    )
    pieces = _Walk(_footnotes(tokens)).walk(tokens)
    article = article_of(pieces, meta.get("title") or _first_heading(tokens), published)
    return Reading((article,), encoding)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    pairs = (
        line.partition(":")
        for line in match["lines"].split("\n")
        if not line.startswith((" ", "\t", "#"))
    )
    meta = {
        key.strip().lower(): value.strip().strip("\"'")
        for key, colon, value in pairs
        if colon
    }
    return meta, text[match.end() :]


def _first_heading(tokens: Sequence[Token]) -> str | None:
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h1":
            return _inline(inline)
    return None


@dataclass(slots=True)
class _Walk:
    """Reads the tokens in order.

    ``notes`` are the footnotes by their number, put where they are referred to; ``level`` is that of the last
    heading.
    """

    notes: dict[int, str]
    pieces: list[Piece | Table] = field(default_factory=list)
    level: int = 0
    _lists: list[int | None] = field(
        default_factory=list
    )  # per open list its next number, None for bullets
    _marker: str = ""
    _anchored: list[int] = field(default_factory=list)

    def walk(self, tokens: Sequence[Token]) -> list[Piece | Table]:
        """The pieces of a document, a quotation or a list, however deep."""
        at = 0
        while at < len(tokens):
            at = self._take(tokens, at)
        return self.pieces

    def _take(self, tokens: Sequence[Token], at: int) -> int:
        """Read the token at ``at`` and what belongs to it; returns where the next begins."""
        token = tokens[at]
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            self._lists.append(
                int(token.attrGet("start") or 1)
                if kind == "ordered_list_open"
                else None
            )
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            self._marker = self._next_marker()
        elif kind == "heading_open":
            self.level = int(token.tag[1:])
            self._put(
                Piece(
                    "heading", " ".join(_inline(tokens[at + 1]).split("\n")), self.level
                )
            )
            self._refer(tokens[at + 1])
            return at + 3
        elif kind == "paragraph_open":
            self._paragraph(
                tokens[at + 1], tokens[at + 3] if at + 3 < len(tokens) else None
            )
            return at + 3
        elif kind == "table_open":
            return self._table(tokens, at)
        elif kind in ("fence", "code_block"):
            self._put(Piece("code", token.content.rstrip("\n")))
        elif kind == "html_block":
            return self._html(tokens, at)
        elif kind == "footnote_block_open":
            return _past(tokens, at, "footnote_block_close")
        return at + 1

    def _put(self, piece: Piece) -> None:
        self._marker = ""
        self.pieces.append(piece)

    def _paragraph(self, token: Token, after: Token | None) -> None:
        text = _inline(token)
        depth = len(self._lists)
        # In a list a bold line is the beginning of an item.
        if depth == 0 and _is_bold_line(token, text):
            self._bold_line(text, after)
        elif depth:
            self._put(Piece("list_item", self._marker + text, depth))
        else:
            for part in _questions_apart(text):
                self._put(Piece("paragraph", part))
        self._refer(token)

    def _bold_line(self, text: str, after: Token | None) -> None:
        """A paragraph that is bold throughout: a heading over what follows, a question, or only loud."""
        if text.endswith(("?", "？")):
            self._put(Piece("question", text))
        # Over a table it is the table's title, which the table takes for itself.
        elif after is None or after.type in (
            "heading_open",
            "table_open",
            "footnote_block_open",
            "hr",
        ):
            self._put(Piece("paragraph", text))
        else:
            self._put(Piece("heading", text, self.level + 1))

    def _table(self, tokens: Sequence[Token], at: int) -> int:
        end = _past(tokens, at, "table_close")
        table = Table([])
        for token in tokens[at:end]:
            if token.type == "tr_open":
                table.rows.append(TableRow([]))
            elif token.type in ("th_open", "td_open"):
                table.rows[-1].cells.append(TableCell(""))
                table.rows[-1].head = token.type == "th_open"
            elif token.type == "inline":
                table.rows[-1].cells[-1].text = " ".join(_inline(token).split())
                self._anchored += _references(token)
        # A note between two rows would tear the table.
        table.notes = [
            self.notes[number] for number in self._anchored if number in self.notes
        ]
        self._anchored.clear()
        self.pieces.append(table)
        return end

    def _html(self, tokens: Sequence[Token], at: int) -> int:
        """HTML among the text; what blank lines part is read as one, such as a table's rows."""
        end = at
        while end < len(tokens) and tokens[end].type == "html_block":
            end += 1
        self.pieces += pieces_of("".join(token.content for token in tokens[at:end]))
        return end

    def _refer(self, token: Token) -> None:
        """Put the footnotes of a paragraph after it."""
        for number in _references(token):
            if number in self.notes:
                self.pieces.append(Piece("footnote", self.notes[number]))

    def _next_marker(self) -> str:
        number = self._lists[-1]
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number}. "


def _past(tokens: Sequence[Token], at: int, kind: str) -> int:
    """Where the tokens go on after the next one of this kind."""
    while at < len(tokens) and tokens[at].type != kind:
        at += 1
    return at + 1


def _footnotes(tokens: Sequence[Token]) -> dict[int, str]:
    """What each footnote says, by its number; the parser gathers them at the end."""
    notes: dict[int, list[str]] = {}
    number: int | None = None
    for token in tokens:
        if token.type == "footnote_open":
            number = token.meta["id"]
        elif token.type == "footnote_close":
            number = None
        elif number is not None and token.type in ("inline", "fence", "code_block"):
            text = _inline(token) if token.type == "inline" else token.content
            notes.setdefault(number, []).append(text.strip())
    return {number: "\n".join(texts) for number, texts in notes.items()}


def _references(token: Token) -> list[int]:
    """The numbers of the footnotes that a stretch of text refers to."""
    return [
        child.meta["id"]
        for child in token.children or ()
        if child.type == "footnote_ref"
    ]


def _is_bold_line(token: Token, text: str) -> bool:
    """Whether a paragraph is one short line between two stars: ``**售后服务**``."""
    children = [
        child for child in token.children or () if child.type != "text" or child.content
    ]
    if (
        len(children) < 2
        or children[0].type != "strong_open"
        or children[-1].type != "strong_close"
    ):
        return False
    if sum(child.type == "strong_open" for child in children) > 1:
        return False
    return (
        is_open_line(text, _MAX_BOLD)
        and "\n" not in text
        and not text.endswith(("：", ":"))
    )


def _questions_apart(text: str) -> Iterator[str]:
    """The lines of a paragraph as one, but ``Q：`` and ``A：`` each by itself."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and begins_question_or_reply(line):
            yield "\n".join(lines)
            lines = []
        lines.append(line)
    yield "\n".join(lines)


def _inline(token: Token) -> str:
    pieces: list[str] = []
    children = token.children or []
    for number, child in enumerate(children):
        if child.type in ("text", "code_inline", "image"):
            pieces.append(child.content)
        # A browser shows a line break in the source as a space; many who write Markdown do not know.
        elif child.type == "softbreak":
            pieces.append("\v" if _begins_line(children[number + 1 :]) else "\n")
        elif child.type == "hardbreak" or (
            child.type == "html_inline" and child.content.startswith("<br")
        ):
            pieces.append("\v")
    return "\n".join(line.strip() for line in flow("".join(pieces)).split("\v")).strip()


def _begins_line(children: Sequence[Token]) -> bool:
    """Whether what follows a line break was meant as a line: ``**产地**：云南``, ``A：三天。``."""
    shown = [child for child in children[:3] if child.type != "text" or child.content]
    if shown and shown[0].type == "strong_open":
        return True
    return (
        bool(shown)
        and shown[0].type == "text"
        and _KEY.match(shown[0].content) is not None
    )
