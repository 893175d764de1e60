"""Chooses from which probability a claim is called supported, and says how good the check is.

    python -m models.training.support_threshold --data ../shared/data --claims eval/facts/claims.jsonl

On the claims of ``written`` that the reader is not trained on: ``crc32(quote)`` is a multiple of 8. The
threshold lets through at most ``MOST_LET_THROUGH`` of the wrong ones, exact parts and reader together.
Claims in ``--claims`` are measured only.
"""

from __future__ import annotations

import argparse
import json
import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.reader import READER, PassageReader
from models.support.checker import ClaimChecker
from models.support.records import Checked, Statement
from models.training.data import rows

MOST_LET_THROUGH = 0.2
HELD_OUT = 8


@dataclass(frozen=True, slots=True)
class Labelled:
    """A statement, and whether its quote bears it out."""

    statement: Statement
    supported: bool

    @classmethod
    def of(cls, row: dict[str, str]) -> Labelled:
        """A line of ``written/claims`` or of ``eval/facts/claims``."""
        statement = Statement(row["claim"], row["quote"], row.get("context") or "")
        return cls(statement, row["label"] == "supported")


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of the wrong claims that are let through, and of the right ones that are struck out."""

    let_through: float
    struck: float

    @classmethod
    def of(cls, claims: Sequence[Labelled], checked: Sequence[Checked]) -> Rates:
        passed = np.array([each.verdict == "supported" for each in checked])
        right = np.array([each.supported for each in claims])
        return cls(float(passed[~right].mean()), float((~passed)[right].mean()))

    def __str__(self) -> str:
        return f"wrong let through {self.let_through:.3f}, right struck out {self.struck:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--claims", type=Path, help="own claims to measure on")
    parser.add_argument("--out", type=Path, default=READER)
    parser.add_argument("--dry", action="store_true", help="measure, write nothing")
    options = parser.parse_args()
    reader = PassageReader.load(options.out)
    held = list(held_out(rows(options.data / "written" / "claims.jsonl.xz")))
    # Rounded up, never down: .5004 written as .500 let through a fiftieth more than may pass.
    threshold = math.ceil(choose(held, ClaimChecker(reader.judge, 0.0)) * 1e4) / 1e4
    checker = ClaimChecker(reader.judge, threshold)
    print(f"threshold {threshold:.4f}; {len(held)} held out: {rates(checker, held)}")
    if options.claims is not None:
        lines = options.claims.read_text(encoding="utf-8").splitlines()
        own = [Labelled.of(json.loads(line)) for line in lines]
        print(f"{len(own)} own: {rates(checker, own)}")
    if not options.dry:
        (options.out / "support.json").write_text(
            json.dumps({"threshold": threshold}) + "\n"
        )


def held_out(claims: Iterable[dict[str, str]]) -> Iterable[Labelled]:
    """The claims whose quote no reader was trained on."""
    for row in claims:
        if zlib.crc32(row["quote"].encode()) % HELD_OUT == 0:
            yield Labelled.of(row)


def choose(claims: Sequence[Labelled], checker: ClaimChecker) -> float:
    """The least threshold at which few enough of the wrong claims are let through.

    Args:
        checker: one with the threshold 0, whose probabilities are those of all that no exact part decides.
    """
    checked = checker.check([each.statement for each in claims])
    wrong: list[float] = []
    for claim, result in zip(claims, checked, strict=True):
        if not claim.supported:
            wrong.append(result.probability)
    wrong.sort(reverse=True)
    # Of 10 wrong ones 2 may pass: the threshold lies just above the third highest.
    allowed = int(MOST_LET_THROUGH * len(wrong))
    return float(np.nextafter(wrong[allowed], 1, dtype=np.float32))


def rates(checker: ClaimChecker, claims: Sequence[Labelled]) -> Rates:
    return Rates.of(claims, checker.check([each.statement for each in claims]))


if __name__ == "__main__":
    main()
