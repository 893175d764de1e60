"""Files -> ``Source``: one module a kind of file, and ``files`` with the table that names them.

What ``files`` offers is offered here, but loaded when it is asked for: the process that reads one file
imports its reader from this package, and should not load the libraries of all the others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("rag.sources.files"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
