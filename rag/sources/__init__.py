"""Files -> ``Source``: one module a kind of file, and ``files`` with the table that names them."""

from rag.sources.base import Limits
from rag.sources.files import (
    DEFAULT_LIMITS,
    FORMATS,
    SUFFIXES,
    from_text,
    read_bytes,
    read_path,
    walk,
)

__all__ = [
    "DEFAULT_LIMITS",
    "FORMATS",
    "SUFFIXES",
    "Limits",
    "from_text",
    "read_bytes",
    "read_path",
    "walk",
]
