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
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from eval.catalogue import Case
from eval.metrics import Metric
from eval.summary import (
    blame_table,
    by_part,
    curves,
    spent,
    spent_by_stage,
    summarise,
)
from rag.errors import InvalidValue

SCHEMA_VERSION = 2
SCHEMA = Path(__file__).with_name("results.schema.json")
Kind = Literal["facts", "retrieval", "reading", "evidence", "pages", "citations"]
MOST_DECIMALS = 6
_FIRST = ("schema_version", "kind", "dataset", "versions", "provenance")
"""Keys that stand at the top of the file, where a person looks for what was measured."""
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
        by = {}
        for key in ("kind", "lang"):
            if any(key in case for case in cases):
                by[key] = by_part(key, cases)
        return cls(
            kind=kind,
            dataset=dataset,
            versions=dict(versions),
            metrics=summarise(cases),
            cases=list(cases),
            by=by,
            latency_ms=spent([case["latency_ms"] for case in cases]),
            stages_ms=spent_by_stage(cases),
            risk_coverage=curves(cases),
            blame=blame_table(cases),
            provenance=dict(provenance or {}),
        )

    def to_json(self) -> dict[str, Any]:
        """The ``results.json`` of the contract, as plain JSON values."""
        raw = asdict(self)
        first = {key: raw.pop(key) for key in _FIRST}
        cases = raw.pop("cases")
        return {**first, **raw, "cases": cases}

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n",
            encoding="utf-8",
        )


def lean(results: Results) -> Results:
    """Without texts, times and curves: enough to be compared with, small enough to keep in a repository."""
    cases = []
    for case in results.cases:
        cases.append({key: _rounded(case[key]) for key in _LEAN if key in case})
    return replace(
        results, cases=cases, by={}, latency_ms={}, stages_ms={}, risk_coverage={}
    )


def _rounded(value: Any) -> Any:
    """Numbers with at most six decimals, whole ones without any; what holds numbers likewise."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, MOST_DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return value


def write_lean(results: Results, path: Path) -> None:
    """Write :func:`lean` results, a case a line, so that a renewed baseline reads well as a diff."""
    raw = lean(results).to_json()
    cases = ",\n".join(_as_line(case) for case in raw.pop("cases"))
    head = ""
    for key, value in raw.items():
        if value:
            head += f" {json.dumps(key)}: {_as_line(value)},\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f'{{\n{head} "cases": [\n{cases}\n]\n}}\n'
    path.write_text(text, encoding="utf-8")


def _as_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


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
        return _results(raw)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidValue(
            "baseline", str(path), f"a results.json of an earlier run ({error})"
        ) from error


def _results(raw: Mapping[str, Any]) -> Results:
    by = {}
    for key, parts in raw.get("by", {}).items():
        by[key] = {value: _metrics(metrics) for value, metrics in parts.items()}
    cases = []
    for case in raw["cases"]:
        # what has no scores cannot be compared
        if case["id"] and case["question"] and "scores" in case:
            cases.append(case)
    return Results(
        kind=raw["kind"],
        dataset=raw["dataset"],
        versions=raw["versions"],
        metrics=_metrics(raw["metrics"]),
        cases=cases,
        by=by,
        latency_ms=raw.get("latency_ms", {}),
        stages_ms=raw.get("stages_ms", {}),
        risk_coverage=raw.get("risk_coverage", {}),
        blame=raw.get("blame", {}),
        provenance=raw.get("provenance", {}),
    )


def _metrics(raw: Mapping[str, Any]) -> dict[str, Metric]:
    return {name: Metric(**metric) for name, metric in raw.items()}
