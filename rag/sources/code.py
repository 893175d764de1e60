"""Source code and configuration: lines kept as they are, a block for each stretch that hangs together.

A block begins at a line that is not indented, below an empty one: a function, a section of settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.sources.base import ArticleBuilder, Limits, Reading
from rag.sources.cleaning import clean
from rag.sources.decoding import decode

_CLOSING = tuple("})]")
_LONGEST = 60
"""Lines after which a block ends at the next empty line, however it is indented."""


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError if the bytes are not text."""
    text, encoding = decode(data)
    builder = ArticleBuilder()
    for block in _blocks(clean(text).split("\n")):
        builder.add("code", block)
    return Reading((builder.article(),), encoding)


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    block: list[str] = []
    for line in lines:
        below_empty = bool(block) and not block[-1]
        outermost = not line.startswith((" ", "\t", *_CLOSING)) or len(block) > _LONGEST
        if below_empty and line.strip() and outermost:
            yield "\n".join(block)
            block = []
        block.append(line.rstrip())
    if block:
        yield "\n".join(block)
