"""Going through drafts, one key each: keep, drop, mend, skip. Each is on the disk before the next is shown.

The terminal stands behind :class:`Desk`, four verbs, so that another face can be put before the same review.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from eval.accepted import any_holds
from eval.draft_file import DraftRow, LibraryAnswer, read_rows, write_rows
from eval.facts import Fact
from models.language.words import language

KEYS: Final = {
    "k": "keep",
    "d": "drop",
    "e": "edit the question",
    "a": "edit the answers",
    "s": "skip",
    "u": "undo",
    "q": "quit",
}
SEPARATOR: Final = " / "


class Desk(Protocol):
    """Where a person sits: what is shown to them and what they say."""

    def show(self, row: DraftRow, at: int, tally: Tally) -> None:
        """Show a draft, the ``at``-th of ``tally.drafts``."""

    def key(self) -> str:
        """One of ``KEYS``."""

    def edit(self, what: str, value: str) -> str:
        """``value`` as a person mends it."""

    def tell(self, sentence: str) -> None:
        """Say something."""


@dataclass(slots=True)
class Tally:
    """What came of the drafts of one sitting."""

    drafts: int
    kept: int = 0
    dropped: int = 0
    skipped: int = 0

    @property
    def done(self) -> int:
        return self.kept + self.dropped + self.skipped


def review(
    path: Path, desk: Desk, ask: Callable[[Fact], LibraryAnswer] | None = None
) -> Tally:
    """Go through the drafts of a facts file in their order until none is left or a person quits.

    Args:
        ask: asks the library anew when a question or its answers were edited.

    Raises:
        InvalidValue: the file is none of facts.
    """
    rows = read_rows(path)
    queue = [number for number, row in enumerate(rows) if row.draft]
    tally = Tally(len(queue))
    # by number, so that a dropped row leaves the others their places
    sitting = _Sitting(path, dict(enumerate(rows)), tally)
    at = 0
    while at < len(queue):
        number = queue[at]
        desk.show(sitting.rows[number], at + 1, tally)
        key = desk.key()
        if key == "q":
            break
        if key == "u":
            at = sitting.undo(at, queue, desk)
        elif key in ("e", "a"):
            sitting.rows[number] = _mended(sitting.rows[number], key, desk, ask)
            sitting.save()
        elif key in ("k", "d", "s"):
            sitting.decide(number, key)
            at += 1
    return tally


@dataclass(slots=True)
class _Sitting:
    """The rows of the file by number, and what was done to them last."""

    path: Path
    rows: dict[int, DraftRow]
    tally: Tally
    history: list[tuple[int, str, DraftRow]] = field(default_factory=list)

    def decide(self, number: int, key: str) -> None:
        row = self.rows[number]
        self.history.append((number, key, row))
        if key == "k":
            self.rows[number] = row.kept()
        elif key == "d":
            del self.rows[number]
        self._count(key, 1)
        self.save()

    def undo(self, at: int, queue: list[int], desk: Desk) -> int:
        """Take the last decision back; the place in the queue to go on from."""
        if not self.history:
            desk.tell("There is nothing to undo.")
            return at
        number, key, row = self.history.pop()
        self.rows[number] = row
        self._count(key, -1)
        self.save()
        return queue.index(number)

    def save(self) -> None:
        write_rows(self.path, [self.rows[number] for number in sorted(self.rows)])

    def _count(self, key: str, by: int) -> None:
        name = {"k": "kept", "d": "dropped", "s": "skipped"}[key]
        setattr(self.tally, name, getattr(self.tally, name) + by)


def _mended(
    row: DraftRow, key: str, desk: Desk, ask: Callable[[Fact], LibraryAnswer] | None
) -> DraftRow:
    """A draft with its question or answers edited; as it was when nothing usable was said."""
    mended = _with_question(row, desk) if key == "e" else _with_answers(row, desk)
    if mended is row or ask is None:
        return mended
    return replace(mended, library=ask(mended.fact))


def _with_question(row: DraftRow, desk: Desk) -> DraftRow:
    question = " ".join(desk.edit("question", row.fact.question).split())
    if not question or question == row.fact.question:
        return row
    return row.edited(question=question, lang=language(question))


def _with_answers(row: DraftRow, desk: Desk) -> DraftRow:
    what = f"answers, parted by{SEPARATOR.rstrip()}"
    given = desk.edit(what, SEPARATOR.join(row.fact.answers))
    parts = map(str.strip, given.split(SEPARATOR.strip()))
    answers = tuple(filter(None, parts))
    if answers == row.fact.answers:
        return row
    mended = _answered(row, answers)
    evidence = mended.fact.evidence
    strange = [each for each in answers if not any_holds(evidence, [each])]
    if strange and evidence:
        desk.tell(f"Not in the evidence: {SEPARATOR.join(strange)}")
    return mended


def _answered(row: DraftRow, answers: tuple[str, ...]) -> DraftRow:
    """With other answers; with none it asks for what the documents do not say."""
    if not answers:
        return row.edited(answers=(), kind="none", evidence=())
    kind = "fact" if row.fact.kind == "none" else row.fact.kind
    return row.edited(answers=answers, kind=kind)
