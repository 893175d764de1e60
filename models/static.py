"""A static sentence encoder without torch: token vectors, summed and scaled to length 1.

Reads the folder that sentence-transformers' ``StaticEmbedding`` writes, and one whose rows are kept in int8,
each with its scale, which ``StaticEmbedding`` opens, too. It gives the same vectors, and starts in a fraction
of the time that importing torch takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from models.arrays import Floats

KEY = "embedding.weight"
PACKED, SCALES = "embeddings", "weights"
"""Rows in int8 ``(tokens, dimension)`` and a factor for each, ``(tokens,)``: model2vec's names for them."""
BATCH = 256


class Token(NamedTuple):
    """A token and the characters ``[start, end)`` of the text that it stands for."""

    text: str
    start: int
    end: int


def is_static(folder: Path) -> bool:
    """Whether the folder is a ``StaticEmbedding``, at most normalised, with weights of one float type."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if kinds not in (["StaticEmbedding"], ["StaticEmbedding", "Normalize"]):
        return False
    # Older versions wrote the table into a folder of its own, "0_StaticEmbedding".
    if modules[0].get("path") != "":
        return False
    weights, tokenizer = folder / "model.safetensors", folder / "tokenizer.json"
    return weights.is_file() and tokenizer.is_file()


def table_of(folder: Path) -> Floats:
    """The token vectors in ``folder``, ``(tokens, dimension)``. Raises KeyError: they have another name."""
    arrays = load_file(folder / "model.safetensors")
    if SCALES in arrays and PACKED in arrays:
        return np.asarray(arrays[PACKED] * arrays[SCALES][:, None], np.float32)
    return arrays[KEY].astype(np.float32)


class StaticTable:
    """Token vectors ``(tokens, dimension)`` and the tokenizer that names their rows.

    Raises:
        KeyError: the weights are under another name.
    """

    def __init__(self, folder: Path, max_length: int = 0) -> None:
        self.vectors: Floats = table_of(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        if max_length:
            self.tokenizer.enable_truncation(max_length)

    @property
    def dimension(self) -> int:
        return int(self.vectors.shape[1])

    def encode(self, texts: Sequence[str]) -> Iterator[Floats]:
        """Vectors of length 1, a batch at a time; a text without a known token gets zeros."""
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            encodings = self.tokenizer.encode_batch_fast(
                batch, add_special_tokens=False
            )
            # A sum and a mean point the same way; of length 1 they are equal.
            sums = [self.vectors[encoding.ids].sum(0) for encoding in encodings]
            yield normalised(np.stack(sums))

    def token_vectors(self, text: str) -> tuple[tuple[Token, ...], Floats]:
        """Each token with its place in ``text``, and its vector, not normalised: ``(tokens, dimension)``.

        The length of a vector is the token's weight in the sum.
        """
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        tokens: list[Token] = []
        for text_of_token, (start, end) in zip(
            encoding.tokens, encoding.offsets, strict=True
        ):
            tokens.append(Token(text_of_token, start, end))
        return tuple(tokens), self.vectors[encoding.ids]


def static_table(folder: Path, max_length: int = 0) -> StaticTable:
    """The table in ``folder``, opened once for all that share it, and again when its file has changed."""
    changed = (folder / "model.safetensors").stat().st_mtime_ns
    return _opened(folder.resolve(), max_length, changed)


@lru_cache(maxsize=2)
def _opened(folder: Path, max_length: int, _changed: int) -> StaticTable:
    return StaticTable(folder, max_length)


def normalised(vectors: Floats) -> Floats:
    """Rows scaled to length 1; zero rows stay zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)
