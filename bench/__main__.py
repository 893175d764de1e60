"""How fast, how much memory: ``make bench``, or ``python -m bench --data ../shared/data``.

Ingests the seeds, and where DATA has the news all of it, through the same library that serves; then, in
a fresh process for each, opens it and asks and searches. Prints a table and writes bench/out/library.json.
Figures depend on the machine and on what else it does: quote them with both.
"""

from __future__ import annotations

import argparse
import json
import lzma
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench.measuring import apart, machine, peak_mib
from rag import sources
from rag.library import Library, Question
from rag.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ARTICLES_A_SOURCE = 2000
QUESTIONS = 200


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument(
        "--articles", type=int, default=0, help="of the news; 0 for all"
    )
    parser.add_argument("--out", type=Path, default=Path("bench/out"))
    options = parser.parse_args()
    results: dict[str, Any] = {"machine": machine()}
    facts = (
        (ROOT / "eval" / "facts" / "seeds.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    asked = [json.loads(line)["question"] for line in facts][:QUESTIONS]
    with tempfile.TemporaryDirectory() as folder:
        results["seeds"] = measured(Path(folder), _seeds, asked)
    news = options.data / "text" / "news_zh.jsonl.xz"
    if news.is_file():
        with tempfile.TemporaryDirectory() as folder:
            results["news"] = measured(
                Path(folder),
                lambda: _news(news, options.articles),
                _reading_questions(options.data),
            )
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "library.json").write_text(
        json.dumps(results, indent=1) + "\n", encoding="utf-8"
    )
    print(table(results))


def measured(
    home: Path, given: Callable[[], Iterator[sources.Source]], asked: list[str]
) -> dict[str, float]:
    """Ingest in one process, open and ask in another, so that each one's peak memory is its own."""
    return apart(_ingest, home, given) | apart(_ask, home, asked)


def _ingest(
    home: Path, given: Callable[[], Iterator[sources.Source]]
) -> dict[str, float]:
    with Library.open(Settings(home=home), deep="later") as library:
        begin = time.perf_counter()
        for count, source in enumerate(given(), start=1):
            library.ingest_source(source)
            if count % 5 == 0:
                print(f"  {library.counts()['passages']:,} passages", flush=True)
        seconds = time.perf_counter() - begin
        passages = library.counts()["passages"]
        begin = time.perf_counter()
        library.finish_vectors(
            lambda done, total: print(
                f"  {done:,} of {total:,} deep vectors", flush=True
            )
        )
        deep_seconds = time.perf_counter() - begin
    return {
        "passages": passages,
        "ingest_passages_per_second": passages / seconds,
        "deep_passages_per_second": passages / deep_seconds,
        "ingest_peak_memory_mib": peak_mib(),
        "disk_mib": sum(
            file.stat().st_size for file in home.rglob("*") if file.is_file()
        )
        / 2**20,
    }


def _ask(home: Path, asked: list[str]) -> dict[str, float]:
    begin = time.perf_counter()
    with Library.open(Settings(home=home), deep="later") as library:
        result = {"open_seconds": time.perf_counter() - begin}
        alone = [Question(text) for text in asked]
        after = [Question(text, history=(before,)) for before, text in pairwise(asked)]
        for name, run, questions in (
            ("search", library.search, alone),
            ("ask", library.ask, alone),
            ("ask_after_another", library.ask, after),
        ):
            times = [_milliseconds(run, question) for question in questions]
            result[f"{name}_p50_ms"] = float(np.percentile(times, 50))
            result[f"{name}_p95_ms"] = float(np.percentile(times, 95))
    return result | {"peak_memory_mib": peak_mib()}


def _milliseconds(run: Callable[[Question], Any], question: Question) -> float:
    begin = time.perf_counter()
    run(question)
    return (time.perf_counter() - begin) * 1000


def _seeds() -> Iterator[sources.Source]:
    for path in sources.walk([ROOT / "seeds"]):
        yield sources.read_path(path)


def _news(path: Path, limit: int) -> Iterator[sources.Source]:
    with lzma.open(path, "rt", encoding="utf8") as file:
        lines = islice(file, limit or None)
        number = 0
        while some := list(islice(lines, ARTICLES_A_SOURCE)):
            number += 1
            yield sources.read_bytes("".join(some).encode(), f"news-{number}.jsonl")


def _reading_questions(data: Path) -> list[str]:
    with lzma.open(
        data / "reading" / "cmrc2018_train.jsonl.xz", "rt", encoding="utf8"
    ) as lines:
        return [
            json.loads(line)["question"]
            for line in islice(lines, 0, QUESTIONS * 50, 50)
        ]


def table(results: dict[str, Any]) -> str:
    names = [name for name in ("seeds", "news") if name in results]
    rows = [
        f"| {results['machine']} | {' | '.join(names)} |",
        "|---|" + "---|" * len(names),
    ]
    for key in results[names[0]]:
        rows.append(
            f"| {key} | "
            + " | ".join(f"{results[name][key]:,.1f}" for name in names)
            + " |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
