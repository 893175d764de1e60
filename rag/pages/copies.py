"""Which blocks of a page print again what others have, in whole or in part, small differences aside.

Blocks that share character n-grams (shingles; Broder, On the resemblance and containment of documents, 1997)
are aligned, longest first: one that is contained in those kept is folded into them; one that overlaps with a
kept one at an end is cut where they part.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from models.pages.lines import CLOSERS, ENDINGS, OPENERS, PAUSES, TERMINALS, Look, look
from rag.pages.stretch import Stretch
from rag.records import Span

SHINGLE = 7
CONTAINED = 0.8
"""The share of a block that must stand elsewhere for it to be a copy."""
SHORTEST = 8
"""Characters that two blocks must share; shorter ones must be alike whole, beside another copy."""
OVERLAP = 20
"""Characters that the end of one block must share with the beginning of another for it to be printed once
only.
"""
SLACK = 3
DENSE = 0.85
"""The share of a stretch that two printings must have in common."""
LINE = 42
"""The most characters of a headline."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_BREAKS = {*CLOSERS, *OPENERS, *PAUSES, *TERMINALS, *"：:—"}
DRIFT = 10
"""How far insertions and omissions may shift what two printings share."""
COMMON = 12
"""A shingle that stands in more places than this on a page says nothing."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Where text of a kept block is printed again: ``span`` in the kept block, ``printed`` as it stands
    there.
    """

    span: Span
    printed: Stretch


@dataclass(slots=True)
class Kept:
    """A block that stays: its text, the copies of it, and where on the page it begins and ends, copies
    included.
    """

    number: int
    text: Stretch
    look: Look
    repeats: list[Repeat] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)


def fold(
    blocks: Sequence[Stretch],
    common: Callable[[str], bool] = lambda _: False,
    torn: Callable[[str], bool] = lambda _: True,
) -> list[Kept]:
    """The blocks that stay, in page order, with the copies that were folded into them.

    Args:
        common: whether a text is a phrase that many articles end with, a copy only beside another.
        torn: whether a text begins or ends within a sentence; a short one that does not may be a headline in
            the words of its article.
    """
    texts = [block.text for block in blocks]
    looks = [look(text) for text in texts]
    akin = _akin(texts)
    kept: dict[int, Kept] = {}
    folded: dict[int, int] = {}
    waiting = sorted(range(len(blocks)), key=lambda i: (-len(texts[i]), i))
    overlapping: list[int] = []
    for i in chain(waiting, overlapping):  # which grows while it is gone through
        against = [kept[j] for j in akin.get(i, ()) if j in kept]
        matches = [(each, _matches(texts[i], each.text.text)) for each in against]
        matches = [(each, found) for each, found in matches if _may_fold(looks[i], texts[i], each, found)]
        covered = _covered(len(texts[i]), [m for _, found in matches for m in found])
        if (
            covered.mean() >= CONTAINED
            and (_whole(texts[i], matches) or len(texts[i]) > LINE or torn(texts[i]))
            and (_beside(i, matches, folded, texts) or not common(texts[i]))
        ):
            _fold(blocks[i], i, matches)
            folded[i] = matches[0][0].number
            continue
        trimmed = _trimmed(blocks[i], i, matches)
        if trimmed and i not in overlapping:
            overlapping.append(i)  # the other printing's next column may fit without a seam
        elif trimmed:
            kept[i], other, again = trimmed
            other.repeats.append(again)
        else:
            kept[i] = _kept(i, blocks[i])
    _fold_short(blocks, looks, kept, folded)
    return [kept[i] for i in sorted(kept)]


_Match = tuple[int, int, int]
"""``(start in the block, start in the kept one, length)``."""


def _akin(texts: Sequence[str]) -> dict[int, list[int]]:
    """For each block the others that share shingles with it, most first."""
    hashes: list[NDArray[np.uint64]] = []
    owners: list[NDArray[np.int64]] = []
    for i, text in enumerate(texts):
        codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
        if len(codes) < SHINGLE:
            continue
        rolled = np.zeros(len(codes) - SHINGLE + 1, np.uint64)
        for at in range(SHINGLE):
            rolled = (rolled + codes[at : at + len(rolled)]) * np.uint64(0x9E3779B97F4A7C15)
        hashes.append(np.unique(rolled))
        owners.append(np.full(len(hashes[-1]), i))
    if not hashes:
        return {}
    every, whose = np.concatenate(hashes), np.concatenate(owners)
    order = np.argsort(every, kind="stable")
    every, whose = every[order], whose[order]
    borders = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1], [True]]))
    sizes = np.diff(borders)
    shared: dict[tuple[int, int], int] = {}
    for k in np.flatnonzero((sizes > 1) & (sizes <= COMMON)):
        group = whose[borders[k] : borders[k + 1]].tolist()
        for n, a in enumerate(group):
            for b in group[n + 1 :]:
                shared[a, b] = shared.get((a, b), 0) + 1
    akin: dict[int, list[int]] = {}
    for (a, b), count in sorted(shared.items(), key=lambda item: -item[1]):
        if count > 1:
            akin.setdefault(a, []).append(b)
            akin.setdefault(b, []).append(a)
    return akin


def _matches(text: str, other: str) -> list[_Match]:
    """Aligned stretches of at least three characters, in line with the longest."""
    found = [
        (a, b, size)
        for a, b, size in SequenceMatcher(None, text, other, autojunk=False).get_matching_blocks()
        if size >= 3
    ]
    a, b, longest = max(found, key=lambda match: match[2], default=(0, 0, 0))
    return [m for m in found if abs((m[1] - m[0]) - (b - a)) <= DRIFT] if longest >= SHINGLE else []


def _may_fold(found: Look, text: str, kept: Kept, matches: Sequence[_Match]) -> bool:
    """Whether these matches speak of a copy, whole or cut: not of a headline or a caption in its article's
    words.
    """
    shared = sum(size for _, _, size in matches)
    if shared < SHORTEST or shared < DENSE * (matches[-1][0] + matches[-1][2] - matches[0][0]):
        return False
    if _numbers_differ(text, kept.text.text, matches):
        return False
    if shared >= CONTAINED * max(found.length, len(kept.text)):
        return True
    if found.furniture is not None or kept.look.furniture is not None:
        return False
    return (
        found.length > LINE
        or ENDINGS[found.ending] == "pause"
        or ((len(matches) == 1 or shared >= LINE // 2) and _within_clause(kept.text.text, matches))
    )


def _numbers_differ(text: str, other: str, matches: Sequence[_Match]) -> bool:
    """Whether more than one number reads otherwise: the same sentence of another day, not a misprint."""
    (a, b, _), (c, d, size) = matches[0], matches[-1]
    ours = Counter(_NUMBER.findall(text[a : c + size]))
    theirs = Counter(_NUMBER.findall(other[b : d + size]))
    return min((ours - theirs).total(), (theirs - ours).total()) > 1


def _within_clause(text: str, matches: Sequence[_Match]) -> bool:
    """Whether what is shared begins or ends inside a clause of the text, as a column may cut it but nobody
    would.
    """
    start, end = matches[0][1], matches[-1][1] + matches[-1][2]
    return any(
        0 < at < len(text) and not {text[at - 1], text[at]} & _BREAKS and not text[at].isspace()
        for at in (start, end)
    )


def _whole(text: str, matches: Sequence[tuple[Kept, Sequence[_Match]]]) -> bool:
    """Whether it is as long as what it is found in."""
    return len(text) >= CONTAINED * len(matches[0][0].text)


def _covered(length: int, matches: Sequence[_Match]) -> NDArray[np.bool_]:
    covered = np.zeros(length, bool)
    for start, _, size in matches:
        covered[start : start + size] = True
    return covered


def _fold(block: Stretch, number: int, matches: Sequence[tuple[Kept, Sequence[_Match]]]) -> None:
    """Remember the block as copies of what it is found in; each of its characters once."""
    free = np.ones(len(block), bool)
    for kept, found in matches:
        own = [m for m in found if free[m[0] : m[0] + m[2]].any()]
        if not own:
            continue
        first, last = own[0], own[-1]
        start, end = first[0], last[0] + last[2]
        low, high = first[1], last[1] + last[2]
        if start <= SLACK:
            low, start = max(0, low - start), 0
        if len(block) - end <= SLACK or len(matches) == 1:
            end = len(block)
        if len(matches) == 1:
            start = 0
        if low <= SLACK and start == 0:
            kept.begins.append(number)
            low = 0
        if len(kept.text) - high <= SLACK and end == len(block):
            kept.ends.append(number)
            high = len(kept.text)
        while start < end and not free[start]:
            start += 1
        free[start:end] = False
        if start < end:
            kept.repeats.append(Repeat((low, high), block[start:end]))
    for start, end in _runs(free):  # what no match reached goes with the copy before it
        kept = matches[0][0]
        if kept.repeats:
            kept.repeats.append(Repeat(kept.repeats[-1].span, block[start:end]))


def _trimmed(
    block: Stretch, number: int, matches: Sequence[tuple[Kept, Sequence[_Match]]]
) -> tuple[Kept, Kept, Repeat] | None:
    """The block without the end that another has already, that other, and what it has; None if all is new."""
    for other, own in matches:
        text, length = other.text.text, len(other.text)
        start, at, size = own[0]
        if start <= SLACK and at + size >= length - SLACK and _overlap(block.text, text, (start, at, size)):
            again = Repeat((at, length), block[: start + size])
            return _kept(number, block[start + size :]), other, again
        start, at, size = own[-1]
        ends = start >= SHORTEST and start + size >= len(block) - SLACK
        if ends and at <= SLACK and _overlap(text, block.text, (at, start, size)):
            return _kept(number, block[:start]), other, Repeat((0, at + size), block[start:])
    return None


def _kept(number: int, text: Stretch) -> Kept:
    return Kept(number, text, look(text.text), begins=[number], ends=[number])


def _overlap(later: str, earlier: str, match: _Match) -> bool:
    """Whether what ``later`` begins with and ``earlier`` ends with is one place, cut differently in two
    printings.
    """
    start, at, size = match
    if len(later) - start - size < SHORTEST or size < SHORTEST:
        return False
    borders = ((earlier[:at][-1:], later[start]), (earlier[at + size - 1], later[start + size]))
    return size >= OVERLAP or any(all(char and char not in _BREAKS for char in pair) for pair in borders)


def _beside(
    number: int,
    matches: Sequence[tuple[Kept, Sequence[_Match]]],
    folded: dict[int, int],
    texts: Sequence[str],
) -> bool:
    """Whether the blocks next to it print again what stands next to the other."""
    other = matches[0][0].number
    return any(
        0 <= number + step < len(texts)
        and 0 <= other + step < len(texts)
        and (folded.get(number + step) == other + step or texts[number + step] == texts[other + step])
        for step in (-1, 1)
    )


def _fold_short(
    blocks: Sequence[Stretch], looks: Sequence[Look], kept: dict[int, Kept], folded: dict[int, int]
) -> None:
    """Short blocks that are alike (a headline, a byline) are copies where their neighbours are."""
    by_text: dict[str, list[int]] = {}
    for i in sorted(kept):
        by_text.setdefault(kept[i].text.text, []).append(i)
    for numbers in by_text.values():
        first, *others = numbers
        for i in others:
            headline = len(blocks[i]) >= SHORTEST and looks[i].furniture is None
            signed = looks[i].furniture == "byline" and bool(folded)
            if headline or signed or any(_same(i + step, first + step, folded) for step in (-1, 1)):
                again = kept.pop(i)
                kept[first].repeats.append(Repeat((0, len(again.text)), again.text))
                kept[first].repeats += again.repeats
                kept[first].begins += again.begins
                kept[first].ends += again.ends
                folded[i] = first


def _same(first: int, second: int, folded: dict[int, int]) -> bool:
    """Whether two blocks are printings of the same."""
    return folded.get(first, first) == folded.get(second, second)


def _runs(flags: NDArray[np.bool_]) -> Iterator[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return ((int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True))
