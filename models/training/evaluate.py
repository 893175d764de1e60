"""How well an encoder finds passages, alone, beside BM25, and fused with it.

    python -m models.training.evaluate MODEL BEIR_FOLDER… [--words] [--bm25 words characters]

BM25 runs over rjieba words and character bigrams; ``--bm25`` adds the usual kinds, over words or characters
alone. Rankings are kept beside each test set, since they do not change. ``--words`` shows the nearest
neighbours of a few words. A passage's vector is that of its best piece of at most 320 characters, as in a
library; its BM25 is of the whole.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import bm25s
import numpy as np
import rjieba

from models.arrays import Floats, Ints
from models.encoder import Encoder
from models.static import normalised, static_table
from models.training.data import sentences
from models.training.testset import TestSet, read

Ranking = tuple[Ints, Floats]
"""``(passages, scores)``, each ``(queries, depth)``, best first."""

DEPTH = 100
PIECE = 320
"""Characters, as in ``rag.passages``."""
RECIPROCAL_RANK_K = 60
"""Cormack et al. 2009, "Reciprocal Rank Fusion outperforms Condorcet"."""

WORDS = (
    "知识产权",
    "医院",
    "天然气",
    "总统",
    "增长",
    "library",
    "vaccine",
    "經濟",
    "서울",
    "russia",
)


def pieces(text: str, most: int = PIECE) -> list[str]:
    """The text cut between sentences into evenly filled pieces of at most ``most`` characters."""
    parts = sentences(text)
    # 400 characters need two pieces: better of 200 each than of 320 and 80.
    count = max(1, -(-len(text) // most))
    target = len(text) / count
    packed = [""]
    for part in parts:
        filled = len(packed[-1])
        full = filled >= target or filled + len(part) > most
        if filled and full:
            packed.append("")
        packed[-1] += part
    return packed


def dense_ranking(folder: Path, test: TestSet) -> Ranking:
    """The ``DEPTH`` passages nearest to each query by cosine, each by its best piece (MaxP)."""
    texts: list[str] = []
    firsts: list[int] = []
    for text in test.corpus.values():
        firsts.append(len(texts))
        texts += pieces(text)
    encoder = Encoder.load(str(folder))
    of_pieces = encoder.encode_documents(texts)
    queries = encoder.encode_queries(list(test.queries.values()))
    depth = min(DEPTH, len(firsts))
    found: list[Ints] = []
    scores: list[Floats] = []
    for start in range(0, len(queries), 256):
        # (256, pieces), and of the pieces of each passage the best: (256, passages).
        of_piece = queries[start : start + 256] @ of_pieces.T
        similar = np.maximum.reduceat(of_piece, firsts, axis=1)
        # Only the best hundred are sorted, which of 288,000 passages saves most of the time.
        top = np.argpartition(-similar, depth - 1, axis=1)[:, :depth]
        order = np.argsort(-np.take_along_axis(similar, top, 1), axis=1)
        top = np.take_along_axis(top, order, 1)
        found.append(top)
        scores.append(np.take_along_axis(similar, top, 1))
    return np.concatenate(found), np.concatenate(scores)


def words(text: str) -> list[str]:
    """rjieba words, lower case."""
    return [word for word in rjieba.cut(text.lower()) if any(map(str.isalnum, word))]


def characters(text: str) -> list[str]:
    """Single Chinese characters, and runs of other letters and digits."""
    return re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+", text.lower())


def words_and_bigrams(text: str) -> list[str]:
    """rjieba words and bigrams of Chinese characters, lower case."""
    bigrams: list[str] = []
    for run in re.findall(r"[\u3400-\u9fff]+", text):
        bigrams += (run[at : at + 2] for at in range(len(run) - 1))
    return words(text) + bigrams


ANALYSERS: dict[str, Callable[[str], list[str]]] = {
    "bm25": words_and_bigrams,
    "words": words,
    "characters": characters,
}


def lexical_ranking(folder: Path, test: TestSet, name: str = "bm25") -> Ranking:
    """BM25 (k1 1.2, b 0.75) over terms of ``ANALYSERS[name]``, kept in the test set's folder."""
    kept = folder / f"{name}.npz"
    if kept.is_file():
        with np.load(kept) as arrays:
            return arrays["found"], arrays["scores"]
    analyse = ANALYSERS[name]
    index = bm25s.BM25(k1=1.2, b=0.75)
    # Equal tokens as one string: gigabytes less over 288,000 passages.
    shared: dict[str, str] = {}
    corpus: list[list[str]] = []
    for text in test.corpus.values():
        corpus.append([shared.setdefault(token, token) for token in analyse(text)])
    index.index(corpus, show_progress=False)
    found, scores = index.retrieve(
        [analyse(text) for text in test.queries.values()],
        k=min(DEPTH, len(test.corpus)),
        show_progress=False,
    )
    np.savez(kept, found=found.astype(np.int64), scores=scores)
    return found.astype(np.int64), scores


def reciprocal_rank_fusion(first: Ranking, second: Ranking) -> Ranking:
    """Sum of ``1 / (60 + rank)``."""
    # First in one and second in the other: 1/61 + 1/62.
    ranks = np.asarray(1 / (RECIPROCAL_RANK_K + 1 + np.arange(DEPTH)), np.float32)
    first_passages = first[0]
    second_passages = second[0]
    return _fuse(
        first_passages,
        ranks[None, : first_passages.shape[1]],
        second_passages,
        ranks[None, : second_passages.shape[1]],
    )


def weighted_fusion(dense: Ranking, lexical: Ranking, weight: float) -> Ranking:
    """``weight * dense + (1 - weight) * lexical``, each query's scores scaled to 0..1.

    Scaling BM25 by the most that the question could score, rather than by its best passage, was no
    better: see ``LOG.md``.
    """
    return _fuse(
        dense[0],
        weight * _scaled(dense[1]),
        lexical[0],
        (1 - weight) * _scaled(lexical[1]),
    )


def _scaled(scores: Floats) -> Floats:
    low = scores.min(1, keepdims=True)
    high = scores.max(1, keepdims=True)
    return np.asarray((scores - low) / np.maximum(high - low, 1e-9), np.float32)


def _fuse(
    first: Ints,
    first_scores: Floats,
    second: Ints,
    second_scores: Floats,
) -> Ranking:
    depth = min(first.shape[1], second.shape[1])
    found = np.empty((len(first), depth), np.int64)
    scores = np.empty((len(first), depth), np.float32)
    first_scores = np.broadcast_to(first_scores, first.shape)
    second_scores = np.broadcast_to(second_scores, second.shape)
    for query in range(len(first)):
        total: dict[int, float] = {}
        for passages, own in ((first, first_scores), (second, second_scores)):
            ranked = zip(passages[query].tolist(), own[query].tolist(), strict=True)
            for passage, score in ranked:
                total[passage] = total.get(passage, 0.0) + score
        best = sorted(total.items(), key=lambda item: -item[1])[:depth]
        found[query] = [passage for passage, _ in best]
        scores[query] = [score for _, score in best]
    return found, scores


def measure(test: TestSet, ranking: Ranking) -> dict[str, float]:
    """``recall@10`` (share of queries whose passage is among ten) and ``mrr@10``; one passage a query."""
    number = {passage: index for index, passage in enumerate(test.corpus)}
    recall = reciprocal = 0.0
    for row, query in zip(ranking[0][:, :10], test.queries, strict=True):
        right = {number[passage] for passage in test.relevant[query]}
        for rank, passage in enumerate(row.tolist(), start=1):
            if passage in right:
                # The first right one at rank 4: found, and worth 1/4.
                recall += 1
                reciprocal += 1 / rank
                break
    return {
        "recall@10": recall / len(test.queries),
        "mrr@10": reciprocal / len(test.queries),
    }


def neighbours(
    folder: Path, words: Iterable[str], count: int = 8
) -> dict[str, list[str]]:
    """The tokens of a static model nearest to each word by cosine."""
    static = static_table(folder)
    tokenizer = static.tokenizer
    table = normalised(static.vectors)
    vectors = np.concatenate(list(static.encode(list(words))))
    near = np.argsort(-(vectors @ table.T), axis=1)[:, :count]
    found: dict[str, list[str]] = {}
    for word, row in zip(words, near.tolist(), strict=True):
        found[word] = [str(tokenizer.id_to_token(token)) for token in row]
    return found


def report(model: Path, folder: Path, others: Iterable[str] = ()) -> None:
    """Print a table of every way to rank one test set; ``others`` are of ``ANALYSERS``."""
    test = read(folder)
    dense = dense_ranking(model, test)
    lexical = lexical_ranking(folder, test)
    ways: dict[str, Callable[[], Ranking]] = {
        "encoder": lambda: dense,
        "BM25": lambda: lexical,
        **{
            f"BM25, {name}": partial(lexical_ranking, folder, test, name)
            for name in others
        },
        "reciprocal rank fusion": lambda: reciprocal_rank_fusion(dense, lexical),
    }
    for weight in (0.2, 0.3, 0.4, 0.5, 0.6):
        ways[f"weighted, encoder {weight}"] = lambda weight=weight: weighted_fusion(
            dense, lexical, weight
        )  # type: ignore[misc]
    print(
        f"{folder.name}: {len(test.queries):,} queries, {len(test.corpus):,} passages"
    )
    for name, rank in ways.items():
        figures = measure(test, rank())
        print(
            f"  {name:24} recall@10 {figures['recall@10']:.3f}  mrr@10 {figures['mrr@10']:.3f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure an encoder on BEIR folders.")
    parser.add_argument("model", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument(
        "--words", action="store_true", help="show nearest neighbours of a few words"
    )
    parser.add_argument(
        "--bm25",
        nargs="*",
        choices=sorted(ANALYSERS),
        default=[],
        help="usual kinds to add",
    )
    arguments = parser.parse_args()
    for folder in arguments.folders:
        report(arguments.model, folder, arguments.bm25)
    if arguments.words:
        for word, near in neighbours(arguments.model, WORDS).items():
            print(f"  {word}: {' '.join(near)}")


if __name__ == "__main__":
    main()
