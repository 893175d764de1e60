"""What is known of the blocks of a page and of each pair of them, before any is joined.

A border between two blocks is looked at with the character model and with the page itself; topics are
compared by rare character bigrams and trigrams, meanings by the static encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from models.arrays import Floats
from models.pages.borders import borders, echoes, goes_on
from models.pages.continuation import Continuation
from models.pages.lines import BEGINNINGS, ENDINGS, Look, look
from models.pages.network import forward
from models.pages.ngrams import CharacterModel, normalise
from models.pages.openings import Openings
from models.pages.topics import topics
from models.static import StaticTable

CAPTION = 130
"""The most characters of a caption that is known for one only by the credit under it."""
MOST_PAUSES, MOST_SPACES = 6, 3
"""More of them in a block say nothing more of its edges."""

EDGES: tuple[str, ...] = (
    "starts_plain", "stops", "pauses_next", *(f"ending_{name}" for name in ENDINGS),
    *(f"beginning_{name}" for name in BEGINNINGS), "length", "pauses", "spaces", "unclosed", "unopened",
    "opens", "closes", "position", "furniture", "dated",
)  # fmt: skip

Places = Sequence[Sequence[int]]
"""Of each block the places on the page where it begins, or ends: more than one where it is printed again."""


@dataclass(frozen=True, slots=True)
class Models:
    """What looks at the text of blocks; ``edges`` are the weights of the network that judges how one begins
    and ends."""

    characters: CharacterModel
    continuation: Continuation
    openings: Openings
    encoder: StaticTable
    edges: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of each block and each pair of blocks, before any is joined. ``n`` blocks.

    ``places`` are where on the page a block stands: once, or as often as it is printed.
    """

    looks: tuple[Look, ...]
    places: tuple[tuple[int, ...], ...]
    # (n, n, 2): the whole border, its first character
    goes_on: Floats
    # (n, n): see Continuation
    continues: Floats
    # (n, n, 3): n-grams of 2, 3, 4 characters across the border that the page has elsewhere
    echoes: Floats
    # (n, 3): plain start, full stop next, pause next
    border: Floats
    # (n, 2): log-odds that it begins, that it ends within a sentence
    edges: Floats
    # (n, 3): see Openings
    standing: Floats
    # (n, n): inner products of the blocks' topics
    topics: Floats
    # (n, n): and of their embeddings
    meanings: Floats
    # (n, n): how far after the one the other begins
    gaps: Floats
    # (n, n): at how many places the one is printed right after the other
    beside: Floats
    # (n, n, 3): what the first network says of single blocks
    glance: Floats | None = None


def gather(
    texts: Sequence[str], places: tuple[Places, Places], models: Models
) -> Evidence:
    """Look at each block of a page.

    Args:
        texts: blocks, none of them empty.
        places: where on the page each begins and where each ends, in blocks.
    """
    begins, ends = places
    characters = models.characters
    normal = [normalise(text) for text in texts]
    ids = [characters.ids(text) for text in normal]
    looks = captioned([look(text) for text in texts])
    standing = models.openings(ids)
    border = borders(characters, normal)
    leads = models.continuation(ids)
    from_ends, from_starts = leads
    about = topics(ids, characters)
    meanings = np.stack([_meaning(models.encoder, text) for text in texts])
    return Evidence(
        looks=looks,
        places=tuple(tuple(each) for each in begins),
        goes_on=goes_on(characters, normal),
        continues=np.asarray(from_ends @ from_starts.T, np.float32),
        echoes=echoes(characters, normal, ids),
        border=border,
        edges=forward(models.edges, edges(looks, border, standing, leads)),
        standing=standing,
        # a run's products are sums of its blocks', so that these are computed once a page
        topics=np.asarray(about @ about.T, np.float32),
        meanings=np.asarray(meanings @ meanings.T, np.float32),
        gaps=_gaps(begins, ends),
        beside=_beside(begins, ends),
    )


def edge_odds(models: Models, normal: Sequence[str], looks: Sequence[Look]) -> Floats:
    """``(n, 2)`` log-odds that each of these normalised texts begins, ends within a sentence."""
    ids = [models.characters.ids(text) for text in normal]
    features = edges(
        looks,
        borders(models.characters, normal),
        models.openings(ids),
        models.continuation(ids),
    )
    return forward(models.edges, features)


def captioned(looks: Sequence[Look]) -> tuple[Look, ...]:
    """The looks of blocks in page order, a short paragraph above a credit taken for its caption."""
    found = list(looks)
    for at, (above, below) in enumerate(pairwise(looks)):
        if below.furniture == "credit" and _may_be_caption(above):
            found[at] = replace(above, furniture="caption")
    return tuple(found)


def edges(
    looks: Sequence[Look],
    border: Floats,
    standing: Floats,
    leads: tuple[Floats, Floats],
) -> Floats:
    """``(n, features)`` of blocks: how their edges look (``EDGES``), and where they lead."""
    plain = np.array([_edge_signs(each) for each in looks], np.float32)
    told = np.array(
        [[each.furniture is not None, each.dated] for each in looks], np.float32
    )
    columns = np.concatenate([border, plain, standing, told, *leads], axis=1)
    return columns.astype(np.float32)


def _meaning(encoder: StaticTable, text: str) -> Floats:
    """``(dimension,)``: the sum of the text's token vectors."""
    _, vectors = encoder.token_vectors(text)
    return np.asarray(vectors.sum(axis=0), np.float32)


def _may_be_caption(found: Look) -> bool:
    if found.furniture is not None or found.dated or found.length > CAPTION:
        return False
    return ENDINGS[found.ending] in ("terminal", "closed")


def _edge_signs(found: Look) -> list[float]:
    endings = [found.ending == number for number in range(len(ENDINGS))]
    beginnings = [found.beginning == number for number in range(len(BEGINNINGS))]
    return [
        *endings,
        *beginnings,
        float(np.log(found.length)),
        min(found.pauses, MOST_PAUSES),
        min(found.spaces, MOST_SPACES),
        bool(found.unclosed),
        bool(found.unopened),
    ]


def _gaps(begins: Places, ends: Places) -> Floats:
    """``(n, n)``: how far after the end of ``i`` the block ``j`` begins, where they are printed nearest."""
    first = np.array([each[0] for each in begins], np.float32)
    last = np.array([each[0] for each in ends], np.float32)
    gaps = first[None, :] - last[:, None]
    for i, after in enumerate(ends):
        for j, before in enumerate(begins):
            if len(after) > 1 or len(before) > 1:
                gaps[i, j] = _nearest(after, before)
    return np.asarray(gaps, np.float32)


def _nearest(ends: Sequence[int], begins: Sequence[int]) -> int:
    """The smallest gap; of two alike the one forwards: 2 rather than -2."""
    gaps = [begin - end for end in ends for begin in begins]
    return min(gaps, key=lambda gap: abs(gap) * 2 - (gap > 0))


def _beside(begins: Places, ends: Places) -> Floats:
    """``(n, n)``: how often ``j`` begins in the block after that in which ``i`` ends."""
    beginning: dict[int, list[int]] = {}
    for j, found in enumerate(begins):
        for at in found:
            beginning.setdefault(at, []).append(j)
    counts = np.zeros((len(ends), len(begins)), np.float32)
    for i, found in enumerate(ends):
        for at in found:
            counts[i, beginning.get(at + 1, [])] += 1
    return counts
