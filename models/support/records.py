"""What a check finds: the parts of a claim, each met, contradicted or not said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["met", "contradicted", "unsaid"]
Kind = Literal["number", "unit", "date", "name", "negation", "modality", "opposite", "roles", "words"]
Verdict = Literal["supported", "partly", "unsupported"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the claim: ``text`` as the claim has it, ``found`` what the quotes have in its place."""

    kind: Kind
    text: str
    state: State
    found: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on a claim.

    ``supported``: every exact part is met and the rest is said, with a probability above the threshold;
    ``unsupported``: a part is contradicted, or most is not said; ``partly``: what lies between.
    ``probability``, 0 to 1, is that of ``supported``, calibrated (see the model card). ``parts`` are all the
    parts looked at; :attr:`reasons` those that are not borne out.
    """

    verdict: Verdict
    probability: float
    parts: tuple[Part, ...]

    @property
    def reasons(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.state != "met")
