"""Characters off a picture, by RapidOCR (PP-OCR's small models in its wheel) on onnxruntime. No network.

An extra: without it, readers say what they left out and how to install it.
"""

from __future__ import annotations

import logging
import os
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import Image

from rag.sources.pdf.sheets import Box, Piece

HOW_TO_INSTALL = "install OCR with `pip install 'chuchu[ocr]'` and take the file in again"
_LEAST_SURE = 0.5
"""Of a line, 0 to 1: what is less sure is noise, a stamp or a texture."""
_TEXT_SHARE = 0.72
"""Of the height of a line's box, the size of its characters."""


def is_installed() -> bool:
    """Whether pictures can be read."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def recognised(picture: Image.Image, points_per_pixel: float) -> list[Piece]:
    """The lines of a picture with their boxes, in points.

    Raises:
        ImportError: OCR is not installed.
    """
    found = _engine()(np.asarray(picture.convert("RGB"))[:, :, ::-1])
    if found.boxes is None:
        return []
    pieces: list[Piece] = []
    for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        box = _box(corners, points_per_pixel)
        if text.strip() and score >= _LEAST_SURE:
            pieces.append(Piece(" ".join(text.split()), box, box.height * _TEXT_SHARE))
    return pieces


def _box(corners: Any, scale: float) -> Box:
    xs, ys = [float(x) * scale for x, _ in corners], [float(y) * scale for _, y in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))


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
