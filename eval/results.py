"""What an evaluation found, and ``results.json``: cases with their scores, and the metrics over them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from eval.metrics import Metric, mean, quantile, ratio
from rag.errors import InvalidValue

Kind = Literal["facts", "retrieval", "reading", "evidence", "pages"]
Case = dict[str, Any]
"""JSON of one question. ``id``, ``question``, ``scores`` and ``latency_ms`` are always there: ``scores`` maps
a metric to 0..1; ``counts`` maps those that are micro-averaged to ``[part, whole]``."""

METRICS: Mapping[str, str] = {
    "answer_right": "answerable questions whose short answer or a cited claim holds an accepted answer",
    "right_and_cited": "… that are right and cite the gold evidence",
    "refused_wrong": "answerable questions that were refused (lower is better)",
    "refused_right": "unanswerable questions that were refused",
    "citation_precision": "citations whose quote supports their claim",
    "citation_recall": "claims fully supported by their quotes; a wrong refusal counts as one that is not",
    "citation_right": "answerable questions with a citation that overlaps the gold evidence",
    "short_answer_right": "questions of kind fact whose short answer alone holds an accepted answer",
    "short_answer_wrong": "questions of kind fact given a short answer that is wrong (lower is better)",
    "broken_citations": "citations that fail an invariant (lower is better)",
    "exact_match": "predictions equal to a reference, CMRC 2018",
    "f1": "longest common substring F1, CMRC 2018",
    "evidence_precision": "cited sentences that people marked as evidence",
    "evidence_recall": "sentences marked as evidence that are cited",
    "evidence_precision_chars": "… in characters",
    "evidence_recall_chars": "… in characters",
    "evidence_f1": "F1 of the quotes against the evidence, bags of units, ExpMRC",
    "answer_and_evidence_f1": "answer F1 times evidence F1, ExpMRC's overall figure",
    "mrr@10": "1 / rank of the first relevant document",
    "recall@10": "relevant documents among the first ten",
    "ndcg@10": "nDCG, linear gain, as BEIR",
    "assignment_f1": "blocks with their own article: B-cubed F1, each block weighing the same; mean of pages",
    "assignment_precision": "… B-cubed precision",
    "assignment_recall": "… B-cubed recall",
    "adjacent_order": "neighbours in reading order that stand next to each other",
    "join_precision": "seams within a paragraph where the page did cut a sentence",
    "join_recall": "cut sentences that run on",
    "lossy_right": "right joins marked as lacking something, or not, as they do",
    "cuts_f1": "blocks whose rest is not on the page, marked so: F1",
    "copies_f1": "pairs of blocks that print the same: F1",
    "fields_right": "fields of articles (title, byline, dateline, published, …) that are right",
    "kinds_right": "blocks called by their kind (headline, caption, …)",
    "in_order_unchanged": "pages in order already that come out as they were",
}
LOWER_IS_BETTER = frozenset({"refused_wrong", "short_answer_wrong", "broken_citations"})


@dataclass(frozen=True, slots=True)
class Results:
    """``metrics`` over all cases; ``by`` maps ``kind`` and ``lang`` to each value's metrics."""

    kind: Kind
    dataset: str
    versions: Mapping[str, str]
    metrics: Mapping[str, Metric]
    cases: Sequence[Case]
    by: Mapping[str, Mapping[str, Mapping[str, Metric]]] = field(default_factory=dict)
    latency_ms: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: Kind, dataset: str, versions: Mapping[str, str], cases: Sequence[Case]) -> Results:
        """Sum up cases: metrics over all, by kind and language where they differ, latency p50 and p95."""
        by = {key: _split(key, cases) for key in ("kind", "lang") if any(key in case for case in cases)}
        spent = [case["latency_ms"] for case in cases]
        latency = (
            {"p50": quantile(spent, 0.5), "p95": quantile(spent, 0.95), "n": len(spent)} if spent else {}
        )
        return cls(kind, dataset, dict(versions), summarise(cases), list(cases), by, latency)

    def to_json(self) -> dict[str, Any]:
        """The ``results.json`` of the contract, as plain JSON values."""
        return asdict(self)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_results(path: Path) -> Results:
    """Read a ``results.json``.

    Raises:
        InvalidValue: it cannot be read, or is not of this format.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Results(
            kind=raw["kind"],
            dataset=raw["dataset"],
            versions=raw["versions"],
            metrics={name: Metric(**metric) for name, metric in raw["metrics"].items()},
            cases=[case for case in raw["cases"] if case["id"] and case["question"] and "scores" in case],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidValue("baseline", str(path), f"a results.json of an earlier run ({error})") from error


def summarise(cases: Iterable[Case]) -> dict[str, Metric]:
    """Each metric over the cases that have it, in the order of ``METRICS``; one that none has is left out."""
    rows = list(cases)
    found: dict[str, Metric] = {}
    for name in METRICS:
        counted = [case["counts"][name] for case in rows if name in case.get("counts", {})]
        scored = [case["scores"][name] for case in rows if name in case["scores"]]
        if counted and sum(whole for _, whole in counted):
            found[name] = ratio([part for part, _ in counted], [whole for _, whole in counted])
        elif scored and not counted:
            found[name] = mean(scored)
    return found


def _split(key: str, cases: Sequence[Case]) -> dict[str, dict[str, Metric]]:
    values = dict.fromkeys(case[key] for case in cases if key in case)
    return {value: summarise(case for case in cases if case.get(key) == value) for value in values}
