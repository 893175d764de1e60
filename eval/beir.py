"""Builds retrieval test sets in the BEIR layout from the data folder.

    python -m eval.beir DATA OUT [--news 50000] [--set cmrc|parallel]

``cmrc``: the questions of CMRC 2018 dev over its passages, mixed into so many news passages.
``parallel``: English sentences, whose Chinese translation lies in one of the passages made of
consecutive held-out translations, mixed into the same news. ``OUT`` gets ``corpus.jsonl``,
``queries.jsonl`` and ``qrels/test.tsv`` (Thakur et al. 2021, "BEIR").
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

from models.training.data import held_out, news, split_passages
from models.training.testset import TestSet, read, write

__all__ = ["SETS", "TestSet", "cmrc", "parallel", "read", "write"]

SEED = 20231
LEAST_CHARACTERS = 40
"""A shorter news passage is the tail of an article cut off by the corpus: it answers nothing."""
LEAST_QUERY_CHARACTERS = 30


def cmrc(data: Path, news_passages: int) -> TestSet:
    """CMRC 2018 dev: each question is answered by the passage it was written for.

    Args:
        data: the data folder.
        news_passages: how many news passages to mix in, drawn at random; 0 for none, -1 for all.
    """
    test = TestSet()
    squad = json.loads((data / "dev" / "cmrc2018_dev.json").read_text(encoding="utf-8"))
    for article in squad["data"]:
        for paragraph in article["paragraphs"]:
            passage = f"cmrc:{len(test.corpus)}"
            test.corpus[passage] = paragraph["context"]
            for question in paragraph["qas"]:
                test.queries[question["id"]] = question["question"]
                test.relevant[question["id"]] = {passage: 1}
    test.corpus |= news_sample(data, news_passages)
    return test


def parallel(data: Path, news_passages: int) -> TestSet:
    """English sentences over passages of three consecutive held-out Chinese sentences."""
    test = TestSet()
    for number, block in enumerate(held_out(data)):
        for start in range(0, len(block), 3):
            rows = block[start : start + 3]
            passage = f"parallel:{number}-{start}"
            test.corpus[passage] = "".join(row.passage.strip() for row in rows)
            for index, row in enumerate(rows):
                if len(row.query) >= LEAST_QUERY_CHARACTERS:
                    test.queries[f"{passage}-{index}"] = row.query
                    test.relevant[f"{passage}-{index}"] = {passage: 1}
    test.corpus |= news_sample(data, news_passages)
    return test


SETS = {"cmrc": cmrc, "parallel": parallel}


def news_sample(data: Path, count: int) -> dict[str, str]:
    """``count`` news passages drawn at random, the same ones each time; all of them for -1."""
    passages = list(_news_passages(data))
    if 0 <= count < len(passages):
        passages = random.Random(SEED).sample(passages, count)  # noqa: S311 - a sample, not a secret
    return {f"news:{number}": passage for number, passage in enumerate(passages)}


def _news_passages(data: Path) -> Iterator[str]:
    for text in news(data):
        for passage in split_passages(text):
            if len(passage) >= LEAST_CHARACTERS:
                yield passage


def main() -> None:
    """Build one test set."""
    parser = argparse.ArgumentParser(description="Build a retrieval test set in the BEIR layout.")
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--set", choices=sorted(SETS), default="cmrc")
    parser.add_argument("--news", type=int, default=50_000, help="news passages mixed in; -1 for all")
    arguments = parser.parse_args()
    test = SETS[arguments.set](arguments.data, arguments.news)
    write(test, arguments.out)
    print(f"{arguments.out}: {len(test.corpus):,} passages, {len(test.queries):,} queries")  # noqa: T201


if __name__ == "__main__":
    main()
