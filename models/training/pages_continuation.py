"""Trains the two networks that say whether one text goes on from another.

    python -m models.training.pages_continuation ../shared/data models/weights/chuchu-pages

Every article is parted into stretches; at places drawn in each, anywhere in a sentence, what stands before
must be told to belong to what stands after, among the places of all other stretches of the batch, those of
the same article included.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional

from models.pages.continuation import SIDES
from models.pages.ngrams import VOCABULARY, CharacterModel, Ids, normalise
from models.training.pages_articles import BELOW, articles

STRETCH = 128
"""Characters of a stretch, about."""
NEAREST = 6
"""Characters that a place is away from the ends of its stretch, at least."""
STOPS = "。！？"


class Towers(nn.Module):
    """What is trained: character vectors, two GRUs, two projections."""

    def __init__(self, size: int = 128, hidden: int = 384, out: int = 256, dropout: float = 0.1) -> None:
        super().__init__()
        self.characters = nn.Embedding(VOCABULARY, size)
        self.before = nn.GRU(size, hidden, batch_first=True)
        self.after = nn.GRU(size, hidden, batch_first=True)
        self.before_out = nn.Linear(hidden, out, bias=False)
        self.after_out = nn.Linear(hidden, out, bias=False)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.characters.weight, std=0.3)

    def forward(
        self, ids: Tensor, backwards: Tensor, rows: Tensor, places: Tensor, lengths: Tensor
    ) -> Tensor:
        """``(n, n)`` logits of ``n`` places: ``rows`` and ``places`` say in which stretch, before which
        character."""
        ends, _ = self.before(self.dropout(self.characters(ids)))
        starts, _ = self.after(self.dropout(self.characters(backwards)))
        left: Tensor = self.before_out(self.dropout(ends[rows, places - 1]))
        right = self.after_out(self.dropout(starts[rows, lengths[rows] - 1 - places]))
        return left @ right.T


class Stretches:
    """Batches of stretches; each article's stand in one batch."""

    def __init__(
        self, articles: Sequence[NDArray[np.int16]], stops: Sequence[int], batch: int, drawn: int
    ) -> None:
        self.articles, self.stops, self.batch, self.drawn = articles, np.array(stops), batch, drawn

    def __call__(self, seed: int) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor, Tensor]]:
        """One pass, in an order of its own."""
        chance = random.Random(seed)
        order = list(range(len(self.articles)))
        chance.shuffle(order)
        held: list[NDArray[np.int16]] = []
        for number in order:
            held += self._parted(self.articles[number], chance)
            if len(held) >= self.batch:
                yield self._batch(held, chance)
                held = []

    def _parted(self, article: NDArray[np.int16], chance: random.Random) -> list[NDArray[np.int16]]:
        article = article[chance.randrange(STRETCH // 2) :]
        parts = max(1, round(len(article) / STRETCH))
        return [part for part in np.array_split(article, parts) if len(part) >= 4 * NEAREST]

    def _batch(
        self, held: Sequence[NDArray[np.int16]], chance: random.Random
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        lengths = np.array([len(each) for each in held])
        ids = np.zeros((2, len(held), lengths.max()), np.int64)
        rows: list[int] = []
        places: list[int] = []
        for row, each in enumerate(held):
            ids[0, row, : len(each)], ids[1, row, : len(each)] = each, each[::-1]
            inner = range(NEAREST, len(each) - NEAREST)
            ends = (np.flatnonzero(np.isin(each[:-1], self.stops)) + 1).tolist()
            chosen = set(chance.sample(inner, min(self.drawn, len(inner))))
            chosen |= {at for at in ends if at in inner and chance.random() < 0.7}
            places += sorted(chosen)
            rows += [row] * len(chosen)
        found = ids[0], ids[1], np.array(rows), np.array(places), lengths
        return tuple(map(torch.from_numpy, found))  # type: ignore[return-value]


def contrast(logits: Tensor, rows: Tensor) -> Tensor:
    """Cross-entropy of the right one, over rows and columns; others of one stretch overlap, and do not
    count."""
    n = len(rows)
    blind = (rows[:, None] == rows[None, :]) & ~torch.eye(n, dtype=torch.bool)
    logits = logits.float().masked_fill(blind, -torch.inf)
    right = torch.arange(n)
    return (functional.cross_entropy(logits, right) + functional.cross_entropy(logits.T, right)) / 2


def train(net: Towers, batches: Stretches, epochs: float, per_epoch: int, rate: float, out: Path) -> None:
    """Adam with a warm-up and a cosine to nothing; says how it goes, and keeps what it has."""
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.01, betas=(0.9, 0.98))
    steps = int(epochs * per_epoch)
    step, began, losses = 0, time.perf_counter(), []
    net.train()
    for epoch in range(math.ceil(epochs)):
        for ids, backwards, rows, places, lengths in batches(epoch):
            step += 1
            if step > steps:
                break
            now = rate * min(1.0, step / 300) * 0.5 * (1 + math.cos(math.pi * step / (steps + 1)))
            for group in optimiser.param_groups:
                group["lr"] = now
            with torch.autocast("cpu", torch.bfloat16):
                logits = net(ids, backwards, rows, places, lengths)
            loss = contrast(logits, rows)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            losses.append(float(loss.detach()))
            if step % 100 == 0:
                spent = time.perf_counter() - began
                mean = sum(losses[-100:]) / len(losses[-100:])
                print(
                    f"{step}/{steps} {spent:.0f} s loss {mean:.4f} of {math.log(len(rows)):.2f}", flush=True
                )
            if step % 500 == 0:
                save(net, out)


def save(net: Towers, out: Path) -> None:
    """Half precision, under the names that ``Continuation`` reads."""
    named = {
        "weight_ih_l0": "input", "bias_ih_l0": "input_bias",
        "weight_hh_l0": "recurrent", "bias_hh_l0": "recurrent_bias",
    }  # fmt: skip
    held = {"characters": net.characters.weight}
    for side in SIDES:
        held |= {f"{side}.{named[name]}": each for name, each in getattr(net, side).named_parameters()}
        held[f"{side}.out"] = getattr(net, f"{side}_out").weight
    save_file({name: each.detach().numpy().astype(np.float16) for name, each in held.items()}, out)


def encoded(folder: Path, characters: CharacterModel, least: int = 100) -> list[NDArray[np.int16]]:
    """Articles as ids; those that are too short are left out."""
    found: list[Ids] = [characters.ids(normalise(text)) for text in articles(folder, BELOW)]
    return [ids.astype(np.int16) for ids in found if len(ids) >= least]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--batch", type=int, default=160, help="stretches")
    parser.add_argument("--drawn", type=int, default=20, help="places of a stretch")
    parser.add_argument("--hidden", type=int, default=384)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    described = json.loads((args.out / "ngrams.json").read_text(encoding="utf-8"))
    characters = CharacterModel.load(args.out, described)
    texts = encoded(args.data, characters)
    total = sum(map(len, texts))
    print(f"{len(texts):,} articles, {total:,} characters", flush=True)
    stops = [int(characters.ids(stop)[0]) for stop in STOPS]
    batches = Stretches(texts, stops, args.batch, args.drawn)
    per_epoch = total // (STRETCH * (args.batch + 2))
    net = Towers(hidden=args.hidden)
    train(net, batches, args.epochs, per_epoch, args.rate, args.out / "continuation.safetensors")
    save(net, args.out / "continuation.safetensors")


if __name__ == "__main__":
    main()
