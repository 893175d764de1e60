"""DOCX: paragraphs, lists and tables in order, tracked insertions in and deletions out.

Headers, footers, footnotes and comments are not read. The archive is measured before it is unpacked: a few
kilobytes of it can unfold to gigabytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import docx
from docx.oxml.ns import qn
from lxml import etree

from rag.sources import archive
from rag.sources.base import Article, Limits, Reading, ReadingError
from rag.sources.prose import paragraphs

_TEXT = {
    qn("w:tab"): "\t",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
}
_GONE = frozenset(
    (qn("w:del"), qn("w:moveFrom"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")
)


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError for a file that is encrypted, damaged or no DOCX, TooLargeError for a zip bomb."""
    archive.opened(data, "a DOCX", old_kind=".doc")
    try:
        document = docx.Document(BytesIO(data))
    except (KeyError, ValueError, BadZipFile, zlib.error, etree.XMLSyntaxError) as error:
        raise ReadingError(f"it is not a DOCX or is damaged ({type(error).__name__})") from None
    if document.element.getroottree().docinfo.internalDTD is not None:
        raise ReadingError("it declares entities of its own, which no word processor does")
    body = document.element.body
    styles = {style.style_id: style.name for style in document.styles}
    title = _titled(body, styles) or document.core_properties.title
    return Reading((Article(paragraphs(_blocks(body, styles)), title),), "binary")


def _titled(body: Any, styles: dict[str, str]) -> str | None:
    """The first paragraph in the style Title, else in Heading 1."""
    found: dict[str, str] = {}
    for paragraph in body.iter(qn("w:p")):
        style = styles.get(paragraph.style or "", "").lower()
        if style in ("title", "heading 1") and style not in found and (text := _text(paragraph).strip()):
            found[style] = text
    return found.get("title") or found.get("heading 1")


def _blocks(body: Any, styles: dict[str, str]) -> Iterator[str]:
    items: list[str] = []
    for block in body.iterchildren():
        if block.tag == qn("w:p") and _is_item(block, styles):
            items.append(f"- {_text(block).strip()}")
            continue
        if items:
            yield "\n".join(items)
            items = []
        if block.tag == qn("w:p"):
            yield _text(block)
        elif block.tag == qn("w:tbl"):
            yield _table(block)
        elif block.tag == qn("w:sdt"):  # a content control around blocks, such as a table of contents
            yield from (
                found
                for content in block.iterchildren(qn("w:sdtContent"))
                for found in _blocks(content, styles)
            )
    if items:
        yield "\n".join(items)


def _is_item(paragraph: Any, styles: dict[str, str]) -> bool:
    style = styles.get(paragraph.style or "", "").lower()
    if style.startswith("heading"):  # numbered headings are headings
        return False
    return style.startswith("list") or paragraph.find(f".//{qn('w:numPr')}") is not None


def _table(table: Any) -> str:
    rows = []
    for row in table.iterchildren(qn("w:tr")):
        cells = [
            " ".join(text for p in cell.iter(qn("w:p")) if (text := _text(p).strip()))
            for cell in row.iter(qn("w:tc"))
        ]
        rows.append(" | ".join(cells))
    return "\n".join(rows)


def _text(paragraph: Any) -> str:
    pieces: list[str] = []
    pending = [paragraph]
    while pending:
        element = pending.pop()
        if element.tag == qn("w:t"):
            pieces.append(element.text or "")
        elif element.tag in _TEXT:
            pieces.append(_TEXT[element.tag])
        elif element.tag not in _GONE and (element is paragraph or element.tag != qn("w:pPr")):
            pending.extend(reversed(element))
    return "".join(pieces).replace("\xa0", " ")
