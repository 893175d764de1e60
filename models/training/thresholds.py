"""Fits when to answer and how to refuse, on questions with and without an answer.

    python -m models.training.thresholds --features CACHE --out models/weights/chuchu-selector

Takes the groups that ``models.training.selector --cache`` kept, those of our own questions where there
are some. By language: the log-odds from which a sentence is shown is where as many answerable questions
are answered as unanswerable ones refused, each kind of unanswerable counting the same. Prints the
risk-coverage curve.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

from models.selector.features import NAMES
from models.training.groups import Group
from models.training.selector import score

RELEVANCE = NAMES.index("exact_around")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument(
        "--out", type=Path, default=Path("models/weights/chuchu-selector")
    )
    options = parser.parse_args()
    kept: dict[str, list[Group]] = torch.load(options.features, weights_only=False)
    groups = kept["own_dev"] or kept["dev"]
    weights = load_file(options.out / "model.safetensors")
    answer = {
        language: threshold(weights, groups, language) for language in ("zh", "en")
    }
    fitted = {"answer": answer, "relevant": relevant(groups)}
    (options.out / "thresholds.json").write_text(
        json.dumps(fitted, indent=1) + "\n", encoding="utf-8"
    )
    print(json.dumps(fitted))


def threshold(
    weights: dict[str, np.ndarray], groups: Sequence[Group], language: str
) -> float:
    best = [
        (g.kind, float(score(weights, g).max(initial=-20)))
        for g in groups
        if g.language == language
    ]
    there = np.array([score for kind, score in best if kind == "answerable"])
    missing = [
        np.array([s for k, s in best if k == kind])
        for kind in ("unsaid", "absent", "near_miss")
    ]
    grid = np.round(np.arange(-6, 6, 0.05), 2)
    answered = np.array([(there >= t).mean() for t in grid])
    refused = np.array(
        [
            np.mean([(scores < t).mean() for scores in missing if len(scores)])
            for t in grid
        ]
    )
    for t in range(0, len(grid), 20):
        print(
            f"{language} {grid[t]:+.1f} answered {answered[t]:.3f} refused {refused[t]:.3f}"
        )
    return float(grid[int(np.argmin(np.abs(answered - refused)))])


def relevant(groups: Sequence[Group]) -> float:
    """The relevance that best tells a passage which does not say from passages about other things."""
    unsaid = np.array(
        [
            g.evidence.whole[:, RELEVANCE].max(initial=0)
            for g in groups
            if g.kind in ("unsaid", "near_miss")
        ]
    )
    absent = np.array(
        [
            g.evidence.whole[:, RELEVANCE].max(initial=0)
            for g in groups
            if g.kind == "absent"
        ]
    )
    grid = np.linspace(0.1, 0.95, 86)
    return float(
        round(max(grid, key=lambda t: (unsaid >= t).mean() + (absent < t).mean()), 2)
    )


if __name__ == "__main__":
    main()
