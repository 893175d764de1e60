"""What is measured, each metric with the convention it follows. Per-case scores lie in 0..1.

An unanswered question scores zero; it does not vanish from the mean.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
CONFIDENCE = 0.95
MAX_REFERENCES = 3


@dataclass(frozen=True, slots=True)
class Metric:
    """A mean in 0..1 with the bounds of its 95% bootstrap interval; ``n`` units were measured."""

    value: float
    low: float
    high: float
    n: int


def mean(scores: Sequence[float], *, seed: int = 0) -> Metric:
    """Mean of per-case scores, shape ``(n,)``; percentile bootstrap over cases (Efron 1979), seeded.

    Raises:
        ValueError: no scores.
    """
    return ratio(scores, [1.0] * len(scores), seed=seed)


def ratio(parts: Sequence[float], wholes: Sequence[float], *, seed: int = 0) -> Metric:
    """Micro-average ``sum(parts) / sum(wholes)``, both of shape ``(cases,)``; ``n`` is the sum of the wholes.

    The bootstrap draws cases, not units: the citations of one answer are not independent. When all cases
    score alike the interval has no width; then ``n`` says how much that means (rule of three: the 95%
    upper bound of an unseen failure rate is about ``3 / n``).

    Raises:
        ValueError: the wholes sum to zero, or the lengths differ.
    """
    top, bottom = np.asarray(parts, dtype=float), np.asarray(wholes, dtype=float)
    if len(top) != len(bottom) or bottom.sum() <= 0:
        raise ValueError(
            f"ratio: got {len(parts)} parts of {len(wholes)} wholes, expected as many, sum above 0"
        )
    drawn = np.random.default_rng(seed).integers(0, len(top), size=(RESAMPLES, len(top)))
    sums = bottom[drawn].sum(axis=1)
    values = top[drawn].sum(axis=1)[sums > 0] / sums[sums > 0]
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return Metric(float(top.sum() / bottom.sum()), float(low), float(high), round(float(bottom.sum())))


# reading: CMRC 2018 (Cui et al. 2019), its evaluation script's conventions

_UNIT = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)


def cmrc_units(text: str) -> list[str]:
    """Lower-cased units: a Han or kana character each, a word or number of other scripts; no punctuation."""
    return _UNIT.findall(text.lower())


def cmrc_exact_match(prediction: str, references: Sequence[str]) -> float:
    """1.0 when the prediction equals a reference, case, punctuation and spaces aside; else 0.0.

    The best of at most three references, as CMRC 2018 has.
    """
    said = "".join(cmrc_units(prediction))
    return float(
        bool(said) and any(said == "".join(cmrc_units(each)) for each in references[:MAX_REFERENCES])
    )


def cmrc_f1(prediction: str, references: Sequence[str]) -> float:
    """Best F1 over at most three references; what two texts share is their longest common *substring*.

    Precision is its length over the prediction's units, recall over the reference's (SQuAD counts a bag of
    words instead: the same characters in another order score lower here).
    """
    said = cmrc_units(prediction)
    return max((_f1(said, cmrc_units(each)) for each in references[:MAX_REFERENCES]), default=0.0)


def _f1(said: Sequence[str], wanted: Sequence[str]) -> float:
    shared = longest_common_run(said, wanted)
    return 2 * shared / (len(said) + len(wanted)) if shared else 0.0


def longest_common_run(left: Sequence[str], right: Sequence[str]) -> int:
    """Length of the longest run of items that stands in both."""
    best, row = 0, [0] * (len(right) + 1)
    for item in left:
        previous = 0
        for at, other in enumerate(right, 1):
            previous, row[at] = row[at], previous + 1 if item == other else 0
            best = max(best, row[at])
    return best


# ranking: relevance judgements by id, 0 when not judged; ids ranked best first, none twice


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """``1 / rank`` of the first relevant id among the first ``k``, else 0 (MRR@k, as MS MARCO has it)."""
    return next((1 / rank for rank, each in enumerate(ranked[:k], 1) if each in relevant), 0.0)


def recall(ranked: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """Share of all relevant ids that stand among the first ``k`` (trec_eval's ``recall_k``).

    Raises:
        ValueError: nothing is relevant; such a query must be left out, and be told of.
    """
    if not relevant:
        raise ValueError("recall: got no relevant ids, expected at least one")
    return len(set(ranked[:k]) & set(relevant)) / len(relevant)


def ndcg(ranked: Sequence[str], gains: Mapping[str, float], k: int = 10) -> float:
    """nDCG@k with linear gain and ``log2(rank + 1)`` discount: trec_eval's ``ndcg_cut_k``, BEIR's figure.

    (Järvelin and Kekäläinen 2002; Burges' ``2^gain - 1`` differs for graded judgements only.)
    """
    ideal = _dcg(sorted(gains.values(), reverse=True)[:k])
    return _dcg([gains.get(each, 0.0) for each in ranked[:k]]) / ideal if ideal else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def quantile(values: Sequence[float], q: float) -> float:
    """The ``q`` quantile (0..1) by linear interpolation, as numpy's default."""
    return float(np.quantile(np.asarray(values, dtype=float), q))
