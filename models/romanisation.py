"""Whether an English spelling could be the pinyin of Chinese characters: ``Zhao Peng`` ~ 赵鹏.

Pinyin as passports and newspapers write it: no tones, ``ü`` as ``u``, ``v`` or ``yu``, an apostrophe or
hyphen between syllables or none, the given name before or after the surname.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import product

_MOST = 64
_NOT_LETTERS = re.compile(r"[^a-z]+")
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

    def romanises(self, name: str, chinese: str) -> bool:
        """Whether ``name`` spells all of ``chinese``, in this order or with the surname last."""
        parts = [part for part in _NOT_LETTERS.split(_plain(name)) if part]
        orders = {
            "".join(parts),
            "".join(parts[1:] + parts[:1]),
            "".join(parts[-1:] + parts[:-1]),
        }
        return any(self._spells(order, chinese) for order in orders)

    def find(self, name: str, text: str) -> list[tuple[int, int]]:
        """Spans ``[start, end)`` of ``text`` that ``name`` romanises, in order; they do not overlap."""
        spans: list[tuple[int, int]] = []
        letters = len(_NOT_LETTERS.sub("", _plain(name)))
        start = 0
        while start < len(text):
            longest = (
                min(len(text), start + letters)
                if text[start] in self._readings
                else start
            )
            end = next(
                (
                    e
                    for e in range(start + 1, longest + 1)
                    if self.romanises(name, text[start:e])
                ),
                None,
            )
            if end is not None:
                spans.append((start, end))
            start = end or start + 1
        return spans

    def _spells(self, letters: str, chinese: str) -> bool:
        """Walk the characters, keeping every position that the letters so far may have come to."""
        positions = {0}
        for character in chinese:
            readings = self._readings.get(character, ())
            positions = {
                p + len(r)
                for p in positions
                for r in readings
                if letters.startswith(r, p)
            }
            if not positions:
                return False
        return bool(chinese) and len(letters) in positions


def _spellings(syllable: str) -> set[str]:
    if "v" not in syllable:
        return {syllable}
    return {
        syllable.replace("v", vowel)
        for vowel in ("v", "u", "yu", "ue" if "ve" in syllable else "u")
    }


def _plain(name: str) -> str:
    return name.lower().replace("ü", "v").replace("'", "").replace("’", "")
