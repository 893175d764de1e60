"""A made page torn: its articles cut where columns break, the fragments put as flattening leaves them, copies."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import rjieba

from models.training.pages_style import CUTS, Piece, Style

_NEVER_FIRST = "。！？!?…”’』」）)，、；："


def fragments(
    parts: list[list[Piece]], chance: random.Random, how: Style
) -> list[list[Piece]]:
    """An article's column fragments in order, cut as the style says; its captions are fragments of their
    own.
    """
    pieces, captions = parts
    fragments: list[list[Piece]] = []
    current: list[Piece] = []
    room = how.fragment * chance.uniform(0.4, 1.8)
    shift = 0
    queue = [*pieces]
    while queue:
        piece = queue.pop(0)
        current.append(piece := _moved(piece, shift))
        if piece.kind == "headline" and chance.random() < how.apart / 3:
            fragments.append(current)
            current = []
        room -= len(piece.text)
        # The column is not full yet, or what is left of the article is too short to be parted.
        short_end = not queue and len(piece.text) < 60
        if room > 0 or short_end or piece.kind != "text":
            continue
        manner = chance.choices(CUTS, how.cuts)[0]
        where = _cut(piece.text, len(piece.text) + room, manner)
        if where is None:
            if queue:
                fragments.append(current)
                current = []
        else:
            within = _within_sentence(piece.text[:where])
            first = piece.text[:where].rstrip()
            current[-1] = replace(piece, text=first, cut_after=within, copy=False)
            fragments.append(current)
            current = []
            shift += 1
            # The rest is one place further on; it is moved like all others when its turn comes.
            place = piece.place - shift + 1
            second = piece.text[where:].lstrip()
            rest = replace(
                piece, text=second, place=place, cut_before=within, copy=False
            )
            queue.insert(0, rest)
        room = how.fragment * chance.uniform(0.4, 1.8)
    if current:
        fragments.append(current)
    if captions:
        fragments.append([_moved(piece, shift) for piece in captions])
    return fragments


def _within_sentence(before: str) -> bool:
    """Whether a cut after this text falls within a sentence: not so after 。 or 。”"""
    last = before.rstrip(" ”’」』）)")[-1:]
    return last not in tuple("。！？!?…")


def _moved(piece: Piece, shift: int) -> Piece:
    return replace(piece, place=piece.place + shift)


def _cut(text: str, near: float, manner: str) -> int | None:
    """Where to cut a paragraph; None for between paragraphs."""
    if manner == "paragraph" or len(text) < 16:
        return None
    near = min(max(near, 3), len(text) - 3)
    if manner == "anywhere":
        return int(near)
    places: list[int] = []
    if manner == "word":
        at = 0
        for word in rjieba.cut(text):
            at += len(word)
            places.append(at)
    else:
        marks = "，、；：" if manner == "pause" else "。！？"
        places = [i + 1 for i, char in enumerate(text) if char in marks]
    # Three characters at least on both sides, and no line begins with a mark.
    allowed: list[int] = []
    for at in places:
        if 3 <= at <= len(text) - 3 and text[at] not in _NEVER_FIRST:
            allowed.append(at)
    if not allowed:
        return None
    return min(allowed, key=lambda at: abs(at - near))


def ordered(
    columns: list[list[Piece]], chance: random.Random, how: Style
) -> list[list[Piece]]:
    """The fragments as flattening puts them."""
    if how.order == "in order" or len(columns) < 2:
        return columns
    if how.order == "swapped":
        for _ in range(chance.randint(1, 3)):
            a, b = chance.sample(range(len(columns)), 2)
            columns[a], columns[b] = columns[b], columns[a]
        return columns
    if how.order == "interleaved":
        # Read in three rows, 0 1 2 3 4 5 6 become 0 3 6 1 4 2 5.
        rows = chance.randint(2, 4)
        interleaved: list[list[Piece]] = []
        for row in range(rows):
            interleaved += columns[row::rows]
        return interleaved
    if how.order == "near":
        # With a reach of 2 the column at 5 goes to somewhere between 3 and 7.
        reach = chance.uniform(1, 6)
        spots_near = [at + chance.uniform(-reach, reach) for at in range(len(columns))]
        order = sorted(range(len(columns)), key=lambda at: spots_near[at])
        return [columns[at] for at in order]
    shuffled = columns[:]
    chance.shuffle(shuffled)
    if how.order == "within":
        # Each article keeps its spots on the page, its columns change among them.
        spots: dict[int, list[int]] = {}
        for at, column in enumerate(columns):
            spots.setdefault(column[0].article, []).append(at)
        for ours in spots.values():
            for to, at in zip(ours, chance.sample(ours, len(ours)), strict=True):
                shuffled[to] = columns[at]
    elif how.order == "kept":
        # The articles are mixed, and each one's columns come in their order.
        queues: dict[int, list[list[Piece]]] = {}
        for column in columns:
            queues.setdefault(column[0].article, []).append(column)
        shuffled = [queues[column[0].article].pop(0) for column in shuffled]
    return shuffled


def with_copy(
    columns: list[list[Piece]], number: int, chance: random.Random, how: Style
) -> list[list[Piece]]:
    """The page with an article printed again, in full or in part, uncut, perhaps edited a little."""
    whole: list[Piece] = []
    for piece in itertools.chain(*columns):
        picture = piece.kind in ("caption", "credit")
        if piece.article == number and not piece.copy and not picture:
            whole.append(piece)
    whole.sort(key=lambda piece: piece.place)
    if len(whole) < 2:
        return columns
    if chance.random() < 0.5:
        begin = chance.choice((0, 0, chance.randrange(len(whole))))
        whole = whole[begin : begin + chance.randint(1, len(whole))]
    again: list[Piece] = []
    for piece in whole:
        if again and _goes_on(again[-1], piece):
            text = again[-1].text + piece.text
            again[-1] = replace(again[-1], text=text, cut_after=piece.cut_after)
        else:
            again.append(replace(piece, copy=True))
    if chance.random() < how.edits:
        again = [_edited(piece, chance) for piece in again]
    at = chance.randint(0, len(columns))
    return [*columns[:at], again, *columns[at:]]


def _goes_on(first: Piece, second: Piece) -> bool:
    """Whether a cut within a sentence parts the two, and nothing else."""
    neighbours = second.place == first.place + 1
    return neighbours and first.cut_after and second.cut_before


def _edited(piece: Piece, chance: random.Random) -> Piece:
    text = piece.text
    for _ in range(chance.choice((0, 1, 1, 2))):
        if not text:  # a byline of three characters may have lost them all
            break
        at = chance.randrange(len(text))
        turn = chance.random()
        if turn < 0.5:
            other = chance.choice("的一在了有大中为这上国年日出")
            text = text[:at] + other + text[at + 1 :]
        elif turn < 0.75:
            text = text[:at] + text[at + chance.randint(1, 3) :]
        else:
            text = text[:at] + chance.choice(("近日", "目前", "已", "共")) + text[at:]
    return replace(piece, text=text.strip() or piece.text)
