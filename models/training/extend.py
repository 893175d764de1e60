"""Adds columns to a trained static encoder, so that it tells apart what is of one topic.

    python -m models.training.extend WORK BASE OUT [--columns 160] [--steps 8000]

The columns of BASE stay as they are: whatever uses its vectors may go on with the first columns of the new
ones. The new columns start as random signatures of the tokens, each as long as the token weighs in BASE, so
that an inner product starts out as meaning plus a weighted count of shared words (Johnson and Lindenstrauss
1984; Achlioptas 2003, "Database-friendly random projections"). They are then trained where BASE is weak: on
batches of passages on like topics, and on questions with passages that retrieval took for the right ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_array
from tokenizers import Tokenizer

from models.static import normalised, table_of
from models.training import batches
from models.training.batches import Ints, Source
from models.training.export import save
from models.training.mined import FOLDER, groups, passages
from models.training.pairs import Arrays, encode
from models.training.static import Table, sources, train

MIX: dict[str, float] = {
    "near": 0.40,
    "mined": 0.25,
    "cloze_mixed": 0.08,
    "reading": 0.03,
    "reading_zh_mixed": 0.04,
    "answer_sentence": 0.04,
    "translations_zh": 0.08,
    "translations": 0.03,
    "lexicon": 0.05,
}
"""How often each kind of pair is drawn."""

SIGNATURE = 0.8
"""How long a signature starts, where the token's own row has its length as 1."""
PASSAGES_A_CLUSTER = 256
MOST_NEGATIVES = 8

Floats = npt.NDArray[np.float32]


def extended(base: Floats, columns: int, seed: int = 1) -> Floats:
    """``(tokens, dimension + columns)``: ``base``, and beside it signatures."""
    signatures = np.random.default_rng(seed).standard_normal(
        (len(base), columns), np.float32
    )
    lengths = np.linalg.norm(base, axis=1, keepdims=True)
    return np.concatenate([base, SIGNATURE * lengths * normalised(signatures)], axis=1)


def like_beside_like(work: Path, base: Floats, seed: int = 1) -> Ints:
    """The passages of ``cloze.npz`` in an order in which those of one topic are neighbours, by k-means."""
    with np.load(work / "cloze.npz") as file:
        ids, offsets = file["ids"], file["offsets"]
    counts = csr_array(
        (np.ones(len(ids), np.float32), ids, offsets),
        shape=(len(offsets) - 1, len(base)),
    )
    vectors = normalised(np.asarray(counts @ base, np.float32))
    clusters = max(1, len(vectors) // PASSAGES_A_CLUSTER)
    kmeans = faiss.Kmeans(
        base.shape[1],
        clusters,
        niter=4,
        seed=seed,
        spherical=True,
        max_points_per_centroid=32,
    )
    kmeans.cp.min_points_per_centroid = 1
    kmeans.train(vectors)
    assert kmeans.index is not None
    _, nearest = kmeans.index.search(vectors, 1)
    return np.argsort(nearest[:, 0], kind="stable")


def write_mined(work: Path) -> Path:
    """Token ids of the questions that retrieval was asked, their passages, and those it took for them."""
    texts = [
        f"{title}\n{text}" if title not in text else text
        for title, text in passages(work)
    ]
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    found = [group for group in groups(work) if 1 in group.answers]
    right = [group.rows[group.answers.index(1)] for group in found]
    wrong = [
        [row for row, a in zip(g.rows, g.answers, strict=True) if a == 0][
            :MOST_NEGATIVES
        ]
        for g in found
    ]
    arrays: Arrays = {"same": np.array(right, np.int64)}
    arrays["negative_starts"] = np.cumsum([0, *map(len, wrong)])
    sides = {
        "queries": [group.question for group in found],
        "passages": [texts[row] for row in right],
        "negatives": [texts[row] for rows in wrong for row in rows],
    }
    for name, side in sides.items():
        ids, offsets = encode(tokenizer, side)
        arrays |= {name: ids, f"{name}_offsets": offsets}
    np.savez(work / "mined.npz", **arrays)  # type: ignore[arg-type]
    print(
        f"mined: {len(found):,} questions, {len(sides['negatives']):,} passages taken for theirs"
    )
    return work / "mined.npz"


def kinds(work: Path, base: Floats, seed: int) -> dict[str, Source]:
    """Those of the base's training, and two more."""
    rng = np.random.default_rng(seed)
    found = sources(work, len(base), seed)
    found["near"] = batches.cloze(
        work / "cloze.npz", rng, kept=0.8, order=like_beside_like(work, base)
    )
    if (work / FOLDER / "groups.jsonl").is_file():
        found["mined"] = batches.mined(write_mined(work), rng)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--columns", type=int, default=160)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=0.005)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    faiss.omp_set_num_threads(arguments.threads)
    base = table_of(arguments.base)
    work = arguments.work
    train(
        Table(extended(base, arguments.columns), frozen=base.shape[1]),
        kinds(work, base, seed=2),
        MIX,
        steps=arguments.steps,
        batch=arguments.batch,
        rate=arguments.rate,
        keep=lambda weights: save(
            weights, work / "tokenizer.json", arguments.out, scale=False
        ),
    )


if __name__ == "__main__":
    main()
