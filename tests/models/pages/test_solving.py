"""Known seams, who is left when all are served, and the stretches of a page that is in order."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pages.in_order import stretches
from models.pages.reading import page_reader
from models.pages.rivals import coupled

BLOCKS = (
    "市图书馆昨天宣布，从下个月起，所有分馆的开放时间将延长到晚",
    "山区多条公路出现塌方，交通部门已经派出三百多名工人连夜抢修。",
    "上十点，周末也不例外，读者可以凭借书证免费使用自习室。",
    "预计明天中午之前可以恢复通车，请司机绕行。",
)


def test_known_seams_are_links_whatever_the_models_say() -> None:
    reading = page_reader().read(BLOCKS, seams=[(3, 0), (0, 1)])
    links = {
        (link.first, link.second): link
        for thread in reading.threads
        for link in thread.links
    }
    for pair in ((3, 0), (0, 1)):
        assert (links[pair].confidence, links[pair].join, links[pair].gathered) == (
            1.0,
            1.0,
            False,
        )


@pytest.mark.parametrize(
    "seams", [[(0, 1), (0, 2)], [(0, 2), (1, 2)], [(1, 1)], [(0, 1), (1, 0)]]
)
def test_seams_that_are_no_paths_are_refused(seams: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="expected paths"):
        page_reader().read(BLOCKS, seams=seams)


def test_who_is_claimed_more_surely_by_another_is_no_rival() -> None:
    """The second column suits both rows; the second row has nothing else."""
    odds = np.array([[-9, 4, 3.5], [-9, -9, 4.0], [-9, -9, -9]], np.float32)
    found = coupled(odds)
    assert found[1, 2] > found[0, 2]
    within_its_row = odds[0, 1] - np.log(np.exp(odds[0, 1:]).sum() + 1)
    assert found[0, 1] > within_its_row + 0.2


@given(st.integers(2, 8), st.integers(0, 1000))
def test_nothing_is_claimed_more_than_once(n: int, seed: int) -> None:
    odds = np.random.default_rng(seed).normal(0, 3, (n, n)).astype(np.float32)
    shares = np.exp(coupled(odds))
    assert shares.sum(axis=0).max() < 1 + 1e-3
    assert shares.sum(axis=1).max() < 1.1
    assert np.diagonal(shares).max() < 1e-6


def test_a_block_that_its_thread_parts_from_its_neighbours_stays_with_them() -> None:
    costs, no = [1.0] * 7, [False] * 7
    assert stretches([0, 0, 1, 0, 0, 2, 2], costs, no, no) == [(0, 5, 0), (5, 7, 2)]


def test_no_stretch_has_two_datelines() -> None:
    found = stretches(
        [0] * 5, [1.0] * 5, [True, False, False, True, False], [False] * 5
    )
    assert [(start, end) for start, end, _ in found] == [(0, 3), (3, 5)]


def test_where_nothing_says_that_an_article_opens_it_takes_more_to_open_one() -> None:
    threads, no = [0, 0, 0, 1, 1, 0, 0], [False] * 7
    assert len(stretches(threads, [1.0, 3, 3, 3, 3, 3, 3], no, no)) == 1
    assert len(stretches(threads, [1.0, 3, 3, 0.5, 3, 0.5, 3], no, no)) == 3


def test_a_head_stays_with_what_it_stands_over() -> None:
    """The thread of the dateline is that of the article before; its headline must not stay there."""
    dated, bound = (
        [True, False, False, False, True, False],
        [False, False, False, True, False, False],
    )
    found = stretches([0, 0, 0, 0, 0, 1], [1.0, 3, 3, 1, 1, 3], dated, bound)
    assert [(start, end) for start, end, _ in found] == [(0, 3), (3, 6)]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=7))
def test_the_stretches_are_the_best_there_are(threads: list[int]) -> None:
    n = len(threads)

    def worth(borders: list[int]) -> float:
        held = [threads[a:b] for a, b in pairwise([0, *borders, n])]
        return sum(max(map(part.count, part)) - 1.0 for part in held)

    every: list[list[int]] = []
    for cuts in product([0, 1], repeat=n - 1):
        every.append([i + 1 for i, cut in enumerate(cuts) if cut])
    found = stretches(threads, [1.0] * n, [False] * n, [False] * n)
    assert worth([start for start, _, _ in found[1:]]) == max(map(worth, every))
