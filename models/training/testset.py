"""A retrieval test set in the BEIR layout (Thakur et al. 2021): read and write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class TestSet:
    """Passages and queries by id, and for each query the ids of the passages that answer it."""

    __test__ = False  # not a test case, whatever pytest makes of the name

    corpus: dict[str, str] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)
    relevant: dict[str, dict[str, int]] = field(default_factory=dict)


def write(test: TestSet, out: Path) -> None:
    """Write ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/test.tsv`` under ``out``."""
    (out / "qrels").mkdir(parents=True, exist_ok=True)
    _write_lines(
        out / "corpus.jsonl",
        ({"_id": key, "title": "", "text": text} for key, text in test.corpus.items()),
    )
    _write_lines(
        out / "queries.jsonl",
        ({"_id": key, "text": text} for key, text in test.queries.items()),
    )
    with (out / "qrels" / "test.tsv").open("w", encoding="utf-8") as file:
        file.write("query-id\tcorpus-id\tscore\n")
        for query, passages in test.relevant.items():
            file.writelines(
                f"{query}\t{passage}\t{grade}\n" for passage, grade in passages.items()
            )


def read(folder: Path) -> TestSet:
    """Read a BEIR folder; a passage's title stands before its text."""
    test = TestSet()
    for row in _read_lines(folder / "corpus.jsonl"):
        test.corpus[row["_id"]] = f"{row.get('title', '')}\n{row['text']}".strip()
    test.queries = {
        row["_id"]: row["text"] for row in _read_lines(folder / "queries.jsonl")
    }
    lines = (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for line in lines:
        query, passage, grade = line.split("\t")
        test.relevant.setdefault(query, {})[passage] = int(grade)
    return test


def _read_lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _write_lines(path: Path, rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
