"""Trains the reader on the arrays of reader_data.

python -m models.training.reader --readings READINGS.pt --out CLOZE --set cloze --epochs 1
python -m models.training.reader --readings READINGS.pt --out OUT --initial CLOZE --epochs 5
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from models.reader.network import ChuchuReader, ReaderConfig
from models.reader.spans import best_spans
from models.reader.units import FIRST_CHARACTER
from models.selector.network import FOLDER as SELECTOR
from models.static import StaticTable
from models.training.reader_batches import Batch, Row, Tables, training, whole
from models.training.reader_score import exact_match, f1

DECAY = 0.999
WARMUP = 200


class Average:
    """An exponential moving average of the weights, by which is read."""

    def __init__(self, model: ChuchuReader) -> None:
        self.model = copy.deepcopy(model)
        self.model.train(mode=False)
        self.steps = 0

    @torch.no_grad()
    def follow(self, model: ChuchuReader) -> None:
        self.steps += 1
        decay = min(DECAY, (1 + self.steps) / (10 + self.steps))
        for own, new in zip(self.model.parameters(), model.parameters(), strict=True):
            own.lerp_(new, 1 - decay)


def outputs(model: ChuchuReader, batch: Batch, *, labels: bool) -> Any:
    with torch.autocast("cpu", torch.bfloat16):
        return model(
            batch.question,
            batch.passage,
            batch.question_matches,
            batch.passage_matches,
            batch.asked,
            *((batch.starts, batch.ends) if labels else ()),
        )


@torch.no_grad()
def evaluate(model: ChuchuReader, rows: Sequence[Row], tables: Tables) -> dict[str, float]:
    """Exact match and F1 of those with an answer, which must be given; AUROC of whether there is one."""
    em = f = asked = 0.0
    yes: list[float] = []
    no: list[float] = []
    for batch in whole(rows, tables, 32):
        out = outputs(model, batch, labels=False)
        spans = best_spans(out.start_logits, out.end_logits)
        for row, span in zip(batch.rows, spans, strict=True):
            if row["start"] < 0:
                no.append(span.log_odds)
                continue
            yes.append(span.log_odds)
            places = tables.texts[row["passage"]]["spans"]
            text = row["passage"][places[span.start][0] : places[span.end][1]]
            em += exact_match(text, row["answers"])
            f += f1(text, row["answers"])
            asked += 1
    found = {"em": em / max(asked, 1), "f1": f / max(asked, 1), "n": asked}
    if no:
        values = sorted([(v, 1) for v in yes] + [(v, 0) for v in no])
        ranks = sum(rank for rank, (_, label) in enumerate(values, start=1) if label)
        found["auroc"] = (ranks - len(yes) * (len(yes) + 1) / 2) / (len(yes) * len(no))
    return found


def rate_at(step: int, done: float, peak: float) -> float:
    """Linear warm-up over WARMUP steps, then a cosine down to a twentieth as ``done`` goes from 0 to 1."""
    return peak * min((step + 1) / WARMUP, 0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2)


def without_end(rows: Sequence[Row], tables: Tables, options: argparse.Namespace) -> Iterator[Batch]:
    rng = random.Random(options.seed)
    while True:
        yield from training(rows, tables, rng, options.batch, options.longest)


class Course:
    """Training as it goes: steps, units, time, losses; and what is printed of them."""

    def __init__(self, total: int, minutes: float) -> None:
        self.total, self.minutes = total, minutes
        self.step, self.units, self.losses, self.begin = 0, 0, 0.0, time.time()

    @property
    def spent(self) -> float:
        return (time.time() - self.begin) / 60

    @property
    def done(self) -> float:
        """From 0 to 1: of the steps, or of the minutes where there is a limit, whichever is further."""
        return max(self.step / max(self.total, 1), self.spent / self.minutes if self.minutes else 0.0)

    def took(self, loss: float, units: int) -> None:
        self.step, self.units, self.losses = self.step + 1, self.units + units, self.losses + loss
        if self.step % 100 == 0:
            speed = self.units / self.spent / 60
            say(step=self.step, loss=self.losses / 100, units_a_second=round(speed), minutes=self.spent)
            self.losses = 0.0


def say(**figures: Any) -> None:
    rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in figures.items()}
    print(json.dumps(rounded), flush=True)


def train(kept: dict[str, Any], tables: Tables, options: argparse.Namespace) -> ChuchuReader:
    """Train until the epochs or the minutes are over; averaged weights are judged and saved."""
    model = model_of(kept, tables, options)
    average = Average(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01, betas=(0.9, 0.99))
    rows = kept["rows"][options.set]
    course = Course(int(len(rows) * options.epochs / options.batch), options.minutes)
    for batch in without_end(rows, tables, options):
        if course.done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate_at(course.step, course.done, options.rate)
        model.train()
        loss = outputs(model, batch, labels=True).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        average.follow(model)
        course.took(loss.item(), batch.passage.mask.numel())
        if course.step % options.every == 0:
            save(average.model, kept, options.out)
            judge(average.model, kept, tables, options.some)
    return average.model


def model_of(kept: dict[str, Any], tables: Tables, options: argparse.Namespace) -> ChuchuReader:
    size = FIRST_CHARACTER + len(kept["characters"])
    config = ReaderConfig(vocab_size=size, vector_size=tables.columns, hidden_size=options.hidden)
    model = ChuchuReader(config)
    if options.initial:
        model = ChuchuReader.from_pretrained(options.initial, dtype=torch.float32)
    model.drop.p = model.config.dropout = options.dropout
    return model


def judge(model: ChuchuReader, kept: dict[str, Any], tables: Tables, some: int = 0) -> None:
    """Figures on CMRC dev and on our own questions kept from training; ``some`` of each, 0 for all."""
    for name in ("dev", "own_dev"):
        rows = [row for row in kept["rows"]["dev"] if row["set"] == name]
        chosen = random.Random(1).sample(rows, min(some, len(rows))) if some else rows
        say(set=name, **evaluate(model, chosen, tables))


def save(model: ChuchuReader, kept: dict[str, Any], out: Path) -> None:
    """Weights in bfloat16, which is what is read with, and the characters in the order of their rows."""
    copy.deepcopy(model).bfloat16().save_pretrained(out)
    written = json.dumps(list(kept["characters"]), ensure_ascii=False)
    (out / "characters.json").write_text(written, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", default="train", help="train or cloze")
    parser.add_argument("--initial", type=Path, help="a reader to go on from")
    parser.add_argument("--models", type=Path, default=SELECTOR.parent, help="where the encoder is")
    parser.add_argument("--epochs", type=float, default=6)
    parser.add_argument("--minutes", type=float, default=0, help="stop by then, the schedule fitted to it")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--longest", type=int, default=384, help="units of a passage")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--dropout", type=float, default=0.3)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--every", type=int, default=600, help="steps between evaluations")
    parser.add_argument("--some", type=int, default=500, help="questions of each set in those")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    kept = torch.load(options.readings, weights_only=False)
    tables = Tables(kept["words"], StaticTable(options.models / "chuchu-static"), kept["texts"])
    model = train(kept, tables, options)
    save(model, kept, options.out)
    judge(model, kept, tables)


if __name__ == "__main__":
    main()
