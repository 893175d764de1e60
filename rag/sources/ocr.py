"""Characters off a picture, by RapidOCR (PP-OCR's small models in its wheel) on onnxruntime. No network.

An extra: without it, readers say what they left out and how to install it.
"""

from __future__ import annotations

import logging
import os
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from rag.sources.pdf.sheets import Box, Piece, Sheet

if TYPE_CHECKING:
    from PIL import Image

HOW_TO_INSTALL = (
    "install OCR with `pip install 'chuchu[ocr]'` and take the file in again"
)
_LEAST_SURE = 0.5
"""Of a line, 0 to 1: what is less sure is noise, a stamp or a texture."""
_TEXT_SHARE = 0.72
"""Of the height of a line's box, the size of its characters."""
_SHORTEST_RULE = 24.0
"""Points: a shorter stroke may be part of a character."""
_THICKEST_RULE = 4.0
_INK = 160
"""Grey values below this, of 255, are ink."""


def is_installed() -> bool:
    """Whether pictures can be read."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def sheet_of(picture: Image.Image, page: int, points_per_pixel: float) -> Sheet:
    """A picture's lines of text and its rules, in points; without any text its ``pieces`` are empty.

    Raises:
        ImportError: OCR is not installed.
    """
    pieces = _recognised(picture, points_per_pixel)
    rules = _rules(picture, points_per_pixel) if pieces else []
    whole = Box(
        0, 0, picture.width * points_per_pixel, picture.height * points_per_pixel
    )
    return Sheet(page, whole, tuple(pieces), tuple(rules), ocr=True)


def _recognised(picture: Image.Image, scale: float) -> list[Piece]:
    import numpy as np  # noqa: PLC0415 (readers of other kinds load this module, and need none)

    found = _engine()(np.asarray(picture.convert("RGB"))[:, :, ::-1])
    if found.boxes is None:
        return []
    pieces: list[Piece] = []
    for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        box = _box(corners, scale)
        if text.strip() and score >= _LEAST_SURE:
            pieces.append(Piece(" ".join(text.split()), box, box.height * _TEXT_SHARE))
    return pieces


def _box(corners: Any, scale: float) -> Box:
    xs, ys = (
        [float(x) * scale for x, _ in corners],
        [float(y) * scale for _, y in corners],
    )
    return Box(min(xs), min(ys), max(xs), max(ys))


def _rules(picture: Image.Image, scale: float) -> list[Box]:
    """The ruled lines of a picture: long, thin stretches of ink along either axis."""
    import cv2  # noqa: PLC0415 (comes with the extra)
    import numpy as np  # noqa: PLC0415

    ink = (np.asarray(picture.convert("L")) < _INK).astype(np.uint8)
    length = max(3, round(_SHORTEST_RULE / scale))
    rules: list[Box] = []
    for shape in ((length, 1), (1, length)):
        # What is left after opening with a long, thin brush is what the brush fits into.
        strokes = cv2.morphologyEx(
            ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape)
        )
        _, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
        for left, top, width, height, _ in stats[1:]:
            if min(width, height) * scale <= _THICKEST_RULE:
                rules.append(_middle(left, top, width, height, scale))
    return rules


def _middle(left: int, top: int, width: int, height: int, scale: float) -> Box:
    """The line in the middle of a stroke."""
    x, y = (left + width / 2) * scale, (top + height / 2) * scale
    if width >= height:
        return Box(left * scale, y, (left + width) * scale, y)
    return Box(x, top * scale, x, (top + height) * scale)


@cache
def _engine() -> Any:
    """One engine a process, on one thread: a process's CPU time is limited, and the machine has others' work.

    onnxruntime sends usage data home unless told not to before it is loaded (1.29 and later).
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from rapidocr import RapidOCR  # noqa: PLC0415 (an extra, and slow to load)

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
