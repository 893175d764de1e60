"""Evidence -> threads: which block follows which, and which are of one article.

Order and assignment are one problem: a cover of the blocks by paths, one an article, of the greatest total
log-odds. It is solved as an assignment problem (Kuhn 1955, as scipy solves it), its cycles opened at their
weakest link, in rounds: what is nearly certain is linked first, and longer runs say more about their topic
than single blocks. Runs that no link connects are then gathered by how surely they are of one article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.pages.evidence import Evidence
from models.pages.features import Run, pairs
from models.pages.lines import BEGINNINGS, ENDINGS, heads, short_line
from models.pages.network import JOIN, LINK, SAME, forward, probability

Floats = NDArray[np.float32]

ROUNDS = (0.98, 0.9, 0.8, 0.65, 0.5, 0.5, 0.5)
"""The confidence that a link needs, round by round."""
GATHER = 0.5
"""The confidence with which runs are put into one article though nothing says which follows which."""

NEVER = np.float32(-30)
BESIDE = ("caption", "credit")
HANGING = np.float32(3)
"""What is taken off the log-odds of a headline that comes right after words that are plainly cut."""
AGAIN = np.float32(4)
"""What is added to those of two runs that are printed one after the other more than once."""
ORDERED = 8
"""Runs of an article that are put in order by trying all."""


@dataclass(frozen=True, slots=True)
class Link:
    """Block ``first`` is followed by ``second``.

    ``confidence``: that it is, 0 to 1; ``join``: that a sentence goes on from the one to the other, 0 to 1.
    ``gathered``: nothing says that they follow each other directly, only that they are of one article.
    """

    first: int
    second: int
    confidence: float
    join: float
    gathered: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """An article: block numbers in reading order, and the links between them, ``len(blocks) - 1``."""

    blocks: tuple[int, ...]
    links: tuple[Link, ...]


def solve(
    evidence: Evidence,
    weights: dict[str, Floats],
    seams: Sequence[tuple[int, int]] = (),
) -> list[Thread]:
    """Path cover in rounds, from what is known; then what is left gathered."""
    links = {a: Link(a, b, 1.0, 1.0) for a, b in seams}
    runs = chained([[i] for i in range(len(evidence.looks))], seams)
    if len(links) < len(seams) or sum(map(len, runs)) != len(evidence.looks):
        raise ValueError(
            f"seams {list(seams)}: expected paths, each block before one other and after one"
        )
    single = forward(
        weights, pairs(evidence, [[i] for i in range(len(evidence.looks))])
    )
    joins = _joins(evidence, single[..., JOIN])
    for least in ROUNDS:
        if len(runs) < 2:
            break
        odds = (
            single.copy()
            if len(runs) == len(single)
            else forward(weights, pairs(evidence, runs))
        )
        odds[..., LINK][_forbidden(evidence, runs)] = NEVER
        odds[..., LINK] -= HANGING * _hanging(evidence, runs)
        odds[..., LINK] += AGAIN * _again(evidence, runs)
        chosen = cover(odds[..., LINK], np.log(least / (1 - least)))
        for a, b in chosen:
            last, first = runs[a][-1], runs[b][0]
            sure = float(probability(odds[a, b, LINK]))
            links[last] = Link(last, first, sure, float(joins[last, first]))
        runs = chained(runs, chosen)
    groups = _gathered(evidence, weights, runs)
    odds = forward(weights, pairs(evidence, runs))
    threads: list[Thread] = []
    for group, sure in groups:
        order = best_order(odds[..., LINK], group, *_ends(evidence, runs))
        for a, b in pairwise(order):
            last, first = runs[a][-1], runs[b][0]
            links[last] = Link(
                last, first, sure, float(joins[last, first]), gathered=True
            )
        blocks = [i for k in order for i in runs[k]]
        threads.append(Thread(tuple(blocks), tuple(links[i] for i in blocks[:-1])))
    return sorted(
        threads, key=lambda thread: min(evidence.places[i][0] for i in thread.blocks)
    )


def _joins(evidence: Evidence, odds: Floats) -> Floats:
    """``(n, n)`` probability that a sentence goes on from one block to another, by both networks.

    ``odds`` are of single blocks: what the rest of a run is about says little of a border, and made wrong
    joins surer. A sentence that has ended goes on nowhere, but for the mark that closes its quote.
    """
    first = odds if evidence.glance is None else evidence.glance[..., JOIN]
    both = np.asarray((first + odds) / 2, np.float32)
    over = np.array([ENDINGS[found.ending] == "terminal" for found in evidence.looks])[
        :, None
    ]
    closing = np.array(
        [BEGINNINGS[found.beginning] == "mark" for found in evidence.looks]
    )[None, :]
    both[over & ~closing] = NEVER
    return probability(both)


def _gathered(
    evidence: Evidence, weights: dict[str, Floats], runs: Sequence[Run]
) -> list[tuple[list[int], float]]:
    """Runs that are of one article, by number, and how sure that is; the surest are put together first."""
    groups = [[k] for k in range(len(runs))]
    sure = [1.0] * len(runs)
    while len(groups) > 1:
        merged = [[i for k in group for i in runs[k]] for group in groups]
        odds = forward(weights, pairs(evidence, merged))[..., SAME]
        same = np.asarray((odds + odds.T) / 2, np.float32)
        same[_both_dated(evidence, merged)] = NEVER
        np.fill_diagonal(same, NEVER)
        a, b = map(int, np.unravel_index(int(same.argmax()), same.shape))
        if (found := float(probability(same[a, b]))) < GATHER:
            break
        groups[a], sure[a] = groups[a] + groups[b], min(sure[a], sure[b], found)
        del groups[b], sure[b]
    return list(zip(groups, sure, strict=True))


def _ends(evidence: Evidence, runs: Sequence[Run]) -> tuple[list[float], list[float]]:
    """How well each run begins an article, and how well it ends one; a picture's words stand after it."""
    begins, ends = [], []
    for run in runs:
        head = [evidence.looks[i] for i in run[:3]]
        named = any(
            each.dated or each.furniture in ("byline", "subtitle", "dateline")
            for each in head
        )
        begins.append(float(evidence.standing[run[0], 0]) + 4 * named)
        over = evidence.looks[run[-1]].furniture == "end"
        ends.append(
            float(evidence.standing[run[-1], 1])
            + 4 * over
            + 30 * _beside(evidence, run)
        )
    return begins, ends


def best_order(
    log_odds: Floats,
    group: Sequence[int],
    begins: Sequence[float],
    ends: Sequence[float],
) -> list[int]:
    """The order of a group of runs with the greatest sum: what begins it, what follows what, what ends it.

    By dynamic programming over subsets (Held and Karp, 1962); a group of more than ``ORDERED`` stays as it
    is.
    """
    if len(group) > ORDERED:
        return list(group)
    best: dict[tuple[frozenset[int], int], tuple[float, list[int]]] = {
        (frozenset([k]), k): (begins[k], [k]) for k in group
    }
    for _ in range(len(group) - 1):
        longer: dict[tuple[frozenset[int], int], tuple[float, list[int]]] = {}
        for (used, last), (score, order) in best.items():
            for k in group:
                if k not in used:
                    state = used | {k}, k
                    value = score + float(log_odds[last, k])
                    if state not in longer or value > longer[state][0]:
                        longer[state] = value, [*order, k]
        best = longer
    return max(
        (score + ends[last], order) for (_, last), (score, order) in best.items()
    )[1]


def _beside(evidence: Evidence, run: Run) -> bool:
    """Whether a run is a picture's words: it stands beside an article, not in its flow."""
    return evidence.looks[run[0]].furniture in BESIDE


def _forbidden(evidence: Evidence, runs: Sequence[Run]) -> NDArray[np.bool_]:
    """No text goes on from a picture's words, and none leads to a caption: those are gathered, not linked."""
    after = np.array([evidence.looks[run[-1]].furniture in BESIDE for run in runs])[
        :, None
    ]
    beside = np.array([evidence.looks[run[0]].furniture in BESIDE for run in runs])[
        None, :
    ]
    caption = np.array([evidence.looks[run[0]].furniture == "caption" for run in runs])[
        None, :
    ]
    return np.asarray(
        (after & ~beside) | (~after & caption) | _both_dated(evidence, runs), np.bool_
    )


def _both_dated(evidence: Evidence, runs: Sequence[Run]) -> NDArray[np.bool_]:
    """An article has one dateline to open it: which two runs have one each."""
    dated = np.array([any(evidence.looks[i].dated for i in run) for run in runs])
    return np.asarray(dated[:, None] & dated[None, :], np.bool_)


def _again(evidence: Evidence, runs: Sequence[Run]) -> NDArray[np.bool_]:
    """Where two printings agree that a run comes right after another: no accident puts them so twice."""
    last, first = [run[-1] for run in runs], [run[0] for run in runs]
    return np.asarray(evidence.beside[np.ix_(last, first)] > 1, np.bool_)


def _hanging(evidence: Evidence, runs: Sequence[Run]) -> NDArray[np.bool_]:
    """Where a run that ends within a sentence would be followed by one that begins with a headline."""
    cut = np.array(
        [
            evidence.edges[run[-1], 1] > 0 and not short_line(evidence.looks[run[-1]])
            for run in runs
        ]
    )
    head = np.array(
        [
            heads(evidence.looks[run[0]]) and evidence.edges[run[0], 0] < 0
            for run in runs
        ]
    )
    return np.asarray(cut[:, None] & head[None, :], np.bool_)


def cover(log_odds: Floats, least: float) -> list[tuple[int, int]]:
    """The links of the path cover with the greatest sum of ``log_odds - least``; no link below ``least``."""
    n = len(log_odds)
    gains = np.maximum(log_odds - least, 0).astype(np.float64)
    np.fill_diagonal(gains, 0)
    rows, columns = linear_sum_assignment(gains, maximize=True)
    follower = {
        int(a): int(b) for a, b in zip(rows, columns, strict=True) if gains[a, b] > 0
    }
    for begin in range(n):
        cycle = [begin]
        while (
            (after := follower.get(cycle[-1])) is not None
            and after != begin
            and len(cycle) <= n
        ):
            cycle.append(after)
        if follower.get(cycle[-1]) == begin and len(cycle) <= n:
            del follower[min(cycle, key=lambda i: gains[i, follower[i]])]
    return sorted(follower.items())


def chained(runs: Sequence[Run], links: Sequence[tuple[int, int]]) -> list[Run]:
    """The runs after linking, in the order of those they begin with."""
    follower = dict(links)
    starts = [i for i in range(len(runs)) if i not in set(follower.values())]
    joined: list[Run] = []
    for start in starts:
        run = list(runs[start])
        at = start
        while (after := follower.get(at)) is not None:
            run += runs[after]
            at = after
        joined.append(run)
    return joined
