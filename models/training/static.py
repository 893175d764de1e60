"""Trains the static encoder: one vector a token, a text is the mean of its tokens' vectors.

    python -m models.training.static WORK OUT [--steps 11000] [--batch 1024]

Every step draws one kind of pair, and each query of the batch must find its own passage among the
others' (multiple negatives ranking loss, Henderson et al. 2017, "Efficient Natural Language Response
Suggestion for Smart Reply", in both directions). Only the rows that a batch touches are updated.
The length of a vector is learnt too: it is the token's weight in the mean.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor
from torch.nn import functional

from models.arrays import Floats, Int32s
from models.training import batches
from models.training.batches import Batch, Glosses, Rows, Source
from models.training.export import save

MIX: dict[str, float] = {
    "cloze": 0.33,
    "cloze_mixed": 0.16,
    "reading": 0.06,
    "reading_zh": 0.07,
    "reading_zh_mixed": 0.04,
    "answer_sentence": 0.06,
    "pairs": 0.05,
    "titles": 0.03,
    "translations_zh": 0.10,
    "translations": 0.04,
    "lexicon": 0.06,
}
"""How often each kind of pair is drawn."""

TEMPERATURE = 0.05
CHECKPOINT_SECONDS = 240


class Table:
    """Token vectors with lazy Adam: moments and weights change only where a batch looked."""

    def __init__(self, weights: Floats) -> None:
        self.weights = torch.from_numpy(weights)
        self.mean = torch.zeros_like(self.weights)
        self.square = torch.zeros(len(weights), 1)

    def rows(self, ids: Tensor) -> Tensor:
        return self.weights[ids].requires_grad_()

    def update(self, ids: Tensor, rows: Tensor, rate: float, step: int) -> None:
        """One Adam step with one second moment a row, which keeps rows of rare words in proportion."""
        assert rows.grad is not None
        mean = self.mean[ids].lerp_(rows.grad, 0.1)
        square = self.square[ids].lerp_(rows.grad.square().mean(1, keepdim=True), 0.01)
        self.mean[ids] = mean
        self.square[ids] = square
        # Moments begin at 0: after one step the mean is a tenth of what it stands for.
        step_size = rate / (1 - 0.9**step) * math.sqrt(1 - 0.99**step)
        trained = rows.detach()
        trained.addcdiv_(mean, square.sqrt().add_(1e-8), value=-step_size)
        self.weights[ids] = trained


def sources(work: Path, size: int, seed: int) -> dict[str, Source]:
    """The kinds of ``MIX`` whose arrays are there."""
    rng = np.random.default_rng(seed)
    found: dict[str, Source] = {"cloze": batches.cloze(work / "cloze.npz", rng)}
    if (work / "gloss.npz").is_file():
        glosses = Glosses.open(work / "gloss.npz", size)
        cloze = work / "cloze.npz"
        found["cloze_mixed"] = batches.cloze(cloze, rng, mixed=glosses, kept=0.5)
        path = work / "pairs_reading_zh.npz"
        if path.is_file():
            found["reading_zh_mixed"] = batches.paired(path, rng, mixed=glosses)
    for name in MIX:
        path = work / f"pairs_{name}.npz"
        if path.is_file():
            found[name] = batches.paired(path, rng)
    return found


class RowSums(torch.autograd.Function):
    """``counts @ table`` for a sparse ``counts``: 30 times faster here than ``embedding_bag`` backwards."""

    @staticmethod
    def forward(ctx: Any, table: Tensor, counts: csr_array) -> Tensor:
        ctx.counts = counts
        return torch.from_numpy(counts @ table.detach().numpy())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return torch.from_numpy(ctx.counts.T @ gradients[0].numpy()), None


def pooled(table: Tensor, rows: Rows, position: Int32s) -> Tensor:
    """The normalised sum of each row's vectors, ``(rows, dimension)``; ``table[position[id]]`` is an id's."""
    ones = np.ones(len(rows.ids), np.float32)
    bounds = np.append(rows.starts, len(rows.ids))
    shape = (len(rows.starts), len(table))
    counts = csr_array((ones, position[rows.ids], bounds), shape=shape)
    return functional.normalize(RowSums.apply(table, counts))  # type: ignore[no-untyped-call]


def loss_of(table: Tensor, batch: Batch, position: Int32s) -> Tensor:
    """Multiple negatives ranking loss in both directions, equal passages not counted as negatives."""
    queries = pooled(table, batch.queries, position)
    passages = pooled(table, batch.passages, position)
    scores = queries @ passages.T / TEMPERATURE
    same = torch.from_numpy(batch.same)
    equal = same[:, None] == same[None, :]
    equal.fill_diagonal_(False)
    scores = scores.masked_fill(equal, -torch.inf)
    target = torch.arange(len(same))
    forwards = functional.cross_entropy(scores, target)
    return forwards + 0.5 * functional.cross_entropy(scores.T, target)


def train(
    table: Table,
    kinds: Mapping[str, Source],
    mix: Mapping[str, float],
    *,
    steps: int,
    batch: int,
    rate: float,
    keep: Callable[[Tensor], None],
    seed: int = 1,
) -> None:
    """Train for so many batches of ``kinds``, drawn as often as ``mix`` says.

    ``keep`` is given the table every few minutes, and at the end.
    """
    names = [name for name in kinds if name in mix]
    chances = np.array([mix[name] for name in names])
    chooser = np.random.default_rng(seed + 1)
    position = np.zeros(len(table.weights), np.int32)
    recent: dict[str, float] = {}
    start = saved = shown = time.perf_counter()
    for step in range(1, steps + 1):
        done = step / steps
        name = str(chooser.choice(names, p=chances / chances.sum()))
        drawn = kinds[name](batch)
        # The 64,000 rows stay where they are: a batch gathers the few thousand that it names.
        named = np.concatenate([drawn.queries.ids, drawn.passages.ids])
        distinct = np.flatnonzero(np.bincount(named, minlength=len(position)))
        position[distinct] = np.arange(len(distinct))
        touched = torch.from_numpy(distinct)
        rows = table.rows(touched)
        loss = loss_of(rows, drawn, position)
        loss.backward()  # type: ignore[no-untyped-call]
        # Up over 50 steps, then down to nothing in a straight line.
        warm = min(1.0, step / 50)
        table.update(touched, rows, rate * warm * (1 - done), step)
        recent[name] = 0.9 * recent.get(name, loss.item()) + 0.1 * loss.item()
        now = time.perf_counter()
        if now - shown > 20:
            shown = now
            told = (f"{kind} {value:.2f}" for kind, value in sorted(recent.items()))
            losses = " ".join(told)
            print(f"{done:4.0%} step {step:,} {losses}", flush=True)
        if now - saved > CHECKPOINT_SECONDS:
            saved = now
            keep(table.weights)
    keep(table.weights)
    print(
        f"{steps:,} steps of {batch:,} pairs in {(time.perf_counter() - start) / 60:.1f} min"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=11_000)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    work = arguments.work
    table = Table(np.load(work / "initial.npy"))
    train(
        table,
        sources(work, len(table.weights), seed=1),
        MIX,
        steps=arguments.steps,
        batch=arguments.batch,
        rate=arguments.rate,
        keep=lambda weights: save(weights, work / "tokenizer.json", arguments.out),
    )
    described = {
        "dimension": table.weights.shape[1],
        "steps": arguments.steps,
        "batch": arguments.batch,
        "rate": arguments.rate,
    }
    (work / "run.json").write_text(json.dumps(described))


if __name__ == "__main__":
    main()
