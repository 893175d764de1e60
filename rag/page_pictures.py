"""Pages of a stored PDF as pictures, with the places of quoted words. Drawn anew each time, kept nowhere."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from rag.errors import SourceError, UnsupportedFormat
from rag.records import Span
from rag.sources import sandbox
from rag.sources.base import Limits, ReadingError
from rag.sources.pdf import picture
from rag.store.reader import StoreReader

LIMITS = Limits(seconds=20)
_PDF = "application/pdf"


def draw(store: StoreReader, sha256: str, number: int) -> bytes:
    """A page, counted from 1, as a PNG.

    Raises:
        NotFound: there is no such source.
        UnsupportedFormat: it is no PDF.
        SourceError: it has no such page, or the page cannot be drawn.
    """
    return base64.b64decode(
        _performed(picture.draw, store, sha256, {"page": number})["png"]
    )


def find(
    store: StoreReader, sha256: str, number: int, spans: Sequence[Span]
) -> dict[str, Any]:
    """``{"pages", "boxes"}``: how many pages there are, and where on this one the spans' words stand.

    Raises as :func:`draw` does.
    """
    quoted = list(store.source_text(sha256, spans))
    return _performed(picture.find, store, sha256, {"page": number, "quoted": quoted})


def _performed(
    task: sandbox.Task, store: StoreReader, sha256: str, asked: dict[str, Any]
) -> dict[str, Any]:
    name = store.source_name(sha256)
    if store.source_kind(sha256)[0] != _PDF:
        raise UnsupportedFormat(name, "only a PDF has pages to show")
    try:
        return sandbox.perform(task, store.source_data(sha256), LIMITS, asked)
    except ReadingError as error:
        raise SourceError(name, error.why) from error
