"""Text that remembers, character by character, where in the source it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.language.words import has_han
from rag.records import MapEntry, Span

OURS = -2
"""The place of a character that is not of the source."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """``at[i]`` is where ``text[i]`` stands in the source, or ``OURS``."""

    text: str
    at: NDArray[np.int64]

    @classmethod
    def of_source(cls, source: str, spans: Iterable[Span]) -> Self:
        """Lines of the source put together, with a space where letters would run into each other."""
        whole = cls("", np.zeros(0, np.int64))
        for start, end in spans:
            if whole.text and needs_space(whole.text[-1], source[start]):
                whole = whole + cls.ours(" ")
            whole = whole + cls(source[start:end], np.arange(start, end))
        return whole

    @classmethod
    def ours(cls, text: str) -> Self:
        """Text that the source does not have."""
        return cls(text, np.full(len(text), OURS, np.int64))

    def __add__(self, other: Self) -> Self:
        return type(self)(self.text + other.text, np.concatenate([self.at, other.at]))

    def __getitem__(self, part: slice) -> Self:
        return type(self)(self.text[part], self.at[part])

    def __len__(self) -> int:
        return len(self.text)

    def stripped(self) -> Self:
        """Without white space at its ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self[start : len(self.text.rstrip())]

    def tiles(self) -> tuple[MapEntry, ...]:
        """The map: as few tiles as there are, in order."""
        borders = np.flatnonzero(np.diff(self.at) != 1) + 1
        edges = [0, *borders.tolist(), len(self)]
        tiles: list[MapEntry] = []
        for start, end in pairwise(edges):
            if start < end and self.at[start] != OURS:
                tiles.append((start, end, int(self.at[start])))
        return tuple(tiles)

    def spans(self) -> tuple[Span, ...]:
        """Where it stands in the source, in reading order."""
        return tuple((at, at + end - start) for start, end, at in self.tiles())

    def place(self, offset: int) -> tuple[Span, ...]:
        """The empty span in the source at which ``text[offset:]`` begins; none where all of it is ours."""
        before = self.at[:offset][self.at[:offset] != OURS]
        if len(before):
            at = int(before[-1]) + 1
            return ((at, at),)
        after = self.at[offset:][self.at[offset:] != OURS]
        if len(after):
            at = int(after[0])
            return ((at, at),)
        return ()


def needs_space(before: str, after: str) -> bool:
    """Whether a line that ends so and one that begins so are words of a script with spaces between words."""
    if has_han(before + after) or before in "-，。、；：“‘（":
        return False
    # From U+2E80 on stand the scripts and marks of East Asia.
    return ord(after) < 0x2E80
