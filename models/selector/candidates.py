"""What the selector chooses from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, what stands before it in its passage, and what is around: heading and neighbours."""

    text: str
    before: str = ""
    around: str = ""
