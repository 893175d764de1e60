"""How the tokens of a question meet those of a passage, by the static encoder's vectors: kernel pooling.

After Xiong et al. 2017, "End-to-End Neural Ad-hoc Ranking with Kernel Pooling" (K-NRM): for each token of the
question, how many tokens of the passage are about so near to it, at ten grades of nearness and one for the
same token. Beside it the nearest token (MaxSim of Khattab and Zaharia 2020, ColBERT), the nearest within the
stretch of the passage that meets the question best, and cosines of whole and stretch.

``models.reranker.modeling`` computes the same with torch, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.static import StaticTable

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

CENTRES = (0.95, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25, 0.15, 0.05)
WIDTH = 0.06
WINDOW = 32
"""Tokens of a stretch; every half of one another begins."""
MOST_QUESTION, MOST_PASSAGE = 48, 320
"""Tokens that are looked at."""
EACH = len(CENTRES) + 5
"""Numbers a token: kernels, same token, nearest, nearest in the best stretch, weight, share of the weight."""
WHOLE = 5
"""Numbers a passage: cosine of all, of the best stretch; nearest by weight, in the stretch; same tokens."""


class TokenEvidence:
    """What passages' tokens say of a question's.

    ``each`` is ``(passages, m, EACH)``, ``whole`` is ``(passages, WHOLE)``;
    ``question`` is ``(m, dimension)``: the directions of the question's tokens.
    """

    __slots__ = ("each", "question", "whole")

    def __init__(self, each: Floats, whole: Floats, question: Floats) -> None:
        self.each, self.whole, self.question = each, whole, question


def token_ids(table: StaticTable, texts: Sequence[str], most: int) -> list[Ids]:
    """Known tokens of each text, at most the first ``most``."""
    encoded = table.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    found = (np.array(encoding.ids, np.int64) for encoding in encoded)
    return [ids[ids != 0][:most] for ids in found]


def token_evidence(vectors: Floats, question: Ids, passages: Sequence[Ids]) -> TokenEvidence:
    """Compare one question with some passages, given as rows of ``vectors``."""
    m, n = len(question), len(passages)
    rows = vectors[question]
    lengths = np.linalg.norm(rows, axis=1)
    directions = rows / np.maximum(lengths, 1e-9)[:, None]
    weight = lengths / max(float(lengths.sum()), 1e-9)
    each, whole = np.zeros((n, m, EACH), np.float32), np.zeros((n, WHOLE), np.float32)
    longest = max(map(len, passages), default=0)
    if not m or not longest:
        return TokenEvidence(each, whole, directions)
    distinct, at, counts = _distinct(passages, longest)
    known = vectors[np.maximum(distinct, 0)]
    known_lengths = np.linalg.norm(known, axis=1)
    cosines = (known @ directions.T) / np.maximum(known_lengths, 1e-9)[:, None]
    same = distinct[:, None] == question[None, :]
    cosines[0], known_lengths[0] = 0, 0
    kernels = (counts @ _graded(cosines, same).reshape(len(distinct), -1)).reshape(n, m, -1)
    near = np.maximum(cosines, 0)[at]  # (n, longest, m)
    nearest = near.max(axis=1)
    stretches = _stretches(longest)
    in_stretch = np.stack([near[:, a:b].max(axis=1) for a, b in stretches], axis=1)
    in_best = in_stretch[np.arange(n), (in_stretch**2 @ weight).argmax(axis=1)]
    each[:, :, : len(CENTRES) + 1] = np.log1p(kernels)
    each[:, :, -4] = nearest
    each[:, :, -3] = in_best
    each[:, :, -2] = lengths
    each[:, :, -1] = weight
    # the inner product with the question's sum, token by token
    toward = ((cosines * known_lengths[:, None]) @ lengths)[at]
    asked = max(float(np.linalg.norm(rows.sum(axis=0))), 1e-9)
    counts[:, 0] = 0
    summed = np.maximum(np.linalg.norm(counts @ known, axis=1), 1e-9)
    helping = np.maximum(toward, 0)
    whole[:, 0] = toward.sum(axis=1) / asked / summed
    whole[:, 1] = np.stack([helping[:, a:b].sum(axis=1) for a, b in stretches], axis=1).max(axis=1) / asked**2
    whole[:, 2] = nearest @ weight
    whole[:, 3] = in_best @ weight
    whole[:, 4] = (kernels[:, :, -1] > 0) @ weight
    each[[not len(ids) for ids in passages]] = 0
    return TokenEvidence(each, whole, directions)


def _distinct(passages: Sequence[Ids], longest: int) -> tuple[Ids, Ids, Floats]:
    """The distinct tokens of all passages, after one that stands for none; each place's; counts by passage.

    A static token is as near wherever it stands, so each distinct one need be compared only once.
    """
    padded = np.full((len(passages), longest + 1), -1, np.int64)
    for row, ids in zip(padded, passages, strict=True):
        row[: len(ids)] = ids
    distinct, at = np.unique(padded, return_inverse=True)
    at = at.reshape(padded.shape)[:, :longest]
    counts = np.zeros((len(passages), len(distinct)), np.float32)
    np.add.at(counts, (np.repeat(np.arange(len(passages)), longest), at.ravel()), 1)
    return distinct, at, counts


def _graded(cosines: Floats, same: npt.NDArray[np.bool_]) -> Floats:
    """``(tokens, m, kernels + 1)``: how much each is of each grade of nearness; the first token is none."""
    graded = np.empty((*cosines.shape, len(CENTRES) + 1), np.float32)
    for k, centre in enumerate(CENTRES):
        graded[:, :, k] = np.exp(-((cosines - centre) ** 2) / (2 * WIDTH**2))
    graded[:, :, :-1] *= ~same[:, :, None]
    graded[:, :, -1] = same
    graded[0] = 0
    return graded


def _stretches(longest: int) -> list[tuple[int, int]]:
    """Where the stretches of the longest passage begin and end."""
    step = WINDOW // 2
    return [(start, start + WINDOW) for start in range(0, max(longest - step, 1), step)]
