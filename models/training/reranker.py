"""Trains the reranker on what retrieval found for the training questions.

    python -m models.training.reranker WORK OUT [--encoder models/weights/chuchu-static] [--epochs 8]

``WORK/mined`` comes from ``eval.mining``. Each question and its candidates are one softmax, with "none of
them" at a fixed 0; a passage that holds the answer's words without being marked is left out. Some questions
lose their right passages, so that "none" is learnt, and some all evidence but the tokens', so that the
model also works where there are no scores. ``dev`` chooses the epoch.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from models.reranker.modeling import Reranker as Network
from models.reranker.modeling import RerankerConfig
from models.reranker.network import forward
from models.reranker.tokens import (
    EACH,
    MOST_PASSAGE,
    MOST_QUESTION,
    WHOLE,
    Floats,
    Ids,
    TokenEvidence,
    token_evidence,
    token_ids,
)
from models.reranker.words import NAMES, Found, evidence
from models.selector.lexicon import Lexicon
from models.selector.matching import prepare
from models.selector.network import FOLDER as SELECTOR
from models.static import StaticTable
from models.training.mined import Group, groups, passages
from models.training.selector import auroc
from models.translation import Translator

SHARES = {"own": 1.0, "zh": 0.6, "in_english": 0.5, "en": 0.5}
"""Of the questions of each kind that are trained on; the rest would cost minutes and bring little."""
SEEN = 32
"""Candidates of a question in training; serving has more, but the best ones are what must be told apart."""
WITHOUT_RIGHT, WITHOUT_WORDS = 0.15, 0.1
OWN_WEIGHT = 2.0
BATCH = 32


@dataclass(frozen=True, slots=True)
class Example:
    """A question and its candidates as numbers; ``answers`` and the rest as in ``mined.Group``."""

    kind: str
    split: str
    each: np.ndarray
    whole: np.ndarray
    question: Ids
    answers: np.ndarray
    documents: np.ndarray
    right: tuple[int, ...]


class Examples:
    """Turns groups into examples."""

    def __init__(self, work: Path, encoder: Path, selector: Path, dimension: int) -> None:
        self.passages = passages(work)
        self.table = StaticTable(encoder)
        self.vectors = self.table.vectors[:, :dimension]
        self.ids = token_ids(self.table, [text for _, text in self.passages], MOST_PASSAGE)
        self.translator = Translator.load()
        self.lexicon = Lexicon(selector)

    def of(self, group: Group, most: int) -> Example:
        rows = group.rows[:most]
        query = prepare(group.question, self.lexicon, self.translator)
        found = [
            Found(*self.passages[row], {name: of[i] for name, of in group.scores.items()})
            for i, row in enumerate(rows)
        ]
        asked = token_ids(self.table, [group.question], MOST_QUESTION)[0]
        tokens = token_evidence(self.vectors, asked, [self.ids[row] for row in rows])
        words = evidence(query, found, self.translator)
        return Example(
            group.kind,
            group.split,
            tokens.each.astype(np.float16),
            np.concatenate([words, tokens.whole], axis=1),
            asked,
            np.array(group.answers[:most]),
            np.array(group.documents[:most]),
            tuple(group.right),
        )


def chosen(found: Iterable[Group], seed: int = 3) -> list[Group]:
    """The share of the training questions that is trained on, and all that choose."""
    rng = random.Random(seed)
    return [
        group
        for group in found
        if group.rows and (group.split == "dev" or rng.random() < SHARES.get(group.kind, 0.0))
    ]


def made(work: Path, encoder: Path, selector: Path, dimension: int, depth: int) -> list[Example]:
    """Every example."""
    examples = Examples(work, encoder, selector, dimension)
    picked, start, shown = chosen(groups(work)), time.perf_counter(), 0.0
    out: list[Example] = []
    for group in picked:
        out.append(examples.of(group, depth if group.split == "dev" else SEEN))
        if (now := time.perf_counter()) - shown > 20:
            shown = now
            print(f"evidence of {len(out):,}/{len(picked):,} questions", flush=True)
    print(f"evidence in {time.perf_counter() - start:.0f} s")
    return out


@dataclass(frozen=True)
class Batch:
    """Examples padded to one shape; ``right`` and ``there`` are ``(groups, passages)``."""

    each: torch.Tensor
    whole: torch.Tensor
    question: torch.Tensor
    tokens: torch.Tensor
    right: torch.Tensor
    there: torch.Tensor
    weight: torch.Tensor

    @classmethod
    def of(cls, examples: Sequence[Example], vectors: Floats, rng: random.Random | None) -> Batch:
        """With ``rng`` some lose their right passages, some all evidence but the tokens'."""
        g, p = len(examples), max(len(e.answers) for e in examples)
        m = max(1, *(len(e.question) for e in examples)) if g > 1 else max(1, len(examples[0].question))
        each, whole = np.zeros((g, p, m, EACH), np.float32), np.zeros((g, p, len(NAMES) + WHOLE), np.float32)
        question, tokens = np.zeros((g, m, vectors.shape[1]), np.float32), np.zeros((g, m), np.float32)
        right, there = np.zeros((g, p), bool), np.zeros((g, p), bool)
        for i, e in enumerate(examples):
            n, own = e.each.shape[:2]
            each[i, :n, :own], whole[i, :n] = e.each, e.whole
            directions = vectors[e.question]
            question[i, :own] = directions / np.maximum(
                np.linalg.norm(directions, axis=1, keepdims=True), 1e-9
            )
            tokens[i, :own] = 1
            there[i, :n], right[i, :n] = e.answers != -1, e.answers == 1
            if rng and rng.random() < WITHOUT_RIGHT:
                there[i], right[i] = there[i] & ~right[i], False
            if rng and rng.random() < WITHOUT_WORDS:
                whole[i, :, : len(NAMES)] = 0
        weight = np.array([OWN_WEIGHT if e.kind == "own" else 1.0 for e in examples], np.float32)
        return cls(*map(torch.from_numpy, (each, whole, question, tokens, right, there, weight)))


def loss_of(network: Network, batch: Batch) -> torch.Tensor:
    """Minus the log of what the softmax gives to the right passages, or to none when there are none."""
    scores = network.weigh(batch.each, batch.whole, batch.question, batch.tokens)
    none = torch.zeros(len(scores), 1)
    every = torch.cat([none, scores.masked_fill(~batch.there, -torch.inf)], dim=1)
    right = torch.cat([~batch.right.any(dim=1, keepdim=True), batch.right], dim=1)
    losses = torch.logsumexp(every, 1) - torch.logsumexp(every.masked_fill(~right, -torch.inf), 1)
    return functional.normalize(batch.weight, p=1, dim=0) @ losses


def fit(
    train: list[Example], dev: list[Example], vectors: Floats, config: RerankerConfig, epochs: int, seed: int
) -> Network:
    """AdamW, the rate falling along a cosine; the epoch with the best mean MRR on ``dev`` is kept."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    network = Network(config)
    sample = np.concatenate([e.whole for e in train[:: max(1, len(train) // 3000)]])
    network.mean.data = torch.from_numpy(sample.mean(0))
    network.std.data = torch.from_numpy(np.maximum(sample.std(0), 0.05))
    trained = [p for p in network.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=2e-3, weight_decay=1e-2)
    steps = epochs * -(-len(train) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps, pct_start=0.1)
    best, kept = -1.0, {}
    for epoch in range(epochs):
        network.train()
        order, total = rng.sample(range(len(train)), len(train)), 0.0
        for begin in range(0, len(order), BATCH):
            batch = Batch.of([train[i] for i in order[begin : begin + BATCH]], vectors, rng)
            optimiser.zero_grad()
            loss = loss_of(network, batch)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            total += loss.item()
        network.eval()  # type: ignore[no-untyped-call]
        measured = evaluate(weights_of(network), dev, vectors)
        value = float(np.mean([of["mrr@10"] for of in measured.values()])) if measured else 0.0
        print(f"epoch {epoch + 1}: loss {total * BATCH / len(order):.4f} {json.dumps(measured)}", flush=True)
        if value > best:
            best = value
            kept = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.load_state_dict(kept)
    return network


def weights_of(network: Network) -> dict[str, Floats]:
    return {name: value.detach().float().numpy() for name, value in network.state_dict().items()}


def scores_of(weights: dict[str, Floats], e: Example, vectors: Floats) -> Floats:
    directions = vectors[e.question]
    directions = directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-9)
    split = e.whole.shape[1] - WHOLE
    tokens = TokenEvidence(e.each.astype(np.float32), e.whole[:, split:], directions)
    return forward(weights, tokens, e.whole[:, :split])


def evaluate(
    weights: dict[str, Floats], examples: Sequence[Example], vectors: Floats
) -> dict[str, dict[str, float]]:
    """By kind: where the right document stands before and after, and whether "none" is told from "some"."""
    by_kind: dict[str, list[Example]] = {}
    for e in examples:
        by_kind.setdefault(e.kind, []).append(e)
    fused = np.array([NAMES.index("fused")])
    found: dict[str, dict[str, float]] = {}
    for kind, of in by_kind.items():
        ranks: dict[str, list[int]] = {"fused": [], "reranked": []}
        there: list[float] = []
        absent: list[float] = []
        for e in of:
            scores = scores_of(weights, e, vectors)
            ranks["fused"].append(_rank(e.whole[:, fused[0]], e))
            ranks["reranked"].append(_rank(scores, e))
            others = ~np.isin(e.documents, e.right)
            absent.append(float(scores[others].max(initial=-20)))
            if not others.all():
                there.append(float(scores.max(initial=-20)))
        found[kind] = {
            "n": len(of),
            "mrr@10": _mrr(ranks["reranked"]),
            "fused_mrr@10": _mrr(ranks["fused"]),
            "recall@10": _recall(ranks["reranked"]),
            "fused_recall@10": _recall(ranks["fused"]),
            "found": round(float(np.mean([rank > 0 for rank in ranks["fused"]])), 4),
            "auroc_absent": round(auroc(there, absent), 4),
        }
    return found


def _rank(scores: Floats, e: Example) -> int:
    """Place of the first right document, each where its best passage stands; 0 if it is not there."""
    order = np.argsort(-scores, kind="stable")
    documents = list(dict.fromkeys(e.documents[order].tolist()))
    return next((i for i, document in enumerate(documents, 1) if document in e.right), 0)


def _mrr(ranks: Sequence[int]) -> float:
    return round(float(np.mean([1 / rank if 0 < rank <= 10 else 0.0 for rank in ranks])), 4)


def _recall(ranks: Sequence[int]) -> float:
    return round(float(np.mean([0 < rank <= 10 for rank in ranks])), 4)


def save(network: Network, encoder: Path, out: Path, measured: dict[str, Any]) -> None:
    """A folder that ``CrossEncoder`` opens once ``models.reranker.modeling`` is imported."""
    out.mkdir(parents=True, exist_ok=True)
    network.config.encoder = os.path.relpath(encoder.resolve(), out.resolve())
    network.config.measured = measured
    network.config.sentence_transformers = {"activation_fn": "torch.nn.modules.linear.Identity"}
    network.save_pretrained(out)
    tokenizer = json.loads((encoder / "tokenizer.json").read_text(encoding="utf-8"))
    pair = [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}]
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing",
        "single": pair[:1],
        "pair": pair,
        "special_tokens": {},
    }
    (out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": "[UNK]",
        "pad_token": "[UNK]",
        "model_max_length": MOST_QUESTION + MOST_PASSAGE,
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
    }
    (out / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--encoder", type=Path, default=Path("models/weights/chuchu-static"))
    parser.add_argument("--selector", type=Path, default=SELECTOR)
    parser.add_argument(
        "--dimension", type=int, default=288, help="leading columns of the vectors to look at"
    )
    parser.add_argument("--depth", type=int, default=50, help="candidates that are reranked")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--cache", type=Path, help="keep the evidence here between runs")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)

    vectors = StaticTable(options.encoder).vectors[:, : options.dimension]
    if options.cache and options.cache.is_file():
        examples: list[Example] = torch.load(options.cache, weights_only=False)
    else:
        examples = made(options.work, options.encoder, options.selector, options.dimension, options.depth)
        if options.cache:
            torch.save(examples, options.cache)
    train = [e for e in examples if e.split == "train"]
    dev = [e for e in examples if e.split == "dev"]
    config = RerankerConfig(dimension=vectors.shape[1])
    network = fit(train, dev, vectors, config, options.epochs, options.seed)
    measured = evaluate(weights_of(network), dev, vectors)
    save(network, options.encoder, options.out, measured)
    print(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
