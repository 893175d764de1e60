"""A retrieval test set in the BEIR layout (Thakur et al. 2021): read and write."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
    with (out / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for key, text in test.corpus.items():
            file.write(_json_line({"_id": key, "title": "", "text": text}))
    with (out / "queries.jsonl").open("w", encoding="utf-8") as file:
        for key, text in test.queries.items():
            file.write(_json_line({"_id": key, "text": text}))
    with (out / "qrels" / "test.tsv").open("w", encoding="utf-8") as file:
        file.write("query-id\tcorpus-id\tscore\n")
        for query, passages in test.relevant.items():
            for passage, grade in passages.items():
                file.write(f"{query}\t{passage}\t{grade}\n")


def read(folder: Path) -> TestSet:
    """Read a BEIR folder; a passage's title stands before its text."""
    test = TestSet()
    for row in _read_lines(folder / "corpus.jsonl"):
        test.corpus[row["_id"]] = f"{row.get('title', '')}\n{row['text']}".strip()
    for row in _read_lines(folder / "queries.jsonl"):
        test.queries[row["_id"]] = row["text"]
    lines = (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines[1:]:  # the first names the columns
        query, passage, grade = line.split("\t")
        test.relevant.setdefault(query, {})[passage] = int(grade)
    return test


def _read_lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _json_line(row: dict[str, str]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"
