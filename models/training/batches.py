"""Batches for contrastive training, drawn without end from the arrays that ``pairs.py`` wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Rows(NamedTuple):
    """Rows of token ids: row ``i`` is ``ids[starts[i] : starts[i + 1]]``, the last runs to the end."""

    ids: npt.NDArray[np.int32]
    starts: Ints


class Batch(NamedTuple):
    """Queries and passages side by side; passages with equal ``same`` are not each other's negatives."""

    queries: Rows
    passages: Rows
    same: Ints


Source = Callable[[int], Batch]
"""Draws a batch of about that many pairs."""


def gather(offsets: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Positions in the flat ids of the tokens of ``rows``, and the number within the batch of their row."""
    lengths = offsets[rows + 1] - offsets[rows]
    row = np.repeat(np.arange(len(rows)), lengths)
    ends = np.cumsum(lengths)
    within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(
        ends - lengths, lengths
    )
    return offsets[rows][row] + within, row


def select(ids: npt.NDArray[np.int32], row: Ints, keep: Bools, count: int) -> Rows:
    """The kept tokens as rows, ``row`` being sorted."""
    kept = row[keep]
    return Rows(ids[keep], np.searchsorted(kept, np.arange(count)))


def filled(batch: Batch) -> Batch:
    """Drop pairs of which a side is empty: they have no direction to learn."""
    alive = _lengths(batch.queries) * _lengths(batch.passages) > 0
    return Batch(
        _keep(batch.queries, alive), _keep(batch.passages, alive), batch.same[alive]
    )


def _lengths(rows: Rows) -> Ints:
    return np.diff(np.append(rows.starts, len(rows.ids)))


def _keep(rows: Rows, alive: Bools) -> Rows:
    lengths = _lengths(rows)
    kept = lengths[alive]
    return Rows(rows.ids[np.repeat(alive, lengths)], np.cumsum(kept) - kept)


@dataclass(frozen=True, slots=True)
class Glosses:
    """English in place of Chinese words, token by token (code-mixed questions)."""

    first: Ints
    count: Ints
    ids: npt.NDArray[np.int32]
    offsets: Ints

    @classmethod
    def open(cls, path: Path, size: int) -> Glosses:
        with np.load(path) as arrays:
            tokens, ids, offsets = arrays["tokens"], arrays["ids"], arrays["offsets"]
        order = np.argsort(tokens, kind="stable")
        lengths = np.diff(offsets)
        positions, _ = gather(offsets, order)
        count = np.bincount(tokens, minlength=size)
        reordered = np.concatenate([[0], np.cumsum(lengths[order])])
        return cls(np.cumsum(count) - count, count, ids[positions], reordered)

    def mix(
        self, rows: Rows, share: npt.NDArray[np.float64], rng: np.random.Generator
    ) -> Rows:
        """Replace about ``share[i]`` of the words of row ``i`` that have a gloss by one of theirs."""
        row = np.repeat(np.arange(len(rows.starts)), _lengths(rows))
        count = self.count[rows.ids]
        swap = (count > 0) & (rng.random(len(row)) < share[row])
        # the first gloss is the commonest sense: squaring the draw favours it
        chosen = self.first[rows.ids] + (rng.random(len(row)) ** 2 * count).astype(
            np.int64
        )
        chosen = np.where(swap, chosen, 0)
        length = np.where(swap, self.offsets[chosen + 1] - self.offsets[chosen], 1)
        new_row = np.repeat(row, length)
        token = np.repeat(np.arange(len(row)), length)
        within = np.arange(len(token)) - np.repeat(np.cumsum(length) - length, length)
        position = np.minimum(self.offsets[chosen][token] + within, len(self.ids) - 1)
        ids = np.where(swap[token], self.ids[position], rows.ids[token])
        return Rows(
            ids.astype(np.int32), np.searchsorted(new_row, np.arange(len(rows.starts)))
        )


def paired(
    path: Path,
    rng: np.random.Generator,
    mixed: Glosses | None = None,
    dropout: float = 0.15,
    longest: int = 160,
) -> Source:
    """Pairs as they are, each row losing up to ``2 * dropout`` of its tokens at random.

    With ``mixed``, half to all words of the query are given in English.
    """
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    same = arrays["same"]

    def thinned(ids: npt.NDArray[np.int32], offsets: Ints, rows: Ints) -> Rows:
        positions, row = gather(offsets, rows)
        lengths = offsets[rows + 1] - offsets[rows]
        lost = rng.random(len(rows)) * 2 * dropout * (lengths > 2)
        lost = np.maximum(lost, 1 - longest / np.maximum(lengths, 1))
        return select(ids[positions], row, rng.random(len(row)) >= lost[row], len(rows))

    def draw(count: int) -> Batch:
        rows = rng.integers(len(same), size=count)
        queries = thinned(arrays["queries"], arrays["query_offsets"], rows)
        if mixed:
            queries = mixed.mix(queries, rng.uniform(0.5, 1.2, count), rng)
        passages = thinned(arrays["passages"], arrays["passage_offsets"], rows)
        return filled(Batch(queries, passages, same[rows]))

    return draw


def cloze(
    path: Path,
    rng: np.random.Generator,
    mixed: Glosses | None = None,
    kept: float = 0.3,
    longest: int = 128,
) -> Source:
    """A sentence of a passage, thinned to about a question's length, and the passage.

    The passage loses the sentence but for a share ``kept`` of the draws (Lee et al. 2019, "Latent
    Retrieval for Weakly Supervised Open Domain Question Answering", the inverse cloze task). With
    ``mixed``, half to all words of the sentence are given in English.
    """
    with np.load(path) as file:
        ids, segments, offsets = file["ids"], file["segments"], file["offsets"]

    def draw(count: int) -> Batch:
        there = len(offsets) - 1
        passages = rng.choice(there, size=min(count, there), replace=False)
        positions, row = gather(offsets, passages)
        tokens, segment = ids[positions], segments[positions]
        # a random token's sentence: long sentences, which say more, are drawn more often
        lengths = offsets[passages + 1] - offsets[passages]
        picked = (offsets[passages] + rng.random(len(passages)) * lengths).astype(
            np.int64
        )
        asked = segment == segments[picked][row]
        asked_length = np.bincount(row, weights=asked, minlength=len(passages))
        # questions have 4 to 16 words, statements 10 to 60
        share = np.minimum(
            rng.uniform(4, 20, len(passages)) / np.maximum(asked_length, 1), 1.0
        )
        queries = select(
            tokens, row, asked & (rng.random(len(row)) < share[row]), len(passages)
        )
        if mixed:
            queries = mixed.mix(queries, rng.uniform(0.5, 1.2, len(passages)), rng)
        stays = rng.random(len(passages)) < kept
        room = np.minimum(longest / lengths, 1.0)
        in_passage = (~asked | stays[row]) & (rng.random(len(row)) < room[row])
        return filled(
            Batch(queries, select(tokens, row, in_passage, len(passages)), passages)
        )

    return draw
