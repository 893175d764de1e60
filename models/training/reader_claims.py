"""What the third head is trained on: claims over quotes, and yes/no questions over what decides them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from models.reader import MOST_TEXT, ReaderNetwork
from models.training.data import rows
from models.training.reader_examples import HELD_OUT, held_out
from models.trunk import START, STOP, load_tokenizer, padded

BATCH = 24
POLARITY = Path(__file__).parent / "polarity.jsonl"
POLARITIES = {"yes": "supported", "no": "contradicted", "depends": "unsupported"}
VERDICTS = {"supported": 0, "contradicted": 1, "unsupported": 2}


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
            # One quote in eight is kept, to choose the threshold by.
            if zlib.crc32(row["quote"].encode()) % HELD_OUT == 0:
                continue
            quote = f"{row.get('context') or ''}\n{row['quote']}"
            ids = _judged_ids(tokenizer, row["claim"], quote)
            claims.pairs.append((ids, VERDICTS[row["label"]]))
        for row in polarity_rows():
            if held_out(row["document"]):
                continue
            quote = f"{row['context']}\n{row['quote']}"
            ids = _judged_ids(tokenizer, row["statement"], quote)
            verdict = VERDICTS[POLARITIES[row["polarity"]]]
            claims.pairs.append((ids, verdict))
        return claims

    def loss(
        self, network: ReaderNetwork, rng: np.random.Generator, device: str
    ) -> Tensor:
        """Of a batch drawn at random."""
        some = [self.pairs[at] for at in rng.integers(0, len(self.pairs), BATCH)]
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
