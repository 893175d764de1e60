"""Evidence -> threads: which block follows which, and which are of one article.

Order and assignment are one problem: a cover of the blocks by paths, one an article, of the greatest total
log-odds. It is solved as an assignment problem (Kuhn 1955, as scipy solves it), its cycles opened at their
weakest link, in rounds: what is nearly certain is linked first, and longer runs say more about their topic
than single blocks. Runs that no link connects are then gathered by how surely they are of one article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from models.arrays import Bools, Floats
from models.pages.evidence import Evidence
from models.pages.features import Run, pairs
from models.pages.lines import BEGINNINGS, ENDINGS, Look, heads, short_line
from models.pages.network import JOIN, LINK, SAME, forward, probability

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
NAMED = 4
"""What a byline or a dateline adds to the log-odds that a run begins an article, an end mark that it ends one."""
LAST = 30
"""What makes a picture's words stand last."""
ORDERED = 8
"""Runs of an article that are put in order by trying all."""


_State = tuple[frozenset[int], int]
"""The runs of an order, and the last of them."""


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
    """Path cover in rounds, from what is known; then what is left gathered.

    Args:
        weights: of the network over pairs of runs.
        seams: pairs of blocks of which the second is known to follow the first.

    Raises:
        ValueError: a block of ``seams`` has two followers, follows two, or follows itself.
    """
    links = {first: Link(first, second, 1.0, 1.0) for first, second in seams}
    blocks = [[i] for i in range(len(evidence.looks))]
    runs = chained(blocks, seams)
    if len(links) < len(seams) or sum(map(len, runs)) != len(blocks):
        raise ValueError(
            f"seams {list(seams)}: expected paths, each block before one other and after one"
        )
    single = forward(weights, pairs(evidence, blocks))
    joins = _joins(evidence, single[..., JOIN])
    for least in ROUNDS:
        if len(runs) < 2:
            break
        odds = single.copy()
        if len(runs) < len(blocks):
            odds = forward(weights, pairs(evidence, runs))
        link_odds = _ruled(odds[..., LINK], evidence, runs)
        chosen = cover(link_odds, np.log(least / (1 - least)))
        for a, b in chosen:
            last, first = runs[a][-1], runs[b][0]
            sure = float(probability(link_odds[a, b]))
            links[last] = Link(last, first, sure, float(joins[last, first]))
        runs = chained(runs, chosen)
    threads = _threads(evidence, weights, runs, links, joins)
    return sorted(threads, key=lambda thread: _begins_at(evidence, thread))


def _ruled(odds: Floats, evidence: Evidence, runs: Sequence[Run]) -> Floats:
    """Log-odds that one run follows another, ``(runs, runs)``, after what is known of all pages."""
    odds[_forbidden(evidence, runs)] = NEVER
    odds -= HANGING * _hanging(evidence, runs)
    odds += AGAIN * _again(evidence, runs)
    return odds


def _threads(
    evidence: Evidence,
    weights: dict[str, Floats],
    runs: Sequence[Run],
    links: dict[int, Link],
    joins: Floats,
) -> list[Thread]:
    """Runs that are of one article put in order, each an article. ``links`` has those within runs."""
    odds = forward(weights, pairs(evidence, runs))[..., LINK]
    begins, ends = _ends(evidence, runs)
    threads: list[Thread] = []
    for group, sure in _gathered(evidence, weights, runs):
        order = best_order(odds, group, begins, ends)
        blocks: list[int] = []
        within: list[Link] = []
        for run in [runs[number] for number in order]:
            if blocks:
                last, first = blocks[-1], run[0]
                join = float(joins[last, first])
                within.append(Link(last, first, sure, join, gathered=True))
            blocks += run
            within += [links[i] for i in run[:-1]]
        threads.append(Thread(tuple(blocks), tuple(within)))
    return threads


def _begins_at(evidence: Evidence, thread: Thread) -> int:
    """Where on the page the first printed of its blocks stands."""
    return min(evidence.places[i][0] for i in thread.blocks)


def _joins(evidence: Evidence, odds: Floats) -> Floats:
    """``(n, n)`` probability that a sentence goes on from one block to another, by both networks.

    ``odds`` are of single blocks: what the rest of a run is about says little of a border, and made wrong
    joins surer. A sentence that has ended goes on nowhere, but for the mark that closes its quote.
    """
    first = odds if evidence.glance is None else evidence.glance[..., JOIN]
    both = np.asarray((first + odds) / 2, np.float32)
    looks = evidence.looks
    over = np.array([ENDINGS[look.ending] == "terminal" for look in looks])
    closing = np.array([BEGINNINGS[look.beginning] == "mark" for look in looks])
    both[over[:, None] & ~closing[None, :]] = NEVER
    return probability(both)


def _gathered(
    evidence: Evidence, weights: dict[str, Floats], runs: Sequence[Run]
) -> list[tuple[list[int], float]]:
    """Runs that are of one article, by number, and how sure that is; the surest are put together first."""
    groups = [[k] for k in range(len(runs))]
    sure = [1.0] * len(runs)
    while len(groups) > 1:
        merged = [_merged(runs, group) for group in groups]
        odds = forward(weights, pairs(evidence, merged))[..., SAME]
        same = np.asarray((odds + odds.T) / 2, np.float32)
        same[_both_dated(evidence, merged)] = NEVER
        np.fill_diagonal(same, NEVER)
        a, b = map(int, np.unravel_index(int(same.argmax()), same.shape))
        surest = float(probability(same[a, b]))
        if surest < GATHER:
            break
        groups[a] = groups[a] + groups[b]
        sure[a] = min(sure[a], sure[b], surest)
        del groups[b], sure[b]
    return list(zip(groups, sure, strict=True))


def _merged(runs: Sequence[Run], group: Sequence[int]) -> Run:
    blocks: Run = []
    for number in group:
        blocks += runs[number]
    return blocks


def _ends(evidence: Evidence, runs: Sequence[Run]) -> tuple[list[float], list[float]]:
    """How well each run begins an article, and how well it ends one; a picture's words stand after it."""
    begins: list[float] = []
    ends: list[float] = []
    for run in runs:
        first, last = run[0], run[-1]
        named = any(_names_article(evidence.looks[i]) for i in run[:3])
        begins.append(float(evidence.standing[first, 0]) + NAMED * named)
        over = evidence.looks[last].furniture == "end"
        closes = float(evidence.standing[last, 1]) + NAMED * over
        ends.append(closes + LAST * _beside(evidence, run))
    return begins, ends


def _names_article(look: Look) -> bool:
    """Whether a block is of an article's head: who wrote it, where and when."""
    return look.dated or look.furniture in ("byline", "subtitle", "dateline")


def best_order(
    log_odds: Floats,
    group: Sequence[int],
    begins: Sequence[float],
    ends: Sequence[float],
) -> list[int]:
    """The order of a group of runs with the greatest sum: what begins it, what follows what, what ends it.

    By dynamic programming over subsets (Held and Karp, 1962): of all orders of the same runs that end with the
    same one, only the best can be part of the best. A group of more than ``ORDERED`` stays as it is.
    """
    if len(group) > ORDERED:
        return list(group)
    best: dict[_State, tuple[float, list[int]]] = {}
    for number in group:
        best[frozenset([number]), number] = begins[number], [number]
    for _ in range(len(group) - 1):
        longer: dict[_State, tuple[float, list[int]]] = {}
        for (used, last), (score, order) in best.items():
            for number in group:
                if number in used:
                    continue
                state = used | {number}, number
                value = score + float(log_odds[last, number])
                if state not in longer or value > longer[state][0]:
                    longer[state] = value, [*order, number]
        best = longer
    whole: list[tuple[float, list[int]]] = []
    for (_, last), (score, order) in best.items():
        whole.append((score + ends[last], order))
    return max(whole)[1]


def _beside(evidence: Evidence, run: Run) -> bool:
    """Whether a run is a picture's words: it stands beside an article, not in its flow."""
    return evidence.looks[run[0]].furniture in BESIDE


def _forbidden(evidence: Evidence, runs: Sequence[Run]) -> Bools:
    """No text goes on from a picture's words, and none leads to a caption: those are gathered, not linked."""
    last = [evidence.looks[run[-1]].furniture for run in runs]
    first = [evidence.looks[run[0]].furniture for run in runs]
    after = np.array([kind in BESIDE for kind in last])[:, None]
    beside = np.array([kind in BESIDE for kind in first])[None, :]
    caption = np.array([kind == "caption" for kind in first])[None, :]
    forbidden = (after & ~beside) | (~after & caption) | _both_dated(evidence, runs)
    return np.asarray(forbidden, np.bool_)


def _both_dated(evidence: Evidence, runs: Sequence[Run]) -> Bools:
    """An article has one dateline to open it: which two runs have one each."""
    found: list[bool] = []
    for run in runs:
        found.append(any(evidence.looks[i].dated for i in run))
    dated = np.array(found)
    return np.asarray(dated[:, None] & dated[None, :], np.bool_)


def _again(evidence: Evidence, runs: Sequence[Run]) -> Bools:
    """Where two printings agree that a run comes right after another: no accident puts them so twice."""
    last = [run[-1] for run in runs]
    first = [run[0] for run in runs]
    return np.asarray(evidence.beside[np.ix_(last, first)] > 1, np.bool_)


def _hanging(evidence: Evidence, runs: Sequence[Run]) -> Bools:
    """Where a run that ends within a sentence would be followed by one that begins with a headline."""
    begins_cut, ends_cut = evidence.edges.T
    cut: list[bool] = []
    headed: list[bool] = []
    for run in runs:
        first, last = run[0], run[-1]
        is_line = short_line(evidence.looks[last])
        cut.append(bool(ends_cut[last] > 0) and not is_line)
        is_head = heads(evidence.looks[first])
        headed.append(is_head and bool(begins_cut[first] < 0))
    return np.asarray(np.array(cut)[:, None] & np.array(headed)[None, :], np.bool_)


def cover(log_odds: Floats, least: float) -> list[tuple[int, int]]:
    """The links of the path cover with the greatest sum of ``log_odds - least``; no link below ``least``."""
    gains = np.maximum(log_odds - least, 0).astype(np.float64)
    np.fill_diagonal(gains, 0)
    follower: dict[int, int] = {}
    for a, b in zip(*linear_sum_assignment(gains, maximize=True), strict=True):
        if gains[a, b] > 0:
            follower[int(a)] = int(b)
    for begin in range(len(log_odds)):
        cycle = _cycle(follower, begin)
        if cycle:
            weakest = min(cycle, key=lambda i: gains[i, follower[i]])
            del follower[weakest]
    return sorted(follower.items())


def _cycle(follower: dict[int, int], begin: int) -> list[int]:
    """The cycle that something is part of, from there on; empty where it is part of a path.

    Each has one follower and follows one, so that who comes back to where it set out met nothing twice.
    """
    cycle = [begin]
    while (after := follower.get(cycle[-1])) is not None:
        if after == begin:
            return cycle
        cycle.append(after)
    return []


def chained(runs: Sequence[Run], links: Sequence[tuple[int, int]]) -> list[Run]:
    """The runs after linking, in the order of those they begin with."""
    follower = dict(links)
    followed = set(follower.values())
    starts = [number for number in range(len(runs)) if number not in followed]
    joined: list[Run] = []
    for start in starts:
        run = list(runs[start])
        at = start
        while (after := follower.get(at)) is not None:
            run += runs[after]
            at = after
        joined.append(run)
    return joined
