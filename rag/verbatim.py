"""Whether the text of a source is its file, character by character, or was read off it."""

from __future__ import annotations

import sys

from rag.store.reader import StoreReader

_BYTE_ORDER_MARK = "\ufeff"


def is_verbatim(store: StoreReader, sha256: str) -> bool:
    """Whether decoding the file's bytes gives the very text that is shown, kinds of line break aside.

    A text file from which a control character was dropped is not verbatim. Raises NotFound.
    """
    media_type, encoding = store.source_kind(sha256)
    if not media_type.startswith("text/"):
        return False
    try:
        decoded = store.source_data(sha256).decode(encoding)
    except (LookupError, UnicodeDecodeError):
        return False
    text, _, _ = store.source_around(sha256, None, sys.maxsize)
    return _plain(decoded) == _plain(text)


def _plain(text: str) -> str:
    return text.removeprefix(_BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")
