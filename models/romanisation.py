"""How Chinese characters are spelled in pinyin, as passports and newspapers write it: 赵鹏 -> ``zhaopeng``.

No tones, no spaces; ``ü`` as ``u``, ``v`` or ``yu``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import product

_MOST = 64
# Spellings that the tables of readings do not have: 陕西 is told from 山西 by its double a.
_SPECIAL = {"陕": ("shaan",), "陝": ("shaan",)}


class Romaniser:
    """Characters and how they are read.

    Args:
        syllables: toneless pinyin (``v`` for ü) -> all characters read so.
    """

    def __init__(self, syllables: Mapping[str, str]) -> None:
        readings: dict[str, set[str]] = defaultdict(set)
        for syllable, characters in syllables.items():
            for character in characters:
                readings[character].update(_spellings(syllable))
        for character, extra in _SPECIAL.items():
            if character in readings:
                readings[character].update(extra)
        self._readings = {
            character: tuple(sorted(found)) for character, found in readings.items()
        }

    def romanisations(self, word: str) -> set[str]:
        """Spellings of ``word`` in lower case without spaces; empty if a character has no reading.

        At most 64 of them: a word of many characters with several readings each gives no more.
        """
        options = [self._readings.get(character, ()) for character in word]
        if not word or not all(options):
            return set()
        return {
            "".join(parts)
            for parts, _ in zip(product(*options), range(_MOST), strict=False)
        }


def _spellings(syllable: str) -> set[str]:
    if "v" not in syllable:
        return {syllable}
    return {
        syllable.replace("v", vowel)
        for vowel in ("v", "u", "yu", "ue" if "ve" in syllable else "u")
    }
