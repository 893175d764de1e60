"""Questions with what retrieval found for them, as ``eval.mining`` wrote them down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = "mined"


@dataclass(frozen=True, slots=True)
class Group:
    """A question and its candidates, best fused score first.

    ``rows`` are indices into the passages. ``answers`` is 1 for a passage that answers, 0 for one that does
    not, -1 for one that holds the answer's words without being marked, which is neither.
    """

    question: str
    rows: list[int]
    answers: list[int]


def groups(work: Path) -> Iterator[Group]:
    """Every group, in the order in which they were asked."""
    with (work / FOLDER / "groups.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield Group(**json.loads(line))


def passages(work: Path) -> list[tuple[str, str]]:
    """``(title, text)`` of each passage that any group names."""
    with (work / FOLDER / "passages.jsonl").open(encoding="utf-8") as lines:
        return [(title, text) for title, text in map(json.loads, lines)]
