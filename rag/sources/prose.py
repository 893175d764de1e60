"""Lines and blocks to paragraphs: what HTML, Markdown, PDF and DOCX share."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WIDE = (
    r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]"
)
_BREAK_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE})[ \t\r\f]*\n[ \t\n\r\f]*(?={_WIDE})")
_SPACES = re.compile(r"[ \t\n\r\f\xa0]+")


def flow(text: str) -> str:
    """Text as a browser shows it: white space runs are one space, a line break between ideographs none."""
    return _SPACES.sub(" ", _BREAK_BETWEEN_WIDE.sub("", text))


def paragraphs(blocks: Iterable[str]) -> str:
    """Blocks with a blank line between each two; blank blocks go, and so do blank lines inside a block."""
    tidy = (
        "\n".join(line.rstrip() for line in block.split("\n") if line.strip())
        for block in blocks
    )
    return "\n\n".join(
        block for block in (tidied.strip("\n") for tidied in tidy) if block
    )


def is_wide(character: str) -> bool:
    """Whether the character belongs to a script written without spaces, in full-width cells."""
    return re.match(_WIDE, character) is not None
