"""Pages that are pictures: which they are, and what OCR makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import pypdfium2 as pdfium

from rag.records import WarningKind
from rag.sources import ocr
from rag.sources.pdf.characters import Glyph
from rag.sources.pdf.clock import Clock
from rag.sources.pdf.drawings import Drawings
from rag.sources.pdf.sheets import Sheet

_FEW = 25
"""Characters: a stamp or a page number on a scan is no text layer."""
_COVERED = 0.5
"""Of the page, the share under the picture of a scan."""
_UNREADABLE = 0.4
"""Of the characters, the share that stands for nothing: the font has no map to Unicode."""
_PIXELS_PER_POINT = 200 / 72
_MAX_SIDE = 4_000
"""Pixels: a poster is read smaller."""


def needs_ocr(glyphs: dict[int, list[Glyph]], drawings: Drawings) -> str | None:
    """Why the page must be read off its picture; None if its text will do, or if it is blank."""
    every = list(chain.from_iterable(glyphs.values()))
    if not every:
        return "scanned" if drawings.any else None
    if len(every) < _FEW and drawings.covered > _COVERED:
        return "scanned"
    unknown = sum(_means_nothing(glyph.character) for glyph in every)
    return (
        "without a map from its font to characters"
        if unknown > _UNREADABLE * len(every)
        else None
    )


def _means_nothing(character: str) -> bool:
    return character == "\ufffd" or "\ue000" <= character <= "\uf8ff"


class Scanned:
    """Reads pages off their pictures, and remembers those that it could not read."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._without_engine: dict[str, list[int]] = {}
        self._too_late: list[int] = []
        self._empty: list[int] = []

    def read(self, page: pdfium.PdfPage, number: int, reason: str) -> Sheet | None:
        """The page as OCR reads it, in points; None if it cannot be read now."""
        if not ocr.is_installed():
            self._without_engine.setdefault(reason, []).append(number)
            return None
        if self._clock.is_late():
            self._too_late.append(number)
            return None
        width, height = page.get_size()
        scale = min(_PIXELS_PER_POINT, _MAX_SIDE / max(width, height, 1))
        picture = page.render(scale=scale).to_pil()
        sheet = ocr.sheet_of(picture, number, points_per_pixel=1 / scale)
        if not sheet.pieces:
            self._empty.append(number)
            return None
        return sheet

    def warnings(self) -> list[tuple[WarningKind, str]]:
        """One sentence for each kind of page that was left out."""
        found: list[tuple[WarningKind, str]] = []
        for reason, pages in self._without_engine.items():
            found.append(
                (
                    "scanned",
                    f"{_named(pages)} {reason} and not read: {ocr.HOW_TO_INSTALL}",
                )
            )
        if self._too_late:
            why = f"{self._clock.seconds:g} s are allowed for a file; split it"
            found.append(
                ("limit", f"{_named(self._too_late)} scanned and not read: {why}")
            )
        if self._empty:
            found.append(
                (
                    "left_out",
                    f"{_named(self._empty)} a picture in which no text was found",
                )
            )
        return found


def _named(pages: Iterable[int]) -> str:
    """``page 3 is``, ``pages 1-4 and 7 are``."""
    ranges: list[list[int]] = []
    for page in pages:
        if ranges and page == ranges[-1][1] + 1:
            ranges[-1][1] = page
        else:
            ranges.append([page, page])
    named = [f"{low}" if low == high else f"{low}-{high}" for low, high in ranges]
    if len(named) == 1 and "-" not in named[0]:
        return f"page {named[0]} is"
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return f"pages {listed} are"
