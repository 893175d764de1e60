"""The text of a DOCX paragraph as it prints: tracked changes accepted, what is hidden left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.sources.docx_styles import qn, switch

_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_CHOICE, _FALLBACK = f"{_COMPATIBILITY}Choice", f"{_COMPATIBILITY}Fallback"
_BREAKS = {
    qn("w:tab"): "\t",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
}
_NOTES = {qn("w:footnoteReference"): "footnote", qn("w:endnoteReference"): "endnote"}
_BOX = qn("w:txbxContent")
# Deleted, moved away, properties (whose changes hold old ones), and the reading aid over an ideograph.
_GONE = frozenset((qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), qn("w:rPr"), qn("w:rt")))
_WRAPPERS = frozenset(
    qn(tag)
    for tag in (
        "w:sdt",
        "w:sdtContent",
        "w:ins",
        "w:moveTo",
        "w:customXml",
        "w:smartTag",
    )
) | {f"{_COMPATIBILITY}AlternateContent", _CHOICE, _FALLBACK}
_PRIVATE_USE = range(0xE000, 0xF900)
_SYMBOLS = {
    ("wingdings", 0xFC): "✓",
    ("wingdings", 0xFE): "☑",
    ("wingdings", 0xFD): "☒",
    ("wingdings", 0xA8): "☐",
    ("wingdings", 0x6F): "☐",
    ("wingdings 2", 0x52): "☑",
    ("wingdings 2", 0x54): "☒",
    ("wingdings 2", 0xA3): "☐",
}
"""What forms tick; other symbols of such fonts are ornaments."""


@dataclass(slots=True)
class ParagraphContent:
    """A paragraph: its text, the notes that it anchors as ``(kind, id)``, and its text boxes."""

    text: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)

    def joined(self, other: ParagraphContent) -> ParagraphContent:
        """This paragraph and the next as one, as when the mark between them is deleted."""
        return ParagraphContent(
            self.text + other.text, self.notes + other.notes, self.boxes + other.boxes
        )


def content_of(paragraph: Any) -> ParagraphContent:
    """Read a ``w:p``. Lines within it stand between line feeds, none of them blank."""
    found = ParagraphContent()
    pieces: list[str] = []
    pending = list(reversed(paragraph))
    while pending:
        element = pending.pop()
        tag = element.tag
        if tag in (qn("w:t"), _MATH_TEXT):
            pieces.append(element.text or "")
        elif tag in _BREAKS:
            pieces.append(_BREAKS[tag])
        elif tag == qn("w:sym"):
            pieces.append(_symbol(element))
        elif tag in _NOTES:
            found.notes.append((_NOTES[tag], element.get(qn("w:id"), "")))
        # What is in a box is no part of the sentence that it is anchored in.
        elif tag == _BOX:
            found.boxes.append(element)
        elif tag not in _GONE and not _is_hidden(element):
            pending.extend(reversed(_shown(element)))
    found.text = "".join(pieces).replace("\xa0", " ")
    return found


def tidy(text: str) -> str:
    """The lines of a text that hold anything, without the white space at their ends."""
    lines = [line.rstrip() for line in text.split("\n")]
    return "\n".join(line for line in lines if line.strip()).strip()


def blocks(container: Any, depth: int = 0) -> Iterator[Any]:
    """The paragraphs and tables in a body, a cell or a note, those in content controls among them."""
    for element in _shown(container):
        if element.tag in _WRAPPERS and depth < 50:
            yield from blocks(element, depth + 1)
        elif element.tag in (qn("w:p"), qn("w:tbl")):
            yield element


def children(container: Any, tag: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, those in content controls among them."""
    pending = list(reversed(_shown(container)))
    while pending:
        element = pending.pop()
        if element.tag == qn(tag):
            yield element
        elif element.tag in _WRAPPERS:
            pending.extend(reversed(_shown(element)))


def is_mark_deleted(paragraph: Any) -> bool:
    """Whether the end of the paragraph is deleted: it goes on in the next one."""
    properties = paragraph.find(qn("w:pPr"))
    marks = properties.find(qn("w:rPr")) if properties is not None else None
    return marks is not None and any(
        marks.find(qn(tag)) is not None for tag in ("w:del", "w:moveFrom")
    )


def bold_size(paragraph: Any, by_style: bool) -> int | None:
    """The size of a paragraph that is bold throughout, in half points, 0 for its style's; None if it is not.

    Args:
        by_style: whether its style prints it bold where its runs do not say.
    """
    size: int | None = None
    for run in paragraph.iter(qn("w:r")):
        text = "".join(element.text or "" for element in run.iterchildren(qn("w:t")))
        if not text.strip():
            continue
        properties = run.find(qn("w:rPr"))
        # A run may take back what the style says.
        bold = switch(properties, "w:b")
        if not (by_style if bold is None else bold):
            return None
        given = properties.find(qn("w:sz")) if properties is not None else None
        value = given.get(qn("w:val"), "") if given is not None else ""
        size = max(size or 0, int(value) if value.isdecimal() else 0)
    return size


def _shown(element: Any) -> list[Any]:
    """An element's children; of two forms of the same (DrawingML, VML) the newer."""
    for child in element.iterchildren(_CHOICE):
        return [child]
    return list(element)


def _is_hidden(element: Any) -> bool:
    if element.tag != qn("w:r"):
        return False
    return switch(element.find(qn("w:rPr")), "w:vanish") is True


def _symbol(element: Any) -> str:
    """``w:sym`` names a place in a font: ``F0FE`` of Wingdings is a ticked box."""
    try:
        code = int(element.get(qn("w:char"), ""), 16)
    except ValueError:
        return ""
    if code in _PRIVATE_USE or code < 0x100:
        return _SYMBOLS.get((element.get(qn("w:font"), "").lower(), code & 0xFF), "")
    return chr(code) if code <= 0x10FFFF else ""
