"""The networks that weigh the evidence: one for two runs of a page, one for how a block begins and ends."""

from __future__ import annotations

import numpy as np

from models.arrays import Floats

LINK, JOIN, SAME = 0, 1, 2
"""Answers of the first: the second comes next in the article; it goes on in the same sentence; both are of
one article.
"""
WIDEST = 6
"""Deviations from the mean beyond which a feature says nothing more."""
SUREST = 30
"""Log-odds beyond which a probability is 0 or 1."""


def forward(weights: dict[str, Floats], features: Floats) -> Floats:
    """``(..., features)`` -> ``(..., answers)`` log-odds: two hidden layers of rectified units."""
    rows = features.reshape(-1, features.shape[-1])
    x = (rows - weights["mean"]) / weights["std"]
    np.clip(x, -WIDEST, WIDEST, out=x)
    for layer in ("first", "second"):
        x = x @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"]
        x = np.maximum(x, 0)
    x = x @ weights["last.weight"].T + weights["last.bias"]
    shape = (*features.shape[:-1], x.shape[-1])
    return np.asarray(x.reshape(shape), np.float32)


def probability(log_odds: Floats) -> Floats:
    """The logistic function."""
    clipped = np.clip(log_odds, -SUREST, SUREST)
    return np.asarray(1 / (1 + np.exp(-clipped)), np.float32)
