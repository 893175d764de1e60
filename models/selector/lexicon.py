"""Words with their weight (idf over the news) and their vector; see models/training/word_vectors.py."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from models.kept import kept
from models.language.words import words

FloatArray = NDArray[np.float32]
RAREST = 11.1
"""The idf of a word that the news never had, log(67,884)."""


class Lexicon:
    """60,000 Chinese and Latin words; others are put together from the longest known pieces."""

    def __init__(self, folder: Path) -> None:
        tables = load_file(folder / "words.safetensors")
        self._vectors, self._scale = tables["vectors"], tables["scale"]
        self._idf = tables["idf"]
        self._tuned, self._tuned_scale = (
            tables.get("tuned", self._vectors),
            tables.get("tuned_scale", self._scale),
        )
        vocabulary = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        self._index: dict[str, int] = {word: i for i, word in enumerate(vocabulary)}
        self.dimension: int = self._vectors.shape[1]
        self._vector = kept(megabytes=24, entries=32768)(self._vector_of)
        self._tuned_vector = kept(megabytes=24, entries=32768)(self._tuned_of)
        self._whole = kept(megabytes=8, entries=4096)(self._whole_of)
        self._matrix = kept(megabytes=48, entries=4096)(self._matrix_of)

    def idf(self, word: str) -> float:
        """How telling a word is: 0 for one in every article, 11 for one in none."""
        found = self._index.get(word)
        return RAREST if found is None else float(self._idf[found])

    def vector(self, word: str) -> FloatArray:
        """``(dimension,)``, length 1, or zeros for a word of which nothing is known."""
        return self._vector(word)

    def tuned(self, word: str) -> FloatArray:
        """``(dimension,)``: its length says how much the word weighs when a question seeks its sentence."""
        return self._tuned_vector(word)

    def _tuned_of(self, word: str) -> FloatArray:
        rows = self.ids(word)
        return np.asarray(
            self._tuned_scale[rows] @ self._tuned[rows].astype(np.float32), np.float32
        )

    def whole(self, text: str) -> FloatArray:
        """``(dimension,)``: the tuned vectors of all words of ``text``, summed; numbers left out."""
        return self._whole(text)

    def _whole_of(self, text: str) -> FloatArray:
        vectors = [
            self.tuned(word.text) for word in words(text) if word.kind != "number"
        ]
        return (
            np.sum(vectors, axis=0) if vectors else np.zeros(self.dimension, np.float32)
        )

    def ids(self, word: str) -> list[int]:
        """Rows of the tables: the word's own, or those of its longest known pieces."""
        own = self._index.get(word)
        return (
            [self._index[piece] for piece in self._pieces(word)]
            if own is None
            else [own]
        )

    def table(self) -> FloatArray:
        """``(words, dimension)``: all vectors, rows of length 1."""
        return np.asarray(
            self._vectors.astype(np.float32) * self._scale[:, None], np.float32
        )

    def weights(self) -> FloatArray:
        """``(words,)``: all idf."""
        return np.asarray(self._idf, np.float32)

    def matrix(self, text: str) -> FloatArray:
        """``(n, dimension)``: the vectors of the words of ``text``, numbers left out."""
        return self._matrix(text)

    def forget(self) -> None:
        """Drop what is kept of texts; words stay."""
        self._whole.cache_clear()
        self._matrix.cache_clear()

    def _vector_of(self, word: str) -> FloatArray:
        pieces = [word] if word in self._index else self._pieces(word)
        total = np.zeros(self.dimension, np.float32)
        for piece in pieces:
            i = self._index[piece]
            total += self._vectors[i].astype(np.float32) * self._scale[i] * len(piece)
        length = float(np.linalg.norm(total))
        return total / length if length else total

    def _pieces(self, word: str) -> list[str]:
        """Longest known pieces from the left; single characters count when nothing longer does."""
        pieces: list[str] = []
        start = 0
        while start < len(word):
            end = next(
                (
                    e
                    for e in range(len(word), start, -1)
                    if word[start:e] in self._index
                ),
                start + 1,
            )
            if word[start:end] in self._index:
                pieces.append(word[start:end])
            start = end
        return pieces

    def _matrix_of(self, text: str) -> FloatArray:
        rows = [self.vector(word.text) for word in words(text) if word.kind != "number"]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32)
