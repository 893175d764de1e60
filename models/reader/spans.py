"""From the network's logits to the best span and how sure it is."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

LONGEST_ANSWER = 60
"""Units; longer answers are rare and mostly whole sentences, which are cited as such."""


class Span(NamedTuple):
    """First and last unit; the span's log-probability; its log-odds against "not here"."""

    start: int
    end: int
    score: float
    log_odds: float


def best_spans(start_logits: Tensor, end_logits: Tensor) -> list[Span]:
    """The best span of each row; logits ``(batch, n + 1)`` with "not here" last."""
    starts, ends = start_logits.float().log_softmax(1), end_logits.float().log_softmax(1)
    n = starts.shape[1] - 1
    allowed = torch.ones(n, n, dtype=torch.bool).triu().tril(LONGEST_ANSWER - 1)
    scores = (starts[:, :n, None] + ends[:, None, :n]).masked_fill(~allowed, -1e9)
    best, at = scores.flatten(1).max(1)
    nowhere = starts[:, n] + ends[:, n]
    return [
        Span(int(i) // n, int(i) % n, float(score), float(score - none))
        for score, i, none in zip(best, at, nowhere, strict=True)
    ]
