"""What one step of the reader's training sees: the examples as arrays, batches of like length, their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from torch import Tensor

from models.training.reader_tokens import Kind
from models.trunk import START, STOP, padded

REPEATS = {Kind.WRITTEN: 1.35, Kind.NEAR_MISS: 1.35}
"""How often an epoch sees what was written for this purpose."""


@dataclass(frozen=True, slots=True)
class Examples:
    """The arrays of ``reader_examples``, by example."""

    arrays: dict[str, np.ndarray]
    question_ends: np.ndarray
    text_ends: np.ndarray

    @classmethod
    def load(cls, folder: Path) -> Examples:
        arrays = load_file(folder / "examples.safetensors")
        question_ends = arrays["question_lengths"].cumsum()
        text_ends = arrays["text_lengths"].cumsum()
        return cls(arrays, question_ends, text_ends)

    def __len__(self) -> int:
        return len(self.text_ends)

    @property
    def lengths(self) -> np.ndarray:
        """In tokens of ``ids``: question, text, and the four around them."""
        own = self.arrays["question_lengths"] + self.arrays["text_lengths"]
        return np.asarray(own + 4)

    def ids(self, number: int) -> list[int]:
        """``<s> question </s></s> text </s>``."""
        question = self._tokens("question", self.question_ends, number)
        text = self._tokens("text", self.text_ends, number)
        return [START, *question, STOP, STOP, *text, STOP]

    def shift(self, number: int) -> int:
        """Where the text begins in ``ids``."""
        return int(self.arrays["question_lengths"][number]) + 3

    def _tokens(self, part: str, ends: np.ndarray, number: int) -> list[int]:
        """Of ``question`` or ``text``: all of them lie end to end in one array."""
        end = int(ends[number])
        start = end - int(self.arrays[f"{part}_lengths"][number])
        return list(self.arrays[f"{part}s"][start:end].tolist())


@dataclass(frozen=True, slots=True)
class Batch:
    """``ids`` and ``answerable`` ``(n, tokens)``; ``starts`` and ``ends`` ``(n,)``, -1 none, -2 not known."""

    ids: Tensor
    answerable: Tensor
    starts: Tensor
    ends: Tensor


def batch_of(examples: Examples, numbers: Sequence[int], device: str) -> Batch:
    """The examples of these numbers as tensors."""
    ids = padded([examples.ids(number) for number in numbers])
    answerable = torch.zeros(ids.shape, dtype=torch.bool)
    starts: list[int] = []
    ends: list[int] = []
    for row, number in enumerate(numbers):
        shift = examples.shift(number)
        # The passage, without the context before it.
        begins = shift + int(examples.arrays["begins"][number])
        stops = shift + int(examples.arrays["text_lengths"][number])
        answerable[row, begins:stops] = True
        # -1 and -2 are no places, and stay as they are.
        start = int(examples.arrays["starts"][number])
        end = int(examples.arrays["ends"][number])
        starts.append(start + shift if start >= 0 else start)
        ends.append(end + shift if end >= 0 else end)
    tensors = ids, answerable, torch.tensor(starts), torch.tensor(ends)
    return Batch(*(tensor.to(device) for tensor in tensors))


def plan_of(
    examples: Examples, epochs: int, tokens: int, rng: np.random.Generator
) -> list[list[int]]:
    """The batches of a training: texts of like length together, the batches in random order."""
    plan: list[list[int]] = []
    lengths = examples.lengths
    for _ in range(epochs):
        numbers = _repeated(examples, rng)
        rng.shuffle(numbers)
        # Sorted by length in heaps, not all at once: an epoch's batches differ from the last one's.
        for low in range(0, len(numbers), 12_000):
            some = numbers[low : low + 12_000]
            some = some[np.argsort(lengths[some], kind="stable")]
            plan += _cut(some.tolist(), lengths, tokens)
    return [plan[at] for at in rng.permutation(len(plan))]


def _repeated(examples: Examples, rng: np.random.Generator) -> np.ndarray:
    """Every example once, and of those in ``REPEATS`` some again: at 1.35, 35 of 100."""
    kinds = examples.arrays["kinds"]
    numbers = [np.arange(len(examples))]
    for kind, times in REPEATS.items():
        again = rng.random(len(kinds)) < times - 1
        numbers.append(np.flatnonzero((kinds == kind) & again))
    return np.concatenate(numbers)


def _cut(numbers: Sequence[int], lengths: np.ndarray, tokens: int) -> list[list[int]]:
    batches: list[list[int]] = [[]]
    for number in numbers:
        # They come by length, so that this one is the widest: 13 of 300 tokens would be 3,900
        # of 4,096, a 14th would be too much.
        if batches[-1] and int(lengths[number]) * (len(batches[-1]) + 1) > tokens:
            batches.append([])
        batches[-1].append(number)
    return batches
