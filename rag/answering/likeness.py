"""How alike two texts are in words, whatever numbers they give: copies, and sources that contradict each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.language.words import fold

COPY = 0.9
"""Texts with the same figures are copies of each other from here: one word in twenty may differ."""
_NUMBERS = re.compile(r"\d[\d,.]*")


def numbers_in(text: str) -> tuple[str, ...]:
    """The figures of a text in their order, thousands' commas aside."""
    found = _NUMBERS.findall(fold(text))
    return tuple(number.replace(",", "") for number in found)


def likeness(one: str, other: str) -> float:
    """Dice coefficient of the character bigrams, numbers aside: 0 to 1.

    ``藏书12万册`` and ``藏书150万册`` are both ``藏书0万册``: 1.
    """
    return _dice(bigrams_of(one), bigrams_of(other))


def share_within(sentence: str, text: str) -> float:
    """Which share of a sentence's bigrams a longer text holds, numbers aside: 0 to 1."""
    wanted = bigrams_of(sentence)
    return len(wanted & bigrams_of(text)) / max(len(wanted), 1)


def bigrams_of(text: str) -> set[str]:
    """The pairs of neighbouring characters, every number as 0."""
    plain = _NUMBERS.sub("0", fold(text))
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


def copies_among(texts: Sequence[str]) -> frozenset[int]:
    """Numbers of the texts that are near-copies of an earlier one; with another figure a text is no copy."""
    known: dict[tuple[str, ...], list[set[str]]] = {}
    copies: set[int] = set()
    for number, text in enumerate(texts):
        alike = known.setdefault(numbers_in(text), [])
        bigrams = bigrams_of(text)
        if any(_dice(bigrams, other) >= COPY for other in alike):
            copies.add(number)
        else:
            alike.append(bigrams)
    return frozenset(copies)


def _dice(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / max(len(one) + len(other), 1)
