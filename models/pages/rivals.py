"""Numbers of ordered pairs, ``(n, n)``, held against those of the other pairs in their row and column."""

from __future__ import annotations

import numpy as np

from models.arrays import Floats

ROUNDS = 10
"""How often rows and columns are scaled in turn."""
LEAST = np.float32(-15)
"""The least log-probability that is told apart from never."""
ALONE_AT_LEAST = 1e-4
"""The least probability that something has no partner at all."""


def coupled(log_ratios: Floats) -> Floats:
    """The log of how likely each pair is when nothing has two followers or follows two: ``(n, n)``.

    Rows and columns, each with a way out that costs nothing, are scaled in turn until they add up to one
    (Sinkhorn and Knopp, Concerning nonnegative matrices and doubly stochastic matrices, 1967): who is
    claimed by another, more surely, is no rival.
    """
    n = len(log_ratios)
    # the last row and the last column are the ways out
    held = np.zeros((n + 1, n + 1), np.float32)
    held[:n, :n] = log_ratios
    np.fill_diagonal(held, -np.inf)
    rows = np.zeros((n + 1, 1), np.float32)
    columns = np.zeros((1, n + 1), np.float32)
    for _ in range(ROUNDS):
        by_row = held[:n] + columns
        rows[:n] = -np.logaddexp.reduce(by_row, axis=1, keepdims=True)
        by_column = (held + rows)[:, :n]
        columns[:, :n] = -np.logaddexp.reduce(by_column, axis=0, keepdims=True)
    scaled = (held + rows + columns)[:n, :n]
    return np.asarray(np.maximum(scaled, LEAST), np.float32)


def log_alone(log_chances: Floats, axis: int) -> Floats:
    """``(n,)``: the log of how likely each row (``axis`` 1) or column (0) is to have no partner."""
    taken = np.exp(log_chances).sum(axis=axis)
    return np.asarray(np.log(np.maximum(1 - taken, ALONE_AT_LEAST)), np.float32)


def over_rivals(values: Floats, axis: int) -> Floats:
    """Each value less the best of the others in its row (``axis`` 1) or column (0), the diagonal aside.

    A row of 5, 3, 1 becomes 2, -2, -4. Of fewer than three nothing has a rival: zeros.
    """
    if len(values) < 3:
        return np.zeros_like(values)
    rivals = values.astype(np.float32).copy()
    np.fill_diagonal(rivals, -np.inf)
    best_two = np.partition(rivals, -2, axis=axis).take([-2, -1], axis=axis)
    second = best_two.take([0], axis=axis)
    best = best_two.take([1], axis=axis)
    # the best itself is held against the second
    rival = np.where(rivals == best, second, best)
    return np.asarray(values - rival, np.float32)


def with_rivals(name: str, values: Floats) -> dict[str, Floats]:
    """The values by ``name``, and held against their rivals by ``name_row`` and ``name_column``."""
    return {name: values} | rivals_of(name, values)


def rivals_of(name: str, values: Floats) -> dict[str, Floats]:
    """The values held against their rivals, by ``name_row`` and ``name_column``."""
    return {
        f"{name}_row": over_rivals(values, 1),
        f"{name}_column": over_rivals(values, 0),
    }


def cosines(products: Floats) -> Floats:
    """Inner products ``(n, n)`` of vectors -> the cosines of their angles."""
    lengths = lengths_of(products)
    return np.asarray(products / (lengths[:, None] * lengths[None, :]), np.float32)


def share_of_shorter(products: Floats) -> Floats:
    """How much of the shorter vector the longer one has, up to 2: half their product over its square."""
    lengths = lengths_of(products)
    shorter = np.minimum(lengths[:, None], lengths[None, :])
    return np.asarray(products / shorter**2 / 2, np.float32).clip(0, 2)


def lengths_of(products: Floats) -> Floats:
    """``(n,)`` lengths of vectors, from their inner products; never quite 0."""
    return np.asarray(np.sqrt(np.maximum(products.diagonal(), 1e-6)), np.float32)
