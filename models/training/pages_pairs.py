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
    order = [number for number, piece in enumerate(pieces) if piece.article >= 0]
    order.sort(key=lambda number: (pieces[number].article, pieces[number].place))
    follows: dict[int, int] = {}
    joins: set[tuple[int, int]] = set()
    for first, second in pairwise(order):
        before = pieces[first]
        after = pieces[second]
        if before.article != after.article:
            continue
        follows[first] = second
        # What stood between the two may have been dropped from the page.
        adjacent = after.place == before.place + 1
        if adjacent and before.cut_after and after.cut_before:
            joins.add((first, second))
    return follows, joins


def states(
    pieces: Sequence[Piece], follows: dict[int, int], chance: random.Random
) -> Iterator[list[Run]]:
    """Stages of solving: single blocks, then more and more of the right links made, neighbours first."""
    # What share of the links is made between neighbours on the page, and between others.
    stages = (
        (0.0, 0.0),
        (0.8, 0.0),
        (1.0, chance.choice((0.0, 0.3))),
        (1.0, chance.choice((0.6, 0.9))),
    )
    for near, far in stages:
        made: dict[int, int] = {}
        for first, second in follows.items():
            share = near if second == first + 1 else far
            if chance.random() < share:
                made[first] = second
        yield _runs(len(pieces), made)


def _runs(count: int, made: dict[int, int]) -> list[Run]:
    """Blocks chained by the links: of four with 0 -> 2 and 2 -> 3 the runs are 0 2 3 and 1."""
    led_to = set(made.values())
    runs: list[Run] = []
    for start in range(count):
        if start in led_to:
            continue
        run = [start]
        while run[-1] in made:
            run.append(made[run[-1]])
        runs.append(run)
    return runs


def edge_examples(
    texts: Sequence[str], count: int, seed: int, models: Models
) -> tuple[Floats, Floats]:
    """Features of the edges of the blocks of ``count`` articles, and whether they are cut: ``(k, 2)``."""
    chance = random.Random(seed)
    features: list[Floats] = []
    truth: list[tuple[bool, bool]] = []
    for _ in range(count):
        pieces = page([chance.choice(texts)], chance, style(chance, copies=False))
        normal = [normalise(piece.text) for piece in pieces]
        ids = [models.characters.ids(text) for text in normal]
        looks = captioned([look(piece.text) for piece in pieces])
        border = borders(models.characters, normal)
        openings = models.openings(ids)
        continuation = models.continuation(ids)
        features.append(edges(looks, border, openings, continuation))
        truth += [(piece.cut_before, piece.cut_after) for piece in pieces]
    return np.concatenate(features), np.array(truth, np.float32)


def gathered(
    texts: Sequence[str], count: int, seed: int, models: Models
) -> Iterator[Page]:
    """``count`` pages of 2 to 9 articles, and what is seen of them."""
    chance = random.Random(seed)
    for _ in range(count):
        chosen = chance.sample(texts, chance.randint(2, 9))
        pieces = page(chosen, chance, style(chance, copies=False))
        if len(pieces) < 4:
            continue
        # Without repeats every block begins and ends only at itself.
        own = [(number,) for number in range(len(pieces))]
        blocks = [piece.text for piece in pieces]
        yield pieces, gather(blocks, (own, own), models)


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
        truth = truths(pieces)
        known = evidence
        stages: Iterable[list[Run]] = [[[number] for number in range(len(pieces))]]
        if glance:
            known = glanced(evidence, glance)
            # Drawn one by one: each stage's pairs are chosen before the next one is drawn.
            stages = states(pieces, truth[0], chance)
        for runs in stages:
            if len(runs) > 1:
                grid = _truth_grid(pieces, runs, *truth)
                yield _chosen(pairs(known, runs), grid, runs, chance, negatives)


def _truth_grid(
    pieces: Sequence[Piece],
    runs: list[Run],
    follows: dict[int, int],
    joins: set[tuple[int, int]],
) -> Floats:
    """Whether each run is followed by each, within a sentence, and of its article: ``(n, n, 3)``."""
    n = len(runs)
    first = np.array([run[0] for run in runs])
    last = np.array([run[-1] for run in runs])
    # -1, which is no block, where nothing follows.
    after: list[int] = []
    same_sentence: list[int] = []
    for block in last.tolist():
        following = follows.get(block, -1)
        after.append(following)
        same_sentence.append(following if (block, following) in joins else -1)
    article = np.array([piece.article for piece in pieces])
    truth = np.zeros((n, n, 3), np.float32)
    truth[..., LINK] = np.array(after)[:, None] == first[None, :]
    truth[..., JOIN] = np.array(same_sentence)[:, None] == first[None, :]
    own = article[last][:, None]
    truth[..., SAME] = (own == article[first][None, :]) & (own >= 0)
    return truth


def _chosen(
    features: Floats,
    truth: Floats,
    runs: list[Run],
    chance: random.Random,
    negatives: int,
) -> Example:
    """Of all pairs of runs those that teach most, and some of the rest in their place."""
    n = len(runs)
    first = np.array([run[0] for run in runs])
    last = np.array([run[-1] for run in runs])
    everywhere = np.arange(n)
    weights = np.zeros((n, n), np.float32)
    for name in ("goes_on", "topic"):
        grid = features[..., NAMES.index(name)].copy()
        np.fill_diagonal(grid, -np.inf)
        # The three that look most like what follows each run, and the three before each.
        top = min(3, n - 1)
        likely_after = np.argpartition(-grid, top - 1, axis=1)[:, :top]
        weights[everywhere[:, None], likely_after] = 1
        likely_before = np.argpartition(-grid, top - 1, axis=0)[:top]
        weights[likely_before, everywhere[None, :]] = 1
    weights[truth[..., LINK] > 0] = 1
    near = np.abs(np.subtract.outer(last, first) + 1) <= 1
    weights[near] = 1
    np.fill_diagonal(weights, 0)
    rest = np.argwhere((weights == 0) & ~np.eye(n, dtype=bool))
    if len(rest):
        # 30 of 600 stand for all of them: each weighs 20.
        drawn = rest[chance.sample(range(len(rest)), min(negatives, len(rest)))]
        weights[drawn[:, 0], drawn[:, 1]] = len(rest) / len(drawn)
    chosen = weights > 0
    return Example(features[chosen], truth[chosen], weights[chosen])
