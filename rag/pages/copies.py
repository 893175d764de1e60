"""Which blocks of a page print again what others have, in whole or in part, small differences aside.

As in the assembly of genomes: find where blocks overlap (``overlaps``), lay what overlaps by more than chance
(``proofs``) on one line (``contigs``), put together lines that go on with each other (``scaffolds``), then
read each line once, by as few of its blocks as cover it. The others are copies. Blocks too short to tell are
copies where those beside them are (``twins``).

    folded = fold(blocks)
    folded.kept      # the blocks that stay, each with its copies
    folded.seams     # which of them go on with each other, since another printing has both in one piece
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from models.pages.lines import Look, look
from rag.pages.contigs import Contigs, Coordinates
from rag.pages.overlaps import overlaps
from rag.pages.proofs import Proofs
from rag.pages.scaffolds import scaffold
from rag.pages.stretch import Stretch
from rag.pages.twins import Twins
from rag.records import Span

TRIM, LACK = 3.0, 20.0
"""What it costs, in blocks, to read a line by blocks that overlap, or that leave a hole."""
MISSING = 1.5
"""What a character more that another printing has at an end of the line costs."""


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


@dataclass(frozen=True, slots=True)
class Folded:
    """What is left of a page once each text is read once.

    ``kept`` in page order; ``seams`` are pairs of indexes into it: the second goes on within the paragraph
    of the first, nothing missing between.
    """

    kept: tuple[Kept, ...]
    seams: tuple[tuple[int, int], ...]


def fold(
    blocks: Sequence[Stretch],
    common: Callable[[str], bool] = lambda _: False,
    torn: Callable[[str], bool] = lambda _: True,
) -> Folded:
    """Fold the blocks of a page that are printed again.

    Args:
        common: whether a text is a phrase that many articles end with, a copy only beside another.
        torn: whether a text begins or ends within a sentence; a short one that does not may be a headline in
            the words of its article.
    """
    texts = [block.text for block in blocks]
    looks = [look(text) for text in texts]
    contigs = Contigs(texts)
    found = overlaps(texts)
    proves = Proofs(texts, looks, found, common, torn)
    for overlap in sorted(
        found, key=lambda each: (-each.shared, each.first, each.second)
    ):
        if proves(overlap):
            contigs.lay(overlap)
    twins = Twins(texts, looks, found, common)
    while twins.lay(contigs) | scaffold(contigs):
        pass
    return _read(blocks, looks, contigs)


def _read(blocks: Sequence[Stretch], looks: Sequence[Look], contigs: Contigs) -> Folded:
    """Each line read once."""
    kept: dict[int, Kept] = {}
    seams: list[tuple[int, int]] = []
    for members in contigs.members.values():
        chosen = _cover(contigs, sorted(members)) if len(members) > 1 else members
        reached = None
        coordinates: dict[int, Coordinates] = {}
        for i in chosen:
            cut = 0 if reached is None else int(np.searchsorted(contigs.at[i], reached))
            text = blocks[i][cut:]
            kept[i] = Kept(
                i, text, look(text.text) if cut else looks[i], begins=[i], ends=[i]
            )
            coordinates[i] = contigs.at[i][cut:]
            reached = contigs.end(i)
            if cut:
                for owner, again in _owners(
                    coordinates, contigs.at[i][:cut], blocks[i][:cut], skip=i
                ):
                    kept[owner].repeats.append(again)
        seams += pairwise(chosen)
        for j in sorted(set(members) - set(chosen)):
            for owner, again in _owners(coordinates, contigs.at[j], blocks[j]):
                kept[owner].repeats.append(again)
            for i in chosen:
                if contigs.begin(j) == coordinates[i][0]:
                    kept[i].begins.append(j)
                if contigs.end(j) == contigs.end(i):
                    kept[i].ends.append(j)
    order = {i: n for n, i in enumerate(sorted(kept))}
    return Folded(
        tuple(kept[i] for i in order),
        tuple(sorted((order[a], order[b]) for a, b in seams)),
    )


def _cover(contigs: Contigs, members: Sequence[int]) -> list[int]:
    """The blocks by which a line is read: the fewest that meet end to end, the fullest of those."""
    low, codes = contigs.codes(contigs.line[members[0]])
    high = low + len(codes)
    blank = np.array([chr(code).isspace() for code in codes])
    ordered = sorted(members, key=lambda i: (contigs.begin(i), contigs.end(i), i))
    best: dict[int, tuple[float, tuple[int, ...]]] = {}
    for i in ordered:
        begin, end = contigs.begin(i), contigs.end(i)
        own = 1 - 0.001 * len(contigs.texts[i])
        options: list[tuple[float, tuple[int, ...]]] = [
            (own + min(LACK, MISSING * (begin - low)), (i,))
        ]
        for j, (cost, path) in best.items():
            if contigs.begin(j) < begin and contigs.end(j) < end:
                reached = contigs.end(j)
                if reached <= begin and blank[reached - low : begin - low].all():
                    between = 0.0  # a column's end swallows a space
                else:
                    between = LACK if reached < begin else TRIM
                options.append((cost + own + between, (*path, i)))
        best[i] = min(options)
    return list(
        min(
            (cost + min(LACK, MISSING * (high - contigs.end(i))), path)
            for i, (cost, path) in best.items()
        )[1]
    )


def _owners(
    coordinates: dict[int, Coordinates],
    at: Coordinates,
    block: Stretch,
    skip: int | None = None,
) -> Iterator[tuple[int, Repeat]]:
    """The kept blocks that a copy repeats, each with the part of the copy that it has; all of it once."""
    kept = [i for i in coordinates if i != skip]
    starts = np.array([coordinates[i][0] for i in kept])
    which = np.maximum(np.searchsorted(starts, at, side="right") - 1, 0)
    edges = np.flatnonzero(np.diff(which)) + 1
    for start, end in pairwise([0, *edges.tolist(), len(at)]):
        owner = kept[int(which[start])]
        theirs = coordinates[owner]
        low = int(np.searchsorted(theirs, at[start]))
        high = int(np.searchsorted(theirs, at[end - 1], side="right"))
        low = min(low, len(theirs) - 1)
        yield owner, Repeat((low, max(high, low + 1)), block[start:end])
