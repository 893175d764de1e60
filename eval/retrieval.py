"""Retrieval on a folder in the BEIR layout, through ``Library.search``."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from eval.beir import Beir
from eval.catalogue import Case
from eval.corpora import IngestingLibrary, Places, ingest_texts
from eval.metrics import rank_scores
from eval.progress import track
from eval.recorded import Recorded
from eval.results import Results
from rag.library import Question
from rag.records import Hit

DEPTH = 10
PASSAGES = 50
"""Passages asked for: a document counts where its best passage stands (MaxP, Dai and Callan 2019)."""


class SearchingLibrary(IngestingLibrary, Protocol):
    """What ``run_retrieval`` needs of a ``Library``."""

    @property
    def versions(self) -> dict[str, str]: ...
    def search(self, question: Question) -> Sequence[Hit]: ...


def run_retrieval(
    library: SearchingLibrary,
    beir: Beir,
    *,
    provenance: Mapping[str, Any] | None = None,
) -> Results:
    """Take the corpus in and search each judged query; its scores are over documents, not passages."""
    places, _ = ingest_texts(library, beir.name, beir.corpus)
    cases = []
    for query in track(list(beir.queries), "searching"):
        cases.append(_case(library, places, query, beir))
    scores = rank_scores({case["id"]: case["ranked"] for case in cases}, beir.qrels)
    for case in cases:
        case["scores"] = scores[case["id"]]
    return Results.of("retrieval", beir.name, library.versions, cases, provenance)


def _case(library: SearchingLibrary, places: Places, query: str, beir: Beir) -> Case:
    hits, spent = _timed(library, Question(beir.queries[query], top_k=PASSAGES))
    gains = beir.qrels[query]
    # passages 1, 2 and 3 of documents a, a and b: a is first, b second
    documents = dict.fromkeys(_id(places, hit, gains) for hit in hits)
    ranked = list(documents)[:DEPTH]
    found = not gains.keys().isdisjoint(ranked)
    return {
        "id": query,
        "question": beir.queries[query],
        "expected": sorted(gains),
        "ranked": ranked,
        "right": found,
        "why_not": None if found else f"none of the first {DEPTH} is relevant",
        "latency_ms": round(spent, 3),
    }


def _timed(
    library: SearchingLibrary, question: Question
) -> tuple[Sequence[Hit], float]:
    """The hits, and the milliseconds that it took, or had taken, to find them."""
    # what it took when it was searched for, not what reading the cache takes
    if isinstance(library, Recorded):
        return library.timed_search(question)
    began = time.perf_counter()
    hits = library.search(question)
    return hits, 1000 * (time.perf_counter() - began)


def _id(places: Places, hit: Hit, gains: Mapping[str, int]) -> str:
    """The corpus id of a hit; where exact copies were folded into one, the relevant one of them."""
    own = places.of(hit.document) or f"document {hit.document.id}"
    for each in (own, *places.copies(hit.document)):
        if each in gains:
            return each
    return own
