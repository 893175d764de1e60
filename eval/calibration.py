"""Fits how much the reader believes the selector and how much the network, and when it answers at all.

    python -m eval.calibration --data ../shared/data --out models/weights/chuchu-reader

Asks, through a library of news, the questions of our own whose articles no model was trained on, and CMRC
dev's over their passages; some that have an answer are asked again with the documents that hold it taken out.
By language, weights are fitted by logistic regression over sentences, and the threshold by :func:`least`.
Prints the risk-coverage curve, cross-fitted in five folds by article: no question is judged by weights
that it fitted.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.corpora import Text, ingest_texts
from eval.progress import track
from models.training.data import rows as data_rows
from models.training.readings import Reading as Asked
from models.training.readings import cmrc_dev, for_choosing, own_questions
from rag.pipeline import Library, Question
from rag.reading import SpanReader
from rag.settings import Settings

Floats = NDArray[np.float64]
FOLDS = 5
RIDGE = 1.0
SLACK = 0.02
OTHERS = 3000
"""News articles beside those that are asked about."""


@dataclass(slots=True)
class Weighed:
    """A question's sentences: ``evidence`` ``(n, 5)``; ``answers`` ``(n,)``, whether each answers."""

    kind: str
    language: str
    group: str
    answerable: bool
    evidence: Floats
    answers: Floats
    relevance: float
    question: str = ""
    shorts: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cmrc", type=int, default=400, help="questions of CMRC dev")
    parser.add_argument("--cache", type=Path, help="keeps the evidence, or has it from a run before")
    args = parser.parse_args()
    if args.cache and args.cache.is_file():
        weighed = [_restored(row) for row in json.loads(args.cache.read_text(encoding="utf-8"))]
    else:
        weighed = collect(args.data, args.cmrc)
    if args.cache:
        args.cache.write_text(json.dumps([_kept(each) for each in weighed]), encoding="utf-8")
    fitted = {language: fit([w for w in weighed if w.language == language]) for language in ("zh", "en")}
    blend = {language: [round(float(x), 4) for x in weights] for language, weights in fitted.items()}
    curves = {language: crossed([w for w in weighed if w.language == language]) for language in ("zh", "en")}
    thresholds = {language: least(curve) for language, curve in curves.items()}
    for language, curve in curves.items():
        show(language, curve)
    unranked = round(float(np.median([w.evidence[:, 3].max() for w in weighed if len(w.evidence)])), 3)
    written = {"weights": blend, "unranked": unranked}
    (args.out / "blend.json").write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    said = {"answer": thresholds, "relevant": relevant(weighed)}
    (args.out / "thresholds.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(written | said, indent=1))


def collect(data: Path, cmrc: int, seed: int = 1) -> list[Weighed]:
    """Ask every question and keep the evidence."""
    rng = random.Random(seed)
    own = [row for row in own_questions(data) if for_choosing(row)]
    dev = rng.sample(cmrc_dev(data), cmrc)
    contexts = list(dict.fromkeys(row.context for row in (*own, *dev)))
    articles = [row["text"] for row in data_rows(data / "text" / "news_zh.jsonl.xz")]
    others = rng.sample(sorted(set(articles) - set(contexts)), OTHERS)
    found: list[Weighed] = []
    with tempfile.TemporaryDirectory() as home, Library.open(Settings(home=Path(home))) as library:
        texts = [Text(str(i), "", text) for i, text in enumerate([*contexts, *others])]
        _, documents = ingest_texts(library, "calibration", texts)
        at = {context: documents[str(i)] for i, context in enumerate(contexts)}
        everything = [id_ for ids in documents.values() for id_ in ids]
        reader = library.answerer("extractive").reader
        if not isinstance(reader, SpanReader):
            raise TypeError(f"calibration fits a SpanReader, not a {type(reader).__name__}")
        for name, rows in (("own", own), ("cmrc", dev)):
            for row in track(rows, name):
                own_ids = set(at[row.context])
                kind = "answerable" if row.answers else "near_miss"
                found.append(_weigh(library, reader, row, own_ids, kind, ()))
                if row.answers and rng.random() < 0.5:
                    rest = tuple(id_ for id_ in everything if id_ not in own_ids)
                    found.append(_weigh(library, reader, row, set(), "absent", rest))
    return found


def _weigh(
    library: Library, reader: SpanReader, row: Asked, own: set[int], kind: str, only: tuple[int, ...]
) -> Weighed:
    hits = library.search(Question(row.question, top_k=20, documents=only))
    asking, weighed = reader.weigh(row.question, hits)
    texts = [text for text, _ in row.answers]
    answers = [
        float(
            each.hit.document.id in own
            and any(t in each.hit.document.text[each.span[0] : each.span[1]] for t in texts)
        )
        for each in weighed
    ]
    shorts = [each.hit.document.text[slice(*each.short)] if each.short else "" for each in weighed]
    return Weighed(
        kind,
        asking.language,
        str(zlib.crc32(row.context.encode())),
        kind == "answerable",
        np.array([each.evidence for each in weighed], np.float64).reshape(-1, 5),
        np.array(answers, np.float64),
        max((each.relevance for each in weighed), default=0.0),
        row.question,
        shorts,
    )


def fit(weighed: Sequence[Weighed], steps: int = 50) -> Floats:
    """``(5,)`` weights: ridge logistic regression over sentences, by Newton's method.

    Each question counts the same, its answering sentences as much as all its others.
    """
    x = np.concatenate([w.evidence for w in weighed])
    y = np.concatenate([w.answers for w in weighed])
    counts = np.concatenate([_counts(w.answers) for w in weighed])
    weights = np.zeros(x.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (counts * (p - y)) + RIDGE * weights
        hessian = (x * (counts * p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(x.shape[1])
        weights -= np.linalg.solve(hessian, gradient)
    return weights


def _counts(answers: Floats) -> Floats:
    yes, no = answers.sum(), len(answers) - answers.sum()
    return np.where(answers > 0, 1 / max(yes, 1), 1 / max(no, 1) if yes else 1 / max(len(answers), 1))


@dataclass(frozen=True, slots=True)
class Curve:
    """By question: the best sentence's log-odds, whether it answers, whether any does, and the kind."""

    scores: Floats
    right: Floats
    answerable: Floats
    kinds: tuple[str, ...]


def crossed(weighed: Sequence[Weighed]) -> Curve:
    """Every question judged by weights fitted on the other folds."""
    scores, right = np.full(len(weighed), -99.0), np.zeros(len(weighed))
    for fold in range(FOLDS):
        weights = fit([w for w in weighed if int(w.group) % FOLDS != fold])
        for i, each in enumerate(weighed):
            if int(each.group) % FOLDS == fold and len(each.answers):
                odds = each.evidence @ weights
                best = int(odds.argmax())
                scores[i], right[i] = odds[best], each.answers[best]
    answerable = np.array([float(w.answerable) for w in weighed])
    return Curve(scores, right, answerable, tuple(w.kind for w in weighed))


def least(curve: Curve) -> float:
    """The threshold from which a sentence is shown.

    Of the thresholds at which the share of answerable questions answered right and the share of others
    refused, each kind counting the same, add up to within SLACK of the most they reach, the least: the sum is
    flat there, and a reader can check a quote but not a refusal.
    """
    grid = np.round(np.arange(-8, 8, 0.05), 2)
    there = curve.answerable > 0
    right = np.array([((curve.scores[there] >= t) & (curve.right[there] > 0)).mean() for t in grid])
    scored = list(zip(curve.scores, curve.kinds, strict=True))
    kinds = sorted(set(curve.kinds) - {"answerable"})
    by_kind = [np.array([score for score, own in scored if own == kind]) for kind in kinds]
    refused = np.array([np.mean([(scores < t).mean() for scores in by_kind]) for t in grid])
    total = right + refused
    return float(grid[np.flatnonzero(total >= total.max() - SLACK)[0]])


def relevant(weighed: Sequence[Weighed]) -> float:
    """The relevance that best tells documents that do not say from documents about other things."""
    near = np.array([w.relevance for w in weighed if w.kind == "near_miss"])
    away = np.array([w.relevance for w in weighed if w.kind == "absent"])
    grid = np.linspace(0.1, 0.95, 86)
    return float(round(max(grid, key=lambda t: float((near >= t).mean() + (away < t).mean())), 2))


def _kept(each: Weighed) -> dict[str, Any]:
    return asdict(each) | {"evidence": each.evidence.tolist(), "answers": each.answers.tolist()}


def _restored(row: dict[str, Any]) -> Weighed:
    arrays = {
        "evidence": np.array(row["evidence"], np.float64).reshape(-1, 5),
        "answers": np.array(row["answers"], np.float64),
    }
    return Weighed(**(row | arrays))


def show(language: str, curve: Curve) -> None:
    """Best sentence right, AUROC by kind, and the risk at each coverage."""
    there = curve.scores[curve.answerable > 0]
    print(f"{language}: best sentence answers {curve.right[curve.answerable > 0].mean():.3f} of {len(there)}")
    for kind in sorted(set(curve.kinds) - {"answerable"}):
        away = np.array([s for s, k in zip(curve.scores, curve.kinds, strict=True) if k == kind])
        auroc = float((there[:, None] > away[None, :]).mean() + (there[:, None] == away[None, :]).mean() / 2)
        print(f"  AUROC against {kind} ({len(away)}): {auroc:.3f}")
    order = np.argsort(-curve.scores)
    for coverage in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        shown = order[: max(int(len(order) * coverage), 1)]
        risk = 1 - curve.right[shown].mean()
        print(f"  coverage {coverage:.1f} threshold {curve.scores[shown[-1]]:+.2f} risk {risk:.3f}")


if __name__ == "__main__":
    main()
