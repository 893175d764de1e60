"""Which overlaps of blocks speak of two printings of one text, and not of a phrase that two texts share.

A column that was cut elsewhere leaves borders within the blocks of the other printing, and each of them is
the border of one more block: the rest of the paragraph. Nobody but a compositor cuts within a clause.
So a headline in its article's words, which no block goes on from, is told from a piece of the article.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.pages.lines import HEADLINE, Look, short_line, within_clause
from rag.pages.overlaps import Overlap

SHORTEST = 8
"""Characters that an overlap must have to say anything by itself."""
CHANCE = 20
"""Characters that two texts may have in common by chance, the one at its end, the other at its beginning."""
CLEAR = 60
"""Characters in common that no two articles have by chance."""
LOST = 3
"""Characters that may be missing where a column was cut."""
CONTAINED = 0.8
TELLING = 3
"""Characters at a border by which a block that has no more in common is known."""


class Proofs:
    """Judges the overlaps of a page.

    Args:
        common: whether a text is a phrase that many articles have.
        torn: whether a text begins or ends within a sentence.
    """

    def __init__(
        self,
        texts: Sequence[str],
        looks: Sequence[Look],
        found: Sequence[Overlap],
        common: Callable[[str], bool],
        torn: Callable[[str], bool],
    ) -> None:
        self.texts, self.looks, self.common, self.torn = texts, looks, common, torn
        self.begins: dict[int, set[int]] = {}
        self.ends: dict[int, set[int]] = {}
        for overlap in (*found, *(each.flipped() for each in found)):
            begin = overlap.left[0] - overlap.left[1]
            end = overlap.lengths[0] - overlap.right[0] + overlap.right[1]
            if begin > 0:
                self.begins.setdefault(overlap.first, set()).add(begin)
            if end < overlap.lengths[0]:
                self.ends.setdefault(overlap.first, set()).add(end)
        self.heads: dict[str, list[str]] = {}
        self.tails: dict[str, list[str]] = {}
        for text in texts:
            self.heads.setdefault(text[:TELLING], []).append(text)
            self.tails.setdefault(text[-TELLING:], []).append(text)

    def __call__(self, overlap: Overlap) -> bool:
        """Whether an overlap speaks of two printings by itself."""
        pair = overlap.first, overlap.second
        shorter = min(pair, key=lambda i: len(self.texts[i]))
        borders = self._borders(overlap, shorter)
        if not borders:
            return self._same(overlap)
        # A byline within an article's words: 记者 张三 was there.
        is_furniture = any(self.looks[i].furniture is not None for i in pair)
        if is_furniture and overlap.shared < HEADLINE:
            return False
        return overlap.shared >= CLEAR or self._cut(overlap, shorter, borders)

    def _cut(
        self, overlap: Overlap, shorter: int, borders: Sequence[tuple[bool, bool]]
    ) -> bool:
        """Whether a compositor's cuts explain where two blocks part."""
        is_met = [met for met, _ in borders]
        is_explained = all(met or within for met, within in borders)
        if overlap.shared < SHORTEST or not is_explained:
            return False
        if all(is_met):
            return True
        text = self.texts[shorter]
        # 17 of its 20 characters lie in the other: the rest are misprints.
        is_contained = overlap.shared >= CONTAINED * len(text)
        is_sure = overlap.exact and any(is_met) and is_contained
        if overlap.shared < CHANCE and not is_sure:
            return False
        if not is_contained:
            return any(is_met)
        return len(text) > HEADLINE or self.torn(text)

    def _borders(self, overlap: Overlap, shorter: int) -> list[tuple[bool, bool]]:
        """For each end of the one that lies within the other: is it met by a third, is it within a clause?"""
        slack = 0 if overlap.exact else LOST
        by_text = overlap.exact or overlap.shared >= CHANCE
        found: list[tuple[bool, bool]] = []
        for side, block in enumerate((overlap.first, overlap.second)):
            length = overlap.lengths[side]
            before = overlap.left[side] - overlap.left[1 - side]
            after = overlap.right[side] - overlap.right[1 - side]
            for at, step in ((before, -1), (length - after, 1)):
                if not slack < at < length - slack:
                    continue
                within = within_clause(self.texts[block], at)
                # A headline in its article's words lost nothing: it was never cut.
                may_lack = within or not short_line(self.looks[shorter])
                lost = LOST if may_lack else 0
                found.append((self._met(block, at, step, lost, by_text), within))
        return found

    def _met(self, block: int, at: int, step: int, lost: int, by_text: bool) -> bool:
        """Whether another block ends (``step`` -1) or begins (1) at this place, a few lost characters aside.

        ``by_text``: one too short to be known by an overlap counts, if it reads the same.
        """
        text = self.texts[block]
        while text[at if step > 0 else at - 1].isspace():
            at += step
        places = (self.begins if step > 0 else self.ends).get(block, set())
        if not places.isdisjoint(range(at, at + step * (lost + 1), step)):
            return True
        rest = text[at:] if step > 0 else text[:at]
        if not by_text or len(rest) < TELLING:
            return False
        if step > 0:
            others = self.heads.get(rest[:TELLING], ())
            return any(_either(str.startswith, rest, other) for other in others)
        others = self.tails.get(rest[-TELLING:], ())
        return any(_either(str.endswith, rest, other) for other in others)

    def _same(self, overlap: Overlap) -> bool:
        """Whether two blocks that are alike from end to end are one text."""
        is_furniture = self.looks[overlap.first].furniture is not None
        if is_furniture or overlap.shared < 2 * SHORTEST:
            return False
        return overlap.shared >= CLEAR or not self.common(self.texts[overlap.first])


def _either(begins: Callable[[str, str], bool], one: str, other: str) -> bool:
    return begins(one, other) or begins(other, one)
