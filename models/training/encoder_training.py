"""Trains the sentence encoder: a question shall be nearest to the passage that answers it.

    python -m models.training.encoder_training --data ../shared/data --out models/weights/chuchu-encoder
        [--initial models/weights/chuchu-encoder] [--minutes 60] [--frozen 6] [--measure]

Contrastive, as van den Oord et al. 2018, "Representation Learning with Contrastive Predictive Coding": of a
batch's passages, those of other questions and one look-alike each, the right one is to be chosen. The lower
layers stand still. ``--measure`` only prints how often the right passage of the kept documents is among the
first 1, 5 and 20, by the languages of question and passage.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface, BertModel

from models.language.words import has_han
from models.training.encoder import write_encoder
from models.training.encoder_pairs import Pair, kept_documents, pairs, passage_text
from models.training.precision import MixedPrecision
from models.training.reader import two_products
from models.trunk import (
    PADDING,
    START,
    STOP,
    best_dtype,
    load_tokenizer,
    padded,
    quantised,
)
from models.trunk_encoder import (
    CENTRE,
    DIRECTIONS,
    PROMPTS,
    WORDS,
    Languages,
    TrunkEncoder,
    load_network,
)

BATCH = 32
MOST_TOKENS = {"query": 48, "document": 160}
TEMPERATURE = 0.02
"""Cosines .9 and .8 become odds of 148 to 1: e5 was trained with .01, which leaves little to learn from."""
RATE = 4e-5
WARM_UP = 25
TOLD_EVERY = 20
RANKS = (1, 5, 20)


class EncoderNetwork(nn.Module):
    """The trunk, the mean of its last layer, and what tells languages apart taken out."""

    def __init__(self, trunk: BertModel, languages: Languages) -> None:
        super().__init__()
        self.trunk = trunk
        self._centre = torch.from_numpy(languages.centre)
        self._directions = torch.from_numpy(languages.directions)

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors of length 1 of texts ``(texts, tokens)``: ``(texts, 384)``, as ``TrunkEncoder`` gives them."""
        attended = ids != PADDING
        states = self.trunk(input_ids=ids, attention_mask=attended).last_hidden_state
        summed = (states.float() * attended[..., None]).sum(1)
        means = functional.normalize(summed / attended.sum(1, keepdim=True))
        # "Hello" and "你好" lie nearer each other without what only says English or Chinese.
        centred = means - self._centre
        told = (centred @ self._directions.T) @ self._directions
        return functional.normalize(centred - told)


class Texts:
    """Texts as ids, with their prompts."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def ids(self, texts: Sequence[str], role: str) -> Tensor:
        """``<s> prompt text </s>``, ``(texts, tokens)``."""
        most = MOST_TOKENS[role] - 2
        prompted = [PROMPTS[role] + text for text in texts]
        encoded = self._tokenizer.encode_batch_fast(prompted, add_special_tokens=False)
        rows: list[list[int]] = []
        for each in encoded:
            rows.append([START, *each.ids[:most], STOP])
        return padded(rows)


def contrastive_loss(questions: Tensor, passages: Tensor, same: Tensor) -> Tensor:
    """How surely each question is sent to its own passage.

    Args:
        questions: ``(n, 384)``, of length 1.
        passages: ``(n + more, 384)``; passage ``k`` answers question ``k``.
        same: ``(n, n + more)``, True where a passage is the question's own in other places of the batch.
    """
    similar = questions @ passages.T / TEMPERATURE
    # Two questions over one passage: neither may be taught that the other's copy is wrong.
    similar = similar.masked_fill(same, float("-inf"))
    return functional.cross_entropy(similar, torch.arange(len(questions)))


def same_passages(batch: Sequence[Pair], passages: Sequence[str]) -> Tensor:
    """Which passages are a question's own though they stand in another's place."""
    same = torch.zeros(len(batch), len(passages), dtype=torch.bool)
    for row, pair in enumerate(batch):
        for column, passage in enumerate(passages):
            same[row, column] = passage == pair.passage and column != row
    return same


def batches_of_pairs(data: Path, rng: random.Random) -> Iterator[list[Pair]]:
    """Batches of ``BATCH`` pairs without end, in another order each time through.

    Raises SystemExit: there are too few pairs for one.
    """
    everything = pairs(data, rng)
    print(f"{len(everything):,} pairs", flush=True)
    if len(everything) < BATCH:
        raise SystemExit(f"{data}: {len(everything)} pairs, expected {BATCH} or more")
    while True:
        rng.shuffle(everything)
        for low in range(0, len(everything) - BATCH + 1, BATCH):
            yield everything[low : low + BATCH]


def train(network: EncoderNetwork, arguments: argparse.Namespace) -> None:
    """Move the network; the rate falls to nothing by the end of ``--minutes``."""
    batches = batches_of_pairs(arguments.data, random.Random(arguments.seed))
    texts = Texts(load_tokenizer())
    AttentionInterface.register("two_products", two_products)
    network.trunk.config._attn_implementation = "two_products"
    precision = MixedPrecision(
        network, network.trunk, arguments.rate, arguments.frozen, best_dtype()
    )
    network.train()
    started = time.monotonic()
    step = 0
    losses: list[float] = []
    while (spent := (time.monotonic() - started) / 60) < arguments.minutes:
        batch = next(batches)
        passages = [pair.passage for pair in batch]
        passages += [pair.other for pair in batch if pair.other]
        loss = contrastive_loss(
            network(texts.ids([pair.question for pair in batch], "query")),
            network(texts.ids(passages, "document")),
            same_passages(batch, passages),
        )
        loss.backward()  # type: ignore[no-untyped-call]
        left = 1 - spent / arguments.minutes
        precision.step(arguments.rate * min(1.0, (step + 1) / WARM_UP) * left)
        losses.append(loss.item())
        if step % TOLD_EVERY == 0:
            mean = np.mean(losses[-2 * TOLD_EVERY :])
            print(f"step {step:,}, {spent:.1f} min, loss {mean:.3f}", flush=True)
        step += 1
    network.float()
    network.load_state_dict(precision.weights(), strict=False)


def measure(encoder: TrunkEncoder, data: Path) -> dict[str, list[float]]:
    """Of the kept documents' questions, the share whose passage is among the first 1, 5, 20 of all passages.

    By the languages of question and passage: ``zh-en`` is a Chinese question over an English passage.
    """
    passages: list[str] = []
    asked: list[tuple[str, int]] = []
    for document in kept_documents(data):
        first = len(passages)
        for each in document["passages"]:
            passages.append(
                passage_text(document["title"], each["context"], each["text"])
            )
        for question in document["questions"]:
            if question.get("answer") is not None:
                asked.append((question["q"], first + question["passage"]))
    vectors = np.concatenate(list(encoder.encode(passages, "document")))
    questions = [question for question, _ in asked]
    queries = np.concatenate(list(encoder.encode(questions, "query")))
    hits: dict[str, list[list[bool]]] = defaultdict(list)
    for (question, right), query in zip(asked, queries, strict=True):
        similar = vectors @ query
        # Counted from 0: what no other passage beats is among the first one, five and twenty.
        rank = int((similar > similar[right]).sum())
        languages = f"{_language(question)}-{_language(passages[right])}"
        hits[languages].append([rank < most for most in RANKS])
    figures: dict[str, list[float]] = {}
    for languages, rows in sorted(hits.items()):
        shares = np.mean(rows, axis=0).round(3).tolist()
        figures[languages] = [len(rows), *shares]
    return figures


def _language(text: str) -> str:
    return "zh" if has_han(text) else "en"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--initial", type=Path, help="the encoder to go on from; else the one at --out"
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument(
        "--frozen", type=int, default=6, help="lowest layers that stand still"
    )
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--measure", action="store_true", help="train nothing")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    initial = arguments.initial or arguments.out
    if not arguments.measure:
        trunk, languages = load_network(initial)
        network = EncoderNetwork(trunk, languages)
        train(network, arguments)
        arrays = dict(quantised(_layers(trunk)))
        arrays |= {CENTRE: languages.centre, DIRECTIONS: languages.directions}
        write_encoder(arrays, trunk.config.num_hidden_layers, arguments.out)
        initial = arguments.out
    figures = measure(TrunkEncoder.load(initial), arguments.data)
    for pair, (count, *shares) in figures.items():
        told = "  ".join(
            f"@{rank} {share:.3f}" for rank, share in zip(RANKS, shares, strict=True)
        )
        print(f"{pair}  n {count:.0f}  {told}")


def _layers(trunk: BertModel) -> dict[str, Tensor]:
    """What is the encoder's own: everything but the shared word embeddings."""
    state: dict[str, Tensor] = trunk.state_dict()
    return {name: tensor for name, tensor in state.items() if name != WORDS}


if __name__ == "__main__":
    main()
