"""Batches for the reader: rows of like length, long passages cut to a window, tables looked up."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.reader.network import Side
from models.reader.reader import padded
from models.reader.units import STATIC_COLUMNS
from models.static import StaticTable

Row = dict[str, Any]


class Batch(NamedTuple):
    """What the network's ``forward`` takes, and the rows with their windows."""

    question: Side
    passage: Side
    question_matches: Tensor
    passage_matches: Tensor
    asked: Tensor
    starts: Tensor
    ends: Tensor
    rows: Sequence[Row]
    windows: Sequence[tuple[int, int]]


class Tables:
    """The frozen vectors, and the arrays of each text."""

    def __init__(
        self, words: np.ndarray, static: StaticTable, texts: dict[str, dict[str, np.ndarray]]
    ) -> None:
        self.words = torch.from_numpy(words.astype(np.float32))
        self.pieces = torch.from_numpy(static.vectors[:, :STATIC_COLUMNS])
        self.texts = texts
        self.columns = self.pieces.shape[1] + 2 * self.words.shape[1]

    def side(self, texts: Sequence[str], windows: Sequence[tuple[int, int]]) -> Side:
        parts = [
            {k: v[a:b] for k, v in self.texts[t].items()} for t, (a, b) in zip(texts, windows, strict=True)
        ]
        stacked = {
            k: padded([p[k] for p in parts])
            for k in ("characters", "pieces", "tags", "words", "alone", "plain")
        }
        rows = {k: torch.from_numpy(stacked[k].astype(np.int64)) for k in ("pieces", "words", "alone")}
        lengths = torch.tensor([b - a for a, b in windows])
        mask = torch.arange(stacked["tags"].shape[1])[None, :] < lengths[:, None]
        vectors = torch.cat(
            [self.pieces[rows["pieces"]], self.words[rows["words"]], self.words[rows["alone"]]], 2
        )
        return Side(
            torch.from_numpy(stacked["characters"].astype(np.int64)),
            torch.from_numpy(stacked["tags"].astype(np.int64)),
            vectors * mask[:, :, None],
            torch.from_numpy(stacked["plain"].astype(np.float32)),
            mask,
        )

    def batch(self, rows: Sequence[Row], windows: Sequence[tuple[int, int]]) -> Batch:
        question = self.side([r["question"] for r in rows], [(0, len(r["question_matches"])) for r in rows])
        passage = self.side([r["passage"] for r in rows], windows)
        n = passage.mask.shape[1]
        inside = [
            (r["start"] - a, r["end"] - a) if r["start"] >= a and r["end"] < b and r["start"] >= 0 else (n, n)
            for r, (a, b) in zip(rows, windows, strict=True)
        ]
        cut = [r["passage_matches"][a:b] for r, (a, b) in zip(rows, windows, strict=True)]
        return Batch(
            question,
            passage,
            torch.from_numpy(padded([r["question_matches"] for r in rows]).astype(np.float32)),
            torch.from_numpy(padded(cut).astype(np.float32)),
            torch.tensor([r["asked"] for r in rows]),
            torch.tensor([s for s, _ in inside]),
            torch.tensor([e for _, e in inside]),
            rows,
            windows,
        )


def training(
    rows: Sequence[Row], tables: Tables, rng: random.Random, size: int, longest: int
) -> Iterator[Batch]:
    """One epoch. A passage longer than ``longest`` units is cut, mostly to where its answer stands."""
    cut = [(row, _window(row, longest, rng)) for row in rows]
    cut.sort(key=lambda pair: (pair[1][1] - pair[1][0]) + rng.random() * 40)
    for pairs in shuffled([cut[i : i + size] for i in range(0, len(cut), size)], rng):
        yield tables.batch([row for row, _ in pairs], [window for _, window in pairs])


def whole(rows: Sequence[Row], tables: Tables, size: int) -> Iterator[Batch]:
    """Every row with its whole passage, in order of length."""
    ordered = sorted(rows, key=lambda row: len(row["passage_matches"]))
    for i in range(0, len(ordered), size):
        some = ordered[i : i + size]
        yield tables.batch(some, [(0, len(row["passage_matches"])) for row in some])


def shuffled(items: list[Any], rng: random.Random) -> list[Any]:
    rng.shuffle(items)
    return items


def _window(row: Row, longest: int, rng: random.Random) -> tuple[int, int]:
    n = len(row["passage_matches"])
    if n <= longest:
        return 0, n
    if row["start"] < 0 or rng.random() < 0.07:
        start = rng.randrange(n - longest + 1)
    else:
        low, high = max(0, row["end"] + 1 - longest), min(row["start"], n - longest)
        start = rng.randint(min(low, high), high)
    return start, start + longest
