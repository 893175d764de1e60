"""A page's coordinates turned so that a text of any direction runs from left to right, and downwards."""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2 as pdfium

from rag.sources.pdf.sheets import Box


@dataclass(frozen=True, slots=True)
class Frame:
    """The visible page, in a PDF's own coordinates (y upwards), seen after ``turns`` quarter turns clockwise.

    A text that runs upwards, as the heads of a table on its side do, has made three.
    """

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    @classmethod
    def of(cls, page: pdfium.PdfPage, turns: int) -> Frame:
        """The frame of the page's crop box."""
        left, bottom, right, top = page.get_cropbox()
        return cls(
            min(left, right),
            min(bottom, top),
            max(left, right),
            max(bottom, top),
            turns,
        )

    @property
    def whole(self) -> Box:
        """The page itself."""
        return self.box(self.left, self.bottom, self.right, self.top)

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A rectangle of the page, in this frame."""
        low, high = self._point(left, bottom), self._point(right, top)
        return Box(
            min(low[0], high[0]),
            min(low[1], high[1]),
            max(low[0], high[0]),
            max(low[1], high[1]),
        )

    def _point(self, x: float, y: float) -> tuple[float, float]:
        if self.turns == 0:
            return x - self.left, self.top - y
        if self.turns == 1:
            return self.top - y, self.right - x
        if self.turns == 2:
            return self.right - x, y - self.bottom
        return y - self.bottom, x - self.left
