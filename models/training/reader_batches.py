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
        return cls(
            arrays, arrays["question_lengths"].cumsum(), arrays["text_lengths"].cumsum()
        )

    def __len__(self) -> int:
        return len(self.text_ends)

    @property
    def lengths(self) -> np.ndarray:
        return np.asarray(
            self.arrays["question_lengths"] + self.arrays["text_lengths"] + 4
        )

    def ids(self, number: int) -> list[int]:
        """``<s> question </s></s> text </s>``."""
        question = self._slice(
            "questions", self.question_ends, "question_lengths", number
        )
        text = self._slice("texts", self.text_ends, "text_lengths", number)
        return [START, *question, STOP, STOP, *text, STOP]

    def shift(self, number: int) -> int:
        """Where the text begins in ``ids``."""
        return int(self.arrays["question_lengths"][number]) + 3

    def _slice(
        self, name: str, ends: np.ndarray, lengths: str, number: int
    ) -> list[int]:
        end = int(ends[number])
        return list(
            self.arrays[name][end - int(self.arrays[lengths][number]) : end].tolist()
        )


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
        begins = shift + int(examples.arrays["begins"][number])
        answerable[
            row, begins : shift + int(examples.arrays["text_lengths"][number])
        ] = True
        start, end = (
            int(examples.arrays["starts"][number]),
            int(examples.arrays["ends"][number]),
        )
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
        for low in range(0, len(numbers), 12_000):
            some = numbers[low : low + 12_000]
            some = some[np.argsort(lengths[some], kind="stable")]
            plan += _cut(some.tolist(), lengths, tokens)
    return [plan[at] for at in rng.permutation(len(plan))]


def _repeated(examples: Examples, rng: np.random.Generator) -> np.ndarray:
    kinds = examples.arrays["kinds"]
    more = [
        np.flatnonzero((kinds == kind) & (rng.random(len(kinds)) < times - 1))
        for kind, times in REPEATS.items()
    ]
    return np.concatenate([np.arange(len(examples)), *more])


def _cut(numbers: Sequence[int], lengths: np.ndarray, tokens: int) -> list[list[int]]:
    batches: list[list[int]] = [[]]
    for number in numbers:
        if batches[-1] and int(lengths[number]) * (len(batches[-1]) + 1) > tokens:
            batches.append([])
        batches[-1].append(number)
    return batches
