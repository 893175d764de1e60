"""How well one text goes on from another, by all that either says near the border.

Two recurrent networks (GRU; Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014) read
towards the border, one the end of the first text forwards, one the beginning of the second backwards. The
inner product of where they arrive estimates the pointwise mutual information of the two: they are trained to
tell the right continuation from those of all other borders of a batch (van den Oord, Li and Vinyals,
Representation Learning with Contrastive Predictive Coding, 2018). An n-gram sees four characters on either
side; this sees a whole clause and its topic. A page of ``n`` blocks takes ``2 n`` readings, not ``n * n``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from models.pages.ngrams import Ids

Floats = NDArray[np.float32]

BEFORE, AFTER = 96, 64
"""Characters read before and after a border."""
SIDES = ("before", "after")


class Tower:
    """One direction: a GRU over character vectors, and a projection of its last state.

    Args:
        table: ``(vocabulary, 3 * hidden)``, what each character gives to the gates (reset, update, new).
        recurrent: ``(hidden, 3 * hidden)``, and ``bias``: ``(3 * hidden,)``, what the state gives.
        out: ``(hidden, size)``.
    """

    def __init__(
        self, table: Floats, recurrent: Floats, bias: Floats, out: Floats
    ) -> None:
        self._table, self._recurrent, self._bias, self._out = (
            table,
            recurrent,
            bias,
            out,
        )

    def __call__(self, rows: Sequence[Ids]) -> Floats:
        """``(len(rows), size)``: each row of ids read in its order to its end; none may be empty."""
        hidden = self._recurrent.shape[0]
        order = np.argsort([-len(row) for row in rows], kind="stable")
        longest = len(rows[order[0]])
        begins = longest - np.array([len(rows[i]) for i in order])
        ids = np.zeros((longest, len(rows)), np.int64)
        for column, i in enumerate(order):
            ids[begins[column] :, column] = rows[i]
        state = np.zeros((len(rows), hidden), np.float32)
        for step in range(longest):
            live = int(np.searchsorted(begins, step, side="right"))
            now = state[:live]
            given = self._table[ids[step, :live]]
            held = now @ self._recurrent + self._bias
            gates = 1 / (1 + np.exp(-(given[:, : 2 * hidden] + held[:, : 2 * hidden])))
            reset, update = gates[:, :hidden], gates[:, hidden:]
            new = np.tanh(given[:, 2 * hidden :] + reset * held[:, 2 * hidden :])
            state[:live] = new + update * (now - new)
        found = np.empty((len(rows), self._out.shape[1]), np.float32)
        found[order] = state @ self._out
        return found


class Continuation:
    """Both directions."""

    def __init__(self, before: Tower, after: Tower) -> None:
        self._before, self._after = before, after

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the weights as training saved them, in half precision."""
        held = {name: each.astype(np.float32) for name, each in load_file(path).items()}
        return cls(*(cls._tower(held, side) for side in SIDES))

    @staticmethod
    def _tower(held: dict[str, Floats], side: str) -> Tower:
        table = (
            held["characters"] @ held[f"{side}.input"].T + held[f"{side}.input_bias"]
        )
        recurrent = np.ascontiguousarray(held[f"{side}.recurrent"].T)
        return Tower(
            table, recurrent, held[f"{side}.recurrent_bias"], held[f"{side}.out"].T
        )

    def __call__(self, texts: Sequence[Ids]) -> tuple[Floats, Floats]:
        """Where the ends and the beginnings of ``n`` texts lead: two ``(n, size)``.

        The product of the end of one and the beginning of another is the log of how much likelier the other
        is right after the one than by itself, up to a constant. Ids are those of the character model; no
        text may be empty.
        """
        ends = self._before([ids[-BEFORE:] for ids in texts])
        return ends, self._after([ids[:AFTER][::-1] for ids in texts])
