"""Trains the network that reads a page, on generated pages; measures it on pages of other articles.

    python -m models.training.pages ../shared/data models/weights/chuchu-pages

One article in ten is never seen here (``eval pages`` has those); another is kept back to choose by.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from models.arrays import Floats
from models.folders import WEIGHTS
from models.pages.features import GLANCED, NAMES
from models.pages.network import forward
from models.pages.reading import PageReader, load_models
from models.pages.solving import Thread
from models.static import StaticTable
from models.training.pages_articles import CHOOSING, NETWORKS, articles
from models.training.pages_generator import page
from models.training.pages_pairs import (
    Example,
    edge_examples,
    examples,
    gathered,
    truths,
)
from models.training.pages_style import Piece, style

MOST = 9
"""Articles on a page."""


def collect(rows: Sequence[Example]) -> tuple[Floats, Floats, Floats]:
    """Features as float16, truths and weights."""
    return (
        np.concatenate([row.features.astype(np.float16) for row in rows]),
        np.concatenate([row.truth for row in rows]),
        np.concatenate([row.weights for row in rows]),
    )


def train(
    features: Floats,
    truth: Floats,
    weights: Floats,
    epochs: int,
    hidden: int = 64,
    batch: int = 2048,
) -> dict[str, Floats]:
    """Fit a network by weighted cross-entropy; its weights under the names that ``forward`` reads."""
    # Of 3 million pairs every tenth tells mean and deviation well enough.
    sample = features[:: max(1, len(features) // 300_000)].astype(np.float32)
    mean = sample.mean(axis=0)
    std = np.maximum(sample.std(axis=0), 1e-3)
    net = torch.nn.ModuleDict(
        {
            "first": torch.nn.Linear(features.shape[1], hidden),
            "second": torch.nn.Linear(hidden, hidden // 2),
            "last": torch.nn.Linear(hidden // 2, truth.shape[1]),
        }
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-3)
    steps = epochs * (len(features) // batch + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    order = np.arange(len(features))
    drawn = np.random.default_rng(1)
    for epoch in range(epochs):
        drawn.shuffle(order)
        total = 0.0
        for at in range(0, len(order), batch):
            chosen = np.sort(order[at : at + batch])
            standard = (features[chosen].astype(np.float32) - mean) / std
            x = torch.from_numpy(np.clip(standard, -6, 6))
            x = torch.relu(net["first"](x))
            out = net["last"](torch.relu(net["second"](x)))
            each = torch.nn.functional.binary_cross_entropy_with_logits(
                out, torch.from_numpy(truth[chosen]), reduction="none"
            )
            loss = (each * torch.from_numpy(weights[chosen])[:, None]).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach()) * len(chosen)
        print(f"epoch {epoch + 1}: loss {total / len(order):.4f}", flush=True)
    held = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    return {**held, "mean": mean.astype(np.float32), "std": std.astype(np.float32)}


def measure(
    pieces: Sequence[Piece], threads: Sequence[Thread], least: float = 0.5
) -> dict[str, tuple[float, float]]:
    """Sums and counts by metric: B-cubed precision and recall, adjacent pairs, joins.

    Blocks count by their number; those of no article are each one of their own.
    """
    thread_of: dict[int, int] = {}
    neighbours: set[tuple[int, int]] = set()
    joined: set[tuple[int, int]] = set()
    for number, thread in enumerate(threads):
        for block in thread.blocks:
            thread_of[block] = number
        neighbours.update(pairwise(thread.blocks))
        for link in thread.links:
            if link.join >= least and not link.gathered:
                joined.add((link.first, link.second))
    precision, recall = _b_cubed(thread_of, pieces)
    follows, joins = truths(pieces)
    adjacent = sum(pair in neighbours for pair in follows.items())
    return {
        "b3_precision": (precision, len(thread_of)),
        "b3_recall": (recall, len(thread_of)),
        "adjacent": (adjacent, len(follows)),
        "join_precision": (len(joined & joins), len(joined)),
        "join_recall": (len(joined & joins), len(joins)),
    }


def _b_cubed(thread_of: dict[int, int], pieces: Sequence[Piece]) -> tuple[float, float]:
    """Sums over blocks of B-cubed precision and recall (Bagga and Baldwin 1998).

    A block in a thread of four of which three are of its article counts .75; of an article of six blocks
    those three are a recall of .5.
    """
    article_of: dict[int, int] = {}
    for number, piece in enumerate(pieces):
        # -1 is no article: such blocks get -2, -3, … and are alike to none.
        article_of[number] = piece.article if piece.article >= 0 else -number - 2
    precision = recall = 0.0
    for block, thread in thread_of.items():
        together = [other for other in thread_of if thread_of[other] == thread]
        alike = [b for b in thread_of if article_of[b] == article_of[block]]
        both = sum(article_of[b] == article_of[block] for b in together)
        precision += both / len(together)
        recall += both / len(alike)
    return precision, recall


def evaluate(
    reader: PageReader, texts: Sequence[str], count: int, seed: int, **fixed: object
) -> dict[str, float]:
    """Means over ``count`` pages of 4 to 9 articles; ``fixed`` overrides their style."""
    chance = random.Random(seed)
    sums: dict[str, list[float]] = {}
    spent = 0.0
    for _ in range(count):
        how = style(chance, copies=False)
        for name, value in fixed.items():
            setattr(how, name, value)
        chosen = chance.sample(list(texts), chance.randint(4, MOST))
        pieces = page(chosen, chance, how)
        began = time.perf_counter()
        threads = reader.read([piece.text for piece in pieces]).threads
        spent += time.perf_counter() - began
        for name, (hits, of) in measure(pieces, threads).items():
            held = sums.setdefault(name, [0.0, 0.0])
            held[0] += hits
            held[1] += of
    figures: dict[str, float] = {}
    for name, (hits, of) in sums.items():
        # Pages without a cut sentence have nothing to join, and nothing was joined wrongly.
        figures[name] = round(hits / of, 4) if of else 1.0
    precision = figures["b3_precision"]
    recall = figures["b3_recall"]
    figures["b3_f1"] = round(2 * precision * recall / (precision + recall), 4)
    figures["ms"] = round(1000 * spent / count, 1)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--measured", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--encoder", type=Path, default=WEIGHTS / "chuchu-static")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    training = list(articles(args.data, NETWORKS))
    choosing = list(articles(args.data, CHOOSING))
    if len(choosing) <= MOST:  # toy data: too few for one page
        choosing = training
    models = load_models(args.out, {}, StaticTable(args.encoder))
    # First whether a block is cut at its edges, which the pairs of blocks are told.
    features, truth = edge_examples(training, args.pages * 2, args.seed + 1, models)
    alike = np.ones(len(truth), np.float32)
    cut = train(features, truth, alike, args.epochs, hidden=24, batch=256)
    features, truth = edge_examples(choosing, args.measured * 5, args.seed + 2, models)
    right = ((forward(cut, features) > 0) == truth).mean(axis=0)
    print(f"edges: {right} right of {len(truth):,}", flush=True)
    models = replace(models, edges=cut)
    # Then at a glance which single blocks follow each other, then with that all stages of solving.
    pages = list(gathered(training, args.pages, args.seed, models))
    data = collect(list(examples(pages, args.seed)))
    print(
        f"{len(data[0]):,} pairs, {data[1].mean(axis=0)} of them link, join, same",
        flush=True,
    )
    glance = train(*data, args.epochs)
    data = collect(list(examples(pages, args.seed, glance)))
    print(
        f"{len(data[0]):,} pairs, {data[1].mean(axis=0)} of them link, join, same",
        flush=True,
    )
    weights = train(*data, args.epochs)
    reader = PageReader(models, glance, weights)
    figures = evaluate(reader, choosing, args.measured, args.seed + 100)
    print(figures)
    named: dict[str, Floats] = {}
    for part, network in (("edges", cut), ("glance", glance), ("pairs", weights)):
        for name, values in network.items():
            named[f"{part}.{name}"] = values
    save_file(named, args.out / "model.safetensors")
    described = {
        "features": NAMES + GLANCED,
        "pages": args.pages,
        "epochs": args.epochs,
        "seed": args.seed,
        "measured": figures,
    }
    (args.out / "config.json").write_text(
        json.dumps(described, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
