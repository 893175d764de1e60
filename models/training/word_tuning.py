"""Tunes the selector's word vectors on questions and the sentences that answer them.

    python -m models.training.word_tuning --data ../shared/data --out models/weights/chuchu-selector

Starts from the vectors of ``models.training.word_vectors`` and from each word's idf as its gate. A text is
the gated mean of its words; a question is to lie closer to its own sentence than to the others of the
batch and of its passage (InfoNCE; van den Oord et al. 2018). Questions whose id hashes to the held-out
40% are left out: the selector trains on those, so that it sees this signal as it is on new questions.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch.nn import functional

from models.language.questions import read
from models.language.words import words
from models.selector.lexicon import Lexicon
from models.training.readings import (
    CHINESE,
    Reading,
    candidates,
    for_tuning,
    holds,
    reading,
)

EPOCHS = 14
BATCH = 512
NEGATIVES = 4
TEMPERATURE = 16.0

Example = tuple[list[int], list[int], list[list[int]]]
"""Word ids of the question, of the sentence that answers, of others in its passage."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument(
        "--out", type=Path, default=Path("models/weights/chuchu-selector")
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    lexicon = Lexicon(options.out)
    rows = reading(options.data, CHINESE)
    train = [e for row in rows if for_tuning(row) if (e := example(row, lexicon))]
    held = [e for row in rows if not for_tuning(row) if (e := example(row, lexicon))][
        :1500
    ]
    print(f"{len(train):,} questions to tune on, {len(held):,} to look at", flush=True)
    table, gate = tune(lexicon, train, held, options.epochs)
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-9) / 127
    saved = load_file(options.out / "words.safetensors") | {
        "tuned": np.round(table / scale).astype(np.int8),
        "tuned_scale": (scale[:, 0] * gate).astype(np.float32),
    }
    save_file(saved, options.out / "words.safetensors")


def example(row: Reading, lexicon: Lexicon) -> Example | None:
    found = candidates(row.title, row.context)
    gold = [c.text for span, c in found if holds(span, row)]
    others = [c.text for span, c in found if not holds(span, row)]
    question = [
        i for word in read(row.question).content for i in lexicon.ids(word.text)
    ]
    answer = _ids(gold[0], lexicon) if gold else []
    return (
        (question, answer, [_ids(text, lexicon) for text in others[:12]])
        if question and answer
        else None
    )


def _ids(text: str, lexicon: Lexicon) -> list[int]:
    return [
        i
        for word in words(text)
        if word.kind != "number"
        for i in lexicon.ids(word.text)
    ]


def tune(
    lexicon: Lexicon, train: Sequence[Example], held: Sequence[Example], epochs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Table ``(words, dimension)`` of unit rows and gates ``(words,)``."""
    torch.manual_seed(0)
    rng = random.Random(0)
    table = torch.nn.Parameter(torch.from_numpy(lexicon.table()))
    gate = torch.nn.Parameter(
        torch.from_numpy(lexicon.weights() / 10).clamp(min=0.05).log()
    )
    optimiser = torch.optim.Adam(
        [{"params": [table], "lr": 1.5e-3}, {"params": [gate], "lr": 5e-3}]
    )
    print(f"before: {accuracy(table, gate, held):.3f}", flush=True)
    for epoch in range(epochs):
        order = rng.sample(range(len(train)), len(train))
        for begin in range(0, len(order), BATCH):
            batch = [train[i] for i in order[begin : begin + BATCH]]
            optimiser.zero_grad()
            batch_loss(table, gate, batch, rng).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        print(
            f"epoch {epoch + 1}: {accuracy(table, gate, held):.3f} of held-out in passage",
            flush=True,
        )
    rows = functional.normalize(table.detach(), dim=1) * table.detach().norm(
        dim=1, keepdim=True
    )
    return rows.numpy(), gate.detach().exp().numpy()


def embed(
    table: torch.Tensor, gate: torch.Tensor, texts: Sequence[Sequence[int]]
) -> torch.Tensor:
    """``(n, dimension)``, length 1: the gated sum of the words of each text."""
    if not texts:
        return table.new_zeros((0, table.shape[1]))
    flat = torch.tensor([i for text in texts for i in text] or [0])
    offsets = torch.tensor(np.cumsum([0, *(len(text) for text in texts)])[:-1])
    summed = functional.embedding_bag(
        flat, table, offsets, mode="sum", per_sample_weights=gate.exp()[flat]
    )
    return functional.normalize(summed, dim=1)


def batch_loss(
    table: torch.Tensor,
    gate: torch.Tensor,
    batch: Sequence[Example],
    rng: random.Random,
) -> torch.Tensor:
    questions = embed(table, gate, [question for question, _, _ in batch])
    kept = [i for i in range(len(batch)) if rng.random() < 0.9]
    answers = embed(table, gate, [answer for _, answer, _ in batch])
    hard = [rng.sample(others, min(NEGATIVES, len(others))) for _, _, others in batch]
    passages = torch.cat(
        [answers, embed(table, gate, [text or [0] for some in hard for text in some])]
    )
    logits = TEMPERATURE * questions @ passages.T
    return functional.cross_entropy(logits[kept], torch.tensor(kept))


def accuracy(table: torch.Tensor, gate: torch.Tensor, held: Sequence[Example]) -> float:
    """Share of questions closer to their own sentence than to the others of the passage."""
    right = 0
    with torch.no_grad():
        for question, answer, others in held:
            both = embed(
                table, gate, [question, answer, *(other or [0] for other in others)]
            )
            right += int((both[0] @ both[1:].T).argmax()) == 0
    return right / len(held)


if __name__ == "__main__":
    main()
