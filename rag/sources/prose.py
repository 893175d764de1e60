"""Lines of markup put together as they are shown: what HTML, Markdown and PDF share."""

from __future__ import annotations

import re

_WIDE = (
    r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]"
)
_BREAK_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE})[ \t\r\f]*\n[ \t\n\r\f]*(?={_WIDE})")
_SPACES = re.compile(r"[ \t\n\r\f\xa0]+")


def flow(text: str) -> str:
    """Text as a browser shows it: white space runs are one space, a line break between ideographs none."""
    return _SPACES.sub(" ", _BREAK_BETWEEN_WIDE.sub("", text))


def is_wide(character: str) -> bool:
    """Whether the character belongs to a script written without spaces, in full-width cells."""
    return re.match(_WIDE, character) is not None
