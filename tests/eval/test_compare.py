"""Paired comparison: what is a change, what is noise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.catalogue import Case
from eval.compare import Comparison, compare
from eval.results import Results, read_results, write_lean
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
    return Results.of(
        "facts",
        "toy",
        {},
        [case(key, metric, value) for key, value in enumerate(values)],
    )


def only(before: Results, after: Results) -> Comparison:
    (found,) = compare(before, after).metrics
    return found


def test_six_losses_of_twenty_are_a_regression() -> None:
    compared = compare(run(*[1] * 20), run(*[1] * 14, *[0] * 6))
    (found,) = compared.regressions
    assert (found.verdict, found.before, found.after, found.n, found.moved) == (
        "worse",
        1.0,
        0.7,
        20,
        6,
    )
    assert found.p == found.p_corrected == 2 / 64
    assert found.low < -0.3 < found.high < 0
    assert [flip.id for flip in compared.flips] == [str(key) for key in range(14, 20)]
    assert not any(flip.gained for flip in compared.flips)


def test_five_losses_are_noise_and_so_is_no_change() -> None:
    assert only(run(*[1] * 20), run(*[1] * 15, *[0] * 5)).verdict == "noise"  # p = 2/32
    same = only(run(1, 0), run(1, 0))
    assert (same.verdict, same.p, same.moved, same.low, same.high) == (
        "noise",
        1.0,
        0,
        0.0,
        0.0,
    )


def test_what_a_baseline_rounds_away_has_not_moved(tmp_path: Path) -> None:
    before = replace(run(2 / 3, 1 / 3, metric="f1"), versions={"chuchu": "0.1.0"})
    write_lean(before, tmp_path / "baseline.json")
    compared = compare(read_results(tmp_path / "baseline.json"), before)
    assert (compared.metrics[0].moved, compared.flips) == (0, ())


def test_more_of_what_should_be_low_is_a_regression() -> None:
    compared = compare(
        run(*[0] * 8, metric="refused_wrong"), run(*[1] * 8, metric="refused_wrong")
    )
    assert [each.metric for each in compared.regressions] == ["refused_wrong"]
    assert not compared.flips[0].gained


def test_a_gain_is_better() -> None:
    assert only(run(*[0] * 8), run(*[1] * 8)).verdict == "better"


def test_several_metrics_make_one_of_them_harder_to_believe() -> None:
    before, after = run(*[1] * 20), run(*[1] * 14, *[0] * 6)
    for results, scores in ((before, [1.0] * 20), (after, [0.0] * 6 + [1.0] * 14)):
        for each, score in zip(results.cases, scores, strict=True):
            each["scores"]["f1"] = score
    compared = compare(before, after)
    assert [each.p_corrected for each in compared.metrics] == [2 / 32, 2 / 32]
    assert not compared.regressions


def test_only_questions_that_both_runs_asked_are_compared() -> None:
    baseline = run(1, 1, 1)
    baseline.cases[0]["question"] = "worded otherwise"
    compared = compare(baseline, run(0, 1, 1, 1))
    assert (compared.metrics[0].n, compared.metrics[0].moved) == (2, 0)
    assert (compared.only_before, compared.only_after) == (("0",), ("0", "3"))


def test_counts_are_compared_as_they_are_reported() -> None:
    before, after = run(1, 1), run(1, 1)
    before.cases[0]["counts"] = {"citation_precision": [3, 3]}
    before.cases[1]["counts"] = {"citation_precision": [1, 1]}
    after.cases[0]["counts"] = {"citation_precision": [1, 2]}
    compared = compare(before, after)
    found = {each.metric: each for each in compared.metrics}["citation_precision"]
    assert (found.before, found.after, found.n, found.moved) == (1.0, 0.5, 2, 2)
    assert [flip.metric for flip in compared.flips] == ["citation_precision"]


def test_areas_are_compared_by_rank_of_confidence() -> None:
    def weighed(confidences: list[float], losses: list[float]) -> Results:
        results = run(*[1] * len(losses))
        for each, confidence, loss in zip(
            results.cases, confidences, losses, strict=True
        ):
            each |= {"confidence": confidence, "loss": loss}
        return results

    # wrong one last: risks 0, 0, 1/3; first: 1, 1/2, 1/3
    best, worst = weighed([3, 2, 1], [0, 0, 1]), weighed([30, 20, 10], [1, 0, 0])
    found = {each.metric: each for each in compare(best, worst).metrics}["aurc"]
    assert found.before == pytest.approx(1 / 9)
    assert found.after == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    scaled = compare(best, weighed([300, 200, 100], [0, 0, 1])).metrics
    assert {each.metric: each.moved for each in scaled}["aurc"] == 0, (
        "only the order counts"
    )


def test_what_differs_in_how_the_runs_were_made_is_named() -> None:
    made = {"commit": "a", "models": {"selector": "1", "encoder": "2"}}
    other = {"commit": "b", "models": {"selector": "1", "encoder": "3"}, "code": "4"}
    before, after = (
        Results.of("facts", "toy", {}, run(1).cases, each) for each in (made, other)
    )
    assert compare(before, after).differs == ("commit", "models.encoder", "code")
    assert compare(before, before).differs == ()


def test_a_comparison_is_plain_json() -> None:
    raw = json.loads(json.dumps(compare(run(1), run(0)).to_json()))
    assert raw["metrics"][0]["verdict"] == "noise"
    assert raw["flips"] == [
        {"id": "0", "question": "q0", "metric": "answer_right", "before": 1, "after": 0}
    ]


def test_runs_that_share_nothing_or_are_of_other_kinds_are_refused() -> None:
    other = Results.of("facts", "other", {}, [case(99, "answer_right", 1)])
    with pytest.raises(InvalidValue, match="shares questions"):
        compare(other, run(1))
    with pytest.raises(InvalidValue, match="kind facts"):
        compare(Results.of("reading", "toy", {}, run(1).cases), run(1))


@pytest.mark.parametrize(
    "text", ["", "[]", '{"kind": "facts"}', '{"metrics": 1}', '{"schema_version": 99}']
)
def test_a_baseline_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidValue, match="baseline"):
        read_results(path)
