"""How much of a marked evidence the cited quotes cover, and how much of what they quote lies in it.

Evidence and quotes are found in the passage by their text, white space aside, so that neither needs offsets.
Two units are counted:

- sentences: a sentence counts as marked (or cited) when it shares with one evidence (or quote) at least half
  of the shorter of the two. One of several marked sentences that is cited is then a recall of one in several.
- characters, white space aside: the strict reading, on which a citation of a whole sentence loses precision
  when a person marked half of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from rag.records import Span

SHARE = 0.5
"""Of the shorter of a sentence and a stretch: what they must share for the sentence to count as its."""

_CLOSERS = "”’」』）》】〉)\\]\"'"
# A full stop ends a sentence before white space alone, so 3.5 and e.g.this do not.
_END = re.compile(rf"[。！？!?…]+[{_CLOSERS}]*|(?<=[^\s.])\.[{_CLOSERS}]*(?=\s|$)|\n+")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts in one unit: ``cited`` by the quotes, ``marked`` as evidence, ``both``."""

    cited: int
    marked: int
    both: int

    @property
    def precision(self) -> float:
        """Share of what is cited that is marked; 0 when nothing is cited."""
        return self.both / self.cited if self.cited else 0.0

    @property
    def recall(self) -> float:
        """Share of what is marked that is cited."""
        return self.both / self.marked if self.marked else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.both / (self.cited + self.marked) if self.both else 0.0


def cover(
    passage: str, quotes: Sequence[str], evidence: Sequence[str]
) -> tuple[Coverage, Coverage]:
    """Coverage in sentences and in characters of one annotator's ``evidence`` by the ``quotes``.

    A text that stands in the passage more than once is taken where it overlaps the other side most. A quote
    that is not in the passage is cited and not marked; an evidence that is not there is marked and can't be
    cited.

    One of two marked sentences is quoted, and one beside: cited 2, marked 2, both 1; precision and recall .5.
    """
    flat = _flat(passage)
    marked = _stretches(flat, evidence, ())
    cited = _stretches(flat, quotes, marked)
    # again, now that it is known which printing of a repeated sentence was quoted
    marked = _stretches(flat, evidence, cited)
    lost_quotes = _not_in(flat, quotes)
    lost_evidence = _not_in(flat, evidence)

    sentences = _sentences(passage)
    said = _touched(sentences, cited)
    wanted = _touched(sentences, marked)
    by_sentence = Coverage(
        len(said) + len(lost_quotes),
        len(wanted) + len(lost_evidence),
        len(said & wanted),
    )
    inside = _characters(cited)
    gold = _characters(marked)
    by_character = Coverage(
        len(inside) + len("".join(lost_quotes)),
        len(gold) + len("".join(lost_evidence)),
        len(inside & gold),
    )
    return by_sentence, by_character


def best_cover(
    passage: str, quotes: Sequence[str], annotations: Sequence[Sequence[str]]
) -> tuple[Coverage, Coverage]:
    """:func:`cover` against the annotator whom the quotes come closest to, in F1 over characters.

    Precision and recall are then those of the same annotator: picking each by itself would flatter.
    """
    found = [cover(passage, quotes, each) for each in annotations]
    return max(found, key=lambda pair: pair[1].f1)


def _stretches(
    flat: str, texts: Sequence[str], near: Iterable[Span]
) -> tuple[Span, ...]:
    """Where the texts stand in ``flat``: of several places, the one that shares most with ``near``."""
    other = _characters(near)
    found = []
    for text in filter(None, map(_flat, texts)):
        best = None
        most = -1
        for match in re.finditer(f"(?={re.escape(text)})", flat):
            span = (match.start(), match.start() + len(text))
            # the first of several that share as much
            shared = len(other.intersection(range(*span)))
            if shared > most:
                best, most = span, shared
        if best is not None:
            found.append(best)
    return tuple(found)


def _not_in(flat: str, texts: Sequence[str]) -> list[str]:
    """Those that the passage does not have, white space aside."""
    return [each for each in map(_flat, texts) if each and each not in flat]


def _touched(sentences: Sequence[Span], stretches: Sequence[Span]) -> set[Span]:
    """The sentences that share half of the shorter one with a stretch.

    A quote of 6 characters within a sentence of 30: 6 of 6. One of 40 that laps 5 into it: 5 of 30, not.
    """
    touched = set()
    for sentence, stretch in product(sentences, stretches):
        shared = min(sentence[1], stretch[1]) - max(sentence[0], stretch[0])
        shorter = min(sentence[1] - sentence[0], stretch[1] - stretch[0])
        if shared > 0 and shared >= SHARE * shorter:
            touched.add(sentence)
    return touched


def _characters(stretches: Iterable[Span]) -> set[int]:
    characters: set[int] = set()
    for start, end in stretches:
        characters.update(range(start, end))
    return characters


def _sentences(passage: str) -> list[Span]:
    """Sentences in offsets that pass over white space; what has neither letter nor number is none."""
    ends = [match.end() for match in _END.finditer(passage)]
    found = []
    at = 0
    for start, end in pairwise([0, *ends, len(passage)]):
        sentence = _flat(passage[start:end])
        if any(char.isalnum() for char in sentence):
            found.append((at, at + len(sentence)))
        at += len(sentence)
    return found


def _flat(text: str) -> str:
    return "".join(text.split())
