"""Trains the ranker of bare facts: which span of an answering sentence is the answer itself, if any.

    python -m models.training.shortening --data ../shared/data --out models/weights/chuchu-selector

From the reading sets and our own questions: the spans of the sentence that holds the answer, the right
ones those that share at least three quarters of their characters with it (F1). A softmax over the spans
and "none". Written beside the selector's weights, which stay as they are.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from models.language.questions import BARE_FACTS
from models.language.words import fold
from models.selector.lexicon import Lexicon
from models.selector.matching import prepare
from models.selector.shortening import FEATURES, rank, span_features, spans
from models.training.readings import (
    CHINESE,
    ENGLISH,
    Reading,
    candidates,
    for_choosing,
    holds,
    own_questions,
    reading,
)
from models.translation import Translator

ENOUGH = 0.75
HIDDEN = 40
Case = tuple[np.ndarray, np.ndarray]
"""Features of the spans ``(n, FEATURES)``, and which of them are right."""


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
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    lexicon, translator = Lexicon(options.out), Translator.load()
    own = [row for row in own_questions(options.data) if row.answers]
    sets = reading(options.data, CHINESE + ENGLISH, options.limit)
    train = [*sets, *[row for row in own if not for_choosing(row)] * 3]
    held = [row for row in own if for_choosing(row)] or sets[:50]
    cases = [
        [c for row in rows if (c := case(row, lexicon, translator))]
        for rows in (train, held)
    ]
    print(
        f"{len(cases[0]):,} sentences to train on, {len(cases[1]):,} to choose by",
        flush=True,
    )
    weights = fit(cases[0], cases[1], options.epochs)
    kept = load_file(options.out / "model.safetensors")
    save_file(kept | weights, options.out / "model.safetensors")


def case(row: Reading, lexicon: Lexicon, translator: Translator) -> Case | None:
    query = prepare(row.question, lexicon, translator)
    if query.asking.asked not in BARE_FACTS or not row.answers:
        return None
    sentence = next(
        (c.text for span, c in candidates(row.title, row.context) if holds(span, row)),
        None,
    )
    if sentence is None:
        return None
    question = fold(row.question)
    found = [
        s
        for s in spans(query, sentence)
        if fold(sentence)[s.start : s.end] not in question
    ]
    if not found:
        return None
    right = np.array(
        [max(f1(sentence[s.start : s.end], a) for a, _ in row.answers) for s in found]
    )
    return span_features(query, sentence, found), (right >= ENOUGH) & (
        right >= right.max() - 1e-6
    )


def f1(one: str, other: str) -> float:
    """Of characters, white space aside, order aside."""
    first, second = ("".join(fold(text).split()) for text in (one, other))
    shared = sum((Counter(first) & Counter(second)).values())
    return 2 * shared / max(len(first) + len(second), 1)


def fit(
    train: Sequence[Case], held: Sequence[Case], epochs: int
) -> dict[str, np.ndarray]:
    torch.manual_seed(0)
    rng = random.Random(0)
    sample = np.concatenate([x for x, _ in train])
    mean, std = sample.mean(0), np.maximum(sample.std(0), 0.1)
    net = torch.nn.Sequential(
        torch.nn.Linear(len(FEATURES), HIDDEN),
        torch.nn.ReLU(),
        torch.nn.Linear(HIDDEN, 1),
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    weights: dict[str, np.ndarray] = {}
    for epoch in range(epochs):
        order = rng.sample(range(len(train)), len(train))
        for begin in range(0, len(order), 64):
            batch = [train[i] for i in order[begin : begin + 64]]
            logits = net(
                torch.from_numpy((np.concatenate([x for x, _ in batch]) - mean) / std)
            ).squeeze(1)
            losses = []
            for part, (_, right) in zip(
                torch.split(logits, [len(x) for x, _ in batch]), batch, strict=True
            ):
                own = torch.cat([torch.zeros(1), part])
                gold = torch.from_numpy(np.concatenate([[not right.any()], right]))
                losses.append(torch.logsumexp(own, 0) - torch.logsumexp(own[gold], 0))
            optimiser.zero_grad()
            torch.stack(losses).mean().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        schedule.step()
        weights = {"short.mean": mean, "short.std": std}
        for name, layer in (("first", net[0]), ("last", net[2])):
            weights |= {
                f"short.{name}.{k}": v.detach().numpy().copy()
                for k, v in layer.named_parameters()
            }
        print(f"epoch {epoch + 1}: {measured(weights, held)}", flush=True)
    return {
        key: np.ascontiguousarray(value, np.float32) for key, value in weights.items()
    }


def measured(weights: dict[str, np.ndarray], held: Sequence[Case]) -> str:
    """Of the sentences that have a right span how many get it; of the spans given how many are right."""
    given = right = could = 0
    for x, gold in held:
        scores = rank(weights, x)
        best = int(scores.argmax())
        could += bool(gold.any())
        if scores[best] >= 0:
            given += 1
            right += bool(gold[best])
    return f"recall {right / max(could, 1):.3f} ({could}), precision {right / max(given, 1):.3f} ({given})"


if __name__ == "__main__":
    main()
