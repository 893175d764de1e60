"""Permutation tests and their correction, against p values that a reader can count."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import permutation_test

from eval.significance import (
    Permuted,
    holm,
    permute_means,
    permute_ratios,
    permute_rows,
)


def p_of(differences: list[float]) -> float:
    return permute_means(
        np.asarray([[0.0, each] for each in differences]).reshape(-1, 2)
    ).p


def test_the_exact_p_of_few_pairs() -> None:
    assert p_of([1, 1, 1]) == 2 / 8
    assert p_of([1, 1, -1]) == 1.0
    assert p_of([1] * 6) == 2 / 64
    assert p_of([0, 0]) == p_of([]) == 1.0


def test_how_far_a_pair_moved_counts() -> None:
    # |±3 ±1 ±1| >= 5 two ways of eight; >= 3 (3 + 1 - 1 = 3) six ways of eight
    assert p_of([3, 1, 1]) == 2 / 8
    assert p_of([3, 1, -1]) == 6 / 8


def test_pairs_that_did_not_move_do_not_change_p() -> None:
    assert p_of([1] * 6 + [0] * 100) == p_of([1] * 6)


def test_the_sampled_p_is_near_the_exact_one_and_never_zero() -> None:
    tested = permute_means(np.asarray([[0, 1]] * 15 + [[1, 0]] * 5, dtype=float))
    # 20 pairs, 15 one way: 2 * P(Binomial(20, 1/2) >= 15) = 0.0414
    assert tested.p == pytest.approx(
        2 * sum(math.comb(20, k) for k in range(15, 21)) / 2**20, abs=0.01
    )
    assert (tested.method, tested.moved) == ("monte carlo", 20)
    assert 0 < p_of([1] * 60) < 0.001


def test_a_ratio_swaps_part_and_whole_together() -> None:
    # before 3/3 + 1/1 = 4/4, after 0/2 + 1/1 = 1/3; swapped 1/3 against 4/4: of two ways both are as extreme
    parts, wholes = np.asarray([[3.0, 0], [1, 1]]), np.asarray([[3.0, 2], [1, 1]])
    assert permute_ratios(parts, wholes) == Permuted(1.0, 1, "exact")
    # Seven like it: only all and none swapped are as extreme, 2 of 128.
    assert permute_ratios(np.tile(parts, (7, 1)), np.tile(wholes, (7, 1))).p == 2 / 128


def test_a_ratio_with_nothing_to_count_on_one_side() -> None:
    # 1/1 before, refused after: swapped it is 0/0 against 1/1
    parts, wholes = np.asarray([[1.0, 0], [1, 1]]), np.asarray([[1.0, 0], [1, 1]])
    tested = permute_ratios(parts, wholes)
    assert (tested.p, tested.moved) == (1.0, 1), "2/2 against 1/1 is no difference"


def test_any_statistic_of_the_rows() -> None:
    pairs = np.asarray([[0.0, 1.0]] * 6 + [[1.0, 1.0]])

    def highest(swapped: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        before = np.where(swapped, pairs[:, 1], pairs[:, 0])
        after = np.where(swapped, pairs[:, 0], pairs[:, 1])
        return after.sum(axis=1) - before.sum(axis=1)

    assert permute_rows(pairs[:, 0] != pairs[:, 1], highest) == Permuted(
        2 / 64, 6, "exact"
    )


def test_the_exact_p_is_the_one_that_scipy_gives() -> None:
    rng = np.random.default_rng(5)
    pairs = rng.random((9, 2))
    expected = permutation_test(
        (pairs[:, 0], pairs[:, 1]),
        lambda before, after: (after - before).sum(),
        permutation_type="samples",
        vectorized=False,
        n_resamples=2**9,
    )
    assert permute_means(pairs).p == pytest.approx(expected.pvalue)


def permuted(p: float, moved: int = 10) -> Permuted:
    return Permuted(p, moved, "exact")


def test_holm_multiplies_the_smallest_p_by_how_many_there_are() -> None:
    assert holm([permuted(0.04), permuted(0.01), permuted(0.03)]) == pytest.approx(
        [0.06, 0.03, 0.06]
    )
    assert holm([permuted(0.9), permuted(0.8)]) == [1.0, 1.0], (
        "never above 1, never falling with p"
    )
    assert holm([]) == []


def test_holm_does_not_count_metrics_that_could_not_be_significant() -> None:
    # Five pairs reach 2/32 = 0.0625 at the least, six 2/64 = 0.031.
    assert holm([permuted(2 / 64, 6), permuted(2 / 32, 5)]) == [2 / 64, 2 / 32]
    assert holm([permuted(2 / 64, 6), permuted(2 / 64, 6)]) == [2 / 32, 2 / 32]
