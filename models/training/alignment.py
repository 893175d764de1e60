"""Word alignment of sentence pairs: IBM Model 1 in both directions, trained to agree.

Brown et al. (1993), *The Mathematics of Statistical Machine Translation*, gives Model 1; Liang, Taskar
and Klein (2006), *Alignment by Agreement*, multiply the posteriors of both directions in the E step;
Dyer, Chahuneau and Smith (2013), *A Simple, Fast, and Effective Reparameterization of IBM Model 2*,
prefer links near the diagonal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.arrays import Doubles, Floats, Int32s

Pair = tuple[Sequence[int], Sequence[int], float]
"""Word ids of the source and of the target sentence, and the weight of the pair."""
Links = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Options:
    """How to train: rounds of each kind, pull to the diagonal, share of unaligned words, discount."""

    rounds: int = 5
    agreeing_rounds: int = 5
    diagonal: float = 3.0
    null: float = 0.1
    discount: float = 0.3
    threshold: float = 0.4


@dataclass(slots=True)
class _Cells:
    """Every (source position, target position) of every sentence pair, flat; all arrays are (cells,)."""

    pair: Int32s
    row: Int32s
    column: Int32s
    prior: Floats
    weight: Floats
    source: Int32s
    target: Int32s
    row_word: Int32s
    column_word: Int32s


class Aligner:
    """Trains on ``pairs`` when made; then ``links()`` aligns those pairs.

    Args:
        pairs: sentence pairs as word ids, ids counting from 0.
        sizes: vocabulary sizes, ``(source, target)``.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        sizes: tuple[int, int],
        options: Options | None = None,
    ) -> None:
        self.options = options or Options()
        self._pairs = pairs
        self._sizes = sizes
        self._cells = _lay_out(pairs, self.options.diagonal)
        cells = self._cells
        self._row_null = _null(cells.row_word, sizes[0], self.options.null)
        self._column_null = _null(cells.column_word, sizes[1], self.options.null)
        self.forward = np.full(len(cells.source), 1.0 / sizes[1], np.float64)
        self.backward = np.full(len(cells.source), 1.0 / sizes[0], np.float64)
        for number in range(self.options.rounds + self.options.agreeing_rounds):
            self._step(agree=number >= self.options.rounds)

    def posteriors(self) -> tuple[Doubles, Doubles]:
        """P(the target word comes from this source word) and the reverse, (cells,) each."""
        cells = self._cells
        # The source words of a sentence, and the empty word, share out each target word:
        # .3 and .1 with .1 for the empty word become .6 and .2.
        forward = self.forward[cells.pair] * cells.prior
        given = np.bincount(cells.column, forward, len(self._column_null))
        forward_totals = given + self._column_null
        backward = self.backward[cells.pair] * cells.prior
        given = np.bincount(cells.row, backward, len(self._row_null))
        backward_totals = given + self._row_null
        return (
            forward / forward_totals[cells.column],
            backward / backward_totals[cells.row],
        )

    def _step(self, agree: bool) -> None:
        forward, backward = self.posteriors()
        if agree:
            # A link that only one direction believes in (.9 and .1) counts .09 in both.
            forward = backward = forward * backward
        cells = self._cells
        kinds = len(self.forward)
        forward_counts = np.bincount(cells.pair, forward * cells.weight, kinds)
        backward_counts = np.bincount(cells.pair, backward * cells.weight, kinds)
        self.forward = self._normalised(forward_counts, cells.source, 0)
        self.backward = self._normalised(backward_counts, cells.target, 1)

    def _normalised(
        self, counts: npt.NDArray[Any], words: Int32s, side: int
    ) -> Doubles:
        # With the discount a word met once gives its only partner 1 / 1.3, and not all.
        totals = np.bincount(words, counts, self._sizes[side]) + self.options.discount
        result: Doubles = counts / totals[words]
        return result

    def links(self) -> Iterator[Links]:
        """For each pair, the links whose posteriors in both directions have a mean above the threshold."""
        forward, backward = self.posteriors()
        kept = np.sqrt(forward * backward) > self.options.threshold
        start = 0
        for source, target, _ in self._pairs:
            size = len(source) * len(target)
            links: Links = []
            for cell in np.flatnonzero(kept[start : start + size]).tolist():
                links.append(divmod(cell, len(target)))
            yield links
            start += size


def _lay_out(pairs: Sequence[Pair], diagonal: float) -> _Cells:
    sources: list[Int32s] = []
    targets: list[Int32s] = []
    rows: list[Int32s] = []
    columns: list[Int32s] = []
    priors: list[Floats] = []
    weights: list[Floats] = []
    row_words: list[int] = []
    column_words: list[int] = []
    row = column = 0
    for source, target, weight in pairs:
        m = len(source)
        n = len(target)
        sources.append(np.repeat(np.asarray(source, np.int32), n))
        targets.append(np.tile(np.asarray(target, np.int32), m))
        rows.append(np.repeat(np.arange(row, row + m, dtype=np.int32), n))
        columns.append(np.tile(np.arange(column, column + n, dtype=np.int32), m))
        # Of 4 words and of 2 the first stand at .125 and .25 of their sentences.
        down = (np.arange(m)[:, None] + 0.5) / m
        across = (np.arange(n)[None, :] + 0.5) / n
        distance = np.abs(down - across)
        priors.append(np.exp(-diagonal * distance).astype(np.float32).ravel())
        weights.append(np.full(m * n, weight, np.float32))
        row_words.extend(source)
        column_words.extend(target)
        row += m
        column += n
    source_words = np.concatenate(sources)
    target_words = np.concatenate(targets)
    # One number a pair of words, so that equal pairs everywhere share one probability.
    width = int(target_words.max()) + 1
    kinds, pair = np.unique(
        source_words.astype(np.int64) * width + target_words, return_inverse=True
    )
    return _Cells(
        pair=pair.astype(np.int32),
        row=np.concatenate(rows),
        column=np.concatenate(columns),
        prior=np.concatenate(priors),
        weight=np.concatenate(weights),
        source=(kinds // width).astype(np.int32),
        target=(kinds % width).astype(np.int32),
        row_word=np.asarray(row_words, np.int32),
        column_word=np.asarray(column_words, np.int32),
    )


def _null(words: Int32s, size: int, share: float) -> Doubles:
    """What the empty word gives each position: its unigram probability, scaled by ``share``."""
    unigram = np.bincount(words, minlength=size) / len(words)
    result: Doubles = share * unigram[words]
    return result


def phrases(
    links: Links,
    source_length: int,
    target_length: int,
    longest: tuple[int, int] = (5, 4),
) -> Iterator[tuple[int, int, int, int]]:
    """Phrase pairs ``(i1, i2, j1, j2)``, half-open, that no link leaves (Och and Ney, 2004).

    The target phrase is the tightest one; the source phrase may have unlinked words at its borders, since
    a word like 知识产权 is often linked to one word of ``intellectual property`` only.
    """
    by_source: list[list[int]] = [[] for _ in range(source_length)]
    by_target: list[list[int]] = [[] for _ in range(target_length)]
    for i, j in links:
        by_source[i].append(j)
        by_target[j].append(i)
    for start in range(source_length):
        low, high = target_length, -1
        for end in range(start, min(source_length, start + longest[0])):
            low = min(low, *by_source[end], target_length)
            high = max(high, *by_source[end], -1)
            if high - low >= longest[1]:
                break
            if high >= 0 and _stay_within(by_target[low : high + 1], start, end):
                yield start, end + 1, low, high + 1


def _stay_within(linked: Sequence[Sequence[int]], start: int, end: int) -> bool:
    """Whether the source words that each target word is linked to all stand in ``[start, end]``."""
    for source_words in linked:
        for word in source_words:
            if not start <= word <= end:
                return False
    return True
