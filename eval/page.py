"""Results -> ``report.html``: one file that opens offline, misses first, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from eval.compare import Comparison, Flip
from eval.metrics import Metric
from eval.results import LOWER_IS_BETTER, METRICS, Case, Results

TEMPLATE = Path(__file__).with_name("report.html")


def render(
    results: Results,
    *,
    misses: Sequence[str] = (),
    comparisons: Sequence[Comparison] = (),
    flips: Sequence[Flip] = (),
) -> str:
    """The report as one HTML document.

    Args:
        misses: sentences of the gates that were missed.
        comparisons, flips: against a baseline, if there was one.
    """
    cases = sorted(results.cases, key=_order)
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=escape(f"{results.kind} · {results.dataset}"),
        versions=" · ".join(f"{escape(key)} {escape(str(value))}" for key, value in results.versions.items()),
        latency=_latency(results),
        gates="".join(f"<li>{escape(each)}</li>" for each in misses),
        metrics="".join(_metric(name, metric) for name, metric in results.metrics.items()),
        parts="".join(_part(key, results) for key in results.by if len(results.by[key]) > 1),
        comparison=_comparison(comparisons, flips),
        filters=_filters(cases),
        cases="".join(map(_case, cases)),
    )


def _order(case: Case) -> tuple[bool, bool]:
    return bool(case["right"]), not case.get("why_not")


def _latency(results: Results) -> str:
    spent = results.latency_ms
    return f"p50 {spent['p50']:.1f} ms · p95 {spent['p95']:.1f} ms" if spent else ""


def _metric(name: str, metric: Metric) -> str:
    bar = f'<meter min="0" max="1" value="{metric.value:.4f}"></meter>'
    return (
        f"<tr><th scope=row>{_named(name)}</th><td class=n>{metric.value:.3f}</td><td>{bar}</td>"
        f"<td class=n>{metric.low:.3f} – {metric.high:.3f}</td><td class=n>{metric.n}</td>"
        f"<td class=what>{escape(METRICS[name])}</td></tr>"
    )


def _part(key: str, results: Results) -> str:
    parts = results.by[key]
    names = [name for name in METRICS if any(name in metrics for metrics in parts.values())]
    head = "".join(f"<th scope=col class=n>{escape(part)}</th>" for part in parts)
    rows = ""
    for name in names:
        cells = "".join(f"<td class=n>{_short(metrics.get(name))}</td>" for metrics in parts.values())
        rows += f"<tr><th scope=row>{_named(name)}</th>{cells}</tr>"
    return (
        f"<div class=wide><table><caption>by {escape(key)}</caption>"
        f"<thead><tr><th></th>{head}</tr></thead>{rows}</table></div>"
    )


def _short(metric: Metric | None) -> str:
    return f"{metric.value:.3f} <small>/ {metric.n}</small>" if metric else ""


def _named(name: str) -> str:
    return escape(name) + (" ↓" if name in LOWER_IS_BETTER else "")


def _comparison(comparisons: Sequence[Comparison], flips: Sequence[Flip]) -> str:
    if not comparisons:
        return ""
    rows = "".join(
        f"<tr class={each.verdict}><th scope=row>{_named(each.metric)}</th><td class=n>{each.before:.3f}</td>"
        f"<td class=n>{each.after:.3f}</td><td class=n>{each.n}</td><td class=n>{each.p:.3f}</td>"
        f"<td>{each.verdict}</td></tr>"
        for each in comparisons
    )
    changed = "".join(
        f"<li class={'gained' if each.gained else 'lost'}><code>{escape(each.id)}</code> "
        f"{escape(each.metric)} {each.before:g} → {each.after:g} {escape(each.question)}</li>"
        for each in flips
    )
    return (
        "<section><h2>Against the baseline</h2><div class=wide><table><thead><tr><th></th>"
        "<th class=n>before</th><th class=n>after</th><th class=n>n</th><th class=n>p</th><th>verdict</th>"
        f"</tr></thead>{rows}</table></div>"
        f"<details><summary>{len(flips)} flips</summary><ul>{changed}</ul></details></section>"
    )


def _filters(cases: Sequence[Case]) -> str:
    kinds = list(dict.fromkeys(case["kind"] for case in cases if "kind" in case))
    options = "".join(f"<option>{escape(kind)}</option>" for kind in sorted(kinds))
    wrong = sum(not case["right"] for case in cases)
    kind = f'<label>kind <select id=kind><option value="">all</option>{options}</select></label>'
    return (
        f"{kind if kinds else ''}<label>show <select id=show>"
        f'<option value="">all {len(cases)}</option><option value=miss>misses ({wrong})</option>'
        f"<option value=right>right ({len(cases) - wrong})</option></select></label>"
        "<label>find <input id=find type=search></label><output id=count></output>"
    )


def _case(case: Case) -> str:
    right = bool(case["right"])
    said = case.get("short_answer") or case.get("prediction") or "—"
    expected = " · ".join(map(escape, case["expected"])) or "<em>to hear that the documents do not say</em>"
    claims = "".join(_claim(claim) for claim in case.get("claims", []))
    quotes = "".join(_citation(cited) for cited in case.get("citations", []))
    ranked = "".join(f"<li>{escape(each)}</li>" for each in case.get("ranked", []))
    why = f"<p class=why>{escape(case['why_not'])}</p>" if case.get("why_not") else ""
    return (
        f'<article class="{"right" if right else "miss"}" data-kind="{escape(case.get("kind", ""))}">'
        f"<h3><span class=mark>{'✓' if right else '✗'}</span> {escape(case['question'])}</h3>"
        f"<p class=meta><code>{escape(case['id'])}</code> {escape(case.get('kind', ''))} "
        f"{escape(case.get('status', ''))} {case['latency_ms']:.0f} ms</p>{why}"
        f"<dl><dt>expected</dt><dd>{expected}</dd><dt>said</dt><dd>{escape(said)}</dd></dl>"
        f"{f'<ul class=claims>{claims}</ul>' if claims else ''}{quotes}"
        f"{f'<ol>{ranked}</ol>' if ranked else ''}</article>"
    )


def _claim(claim: Case) -> str:
    markers = "".join(f"[{marker}]" for marker in claim["citations"])
    bare = "" if claim["supported"] else " <strong>not supported by its quotes</strong>"
    return f"<li>{escape(claim['text'])} <sup>{markers}</sup>{bare}</li>"


def _citation(cited: Case) -> str:
    broken = f"<strong>broken: {escape(cited['broken'])}</strong>" if cited["broken"] else ""
    where = "in the evidence" if cited["in_evidence"] else "not in the evidence"
    return (
        f"<blockquote>…{escape(cited['before'])}<mark>{escape(cited['quote'])}</mark>{escape(cited['after'])}…"
        f"<footer>[{cited['marker']}] {escape(cited['title'])} · {cited['start']}–{cited['end']} · {where} "
        f"{broken}</footer></blockquote>"
    )
