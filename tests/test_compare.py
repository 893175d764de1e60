"""Paired comparison: what is a change, what is noise."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.compare import compare, permutation_p
from eval.results import Case, Results, read_results
from rag.errors import InvalidValue


def case(key: int, metric: str, value: float) -> Case:
    return {
        "id": str(key),
        "question": f"q{key}",
        "right": value == 1,
        "latency_ms": 1.0,
        "scores": {metric: value},
    }


def run(*values: float, metric: str = "answer_right") -> Results:
    return Results.of("facts", "toy", {}, [case(key, metric, value) for key, value in enumerate(values)])


def test_the_exact_p_of_few_pairs() -> None:
    assert permutation_p([1, 1, 1]) == 2 / 8
    assert permutation_p([1, 1, -1]) == 1.0
    assert permutation_p([1] * 6) == 2 / 64
    assert permutation_p([0, 0]) == permutation_p([]) == 1.0


def test_pairs_that_did_not_move_do_not_change_p() -> None:
    assert permutation_p([1] * 6 + [0] * 100) == permutation_p([1] * 6)


def test_the_sampled_p_is_near_the_exact_one_and_never_zero() -> None:
    # 20 pairs, 15 one way: 2 * P(Binomial(20, 1/2) >= 15) = 0.0414
    assert permutation_p([1] * 15 + [-1] * 5) == pytest.approx(0.0414, abs=0.01)
    assert 0 < permutation_p([1] * 60) < 0.001


def test_six_losses_of_twenty_are_a_regression() -> None:
    (found,), flips = compare(run(*[1] * 20), run(*[1] * 14, *[0] * 6))
    assert (found.verdict, found.before, found.after, found.n) == ("worse", 1.0, 0.7, 20)
    assert [flip.id for flip in flips] == [str(key) for key in range(14, 20)]
    assert not any(flip.gained for flip in flips)


def test_five_losses_are_noise_and_none_is_the_same() -> None:
    assert compare(run(*[1] * 20), run(*[1] * 15, *[0] * 5))[0][0].verdict == "noise"  # p = 2/32
    assert compare(run(1, 0), run(1, 0))[0][0].verdict == "same"


def test_more_of_what_should_be_low_is_a_regression() -> None:
    (found,), flips = compare(run(*[0] * 8, metric="refused_wrong"), run(*[1] * 8, metric="refused_wrong"))
    assert found.verdict == "worse"
    assert not flips[0].gained


def test_a_gain_is_better() -> None:
    assert compare(run(*[0] * 8), run(*[1] * 8))[0][0].verdict == "better"


def test_only_questions_that_both_runs_asked_are_compared() -> None:
    baseline = run(1, 1, 1)
    baseline.cases[0]["question"] = "worded otherwise"
    (found,), _ = compare(baseline, run(0, 1, 1, 1))
    assert (found.n, found.verdict) == (2, "same")


def test_counts_are_compared_as_shares() -> None:
    before, after = run(1), run(1)
    before.cases[0]["counts"] = {"citation_precision": [3, 3]}
    after.cases[0]["counts"] = {"citation_precision": [1, 2]}
    comparisons, flips = compare(before, after)
    assert {each.metric: each.after for each in comparisons}["citation_precision"] == 0.5
    assert [flip.metric for flip in flips] == ["citation_precision"]


def test_runs_that_share_nothing_or_are_of_other_kinds_are_refused() -> None:
    other = Results.of("facts", "other", {}, [case(99, "answer_right", 1)])
    with pytest.raises(InvalidValue, match="shares questions"):
        compare(other, run(1))
    with pytest.raises(InvalidValue, match="kind facts"):
        compare(Results.of("reading", "toy", {}, run(1).cases), run(1))


@pytest.mark.parametrize("text", ["", "[]", '{"kind": "facts"}', '{"metrics": 1}'])
def test_a_baseline_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidValue, match="baseline"):
        read_results(path)
