"""Files -> ``Source``: one module a kind of file, and ``files`` with the table that names them.

What ``files`` offers is offered here, but loaded when it is asked for: the process that reads one file
imports its reader from this package, and should not load the libraries of all the others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.sources.base import ON_THIS_MACHINE, Limits
    from rag.sources.files import (
        DEFAULT_LIMITS,
        FORMATS,
        SUFFIXES,
        bytes_of,
        from_text,
        read_bytes,
        read_path,
    )
    from rag.sources.walking import look_through, walk

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


_OF_WALKING = frozenset({"look_through", "walk"})
_OF_BASE = frozenset({"ON_THIS_MACHINE", "Limits"})


def __getattr__(name: str) -> Any:
    if name in __all__:
        module = (
            "walking"
            if name in _OF_WALKING
            else "base"
            if name in _OF_BASE
            else "files"
        )
        return getattr(import_module(f"rag.sources.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
