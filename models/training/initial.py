"""Where training starts: random directions, and if asked for latent semantic analysis mixed in.

    python -m models.training.initial WORK [--dimension 288] [--latent-share 0.5]

The analysis is of passages and translations. A translation counts as one text in two languages, so that
words and their translations start close (Dumais et al. 1997, "Automatic Cross-Language Retrieval Using
Latent Semantic Indexing"). Random directions keep words apart that only share a topic. Rows are as long
as the token is telling.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, vstack
from sklearn.utils.extmath import randomized_svd

from models.arrays import Floats, Int32s, Ints

NEWS_STEP = 2
"""One news passage in so many is decomposed: the time goes there, and words have contexts enough."""


def telling(frequency: Ints) -> Floats:
    """Inverse document frequency, 1 on average: ``(tokens,)``."""
    # The commonest token still says a little: it has .3, one a thousand times rarer 7.2.
    rarity = np.log((frequency.max() + 1) / (frequency + 1))
    weight = rarity + 0.3
    return np.asarray(weight / weight.mean(), np.float32)


def random_directions(tokens: int, dimension: int, seed: int) -> Floats:
    """Rows of expected length ``sqrt(dimension)``."""
    return np.random.default_rng(seed).standard_normal((tokens, dimension), np.float32)


def texts_by_tokens(work: Path, tokens: int) -> csr_array:
    """How often each token occurs in each news passage, pair, and lexicon entry."""
    parts = []
    with np.load(work / "cloze.npz") as file:
        news = _counts(file["ids"], file["offsets"], tokens)
        parts.append(news[::NEWS_STEP])
    for path in sorted(work.glob("pairs_*.npz")):
        with np.load(path) as file:
            queries = _counts(file["queries"], file["query_offsets"], tokens)
            passages = _counts(file["passages"], file["passage_offsets"], tokens)
            parts.append(queries + passages)
    return csr_array(vstack(parts, format="csr"))


def latent_directions(work: Path, weight: Floats, dimension: int, seed: int) -> Floats:
    """Token directions of the truncated singular value decomposition, rows of length ``sqrt(dimension)``.

    The first direction, which only says how common a token is, is left out.
    """
    matrix = texts_by_tokens(work, len(weight))
    # A word said seven times counts three times one said once: log 8 is 3 log 2.
    matrix.data = np.log1p(matrix.data) * weight[matrix.indices]
    # Each text is scaled to length 1, lest long ones decide the directions.
    squares = np.asarray(matrix.power(2).sum(1)).ravel()
    lengths = np.maximum(np.sqrt(squares), 1e-6)
    matrix.data /= np.repeat(lengths, np.diff(matrix.indptr))
    _, strength, right = randomized_svd(
        matrix,
        dimension + 1,
        n_oversamples=16,
        n_iter=2,
        power_iteration_normalizer="QR",
        random_state=seed,
    )
    scaled = right[1:] * np.sqrt(strength[1:, None])
    rows = scaled.T.astype(np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    units = rows / np.maximum(norms, 1e-9)
    return np.asarray(units * np.sqrt(dimension), np.float32)


def initial(work: Path, dimension: int, latent_share: float, seed: int = 1) -> Floats:
    """The table that training starts from, ``(tokens, dimension)``."""
    weight = telling(np.load(work / "frequency.npy"))
    # Shares of squared lengths: rows stay as long whatever the mixture is.
    rows = np.sqrt(1 - latent_share) * random_directions(len(weight), dimension, seed)
    if latent_share:
        rows += np.sqrt(latent_share) * latent_directions(work, weight, dimension, seed)
    return np.asarray(rows * weight[:, None], np.float32)


def _counts(ids: Int32s, offsets: Ints, tokens: int) -> csr_array:
    """How often each token occurs in each row: ``(rows, tokens)``."""
    ones = np.ones(len(ids), np.float32)
    counts = csr_array((ones, ids, offsets), shape=(len(offsets) - 1, tokens))
    # A token met twice in a row stands there twice, as 1 and 1, until they are added.
    counts.sum_duplicates()
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Compute the table that training starts from."
    )
    parser.add_argument("work", type=Path)
    parser.add_argument("--dimension", type=int, default=288)
    parser.add_argument("--latent-share", type=float, default=0.0)
    arguments = parser.parse_args()
    start = time.perf_counter()
    table = initial(arguments.work, arguments.dimension, arguments.latent_share)
    np.save(arguments.work / "initial.npy", table)
    print(f"initial table {table.shape} in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
