"""Chooses when the reader answers: on documents that it was not trained on, of every genre.

    python -m models.training.reader_thresholds --kept WORK/examples/kept.jsonl.xz --out FOLDER

Every question of a kept document is read over all its passages, as a small library of that one document
would. What is shown is the passage of the highest log-odds. By language the threshold is the highest at which
at most ``LOST`` of the answers that would be right are refused. Writes ``thresholds.json`` and prints, by
genre: right passage and answer, F1, the area under the curve of answered against not answered, and what the
threshold does.
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from models.reader import PassageReader
from models.training.written_examples import SEPARATOR

LOST = 0.10
"""Of the right answers. With 5% lost only 60% of the near misses are refused, with 10% seven in ten."""
RELEVANT = 0.5
"""Share of the question's terms in a passage from which a refusal says that there is something on it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the reader made of one question: ``f1`` is by characters, 0 where there is no answer."""

    genre: str
    language: str
    answered: bool
    log_odds: float
    right: bool
    f1: float


def outcomes(reader: PassageReader, document: dict[str, Any]) -> Iterator[Outcome]:
    """One outcome a question."""
    passages = [_with_context(document, passage) for passage in document["passages"]]
    for question in document["questions"]:
        readings = reader.read(question["q"], passages)
        at = int(np.argmax([reading.log_odds for reading in readings]))
        best = readings[at].best()
        told = ""
        if best is not None:
            told = passages[at][1][best[0] : best[1]].strip()
        answer = question.get("answer")
        f1 = 0.0
        right = False
        if answer is not None:
            f1 = character_f1(told, answer)
            # 两年 for 质保两年: .67, the right place and not the whole answer.
            right = at == question["passage"] and f1 > 0.3
        yield Outcome(
            genre=document.get("genre", ""),
            language=question["lang"],
            answered=answer is not None,
            log_odds=readings[at].log_odds,
            right=right,
            f1=f1,
        )


def _with_context(document: dict[str, Any], passage: dict[str, str]) -> tuple[str, str]:
    """A passage as the reader is given it: ``title › heading``, and the text."""
    above = (document["title"], passage.get("context") or "")
    return SEPARATOR.join(filter(None, above)), passage["text"]


def character_f1(told: str, answer: str) -> float:
    """The F1 of the longest run of characters that both share, as CMRC's measure counts it."""
    one = "".join(told.split())
    other = "".join(answer.split())
    longest = 0
    # row[at]: how long a run ends here in the one and at the at-th character of the other.
    row = [0] * (len(other) + 1)
    for character in one:
        diagonal = 0
        for at, against in enumerate(other, start=1):
            run = diagonal + 1 if character == against else 0
            diagonal = row[at]
            row[at] = run
            longest = max(longest, run)
    # 两年 in 质保两年 shares two characters: 2 * 2 / (2 + 4).
    return 2 * longest / (len(one) + len(other)) if longest else 0.0


def threshold(some: Sequence[Outcome]) -> float:
    """The least log-odds that are shown; with 100 right answers five of them may lie below. 0 without any."""
    right = np.array([outcome.log_odds for outcome in some if outcome.right])
    return float(np.quantile(right, LOST)) if len(right) else 0.0


def report(name: str, some: Sequence[Outcome], least: float) -> str:
    """One line of the table."""
    answered = [outcome for outcome in some if outcome.answered]
    others = [outcome for outcome in some if not outcome.answered]
    if not answered or not others:
        return f"{name}: too few"
    has_answer = [outcome.answered for outcome in some]
    area = roc_auc_score(has_answer, [outcome.log_odds for outcome in some])
    right = np.array([outcome.right for outcome in answered])
    shown = np.array([outcome.log_odds >= least for outcome in answered])
    f1 = np.mean([outcome.f1 for outcome in answered])
    shown_right = int((shown & right).sum()) / len(answered)
    refused = np.mean([outcome.log_odds < least for outcome in others])
    return (
        f"{name:24} n {len(answered)}+{len(others)}  right {right.mean():.3f}  "
        f"F1 {f1:.3f}  AUROC {area:.3f}  "
        f"shown right {shown_right:.3f}  refused rightly {refused:.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=0, help="documents, 0 for all")
    parser.add_argument("--dry", action="store_true", help="print only")
    arguments = parser.parse_args()
    reader = PassageReader.load(arguments.out)
    with lzma.open(arguments.kept, "rt", encoding="utf-8") as file:
        documents = [json.loads(line) for line in file]
    found: list[Outcome] = []
    for document in documents[: arguments.limit or None]:
        found += outcomes(reader, document)
    least: dict[str, float] = {}
    for language in ("zh", "en"):
        some = [outcome for outcome in found if outcome.language == language]
        least[language] = round(threshold(some), 2)
        print(report(language, some, least[language]), "threshold", least[language])
    by_genre: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in found:
        by_genre[outcome.genre].append(outcome)
    for genre, some in sorted(by_genre.items()):
        print(report(genre, some, least["zh"]))
    if not arguments.dry:
        values = {"answer": least, "relevant": RELEVANT}
        (arguments.out / "thresholds.json").write_text(
            json.dumps(values, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
