"""A page of a PDF as a picture, and the boxes of the words that are quoted from it.

Both are tasks of the sandbox. Boxes are ``(left, top, right, bottom)`` in shares of the page as it is shown.
"""

from __future__ import annotations

import base64
import ctypes
import io
from collections.abc import Callable, Iterable
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from rag.sources.base import Limits, ReadingError
from rag.sources.pdf.reader import open_document

Box = tuple[float, float, float, float]

_PIXELS_PER_POINT = 2.0
_MAX_SIDE = 2_400
"""Pixels: a poster is drawn smaller. A4 comes out at 1190 by 1684."""
_GRID = 1_000_000
"""Steps of a page's side in which PDFium, which only knows whole ones, tells where a character stands."""
_SHORTEST = 4
"""Characters of a quote's part that is looked for alone: fewer would be found anywhere."""


_BROKEN = 8
"""Characters of a quote that a page must have when it has not all of it."""


def draw(data: bytes, _limits: Limits, asked: dict[str, Any]) -> dict[str, Any]:
    """``{"page": n}`` to ``{"png": base64}``. Raises ReadingError."""
    document = open_document(data)
    try:
        page = _page(document, asked["page"])
        scale = min(_PIXELS_PER_POINT, _MAX_SIDE / max(*page.get_size(), 1))
        drawn = io.BytesIO()
        page.render(scale=scale).to_pil().save(drawn, "PNG")
        return {"png": base64.b64encode(drawn.getvalue()).decode("ascii")}
    finally:
        document.close()


def find(data: bytes, _limits: Limits, asked: dict[str, Any]) -> dict[str, Any]:
    """``{"page": n, "quoted": [text, …]}`` to ``{"pages": how many, "boxes": […]}``. Raises ReadingError."""
    document = open_document(data)
    try:
        page = _page(document, asked["page"])
        boxes = _boxes(page, asked["quoted"]) if asked["quoted"] else []
        return {"pages": len(document), "boxes": boxes}
    finally:
        document.close()


def _page(document: pdfium.PdfDocument, number: int) -> pdfium.PdfPage:
    if not 1 <= number <= len(document):
        raise ReadingError(f"it has no page {number}, only {len(document)}")
    return document[number - 1]


def _boxes(page: pdfium.PdfPage, quoted: list[str]) -> list[Box]:
    """One box a line of what is quoted, where the page draws it in one run."""
    text = page.get_textpage()
    try:
        characters, indexes = _characters(text.raw)
        boxes: list[Box] = []
        for quote in quoted:
            for start, end in _found(characters, quote):
                boxes += _lines(
                    _box(page, text.raw, index) for index in indexes[start:end]
                )
        return boxes
    finally:
        text.close()


def _characters(text: ctypes.c_void_p) -> tuple[str, list[int]]:
    """What the page draws, white space aside, and the index of each of its characters."""
    characters, indexes = [], []
    for index in range(raw.FPDFText_CountChars(text)):
        character = chr(raw.FPDFText_GetUnicode(text, index))
        if not character.isspace() and character.isprintable():
            characters.append(character)
            indexes.append(index)
    return "".join(characters), indexes


def _found(characters: str, quote: str) -> list[tuple[int, int]]:
    """Where the quote is drawn: whole, else line by line, else cell by cell."""
    row = quote.replace(" | ", " ")  # the bars between cells are ours
    for parts in ([row], row.splitlines(), quote.replace("\n", " | ").split(" | ")):
        spans = []
        for part in parts:
            wanted = "".join(part.split())
            at = (
                characters.find(wanted)
                if len(wanted) >= min(_SHORTEST, len(quote))
                else -1
            )
            if at >= 0:
                spans.append((at, at + len(wanted)))
        if spans:
            return spans
    return _begun_or_ended(characters, "".join(row.split()))


def _begun_or_ended(characters: str, wanted: str) -> list[tuple[int, int]]:
    """The longest beginning or end of a quote that the page has: it goes on overleaf, or came from there."""
    begun = _longest(len(wanted), lambda length: wanted[:length] in characters)
    ended = _longest(
        len(wanted), lambda length: wanted[len(wanted) - length :] in characters
    )
    length = max(begun, ended)
    if length < _BROKEN:
        return []
    part = wanted[:length] if begun >= ended else wanted[len(wanted) - length :]
    at = characters.find(part)
    return [(at, at + length)]


def _longest(most: int, holds: Callable[[int], bool]) -> int:
    """The greatest length for which something holds that holds for all that are shorter."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _lines(boxes: Iterable[Box]) -> list[Box]:
    """Boxes of characters in order, those of a line as one."""
    lines: list[Box] = []
    for box in boxes:
        if lines and _go_on(lines[-1], box):
            left, top, right, bottom = lines[-1]
            lines[-1] = (
                min(left, box[0]),
                min(top, box[1]),
                max(right, box[2]),
                max(bottom, box[3]),
            )
        else:
            lines.append(box)
    return lines


def _go_on(line: Box, box: Box) -> bool:
    """Whether a character stands in a line: its middle is at the line's height, and it is not far off."""
    middle, height = (box[1] + box[3]) / 2, line[3] - line[1]
    return (
        line[1] <= middle <= line[3]
        and line[0] - height <= box[0] <= line[2] + 3 * height
    )


def _box(page: pdfium.PdfPage, text: ctypes.c_void_p, index: int) -> Box:
    rectangle = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, index, ctypes.byref(rectangle))
    one = _shown_at(page, rectangle.left, rectangle.top)
    other = _shown_at(page, rectangle.right, rectangle.bottom)
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[0], other[0]),
        max(one[1], other[1]),
    )


def _shown_at(page: pdfium.PdfPage, x: float, y: float) -> tuple[float, float]:
    """A point of the page's own space as it is shown, turned and cropped."""
    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(
        page.raw, 0, 0, _GRID, _GRID, 0, x, y, ctypes.byref(across), ctypes.byref(down)
    )
    return across.value / _GRID, down.value / _GRID
