"""Results -> ``report.html``: one file that a person looks at, offline, with all of a run in it.

    Path("report.html").write_text(render(results, misses=sentences), encoding="utf-8")
    Path("report.html").write_text(render(after, baseline=before, comparisons=rows), encoding="utf-8")

The page is put together from ``web/``: a shell, a style sheet, and scripts that draw what stands in a JSON
block. Nothing of a run is ever markup: ``<`` is escaped in the block, texts become text nodes, and the page's
own policy lets only these scripts run and no request leave.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from eval.compare import Comparison, score
from eval.metrics import quantile
from eval.results import LOWER_IS_BETTER, METRICS, Case, Results

WEB: Final = Path(__file__).with_name("web")
SCRIPTS: Final = ("dom.js", "charts.js", "summary.js", "cases.js", "filters.js", "changes.js", "main.js")
BLAMES: Final[Mapping[str, str]] = {}
_TOP = ("kind", "dataset", "metrics", "by", "latency_ms", "cases", "risk_coverage")
"""Keys of ``results.json`` that have a place of their own on the page; others are listed at its end."""


def render(
    results: Results,
    *,
    misses: Sequence[str] = (),
    comparisons: Sequence[Comparison] = (),
    baseline: Results | None = None,
    label: str | None = None,
    gated: bool = False,
) -> str:
    """The report as one HTML document that needs nothing else.

    Args:
        misses: sentences about gates that were missed and metrics that got worse.
        comparisons: each metric against ``baseline``, from :func:`eval.compare.compare`.
        baseline: the run to set beside this one; each question then shows both answers.
        label: what to call the baseline; its dataset's name when not given.
        gated: gates or a baseline were held against the run, so that no ``misses`` means that it passed.
    """
    data = payload(
        results, misses=misses, comparisons=comparisons, baseline=baseline, label=label, gated=gated
    )
    style, script = _asset("report.css"), "\n".join(map(_asset, SCRIPTS))
    return Template(_asset("report.html")).substitute(
        title=escape(f"{results.kind} · {results.dataset} · Chuchu"),
        policy=escape(_policy(style, script)),
        style=style,
        script=script,
        data=embedded(data),
    )


def embedded(value: object) -> str:
    """``value`` as JSON that can stand in a ``<script>`` element: it holds no ``<`` and no lone surrogate."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return text.encode("utf-8", "replace").decode("utf-8")


def payload(
    results: Results,
    *,
    misses: Sequence[str],
    comparisons: Sequence[Comparison],
    baseline: Results | None,
    label: str | None,
    gated: bool,
) -> dict[str, Any]:
    """What the page draws, as plain JSON values."""
    whole = results.to_json()
    return {
        "kind": results.kind,
        "dataset": results.dataset,
        "metrics": whole["metrics"],
        "what": dict(METRICS),
        "lower": dict.fromkeys(LOWER_IS_BETTER, True),
        "by": whole.get("by") or {},
        "latency_ms": whole.get("latency_ms") or {},
        "stages": stages(results.cases),
        "blames": dict(BLAMES),
        "risk_coverage": curve_of(whole.get("risk_coverage")),
        "misses": list(misses),
        "gated": gated or bool(misses),
        "comparisons": [asdict(each) for each in comparisons],
        "baseline": None if baseline is None else {"label": label or baseline.dataset},
        "cases": _paired(results.cases, baseline.cases) if baseline else _ordered(results.cases),
        "made": _made(whole, baseline),
    }


def stages(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Median and 95th percentile, in milliseconds, of each stage that the cases have times of, slowest last.

    Each is ``{"name", "p50", "p95", "n"}``; the whole question is the last, as ``total``.
    """
    spent: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        for name, value in (case.get("timings_ms") or {}).items():
            spent[name].append(float(value))
        if "total" not in (case.get("timings_ms") or {}) and case.get("latency_ms") is not None:
            spent["total"].append(float(case["latency_ms"]))
    rows = [
        {"name": name, "p50": quantile(values, 0.5), "p95": quantile(values, 0.95), "n": len(values)}
        for name, values in spent.items()
    ]
    return sorted(rows, key=lambda row: (row["name"] == "total", row["p50"]))


def curve_of(found: Any) -> dict[str, Any] | None:
    """A risk-coverage curve as ``{"points": [[coverage, risk], …], "area", "operating"}``, if there is."""
    if not found:
        return None
    points = found.get("points") or list(zip(found["coverage"], found["risk"], strict=True))
    return {"points": points, "area": found.get("area"), "operating": found.get("operating")}


def _paired(cases: Sequence[Case], before: Sequence[Case]) -> list[Case]:
    """The cases, each with the one ``before`` that it is compared with and how it ``change``d."""
    earlier = {(case["id"], case["question"]): case for case in before}
    found = []
    for case in cases:
        old = earlier.get((case["id"], case["question"]))
        found.append(case if old is None else case | {"before": old, "change": _change(old, case)})
    order = {"lost": 0, "gained": 1, "moved": 2}
    return sorted(found, key=lambda case: (order.get(case.get("change"), 3), *_rank(case)))


def _change(old: Case, new: Case) -> str | None:
    if bool(old["right"]) != bool(new["right"]):
        return "gained" if new["right"] else "lost"
    names = {*old["scores"], *new["scores"], *old.get("counts", {}), *new.get("counts", {})}
    return "moved" if any(score(old, name) != score(new, name) for name in names) else None


def _ordered(cases: Sequence[Case]) -> list[Case]:
    return sorted(cases, key=_rank)


def _rank(case: Case) -> tuple[bool, bool]:
    """Misses first, then what is right with a flaw."""
    return bool(case["right"]), not case.get("why_not")


def _made(whole: Mapping[str, Any], baseline: Results | None) -> dict[str, Any]:
    """What the run was made of: versions, configuration, hashes, and those of the baseline that differ."""
    found = _flat({key: value for key, value in whole.items() if key not in _TOP and value})
    if baseline is not None:
        earlier = _flat({key: value for key, value in baseline.to_json().items() if key not in _TOP})
        found |= {
            f"{key}, before": value for key, value in earlier.items() if value and found.get(key) != value
        }
    return found


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= {f"{key} {inner}": each for inner, each in value.items()}
        else:
            flat[key] = value
    return flat


def _policy(style: str, script: str) -> str:
    """A content security policy that allows this style and this script, and nothing from anywhere."""
    allowed = (f"style-src '{_digest(style)}'", f"script-src '{_digest(script)}'", "img-src data:")
    return "; ".join(("default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"))


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")
