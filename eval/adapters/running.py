"""Facts asked each of documents of its own, which ``eval facts`` can't do; and ALCE's outputs scored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from eval.adapters.alce import Supports, citation_scores
from eval.adapters.rows import Row
from eval.adapters.sets import PART, FactSet
from eval.catalogue import Case
from eval.harness import run_facts
from eval.judge import supports
from eval.progress import track
from eval.results import Results
from eval.robustness.running import Open, fresh, lured, on_trial
from eval.robustness.world import Page, Trial, blocks_of


def run_set(made: FactSet, *, opened: Open = fresh) -> Results:
    """Ask each fact of the documents that the set gives it.

    Beside the figures of ``eval facts``: ``all_parts_right``, where an answer has several parts, and
    ``misled``, where the documents hold a wrong answer.
    """
    pages = tuple(
        Page(each.id, blocks)
        for each in made.documents
        if (
            blocks := blocks_of(
                f"{each.title}\n\n{each.text}" if each.title else each.text
            )
        )
    )
    questions = {fact.id: fact.question for fact in made.facts}
    trial = Trial(
        pages,
        tuple(made.facts),
        within={questions[id_]: names for id_, names in made.within.items()},
        lures={questions[id_]: lure for id_, lure in made.lures.items()},
    )
    with on_trial(trial, opened) as asked:
        results = run_facts(
            asked, track(trial.facts, f"asking {made.name}"), dataset=made.name
        )
    cases = [_misled(lured(case, trial)) for case in results.cases]
    return Results.of("facts", made.name, results.versions, _with_parts(cases))


def score_outputs(
    rows: Sequence[Row], *, dataset: str, judge: Supports = supports
) -> Results:
    """ALCE's citation recall and precision of each output, averaged over outputs as ALCE does."""
    cases: list[Case] = []
    for number, row in enumerate(track(rows, "scoring")):
        score = citation_scores(row, judge)
        whole = score.sentences > 0 and score.supported == score.sentences
        cases.append(
            {
                "id": str(number),
                "question": row.text("question"),
                "expected": [],
                "prediction": row.text("output"),
                "right": whole,
                "why_not": None
                if whole
                else f"{score.supported} of {score.sentences} sentences supported",
                "scores": {
                    "citation_precision": score.precision,
                    "citation_recall": score.recall,
                },
                "latency_ms": 0.0,
            }
        )
    return Results.of(
        "citations",
        dataset,
        {"verdict": "eval.judge.supports, not ALCE's T5-XXL"},
        cases,
    )


def _misled(case: Case) -> Case:
    if "misled" not in case:
        return case
    return case | {"scores": {**case["scores"], "misled": float(case["misled"])}}


def _with_parts(cases: Sequence[Case]) -> list[Case]:
    """The first part of an answer has the score of them all, so that a question counts once."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        whole, mark, _ = case["id"].rpartition(PART)
        if mark:
            groups[whole].append(case)
    first = {
        id(group[0]): float(all(case["right"] for case in group))
        for group in groups.values()
    }
    return [
        case | {"scores": {**case["scores"], "all_parts_right": first[id(case)]}}
        if id(case) in first
        else case
        for case in cases
    ]
