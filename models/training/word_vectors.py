"""Word vectors and word frequencies for the selector: positive PMI, factorised.

    python -m models.training.word_vectors --data ../shared/data --out models/weights/chuchu-selector

Rows are the words of the news; columns are the words beside them (within five, nearer ones count
more) and the English words that CC-CEDICT explains them with. Shifted positive PMI with context
smoothing, then a truncated SVD (Levy, Goldberg and Dagan, Improving Distributional Similarity with
Lessons Learned from Word Embeddings, TACL 2015). Kept as int8 with one scale a word.
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import rjieba
import scipy.sparse as sp
from safetensors.numpy import save_file
from sklearn.utils.extmath import randomized_svd

from models.language.words import HAN_RUN, WORD, fold, stem

WINDOW = 5
DIMENSIONS = 96
LEAST_COUNT = 12
MOST_WORDS = 60_000
SMOOTHING = 0.75
GLOSS_WEIGHT = 30.0
_GLOSS_NOISE = re.compile(
    r"\(.*?\)|\[.*?\]|CL:.*|(?:variant|abbr|surname|see also|see|old|also) .*"
)
_TOKEN = re.compile(r"[\u4e00-\u9fff]+|\d+|[a-z]+|[。！？；]")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument(
        "--out", type=Path, default=Path("models/weights/chuchu-selector")
    )
    parser.add_argument(
        "--least-count",
        type=int,
        default=LEAST_COUNT,
        help="of a word that gets a vector",
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    articles = [tokens(text) for text in news(options.data)]
    counts = Counter(word for article in articles for word in article)
    documents = Counter(word for article in articles for word in set(article))
    vocabulary = [
        word
        for word, n in counts.most_common(MOST_WORDS)
        if word and n >= options.least_count
    ]
    print(
        f"{len(articles):,} articles, {counts.total():,} words, {len(vocabulary):,} kept",
        flush=True,
    )

    index = {word: i for i, word in enumerate(vocabulary)}
    pairs = sp.hstack(
        [cooccurrence(articles, index), glosses(options.data, index)]
    ).tocsr()
    print(f"co-occurrence {pairs.shape}, {pairs.nnz:,} cells", flush=True)
    left, singular, _ = randomized_svd(
        ppmi(pairs), min(DIMENSIONS, min(pairs.shape) - 1), n_iter=3, random_state=0
    )
    vectors = normalise((left * np.sqrt(singular)).astype(np.float32))
    scale = np.abs(vectors).max(axis=1, keepdims=True) / 127
    save_file(
        {
            "vectors": np.round(vectors / scale).astype(np.int8),
            "scale": scale[:, 0].astype(np.float32),
            "idf": np.array(
                [
                    math.log((len(articles) + 1) / (documents[w] + 0.5))
                    for w in vocabulary
                ],
                np.float32,
            ),
        },
        options.out / "words.safetensors",
    )
    (options.out / "words.json").write_text(
        json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8"
    )
    for word in filter(
        index.__contains__, ("供暖", "增加", "效益", "航母", "总裁", "价格", "浙江")
    ):
        near = vectors @ vectors[index[word]]
        print(word, [vocabulary[i] for i in np.argsort(-near)[1:9]], flush=True)


def news(data: Path) -> Iterator[str]:
    with lzma.open(data / "text" / "news_zh.jsonl.xz", "rt", encoding="utf8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def tokens(text: str) -> list[str]:
    """Words; a full stop becomes "" so that no window crosses it."""
    found: list[str] = []
    for match in _TOKEN.finditer(fold(text)):
        piece = match.group()
        if piece in "。！？；":
            found.append("")
        elif HAN_RUN.match(piece):
            found += rjieba.cut(piece)
        else:
            found.append("#" if piece.isdigit() else piece)
    return found


def cooccurrence(articles: list[list[str]], index: dict[str, int]) -> sp.csr_matrix:
    """``(words, words)``: how often two stand within the window, weighted 1/distance."""
    n = len(index)
    total = sp.csr_matrix((n, n), dtype=np.float32)
    for begin in range(0, len(articles), 8000):
        flat = [
            index.get(w, -1)
            for article in articles[begin : begin + 8000]
            for w in [*article, ""]
        ]
        ids = np.array(flat, np.int64)
        for distance in range(1, WINDOW + 1):
            a, b = ids[:-distance], ids[distance:]
            both = (a >= 0) & (b >= 0)
            part = sp.coo_matrix(
                (
                    np.full(int(both.sum()), 1 / distance, np.float32),
                    (a[both], b[both]),
                ),
                shape=(n, n),
            ).tocsr()
            total = total + part + part.T
    return total


def glosses(data: Path, index: dict[str, int]) -> sp.csr_matrix:
    """``(words, English stems)``: which English words the dictionary explains a word with."""
    columns: dict[str, int] = {}
    rows, cols = [], []
    with gzip.open(
        data / "lexicon" / "cc_cedict.txt.gz", "rt", encoding="utf8"
    ) as lines:
        for line in lines:
            match = re.match(r"\S+ (\S+) \[.*?\] /(.*)/", line)
            if match is None or match[1] not in index:
                continue
            for gloss in match[2].split("/"):
                for m in WORD.finditer(_GLOSS_NOISE.sub("", gloss).lower()):
                    if (word := stem(m.group())) not in {
                        "to",
                        "a",
                        "an",
                        "the",
                        "of",
                        "or",
                        "and",
                        "sth",
                        "sb",
                    }:
                        rows.append(index[match[1]])
                        cols.append(columns.setdefault(word, len(columns)))
    cells = np.full(len(rows), GLOSS_WEIGHT, np.float32)
    return sp.coo_matrix(
        (cells, (rows, cols)), shape=(len(index), len(columns))
    ).tocsr()


def ppmi(counts: sp.csr_matrix) -> sp.csr_matrix:
    """max(0, log p(w, c) / (p(w) p(c)^0.75)), cell by cell."""
    row = np.asarray(counts.sum(axis=1)).ravel()
    column = np.asarray(counts.sum(axis=0)).ravel() ** SMOOTHING
    cells = counts.tocoo()
    pmi = np.log(cells.data * column.sum() / (row[cells.row] * column[cells.col]))
    keep = pmi > 0
    return sp.coo_matrix(
        (pmi[keep], (cells.row[keep], cells.col[keep])), shape=cells.shape
    ).tocsr()


def normalise(matrix: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.maximum(lengths, 1e-9))


if __name__ == "__main__":
    main()
