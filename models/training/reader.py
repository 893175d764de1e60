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
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface

from models.reader import (
    EMBEDDINGS,
    ReaderConfig,
    ReaderNetwork,
    ReaderOutput,
    known_options,
    load_network,
    save_network,
)
from models.training.base import LAYERS, Base, kept_pieces, layers_of
from models.training.precision import MixedPrecision
from models.training.reader_batches import Batch, Examples, batch_of, plan_of
from models.training.reader_claims import Claims
from models.training.reader_tokens import NO_ANSWER
from models.trunk import best_dtype, load_embeddings, trunk_config

STEP_TOKENS = {"cpu": 4096, "cuda": 32768}
RATE = {"cpu": 1.0e-4, "cuda": 2.5e-4}
WARM_UP = 100
SPAN_WEIGHT = 0.5
"""Of start and end each, beside 1 for whether it answers."""
CLAIM_EVERY, CLAIM_WEIGHT = 4, 0.5
CHECKPOINT_EVERY, TOLD_EVERY = 250, 50


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
    rate = arguments.rate or RATE[device]
    # Without bfloat16 units a step in bfloat16 takes ten times as long as one in float32.
    dtype = best_dtype(device)
    precision = MixedPrecision(network, network.trunk, rate, arguments.frozen, dtype)
    examples = Examples.load(arguments.examples)
    claims = Claims.load(arguments.data)
    drawn = np.random.default_rng(arguments.seed)
    plan = plan_of(examples, arguments.epochs, STEP_TOKENS[device], drawn)
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
    most = arguments.rate
    if most is None:
        most = RATE["cpu" if device == "cpu" else "cuda"]
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
            claim_loss = CLAIM_WEIGHT * claims.loss(network, drawn, device)
            claim_loss.backward()  # type: ignore[no-untyped-call]
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
