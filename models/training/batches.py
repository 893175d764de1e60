"""Batches for contrastive training, drawn without end from the arrays that ``pairs.py`` wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.arrays import Bools, Doubles, Int32s, Ints


class Rows(NamedTuple):
    """Rows of token ids: row ``i`` is ``ids[starts[i] : starts[i + 1]]``, the last runs to the end."""

    ids: Int32s
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
    return offsets[rows][row] + _within(lengths), row


def _within(lengths: Ints) -> Ints:
    """Of each token of rows of these lengths its place in its row: of ``[2, 3]`` 0, 1, 0, 1, 2."""
    ends = np.cumsum(lengths)
    total = ends[-1] if len(ends) else 0
    starts = ends - lengths
    return np.asarray(np.arange(total) - np.repeat(starts, lengths))


def select(ids: Int32s, row: Ints, keep: Bools, count: int) -> Rows:
    """The kept tokens as rows, ``row`` being sorted."""
    kept = row[keep]
    # A row that lost everything starts where the next one does: of tokens in the rows 0, 0
    # and 2 the starts are 0, 2, 2.
    return Rows(ids[keep], np.searchsorted(kept, np.arange(count)))


def filled(batch: Batch) -> Batch:
    """Drop pairs of which a side is empty: they have no direction to learn."""
    alive = _lengths(batch.queries) * _lengths(batch.passages) > 0
    queries = _keep(batch.queries, alive)
    passages = _keep(batch.passages, alive)
    return Batch(queries, passages, batch.same[alive])


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
    ids: Int32s
    offsets: Ints

    @classmethod
    def open(cls, path: Path, size: int) -> Glosses:
        with np.load(path) as arrays:
            tokens = arrays["tokens"]
            ids = arrays["ids"]
            offsets = arrays["offsets"]
        # The glosses of one token side by side: those of token t are first[t], first[t] + 1, …
        order = np.argsort(tokens, kind="stable")
        lengths = np.diff(offsets)
        positions, _ = gather(offsets, order)
        count = np.bincount(tokens, minlength=size)
        first = np.cumsum(count) - count
        reordered = np.concatenate([[0], np.cumsum(lengths[order])])
        return cls(first, count, ids[positions], reordered)

    def mix(self, rows: Rows, share: Doubles, rng: np.random.Generator) -> Rows:
        """Replace about ``share[i]`` of the words of row ``i`` that have a gloss by one of theirs."""
        row = np.repeat(np.arange(len(rows.starts)), _lengths(rows))
        count = self.count[rows.ids]
        swap = (count > 0) & (rng.random(len(row)) < share[row])
        # The first gloss is the commonest sense, and squaring the draw favours it: of two
        # glosses the first is drawn when the draw is below .71.
        sense = (rng.random(len(row)) ** 2 * count).astype(np.int64)
        chosen = np.where(swap, self.first[rows.ids] + sense, 0)
        # A token that stays gives one token, one that is exchanged those of its gloss.
        length = np.where(swap, self.offsets[chosen + 1] - self.offsets[chosen], 1)
        token = np.repeat(np.arange(len(row)), length)
        position = self.offsets[chosen][token] + _within(length)
        # Those that stay look up a gloss too, and must not look beyond the last.
        position = np.minimum(position, len(self.ids) - 1)
        ids = np.where(swap[token], self.ids[position], rows.ids[token])
        new_row = np.repeat(row, length)
        starts = np.searchsorted(new_row, np.arange(len(rows.starts)))
        return Rows(ids.astype(np.int32), starts)


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

    def thinned(ids: Int32s, offsets: Ints, rows: Ints) -> Rows:
        positions, row = gather(offsets, rows)
        lengths = offsets[rows + 1] - offsets[rows]
        # Of one or two tokens none may go.
        lost = rng.random(len(rows)) * 2 * dropout * (lengths > 2)
        # Of 640 tokens three quarters go: about 160 stay.
        lost = np.maximum(lost, 1 - longest / np.maximum(lengths, 1))
        stays = rng.random(len(row)) >= lost[row]
        return select(ids[positions], row, stays, len(rows))

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
        ids = file["ids"]
        segments = file["segments"]
        offsets = file["offsets"]

    def draw(count: int) -> Batch:
        there = len(offsets) - 1
        passages = rng.choice(there, size=min(count, there), replace=False)
        positions, row = gather(offsets, passages)
        tokens = ids[positions]
        # A random token's sentence: long sentences, which say more, are drawn more often.
        lengths = offsets[passages + 1] - offsets[passages]
        picked = offsets[passages] + rng.random(len(passages)) * lengths
        sentence = segments[picked.astype(np.int64)]
        asked = segments[positions] == sentence[row]
        asked_length = np.bincount(row, weights=asked, minlength=len(passages))
        # Questions have 4 to 16 words, statements 10 to 60: of 40 words about 12 stay.
        wanted = rng.uniform(4, 20, len(passages))
        share = np.minimum(wanted / np.maximum(asked_length, 1), 1.0)
        in_query = asked & (rng.random(len(row)) < share[row])
        queries = select(tokens, row, in_query, len(passages))
        if mixed:
            queries = mixed.mix(queries, rng.uniform(0.5, 1.2, len(passages)), rng)
        stays = rng.random(len(passages)) < kept
        room = np.minimum(longest / lengths, 1.0)
        in_passage = (~asked | stays[row]) & (rng.random(len(row)) < room[row])
        rest = select(tokens, row, in_passage, len(passages))
        return filled(Batch(queries, rest, passages))

    return draw
