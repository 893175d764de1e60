"""Learns where in an article a block stands, from the words at its ends.

python -m models.training.pages_openings ../shared/data models/weights/chuchu-pages
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from models.pages.ngrams import CharacterModel, normalise
from models.pages.openings import BUCKETS, buckets
from models.training.pages_articles import BELOW, articles
from models.training.pages_generator import page
from models.training.pages_style import style

LEARNED = ("text", "headline", "subhead", "byline")
"""The kinds of blocks that are learned from."""


def examples(
    texts: list[str], characters: CharacterModel, seed: int = 1
) -> tuple[list[list[int]], np.ndarray]:
    """Buckets of blocks, and of each whether it opens, whether it closes, and where it stands."""
    chance = random.Random(seed)
    held: list[list[int]] = []
    truth: list[tuple[float, float, float]] = []
    for text in texts:
        how = style(chance, copies=False)
        how.order = "in order"
        pieces = [p for p in page([text], chance, how) if p.kind in LEARNED]
        if not pieces:
            continue
        ids = [characters.ids(normalise(piece.text)) for piece in pieces]
        numbers, counted = buckets(ids)
        for row, some in zip(numbers, counted, strict=True):
            held.append(row[some].tolist())
        body = [piece for piece in pieces if piece.kind == "text"]
        last = len(pieces) - 1
        for at, piece in enumerate(pieces):
            spot = at / max(last, 1)
            if piece.kind == "text":
                # The third of five paragraphs stands at .5, whatever headlines there are.
                spot = body.index(piece) / max(len(body) - 1, 1)
            truth.append((float(at == 0), float(at == last), spot))
    return held, np.array(truth, np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--articles", type=int, default=30_000)
    parser.add_argument("--epochs", type=int, default=3)
    args = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    described = json.loads((args.out / "ngrams.json").read_text(encoding="utf-8"))
    characters = CharacterModel.load(args.out, described)
    texts = list(articles(args.data, BELOW))
    drawn = random.Random(1).sample(texts, min(args.articles, len(texts)))
    held, truth = examples(drawn, characters)
    table = torch.nn.EmbeddingBag(BUCKETS, 3, mode="sum")
    torch.nn.init.zeros_(table.weight)
    bias = torch.nn.Parameter(torch.zeros(3))
    optimiser = torch.optim.Adam(
        [{"params": table.parameters(), "lr": 2e-2}, {"params": [bias], "lr": 2e-2}]
    )
    # One block in twenty is kept back; those without a single bucket have nothing to learn by.
    train: list[int] = []
    test: list[int] = []
    for number, own_buckets in enumerate(held):
        if own_buckets:
            chosen = train if number % 20 else test
            chosen.append(number)

    def run(chosen: list[int]) -> torch.Tensor:
        sizes = torch.tensor([len(held[i]) for i in chosen])
        flat = torch.tensor(list(itertools.chain(*(held[i] for i in chosen))))
        starts = torch.cumsum(sizes, 0) - sizes
        summed: torch.Tensor = table(flat, starts)
        # By the root of how many there are: with more buckets a block is surer, but not in step.
        return summed / sizes[:, None] ** 0.5 + bias

    def loss(chosen: list[int]) -> torch.Tensor:
        out = run(chosen)
        target = torch.from_numpy(truth[chosen])
        odds = torch.nn.functional.binary_cross_entropy_with_logits(
            out[:, :2], target[:, :2]
        )
        return odds + torch.nn.functional.mse_loss(out[:, 2], target[:, 2])

    for epoch in range(args.epochs):
        random.Random(epoch).shuffle(train)
        for at in range(0, len(train), 512):
            optimiser.zero_grad()
            loss(train[at : at + 512]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        with torch.no_grad():
            print(
                f"epoch {epoch + 1}: loss {loss(test):.4f} on {len(test):,} blocks kept back",
                flush=True,
            )
    save_file(
        {
            "weights": table.weight.detach().numpy().astype(np.float16),
            "bias": bias.detach().numpy(),
        },
        args.out / "openings.safetensors",
    )


if __name__ == "__main__":
    main()
