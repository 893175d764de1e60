"""What an adapter makes, sets of facts, of retrieval (BEIR) or of reading (SQuAD-style); writing them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from eval.corpora import Text
from eval.facts import Fact
from rag.errors import InvalidValue

PART = "#"
"""``q7#1`` and ``q7#2`` are two parts of one answer; a benchmark that wants all counts both or none."""


@dataclass(frozen=True, slots=True)
class FactSet:
    """Facts and the documents they are asked of.

    ``within`` maps a fact's id to the ids of the documents that it alone is asked of, as benchmarks have
    it that give each question its own; where it is empty all are asked of all. ``lures`` maps a fact's id
    to a wrong answer that its documents give.
    """

    name: str
    facts: Sequence[Fact]
    documents: Sequence[Text]
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """``corpus`` may be read as it is written, once. ``relevant``: query id -> document ids."""

    name: str
    corpus: Iterable[Text]
    queries: Mapping[str, str]
    relevant: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ReadingSet:
    """``data`` is SQuAD-style JSON."""

    name: str
    data: Mapping[str, Any]
    questions: int


Set = FactSet | RetrievalSet | ReadingSet


@dataclass(frozen=True, slots=True)
class Written:
    """Where a set was written, how many questions it has, and the command that measures it."""

    path: Path
    questions: int
    command: str


def write(made: Set, out: Path) -> Written:
    """Write a set below ``out`` in a folder of its name."""
    folder = out / made.name
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(made, FactSet):
        return _write_facts(made, folder)
    if isinstance(made, RetrievalSet):
        return _write_retrieval(made, folder)
    path = folder / f"{made.name}.json"
    path.write_text(
        json.dumps(made.data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return Written(path, made.questions, f"chuchu eval reading {path}")


def _write_facts(made: FactSet, folder: Path) -> Written:
    """``<name>.jsonl``, ``corpus/documents.jsonl``, ``within.json`` where facts have their own documents."""
    path = folder / f"{made.name}.jsonl"
    _write_lines(path, map(_row_of, made.facts))
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    documents = ({"title": each.title, "text": each.text} for each in made.documents)
    _write_lines(corpus / "documents.jsonl", documents)
    if made.within:
        text = json.dumps(dict(made.within), indent=0) + "\n"
        (folder / "within.json").write_text(text, encoding="utf-8")
    return Written(path, len(made.facts), f"chuchu eval facts {path} --corpus {corpus}")


def _write_retrieval(made: RetrievalSet, folder: Path) -> Written:
    """The BEIR layout. Every relevant document must turn up in the corpus."""
    wanted = set(chain.from_iterable(made.relevant.values()))

    def corpus() -> Iterator[dict[str, str]]:
        for text in made.corpus:
            wanted.discard(text.id)
            yield {"_id": text.id, "title": text.title, "text": text.text}

    _write_lines(folder / "corpus.jsonl", corpus())
    if wanted:
        raise InvalidValue(
            f"{made.name}: relevant documents",
            sorted(wanted)[:3],
            "ids of documents in the corpus",
        )
    queries = ({"_id": id_, "text": text} for id_, text in made.queries.items())
    _write_lines(folder / "queries.jsonl", queries)
    qrels = "query-id\tcorpus-id\tscore\n"
    for query, relevant in made.relevant.items():
        for document in relevant:
            qrels += f"{query}\t{document}\t1\n"
    (folder / "qrels").mkdir(exist_ok=True)
    (folder / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    return Written(folder, len(made.queries), f"chuchu eval retrieval {folder}")


def _row_of(fact: Fact) -> dict[str, Any]:
    """The facts file's keys, in its order; those that no benchmark fills are left out."""
    row = asdict(fact)
    keys = ("id", "question", "answers", "lang", "kind", "evidence")
    return {key: row[key] for key in keys}


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
