"""What the selector chooses from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, those before it in its passage, and what is around: heading, later sentences, neighbours.

    The same string in several candidates is looked at once, so pass sentences on as they are.
    """

    text: str
    before: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
