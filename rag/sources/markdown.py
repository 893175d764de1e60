"""Markdown (CommonMark with tables): what a reader would see, without the marks.

The title is the front matter's, else the first heading of level one. Of YAML front matter only plain
``title:``, ``date:`` and ``published:`` lines are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.sources.base import Article, Limits, Reading
from rag.sources.dates import iso_date
from rag.sources.decoding import decode
from rag.sources.html import to_text
from rag.sources.prose import flow, paragraphs

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<lines>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError if the bytes are not text."""
    text, encoding = decode(data)
    meta, text = _front_matter(text.replace("\r\n", "\n").replace("\r", "\n"))
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    published = next((day for key in ("published", "date") if (day := iso_date(meta.get(key)))), None)
    article = Article(paragraphs(_blocks(tokens)), meta.get("title") or _first_heading(tokens), published)
    return Reading((article,), encoding)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    pairs = (
        line.partition(":") for line in match["lines"].split("\n") if not line.startswith((" ", "\t", "#"))
    )
    meta = {key.strip().lower(): value.strip().strip("\"'") for key, colon, value in pairs if colon}
    return meta, text[match.end() :]


def _first_heading(tokens: Sequence[Token]) -> str | None:
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h1":
            return _inline(inline)
    return None


def _blocks(tokens: Sequence[Token]) -> Iterator[str]:
    """Paragraphs, headings and code as blocks of their own; a tight list or a table as one block."""
    lists: list[int | None] = []
    lines: list[str] = []  # of the list or table that is open
    cells: list[str] = []
    marker = ""
    for token in tokens:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrGet("start") or 1) if kind == "ordered_list_open" else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif kind == "list_item_open":
            number = lists[-1]
            marker = "  " * (len(lists) - 1) + ("- " if number is None else f"{number}. ")
            lists[-1] = None if number is None else number + 1
        elif kind == "tr_open":
            cells = []
        elif kind in ("th_open", "td_open"):
            cells.append("")
        elif kind == "inline" and cells:
            cells[-1] = _inline(token)
        elif kind == "tr_close":
            lines.append(" | ".join(cells))
            cells = []
        elif kind in ("inline", "fence", "code_block", "html_block"):
            text, marker = marker + _text(token), ""
            if lists:
                lines.append(text)
            else:
                yield text
        if lines and not lists and kind in ("bullet_list_close", "ordered_list_close", "table_close"):
            yield "\n".join(lines)
            lines = []


def _text(token: Token) -> str:
    if token.type == "inline":
        return _inline(token)
    return to_text(token.content) if token.type == "html_block" else token.content


def _inline(token: Token) -> str:
    pieces = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            pieces.append(child.content)
        elif child.type == "softbreak":
            pieces.append("\n")
        elif child.type == "hardbreak" or (child.type == "html_inline" and child.content.startswith("<br")):
            pieces.append("\v")
        elif child.type == "image":
            pieces.append(child.content)
    return "\n".join(line.strip() for line in flow("".join(pieces)).split("\v"))
