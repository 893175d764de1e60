"""Retrieval on a folder in the BEIR layout (Thakur et al. 2021), through ``Library.search``.

``corpus.jsonl`` and ``queries.jsonl`` hold ``{"_id", "title"?, "text"}`` lines; ``qrels/test.tsv`` holds
``query-id  corpus-id  score`` after a header line.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from eval.corpora import Places, Takes, Text, ingest_texts
from eval.metrics import ndcg, recall, reciprocal_rank
from eval.progress import track
from eval.results import Case, Results
from rag.errors import InvalidValue
from rag.pipeline import Question
from rag.records import Hit

DEPTH = 10
PASSAGES = 50
"""Passages asked for: a document counts where its best passage stands (MaxP, Dai and Callan 2019)."""


class Searches(Takes, Protocol):
    """What ``run_retrieval`` needs of a ``Library``."""

    versions: dict[str, str]

    def search(self, question: Question) -> Sequence[Hit]: ...


@dataclass(frozen=True, slots=True)
class Beir:
    """A corpus, the text of each query, and its judgements above 0; queries without one are ``unjudged``."""

    name: str
    corpus: tuple[Text, ...]
    queries: dict[str, str]
    qrels: dict[str, dict[str, float]]
    unjudged: int


def read_beir(folder: Path) -> Beir:
    """Read a BEIR folder.

    Raises:
        InvalidValue: a file is missing or a line of it is not of the layout, named with its line.
    """
    corpus = tuple(
        Text(row["_id"], row.get("title") or "", row["text"]) for row in _rows(folder / "corpus.jsonl")
    )
    queries = {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
    qrels = _qrels(folder / "qrels" / "test.tsv", set(queries), {text.id for text in corpus})
    judged = {query: text for query, text in queries.items() if query in qrels}
    return Beir(folder.name, corpus, judged, qrels, len(queries) - len(judged))


def run_retrieval(library: Searches, beir: Beir) -> Results:
    """Take the corpus in and search each judged query; its scores are over documents, not passages."""
    places, _ = ingest_texts(library, beir.name, beir.corpus)
    asked = track(list(beir.queries), "searching")
    cases = [_case(library, places, query, beir) for query in asked]
    return Results.of("retrieval", beir.name, library.versions, cases)


def _case(library: Searches, places: Places, query: str, beir: Beir) -> Case:
    began = time.perf_counter()
    hits = library.search(Question(beir.queries[query], top_k=PASSAGES))
    spent = 1000 * (time.perf_counter() - began)
    gains = beir.qrels[query]
    ranked = list(dict.fromkeys(_id(places, hit, gains) for hit in hits))[:DEPTH]
    return {
        "id": query,
        "question": beir.queries[query],
        "expected": sorted(gains),
        "ranked": ranked,
        "right": bool(set(ranked) & set(gains)),
        "why_not": None if set(ranked) & set(gains) else f"none of the first {DEPTH} is relevant",
        "latency_ms": round(spent, 3),
        "scores": {
            "mrr@10": reciprocal_rank(ranked, gains, DEPTH),
            "recall@10": recall(ranked, gains, DEPTH),
            "ndcg@10": ndcg(ranked, gains, DEPTH),
        },
    }


def _id(places: Places, hit: Hit, gains: dict[str, float]) -> str:
    """The corpus id of a hit; where exact copies were folded into one, the relevant one of them."""
    own = places.of(hit.document) or f"document {hit.document.id}"
    if own in gains:
        return own
    return next((each for each in places.copies(hit.document) if each in gains), own)


def _rows(path: Path) -> list[dict[str, str]]:
    rows = []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        where = f"{path.name} line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidValue(where, line, f"JSON ({error.msg})") from None
        for key in ("_id", "text"):
            if not isinstance(row, dict) or not isinstance(row.get(key), str):
                raise InvalidValue(f"{where}: {key}", row, "a text")
        rows.append(row)
    return rows


def _qrels(path: Path, queries: set[str], corpus: set[str]) -> dict[str, dict[str, float]]:
    qrels: dict[str, dict[str, float]] = {}
    lines = csv.reader(_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE)
    for number, row in enumerate(lines, 1):
        if number == 1 or not row:
            continue
        where = f"{path.name} line {number}"
        try:
            query, text, score = row[0], row[1], float(row[2])
        except (ValueError, IndexError):
            raise InvalidValue(where, row, "query-id, corpus-id, score, parted by tabs") from None
        if query not in queries or text not in corpus:
            raise InvalidValue(where, row, "ids that queries.jsonl and corpus.jsonl have")
        if score > 0:
            qrels.setdefault(query, {})[text] = score
    if not qrels:
        raise InvalidValue(str(path), "", "at least one judgement above 0")
    return qrels


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue("DIR", str(path), f"a file of the BEIR layout ({error})") from None
