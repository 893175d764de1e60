"""How much room a text takes: Latin letters are narrower than Han characters, and say less each."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

LATIN_SCALE = 2.5
"""Latin text says in 2.5 characters what Chinese says in one: its limits are as much wider."""
_LEAST_WIDE = 0.25
"""Of the characters of a text that is read as Chinese; a name or a unit in Latin letters leaves it so."""
_SAMPLED = 4000
_FIRST_WIDE, _LAST_WIDE = 0x1100, 0x3FFFD
"""From the first letter of Korean to the end of the planes of Han characters."""


def limit_in(text: str, characters: float) -> float:
    """A limit, given in Han characters, as it holds for a text in its own script.

    A limit of 200 is 200 for ``采用Wi-Fi连接`` (4 of 9 characters are wide), and 500 for English, a Chinese
    name in it or not. The first 4,000 characters are looked at.
    """
    sample = text[:_SAMPLED]
    wide = sum("\u2e80" <= character <= "\uffef" for character in sample)
    return characters if wide >= _LEAST_WIDE * len(sample) else characters * LATIN_SCALE


def width_of(text: str) -> int:
    """How wide a text is printed in cells: a Chinese character is two wide, a Latin letter one."""
    if text.isascii():
        return len(text)
    return len(text) + sum(map(len, _wide_runs().findall(text)))


@cache
def _wide_runs() -> re.Pattern[str]:
    """Runs of characters that are two cells wide; asked one by one they would cost more than all the rest."""
    ranges: list[list[int]] = []
    for code in range(_FIRST_WIDE, _LAST_WIDE + 1):
        if unicodedata.east_asian_width(chr(code)) not in "WF":
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    classes = [f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges]
    return re.compile("[{}]+".format("".join(classes)))
