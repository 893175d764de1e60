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
    trial = _trial_of(made)
    with on_trial(trial, opened) as asked:
        facts = track(trial.facts, f"asking {made.name}")
        results = run_facts(asked, facts, dataset=made.name)
    cases = [_misled(lured(case, trial)) for case in results.cases]
    return Results.of("facts", made.name, results.versions, _with_parts(cases))


def _trial_of(made: FactSet) -> Trial:
    """The set as a trial, which goes by questions where a set goes by ids."""
    pages = []
    for each in made.documents:
        title = f"{each.title}\n\n" if each.title else ""
        blocks = blocks_of(title + each.text)
        if blocks:
            pages.append(Page(each.id, blocks))
    questions = {fact.id: fact.question for fact in made.facts}
    return Trial(
        tuple(pages),
        tuple(made.facts),
        within={questions[id_]: names for id_, names in made.within.items()},
        lures={questions[id_]: lure for id_, lure in made.lures.items()},
    )


def score_outputs(
    rows: Sequence[Row], *, dataset: str, judge: Supports = supports
) -> Results:
    """ALCE's citation recall and precision of each output, averaged over outputs as ALCE does."""
    cases: list[Case] = []
    for number, row in enumerate(track(rows, "scoring")):
        score = citation_scores(row, judge)
        # an output without a sentence supports nothing
        whole = score.sentences > 0 and score.supported == score.sentences
        supported = f"{score.supported} of {score.sentences} sentences supported"
        cases.append(
            {
                "id": str(number),
                "question": row.text("question"),
                "expected": [],
                "prediction": row.text("output"),
                "right": whole,
                "why_not": None if whole else supported,
                "scores": {
                    "citation_precision": score.precision,
                    "citation_recall": score.recall,
                },
                "latency_ms": 0.0,
            }
        )
    versions = {"verdict": "eval.judge.supports, not ALCE's T5-XXL"}
    return Results.of("citations", dataset, versions, cases)


def _misled(case: Case) -> Case:
    if "misled" not in case:
        return case
    return _with_score(case, "misled", float(case["misled"]))


def _with_score(case: Case, name: str, value: float) -> Case:
    return case | {"scores": {**case["scores"], name: value}}


def _with_parts(cases: Sequence[Case]) -> list[Case]:
    """The first part of an answer has the score of them all, so that a question counts once.

    q7#1 right and q7#2 wrong: q7#1 has ``all_parts_right`` 0, q7#2 none.
    """
    wholes: dict[str, list[bool]] = defaultdict(list)
    for case in cases:
        whole, mark, _ = case["id"].rpartition(PART)
        if mark:
            wholes[whole].append(bool(case["right"]))
    scored = []
    for case in cases:
        parts = wholes.pop(case["id"].rpartition(PART)[0], None)
        if parts is not None:
            case = _with_score(case, "all_parts_right", float(all(parts)))  # noqa: PLW2901
        scored.append(case)
    return scored
