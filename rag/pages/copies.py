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
from rag.pages.overlaps import Overlap, overlaps
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
    # What shares most is laid first: it is the surest, and what is laid must agree with it.
    for overlap in sorted(found, key=_surest_first):
        if proves(overlap):
            contigs.lay(overlap)
    twins = Twins(texts, looks, found, common)
    # Each finds more where the other laid something; both are asked every time.
    while twins.lay(contigs) | scaffold(contigs):
        pass
    return _read_once(blocks, looks, contigs)


def _surest_first(overlap: Overlap) -> tuple[int, int, int]:
    return -overlap.shared, overlap.first, overlap.second


def _read_once(
    blocks: Sequence[Stretch], looks: Sequence[Look], contigs: Contigs
) -> Folded:
    """Each line read once."""
    kept: dict[int, Kept] = {}
    seams: list[tuple[int, int]] = []
    for members in contigs.members.values():
        chosen = _cover(contigs, sorted(members)) if len(members) > 1 else members
        coordinates = _keep(kept, chosen, blocks, looks, contigs)
        seams += pairwise(chosen)
        for copy in sorted(set(members) - set(chosen)):
            _add_copy(kept, coordinates, copy, blocks[copy], contigs)
    order = {i: n for n, i in enumerate(sorted(kept))}
    in_kept = sorted((order[a], order[b]) for a, b in seams)
    return Folded(tuple(kept[i] for i in order), tuple(in_kept))


def _keep(
    kept: dict[int, Kept],
    chosen: Sequence[int],
    blocks: Sequence[Stretch],
    looks: Sequence[Look],
    contigs: Contigs,
) -> dict[int, Coordinates]:
    """Keep the blocks by which a line is read, of each what those before it lack; returns where that lies."""
    coordinates: dict[int, Coordinates] = {}
    reached: int | None = None
    for i in chosen:
        at = contigs.at[i]
        cut = 0 if reached is None else int(np.searchsorted(at, reached))
        text = blocks[i][cut:]
        look_of_text = look(text.text) if cut else looks[i]
        kept[i] = Kept(i, text, look_of_text, begins=[i], ends=[i])
        coordinates[i] = at[cut:]
        reached = contigs.end(i)
        if cut:
            before = blocks[i][:cut]
            for owner, repeat in _owners(coordinates, at[:cut], before, skip=i):
                kept[owner].repeats.append(repeat)
    return coordinates


def _add_copy(
    kept: dict[int, Kept],
    coordinates: dict[int, Coordinates],
    copy: int,
    text: Stretch,
    contigs: Contigs,
) -> None:
    """Note on the kept blocks of a line what a copy repeats of them, and where it begins and ends with them."""
    for owner, repeat in _owners(coordinates, contigs.at[copy], text):
        kept[owner].repeats.append(repeat)
    for i, at in coordinates.items():
        if contigs.begin(copy) == at[0]:
            kept[i].begins.append(copy)
        if contigs.end(copy) == contigs.end(i):
            kept[i].ends.append(copy)


def _cover(contigs: Contigs, members: Sequence[int]) -> list[int]:
    """The blocks by which a line is read: the fewest that meet end to end, the fullest of those."""
    low, codes = contigs.codes(contigs.line[members[0]])
    high = low + len(codes)
    blank = np.array([chr(code).isspace() for code in codes])
    ordered = sorted(members, key=lambda i: (contigs.begin(i), contigs.end(i), i))
    best: dict[int, tuple[float, tuple[int, ...]]] = {}
    for i in ordered:
        begin, end = contigs.begin(i), contigs.end(i)
        # A block costs 1, and a thousandth less for each character: of 40 characters 0.96.
        own = 1 - 0.001 * len(contigs.texts[i])
        alone = own + min(LACK, MISSING * (begin - low))
        options: list[tuple[float, tuple[int, ...]]] = [(alone, (i,))]
        for j, (cost, path) in best.items():
            reached = contigs.end(j)
            if contigs.begin(j) >= begin or reached >= end:
                continue
            if reached > begin:
                between = TRIM
            # A column's end swallows a space.
            elif blank[reached - low : begin - low].all():
                between = 0.0
            else:
                between = LACK
            options.append((cost + own + between, (*path, i)))
        best[i] = min(options)
    whole: list[tuple[float, tuple[int, ...]]] = []
    for i, (cost, path) in best.items():
        lacks = high - contigs.end(i)
        whole.append((cost + min(LACK, MISSING * lacks), path))
    _, cheapest = min(whole)
    return list(cheapest)


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
