"""Trains the reader: the trunk with its three heads, on one GPU in minutes or on two cores in hours.

    python -m models.training.reader --examples WORK/examples --data ../shared/data --out FOLDER
        [--initial FOLDER]      go on from a reader that is there; else from the base (--base WHEEL)
        [--minutes 120]         the rate falls to nothing by then, or by the end of --epochs

It checks by itself for a GPU. On a CPU with bfloat16 units the network computes in bfloat16 beside float32
masters; attention is two plain products there, since the fused kernel's backward takes 40% of a step; nothing
drops out. Word embeddings stand still: they are shared. A checkpoint is written every 250 steps, and the same
command goes on from it.
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface

from models.reader import (
    EMBEDDINGS,
    MOST_TEXT,
    ReaderConfig,
    ReaderNetwork,
    ReaderOutput,
    known_options,
    load_network,
    save_network,
)
from models.training.base import LAYERS, Base, kept_pieces, layers_of
from models.training.data import rows
from models.training.reader_examples import HELD_OUT, held_out
from models.training.reader_tokens import NO_ANSWER, Kind
from models.trunk import (
    START,
    STOP,
    load_embeddings,
    load_tokenizer,
    padded,
    trunk_config,
)

STEP_TOKENS = {"cpu": 4096, "cuda": 32768}
RATE = {"cpu": 1.0e-4, "cuda": 2.5e-4}
WARM_UP = 100
SPAN_WEIGHT = 0.5
"""Of start and end each, beside 1 for whether it answers."""
CLAIM_EVERY, CLAIM_BATCH, CLAIM_WEIGHT = 4, 24, 0.5
CHECKPOINT_EVERY, TOLD_EVERY = 250, 50
POLARITY = Path(__file__).parent / "polarity.jsonl"
POLARITIES = {"yes": "supported", "no": "contradicted", "depends": "unsupported"}
VERDICTS = {"supported": 0, "contradicted": 1, "unsupported": 2}
REPEATS = {Kind.WRITTEN: 1.35, Kind.NEAR_MISS: 1.35}
"""How often an epoch sees what was written for this purpose."""


@dataclass(frozen=True, slots=True)
class Examples:
    """The arrays of ``reader_examples``, by example."""

    arrays: dict[str, np.ndarray]
    question_ends: np.ndarray
    text_ends: np.ndarray

    @classmethod
    def load(cls, folder: Path) -> Examples:
        arrays = load_file(folder / "examples.safetensors")
        return cls(
            arrays, arrays["question_lengths"].cumsum(), arrays["text_lengths"].cumsum()
        )

    def __len__(self) -> int:
        return len(self.text_ends)

    @property
    def lengths(self) -> np.ndarray:
        return np.asarray(
            self.arrays["question_lengths"] + self.arrays["text_lengths"] + 4
        )

    def ids(self, number: int) -> list[int]:
        """``<s> question </s></s> text </s>``."""
        question = self._slice(
            "questions", self.question_ends, "question_lengths", number
        )
        text = self._slice("texts", self.text_ends, "text_lengths", number)
        return [START, *question, STOP, STOP, *text, STOP]

    def shift(self, number: int) -> int:
        """Where the text begins in ``ids``."""
        return int(self.arrays["question_lengths"][number]) + 3

    def _slice(
        self, name: str, ends: np.ndarray, lengths: str, number: int
    ) -> list[int]:
        end = int(ends[number])
        return list(
            self.arrays[name][end - int(self.arrays[lengths][number]) : end].tolist()
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """``ids`` and ``answerable`` ``(n, tokens)``; ``starts`` and ``ends`` ``(n,)``, -1 none, -2 not known."""

    ids: Tensor
    answerable: Tensor
    starts: Tensor
    ends: Tensor


def batch_of(examples: Examples, numbers: Sequence[int], device: str) -> Batch:
    """The examples of these numbers as tensors."""
    ids = padded([examples.ids(number) for number in numbers])
    answerable = torch.zeros(ids.shape, dtype=torch.bool)
    starts: list[int] = []
    ends: list[int] = []
    for row, number in enumerate(numbers):
        shift = examples.shift(number)
        begins = shift + int(examples.arrays["begins"][number])
        answerable[
            row, begins : shift + int(examples.arrays["text_lengths"][number])
        ] = True
        start, end = (
            int(examples.arrays["starts"][number]),
            int(examples.arrays["ends"][number]),
        )
        starts.append(start + shift if start >= 0 else start)
        ends.append(end + shift if end >= 0 else end)
    tensors = ids, answerable, torch.tensor(starts), torch.tensor(ends)
    return Batch(*(tensor.to(device) for tensor in tensors))


def plan_of(
    examples: Examples, epochs: int, tokens: int, rng: np.random.Generator
) -> list[list[int]]:
    """The batches of a training: texts of like length together, the batches in random order."""
    plan: list[list[int]] = []
    lengths = examples.lengths
    for _ in range(epochs):
        numbers = _repeated(examples, rng)
        rng.shuffle(numbers)
        for low in range(0, len(numbers), 12_000):
            some = numbers[low : low + 12_000]
            some = some[np.argsort(lengths[some], kind="stable")]
            plan += _cut(some.tolist(), lengths, tokens)
    return [plan[at] for at in rng.permutation(len(plan))]


def _repeated(examples: Examples, rng: np.random.Generator) -> np.ndarray:
    kinds = examples.arrays["kinds"]
    more = [
        np.flatnonzero((kinds == kind) & (rng.random(len(kinds)) < times - 1))
        for kind, times in REPEATS.items()
    ]
    return np.concatenate([np.arange(len(examples)), *more])


def _cut(numbers: Sequence[int], lengths: np.ndarray, tokens: int) -> list[list[int]]:
    batches: list[list[int]] = [[]]
    for number in numbers:
        if batches[-1] and int(lengths[number]) * (len(batches[-1]) + 1) > tokens:
            batches.append([])
        batches[-1].append(number)
    return batches


def loss_of(output: ReaderOutput, batch: Batch) -> Tensor:
    """Whether it answers, and where it is known, where."""
    answers = (batch.starts != NO_ANSWER).float()
    loss = functional.binary_cross_entropy_with_logits(output.answers, answers)
    known = (batch.starts >= 0) & (batch.ends >= 0)
    if known.any():
        starts = functional.cross_entropy(output.starts[known], batch.starts[known])
        ends = functional.cross_entropy(output.ends[known], batch.ends[known])
        loss = loss + SPAN_WEIGHT * (starts + ends)
    return loss


@dataclass(slots=True)
class Claims:
    """Claims over quotes: ``(ids, verdict)``."""

    pairs: list[tuple[list[int], int]] = field(default_factory=list)

    @classmethod
    def load(cls, data: Path) -> Claims:
        """Those whose quote is not held out, and yes/no questions, as statements, over what decides them."""
        claims = cls()
        tokenizer = load_tokenizer()
        for row in rows(data / "written" / "claims.jsonl.xz"):
            if zlib.crc32(row["quote"].encode()) % HELD_OUT:
                quote = f"{row.get('context') or ''}\n{row['quote']}"
                ids = _judged_ids(tokenizer, row["claim"], quote)
                claims.pairs.append((ids, VERDICTS[row["label"]]))
        for row in polarity_rows():
            if not held_out(row["document"]):
                quote = f"{row['context']}\n{row['quote']}"
                verdict = VERDICTS[POLARITIES[row["polarity"]]]
                claims.pairs.append(
                    (_judged_ids(tokenizer, row["statement"], quote), verdict)
                )
        return claims

    def loss(
        self, network: ReaderNetwork, rng: np.random.Generator, device: str
    ) -> Tensor:
        """Of a batch drawn at random."""
        some = [self.pairs[at] for at in rng.integers(0, len(self.pairs), CLAIM_BATCH)]
        ids = padded([ids for ids, _ in some]).to(device)
        verdicts = torch.tensor([verdict for _, verdict in some], device=device)
        return functional.cross_entropy(network.judge(ids), verdicts)


def _judged_ids(tokenizer: Tokenizer, claim: str, quote: str) -> list[int]:
    """``<s> claim </s></s> context`` and the quote on the next line ``</s>``, as ``judge`` has it."""
    told = tokenizer.encode(claim, add_special_tokens=False).ids[:100]
    read = tokenizer.encode(quote, add_special_tokens=False).ids[:MOST_TEXT]
    return [START, *told, STOP, STOP, *read, STOP]


def polarity_rows() -> Iterator[dict[str, str]]:
    """Yes/no questions over the sentence that decides them, labelled by hand."""
    for line in POLARITY.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


class MixedPrecision:
    """A network in bfloat16 and its weights in float32, which the optimiser moves."""

    def __init__(self, network: ReaderNetwork, rate: float, frozen: int = 0) -> None:
        network.trunk.embeddings.word_embeddings.weight.requires_grad_(False)
        if frozen:
            network.trunk.embeddings.requires_grad_(False)
        for layer in network.trunk.encoder.layer[:frozen]:
            layer.requires_grad_(False)
        self._trained = {n: p for n, p in network.named_parameters() if p.requires_grad}
        self._masters = {
            n: p.detach().clone().float() for n, p in self._trained.items()
        }
        network.trunk.bfloat16()
        groups: list[dict[str, Any]] = [
            {
                "params": [m for m in self._masters.values() if m.ndim > 1],
                "weight_decay": 0.01,
            },
            {
                "params": [m for m in self._masters.values() if m.ndim <= 1],
                "weight_decay": 0.0,
            },
        ]
        for master in self._masters.values():
            master.requires_grad_(True)
        self._optimiser = torch.optim.AdamW(
            groups, lr=rate, betas=(0.9, 0.98), fused=True
        )

    def step(self, rate: float) -> None:
        """Move the masters by the gradients of the network, and the network after them."""
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        for name, parameter in self._trained.items():
            gradient = parameter.grad
            self._masters[name].grad = None if gradient is None else gradient.float()
            parameter.grad = None
        nn.utils.clip_grad_norm_(list(self._masters.values()), 1.0)
        self._optimiser.step()
        with torch.no_grad():
            for name, parameter in self._trained.items():
                parameter.copy_(self._masters[name])

    def state(self) -> dict[str, Any]:
        return {
            "masters": dict(self._masters),
            "optimiser": self._optimiser.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        with torch.no_grad():
            for name, master in self._masters.items():
                master.copy_(state["masters"][name])
                self._trained[name].copy_(master)
        self._optimiser.load_state_dict(state["optimiser"])

    def weights(self) -> dict[str, Tensor]:
        return {name: master.detach() for name, master in self._masters.items()}


def two_products(
    module: nn.Module,  # noqa: ARG001 - transformers passes it
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **_: object,
) -> tuple[Tensor, None]:
    """Attention as two plain products; shapes ``(batch, heads, tokens, width)``."""
    batch, heads, tokens, width = query.shape
    flat = (batch * heads, tokens, width)
    # Scaling the query costs a tenth of scaling all its products.
    query = query * (scaling or width**-0.5)
    scores = torch.bmm(query.reshape(flat), key.reshape(flat).transpose(1, 2))
    scores = scores.view(batch, heads, tokens, tokens)
    if attention_mask is not None and attention_mask.dtype == torch.bool:
        scores = scores.masked_fill(~attention_mask, -1e4)
    elif attention_mask is not None:
        scores = scores + attention_mask.to(scores.dtype)
    weights = scores.softmax(-1).view(batch * heads, tokens, tokens)
    mixed = torch.bmm(weights, value.reshape(flat)).view(batch, heads, tokens, width)
    return mixed.transpose(1, 2).contiguous(), None


def initial_network(initial: Path | None, base: Path | None, new: int) -> ReaderNetwork:
    """A reader that is there, or the base with new heads; or ``new`` layers that know nothing."""
    if initial is not None:
        return load_network(initial)
    if base is None and not new:
        raise SystemExit(
            "give --initial FOLDER, --base WHEEL or, to try the steps, --layers 1"
        )
    embeddings = load_embeddings()
    state = {EMBEDDINGS: embeddings}
    if base is not None:
        wheel = Base.of_wheel(base)
        if len(kept_pieces(wheel)) != len(embeddings):
            raise SystemExit(
                "the shared embeddings are of other pieces: run models.training.base --shared"
            )
        for name, tensor in layers_of(wheel).items():
            state[f"trunk.{name}"] = tensor
    config = trunk_config(len(embeddings), new or LAYERS)
    network = ReaderNetwork(ReaderConfig(**known_options(config.to_dict())))
    network.load_state_dict(state, strict=False)
    return network


def train(arguments: argparse.Namespace) -> None:
    """Train, say how it goes, write the weights."""
    torch.manual_seed(arguments.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = initial_network(arguments.initial, arguments.base, arguments.layers)
    network.to(torch.device(device))  # type: ignore[arg-type]
    if device == "cpu":
        AttentionInterface.register("two_products", two_products)
        network.trunk.config._attn_implementation = "two_products"
    precision = MixedPrecision(
        network, arguments.rate or RATE[device], arguments.frozen
    )
    examples, claims = Examples.load(arguments.examples), Claims.load(arguments.data)
    plan = plan_of(
        examples,
        arguments.epochs,
        STEP_TOKENS[device],
        np.random.default_rng(arguments.seed),
    )
    checkpoint = arguments.examples / "checkpoint.pt"
    first = _resumed(checkpoint, precision)
    print(
        f"{device}: {len(plan):,} steps, from step {first:,}; {len(claims.pairs):,} claims",
        flush=True,
    )
    network.train()
    stopped = False
    try:
        for step, spent, losses in _steps(
            network, precision, examples, claims, plan, first, arguments
        ):
            if step % TOLD_EVERY == 0:
                mean = np.mean(losses[-100:])
                print(
                    f"step {step:,} of {len(plan):,}, {spent:,.0f} s, loss {mean:.3f}",
                    flush=True,
                )
            if step and step % CHECKPOINT_EVERY == 0:
                torch.save({"step": step + 1, **precision.state()}, checkpoint)
    except KeyboardInterrupt:
        stopped = True
        print("stopped: what was learned is written", flush=True)
    network.float()  # type: ignore[no-untyped-call]
    network.load_state_dict(precision.weights(), strict=False)
    save_network(network.cpu(), arguments.out)
    if not stopped:
        checkpoint.unlink(missing_ok=True)
    print(f"wrote {arguments.out}")


def _steps(
    network: ReaderNetwork,
    precision: MixedPrecision,
    examples: Examples,
    claims: Claims,
    plan: Sequence[Sequence[int]],
    first: int,
    arguments: argparse.Namespace,
) -> Iterator[tuple[int, float, list[float]]]:
    """One step each from the ``first`` on: its number, the seconds spent, the losses so far."""
    device = str(next(network.parameters()).device)
    most = (
        RATE["cpu" if device == "cpu" else "cuda"]
        if arguments.rate is None
        else arguments.rate
    )
    begin = time.monotonic()
    losses: list[float] = []
    for step in range(first, len(plan)):
        spent = time.monotonic() - begin
        done = max(step / len(plan), spent / (60 * arguments.minutes))
        if done >= 1:
            return
        batch = batch_of(examples, plan[step], device)
        loss = loss_of(network(batch.ids, batch.answerable), batch)
        loss.backward()  # type: ignore[no-untyped-call]
        if claims.pairs and step % CLAIM_EVERY == 0:
            # Drawn by the step's number: a training that goes on draws as one that was not broken off.
            drawn = np.random.default_rng([arguments.seed, step])
            (CLAIM_WEIGHT * claims.loss(network, drawn, device)).backward()  # type: ignore[no-untyped-call]
        # Up in a hundred steps, then down in a straight line, to a hundredth at last.
        precision.step(most * min(1.0, (step + 1) / WARM_UP) * max(0.01, 1 - done))
        losses.append(float(loss.detach()))
        yield step, spent, losses


def _resumed(checkpoint: Path, precision: MixedPrecision) -> int:
    if not checkpoint.is_file():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    precision.restore(state)
    return int(state["step"])


def arguments_of(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--initial", type=Path)
    parser.add_argument("--base", type=Path)
    parser.add_argument(
        "--layers", type=int, default=0, help="of a new network, to try the steps"
    )
    parser.add_argument(
        "--frozen",
        type=int,
        default=0,
        help="lowest layers that stand still: each saves 6%%",
    )
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(given)


if __name__ == "__main__":
    train(arguments_of())
