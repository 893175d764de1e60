"""Which short blocks that read the same are printed again: bylines, headlines, end marks.

By themselves they say nothing; what stands beside them on the page does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, combinations

from models.pages.lines import Look
from rag.pages.contigs import Contigs
from rag.pages.overlaps import Overlap
from rag.pages.proofs import SHORTEST

NEAR = 3
"""How far around a block those that stand near it are looked for."""
OWN = (None, "byline", "subtitle")
"""Furniture that says something of its article, or none."""

Pair = tuple[int, int]


class Twins:
    """The pairs of blocks of a page that read the same from end to end, a misprint aside.

    Args:
        common: whether a text is a phrase that many articles have.
    """

    def __init__(
        self,
        texts: Sequence[str],
        looks: Sequence[Look],
        found: Sequence[Overlap],
        common: Callable[[str], bool],
    ) -> None:
        by_text: dict[str, list[int]] = {}
        for i, text in enumerate(texts):
            by_text.setdefault(text, []).append(i)
        pairs: set[Pair] = set()
        for numbers in by_text.values():
            pairs.update(combinations(numbers, 2))
        for overlap in found:
            if _misprinted(overlap, texts):
                pairs.add((overlap.first, overlap.second))
        self.pairs = sorted(pairs)
        self.looks = looks
        self.common = {i: common(texts[i]) for i in set(chain.from_iterable(pairs))}
        self._all = pairs

    def lay(self, contigs: Contigs) -> bool:
        """Put the pairs on one line whose surroundings say that they are copies; whether there were any."""
        any_laid = False
        # A pair that was laid may be what stands beside the next: until no pass lays any more.
        while self._lay_once(contigs):
            any_laid = True
        return any_laid

    def _lay_once(self, contigs: Contigs) -> bool:
        laid = False
        for i, j in self.pairs:
            line, other = contigs.line[i], contigs.line[j]
            if line != other and self._are_copies(contigs, i, j):
                contigs.attach(line, other, contigs.begin(i) - contigs.begin(j))
                laid = True
        return laid

    def _are_copies(self, contigs: Contigs, i: int, j: int) -> bool:
        if _follow_one(contigs, i, j):
            return True
        beside = ((i - 1, j - 1), (i + 1, j + 1))
        if any(self._in_a_row((i, j), pair) for pair in beside):
            return True
        has_copies = any(len(blocks) > 1 for blocks in contigs.members.values())
        # 记者 张三 twice on a page that prints nothing twice: he wrote two articles.
        if self.looks[i].furniture == "byline":
            return has_copies
        long = len(contigs.texts[i]) >= SHORTEST
        if self._tells(i):
            return (long and has_copies) or _around(contigs, i, j) > 0
        # What many articles have needs two copied neighbours; a short end mark such as （完） is none ever.
        may_be_copied = long or self.looks[i].furniture is None
        return may_be_copied and _around(contigs, i, j) > 1

    def _in_a_row(self, pair: Pair, beside: Pair) -> bool:
        """Whether two pairs stand together in both places, and not both of what ends every article."""
        return beside in self._all and (self._tells(pair[0]) or self._tells(beside[0]))

    def _tells(self, i: int) -> bool:
        """Whether a line is one of an article's own."""
        return self.looks[i].furniture in OWN and not self.common[i]


def _misprinted(overlap: Overlap, texts: Sequence[str]) -> bool:
    """Whether two blocks differ in a character or two that are no digits."""
    in_place = overlap.shift == 0 and overlap.lengths[0] == overlap.lengths[1]
    return in_place and not any(char.isdigit() for char in texts[overlap.first])


def _follow_one(contigs: Contigs, i: int, j: int) -> bool:
    """Whether what stands before two blocks ends at one place, or what stands after begins at one."""
    last = len(contigs.texts) - 1
    before = i > 0 and j > 0 and contigs.line[i - 1] == contigs.line[j - 1]
    after = i < last and j < last and contigs.line[i + 1] == contigs.line[j + 1]
    return (before and contigs.end(i - 1) == contigs.end(j - 1)) or (
        after and contigs.begin(i + 1) == contigs.begin(j + 1)
    )


def _around(contigs: Contigs, i: int, j: int) -> int:
    """How many texts that are printed again stand near both of two blocks."""
    both = _lines_near(contigs, i) & _lines_near(contigs, j)
    both -= {contigs.line[i], contigs.line[j]}
    return sum(len(contigs.members[line]) > 1 for line in both)


def _lines_near(contigs: Contigs, i: int) -> set[int]:
    """The lines of the blocks from three before to three after."""
    return set(contigs.line[max(0, i - NEAR) : i + NEAR + 1])
