"""DOCX: headings, lists with the numbers that Word prints, tables, notes at their anchor, heads and feet.

Tracked changes are read as accepted; comments and hidden text are left out, a table of contents is no text to
search. The archive is measured before it is unpacked: a few kilobytes of it can unfold to gigabytes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import docx
from docx.oxml.parser import parse_xml
from lxml import etree

from rag.sources import archive
from rag.sources.base import Limits, Reading, ReadingError
from rag.sources.docx_body import Body, Parts
from rag.sources.docx_styles import qn
from rag.sources.docx_text import blocks, children, content_of, tidy
from rag.sources.pieces import Piece, article_of, is_open_line
from rag.sources.tables import Table

_LEAST_SECTIONS = 2
"""Bold lines over text that there must be, the document's title aside, before they are read as headings."""
_MAX_BOLD = 60
_KEY = re.compile(r"[^：:]{1,12}[：:]\s*\S")
_FOLIO = re.compile(r"(?:[\d\s./／\-—–－|·]|[第共页頁]|page|of|pages)*", re.IGNORECASE)
"""A head or foot that is nothing but a page number."""


_FAULTS = (
    KeyError,
    ValueError,
    BadZipFile,
    zlib.error,
    etree.XMLSyntaxError,
    # python-docx meets a part that is another.
    AttributeError,
    TypeError,
    AssertionError,
)


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError for a file that is encrypted, damaged or no DOCX, TooLargeError for a zip bomb."""
    archive.opened(data, "a DOCX", old_kind=".doc")
    try:
        document = docx.Document(BytesIO(data))
        parts = _parts_of(document.part)
    except _FAULTS as error:
        why = f"it is not a DOCX or is damaged ({type(error).__name__})"
        raise ReadingError(why) from None
    for root in parts.roots():
        if root.getroottree().docinfo.internalDTD is not None:
            raise ReadingError(
                "it declares entities of its own, which no word processor does"
            )
    body = Body(parts)
    pieces = _with_bold_headings(body.pieces_in(parts.body))
    pieces = _below_title(_with_furniture(pieces, _heads_and_feet(parts)))
    title = body.title or body.first_heading or document.core_properties.title
    return Reading((article_of(pieces, title),), "binary")


def _parts_of(main: Any) -> Parts:
    """Parse the parts that the main one relates to.

    Raises:
        XMLSyntaxError: one of them is not well-formed.
    """
    parts = Parts(main.element.body)
    related: dict[str, Any] = {}
    for key, relation in main.rels.items():
        kind = relation.reltype.rpartition("/")[2]
        if relation.is_external:
            continue
        if kind in ("header", "footer"):
            related[key] = relation.target_part
        elif kind in ("footnotes", "endnotes"):
            parts.notes[kind.removesuffix("s")] = _root(relation.target_part)
        elif kind == "styles":
            parts.styles = _root(relation.target_part)
        elif kind == "numbering":
            parts.numbering = _root(relation.target_part)
    # Those that no section refers to are leftovers, which Word keeps and never prints.
    references = parts.body.iter(qn("w:headerReference"), qn("w:footerReference"))
    for key in dict.fromkeys(reference.get(qn("r:id")) for reference in references):
        if key in related:
            parts.furniture.append(_root(related[key]))
    return parts


def _root(part: Any) -> Any:
    """The tree of a part; python-docx parses some kinds itself."""
    element = getattr(part, "element", None)
    return element if element is not None else parse_xml(part.blob)


# headings


def _below_title(pieces: Sequence[Piece | Table]) -> list[Piece | Table]:
    """Headings one level deeper where there is a title: it is level 1, and 0 until here."""
    headings = [at for at, piece in enumerate(pieces) if _is_heading(piece)]
    found = list(pieces)
    if all(_level_of(pieces[at]) > 0 for at in headings):
        return found
    for at in headings:
        piece = found[at]
        if isinstance(piece, Piece):
            found[at] = replace(piece, level=piece.level + 1)
    return found


def _is_heading(piece: Piece | Table) -> bool:
    return isinstance(piece, Piece) and piece.role == "heading"


def _level_of(piece: Piece | Table) -> int:
    return piece.level if isinstance(piece, Piece) else 0


def _with_bold_headings(pieces: Sequence[Piece | Table]) -> list[Piece | Table]:
    """Short bold lines that stand over text are headings in a document that has no others.

    The larger the letters, the higher the heading: with lines of 18, 14 and 14 points, 18 is level 1 and
    14 is level 2. A document with one bold line only, its title, has none.
    """
    found = list(pieces)
    lines: dict[int, Piece] = {}
    for at, candidate in enumerate(found):
        if isinstance(candidate, Piece) and _is_bold_line(candidate):
            lines[at] = candidate
    # The first line is the title, and a line at the end stands over nothing.
    over_text = [at for at in lines if 0 < at < len(found) - 1 and at + 1 not in lines]
    if any(map(_is_heading, found)) or len(over_text) < _LEAST_SECTIONS:
        return found
    sizes = sorted({piece.bold or 0 for piece in lines.values()}, reverse=True)
    for at, piece in lines.items():
        found[at] = Piece("heading", piece.text, sizes.index(piece.bold or 0) + 1)
    return found


def _is_bold_line(piece: Piece) -> bool:
    if piece.bold is None or piece.role not in ("paragraph", "list_item"):
        return False
    if "\n" in piece.text:
        return False
    # ``电话：8801`` in bold is something to note, ``甲方：`` a label.
    is_said = piece.text.endswith(("：", ":", "，", ",")) or _KEY.match(piece.text)
    return is_open_line(piece.text, _MAX_BOLD) and not is_said


# heads and feet


def _heads_and_feet(parts: Parts) -> list[str]:
    """What stands over and under the pages, each once, lines that are only page numbers left out."""
    texts: list[str] = []
    for root in parts.furniture:
        text = "\n".join(line for line in _lines(root) if not _FOLIO.fullmatch(line))
        # The first page's, the even pages' and each section's often say the same.
        if text and text not in texts:
            texts.append(text)
    return texts


def _lines(root: Any) -> Iterator[str]:
    for block in blocks(root):
        if block.tag == qn("w:p"):
            yield from tidy(content_of(block).text).split("\n")
            for box in content_of(block).boxes:
                yield from _lines(box)
        else:
            for row in children(block, "w:tr"):
                yield " ".join(
                    tidy(content_of(p).text) for p in row.iter(qn("w:p"))
                ).strip()


def _with_furniture(
    pieces: Sequence[Piece | Table], texts: Sequence[str]
) -> list[Piece | Table]:
    """The heads and feet where they belong to no section: after what stands before the second heading.

    People ask for a document's number or version, which often stands nowhere else. What the body says, too,
    is not said again.
    """
    known = {piece.text for piece in pieces if isinstance(piece, Piece)}
    furniture = [Piece("footnote", text) for text in texts if text not in known]
    place = len(pieces)
    # At the very end they would be read as a part of the last section.
    for at, piece in enumerate(pieces):
        if at > 0 and _is_heading(piece):
            place = at
            break
    return [*pieces[:place], *furniture, *pieces[place:]]
