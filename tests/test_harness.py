"""The harness scores a scripted examinee, and gates what it found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.gates import GATES, missed, read_gates
from eval.harness import library_of, run_facts
from eval.results import Results, read_results
from rag.errors import InvalidValue
from tests.scripted_library import (
    FACTS,
    SCRIPT,
    SENTENCES,
    TEXT,
    Scripted,
    breaks,
    moved,
    says,
    scripted,
)


@pytest.fixture
def library() -> Scripted:
    return scripted()


@pytest.fixture
def results(library: Scripted) -> Results:
    library.script = SCRIPT
    return run_facts(library, FACTS, dataset="toy")


def test_answers_and_refusals_are_scored_both_ways(results: Results) -> None:
    values = {name: (metric.value, metric.n) for name, metric in results.metrics.items()}
    assert values["answer_right"] == (pytest.approx(1 / 3), 3)
    assert values["right_and_cited"] == (pytest.approx(1 / 3), 3)
    assert values["refused_wrong"] == (pytest.approx(1 / 3), 3)
    assert values["refused_right"] == (1 / 2, 2)
    assert values["citation_precision"] == (1.0, 3)
    assert values["citation_recall"] == (3 / 4, 4), "the wrong refusal counts as a claim without support"
    assert values["short_answer_right"] == values["short_answer_wrong"] == (pytest.approx(1 / 3), 3)
    assert values["broken_citations"] == (0.0, 3)


def test_each_case_says_why_it_is_wrong(results: Results) -> None:
    why = [case["why_not"] for case in results.cases]
    assert why == [
        None,
        "the answer was not found",
        "refused (insufficient), but the documents say",
        None,
        "answered, but the documents do not say",
    ]


def test_a_citation_is_shown_in_its_context(results: Results) -> None:
    cited = results.cases[1]["citations"][0]
    assert cited["quote"] == SENTENCES[2]
    assert cited["before"] == "".join(SENTENCES[:2])
    assert cited["in_evidence"] is False


def test_results_split_by_kind_and_survive_the_file(results: Results, tmp_path: Path) -> None:
    assert results.by["kind"]["none"]["refused_right"].value == 1 / 2
    assert set(results.by["lang"]) == {"zh"}
    results.write(tmp_path / "results.json")
    assert read_results(tmp_path / "results.json").metrics == results.metrics
    raw = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert {"kind", "dataset", "versions", "metrics", "cases"} <= raw.keys()
    assert set(raw["metrics"]["answer_right"]) == {"value", "low", "high", "n"}


def test_a_wrong_short_answer_over_a_right_quote_is_told(library: Scripted) -> None:
    library.script = {"几家？": says(SENTENCES[0], "7家")}
    results = run_facts(library, FACTS[:1], dataset="toy")
    assert results.metrics["answer_right"].value == results.metrics["short_answer_wrong"].value == 1.0
    assert results.cases[0]["why_not"] == "right in a claim, but its short answer is wrong"


def test_a_withheld_answer_is_a_broken_citation_and_wrong(library: Scripted) -> None:
    library.script = {"几家？": breaks}
    metrics = run_facts(library, FACTS[:1], dataset="toy").metrics
    assert metrics["broken_citations"].value == 1.0
    assert metrics["answer_right"].value == 0.0


def test_a_citation_that_points_elsewhere_is_found_out(library: Scripted) -> None:
    library.script = {"几家？": moved}
    results = run_facts(library, FACTS[:1], dataset="toy")
    assert results.metrics["broken_citations"].value == 1.0
    assert "is not the quote" in results.cases[0]["citations"][0]["broken"]


def test_the_library_asked_is_a_temporary_one(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(TEXT, encoding="utf-8")
    with library_of(tmp_path) as opened:
        home = opened.settings.home
        assert opened.counts()["documents"] == 1
        assert home.is_dir()
        assert tmp_path not in home.parents
    assert not home.exists()


def test_a_corpus_of_nothing_readable_is_bad_use(tmp_path: Path) -> None:
    (tmp_path / "page.xyz").write_text(TEXT, encoding="utf-8")
    for corpus in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InvalidValue, match="corpus"), library_of(corpus):
            pass


def test_a_missed_gate_is_told_in_a_sentence(results: Results, tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(
        "[facts]\nanswer_right = { min = 0.95 }\nbroken_citations = { max = 0 }\nmrr@10 = { min = 1 }\n"
        "[facts.kind.none]\nrefused_right = { min = 0.9 }\n".replace("mrr@10", '"mrr@10"'),
        encoding="utf-8",
    )
    assert missed(results, read_gates(path, "facts")) == [
        "answer_right is 0.333 (n=3), the gate is at least 0.95.",
        "refused_right of kind none is 0.500 (n=2), the gate is at least 0.9.",
    ]


def test_the_gates_of_the_project_can_be_read() -> None:
    gates = {gate.metric: gate for gate in read_gates(GATES, "facts") if gate.part is None}
    assert gates["answer_right"].minimum >= 0.78
    assert gates["refused_right"].minimum >= 0.70
    assert gates["broken_citations"].maximum == 0


@pytest.mark.parametrize(
    "line", ["answer_rigth = {min = 1}", "f1 = 0.9", "f1 = {min = 95}", "f1 = {least = 1}", "f1"]
)
def test_a_gate_that_could_never_fail_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(f"[facts]\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidValue):
        read_gates(path, "facts")
