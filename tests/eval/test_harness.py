"""The harness scores a scripted examinee, and gates what it found."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.gates import GATES, missed, read_gates
from eval.harness import library_of, run_facts
from eval.results import Results, read_results
from rag.errors import InvalidValue
from rag.records import Claim, Hit, Passage, Trace
from tests.scripted_library import (
    FACTS,
    SCRIPT,
    SENTENCES,
    TEXT,
    Scripted,
    answer_of,
    breaks,
    fact,
    moved,
    says,
    scripted,
    withholds,
)


@pytest.fixture
def library() -> Scripted:
    return scripted()


@pytest.fixture
def results(library: Scripted) -> Results:
    library.script = SCRIPT
    return run_facts(library, FACTS, dataset="toy")


def test_answers_and_refusals_are_scored_both_ways(results: Results) -> None:
    values = {
        name: (metric.value, metric.n) for name, metric in results.metrics.items()
    }
    assert values["answer_right"] == (pytest.approx(1 / 3), 3)
    assert values["right_and_cited"] == (pytest.approx(1 / 3), 3)
    assert values["refused_wrong"] == (pytest.approx(1 / 3), 3)
    assert values["refused_right"] == (1 / 2, 2)
    assert values["citation_precision"] == (1.0, 3)
    assert values["citation_recall"] == (3 / 4, 4), (
        "the wrong refusal counts as a claim without support"
    )
    assert (
        values["short_answer_right"]
        == values["short_answer_wrong"]
        == (pytest.approx(1 / 3), 3)
    )
    assert values["broken_citations"] == (0.0, 3)


def test_short_answers_are_scored_the_cmrc_way(library: Scripted) -> None:
    library.script = {
        "几家？": says(SENTENCES[0], "达74家"),
        "哪个市？": says(SENTENCES[1], "绍兴"),
    }
    metrics = run_facts(library, FACTS[:2], dataset="toy").metrics
    assert metrics["exact_match"].value == 1 / 2
    # 达 74 家 against 74 家: two units shared of three and two
    assert metrics["f1"].value == pytest.approx((2 * 2 / (3 + 2) + 1) / 2)


def test_a_refusal_has_no_short_answer(results: Results) -> None:
    """One of three facts has the short answer 74家, one a wrong one, one was refused."""
    assert results.metrics["exact_match"].value == pytest.approx(1 / 3)


def test_a_disagreement_is_found_when_each_reading_is_a_claim(
    library: Scripted,
) -> None:
    marked = [
        replace(fact(text, "74家", "7家"), conflicting=True)
        for text in ("都说？", "一说？", "不说？")
    ]
    readings = [Claim(SENTENCES[0], (1,)), Claim(SENTENCES[1], (2,))]
    quotes = [library.quote(SENTENCES[0], 1), library.quote(SENTENCES[1], 2)]
    library.script = {
        "都说？": lambda _: answer_of("conflicting", None, readings, quotes),
        "一说？": lambda _: answer_of("conflicting", None, readings[:1], quotes[:1]),
        "不说？": says(SENTENCES[0], "74家"),
        "几家？": lambda _: answer_of("conflicting", None, readings, quotes),
        "哪个市？": says(SENTENCES[1], "绍兴"),
    }
    metrics = run_facts(library, [*marked, *FACTS[:2]], dataset="toy").metrics
    assert (metrics["disagreement_found"].value, metrics["disagreement_found"].n) == (
        pytest.approx(1 / 3),
        3,
    )
    assert (metrics["disagreement_false"].value, metrics["disagreement_false"].n) == (
        1 / 2,
        2,
    )


def test_passages_are_ranked_by_the_evidence_they_hold(library: Scripted) -> None:
    def hit(number: int, text: str, dense: float, bm25: float) -> Hit:
        passage, scores = (
            Passage(number, 1, 0, len(text), text),
            {"dense": dense, "bm25": bm25},
        )
        return Hit(passage, library.document(1), 0.0, scores)

    read = (
        hit(1, SENTENCES[1], 0.1, 3.0),
        hit(2, SENTENCES[0], 0.9, 2.0),
        hit(3, "无关。", 0.5, 1.0),
    )
    wanted = fact("几家？", "74家", evidence=(SENTENCES[0], SENTENCES[2]))
    library.script = {"几家？": lambda _: answer_of("not_found", trace=Trace(read))}
    metrics = run_facts(library, [wanted], dataset="toy").metrics
    assert metrics["retrieved_mrr@10"].value == metrics["bm25_mrr@10"].value == 1 / 2
    assert metrics["dense_mrr@10"].value == 1.0
    assert metrics["retrieved_recall@10"].value == 1 / 2, (
        "one of two evidences was read"
    )


def test_what_would_have_been_said_decides_the_loss_of_a_refusal(
    library: Scripted,
) -> None:
    library.script = {
        "几家？": withholds(SENTENCES[0], confidence=-1.0),
        "哪个市？": withholds(SENTENCES[2], confidence=-2.0),
        "哪天？": says(SENTENCES[2], "19日", confidence=3.0),
        "几度？": withholds(SENTENCES[0], confidence=-3.0),
        "多高？": breaks,
    }
    results = run_facts(library, FACTS, dataset="toy")
    weighed = [
        (case["confidence"], case["loss"], case["answered"]) for case in results.cases
    ]
    assert weighed == [
        (-1.0, 0.0, False), (-2.0, 1.0, False), (3.0, 0.0, True), (-3.0, 1.0, False), (None, 1.0, False),
    ]  # fmt: skip
    # by confidence: right, right, wrong, no answer, failed: risks 0, 0, 1/3, 2/4, 3/5
    assert results.metrics["aurc"].value == pytest.approx(
        (0 + 0 + 1 / 3 + 2 / 4 + 3 / 5) / 5
    )
    assert results.risk_coverage["operating"] == [1 / 5, 0.0]


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


def test_results_split_by_kind_and_survive_the_file(
    results: Results, tmp_path: Path
) -> None:
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
    assert (
        results.metrics["answer_right"].value
        == results.metrics["short_answer_wrong"].value
        == 1.0
    )
    assert (
        results.cases[0]["why_not"] == "right in a claim, but its short answer is wrong"
    )


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
    (tmp_path / "page.mobi").write_text(TEXT, encoding="utf-8")
    for corpus in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InvalidValue, match="corpus"), library_of(corpus):
            pass


def test_a_missed_gate_is_told_in_a_sentence(results: Results, tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(
        "[facts]\nanswer_right = { min = 0.95 }\nbroken_citations = { max = 0 }\nmrr@10 = { min = 1 }\n"
        "[facts.kind.none]\nrefused_right = { min = 0.9 }\n".replace(
            "mrr@10", '"mrr@10"'
        ),
        encoding="utf-8",
    )
    assert missed(results, read_gates(path, "facts")) == [
        "answer_right is 0.333 (n=3), the gate is at least 0.95.",
        "refused_right of kind none is 0.500 (n=2), the gate is at least 0.9.",
    ]


def test_the_gates_of_the_project_can_be_read() -> None:
    gates = {
        gate.metric: gate for gate in read_gates(GATES, "facts") if gate.part is None
    }
    assert gates["answer_right"].minimum >= 0.76
    assert gates["refused_right"].minimum >= 0.74
    assert gates["broken_citations"].maximum == 0
    assert gates["short_answer_wrong"].maximum <= 0.24


def test_a_wrong_choice_misses_the_gates_of_the_forms(library: Scripted) -> None:
    asked = replace(FACTS[0], kind="yesno", answers=("是",), wrong=("否",))
    library.script = {asked.question: says(SENTENCES[0], "否")}
    gates = read_gates(GATES.with_name("gates-forms.toml"), "facts")
    told = missed(run_facts(library, [asked], dataset="toy"), gates)
    assert "short_answer_wrong is 1.000 (n=1), the gate is at most 0.05." in told
    assert (
        "short_answer_wrong of kind yesno is 1.000 (n=1), the gate is at most 0.08."
        in told
    )


@pytest.mark.parametrize(
    "line",
    [
        "answer_rigth = {min = 1}",
        "f1 = 0.9",
        "f1 = {min = 95}",
        "f1 = {least = 1}",
        "f1",
    ],
)
def test_a_gate_that_could_never_fail_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(f"[facts]\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidValue):
        read_gates(path, "facts")
