"""One wording of a question, with what was found and decided: a conversation chooses among such."""

from __future__ import annotations

from dataclasses import dataclass

from rag.answering.deciding import Decision
from rag.answering.reading import Choice, ReaderResult
from rag.records import Hit


@dataclass(frozen=True, slots=True)
class Attempt:
    """A question in one wording, its hits, and what came of reading that.

    ``lacking``: names of the question that no document mentions; None where that was not looked up.
    """

    text: str
    hits: tuple[Hit, ...]
    reading: ReaderResult
    decision: Decision
    lacking: tuple[str, ...] | None = None

    @property
    def best(self) -> Choice | None:
        return self.reading.choices[0] if self.reading.choices else None

    @property
    def answers(self) -> bool:
        return bool(self.decision.stretches)
