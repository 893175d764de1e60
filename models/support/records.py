"""What is checked and what a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["contradicted", "unsaid"]
Kind = Literal["number", "unit", "date", "name", "negation", "words"]
Verdict = Literal["supported", "unsupported"]


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim over a quote; ``context`` is what stands above the quote: title, headings, heads of a table."""

    claim: str
    quote: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a claim that the quote does not bear out: ``found`` is what the quote has in its place."""

    kind: Kind
    text: str
    state: State
    found: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on a claim. ``probability``, 0 to 1, is that of ``supported``; ``reasons`` say why not."""

    verdict: Verdict
    probability: float
    reasons: tuple[Part, ...] = ()
