"""Files -> ``Source``: one module a kind of file, and ``files`` with the table that names them."""

from rag.sources.base import ON_THIS_MACHINE, Limits
from rag.sources.files import (
    DEFAULT_LIMITS,
    FORMATS,
    SUFFIXES,
    bytes_of,
    from_text,
    read_bytes,
    read_path,
    walk,
)
from rag.sources.walking import look_through

__all__ = [
    "DEFAULT_LIMITS",
    "FORMATS",
    "ON_THIS_MACHINE",
    "SUFFIXES",
    "Limits",
    "bytes_of",
    "from_text",
    "look_through",
    "read_bytes",
    "read_path",
    "walk",
]
