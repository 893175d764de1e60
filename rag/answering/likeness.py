"""How alike two texts are in words, whatever numbers they give: copies, and sources that contradict each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.language.words import fold
from models.support.numerals import HAN

COPY = 0.9
"""Texts with the same figures are copies of each other from here: one word in twenty may differ."""
SAME_THING = 0.6
"""Two sentences speak of the same thing when they share this much of their bigrams, numbers aside."""
_NUMBERS = re.compile(r"\d[\d,.]*")
_TELLING = re.compile(
    rf"{_NUMBERS.pattern}|{HAN}|[不未非无没勿莫]|\b(?:no|not|never|without|cannot)\b|n't\b"
)


def numbers_in(text: str) -> tuple[str, ...]:
    """The figures of a text in their order, thousands' commas and full stops aside: ``in 1998.`` has 1998."""
    numbers = _NUMBERS.findall(fold(text))
    return tuple(_plain(number) for number in numbers)


def telling_words(text: str) -> tuple[str, ...]:
    """The words of which a single other one turns what a text says: figures, ``三`` and ``两``, ``不`` and ``not``.

    ``保修3年，不含配件`` -> ``("3", "不")``.
    """
    found = _TELLING.findall(fold(text))
    return tuple(_plain(word) for word in found)


def likeness(one: str, other: str) -> float:
    """Dice coefficient of the character bigrams, numbers aside: 0 to 1.

    ``藏书12万册`` and ``藏书150万册`` are both ``藏书0万册``: 1. ``藏书12万册`` and ``藏书12万件`` share three of
    four bigrams each, 藏书, 书0 and 0万: 2 * 3 / (4 + 4) = .75.
    """
    return _dice(bigrams_of(one), bigrams_of(other))


def share_within(sentence: str, text: str) -> float:
    """Which share of a sentence's bigrams a longer text holds, numbers aside: 0 to 1."""
    wanted = bigrams_of(sentence)
    met = wanted & bigrams_of(text)
    return len(met) / max(len(wanted), 1)


def bigrams_of(text: str) -> set[str]:
    """The pairs of neighbouring characters, every number as 0: ``藏书12册`` -> 藏书, 书0, 0册."""
    plain = _NUMBERS.sub("0", fold(text))
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


class DistinctTexts:
    """Texts seen so far that are no near-copies of one another."""

    def __init__(self) -> None:
        # Only texts with the same telling words are compared: most have no other with theirs.
        self._originals: dict[tuple[str, ...], list[set[str]]] = {}

    def is_copy(self, text: str) -> bool:
        """Whether a text is a near-copy of one seen before; with another figure it is none."""
        bigrams = bigrams_of(text)
        earlier = self._originals.setdefault(telling_words(text), [])
        if any(_dice(bigrams, other) >= COPY for other in earlier):
            return True
        earlier.append(bigrams)
        return False


def copies_among(texts: Sequence[str]) -> frozenset[int]:
    """Numbers of the texts that are near-copies of an earlier one."""
    seen = DistinctTexts()
    return frozenset(at for at, text in enumerate(texts) if seen.is_copy(text))


def are_copies(one: str, other: str) -> bool:
    """Whether two sentences say the same: nearly the same words, and all that tells them apart the same."""
    if telling_words(one) != telling_words(other):
        return False
    return likeness(one, other) >= COPY


def _plain(number: str) -> str:
    return number.replace(",", "").rstrip(".")


def _dice(one: set[str], other: set[str]) -> float:
    """``2 * shared / (one + other)``; two texts without a bigram are not alike."""
    shared = len(one & other)
    return 2 * shared / max(len(one) + len(other), 1)
