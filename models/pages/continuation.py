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
from safetensors.numpy import load_file

from models.arrays import Floats
from models.pages.ngrams import Ids

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
        self._table = table
        self._recurrent = recurrent
        self._bias = bias
        self._out = out

    def __call__(self, rows: Sequence[Ids]) -> Floats:
        """``(len(rows), size)``: each row of ids read in its order to its end; none may be empty."""
        lengths = np.array([len(row) for row in rows])
        # the longest first: all end at the last step, so that those that have begun are the first ones
        order = np.argsort(-lengths, kind="stable")
        longest = int(lengths.max())
        begins = longest - lengths[order]
        ids = np.zeros((longest, len(rows)), np.int64)
        for column, i in enumerate(order):
            ids[begins[column] :, column] = rows[i]
        state = np.zeros((len(rows), len(self._recurrent)), np.float32)
        for step in range(longest):
            begun = int(np.searchsorted(begins, step, side="right"))
            state[:begun] = self._read(ids[step, :begun], state[:begun])
        found = np.empty((len(rows), self._out.shape[1]), np.float32)
        found[order] = state @ self._out
        return found

    def _read(self, ids: Ids, state: Floats) -> Floats:
        """``(k, hidden)``: the states after one character more in each of ``k`` rows."""
        hidden = state.shape[1]
        given = self._table[ids]
        held = state @ self._recurrent + self._bias
        gates = 1 / (1 + np.exp(-(given[:, : 2 * hidden] + held[:, : 2 * hidden])))
        reset = gates[:, :hidden]
        update = gates[:, hidden:]
        new = np.tanh(given[:, 2 * hidden :] + reset * held[:, 2 * hidden :])
        return np.asarray(new + update * (state - new), np.float32)


class Continuation:
    """Both directions."""

    def __init__(self, before: Tower, after: Tower) -> None:
        self._before = before
        self._after = after

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the weights as training saved them, in half precision."""
        held: dict[str, Floats] = {}
        for name, weights in load_file(path).items():
            held[name] = weights.astype(np.float32)
        before, after = SIDES
        return cls(cls._tower(held, before), cls._tower(held, after))

    @staticmethod
    def _tower(held: dict[str, Floats], side: str) -> Tower:
        # what a character gives to the gates is the same wherever it stands: multiplied once
        table = held["characters"] @ held[f"{side}.input"].T
        return Tower(
            table=table + held[f"{side}.input_bias"],
            recurrent=np.ascontiguousarray(held[f"{side}.recurrent"].T),
            bias=held[f"{side}.recurrent_bias"],
            out=held[f"{side}.out"].T,
        )

    def __call__(self, texts: Sequence[Ids]) -> tuple[Floats, Floats]:
        """Where the ends and the beginnings of ``n`` texts lead: two ``(n, size)``.

        The product of the end of one and the beginning of another is the log of how much likelier the other
        is right after the one than by itself, up to a constant. Ids are those of the character model; no
        text may be empty.
        """
        last = [ids[-BEFORE:] for ids in texts]
        first = [ids[:AFTER][::-1] for ids in texts]
        return self._before(last), self._after(first)
