"""The BEIR layout (Thakur et al. 2021): reads any folder of it, and builds two from the data folder.

    python -m eval.beir DATA OUT [--news 50000] [--set cmrc|parallel]

``corpus.jsonl`` and ``queries.jsonl`` hold ``{"_id", "title"?, "text"}`` lines; ``qrels/test.tsv`` holds
``query-id  corpus-id  score`` after a header line. What is built:

``cmrc``: the questions of CMRC 2018 dev over its passages, mixed into so many news passages.
``parallel``: English sentences, whose Chinese translation lies in one of the passages made of
consecutive held-out translations, mixed into the same news.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.corpora import Text
from models.training.data import held_out, news, split_passages
from models.training.testset import TestSet, write
from rag.errors import InvalidValue

SEED = 20231
LEAST_CHARACTERS = 40
"""A shorter news passage is the tail of an article cut off by the corpus: it answers nothing."""
LEAST_QUERY_CHARACTERS = 30


@dataclass(frozen=True, slots=True)
class Beir:
    """A corpus, the text of each query, and its judgements above 0; queries without one are ``unjudged``."""

    name: str
    corpus: tuple[Text, ...]
    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]
    unjudged: int


def read_beir(folder: Path) -> Beir:
    """Read a BEIR folder.

    Raises:
        InvalidValue: a file is missing or a line of it is not of the layout, named with its line.
    """
    corpus = tuple(
        Text(row["_id"], row.get("title") or "", row["text"])
        for row in _rows(folder / "corpus.jsonl")
    )
    queries = {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
    qrels = _qrels(
        folder / "qrels" / "test.tsv", set(queries), {text.id for text in corpus}
    )
    judged = {query: text for query, text in queries.items() if query in qrels}
    return Beir(folder.name, corpus, judged, qrels, len(queries) - len(judged))


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


def _qrels(
    path: Path, queries: set[str], corpus: set[str]
) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    lines = csv.reader(_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE)
    for number, row in enumerate(lines, 1):
        # the header
        if number == 1 or not row:
            continue
        where = f"{path.name} line {number}"
        try:
            query, text, score = row[0], row[1], int(row[2])
        except (ValueError, IndexError):
            raise InvalidValue(
                where,
                row,
                "query-id, corpus-id and a whole number as score, parted by tabs",
            ) from None
        if query not in queries or text not in corpus:
            raise InvalidValue(
                where, row, "ids that queries.jsonl and corpus.jsonl have"
            )
        # 0 is a judgement, too: not relevant
        if score > 0:
            qrels.setdefault(query, {})[text] = score
    if not qrels:
        raise InvalidValue(str(path), "", "at least one judgement above 0")
    return qrels


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue(
            "DIR", str(path), f"a file of the BEIR layout ({error})"
        ) from None


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
    parser = argparse.ArgumentParser(
        description="Build a retrieval test set in the BEIR layout."
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--set", choices=sorted(SETS), default="cmrc")
    parser.add_argument(
        "--news", type=int, default=50_000, help="news passages mixed in; -1 for all"
    )
    arguments = parser.parse_args()
    test = SETS[arguments.set](arguments.data, arguments.news)
    write(test, arguments.out)
    print(  # noqa: T201
        f"{arguments.out}: {len(test.corpus):,} passages, {len(test.queries):,} queries"
    )


if __name__ == "__main__":
    main()
