"""The characters of a page as PDFium finds them, parted by the direction in which they run."""

from __future__ import annotations

import ctypes
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
from pypdfium2 import raw

from rag.sources.pdf.frames import Frame
from rag.sources.pdf.sheets import Box

SLANTED = -1
"""The direction of characters that run askew, as those of a watermark do."""

_SLANT = math.radians(8)
_LINE_END_HYPHEN = 2
"""PDFium gives a hyphen that ends a line this code."""
_SYMBOL_BULLETS = range(0xF06C, 0xF0FF)
"""Where word processors put the bullets of Symbol and Wingdings; as text they mean nothing else."""
_BOLD_WEIGHT = 600
_BOLD_NAMES = ("bold", "black", "heavy", "simhei", "heiti", "黑体")
_FILLED_AND_STROKED = 2
_INVISIBLE = 3
_NAME_BYTES = 128


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character, its box in the frame of its direction, its size in points.

    ``spaced``: white space stands before it. ``hidden``: it is drawn invisibly, as text under a scan is.
    """

    character: str
    box: Box
    size: float
    bold: bool
    hidden: bool
    spaced: bool


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    bold: bool
    hidden: bool


def glyphs_of(page: pdfium.PdfPage) -> dict[int, list[Glyph]]:
    """The page's glyphs as they were drawn, by direction.

    Directions are quarter turns clockwise, 0 being upright, or ``SLANTED``. What lies outside the
    visible page is left out.
    """
    frame_of = {turns: Frame.of(page, turns) for turns in range(4)}
    found: dict[int, list[Glyph]] = defaultdict(list)
    text = page.get_textpage()
    try:
        for index, character, spaced in _visible(text.raw):
            direction = _direction(text.raw, index)
            frame = frame_of[max(direction, 0)]
            box = _box(text.raw, index, frame)
            if box is None or not frame.whole.holds(box):
                continue
            style = _style(text.raw, index)
            found[direction].append(
                Glyph(character, box, style.size, style.bold, style.hidden, spaced)
            )
    finally:
        text.close()
    return found


def _visible(text: ctypes.c_void_p) -> Iterator[tuple[int, str, bool]]:
    """``(index, character, spaced)`` of all that is no white space."""
    spaced = False
    for index in range(raw.FPDFText_CountChars(text)):
        # White space, whether drawn or made up by PDFium, is only noted: where words part is told by both
        # it and the gap, since some programs draw spaces of no width and others none at all.
        code = raw.FPDFText_GetUnicode(text, index)
        if code == _LINE_END_HYPHEN:
            code = ord("-")
        elif code in _SYMBOL_BULLETS:
            code = ord("•")
        character = chr(code)
        if character.isspace():
            spaced = True
        elif code >= 32:
            yield index, character, spaced
            spaced = False


def _direction(text: ctypes.c_void_p, index: int) -> int:
    angle = raw.FPDFText_GetCharAngle(text, index)
    if angle == 0:  # nearly all: worth asking first, at 2 µs a character
        return 0
    turns = round(angle / (math.pi / 2))
    return turns % 4 if abs(angle - turns * math.pi / 2) < _SLANT else SLANTED


def _box(text: ctypes.c_void_p, index: int, frame: Frame) -> Box | None:
    rectangle = raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(text, index, ctypes.byref(rectangle)):
        return None
    return frame.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)


def _style(text: ctypes.c_void_p, index: int) -> _Style:
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, index, ctypes.byref(matrix))
    # A font of size 1 scaled twelvefold by its matrix is 12 points, and many programs write it so.
    size = raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
    drawn_by = raw.FPDFText_GetTextObject(text, index)
    mode = raw.FPDFTextObj_GetTextRenderMode(drawn_by) if drawn_by else 0
    bold = mode == _FILLED_AND_STROKED or _is_bold(text, index)
    return _Style(size, bold, mode == _INVISIBLE)


def _is_bold(text: ctypes.c_void_p, index: int) -> bool:
    if raw.FPDFText_GetFontWeight(text, index) >= _BOLD_WEIGHT:
        return True
    name = ctypes.create_string_buffer(_NAME_BYTES)
    raw.FPDFText_GetFontInfo(text, index, name, _NAME_BYTES, None)
    lowered = name.value.decode("utf-8", "replace").lower()
    return any(word in lowered for word in _BOLD_NAMES)
