"""Glyphs to pieces: runs of characters that no wide gap and no rule parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rag.sources.pdf.characters import Glyph
from rag.sources.pdf.ruled import rules_along
from rag.sources.pdf.sheets import Box, Piece, around, rows_of
from rag.sources.prose import is_wide

GAP = 1.1
"""In ems: what stands further apart is two pieces. The full-width space, 1 em, stays inside a piece."""
_WORD_SPACE = 0.22
"""In ems: so far apart, two letters without a space between them are two words."""
_BACK = 0.1
"""In ems: how far before the last character's left edge the next may begin."""


def pieces_of(glyphs: Sequence[Glyph], rules: Sequence[Box]) -> list[Piece]:
    """The pieces of one direction of a page.

    Args:
        rules: an upright one between two characters parts them, however close they stand.
    """
    upright = rules_along(rules, horizontal=False)
    runs: list[_Run] = []
    for glyph in glyphs:
        # Order of drawing first, as it is mostly that of reading; what was drawn apart is merged below.
        if runs and runs[-1].repeats(glyph):
            continue
        if runs and runs[-1].takes(glyph.box, glyph.size, upright):
            runs[-1].add(glyph)
        else:
            runs.append(_Run(glyph))
    return _merged([run.piece() for run in runs], upright)


class _Run:
    """Glyphs that were drawn one after the other, side by side."""

    def __init__(self, first: Glyph) -> None:
        self._text: list[str] = [first.character]
        self._glyphs = [first]
        self._right = first.box.right

    def repeats(self, glyph: Glyph) -> bool:
        """Whether it is the last glyph again a hair's breadth aside: bold, as some programs make it."""
        last = self._glyphs[-1]
        aside = abs(last.box.left - glyph.box.left) + abs(last.box.top - glyph.box.top)
        return glyph.character == last.character and aside < 0.15 * glyph.size

    def takes(self, box: Box, size: float, upright: Sequence[Box]) -> bool:
        last = self._glyphs[-1]
        if self._shares_box(box):
            return True
        gap = box.left - self._right
        em = max(size, last.size)
        beside = gap <= GAP * em and box.left >= last.box.left - _BACK * em
        if not beside or not last.box.same_line(box):
            return False
        return not _parted(last.box, box, upright)

    def _shares_box(self, box: Box) -> bool:
        """The characters of a ligature have its box, each of them."""
        last = self._glyphs[-1].box
        moved = abs(last.left - box.left) + abs(last.right - box.right)
        return moved + abs(last.top - box.top) < 0.1

    def add(self, glyph: Glyph) -> None:
        last = self._glyphs[-1]
        gap = glyph.box.left - self._right
        both_wide = is_wide(last.character) and is_wide(glyph.character)
        # PDFium makes up spaces between ideographs that are set apart to fill the line: ``第 三 章``.
        told = glyph.spaced and not (both_wide and gap < _WORD_SPACE * glyph.size)
        if told or (gap > _WORD_SPACE * glyph.size and not both_wide):
            self._text.append(" ")
        self._text.append(glyph.character)
        self._glyphs.append(glyph)
        self._right = max(self._right, glyph.box.right)

    def piece(self) -> Piece:
        sizes = Counter(round(glyph.size, 1) for glyph in self._glyphs)
        bold = sum(glyph.bold for glyph in self._glyphs) * 2 > len(self._glyphs)
        box = around(glyph.box for glyph in self._glyphs)
        return Piece("".join(self._text), box, sizes.most_common(1)[0][0], bold)


def _merged(pieces: list[Piece], upright: Sequence[Box]) -> list[Piece]:
    """Pieces that were drawn at different times but stand side by side, as one."""
    merged: list[Piece] = []
    for row in rows_of(pieces):
        current = row[0]
        for piece in row[1:]:
            gap = piece.box.left - current.box.right
            near = gap <= GAP * max(current.size, piece.size)
            if near and not _parted(current.box, piece.box, upright):
                current = _beside(current, piece, gap)
            else:
                merged.append(current)
                current = piece
        merged.append(current)
    return merged


def _beside(first: Piece, second: Piece, gap: float) -> Piece:
    wide = is_wide(first.text[-1]) and is_wide(second.text[0])
    space = " " if gap > _WORD_SPACE * second.size and not wide else ""
    # A raised figure beside a word does not set the size: ``benchmarks`` in 11 points, ``1`` in 7.
    longer = max(first, second, key=lambda piece: len(piece.text))
    box = around((first.box, second.box))
    return Piece(first.text + space + second.text, box, longer.size, longer.bold)


def _parted(left: Box, right: Box, upright: Sequence[Box]) -> bool:
    middle = right.centre[1]
    low, high = left.centre[0], right.centre[0]
    between = [rule for rule in upright if low < rule.left < high]
    return any(rule.top <= middle <= rule.bottom for rule in between)
