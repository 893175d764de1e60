"""The figures of one answered fact, by the names of :data:`eval.results.METRICS`.

``scores`` lie in 0..1 and are averaged over questions; ``counts`` are ``[part, whole]`` and summed up first,
so that an answer with ten citations weighs ten times one with a single citation (micro-average).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from eval.accepted import any_holds
from eval.catalogue import Case
from eval.facts import BARE_KINDS, Fact
from eval.judge import JudgedCitation, Judgement, overlaps
from eval.metrics import cmrc_exact_match, cmrc_f1
from rag.records import Answer, Hit

RANKED = 10
"""Passages among which the evidence must stand for the ranking to have found it."""


def names_of(fact: Fact, *, refused: bool = False) -> list[str]:
    """The scores that a question has, whatever came back.

    A question without an answer has one alone; a wrong refusal keeps all the others, as zeros.
    """
    if fact.wants_refusal(refused):
        return ["refused_right"]
    names = ["answer_right", "refused_wrong"]
    names.append("disagreement_found" if fact.conflicting else "disagreement_false")
    if fact.evidence:
        names += ["right_and_cited", "citation_right"]
    if fact.kind in BARE_KINDS:
        names += ["short_answer_right", "short_answer_wrong", "exact_match", "f1"]
    elif fact.wrong:
        names.append("short_answer_wrong")
    if fact.kind == "followup":
        names.append("followup_right")
    if fact.items:
        names.append("items_shown")
    return names


def scores_of(fact: Fact, answer: Answer, judged: Judgement) -> dict[str, float]:
    """Each of :func:`names_of`, and how its passages were ranked.

    Short answers are scored as CMRC 2018 scores spans, the best of the accepted ones: 昨天 against 昨天上午
    shares 2 characters, precision 2/2, recall 2/4, F1 .67.
    """
    short = "" if judged.refused else answer.short_answer or ""
    exact_match = f1 = 0.0
    # One at a time: CMRC's scorer looks at no more than three references.
    for accepted in fact.answers:
        exact_match = max(exact_match, cmrc_exact_match(short, [accepted]))
        f1 = max(f1, cmrc_f1(short, [accepted]))
    conflicting = answer.status == "conflicting"
    values = {
        "answer_right": judged.right,
        "followup_right": judged.right,
        "right_and_cited": judged.right and judged.in_evidence,
        "citation_right": judged.in_evidence and not judged.refused,
        "refused_wrong": judged.refused,
        "refused_right": judged.refused,
        "short_answer_right": judged.short == "right",
        "short_answer_wrong": judged.short == "wrong",
        "exact_match": exact_match,
        "f1": f1,
        "disagreement_found": conflicting and len(answer.claims) > 1,
        "disagreement_false": conflicting,
        "items_shown": _share(judged.items),
    }
    names = names_of(fact, refused=judged.refused)
    return {name: float(values[name]) for name in names} | ranking_of(fact, answer)


def counts_of(fact: Fact, answer: Answer, judged: Judgement) -> dict[str, list[int]]:
    """``[part, whole]`` of what is counted in citations and claims; what has no whole is left out.

    Precision and recall follow ALCE (Gao et al. 2023). A wrong refusal counts as one claim that nothing
    supports, else refusing everything would have a recall of 1.
    """
    counts = {
        "citation_precision": [judged.good_pairs, judged.pairs],
        "citation_recall": [sum(judged.supported), len(answer.claims)],
        "broken_citations": [judged.broken, len(answer.citations) + judged.dangling],
    }
    if not answer.claims and not fact.wants_refusal(judged.refused):
        counts["citation_recall"] = [0, 1]
    return {name: count for name, count in counts.items() if count[1]}


def confidence_of(fact: Fact, answer: Answer, judged: Judgement) -> Case:
    """``confidence`` and ``loss`` for the risk-coverage curve: what answering costs, whether it did or not.

    Had a refusal been forced to answer, it would have said the likeliest candidate. To a question that the
    documents do not answer, any answer is a loss. An answer without a trace is left out of the curve.
    """
    trace = answer.trace
    if not judged.refused and not trace.candidates:
        return {}
    right = judged.right
    if judged.refused:
        likeliest = [each.text for each in trace.candidates[:1]]
        right = any_holds(likeliest, fact.answers)
    return {
        "confidence": trace.confidence,
        "loss": float(not right),
        "answered": not judged.refused,
    }


def ranking_of(fact: Fact, answer: Answer) -> dict[str, float]:
    """How well the passages that the reader was given were ranked, by what they hold of the evidence.

    The convention is that of the rankings (MRR@10, recall@10), with each evidence as what is to be found.
    ``dense_mrr@10`` and ``bm25_mrr@10`` order the same passages by one search's score alone: in the fused
    order a search that has gone wrong can hide behind the other.
    """
    read = answer.trace.read
    if not fact.answerable or not fact.evidence or not read:
        return {}
    scores = {
        "retrieved_mrr@10": _reciprocal_rank(read, fact),
        "retrieved_recall@10": _evidence_recall(read, fact),
    }
    for search in ("dense", "bm25"):
        if any(search in hit.scores for hit in read):
            scores[f"{search}_mrr@10"] = _reciprocal_rank(_by(search, read), fact)
    return scores


def blemish_of(fact: Fact, judged: Judgement) -> str | None:
    """What is amiss with an answer that counts as right."""
    if fact.wants_refusal(judged.refused):
        return None
    if judged.short == "wrong":
        return "right in a claim, but its short answer is wrong"
    if fact.evidence and not judged.in_evidence:
        return "right, but no citation overlaps the evidence"
    return None


def claims_as_json(answer: Answer, judged: Judgement) -> list[Case]:
    """Each claim with whether its quotes support it, for ``results.json``."""
    shown = []
    for claim, supported in zip(answer.claims, judged.supported, strict=True):
        shown.append(
            {
                "text": claim.text,
                "citations": list(claim.citations),
                "supported": supported,
            }
        )
    return shown


def citation_as_json(judged: JudgedCitation) -> Case:
    """A citation with its surroundings, for ``results.json``."""
    cited = judged.citation
    return {
        "marker": cited.marker,
        "document_id": cited.document_id,
        "title": cited.title,
        "quote": cited.quote,
        "start": cited.start,
        "end": cited.end,
        "source": {
            "name": cited.source_name,
            "spans": [list(span) for span in cited.source_spans],
        },
        "before": judged.before,
        "after": judged.after,
        "in_evidence": judged.in_evidence,
        "broken": judged.broken,
    }


def _share(marks: Sequence[bool]) -> float:
    """济南 and 滨州 of the three cities: 2/3; a refusal names none."""
    return sum(marks) / len(marks) if marks else 0.0


def _by(search: str, hits: Sequence[Hit]) -> list[Hit]:
    """In the order of one search; what it did not find at all comes last."""
    return sorted(hits, key=lambda hit: -hit.scores.get(search, -math.inf))


def _reciprocal_rank(ranked: Sequence[Hit], fact: Fact) -> float:
    """1 / rank of the first passage with an evidence: 1/2 when the second has it, 0 beyond ``RANKED``."""
    for rank, hit in enumerate(ranked[:RANKED], 1):
        if overlaps(hit.passage.text, fact.evidence):
            return 1 / rank
    return 0.0


def _evidence_recall(ranked: Sequence[Hit], fact: Fact) -> float:
    """The share of the evidences that the first ``RANKED`` passages hold: one of two, 1/2."""
    texts = [hit.passage.text for hit in ranked[:RANKED]]
    held = 0
    for evidence in fact.evidence:
        held += any(overlaps(text, (evidence,)) for text in texts)
    return held / len(fact.evidence)
