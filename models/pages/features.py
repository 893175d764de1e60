"""Evidence that one stretch of a page goes on after another: what the networks in ``reading`` weigh.

A page is a list of blocks; a *run* is a list of block numbers known to follow each other. Features are of
ordered pairs of runs: does the first block of ``b`` come next after the last of ``a``?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.pages.evidence import Evidence
from models.pages.lines import BEGINNINGS, ENDINGS, Look
from models.pages.network import JOIN, LINK, SAME, forward

Floats = NDArray[np.float32]
Run = list[int]

FURNITURE = (None, "byline", "dateline", "credit", "end", "subtitle", "caption")
GOES_ON = np.float32(0.6)
"""What an n-gram says of a border beside what the longer-sighted model says of it."""
SCALED = 10
"""Rounds of scaling."""
LEAST = np.float32(-15)
_GAPS = (-6, -2, -1, 1, 2, 3, 6)
_GAP_NAMES = (
    "far_before",
    "before",
    "just_before",
    "next",
    "second",
    "third",
    "near",
    "far",
)

NAMES: tuple[str, ...] = (
    "goes_on", "goes_on_row", "goes_on_column", "goes_on_first",
    "continues", "continues_row", "continues_column",
    "matched", "matched_row", "matched_column", "alone_after", "alone_before",
    "affinity", "affinity_row", "affinity_column",
    "echo_2", "echo_3", "echo_4", "echo_row", "echo_column", "starts_plain", "stops", "pauses_next",
    *(f"ending_{name}" for name in ENDINGS), *(f"beginning_{name}" for name in BEGINNINGS),
    "quote_matched", "quote_left_open", "quote_never_opened",
    *(f"gap_{name}" for name in _GAP_NAMES), "gap_log", "nearest", "nearest_row", "nearest_column",
    "topic", "topic_row", "topic_column", "topic_local", "topic_local_row", "topic_rare",
    "meaning", "meaning_row", "meaning_column",
    "last_length", "first_length", "a_length", "b_length", "short_line_last", "short_line_first",
    "last_pauses", "first_pauses", "last_spaces", "first_spaces",
    "opens", "opens_a", "closes", "closes_b", "position", "position_ends",
    *(f"last_{name}" for name in FURNITURE), *(f"first_{name}" for name in FURNITURE),
    "cut_after", "cut_before", "dated_first", "dated_a", "dated_b", "head_a", "head_b",
    "cut_head_a", "ended_a", "runs", "torn",
)  # fmt: skip


GLANCED: tuple[str, ...] = (
    "link", "join", "same", "link_row", "link_column", "join_row", "join_column", "same_row",
    "coupled", "coupled_row", "coupled_column", "alone_after", "alone_before",
    "join_coupled", "join_alone_after", "join_alone_before",
)  # fmt: skip
"""What the second network knows besides: what the first said, and who is left when all are served."""


def pairs(evidence: Evidence, runs: Sequence[Run]) -> Floats:
    """``(len(runs), len(runs), features)`` of each ordered pair of runs.

    The features are ``NAMES``, and ``GLANCED`` where the evidence holds what the first network said.
    """
    seen = _seen(evidence, runs)
    return (
        seen
        if evidence.glance is None
        else np.concatenate([seen, _glanced(evidence.glance, runs)], axis=2)
    )


def glanced(evidence: Evidence, weights: dict[str, Floats]) -> Evidence:
    """The evidence with what the first network says of it."""
    alone = replace(evidence, glance=None)
    runs = [[i] for i in range(len(evidence.looks))]
    return replace(evidence, glance=forward(weights, pairs(alone, runs)))


def _glanced(glance: Floats, runs: Sequence[Run]) -> Floats:
    last, first = [run[-1] for run in runs], [run[0] for run in runs]
    link, join = (glance[np.ix_(last, first)][..., which] for which in (LINK, JOIN))
    sizes = np.array([len(run) for run in runs], np.float32)
    same = _reduced(np.add, glance[..., SAME], runs) / (sizes[:, None] * sizes[None, :])
    linked, joined = coupled(link), coupled(join)

    def wide(values: Floats, axis: int) -> Floats:
        return np.broadcast_to(np.expand_dims(values, axis), link.shape)

    columns = [
        link, join, same, _over_rivals(link, 1), _over_rivals(link, 0),
        _over_rivals(join, 1), _over_rivals(join, 0), _over_rivals(same, 1),
        linked, _over_rivals(linked, 1), _over_rivals(linked, 0),
        wide(_alone(linked, 1), 1), wide(_alone(linked, 0), 0),
        joined, wide(_alone(joined, 1), 1), wide(_alone(joined, 0), 0),
    ]  # fmt: skip
    return np.stack(columns, axis=2).astype(np.float32)


def _seen(evidence: Evidence, runs: Sequence[Run]) -> Floats:
    last = np.array([run[-1] for run in runs])
    first = np.array([run[0] for run in runs])
    n = len(runs)
    looks_last = [evidence.looks[i] for i in last]
    looks_first = [evidence.looks[i] for i in first]
    row, column = (n, 1), (1, n)

    def of_last(values: Sequence[float] | Floats) -> Floats:
        return np.broadcast_to(np.asarray(values, np.float32).reshape(row), (n, n))

    def of_first(values: Sequence[float] | Floats) -> Floats:
        return np.broadcast_to(np.asarray(values, np.float32).reshape(column), (n, n))

    goes_on = evidence.goes_on[np.ix_(last, first)]
    whole = goes_on[..., 0]
    continues = evidence.continues[np.ix_(last, first)]
    paired = coupled(continues + GOES_ON * whole)
    affinity = _affinity(evidence.continues, runs)
    echoes = evidence.echoes[np.ix_(last, first)]
    echoed = echoes.sum(axis=2)
    topics = _reduced(np.add, evidence.topics, runs)
    topic, meaning = (
        _cosines(topics),
        _cosines(_reduced(np.add, evidence.meanings, runs)),
    )
    lengths_of = np.sqrt(np.maximum(evidence.topics.diagonal(), 1e-6))
    local = evidence.topics[np.ix_(last, first)] / (
        lengths_of[last][:, None] * lengths_of[first][None, :]
    )
    gaps = evidence.gaps[np.ix_(last, first)]
    bins = np.digitize(gaps, _GAPS)
    nearest = np.log1p(_reduced(np.minimum, np.abs(evidence.gaps), runs))
    lengths = np.log([sum(evidence.looks[i].length for i in run) for run in runs])
    dated = [
        any(
            evidence.looks[i].dated or evidence.looks[i].furniture == "dateline"
            for i in run
        )
        for run in runs
    ]
    # the more blocks are cut, the less neighbours belong together
    torn = float((evidence.edges[:, 1] > 0).mean())
    matched, left_open, never_opened = _quotes(looks_last, looks_first)
    columns: list[Floats] = [
        whole, _over_rivals(whole, 1), _over_rivals(whole, 0), goes_on[..., 1],
        continues, _over_rivals(continues, 1), _over_rivals(continues, 0),
        paired, _over_rivals(paired, 1), _over_rivals(paired, 0),
        of_last(_alone(paired, 1)), of_first(_alone(paired, 0)),
        affinity, _over_rivals(affinity, 1), _over_rivals(affinity, 0),
        echoes[..., 0], echoes[..., 1], echoes[..., 2], _over_rivals(echoed, 1), _over_rivals(echoed, 0),
        of_first(evidence.border[first, 0]),
        of_last(evidence.border[last, 1]), of_last(evidence.border[last, 2]),
        *(of_last([look.ending == i for look in looks_last]) for i in range(len(ENDINGS))),
        *(of_first([look.beginning == i for look in looks_first]) for i in range(len(BEGINNINGS))),
        matched, left_open, never_opened,
        *((bins == i).astype(np.float32) for i in range(8)), np.log1p(np.abs(gaps)),
        nearest, _over_rivals(-nearest, 1), _over_rivals(-nearest, 0),
        topic, _over_rivals(topic, 1), _over_rivals(topic, 0), local, _over_rivals(local, 1),
        _shared(topics), meaning, _over_rivals(meaning, 1), _over_rivals(meaning, 0),
        of_last([np.log(look.length) for look in looks_last]),
        of_first([np.log(look.length) for look in looks_first]),
        of_last(lengths), of_first(lengths),
        of_last([_short_line(look) for look in looks_last]),
        of_first([_short_line(look) for look in looks_first]),
        of_last([min(look.pauses, 6) for look in looks_last]),
        of_first([min(look.pauses, 6) for look in looks_first]),
        of_last([min(look.spaces, 3) for look in looks_last]),
        of_first([min(look.spaces, 3) for look in looks_first]),
        of_first(evidence.standing[first, 0]), of_last(evidence.standing[first, 0]),
        of_last(evidence.standing[last, 1]), of_first(evidence.standing[last, 1]),
        of_first(evidence.standing[first, 2]) - of_last(evidence.standing[last, 2]),
        of_first(evidence.standing[first, 2]) - of_last(evidence.standing[first, 2]),
        *(of_last([look.furniture == name for look in looks_last]) for name in FURNITURE),
        *(of_first([look.furniture == name for look in looks_first]) for name in FURNITURE),
        of_last(evidence.edges[last, 1]), of_first(evidence.edges[first, 0]),
        of_first([look.dated for look in looks_first]), of_last(dated), of_first(dated),
        of_last([_short_line(evidence.looks[run[0]]) for run in runs]),
        of_first([_short_line(evidence.looks[run[0]]) and len(run) > 1 for run in runs]),
        of_last(evidence.border[first, 0]),
        of_last([any(evidence.looks[i].furniture == "end" for i in run) for run in runs]),
        np.full((n, n), np.log(n), np.float32), np.full((n, n), torn, np.float32),
    ]  # fmt: skip
    return np.stack(columns, axis=2).astype(np.float32)


def _reduced(how: np.ufunc, values: Floats, runs: Sequence[Run]) -> Floats:
    """``(blocks, blocks)`` -> ``(runs, runs)``: added up or the least; inner products of sums are sums of
    them.
    """
    order = np.concatenate([np.asarray(run) for run in runs])
    begins = np.cumsum([0, *map(len, runs[:-1])])
    ordered = values[np.ix_(order, order)]
    return np.asarray(
        how.reduceat(how.reduceat(ordered, begins, axis=0), begins, axis=1), np.float32
    )


def _affinity(continues: Floats, runs: Sequence[Run]) -> Floats:
    """How well any block of one run could go on from one of the other, on average: ``(runs, runs)``."""
    sizes = np.array([len(run) for run in runs], np.float32)
    means = _reduced(np.add, continues, runs) / (sizes[:, None] * sizes[None, :])
    return np.asarray((means + means.T) / 2, np.float32)


def coupled(log_ratios: Floats) -> Floats:
    """The log of how likely each pair is when nothing has two followers or follows two: ``(n, n)``.

    Rows and columns, each with a way out that costs nothing, are scaled in turn until they add up to one
    (Sinkhorn and Knopp, Concerning nonnegative matrices and doubly stochastic matrices, 1967): who is
    claimed by another, more surely, is no rival.
    """
    n = len(log_ratios)
    held = np.zeros((n + 1, n + 1), np.float32)
    held[:n, :n] = log_ratios
    np.fill_diagonal(held, -np.inf)
    rows, columns = np.zeros((n + 1, 1), np.float32), np.zeros((1, n + 1), np.float32)
    for _ in range(SCALED):
        rows[:n] = -np.logaddexp.reduce(held[:n] + columns, axis=1, keepdims=True)
        columns[:, :n] = -np.logaddexp.reduce(
            (held + rows)[:, :n], axis=0, keepdims=True
        )
    return np.asarray(np.maximum((held + rows + columns)[:n, :n], LEAST), np.float32)


def _alone(matched: Floats, axis: int) -> Floats:
    """``(n,)``: the log of how likely each row (``axis`` 1) or column (0) is to have no other."""
    return np.asarray(
        np.log(np.maximum(1 - np.exp(matched).sum(axis=axis), 1e-4)), np.float32
    )


def _cosines(products: Floats) -> Floats:
    lengths = np.sqrt(np.maximum(products.diagonal(), 1e-6))
    return np.asarray(products / (lengths[:, None] * lengths[None, :]), np.float32)


def _shared(products: Floats) -> Floats:
    """How much of the shorter's topic the longer has."""
    lengths = np.sqrt(np.maximum(products.diagonal(), 1e-6))
    shorter = np.minimum(lengths[:, None], lengths[None, :])
    return np.asarray(products / shorter**2 / 2, np.float32).clip(0, 2)


def _over_rivals(values: Floats, axis: int) -> Floats:
    """Each value less the best of the others in its row (``axis`` 1) or column (0), the diagonal aside."""
    if len(values) < 3:
        return np.zeros_like(values)
    rivals = values.astype(np.float32).copy()
    np.fill_diagonal(rivals, -np.inf)
    two = np.partition(rivals, -2, axis=axis).take([-2, -1], axis=axis)
    second, best = two.take([0], axis=axis), two.take([1], axis=axis)
    return np.asarray(values - np.where(rivals == best, second, best), np.float32)


def _quotes(
    last: Sequence[Look], first: Sequence[Look]
) -> tuple[Floats, Floats, Floats]:
    """Whether what one leaves open the other closes; whether only one of them is unbalanced."""
    open_last = np.array([look.unclosed[-1:] or "-" for look in last])[:, None]
    open_first = np.array([look.unopened[:1] or "-" for look in first])[None, :]
    some_last, some_first = open_last != "-", open_first != "-"
    return (
        np.asarray(some_last & (open_last == open_first), np.float32),
        np.asarray(some_last & ~some_first, np.float32),
        np.asarray(~some_last & some_first, np.float32),
    )


def _short_line(look: Look) -> bool:
    """Short and without a stop: a headline, or a scrap."""
    return (
        look.length <= 40
        and ENDINGS[look.ending] != "terminal"
        and look.furniture is None
    )
