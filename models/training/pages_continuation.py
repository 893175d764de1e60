"""Trains the two networks that say whether one text goes on from another.

    python -m models.training.pages_continuation ../shared/data models/weights/chuchu-pages

At places drawn in every article, anywhere in a sentence, what stands before must be told to belong to what
stands after, among all other places of the batch, those of the same article included.
"""

from __future__ import annotations

import argparse
import bisect
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from models.arrays import Bools
from models.pages.continuation import SIDES
from models.pages.ngrams import VOCABULARY, CharacterModel, normalise
from models.training.pages_articles import BELOW, articles

BEFORE, AFTER = 112, 80
"""The most characters that are read before and after a place."""
NEAREST = 4
"""The fewest."""
NEXT = 3
"""Places of one article that are so near each other are no rivals."""
SENTENCES = 0.7
"""The share of places between sentences that is taken."""
STOPS = "。！？"

Article = NDArray[np.int16]


class Batch(NamedTuple):
    """``(rows, columns)`` of ids for each direction, where the places are read to, and ``(n, n)`` which
    pairs of places overlap."""

    before: Tensor
    ends: tuple[Tensor, Tensor]
    after: Tensor
    starts: tuple[Tensor, Tensor]
    blind: Tensor


class Towers(nn.Module):
    """What is trained: character vectors, two GRUs, two projections."""

    def __init__(
        self, size: int = 128, hidden: int = 384, out: int = 256, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.characters = nn.Embedding(VOCABULARY, size)
        self.before = nn.GRU(size, hidden, batch_first=True)
        self.after = nn.GRU(size, hidden, batch_first=True)
        self.before_out = nn.Linear(hidden, out, bias=False)
        self.after_out = nn.Linear(hidden, out, bias=False)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.characters.weight, std=0.3)

    def forward(self, batch: Batch) -> Tensor:
        """``(places, places)`` logits: how well the text after each goes on from the text before each."""
        ends, _ = self.before(self.dropout(self.characters(batch.before)))
        starts, _ = self.after(self.dropout(self.characters(batch.after)))
        left: Tensor = self.before_out(self.dropout(ends[batch.ends]))
        right: Tensor = self.after_out(self.dropout(starts[batch.starts]))
        logits: Tensor = left @ right.T
        return logits


class Batches:
    """Batches of whole articles, and places in them.

    Each direction parts an article at borders of its own, so that how much can be read before a place says
    nothing of how much can be read after it: with borders in common, a network learned to add the two.
    """

    def __init__(
        self, articles: Sequence[Article], stops: Sequence[int], size: int, every: float
    ) -> None:
        """``size`` in characters; a place for ``every`` so many of them."""
        self.articles = articles
        self.stops = np.array(stops)
        self.size = size
        self.every = every

    def __call__(self, seed: int) -> Iterator[Batch]:
        """One pass, in an order of its own."""
        chance = random.Random(seed)
        order = list(range(len(self.articles)))
        chance.shuffle(order)
        held: list[Article] = []
        for number in order:
            article = self.articles[number]
            # Begun anywhere in its first 56 characters, so that each pass parts it elsewhere.
            start = chance.randrange(min(BEFORE, len(article)) // 2)
            held.append(article[start:])
            if sum(map(len, held)) >= self.size:
                yield self._batch(held, chance)
                held = []

    def _batch(self, held: Sequence[Article], chance: random.Random) -> Batch:
        before = _Rows(BEFORE)
        after = _Rows(AFTER)
        # Article, where it is read from, place, where it is read to.
        spots: list[tuple[int, int, int, int]] = []
        for number, article in enumerate(held):
            left = before.borders(len(article), chance)
            right = after.borders(len(article), chance)
            for place in self._places(article, chance):
                # Between borders at 0, 60 and 172 the place 100 is read from 60 on.
                left_row = bisect.bisect_right(left, place - 1) - 1
                right_end = bisect.bisect_left(right, place + 1)
                low = left[left_row]
                high = right[right_end]
                if place - low >= NEAREST and high - place >= NEAREST:
                    row = len(before.rows) + left_row
                    before.places.append((row, place - low - 1))
                    row = len(after.rows) + right_end - 1
                    after.places.append((row, high - place - 1))
                    spots.append((number, low, place, high))
            before.rows += [article[a:b] for a, b in pairwise(left)]
            # What stands after is read backwards, from its far end to the place.
            after.rows += [article[a:b][::-1] for a, b in pairwise(right)]
        blind = torch.from_numpy(_blind(spots))
        return Batch(*before.tensors(), *after.tensors(), blind)

    def _places(self, article: Article, chance: random.Random) -> list[int]:
        inner = range(1, len(article))
        count = min(len(inner), round(len(article) / self.every))
        places = set(chance.sample(inner, count))
        ends = np.flatnonzero(np.isin(article[:-1], self.stops)) + 1
        for end in ends.tolist():
            if chance.random() < SENTENCES:
                places.add(end)
        return sorted(places)


def _blind(spots: Sequence[tuple[int, int, int, int]]) -> Bools:
    """Which pairs of places are no rivals: ``(spots, spots)``.

    They are of one article, and what is read after the one overlaps with what is read before the other, or
    they are next to each other: the network would be told that a text does not go on from itself.
    """
    article, low, place, high = np.array(spots).T
    shared = (place[None, :] < place[:, None]) & (high[None, :] > low[:, None])
    near = np.abs(place[:, None] - place[None, :]) <= NEXT
    same = article[:, None] == article[None, :]
    blind: Bools = same & (shared | near) & ~np.eye(len(spots), dtype=bool)
    return blind


class _Rows:
    """What one direction reads, a row each, and the places in them: ``(row, column)``."""

    def __init__(self, reach: int) -> None:
        self.reach = reach
        self.rows: list[Article] = []
        self.places: list[tuple[int, int]] = []

    def borders(self, length: int, chance: random.Random) -> list[int]:
        """Where an article of this length is parted: its ends, and from a place drawn on every ``reach``."""
        first = chance.randrange(self.reach)
        return sorted({0, *range(first, length, self.reach), length})

    def tensors(self) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        ids = np.zeros((len(self.rows), self.reach), np.int64)
        for row, each in zip(ids, self.rows, strict=True):
            row[: len(each)] = each
        rows, columns = torch.tensor(self.places).T
        return torch.from_numpy(ids), (rows, columns)


def contrast(logits: Tensor, blind: Tensor) -> Tensor:
    """Cross-entropy of the right one, over rows and columns, those that overlap with it left out."""
    logits = logits.float().masked_fill(blind, -torch.inf)
    right = torch.arange(len(logits))
    forwards = functional.cross_entropy(logits, right)
    backwards = functional.cross_entropy(logits.T, right)
    return (forwards + backwards) / 2


def train(
    net: Towers, batches: Batches, epochs: float, per_epoch: int, rate: float, out: Path
) -> None:
    """Adam with a warm-up and a cosine to nothing; says how it goes, and keeps what it has."""
    optimiser = torch.optim.AdamW(
        net.parameters(), lr=rate, weight_decay=0.01, betas=(0.9, 0.98)
    )
    steps = int(epochs * per_epoch)
    step = 0
    began = time.perf_counter()
    losses: list[float] = []
    net.train()
    for epoch in range(math.ceil(epochs)):
        for batch in batches(epoch):
            step += 1
            if step > steps:
                break
            # Up over 300 steps (of a short training, a fifth of it), then down along a cosine:
            # half way it is half the rate.
            warm = min(1.0, step / min(300, steps / 5))
            cosine = math.cos(math.pi * step / (steps + 1))
            for group in optimiser.param_groups:
                group["lr"] = rate * warm * 0.5 * (1 + cosine)
            with torch.autocast("cpu", torch.bfloat16):
                logits = net(batch)
            loss = contrast(logits, batch.blind)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            losses.append(float(loss.detach()))
            if step % 100 == 0:
                spent = time.perf_counter() - began
                mean = sum(losses[-100:]) / len(losses[-100:])
                print(
                    f"{step}/{steps} {spent:.0f} s loss {mean:.4f} of {math.log(len(logits)):.2f}",
                    flush=True,
                )
            if step % 500 == 0:
                save(net, out)


NAMED = {
    "weight_ih_l0": "input", "bias_ih_l0": "input_bias",
    "weight_hh_l0": "recurrent", "bias_hh_l0": "recurrent_bias",
}  # fmt: skip


def save(net: Towers, out: Path) -> None:
    """Half precision, under the names that ``Continuation`` reads."""
    held = {"characters": net.characters.weight}
    for side in SIDES:
        for name, each in getattr(net, side).named_parameters():
            held[f"{side}.{NAMED[name]}"] = each
        held[f"{side}.out"] = getattr(net, f"{side}_out").weight
    arrays: dict[str, NDArray[np.float16]] = {}
    for name, weights in held.items():
        arrays[name] = weights.detach().numpy().astype(np.float16)
    save_file(arrays, out)


def resume(net: Towers, path: Path) -> None:
    """Take the weights that :func:`save` kept."""
    held: dict[str, Tensor] = {}
    for name, each in load_file(path).items():
        held[name] = torch.from_numpy(each.astype(np.float32))
    net.characters.load_state_dict({"weight": held["characters"]})
    for side in SIDES:
        gru = {name: held[f"{side}.{ours}"] for name, ours in NAMED.items()}
        getattr(net, side).load_state_dict(gru)
        getattr(net, f"{side}_out").load_state_dict({"weight": held[f"{side}.out"]})


def encoded(folder: Path, characters: CharacterModel, least: int) -> list[Article]:
    """Articles as ids; those that are too short are left out."""
    found: list[Article] = []
    for text in articles(folder, BELOW):
        ids = characters.ids(normalise(text))
        if len(ids) >= least:
            found.append(ids.astype(np.int16))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--batch", type=int, default=20_000, help="characters")
    parser.add_argument("--every", type=float, default=6.5, help="characters a place")
    parser.add_argument(
        "--shortest", type=int, default=100, help="characters of an article"
    )
    parser.add_argument("--hidden", type=int, default=384)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--start", type=Path, help="go on from these weights")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    described = json.loads((args.out / "ngrams.json").read_text(encoding="utf-8"))
    characters = CharacterModel.load(args.out, described)
    texts = encoded(args.data, characters, args.shortest)
    total = sum(map(len, texts))
    print(f"{len(texts):,} articles, {total:,} characters", flush=True)
    stops = [int(characters.ids(stop)[0]) for stop in STOPS]
    batches = Batches(texts, stops, args.batch, args.every)
    per_epoch = max(1, total // (args.batch + total // len(texts)))
    net = Towers(hidden=args.hidden)
    if args.start:
        resume(net, args.start)
    train(
        net,
        batches,
        args.epochs,
        per_epoch,
        args.rate,
        args.out / "continuation.safetensors",
    )
    save(net, args.out / "continuation.safetensors")


if __name__ == "__main__":
    main()
