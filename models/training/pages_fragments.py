"""A made page torn: its articles cut where columns break, the fragments put as flattening leaves them, copies."""

from __future__ import annotations

import random
from dataclasses import replace

import rjieba

from models.training.pages_style import CUTS, Piece, Style

_SENTENCE_ENDS = "。！？!?…”’』」）)"


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
        if room > 0 or (not queue and len(piece.text) < 60) or piece.kind != "text":
            continue
        manner = chance.choices(CUTS, how.cuts)[0]
        where = _cut(piece.text, len(piece.text) + room, manner)
        if where is None:
            if queue:
                fragments.append(current)
                current = []
        else:
            within = piece.text[:where].rstrip(" ”’」』）)")[-1:] not in tuple(
                "。！？!?…"
            )
            first, second = piece.text[:where].rstrip(), piece.text[where:].lstrip()
            current[-1] = Piece(
                first, piece.article, piece.place, piece.kind, piece.cut_before, within
            )
            fragments.append(current)
            current = []
            shift += 1
            queue.insert(
                0,
                Piece(
                    second,
                    piece.article,
                    piece.place - shift + 1,
                    piece.kind,
                    within,
                    piece.cut_after,
                ),
            )
        room = how.fragment * chance.uniform(0.4, 1.8)
    if current:
        fragments.append(current)
    if captions:
        fragments.append([_moved(piece, shift) for piece in captions])
    return fragments


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
    places = [
        at
        for at in places
        if 3 <= at <= len(text) - 3 and text[at] not in _SENTENCE_ENDS + "，、；："
    ]
    return min(places, key=lambda at: abs(at - near)) if places else None


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
        rows = chance.randint(2, 4)
        return [column for row in range(rows) for column in columns[row::rows]]
    if how.order == "near":
        reach = chance.uniform(1, 6)
        keys = {
            id(column): at + chance.uniform(-reach, reach)
            for at, column in enumerate(columns)
        }
        return sorted(columns, key=lambda column: keys[id(column)])
    shuffled = columns[:]
    chance.shuffle(shuffled)
    if how.order == "within":
        spots: dict[int, list[int]] = {}
        for at, column in enumerate(columns):
            spots.setdefault(column[0].article, []).append(at)
        for ours in spots.values():
            for to, at in zip(ours, chance.sample(ours, len(ours)), strict=True):
                shuffled[to] = columns[at]
    elif how.order == "kept":
        queues: dict[int, list[list[Piece]]] = {}
        for column in columns:
            queues.setdefault(column[0].article, []).append(column)
        shuffled = [queues[column[0].article].pop(0) for column in shuffled]
    return shuffled


def with_copy(
    columns: list[list[Piece]], number: int, chance: random.Random, how: Style
) -> list[list[Piece]]:
    """The page with an article printed again, in full or in part, uncut, perhaps edited a little."""
    whole = sorted(
        (p for c in columns for p in c if p.article == number and not p.copy),
        key=lambda p: p.place,
    )
    whole = [p for p in whole if p.kind not in ("caption", "credit")]
    if len(whole) < 2:
        return columns
    if chance.random() < 0.5:
        begin = chance.choice((0, 0, chance.randrange(len(whole))))
        whole = whole[begin : begin + chance.randint(1, len(whole))]
    again: list[Piece] = []
    for piece in whole:
        if (
            again
            and again[-1].cut_after
            and piece.cut_before
            and piece.place == again[-1].place + 1
        ):
            text = again[-1].text + piece.text
            again[-1] = replace(again[-1], text=text, cut_after=piece.cut_after)
        else:
            again.append(replace(piece, copy=True))
    if chance.random() < how.edits:
        again = [_edited(piece, chance) for piece in again]
    at = chance.randint(0, len(columns))
    return [*columns[:at], again, *columns[at:]]


def _edited(piece: Piece, chance: random.Random) -> Piece:
    text = piece.text
    for _ in range(chance.choice((0, 1, 1, 2))):
        if not text:  # a byline of three characters may have lost them all
            break
        at = chance.randrange(len(text))
        turn = chance.random()
        if turn < 0.5:
            text = (
                text[:at]
                + chance.choice("的一在了有大中为这上国年日出")
                + text[at + 1 :]
            )
        elif turn < 0.75:
            text = text[:at] + text[at + chance.randint(1, 3) :]
        else:
            text = text[:at] + chance.choice(("近日", "目前", "已", "共")) + text[at:]
    return replace(piece, text=text.strip() or piece.text)
