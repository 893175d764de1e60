"""Ask each fact end to end and score what comes back.

with library_of(Path("seeds")) as library:
    results = run_facts(library, read_facts(Path("eval/facts/seeds.jsonl")), dataset="seeds")
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from eval.blame import FOUND, blame
from eval.facts import Fact
from eval.judge import JudgedCitation, Judgement, judge, overlaps
from eval.metrics import cmrc_exact_match, cmrc_f1
from eval.normalise import holds
from eval.progress import track
from eval.results import Case, Results
from rag import sources
from rag.errors import BrokenCitation, ChuchuError, InvalidValue
from rag.library import Failed, Library, Question
from rag.records import Answer, Document, Hit, Source
from rag.settings import load_settings

RANKED = 10
"""Passages among which the evidence must stand for the ranking to have found it."""


class Asked(Protocol):
    """What ``run_facts`` needs of a ``Library``."""

    @property
    def versions(self) -> dict[str, str]: ...
    def ask(self, question: Question) -> Answer: ...
    def document(self, document_id: int) -> Document: ...
    def source(self, sha256: str) -> Source: ...


@runtime_checkable
class Searched(Protocol):
    """What a library needs besides, for its misses to be blamed on a stage."""

    def search(self, question: Question) -> Sequence[Hit]: ...
    def documents(self, after: int = 0, limit: int = 100) -> Sequence[Document]: ...


@contextmanager
def library_of(corpus: Path | None = None, **overrides: Any) -> Iterator[Library]:
    """A ``Library`` in a temporary home that is gone afterwards: never the user's own store.

    Other settings (``CHUCHU_*``, ``chuchu.toml``) hold, ``overrides`` above them.

    Raises:
        InvalidValue: the corpus is not there, or nothing in it can be read.
    """
    if corpus is not None and not corpus.exists():
        raise InvalidValue("corpus", str(corpus), "a file or folder that exists")
    with (
        tempfile.TemporaryDirectory(prefix="chuchu-eval-") as home,
        Library.open(
            load_settings(**{**overrides, "home": Path(home)}), deep="at once"
        ) as library,
    ):
        if corpus is not None:
            _ingest(library, corpus)
        yield library


def run_facts(
    library: Asked,
    facts: Iterable[Fact],
    *,
    dataset: str,
    tell: Callable[[Case], None] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Results:
    """Ask every fact of the library and judge each answer.

    An answer withheld for a broken citation counts as one; any other failure of a question is a wrong
    answer with its reason, whatever was expected.

    Args:
        tell: called with each case as it is done.
        provenance: what the library was made with, for ``results.json``.
    """
    cases = []
    for fact in facts:
        case = _case(library, fact)
        cases.append(case)
        if tell:
            tell(case)
    return Results.of("facts", dataset, library.versions, cases, provenance)


def _ingest(library: Library, corpus: Path) -> None:
    files = list(sources.walk([corpus]))
    done = [
        each for file in track(files, "indexing") for each in library.ingest([file])
    ]
    failed = [each for each in done if isinstance(each, Failed)]
    if len(failed) == len(done):
        why = "; ".join(f"{each.name}: {each.why}" for each in failed) or "it is empty"
        raise InvalidValue(
            "corpus", str(corpus), f"at least one document that can be read ({why})"
        )


def _case(library: Asked, fact: Fact) -> Case:
    case: Case = {
        "id": fact.id,
        "kind": fact.kind,
        "lang": fact.lang,
        "question": fact.question,
        "history": list(fact.history),
        "expected": list(fact.answers),
        "evidence": list(fact.evidence),
    }
    began = time.perf_counter()
    try:
        answer = library.ask(question_of(fact))
        unmoved = _unmoved(library, fact, answer)
    except ChuchuError as error:
        return case | {"latency_ms": _since(began)} | _failed(fact, error)
    case["latency_ms"] = answer.timings_ms.get("total", _since(began))
    case["timings_ms"] = dict(answer.timings_ms)
    judged = judge(fact, answer, library.document, library.source)
    case |= _answered(fact, answer, judged) | _weighed(fact, answer, judged)
    case["scores"] |= unmoved
    if not judged.right and isinstance(library, Searched):
        searched: Searched = library
        case["blame"] = blame(
            fact,
            answer,
            lambda: searched.search(
                Question(answer.asked.text or fact.question, top_k=FOUND)
            ),
            lambda: _every(searched),
        )
    return case


def question_of(fact: Fact) -> Question:
    """The fact as it is asked, after the questions before it."""
    return Question(fact.question, history=fact.history)


def _unmoved(library: Asked, fact: Fact, answer: Answer) -> dict[str, float]:
    """Whether a question that stands alone gets the same answer with its history as without."""
    if not fact.history or not fact.answerable or fact.kind == "followup":
        return {}
    alone = library.ask(Question(fact.question))
    return {"unmoved_by_history": float(_said(answer) == _said(alone))}


def _said(answer: Answer) -> tuple[object, ...]:
    return answer.status, answer.short_answer, [each.quote for each in answer.citations]


def _every(library: Searched) -> Iterator[Document]:
    after = 0
    while page := library.documents(after):
        yield from page
        after = page[-1].id


def _weighed(fact: Fact, answer: Answer, judged: Judgement) -> Case:
    """``confidence`` and ``loss`` for the risk-coverage curve: what answering costs, whether it did or not.

    Had a refusal been forced to answer, it would have said the likeliest candidate. To a question that the
    documents do not answer, any answer is a loss. An answer without a trace is left out of the curve.
    """
    trace = answer.trace
    if not judged.refused and not trace.candidates:
        return {}
    if judged.refused:
        best = trace.candidates[:1]
        right = fact.answerable and any(
            holds(each.text, wanted) for each in best for wanted in fact.answers
        )
    else:
        right = judged.right
    return {
        "confidence": trace.confidence,
        "loss": float(not right),
        "answered": not judged.refused,
    }


def _since(began: float) -> float:
    return round(1000 * (time.perf_counter() - began), 3)


def _failed(fact: Fact, error: ChuchuError) -> Case:
    broken = isinstance(error, BrokenCitation)
    scores = dict.fromkeys(_of_answer(fact), 0.0)
    counts = {"broken_citations": [1, 1]} if broken else {}
    if fact.answerable:
        counts["citation_recall"] = [0, 1]
    return {
        "status": "failed",
        "short_answer": None,
        "claims": [],
        "citations": [],
        "right": False,
        "why_not": f"{type(error).__name__}: {error}",
        "blame": "failed",
        "confidence": None,
        "loss": 1.0,
        "answered": False,
        "scores": scores,
        "counts": counts,
    }


def _of_answer(fact: Fact) -> list[str]:
    if not fact.answerable:
        return ["refused_right"]
    short = (
        ["short_answer_right", "short_answer_wrong", "exact_match", "f1"]
        if fact.kind == "fact"
        else []
    )
    cited = ["right_and_cited", "citation_right"] if fact.evidence else []
    disagreement = "disagreement_found" if fact.conflicting else "disagreement_false"
    resolved = ["followup_right"] if fact.kind == "followup" else []
    return ["answer_right", "refused_wrong", disagreement, *cited, *short, *resolved]


def _answered(fact: Fact, answer: Answer, judged: Judgement) -> Case:
    said = any(holds(answer.short_answer or "", each) for each in fact.answers)
    short_wrong = bool(answer.short_answer) and not said and not judged.refused
    short = "" if judged.refused else answer.short_answer or ""
    conflicting = answer.status == "conflicting"
    values = {
        "answer_right": judged.right,
        "followup_right": judged.right,
        "right_and_cited": judged.right and judged.in_evidence,
        "citation_right": judged.in_evidence and not judged.refused,
        "refused_wrong": judged.refused,
        "refused_right": judged.refused,
        "short_answer_right": said and not judged.refused,
        "short_answer_wrong": short_wrong,
        "exact_match": max(
            (cmrc_exact_match(short, [each]) for each in fact.answers), default=0.0
        ),
        "f1": max((cmrc_f1(short, [each]) for each in fact.answers), default=0.0),
        "disagreement_found": conflicting and len(answer.claims) > 1,
        "disagreement_false": conflicting,
    }
    return {
        "status": answer.status,
        "short_answer": answer.short_answer,
        "asked": answer.asked.text,
        "answer": answer.answer,
        "claims": [
            {
                "text": claim.text,
                "citations": list(claim.citations),
                "supported": supported,
            }
            for claim, supported in zip(answer.claims, judged.supported, strict=True)
        ],
        "citations": [_citation(each) for each in judged.citations],
        "right": judged.right,
        "why_not": judged.why_not or _blemish(fact, judged, short_wrong),
        "scores": {name: float(values[name]) for name in _of_answer(fact)}
        | _retrieved(fact, answer),
        "counts": _counts(fact, answer, judged),
    }


def _retrieved(fact: Fact, answer: Answer) -> dict[str, float]:
    """How well the passages that the reader was given were ranked, by what they hold of the evidence.

    The convention is that of the rankings (MRR@10, recall@10), with each evidence as what is to be found.
    ``dense_mrr@10`` and ``bm25_mrr@10`` order the same passages by one search's score alone: in the fused
    order a search that has gone wrong can hide behind the other.
    """
    if not fact.answerable or not fact.evidence or not answer.trace.read:
        return {}
    held = {
        hit.passage.id: [
            overlaps(hit.passage.text, (evidence,)) for evidence in fact.evidence
        ]
        for hit in answer.trace.read
    }
    first = [held[hit.passage.id] for hit in answer.trace.read[:RANKED]]
    scores = {
        "retrieved_mrr@10": _reciprocal_rank(first),
        "retrieved_recall@10": sum(map(any, zip(*first, strict=True)))
        / len(fact.evidence),
    }
    for search in ("dense", "bm25"):
        if any(search in hit.scores for hit in answer.trace.read):
            ordered = sorted(
                answer.trace.read, key=lambda hit: -hit.scores.get(search, -math.inf)
            )
            scores[f"{search}_mrr@10"] = _reciprocal_rank(
                [held[hit.passage.id] for hit in ordered[:RANKED]]
            )
    return scores


def _reciprocal_rank(found: Sequence[Sequence[bool]]) -> float:
    return next((1 / rank for rank, held in enumerate(found, 1) if any(held)), 0.0)


def _counts(fact: Fact, answer: Answer, judged: Judgement) -> dict[str, list[int]]:
    """``[part, whole]`` of what is counted in citations and claims; what has no whole is left out."""
    counts = {
        "citation_precision": [judged.good_pairs, judged.pairs],
        "citation_recall": [sum(judged.supported), len(answer.claims)],
        "broken_citations": [judged.broken, len(answer.citations) + judged.dangling],
    }
    if fact.answerable and not answer.claims:
        counts["citation_recall"] = [0, 1]
    return {name: count for name, count in counts.items() if count[1]}


def _blemish(fact: Fact, judged: Judgement, short_wrong: bool) -> str | None:
    """What is amiss with an answer that counts as right."""
    if fact.kind == "fact" and short_wrong:
        return "right in a claim, but its short answer is wrong"
    if fact.answerable and fact.evidence and not judged.in_evidence:
        return "right, but no citation overlaps the evidence"
    return None


def _citation(judged: JudgedCitation) -> Case:
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
