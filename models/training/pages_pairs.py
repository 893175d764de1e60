"""Pairs of runs of generated pages, with features and truth: what the network is trained on."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.arrays import Floats
from models.pages.borders import borders
from models.pages.evidence import Evidence, Models, captioned, edges, gather
from models.pages.features import NAMES, Run, glanced, pairs
from models.pages.lines import look
from models.pages.network import JOIN, LINK, SAME
from models.pages.ngrams import normalise
from models.training.pages_generator import page
from models.training.pages_style import Piece, style

Page = tuple[list[Piece], Evidence]


@dataclass(frozen=True, slots=True)
class Example:
    """Chosen pairs of one state of a page: ``(k, features)``, ``(k, 3)`` truths, ``(k,)`` weights."""

    features: Floats
    truth: Floats
    weights: Floats


def truths(pieces: Sequence[Piece]) -> tuple[dict[int, int], set[tuple[int, int]]]:
    """What follows each block in its article, of what the page has; and the pairs within one sentence."""
    order = sorted(
        (p.article, p.place, i) for i, p in enumerate(pieces) if p.article >= 0
    )
    follows: dict[int, int] = {}
    joins: set[tuple[int, int]] = set()
    for (article, place, i), (other, later, j) in pairwise(order):
        if article == other:
            follows[i] = j
            if later == place + 1 and pieces[i].cut_after and pieces[j].cut_before:
                joins.add((i, j))
    return follows, joins


def states(
    pieces: Sequence[Piece], follows: dict[int, int], chance: random.Random
) -> Iterator[list[Run]]:
    """Stages of solving: single blocks, then more and more of the right links made, neighbours first."""
    for near, far in (
        (0.0, 0.0),
        (0.8, 0.0),
        (1.0, chance.choice((0.0, 0.3))),
        (1.0, chance.choice((0.6, 0.9))),
    ):
        made = {
            i: j
            for i, j in follows.items()
            if chance.random() < (near if j == i + 1 else far)
        }
        starts = [i for i in range(len(pieces)) if i not in set(made.values())]
        runs: list[Run] = []
        for start in starts:
            run = [start]
            while run[-1] in made:
                run.append(made[run[-1]])
            runs.append(run)
        yield runs


def edge_examples(
    texts: Sequence[str], count: int, seed: int, models: Models
) -> tuple[Floats, Floats]:
    """Features of the edges of the blocks of ``count`` articles, and whether they are cut: ``(k, 2)``."""
    chance = random.Random(seed)
    features, truth = [], []
    for _ in range(count):
        pieces = page([chance.choice(texts)], chance, style(chance, copies=False))
        normal = [normalise(p.text) for p in pieces]
        ids = [models.characters.ids(text) for text in normal]
        looks = captioned([look(p.text) for p in pieces])
        border = borders(models.characters, normal)
        features.append(
            edges(looks, border, models.openings(ids), models.continuation(ids))
        )
        truth += [(p.cut_before, p.cut_after) for p in pieces]
    return np.concatenate(features), np.array(truth, np.float32)


def gathered(
    texts: Sequence[str], count: int, seed: int, models: Models
) -> Iterator[Page]:
    """``count`` pages of 2 to 9 articles, and what is seen of them."""
    chance = random.Random(seed)
    for _ in range(count):
        pieces = page(
            chance.sample(texts, chance.randint(2, 9)),
            chance,
            style(chance, copies=False),
        )
        if len(pieces) >= 4:
            own = [(i,) for i in range(len(pieces))]
            yield pieces, gather([p.text for p in pieces], (own, own), models)


def examples(
    pages: Iterable[Page],
    seed: int,
    glance: dict[str, Floats] | None = None,
    negatives: int = 30,
) -> Iterator[Example]:
    """Pairs of pages: all that follow each other, the likeliest others, and some of the rest.

    Of single blocks, for the first network; where that is given, as ``glance``, of all states, for the
    second.
    """
    chance = random.Random(seed)
    for pieces, evidence in pages:
        follows, joins = truths(pieces)
        known = glanced(evidence, glance) if glance else evidence
        for runs in (
            states(pieces, follows, chance)
            if glance
            else ([[i] for i in range(len(pieces))],)
        ):
            if len(runs) > 1:
                yield _chosen(known, pieces, runs, follows, joins, chance, negatives)


def _chosen(
    evidence: Evidence,
    pieces: Sequence[Piece],
    runs: list[Run],
    follows: dict[int, int],
    joins: set[tuple[int, int]],
    chance: random.Random,
    negatives: int,
) -> Example:
    n = len(runs)
    last, first = (
        np.array([run[-1] for run in runs]),
        np.array([run[0] for run in runs]),
    )
    after = np.array([follows.get(i, -1) for i in last])
    same_sentence = np.array(
        [after[a] if (i, after[a]) in joins else -1 for a, i in enumerate(last)]
    )
    article = np.array([piece.article for piece in pieces])
    truth = np.zeros((n, n, 3), np.float32)
    truth[..., LINK] = after[:, None] == first[None, :]
    truth[..., JOIN] = same_sentence[:, None] == first[None, :]
    truth[..., SAME] = (article[last][:, None] == article[first][None, :]) & (
        article[last] >= 0
    )[:, None]
    features = pairs(evidence, runs)
    weights = np.zeros((n, n), np.float32)
    for name in ("goes_on", "topic"):
        grid = features[..., NAMES.index(name)].copy()
        np.fill_diagonal(grid, -np.inf)
        top = min(3, n - 1)
        weights[
            np.arange(n)[:, None], np.argpartition(-grid, top - 1, axis=1)[:, :top]
        ] = 1
        weights[
            np.argpartition(-grid, top - 1, axis=0)[:top], np.arange(n)[None, :]
        ] = 1
    weights[truth[..., LINK] > 0] = 1
    near = np.abs(np.subtract.outer(last, first) + 1) <= 1
    weights[near] = 1
    np.fill_diagonal(weights, 0)
    rest = np.argwhere((weights == 0) & ~np.eye(n, dtype=bool))
    if len(rest):
        drawn = rest[chance.sample(range(len(rest)), min(negatives, len(rest)))]
        weights[drawn[:, 0], drawn[:, 1]] = len(rest) / len(drawn)
    chosen = weights > 0
    return Example(features[chosen], truth[chosen], weights[chosen])
