"""What a page draws besides text: the rules that part cells, and how much of it pictures cover."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
from pypdfium2 import raw

from rag.sources.pdf.frames import Frame
from rag.sources.pdf.sheets import Box

_MAX_DRAWINGS = 20_000
"""Objects and path points looked at on a page; a map or a plot has more, and no table."""
_MAX_STROKES = 8_000
"""A table of 60 rows and 10 columns has 2,400, if each cell has its own frame."""
_THIN = 2.5
"""A filled rectangle no thicker than this, in points, is a rule."""
_SHORTEST = 4.0
_MAX_DEPTH = 6
_LINE = 0
_MOVE = 2

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawings:
    """``strokes`` are the straight lines along either axis as ``(left, bottom, right, top)``.

    ``covered`` is the share, 0 to 1, of the page under its largest picture; ``any`` says whether anything but
    text is drawn at all.
    """

    strokes: tuple[tuple[float, float, float, float], ...]
    covered: float
    any: bool

    def rules(self, frame: Frame) -> tuple[Box, ...]:
        """The strokes as boxes in a frame."""
        return tuple(frame.box(*stroke) for stroke in self.strokes)


def drawings_of(page: pdfium.PdfPage) -> Drawings:
    """Walk the page's objects, those of its forms too."""
    frame = Frame.of(page, 0)
    strokes: list[tuple[float, float, float, float]] = []
    covered, seen = 0.0, False
    for kind, drawing, matrix in _objects(page):
        if kind == raw.FPDF_PAGEOBJ_PATH:
            seen = True
            points = list(_outlines(drawing, matrix))
            strokes += _strokes(points, frame)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            seen = True
            covered = max(covered, _cover(matrix, frame))
    # Better no rules than a minute spent on a map.
    if len(strokes) > _MAX_STROKES:
        strokes = []
    return Drawings(tuple(strokes), covered, seen)


def _objects(page: pdfium.PdfPage) -> Iterator[tuple[int, ctypes.c_void_p, Matrix]]:
    """``(kind, object, matrix)``, the matrix leading to the page."""
    at_rest: Matrix = (1, 0, 0, 1, 0, 0)
    count = min(raw.FPDFPage_CountObjects(page.raw), _MAX_DRAWINGS)
    pending: list[tuple[ctypes.c_void_p, Matrix, int]] = []
    for index in reversed(range(count)):
        pending.append((raw.FPDFPage_GetObject(page.raw, index), at_rest, 0))
    looked_at = 0
    while pending and looked_at < _MAX_DRAWINGS:
        drawing, outer, depth = pending.pop()
        looked_at += 1
        kind = raw.FPDFPageObj_GetType(drawing)
        matrix = _times(_matrix(drawing), outer)
        yield kind, drawing, matrix
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            inside = min(raw.FPDFFormObj_CountObjects(drawing), _MAX_DRAWINGS)
            for index in range(inside):
                child = raw.FPDFFormObj_GetObject(drawing, index)
                pending.append((child, matrix, depth + 1))


def _matrix(drawing: ctypes.c_void_p) -> Matrix:
    found = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(drawing, ctypes.byref(found))
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that does the one and then the other: ``(x, y, 1)`` is a row, as in PDF."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def _through(matrix: Matrix, x: float, y: float) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _outlines(path: ctypes.c_void_p, matrix: Matrix) -> Iterator[list[Point]]:
    """The straight stretches of a path, each as its corners. A curve ends one."""
    corners: list[Point] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(raw.FPDFPath_CountSegments(path), _MAX_DRAWINGS)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        # A move begins anew, and a curve is no rule: either way the corners so far are complete.
        if raw.FPDFPathSegment_GetType(segment) != _LINE:
            yield corners
            corners = []
        corners.append(_through(matrix, x.value, y.value))
        if raw.FPDFPathSegment_GetClose(segment):
            corners.append(corners[0])
    yield corners


def _strokes(
    outlines: list[list[Point]], frame: Frame
) -> list[tuple[float, float, float, float]]:
    found: list[tuple[float, float, float, float]] = []
    for corners in outlines:
        if len(corners) < 2:
            continue
        thin = _as_one(corners)
        if thin:
            found.append(thin)
            continue
        for (x, y), (next_x, next_y) in pairwise(corners):
            # A slanting line parts no cells.
            if abs(x - next_x) >= 1 and abs(y - next_y) >= 1:
                continue
            left, right = min(x, next_x), max(x, next_x)
            bottom, top = min(y, next_y), max(y, next_y)
            stroke = (left, bottom, right, top)
            if not _frames_the_page(stroke, frame):
                found.append(stroke)
    return list(filter(_is_long, found))


def _is_long(stroke: tuple[float, float, float, float]) -> bool:
    left, bottom, right, top = stroke
    return max(right - left, top - bottom) >= _SHORTEST


def _as_one(corners: list[Point]) -> tuple[float, float, float, float] | None:
    """A thin rectangle, which is how many programs draw a line, as the line in its middle."""
    xs = [x for x, _ in corners]
    ys = [y for _, y in corners]
    left, right = min(xs), max(xs)
    bottom, top = min(ys), max(ys)
    if top - bottom <= _THIN:
        middle = (bottom + top) / 2
        return left, middle, right, middle
    if right - left <= _THIN:
        middle = (left + right) / 2
        return middle, bottom, middle, top
    return None


def _frames_the_page(stroke: tuple[float, float, float, float], frame: Frame) -> bool:
    """A border or a background of the page parts no cells."""
    left, bottom, right, top = stroke
    is_as_wide = right - left > 0.97 * (frame.right - frame.left)
    is_as_high = top - bottom > 0.97 * (frame.top - frame.bottom)
    return is_as_wide or is_as_high


def _cover(matrix: Matrix, frame: Frame) -> float:
    """The share of the page under a picture: a unit square sent through its matrix."""
    a, b, c, d, _, _ = matrix
    page = (frame.right - frame.left) * (frame.top - frame.bottom)
    return abs(a * d - b * c) / page if page else 0.0
