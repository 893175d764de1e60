"""Results -> ``report.html``: one file that a person looks at, offline, with all of a run in it.

    Path("report.html").write_text(render(results, misses=sentences), encoding="utf-8")
    Path("report.html").write_text(render(after, compared=compare(before, after)), encoding="utf-8")

The page is put together from ``web/``: a shell, a style sheet, and scripts that draw what stands in a JSON
block. Nothing of a run is ever markup: ``<`` is escaped in the block, texts become text nodes, and the page's
own policy lets only these scripts run and no request leave.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from eval.blame import BLAMES
from eval.catalogue import LOWER_IS_BETTER, METRICS, Case
from eval.compare import RunComparison, score
from eval.results import Results

WEB: Final = Path(__file__).with_name("web")
SCRIPTS: Final = (
    "dom.js",
    "charts.js",
    "summary.js",
    "cases.js",
    "filters.js",
    "changes.js",
    "main.js",
)
_MADE: Final = ("schema_version", "versions", "provenance")
"""Keys of ``results.json`` that say what was measured with what; they stand at the end of the page."""


def render(
    results: Results,
    *,
    misses: Sequence[str] = (),
    compared: RunComparison | None = None,
    label: str | None = None,
    gated: bool = False,
) -> str:
    """The report as one HTML document that needs nothing else.

    Args:
        misses: sentences about gates that were missed and metrics that got worse.
        compared: an earlier run and this one, to be set side by side, each question with both answers.
        label: what to call the earlier run; its dataset's name when not given.
        gated: gates or a baseline were held against the run, so that no ``misses`` means that it passed.
    """
    style, script = _asset("report.css"), "\n".join(map(_asset, SCRIPTS))
    return Template(_asset("report.html")).substitute(
        title=escape(f"{results.kind} · {results.dataset} · Chuchu"),
        policy=escape(_policy(style, script)),
        style=style,
        script=script,
        data=embedded(
            payload(results, misses=misses, compared=compared, label=label, gated=gated)
        ),
    )


def embedded(value: object) -> str:
    """``value`` as JSON that can stand in a ``<script>`` element: it holds no ``<`` and no lone surrogate."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # "</script>" in a document would else end the block
    text = text.replace("<", "\\u003c")
    return text.encode("utf-8", "replace").decode("utf-8")


def payload(
    results: Results,
    *,
    misses: Sequence[str] = (),
    compared: RunComparison | None = None,
    label: str | None = None,
    gated: bool = False,
) -> dict[str, Any]:
    """What the page draws, as plain JSON values; the arguments are those of :func:`render`."""
    whole = results.to_json()
    drawn = {
        "kind": results.kind,
        "dataset": results.dataset,
        "metrics": whole["metrics"],
        "what": dict(METRICS),
        "lower": dict.fromkeys(LOWER_IS_BETTER, True),
        "by": whole["by"],
        "latency_ms": whole["latency_ms"],
        "stages": stages(results),
        "blames": dict(BLAMES),
        "risk_coverage": whole["risk_coverage"] or None,
        "misses": list(misses),
        "gated": gated or bool(misses),
    }
    if compared is None:
        return drawn | _alone(results)
    return drawn | _beside_earlier(results, compared, label)


def _alone(results: Results) -> dict[str, Any]:
    return {
        "comparisons": [],
        "differs": [],
        "unpaired": [0, 0],
        "baseline": None,
        "cases": sorted(results.cases, key=_rank),
        "made": _made(results),
    }


def _beside_earlier(
    results: Results, compared: RunComparison, label: str | None
) -> dict[str, Any]:
    before = compared.before
    made = _made(results)
    for key, value in _made(before).items():
        if made.get(key) != value:
            made[f"{key}, before"] = value
    return {
        "comparisons": [asdict(each) for each in compared.metrics],
        "differs": list(compared.differs),
        "unpaired": [len(compared.only_before), len(compared.only_after)],
        "baseline": {"label": label or before.dataset},
        "cases": _paired(results.cases, before.cases),
        "made": made,
    }


def stages(results: Results) -> list[dict[str, Any]]:
    """``{"name", "p50", "p95", "n"}`` of each stage in ms, the slowest last, then the whole question."""
    rows: list[dict[str, Any]] = []
    total: dict[str, Any] = dict(results.latency_ms)
    for name, spent in results.stages_ms.items():
        if name == "total":
            total = dict(spent)
        else:
            rows.append({"name": name, **spent})
    rows.sort(key=lambda row: float(row["p50"]))
    if total:
        rows.append({"name": "total", **total})
    return rows


def _paired(cases: Sequence[Case], before: Sequence[Case]) -> list[Case]:
    """The cases, each with the one ``before`` that it is compared with and how it ``change``d.

    What was lost stands first, then what was gained, then what moved while staying right or wrong.
    """
    earlier = {(case["id"], case["question"]): case for case in before}
    paired = []
    for case in cases:
        old = earlier.get((case["id"], case["question"]))
        if old is None:
            paired.append(case)
        else:
            paired.append(case | {"before": old, "change": _change(old, case)})
    # an unchanged case has no change, and stands last
    order = {"lost": 0, "gained": 1, "moved": 2}
    paired.sort(key=lambda case: (order.get(case.get("change") or "", 3), *_rank(case)))
    return paired


def _change(old: Case, new: Case) -> str | None:
    if bool(old["right"]) != bool(new["right"]):
        return "gained" if new["right"] else "lost"
    for name in (*old["scores"], *old.get("counts", {})):
        before, after = score(old, name), score(new, name)
        if before is not None and after is not None and before != after:
            return "moved"
    return None


def _rank(case: Case) -> tuple[bool, bool]:
    """Misses first, then what is right with a flaw."""
    return bool(case["right"]), not case.get("why_not")


def _made(results: Results) -> dict[str, Any]:
    """What a run was made of, by dotted keys: versions, configuration, hashes."""
    whole = results.to_json()
    return _flat({key: whole[key] for key in _MADE})


def _flat(values: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """The leaves by their dotted keys, empty ones left out."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        where = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            flat |= _flat(value, where)
        elif value not in (None, "", [], ()):
            flat[where] = value
    return flat


def _policy(style: str, script: str) -> str:
    """A content security policy that allows this style and this script, and nothing from anywhere."""
    allowed = (
        f"style-src '{_digest(style)}'",
        f"script-src '{_digest(script)}'",
        "img-src data:",
    )
    return "; ".join(
        ("default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'")
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")
