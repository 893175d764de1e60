"""What is known of the blocks of a page and of each pair of them, before any is joined.

A border between two blocks is looked at with the character model and with the page itself; topics are
compared by rare character bigrams and trigrams, meanings by the static encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.pages.continuation import Continuation
from models.pages.lines import BEGINNINGS, ENDINGS, Look, look
from models.pages.network import forward
from models.pages.ngrams import UNKNOWN, CharacterModel, Ids, key, normalise
from models.pages.openings import Openings
from models.static import StaticTable

Floats = NDArray[np.float32]

DIMENSIONS = 1 << 12
"""Buckets of the character bigrams and trigrams by which topics are compared."""
COMMON = 6
"""Rarity, in nats, below which an n-gram says nothing of a topic."""
CAPTION = 130
"""The most characters of a caption that is known for one only by the credit under it."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MARKS = "，、的；："

EDGES: tuple[str, ...] = (
    "starts_plain", "stops", "pauses_next", *(f"ending_{name}" for name in ENDINGS),
    *(f"beginning_{name}" for name in BEGINNINGS), "length", "pauses", "spaces", "unclosed", "unopened",
    "opens", "closes", "position", "furniture", "dated",
)  # fmt: skip


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
    goes_on: Floats  # (n, n, 2): the whole border, its first character
    continues: Floats  # (n, n): see Continuation
    echoes: Floats  # (n, n, 3): n-grams of 2, 3, 4 characters across the border that the page has elsewhere
    border: Floats  # (n, 3): plain start, full stop next, pause next
    edges: Floats  # (n, 2): log-odds that it begins, that it ends within a sentence
    standing: Floats  # (n, 3): see Openings
    topics: Floats  # (n, n): inner products of the blocks' topics
    meanings: Floats  # (n, n): and of their embeddings
    gaps: Floats  # (n, n)
    beside: (
        Floats  # (n, n): at how many places the one is printed right after the other
    )
    glance: Floats | None = (
        None  # (n, n, 3): what the first network says of single blocks
    )


def gather(
    texts: Sequence[str],
    places: tuple[Sequence[Sequence[int]], Sequence[Sequence[int]]],
    models: Models,
) -> Evidence:
    """Look at each block of a page.

    Args:
        texts: blocks, none of them empty.
        places: where on the page each begins and where each ends, in blocks; more than one where it is
        printed
            again.
    """
    normal = [normalise(text) for text in texts]
    characters = models.characters
    ids = [characters.ids(text) for text in normal]
    ends, starts = characters.ends(normal), characters.starts(normal)
    looks = captioned(list(map(look, texts)))
    standing = models.openings(ids)
    border = borders(characters, normal)
    towards = models.continuation(ids)
    meanings = np.stack(
        [vectors.sum(axis=0) for _, vectors in map(models.encoder.token_vectors, texts)]
    )
    return Evidence(
        looks=looks,
        places=tuple(tuple(each) for each in places[0]),
        goes_on=_goes_on(characters, ends, starts),
        continues=np.asarray(towards[0] @ towards[1].T, np.float32),
        echoes=_echoes(ids, ends, starts),
        border=border,
        edges=forward(models.edges, edges(looks, border, standing, towards)),
        standing=standing,
        topics=products(topics(ids, characters)),
        meanings=products(meanings),
        gaps=_gaps(*places),
        beside=_beside(*places),
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
    return tuple(
        replace(this, furniture="caption")
        if this.furniture is None
        and not this.dated
        and after is not None
        and after.furniture == "credit"
        and this.length <= CAPTION
        and ENDINGS[this.ending] in ("terminal", "closed")
        else this
        for this, after in zip(looks, [*looks[1:], None], strict=True)
    )


def borders(characters: CharacterModel, normal: Sequence[str]) -> Floats:
    """``(n, 3)`` of normalised texts: how like a sentence's one starts; how likely a stop, a pause follows
    it.
    """
    ends, starts = characters.ends(normal), characters.starts(normal)
    sentence = np.broadcast_to(characters.ends(["。"]), ends.shape)
    columns = [
        characters.goes_on(sentence, starts).sum(axis=1),
        characters.log_chance(ends, "。"),
        np.max([characters.log_chance(ends, mark) for mark in _MARKS], axis=0),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def edges(
    looks: Sequence[Look],
    border: Floats,
    standing: Floats,
    towards: tuple[Floats, Floats],
) -> Floats:
    """``(n, features)`` of blocks: how their edges look (``EDGES``), and where they lead."""
    plain = np.array(
        [
            [
                *(look.ending == i for i in range(len(ENDINGS))),
                *(look.beginning == i for i in range(len(BEGINNINGS))),
                np.log(look.length), min(look.pauses, 6), min(look.spaces, 3),
                bool(look.unclosed), bool(look.unopened),
            ]
            for look in looks
        ],
        np.float32,
    )  # fmt: skip
    signs = np.array(
        [[look.furniture is not None, look.dated] for look in looks], np.float32
    )
    return np.concatenate([border, plain, standing, signs, *towards], axis=1).astype(
        np.float32
    )


def goes_on(characters: CharacterModel, normal: Sequence[str]) -> Floats:
    """``(n, n, 2)`` of normalised texts: how much likelier each is right after each other than by itself.

    By the whole border, and by the first character after it.
    """
    return _goes_on(characters, characters.ends(normal), characters.starts(normal))


def _goes_on(characters: CharacterModel, ends: Ids, starts: Ids) -> Floats:
    """``(n, n, 2)``; alike ends and starts are looked up once."""
    different_ends, end_of = np.unique(ends, axis=0, return_inverse=True)
    different_starts, start_of = np.unique(starts, axis=0, return_inverse=True)
    a, b = len(different_ends), len(different_starts)
    gains = characters.goes_on(
        np.repeat(different_ends, b, axis=0), np.tile(different_starts, (a, 1))
    )
    grid = np.stack([gains.sum(axis=1), gains[:, 0]], axis=1).reshape(a, b, 2)
    return np.asarray(grid[end_of.ravel()][:, start_of.ravel()], np.float32)


def _echoes(ids: Sequence[Ids], ends: Ids, starts: Ids) -> Floats:
    """``(n, n, 3)``: a name that is cut in two stands whole elsewhere on the page.

    The idea of a cache model (Kuhn and De Mori, A Cache-Based Natural Language Model, 1990).
    """
    n = len(ids)
    found = np.zeros((n, n, 3), np.float32)
    for column, order in enumerate((2, 3, 4)):
        grams = [
            key(np.lib.stride_tricks.sliding_window_view(each, order))
            for each in ids
            if len(each) >= order
        ]
        if not grams:
            continue
        known = np.unique(np.concatenate(grams))
        for before in range(1, order):
            after = order - before
            left, right = ends[:, -before:], starts[:, :after]
            seen = (left != UNKNOWN).all(axis=1)[:, None] & (right != UNKNOWN).all(
                axis=1
            )[None, :]
            border = (key(left) << np.uint64(12 * after))[:, None] | key(right)[None, :]
            at = np.searchsorted(known, border).clip(max=len(known) - 1)
            found[..., column] += (known[at] == border) & seen
    return found


def topics(ids: Sequence[Ids], characters: CharacterModel) -> Floats:
    """Character bigrams and trigrams by rarity, in the news and on the page, hashed: ``(n, DIMENSIONS)``."""
    owners: list[NDArray[np.int64]] = []
    places: list[NDArray[np.int64]] = []
    weights: list[Floats] = []
    for order in (2, 3):
        grams = [
            np.lib.stride_tricks.sliding_window_view(each, order)
            for each in ids
            if len(each) >= order
        ]
        if not grams:
            continue
        whose = np.concatenate(
            [
                np.full(len(each) - order + 1, i)
                for i, each in enumerate(ids)
                if len(each) >= order
            ]
        )
        stacked = np.concatenate(grams)
        good = (stacked != UNKNOWN).all(axis=1)
        stacked, whose = stacked[good], whose[good]
        owners.append(whose)
        weights.append(np.maximum(characters.rarity(stacked) - COMMON, 0))
        hashes = np.zeros(len(stacked), np.uint64)
        for place in range(order):
            hashes = (
                hashes + stacked[:, place].astype(np.uint64) + np.uint64(order)
            ) * _MIX
        places.append((hashes >> np.uint64(64 - 12)).astype(np.int64))
    topics = np.zeros((len(ids), DIMENSIONS), np.float32)
    if owners:
        np.add.at(
            topics,
            (np.concatenate(owners), np.concatenate(places)),
            np.concatenate(weights),
        )
    spread = (topics > 0).sum(axis=0)
    return np.asarray(
        np.sqrt(topics) * np.log1p(len(ids) / np.maximum(spread, 1)), np.float32
    )


def _gaps(begins: Sequence[Sequence[int]], ends: Sequence[Sequence[int]]) -> Floats:
    """``(n, n)``: how far after the end of ``i`` the block ``j`` begins, where they are printed nearest."""
    first = np.array([each[0] for each in begins], np.float32)
    last = np.array([each[0] for each in ends], np.float32)
    gaps = first[None, :] - last[:, None]
    for i, after in enumerate(ends):
        for j, before in enumerate(begins):
            if len(after) > 1 or len(before) > 1:
                gaps[i, j] = min(
                    (y - x for x in after for y in before),
                    key=lambda gap: abs(gap) * 2 - (gap > 0),
                )
    return np.asarray(gaps, np.float32)


def _beside(begins: Sequence[Sequence[int]], ends: Sequence[Sequence[int]]) -> Floats:
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


def products(vectors: Floats) -> Floats:
    """Inner products of rows; a run's are sums of its blocks', so this is done once a page."""
    return np.asarray(vectors @ vectors.T, np.float32)
