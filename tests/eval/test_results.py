"""``results.json``: its schema, what it sums up, and the lean form that baselines have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from eval.blame import BLAMES
from eval.catalogue import METRICS
from eval.compare import compare
from eval.harness import run_facts
from eval.provenance import provenance, texts_of
from eval.results import SCHEMA, SCHEMA_VERSION, Results, lean, read_results, write_lean
from rag.settings import Settings
from tests.scripted_library import FACTS, SCRIPT, scripted

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def results() -> Results:
    made = provenance(Settings(), texts_of("toy", []))
    return run_facts(scripted(SCRIPT), FACTS, dataset="toy", provenance=made)


def check(raw: Any) -> None:
    jsonschema_rs.Draft202012Validator(
        json.loads(SCHEMA.read_text(encoding="utf-8"))
    ).validate(raw)


def test_results_are_of_the_schema_full_and_lean(
    results: Results, tmp_path: Path
) -> None:
    results.write(tmp_path / "results.json")
    write_lean(results, tmp_path / "lean.json")
    for name in ("results.json", "lean.json"):
        check(json.loads((tmp_path / name).read_text(encoding="utf-8")))


def test_the_schema_finds_what_is_wrong(results: Results) -> None:
    for key, value in (
        ("schema_version", SCHEMA_VERSION + 1),
        ("kind", ""),
        ("blame", {"all": {"luck": 1}}),
    ):
        with pytest.raises(jsonschema_rs.ValidationError):
            check(results.to_json() | {key: value})


def test_the_schema_knows_every_blame() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert schema["$defs"]["blames"]["propertyNames"]["enum"] == list(BLAMES)


def test_every_baseline_that_is_kept_is_of_the_schema() -> None:
    kept = sorted((ROOT / "eval" / "baselines").glob("*.json"))
    assert kept
    for path in kept:
        check(json.loads(path.read_text(encoding="utf-8")))
        found = read_results(path)
        assert found.metrics.keys() <= METRICS.keys()
        assert path.stat().st_size < 200_000


def test_a_run_survives_its_file(results: Results, tmp_path: Path) -> None:
    results.write(tmp_path / "results.json")
    assert read_results(tmp_path / "results.json") == results


def test_a_lean_run_compares_as_the_whole_one_and_tells_no_texts(
    results: Results, tmp_path: Path
) -> None:
    write_lean(results, tmp_path / "lean.json")
    kept = read_results(tmp_path / "lean.json")
    assert kept == lean(results)
    compared = compare(kept, results)
    assert {each.metric for each in compared.metrics} == results.metrics.keys()
    assert all(
        each.verdict == "noise" and each.before == each.after
        for each in compared.metrics
    )
    for each in compared.metrics:
        assert each.after == pytest.approx(results.metrics[each.metric].value)
    text = (tmp_path / "lean.json").read_text(encoding="utf-8")
    assert "雪龙号19日穿越西风带" not in text
    assert len(text.splitlines()) < 20 + len(results.cases)


def test_a_run_of_the_format_before_is_read(tmp_path: Path) -> None:
    case = {
        "id": "a",
        "question": "q",
        "right": True,
        "latency_ms": 1.0,
        "scores": {"answer_right": 1.0},
    }
    metrics = {"answer_right": {"value": 1.0, "low": 1.0, "high": 1.0, "n": 1}}
    old = {
        "kind": "facts",
        "dataset": "toy",
        "versions": {},
        "metrics": metrics,
        "cases": [case],
    }
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    assert read_results(tmp_path / "old.json").metrics["answer_right"].n == 1


def test_the_curve_and_where_the_thresholds_put_it(results: Results) -> None:
    # Confidences: right 1, wrong 1, refused without a candidate (a loss), refused, wrong 1: ties share
    # 3 answered, 1 of them right: 2/3 risk at 3/5 coverage; the refused ones lose as well
    curve = results.risk_coverage
    assert curve["operating"] == [pytest.approx(3 / 5), pytest.approx(2 / 3)]
    assert curve["points"][-1] == [1.0, pytest.approx(4 / 5)]
    # risks 2/3, 2/3, 2/3, 3/4, 4/5
    assert curve["area"] == pytest.approx((3 * 2 / 3 + 3 / 4 + 4 / 5) / 5)
    assert curve["lang"]["zh"]["area"] == curve["area"]
    assert results.metrics["aurc"].value == curve["area"]


def test_time_is_told_by_stage() -> None:
    cases = [
        {"id": str(n), "question": "q", "right": True, "scores": {}, "latency_ms": 10.0 * n,
         "timings_ms": {"read": 10.0 * n, "total": 10.0 * n}}
        for n in (1, 2, 3)
    ]  # fmt: skip
    results = Results.of("facts", "toy", {}, cases)
    assert (
        results.stages_ms["read"]
        == results.latency_ms
        == {"p50": 20.0, "p95": pytest.approx(29.0), "n": 3}
    )
