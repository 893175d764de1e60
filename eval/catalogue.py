"""The metrics by name, with what each measures; and the JSON of a case, which holds its scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    "items_shown": "items of a list or an overview that the answer names; mean of questions",
    "short_answer_right": "questions for a bare fact (fact, who, number, date, where, yesno) whose short answer is it",
    "short_answer_wrong": "… or that name wrong ones, given a short answer that is wrong (lower is better)",
    "broken_citations": "citations that fail an invariant (lower is better)",
    "exact_match": "short answers equal to an accepted one, CMRC 2018 (facts: bare ones)",
    "f1": "short answers, longest common substring F1, CMRC 2018 (facts: bare ones)",
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
