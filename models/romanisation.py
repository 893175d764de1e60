"""How Chinese characters are spelled in pinyin, as passports and newspapers write it: 赵鹏 -> ``zhaopeng``.

No tones, no spaces; ``ü`` as ``u``, ``v`` or ``yu``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import islice, product

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
        self._readings: dict[str, tuple[str, ...]] = {}
        for character, spellings in readings.items():
            self._readings[character] = tuple(sorted(spellings))

    def romanisations(self, word: str) -> set[str]:
        """Spellings of ``word`` in lower case without spaces; empty if a character has no reading.

        At most 64 of them: a word of many characters with several readings each gives no more.
        """
        options = [self._readings.get(character, ()) for character in word]
        if not word or not all(options):
            return set()
        spellings = islice(product(*options), _MOST)
        return {"".join(parts) for parts in spellings}


def _spellings(syllable: str) -> set[str]:
    """``lv`` -> lv, lu, lyu; ``lve`` -> lve, lue, lyue, luee."""
    if "v" not in syllable:
        return {syllable}
    vowels = ["v", "u", "yu"]
    if "ve" in syllable:
        vowels.append("ue")
    return {syllable.replace("v", vowel) for vowel in vowels}
