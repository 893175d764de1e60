"""Small retrieval test sets of many kinds, in the BEIR layout, to choose encoders by.

    python -m models.training.encoder_testsets DATA OUT [--queries 60]
    python -m models.training.evaluate models/weights/chuchu-encoder OUT/*

Of the documents under ``written``, which no encoder of ours was trained on: a passage as a library indexes
it, with title and headings in front, searched among all passages of all kinds. A set is a kind of document in
a language, or a question in the other one: ``law-zh``, ``cross-en-on-zh``.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

from models.training.data import rows
from models.training.testset import TestSet, write

KINDS = ("law", "product", "report", "english", "news", "handbook", "tables", "cross")
LEAST_QUERIES = 20
SEED = 1


def passage_text(title: str, context: str, text: str) -> str:
    """As both indexes hold it: what stands above a passage, then the passage."""
    # Some documents were written with their title in each context, some without.
    above = context if context.startswith(title) else f"{title} › {context}"
    return f"{above}\n{text}"


def set_name(kind: str, question: str, document: str) -> str:
    """Of a question and a document in these languages."""
    if question == document:
        return f"{kind}-{question}"
    return f"{kind}-{question}-on-{document}"


def test_sets(data: Path, queries: int) -> dict[str, TestSet]:
    """Every set by its name, at most so many questions each, over one corpus."""
    corpus: dict[str, str] = {}
    asked: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind in KINDS:
        for document in rows(data / "written" / f"{kind}.jsonl.xz"):
            key = document["id"]
            for number, passage in enumerate(document["passages"]):
                context = passage.get("context") or ""
                text = passage_text(document["title"], context, passage["text"])
                corpus[f"{key}:{number}"] = text
            for question in document["questions"]:
                if _is_answered(question):
                    name = set_name(kind, question["lang"], document["lang"])
                    right = f"{key}:{question['passage']}"
                    asked[name].append((question["q"], right))
    chance = random.Random(SEED)
    tests: dict[str, TestSet] = {}
    for name, questions in asked.items():
        # One question of ten would move a figure by .1: too coarse to choose by.
        if len(questions) >= LEAST_QUERIES:
            tests[name] = _drawn(corpus, questions, queries, chance)
    return tests


def _is_answered(question: dict[str, Any]) -> bool:
    has_passage = isinstance(question.get("passage"), int)
    return question.get("answer") is not None and has_passage


def _drawn(
    corpus: dict[str, str],
    questions: list[tuple[str, str]],
    queries: int,
    chance: random.Random,
) -> TestSet:
    test = TestSet(corpus)
    drawn = chance.sample(questions, min(queries, len(questions)))
    for number, (query, passage) in enumerate(drawn):
        test.queries[f"q{number}"] = query
        test.relevant[f"q{number}"] = {passage: 1}
    return test


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--queries", type=int, default=60)
    arguments = parser.parse_args()
    for name, test in test_sets(arguments.data, arguments.queries).items():
        write(test, arguments.out / name)
        print(f"{name}: {len(test.queries):,} queries, {len(test.corpus):,} passages")


if __name__ == "__main__":
    main()
