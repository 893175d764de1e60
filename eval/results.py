"""What an evaluation found: cases with their scores, the metrics over them, and ``results.json``.

``results.json``, format 2 (``results.schema.json`` says the same to machines):

- ``schema_version``: 2. It rises when a reader of the old format would misread the new one.
- ``kind``, ``dataset``: what was measured (``facts``, ``retrieval``, ``reading``, …), and on what.
- ``versions``: the library's own words for its parts.
- ``provenance``: ``commit``, ``code``, ``config``, ``models``, ``corpus``, ``packages``: what can change an
  answer, settings as they are and files as SHA-256 (:mod:`eval.provenance`).
- ``metrics``: metric -> ``{"value", "low", "high", "n"}`` with its 95% bootstrap interval.
- ``by``: ``kind`` and ``lang`` -> value -> the metrics over those cases.
- ``latency_ms``, ``stages_ms``: ``{"p50", "p95", "n"}`` of the whole question, and of each stage by its name.
  Answers from the cache count with the time they took when they were made.
- ``risk_coverage``: ``{"points": [[coverage, risk], …], "area", "operating"}``, and the same by ``lang``;
  ``operating`` is where the thresholds put it.
- ``blame``: ``all`` -> one of :data:`eval.blame.BLAMES` -> misses; the same by ``kind`` and ``lang``.
- ``cases``: one object a question, see :data:`Case`.

A *lean* file (:func:`lean`), as baselines are kept, has of each case only what comparing needs.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from eval.metrics import Metric, area, mean, quantile, ratio, risk_coverage
from rag.errors import InvalidValue

SCHEMA_VERSION = 2
SCHEMA = Path(__file__).with_name("results.schema.json")
Kind = Literal["facts", "retrieval", "reading", "evidence", "pages", "citations"]
Case = dict[str, Any]
"""JSON of one question. ``id``, ``question``, ``right``, ``scores`` and ``latency_ms`` are always there.

``scores`` maps a metric to 0..1; ``counts`` those that are micro-averaged to ``[part, whole]``.
``confidence`` (log-odds, or null) and ``loss`` (1.0 where answering is or would have been wrong) give the
risk-coverage curve; ``answered`` says whether the thresholds let it answer; ``blame`` says where a miss
arose; ``timings_ms`` has each stage.
"""

METRICS: Mapping[str, str] = {
    "answer_right": "answerable questions whose short answer or a cited claim holds an accepted answer",
    "right_and_cited": "… that are right and cite the gold evidence",
    "followup_right": "questions that lean on earlier ones, understood and answered right",
    "unmoved_by_history": "questions that stand alone, answered the same after other questions as without",
    "refused_wrong": "answerable questions that were refused (lower is better)",
    "refused_right": "unanswerable questions that were refused",
    "citation_precision": "citations whose quote supports their claim",
    "citation_recall": "claims fully supported by their quotes; a wrong refusal counts as one that is not",
    "citation_right": "answerable questions with a citation that overlaps the gold evidence",
    "short_answer_right": "questions of kind fact whose short answer alone holds an accepted answer",
    "short_answer_wrong": "questions of kind fact given a short answer that is wrong (lower is better)",
    "broken_citations": "citations that fail an invariant (lower is better)",
    "exact_match": "short answers equal to an accepted one, CMRC 2018 (facts: of kind fact)",
    "f1": "short answers, longest common substring F1, CMRC 2018 (facts: of kind fact)",
    "retrieved_mrr@10": "1 / rank of the first passage read that holds gold evidence",
    "retrieved_recall@10": "gold evidences that stand in the first ten passages read",
    "dense_mrr@10": "retrieved_mrr@10, had the dense search alone ordered them: what the encoder is worth",
    "bm25_mrr@10": "retrieved_mrr@10, had the lexical search alone ordered them",
    "disagreement_found": "questions on which the sources disagree that are answered as conflicting",
    "disagreement_false": "other answerable questions answered as conflicting (lower is better)",
    "aurc": "area under the risk-coverage curve of all questions (lower is better)",
    "all_parts_right": "questions whose answer has several parts, all of them right",
    "misled": "questions told the wrong answer in their documents, not the right one (lower is better)",
    "citations_in_evidence": "citations that overlap what people marked as evidence",
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
    "left_as_it_stands": "texts in order that come out as one document, nothing moved or folded",
    "torn_repaired": "pages on which a sentence goes on elsewhere than next that do not",
}
LOWER_IS_BETTER = frozenset(
    {
        "refused_wrong",
        "short_answer_wrong",
        "broken_citations",
        "disagreement_false",
        "aurc",
        "misled",
    }
)
AREAS = frozenset({"aurc"})
"""Metrics that no single case has: they are computed from all confidences and losses together."""
MOST_POINTS = 200
_LEAN = (
    "id",
    "question",
    "kind",
    "lang",
    "right",
    "answered",
    "loss",
    "confidence",
    "scores",
    "counts",
)


@dataclass(frozen=True, slots=True)
class Results:
    """``metrics`` over all cases; ``by`` maps ``kind`` and ``lang`` to each value's metrics. See above."""

    kind: Kind
    dataset: str
    versions: Mapping[str, str]
    metrics: Mapping[str, Metric]
    cases: Sequence[Case]
    by: Mapping[str, Mapping[str, Mapping[str, Metric]]] = field(default_factory=dict)
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    stages_ms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    risk_coverage: Mapping[str, Any] = field(default_factory=dict)
    blame: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    @classmethod
    def of(
        cls,
        kind: Kind,
        dataset: str,
        versions: Mapping[str, str],
        cases: Sequence[Case],
        provenance: Mapping[str, Any] | None = None,
    ) -> Results:
        """Sum up cases: metrics over all, by kind and by language, latency by stage, curve, blame."""
        stages: dict[str, list[float]] = defaultdict(list)
        for case in cases:
            for stage, spent in case.get("timings_ms", {}).items():
                stages[stage].append(spent)
        return cls(
            kind=kind,
            dataset=dataset,
            versions=dict(versions),
            metrics=summarise(cases),
            cases=list(cases),
            by={
                key: _split(key, cases)
                for key in ("kind", "lang")
                if any(key in case for case in cases)
            },
            latency_ms=_spent([case["latency_ms"] for case in cases]),
            stages_ms={stage: _spent(spent) for stage, spent in stages.items()},
            risk_coverage=_curves(cases),
            blame=_blame(cases),
            provenance=dict(provenance or {}),
        )

    def to_json(self) -> dict[str, Any]:
        """The ``results.json`` of the contract, as plain JSON values."""
        raw = asdict(self)
        first = ("schema_version", "kind", "dataset", "versions", "provenance")
        return {
            key: raw[key]
            for key in (
                *first,
                *(key for key in raw if key not in {*first, "cases"}),
                "cases",
            )
        }

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n",
            encoding="utf-8",
        )


def lean(results: Results) -> Results:
    """Without texts, times and curves: enough to be compared with, small enough to keep in a repository."""
    cases = [
        {key: _rounded(case[key]) for key in _LEAN if key in case}
        for case in results.cases
    ]
    return replace(
        results, cases=cases, by={}, latency_ms={}, stages_ms={}, risk_coverage={}
    )


def _rounded(value: Any) -> Any:
    """Numbers with at most six decimals, whole ones without any; what holds numbers likewise."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return value


def write_lean(results: Results, path: Path) -> None:
    """Write :func:`lean` results, a case a line, so that a renewed baseline reads well as a diff."""
    raw = lean(results).to_json()
    cases = ",\n".join(
        json.dumps(case, ensure_ascii=False) for case in raw.pop("cases")
    )
    rest = "".join(
        f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n"
        for key, value in raw.items()
        if value
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{{\n{rest} "cases": [\n{cases}\n]\n}}\n', encoding="utf-8")


def read_results(path: Path) -> Results:
    """Read a ``results.json``, of this format or the one before it.

    Raises:
        InvalidValue: it cannot be read, or is not of a format known here.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.get("schema_version", 1) > SCHEMA_VERSION:
            raise ValueError(
                f"its schema_version {raw['schema_version']} is newer than {SCHEMA_VERSION}"
            )
        return Results(
            kind=raw["kind"],
            dataset=raw["dataset"],
            versions=raw["versions"],
            metrics=_metrics(raw["metrics"]),
            cases=[
                case
                for case in raw["cases"]
                if case["id"] and case["question"] and "scores" in case
            ],
            by={
                key: {value: _metrics(found) for value, found in parts.items()}
                for key, parts in raw.get("by", {}).items()
            },
            **{
                key: raw.get(key, {})
                for key in (
                    "latency_ms",
                    "stages_ms",
                    "risk_coverage",
                    "blame",
                    "provenance",
                )
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidValue(
            "baseline", str(path), f"a results.json of an earlier run ({error})"
        ) from error


def summarise(cases: Iterable[Case]) -> dict[str, Metric]:
    """Each metric over the cases that have it, in the order of ``METRICS``; one that none has is left out."""
    rows = list(cases)
    found: dict[str, Metric] = {}
    for name in METRICS:
        counted = [
            case["counts"][name] for case in rows if name in case.get("counts", {})
        ]
        scored = [case["scores"][name] for case in rows if name in case["scores"]]
        if name in AREAS:
            weighed = _weighed(rows)
            if weighed:
                found[name] = area(*zip(*weighed, strict=True))
        elif counted and sum(whole for _, whole in counted):
            found[name] = ratio(
                [part for part, _ in counted], [whole for _, whole in counted]
            )
        elif scored and not counted:
            found[name] = mean(scored)
    return found


def _metrics(raw: Mapping[str, Any]) -> dict[str, Metric]:
    return {name: Metric(**metric) for name, metric in raw.items()}


def _weighed(cases: Sequence[Case]) -> list[tuple[float | None, float]]:
    """Confidence and loss of the cases that have both; None when the reader had nothing to weigh."""
    return [
        (case.get("confidence"), case["loss"])
        for case in cases
        if case.get("loss") is not None
    ]


def _split(key: str, cases: Sequence[Case]) -> dict[str, dict[str, Metric]]:
    values = dict.fromkeys(case[key] for case in cases if key in case)
    return {
        value: summarise(case for case in cases if case.get(key) == value)
        for value in values
    }


def _spent(milliseconds: Sequence[float]) -> dict[str, float]:
    if not milliseconds:
        return {}
    p50, p95 = (quantile(milliseconds, q) for q in (0.5, 0.95))
    return {"p50": p50, "p95": p95, "n": len(milliseconds)}


def _curves(cases: Sequence[Case]) -> dict[str, Any]:
    found = _curve(cases)
    if not found:
        return {}
    langs = dict.fromkeys(case["lang"] for case in cases if "lang" in case)
    by_lang = {
        lang: _curve([case for case in cases if case.get("lang") == lang])
        for lang in langs
    }
    return found | ({"lang": by_lang} if by_lang else {})


def _curve(cases: Sequence[Case]) -> dict[str, Any]:
    weighed = _weighed(cases)
    if not weighed:
        return {}
    points = risk_coverage(
        [confidence for confidence, _ in weighed], [loss for _, loss in weighed]
    )
    answered = [
        case["loss"]
        for case in cases
        if case.get("loss") is not None and case.get("answered")
    ]
    step = -(-len(points) // MOST_POINTS)
    return {
        "points": [
            list(point) for point in [*points[step - 1 : -1 : step], points[-1]]
        ],
        "area": summarise(cases)["aurc"].value,
        "operating": [
            len(answered) / len(weighed),
            sum(answered) / len(answered) if answered else 0.0,
        ],
    }


def _blame(cases: Sequence[Case]) -> dict[str, Any]:
    """Misses by what they are blamed on: of all cases, and by kind and language."""
    blamed = [case for case in cases if case.get("blame")]
    if not blamed:
        return {}
    found: dict[str, Any] = {"all": dict(Counter(case["blame"] for case in blamed))}
    for key in ("kind", "lang"):
        values = dict.fromkeys(case[key] for case in cases if key in case)
        found[key] = {
            value: dict(
                Counter(case["blame"] for case in blamed if case.get(key) == value)
            )
            for value in values
        }
    return found
