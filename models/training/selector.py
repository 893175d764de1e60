"""Trains the selector: which sentence answers a question, or none.

    python -m models.training.selector --data ../shared/data --out models/weights/chuchu-selector

Each reading question becomes groups of sentences, one softmax a group with "none" at a fixed 0:
its passage among others that BM25 confuses with it; the same without the sentences that answer
(relevant, but does not say); without the passage (nothing there); and the question with a name, a
number or a noun changed to one that the passage does not have (a near miss). Our own questions on
news articles bring near misses as people make them. Nothing of dev/ is used to train; it chooses.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file

from models.selector.features import NAMES, Evidence
from models.selector.network import PLAIN, forward
from models.training.groups import GROUPS, Group, build
from models.training.readings import (
    CHINESE,
    ENGLISH,
    Reading,
    cmrc_dev,
    for_choosing,
    for_tuning,
    own_questions,
    reading,
    with_others,
)

HIDDEN = (64, 32)
UNIT_VECTOR = 12
UNIT_HIDDEN = (48, 24)
OWN_AGAIN = 2
"""How often our own questions are shown for each time that the others are."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument(
        "--out", type=Path, default=Path("models/weights/chuchu-selector")
    )
    parser.add_argument(
        "--limit", type=int, default=0, help="questions a set, 0 for all"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument(
        "--cache", type=Path, help="keep the features here between runs"
    )
    options = parser.parse_args()

    made = cached(options)
    for name, groups in made.items():
        print(
            name,
            {kind: sum(g.kind == kind for g in groups) for kind in GROUPS},
            flush=True,
        )
    dev = made["dev"]
    train = made["train"] + made["own_train"] * OWN_AGAIN
    weights = fit(train, dev + made["own_dev"] * OWN_AGAIN, options.epochs)
    save_file(weights, options.out / "model.safetensors")
    report = {
        name: evaluate(weights, [g for g in dev if (g.language, g.foreign) == kind])
        for name, kind in (
            ("zh", ("zh", False)),
            ("en", ("en", False)),
            ("en to zh", ("en", True)),
        )
    }
    report |= {
        f"ours, {language}": evaluate(
            weights, [g for g in made["own_dev"] if g.language == language]
        )
        for language in ("zh", "en")
        if made["own_dev"]
    }
    config = {"features": list(NAMES), "hidden": list(HIDDEN), "measured": report}
    (options.out / "config.json").write_text(
        json.dumps(config, indent=1), encoding="utf-8"
    )
    print(json.dumps(report, indent=1))


def cached(options: argparse.Namespace) -> dict[str, list[Group]]:
    """Groups by what they are for: train, own_train, dev, own_dev."""
    if options.cache and options.cache.exists():
        kept: dict[str, list[Group]] = torch.load(options.cache, weights_only=False)
        return kept
    made = {
        name: build(rows, options.data, options.out, options.workers)
        for name, rows in questions(options.data, options.limit).items()
    }
    if options.cache:
        torch.save(made, options.cache)
    return made


def questions(data: Path, limit: int) -> dict[str, list[Reading]]:
    """To train on and to choose by: of the reading sets, and our own."""
    zh = [row for row in reading(data, CHINESE, limit) if not for_tuning(row)]
    en = reading(data, ENGLISH, limit)
    own = with_others(own_questions(data))
    return {
        "train": with_others(zh) + with_others(en[: len(en) * 9 // 10]),
        "own_train": [row for row in own if not for_choosing(row)],
        "dev": with_others(cmrc_dev(data)[: limit or 1600])
        + with_others(en[len(en) * 9 // 10 :]),
        "own_dev": [row for row in own if for_choosing(row)],
    }


class Net(torch.nn.Module):
    """What ``models.selector.network.forward`` computes, to be trained."""

    def __init__(self, whole: int, dimension: int) -> None:
        super().__init__()
        self.unit_vector = torch.nn.Linear(dimension, UNIT_VECTOR, bias=False)
        self.unit_first = torch.nn.Linear(PLAIN + UNIT_VECTOR + 6, UNIT_HIDDEN[0])
        self.unit_second = torch.nn.Linear(*UNIT_HIDDEN)
        self.first = torch.nn.Linear(whole + 2 * UNIT_HIDDEN[1], HIDDEN[0])
        self.second = torch.nn.Linear(*HIDDEN)
        self.last = torch.nn.Linear(HIDDEN[1], 1)
        self.dropout = torch.nn.Dropout(0.15)

    def forward(self, batch: Batch) -> torch.Tensor:
        """``(candidates,)`` logits of all groups of the batch, one after another."""
        like = torch.cat(
            [batch.units[..., :PLAIN], self.unit_vector(batch.units[..., PLAIN:])],
            dim=-1,
        )
        each = torch.cat([like[batch.group], batch.met], dim=-1)
        each = torch.relu(self.unit_second(torch.relu(self.unit_first(each))))
        each = each * batch.there[batch.group][..., None]
        pooled = torch.cat([each.sum(dim=1) / 4, each.max(dim=1).values], dim=1)
        x = torch.cat([batch.whole, pooled], dim=1)
        x = torch.relu(self.first(self.dropout(x)))
        return self.last(torch.relu(self.second(self.dropout(x)))).squeeze(1)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Batch:
    """Groups stacked: candidates in a row, their units padded to the most that a question has."""

    whole: torch.Tensor
    met: torch.Tensor
    units: torch.Tensor
    there: torch.Tensor
    group: torch.Tensor

    @classmethod
    def of(cls, groups: Sequence[Group], mean: np.ndarray, std: np.ndarray) -> Batch:
        most = max(1, *(g.evidence.met.shape[1] for g in groups))
        dimension = groups[0].evidence.units.shape[1]
        units = np.zeros((len(groups), most, dimension), np.float32)
        there = np.zeros((len(groups), most), np.float32)
        met = np.zeros((sum(len(g.gold) for g in groups), most, 6), np.float32)
        at = 0
        for i, g in enumerate(groups):
            n, m = g.evidence.met.shape[:2]
            units[i, :m], there[i, :m], met[at : at + n, :m] = (
                g.evidence.units,
                1,
                g.evidence.met,
            )
            at += n
        whole = np.concatenate([g.evidence.whole for g in groups]).astype(np.float32)
        of = np.repeat(np.arange(len(groups)), [len(g.gold) for g in groups])
        return cls(
            *map(torch.from_numpy, ((whole - mean) / std, met, units, there, of))
        )


def fit(train: list[Group], dev: list[Group], epochs: int) -> dict[str, np.ndarray]:
    """Adam on the softmax of each group; keeps the epoch with the best dev loss."""
    torch.manual_seed(0)
    rng = random.Random(0)
    some = train[:: max(1, len(train) // 4000)]
    sample = np.concatenate([g.evidence.whole for g in some]).astype(np.float32)
    mean, std = sample.mean(0), np.maximum(sample.std(0), 0.1)
    net = Net(len(NAMES), train[0].evidence.units.shape[1] - PLAIN)
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    best, kept = float("inf"), {}
    for epoch in range(epochs):
        net.train()
        order = rng.sample(range(len(train)), len(train))
        for begin in range(0, len(order), 64):
            optimiser.zero_grad()
            loss = batch_loss(
                net, [train[i] for i in order[begin : begin + 64]], mean, std
            )
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        schedule.step()
        net.eval()
        with torch.no_grad():
            losses = [
                float(batch_loss(net, dev[i : i + 64], mean, std))
                for i in range(0, len(dev), 64)
            ]
        weights = export(net, mean, std)
        value = float(np.mean(losses))
        print(
            f"epoch {epoch + 1}: dev loss {value:.4f} {evaluate(weights, dev)}",
            flush=True,
        )
        if value < best:
            best, kept = value, weights
    return kept


def batch_loss(
    net: Net, groups: Sequence[Group], mean: np.ndarray, std: np.ndarray
) -> torch.Tensor:
    """Minus the log of the probability that the softmax gives to the gold sentences, or to none."""
    logits = net(Batch.of(groups, mean, std))
    losses, at = [], 0
    for g in groups:
        own = torch.cat([torch.zeros(1), logits[at : at + len(g.gold)]])
        gold = torch.from_numpy(np.concatenate([[not g.gold.any()], g.gold]))
        losses.append(torch.logsumexp(own, 0) - torch.logsumexp(own[gold], 0))
        at += len(g.gold)
    return torch.stack(losses).mean()


def export(net: Net, mean: np.ndarray, std: np.ndarray) -> dict[str, np.ndarray]:
    state: dict[str, Any] = {"mean": mean, "std": std}
    state |= {
        key: value.detach().numpy().copy() for key, value in net.named_parameters()
    }
    return {
        key: np.ascontiguousarray(value, np.float32) for key, value in state.items()
    }


def score(weights: dict[str, np.ndarray], g: Group) -> np.ndarray:
    parts = (g.evidence.whole, g.evidence.units, g.evidence.met)
    return forward(weights, Evidence(*(part.astype(np.float32) for part in parts)))


def evaluate(
    weights: dict[str, np.ndarray], groups: Sequence[Group]
) -> dict[str, float]:
    """Share of answerable groups whose best sentence is gold; AUROC of the best logit, by kind of none."""
    best: dict[str, list[float]] = {kind: [] for kind in GROUPS}
    right = []
    for g in groups:
        logits = score(weights, g)
        best[g.kind].append(float(logits.max(initial=-20)))
        if g.kind == "answerable":
            right.append(bool(g.gold[int(logits.argmax())]))
    measured = {"sentence_accuracy": round(float(np.mean(right)), 4), "n": len(right)}
    for kind in GROUPS[1:]:
        measured[f"auroc_{kind}"] = round(auroc(best["answerable"], best[kind]), 4)
    return measured


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Mann-Whitney: how often a positive scores above a negative, ties half."""
    if not positive or not negative:
        return float("nan")
    both = np.concatenate([positive, negative])
    order = both.argsort().argsort() + 1.0
    n, m = len(positive), len(negative)
    return float((order[:n].sum() - n * (n + 1) / 2) / (n * m))


if __name__ == "__main__":
    main()
