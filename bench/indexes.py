"""What the store and the indexes cost at 270,000 passages of news; which lexical index to use.

    python -m bench.indexes --data ../shared/data [--passages 270000] [--dimension 256]

Passages are whole sentences of up to 180 characters; the queries are 200 questions of CMRC 2018. Every step
runs in a process of its own, so that its peak memory is its own. Prints Markdown; figures: bench/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import lzma
import multiprocessing
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.lexical_candidates import CANDIDATES, Candidate
from rag.indexes.dense import DenseIndex
from rag.indexes.terms import terms
from rag.passages import split
from rag.records import Document, Part, Passage, Source
from rag.store.store import Store

K: Final = 50
_QUERIES: Final = 200
_ARTICLES_A_SOURCE: Final = 200

Figures = dict[str, Any]
Articles = list[tuple[Document, list[Passage]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="the folder that holds text/ and reading/",
    )
    parser.add_argument("--passages", type=int, default=270_000)
    parser.add_argument("--dimension", type=int, default=256)
    parser.add_argument(
        "--only", nargs="*", choices=[*CANDIDATES], default=[*CANDIDATES]
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chuchu-bench-") as folder:
        home = Path(folder) / "home"
        _table(
            "Store",
            [_apart(ingest, home, options.data, options.passages, options.dimension)],
        )
        _table("Store, reading", [_apart(read, home)])
        _table("Dense", [_apart(dense, home, build) for build in (True, False)])
        rows, ranks = [], {}
        for name in options.only:
            where = Path(folder) / name
            built = _apart(build_lexical, name, home, where, peak="build: peak MB")
            served = _apart(
                serve_lexical, name, home, where, options.data, peak="serve: peak MB"
            )
            ranks[name] = served.pop("ranks")
            rows.append(built | served)
        for row in rows:
            row["same top 10 as chuchu"] = _agreement(
                ranks[row["index"]], ranks.get("chuchu", [])
            )
        _table("Lexical", rows)


def ingest(home: Path, data: Path, passages: int, dimension: int) -> Figures:
    """Fill a store: articles of news in sources of 200, with random unit vectors."""
    random = np.random.default_rng(0)
    spent, done = 0.0, 0
    with Store.open(home) as store:
        generation = store.generation("random", dimension)
        for number, articles in enumerate(
            _batches(_articles(data, passages), _ARTICLES_A_SOURCE)
        ):
            count = sum(len(mine) for _, mine in articles)
            vectors = random.standard_normal((count, dimension), np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            source = _source(number, articles)
            begin = time.perf_counter()
            store.add(source, articles, vectors, generation)
            spent, done = spent + time.perf_counter() - begin, done + count
        store.finish_generation(generation)
    size = (home / "chuchu.db").stat().st_size
    return {
        "passages": done,
        "added a second": int(done / spent),
        "MB on disk": _mb(size),
    }


def read(home: Path) -> Figures:
    """Open hits: 50 passages with their documents, and the source's text of a citation."""
    random = np.random.default_rng(1)
    begin = time.perf_counter()
    with Store.open(home) as store:
        opened = time.perf_counter() - begin
        ids = store.passage_ids()
        begin = time.perf_counter()
        store.passage_ids(since="2023-01-01", until="2023-12-31")
        filtered = time.perf_counter() - begin
        picks = [random.choice(ids, K, replace=False) for _ in range(100)]
        passages = _times(store.passages, picks)
        some = [
            next(iter(store.passages(pick[:1]).values())).document_id for pick in picks
        ]
        documents = _times(store.document, some)
        sources = [
            (store.document(id_).source_sha256, store.document(id_).map[0][2])
            for id_ in some
        ]
        spans = _times(
            lambda at: store.source_text(at[0], [(at[1], at[1] + 60)]), sources
        )
        whole = _times(lambda at: store.source(at[0], with_data=False), sources)
        last = [int(id_) for id_ in np.unique(some)[-20:]]
        deleted = _times(store.delete_document, last, warm=0)
    return {
        "open ms": _ms(opened),
        f"{K} passages p50/p95 ms": passages,
        "document p50/p95 ms": documents,
        "citation's source text p50/p95 ms": spans,
        "whole source p50/p95 ms": whole,
        "passage ids by date ms": _ms(filtered),
        "delete a document p50/p95 ms": deleted,
    }


def dense(home: Path, build: bool) -> Figures:
    """Build the FAISS index from the store, or open its snapshot; then search."""
    random = np.random.default_rng(2)
    with Store.open(home) as store:
        (generation,) = store.generations()
        begin = time.perf_counter()
        index = DenseIndex(store, home / "indexes", generation.id)
        opened = time.perf_counter() - begin
        vectors = random.standard_normal((_QUERIES, generation.dimension), np.float32)
        ids = store.passage_ids()
        tenth, half = ids[: len(ids) // 10], ids[::2]
        return {
            "step": "build and save" if build else "open",
            "s": round(opened, 2),
            "search p50/p95 ms": _times(
                lambda vector: index.search(vector, K), vectors
            ),
            "among 10% p50/p95 ms": _times(
                lambda vector: index.search(vector, K, tenth), vectors
            ),
            "among 50% p50/p95 ms": _times(
                lambda vector: index.search(vector, K, half), vectors
            ),
            "MB on disk": _mb(_size(home / "indexes")),
        }


def build_lexical(name: str, home: Path, folder: Path) -> Figures:
    """Build one lexical index from the texts of the store; analysing them is counted apart."""
    analysing = 0.0

    def analyse(text: str) -> list[str]:
        nonlocal analysing
        begin = time.thread_time()
        found = terms(text)
        analysing += time.thread_time() - begin
        return found

    with Store.open(home) as store:
        begin = time.process_time()
        CANDIDATES[name](store, folder, analyse).close()
        spent = time.process_time() - begin
    return {
        "index": name,
        "analyse, CPU s": round(analysing, 1),
        "build, CPU s": round(spent - analysing, 1),
        "MB on disk": _mb(_size(folder)),
    }


def serve_lexical(name: str, home: Path, folder: Path, data: Path) -> Figures:
    """Open one lexical index; search; take in one passage and lose one."""
    queries = [terms(question) for question in _questions(data)]
    with Store.open(home) as store:
        begin = time.perf_counter()
        index: Candidate = CANDIDATES[name](store, folder, terms)
        opened = time.perf_counter() - begin
        ids = store.passage_ids()
        tenth = ids[: len(ids) // 10]
        searched = _times(lambda query: index.search(query, K, None), queries)
        filtered = _times(lambda query: index.search(query, K, tenth), queries)
        ranks = [index.search(query, 10, None) for query in queries]
        figures = {
            "open s": round(opened, 2),
            "search p50/p95 ms": searched,
            "among 10% p50/p95 ms": filtered,
            "ranks": ranks,
        }
        begin = time.perf_counter()
        new = index.add("这是出处 qzxjvkw 新增的一段话。")
        figures["add one ms"] = _ms(time.perf_counter() - begin)
        assert index.search(["qzxjvkw"], 2, None) == [new]
        old, only_there = _unique(store, index)
        begin = time.perf_counter()
        index.delete(old)
        figures["delete one ms"] = _ms(time.perf_counter() - begin)
        assert index.search([only_there], 2, None) == []
        figures["deleted term left on disk"] = index.remembers(only_there)
        begin = time.perf_counter()
        index.close()
        figures["save s"] = round(time.perf_counter() - begin, 2)
    return figures


def _unique(store: Store, index: Candidate) -> tuple[int, str]:
    """A passage from the midst of the store, and a term that stands in no other."""
    ids = store.passage_ids()
    for passage in store.passages(ids[len(ids) // 2 :][:1000]).values():
        for term in terms(passage.text):
            if index.search([term], 2, None) == [passage.id]:
                return passage.id, term
    raise LookupError("no passage has a term of its own")


def _articles(data: Path, passages: int) -> Iterator[tuple[Document, list[Passage]]]:
    left = passages
    with lzma.open(data / "text" / "news_zh.jsonl.xz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            text = row["text"]
            tiles = ((0, len(text), 0),)
            document = Document(
                0, text[:20], text, "", "", tiles, published=_date(row["published"])
            )
            mine = split(document, max_chars=180)[:left]
            left -= len(mine)
            yield document, mine
            if not left:
                return


def _date(text: str | None) -> str | None:
    """``2023年7月1日`` or ``2023-07-01 10:20`` -> ``2023-07-01``."""
    numbers = re.findall(r"\d+", text or "")
    return (
        "-".join(number.zfill(2) for number in numbers[:3])
        if len(numbers) >= 3
        else None
    )


def _source(number: int, articles: Articles) -> Source:
    """One source that holds these articles, one after the other; their maps are set to it."""
    at, texts = 0, []
    for place, (document, mine) in enumerate(articles):
        articles[place] = (_moved(document, at), mine)
        texts.append(document.text)
        at += len(document.text) + 1
    text = "\n".join(texts)
    data = text.encode()
    part = (Part(0, len(text)),)
    return Source(
        f"{number}.txt",
        hashlib.sha256(data).hexdigest(),
        data,
        text,
        "text/plain",
        "utf-8",
        part,
    )


def _moved(document: Document, at: int) -> Document:
    tiles = ((0, len(document.text), at),)
    return Document(
        0, document.title, document.text, "", "", tiles, published=document.published
    )


def _questions(data: Path) -> list[str]:
    with lzma.open(
        data / "reading" / "cmrc2018_train.jsonl.xz", "rt", encoding="utf-8"
    ) as lines:
        return [
            json.loads(line)["question"]
            for line in itertools.islice(lines, 0, _QUERIES * 50, 50)
        ]


def _batches(
    items: Iterator[tuple[Document, list[Passage]]], size: int
) -> Iterator[Articles]:
    while batch := list(itertools.islice(items, size)):
        yield batch


def _agreement(ranks: list[list[int]], wanted: list[list[int]]) -> str:
    """The mean share of the ten that are the same, and the share of questions whose order is the same."""
    if not wanted:
        return "-"
    share = np.mean(
        [len({*a} & {*b}) / max(len(b), 1) for a, b in zip(ranks, wanted, strict=True)]
    )
    same = np.mean([a == b for a, b in zip(ranks, wanted, strict=True)])
    return f"{share:.1%}, same order {same:.0%}"


def _times(call: Callable[[Any], object], arguments: Any, warm: int = 5) -> str:
    """Median and 95th percentile of single calls, the first ``warm`` made twice and timed once."""
    spent = []
    for argument in [*arguments[:warm], *arguments]:
        begin = time.perf_counter()
        call(argument)
        spent.append(time.perf_counter() - begin)
    p50, p95 = np.percentile(np.array(spent[warm:]) * 1000, [50, 95])
    return f"{p50:.2f} / {p95:.2f}"


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _mb(size: int) -> int:
    return round(size / 1e6)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _apart(
    step: Callable[..., Figures], *arguments: object, peak: str = "peak MB"
) -> Figures:
    """Run a step in a fresh process; add its peak memory."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        figures = pool.submit(step, *arguments)
        return figures.result() | {peak: pool.submit(_peak).result()}


def _peak() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return _mb(1024 * int(status.split("VmHWM:")[1].split()[0]))


def _table(title: str, rows: list[Figures]) -> None:
    """Print one column for each row, so that tables stay narrow."""
    lines = [f"### {title}", ""]
    for number, name in enumerate(rows[0]):
        lines.append(f"| {name} | " + " | ".join(str(row[name]) for row in rows) + " |")
        if number == 0:
            lines.append("|---|" + "---|" * len(rows))
    sys.stdout.write("\n".join([*lines, "", ""]))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
