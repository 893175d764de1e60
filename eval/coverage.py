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
from itertools import pairwise

from rag.records import Span

SHARE = 0.5
"""Of the shorter of a sentence and a stretch: what they must share for the sentence to count as its."""

_CLOSERS = "”’」』）》】〉)\\]\"'"
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
    """
    letters = [at for at, char in enumerate(passage) if not char.isspace()]
    flat = "".join(passage[at] for at in letters)
    marked = _stretches(flat, evidence, ())
    cited = _stretches(flat, quotes, marked)
    marked = _stretches(flat, evidence, cited)
    lost_quotes, lost_evidence = (
        [text for each in texts if (text := _flat(each)) and text not in flat]
        for texts in (quotes, evidence)
    )
    spans = [_flat_span(letters, *span) for span in _sentences(passage)]
    by_sentence = Coverage(
        len(said := _touched(spans, cited)) + len(lost_quotes),
        len(wanted := _touched(spans, marked)) + len(lost_evidence),
        len(said & wanted),
    )
    inside, gold = _characters(cited), _characters(marked)
    by_character = Coverage(
        len(inside) + sum(map(len, lost_quotes)),
        len(gold) + sum(map(len, lost_evidence)),
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
        starts = [
            match.start() for match in re.finditer(f"(?={re.escape(text)})", flat)
        ]
        shared = [len(other & set(range(start, start + len(text)))) for start in starts]
        if starts:
            at = starts[shared.index(max(shared))]
            found.append((at, at + len(text)))
    return tuple(found)


def _touched(sentences: Sequence[Span], stretches: Sequence[Span]) -> set[Span]:
    return {
        (low, high)
        for low, high in sentences
        for start, end in stretches
        if (shared := min(high, end) - max(low, start)) > 0
        and shared >= SHARE * min(high - low, end - start)
    }


def _characters(stretches: Iterable[Span]) -> set[int]:
    return {at for start, end in stretches for at in range(start, end)}


def _sentences(passage: str) -> list[Span]:
    ends = [match.end() for match in _END.finditer(passage)]
    bounds = [0, *ends, len(passage)]
    return [
        (a, b)
        for a, b in pairwise(bounds)
        if any(char.isalnum() for char in passage[a:b])
    ]


def _flat_span(letters: Sequence[int], start: int, end: int) -> Span:
    """A span of the passage in offsets that pass over white space."""
    before = sum(at < start for at in letters)
    return before, before + sum(start <= at < end for at in letters)


def _flat(text: str) -> str:
    return "".join(text.split())
