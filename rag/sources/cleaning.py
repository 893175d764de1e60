"""What no text may hold, dealt with once. Everything downstream counts in the cleaned text.

- Line ends of every kind (CR LF, CR, VT, FF, NEL, LS, PS) become a line feed.
- Bidi controls and byte order marks inside the text are removed: they show nothing themselves, but can
  make a quote read otherwise than it is written.
- NUL, the other C0 and C1 controls, DEL, noncharacters and lone surrogates become U+FFFD: each stands
  where something was meant that we cannot know, and removing it would hide that. Surrogates in pairs
  become the one character they spell. Control-Z, the end mark of old text files, goes from the end.

Nothing is composed, folded or trimmed (no NFC, no NFKC): quotes are verbatim. Joiners and variation
selectors stay, and emoji with them.
"""

from __future__ import annotations

import re

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_UNKNOWABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]+")


def clean(text: str) -> str:
    """Make ``text`` safe to store, count in, quote and show. Cleaning twice changes nothing more."""
    if (
        text.isprintable()
    ):  # nothing that is cleaned away is; most cells of tables are through here
        return text
    text = _LINE_ENDS.sub("\n", text.rstrip("\x1a"))
    text = _SURROGATES.sub(_joined, text)
    return _UNKNOWABLE.sub("\ufffd", _INVISIBLE.sub("", text))


def clean_line(text: str | None, limit: int = 300) -> str | None:
    """A title or a name: cleaned, on one line, at most ``limit`` characters; None if nothing is left."""
    line = " ".join(clean(text or "").split())
    return (line if len(line) <= limit else line[: limit - 1] + "…") or None


def _joined(match: re.Match[str]) -> str:
    return (
        match.group()
        .encode("utf-16-le", "surrogatepass")
        .decode("utf-16-le", "replace")
    )
