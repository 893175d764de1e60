"""The networks that weigh the evidence: one for two runs of a page, one for how a block begins and ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LINK, JOIN, SAME = 0, 1, 2
"""Answers of the first: the second comes next in the article; it goes on in the same sentence; both are of
one article.
"""


def forward(weights: dict[str, Floats], features: Floats) -> Floats:
    """``(..., features)`` -> ``(..., answers)`` log-odds: two hidden layers of rectified units."""
    x = (features.reshape(-1, features.shape[-1]) - weights["mean"]) / weights["std"]
    np.clip(x, -6, 6, out=x)
    for layer in ("first", "second"):
        x = np.maximum(x @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"], 0)
    x = x @ weights["last.weight"].T + weights["last.bias"]
    return np.asarray(x.reshape(*features.shape[:-1], x.shape[-1]), np.float32)


def probability(log_odds: Floats) -> Floats:
    """The logistic function."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))), np.float32)
