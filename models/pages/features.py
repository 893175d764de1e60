"""Evidence that one stretch of a page goes on after another: what the networks in ``reading`` weigh.

A page is a list of blocks; a *run* is a list of block numbers known to follow each other. Features are of
ordered pairs of runs ``a``, ``b``: does the first block of ``b`` come next after the last of ``a``? Most are
of that border alone; those called ``…_a`` and ``…_b`` are of the whole runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from models.arrays import Floats
from models.pages.evidence import Evidence
from models.pages.lines import BEGINNINGS, ENDINGS, Look
from models.pages.network import JOIN, LINK, SAME, forward
from models.pages.rivals import (
    cosines,
    coupled,
    lengths_of,
    log_alone,
    over_rivals,
    rivals_of,
    share_of_shorter,
    with_rivals,
)

Run = list[int]

FURNITURE = (None, "byline", "dateline", "credit", "end", "subtitle", "caption")
GOES_ON = np.float32(0.6)
"""What an n-gram says of a border beside what the longer-sighted model says of it."""
SHORT = 40
"""The most characters of a headline or a scrap."""
MOST_PAUSES, MOST_SPACES = 6, 3
"""More of them in a block say nothing more."""
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


class _Borders:
    """The ordered pairs of runs, each as a border: the last block of the one, the first of the other."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.count = len(runs)
        self.last = np.array([run[-1] for run in runs])
        self.first = np.array([run[0] for run in runs])

    def between(self, values: Floats) -> Floats:
        """``(blocks, blocks, …)`` -> ``(runs, runs, …)``: the values at the borders."""
        return np.asarray(values[np.ix_(self.last, self.first)], np.float32)

    def of_a(self, values: Sequence[float] | Floats) -> Floats:
        """``(runs,)`` -> ``(runs, runs)``: for every pair the value of its first run."""
        column = np.asarray(values, np.float32).reshape(self.count, 1)
        return np.broadcast_to(column, (self.count, self.count))

    def of_b(self, values: Sequence[float] | Floats) -> Floats:
        """``(runs,)`` -> ``(runs, runs)``: for every pair the value of its second run."""
        row = np.asarray(values, np.float32).reshape(1, self.count)
        return np.broadcast_to(row, (self.count, self.count))


def pairs(evidence: Evidence, runs: Sequence[Run]) -> Floats:
    """``(len(runs), len(runs), features)`` of each ordered pair of runs.

    The features are ``NAMES``, and ``GLANCED`` where the evidence holds what the first network said.
    """
    borders = _Borders(runs)
    columns = (
        _words_at(evidence, runs, borders)
        | _looks_at(evidence, borders)
        | _places_of(evidence, runs, borders)
        | _subjects_of(evidence, runs, borders)
        | _lengths_at(evidence, runs, borders)
        | _article_of(evidence, runs, borders)
    )
    seen = _stacked(columns, NAMES)
    if evidence.glance is None:
        return seen
    told = _stacked(_glanced(evidence.glance, runs, borders), GLANCED)
    return np.concatenate([seen, told], axis=2)


def glanced(evidence: Evidence, weights: dict[str, Floats]) -> Evidence:
    """The evidence with what the first network says of it."""
    alone = replace(evidence, glance=None)
    runs = [[i] for i in range(len(evidence.looks))]
    return replace(evidence, glance=forward(weights, pairs(alone, runs)))


def _stacked(columns: dict[str, Floats], names: Sequence[str]) -> Floats:
    ordered = [columns[name] for name in names]
    return np.stack(ordered, axis=2).astype(np.float32)


def _glanced(
    glance: Floats, runs: Sequence[Run], borders: _Borders
) -> dict[str, Floats]:
    """What the first network said of single blocks, ``(blocks, blocks, 3)``, of runs."""
    at_borders = borders.between(glance)
    link = at_borders[..., LINK]
    join = at_borders[..., JOIN]
    same = _mean(glance[..., SAME], runs)
    linked = coupled(link)
    joined = coupled(join)
    return {
        "same": same,
        "same_row": over_rivals(same, 1),
        "alone_after": borders.of_a(log_alone(linked, 1)),
        "alone_before": borders.of_b(log_alone(linked, 0)),
        "join_coupled": joined,
        "join_alone_after": borders.of_a(log_alone(joined, 1)),
        "join_alone_before": borders.of_b(log_alone(joined, 0)),
        **with_rivals("link", link),
        **with_rivals("join", join),
        **with_rivals("coupled", linked),
    }


def _words_at(
    evidence: Evidence, runs: Sequence[Run], borders: _Borders
) -> dict[str, Floats]:
    """How well the words after a border go on from those before it."""
    goes_on = borders.between(evidence.goes_on)
    whole = goes_on[..., 0]
    continues = borders.between(evidence.continues)
    matched = coupled(continues + GOES_ON * whole)
    means = _mean(evidence.continues, runs)
    affinity = np.asarray((means + means.T) / 2, np.float32)
    echoes = borders.between(evidence.echoes)
    return {
        "goes_on_first": goes_on[..., 1],
        "alone_after": borders.of_a(log_alone(matched, 1)),
        "alone_before": borders.of_b(log_alone(matched, 0)),
        "echo_2": echoes[..., 0],
        "echo_3": echoes[..., 1],
        "echo_4": echoes[..., 2],
        "starts_plain": borders.of_b(evidence.border[borders.first, 0]),
        "stops": borders.of_a(evidence.border[borders.last, 1]),
        "pauses_next": borders.of_a(evidence.border[borders.last, 2]),
        **with_rivals("goes_on", whole),
        **with_rivals("continues", continues),
        **with_rivals("matched", matched),
        **with_rivals("affinity", affinity),
        **rivals_of("echo", echoes.sum(axis=2)),
    }


def _looks_at(evidence: Evidence, borders: _Borders) -> dict[str, Floats]:
    """How the last block and the first look: their edges, their quotes, what they are for."""
    last = [evidence.looks[i] for i in borders.last]
    first = [evidence.looks[i] for i in borders.first]
    columns: dict[str, Floats] = {}
    for number, name in enumerate(ENDINGS):
        ends_so = [look.ending == number for look in last]
        columns[f"ending_{name}"] = borders.of_a(ends_so)
    for number, name in enumerate(BEGINNINGS):
        begins_so = [look.beginning == number for look in first]
        columns[f"beginning_{name}"] = borders.of_b(begins_so)
    for kind in FURNITURE:
        last_is = [look.furniture == kind for look in last]
        first_is = [look.furniture == kind for look in first]
        columns[f"last_{kind}"] = borders.of_a(last_is)
        columns[f"first_{kind}"] = borders.of_b(first_is)
    columns |= {
        "last_pauses": borders.of_a(_each(last, _pauses)),
        "first_pauses": borders.of_b(_each(first, _pauses)),
        "last_spaces": borders.of_a(_each(last, _spaces)),
        "first_spaces": borders.of_b(_each(first, _spaces)),
        "short_line_last": borders.of_a(_each(last, _short_line)),
        "short_line_first": borders.of_b(_each(first, _short_line)),
        "dated_first": borders.of_b([look.dated for look in first]),
        "last_length": borders.of_a(_each(last, _log_length)),
        "first_length": borders.of_b(_each(first, _log_length)),
    }
    return columns | _quotes(last, first)


def _places_of(
    evidence: Evidence, runs: Sequence[Run], borders: _Borders
) -> dict[str, Floats]:
    """How far the first block stands after the last, and the nearest blocks of the two runs from each other."""
    gaps = borders.between(evidence.gaps)
    bins = np.digitize(gaps, _GAPS)
    columns: dict[str, Floats] = {"gap_log": np.log1p(np.abs(gaps))}
    for number, name in enumerate(_GAP_NAMES):
        columns[f"gap_{name}"] = (bins == number).astype(np.float32)
    nearest = np.log1p(_reduced(np.minimum, np.abs(evidence.gaps), runs))
    # the nearest is the best: rivals are held against the distance with its sign turned
    return columns | {"nearest": nearest} | rivals_of("nearest", -nearest)


def _subjects_of(
    evidence: Evidence, runs: Sequence[Run], borders: _Borders
) -> dict[str, Floats]:
    """Whether the runs are of one topic, by rare n-grams and by their meaning."""
    topics = _reduced(np.add, evidence.topics, runs)
    lengths = lengths_of(evidence.topics)
    both = lengths[borders.last][:, None] * lengths[borders.first][None, :]
    local = borders.between(evidence.topics) / both
    meaning = cosines(_reduced(np.add, evidence.meanings, runs))
    return {
        "topic_local": local,
        "topic_local_row": over_rivals(local, 1),
        "topic_rare": share_of_shorter(topics),
        **with_rivals("topic", cosines(topics)),
        **with_rivals("meaning", meaning),
    }


def _lengths_at(
    evidence: Evidence, runs: Sequence[Run], borders: _Borders
) -> dict[str, Floats]:
    """How long the runs are, how many there are, and how torn the page is."""
    characters = np.array([look.length for look in evidence.looks])
    lengths = np.log([characters[run].sum() for run in runs])
    n = borders.count
    # the more blocks are cut, the less neighbours belong together
    torn = float((evidence.edges[:, 1] > 0).mean())
    return {
        "a_length": borders.of_a(lengths),
        "b_length": borders.of_b(lengths),
        "runs": np.full((n, n), np.log(n), np.float32),
        "torn": np.full((n, n), torn, np.float32),
    }


def _article_of(
    evidence: Evidence, runs: Sequence[Run], borders: _Borders
) -> dict[str, Floats]:
    """Where in an article the blocks are likely to stand: what opens it, what heads it, what ends it."""
    first, last = borders.first, borders.last
    opens, closes, stands = evidence.standing.T
    dated = _any_in(runs, _each(evidence.looks, _dates))
    ended = _any_in(runs, _each(evidence.looks, _ends_article))
    headed = _each([evidence.looks[i] for i in first], _short_line)
    over = [len(run) > 1 for run in runs]
    return {
        "opens": borders.of_b(opens[first]),
        "opens_a": borders.of_a(opens[first]),
        "closes": borders.of_a(closes[last]),
        "closes_b": borders.of_b(closes[last]),
        "position": borders.of_b(stands[first]) - borders.of_a(stands[last]),
        "position_ends": borders.of_b(stands[first]) - borders.of_a(stands[first]),
        "cut_after": borders.of_a(evidence.edges[last, 1]),
        "cut_before": borders.of_b(evidence.edges[first, 0]),
        "dated_a": borders.of_a(dated),
        "dated_b": borders.of_b(dated),
        "head_a": borders.of_a(headed),
        # a headline alone heads nothing
        "head_b": borders.of_b(np.logical_and(headed, over)),
        "cut_head_a": borders.of_a(evidence.border[first, 0]),
        "ended_a": borders.of_a(ended),
    }


def _reduced(how: np.ufunc, values: Floats, runs: Sequence[Run]) -> Floats:
    """``(blocks, blocks)`` -> ``(runs, runs)``: added up, or the least.

    Inner products of sums are sums of inner products, so that a run's need no vectors.
    """
    order = np.concatenate([np.asarray(run) for run in runs])
    begins = np.cumsum([0, *map(len, runs[:-1])])
    ordered = values[np.ix_(order, order)]
    by_row = how.reduceat(ordered, begins, axis=0)
    return np.asarray(how.reduceat(by_row, begins, axis=1), np.float32)


def _mean(values: Floats, runs: Sequence[Run]) -> Floats:
    """``(blocks, blocks)`` -> ``(runs, runs)``: of any block of the one and any block of the other."""
    sizes = np.array([len(run) for run in runs], np.float32)
    return _reduced(np.add, values, runs) / (sizes[:, None] * sizes[None, :])


def _quotes(last: Sequence[Look], first: Sequence[Look]) -> dict[str, Floats]:
    """Whether what one leaves open the other closes; whether only one of them is unbalanced."""
    opened = np.array([look.unclosed[-1:] or "-" for look in last])[:, None]
    closed = np.array([look.unopened[:1] or "-" for look in first])[None, :]
    is_open = opened != "-"
    is_closed = closed != "-"
    return {
        "quote_matched": np.asarray(is_open & (opened == closed), np.float32),
        "quote_left_open": np.asarray(is_open & ~is_closed, np.float32),
        "quote_never_opened": np.asarray(~is_open & is_closed, np.float32),
    }


def _each(looks: Sequence[Look], what: Callable[[Look], float]) -> list[float]:
    return [what(look) for look in looks]


def _any_in(runs: Sequence[Run], blocks: Sequence[float]) -> list[bool]:
    """Whether something is true of any block of each run."""
    found: list[bool] = []
    for run in runs:
        found.append(any(blocks[i] for i in run))
    return found


def _pauses(look: Look) -> int:
    return min(look.pauses, MOST_PAUSES)


def _spaces(look: Look) -> int:
    return min(look.spaces, MOST_SPACES)


def _log_length(look: Look) -> float:
    return float(np.log(look.length))


def _ends_article(look: Look) -> bool:
    return look.furniture == "end"


def _dates(look: Look) -> bool:
    """Whether a block is a dateline, or opens with one."""
    return look.dated or look.furniture == "dateline"


def _short_line(look: Look) -> bool:
    """Short and without a stop: a headline, or a scrap."""
    if look.length > SHORT or look.furniture is not None:
        return False
    return ENDINGS[look.ending] != "terminal"
