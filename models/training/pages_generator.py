"""Makes pages as flattening leaves them, out of news articles, with the truth of every block.

Each page draws a style: whether there are headlines, bylines, datelines, end marks and subheads; how long
paragraphs are; where columns cut (anywhere in a sentence, between words, after a pause, between sentences,
between paragraphs); how the fragments are put (in order, one swapped, columns interleaved, articles' own
order kept, any order).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from typing import Literal

import rjieba

from models.training.data import sentences
from models.training.pages_dressing import (
    AGENCIES,
    DATELINE,
    PLACES,
    credit,
    headline,
    name_of,
)

Kind = Literal[
    "text", "headline", "subtitle", "byline", "subhead", "end", "caption", "credit"
]
_ADVERTISEMENT = re.compile(r"广告声明：文内含有.*$|广告 [^。]{0,40}×")
_SENTENCE_ENDS = "。！？!?…”’』」）)"


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of a page with its truth.

    ``article`` is -1 for what belongs to none; ``place`` counts through it in reading order, whatever was
    dropped; ``cut_before`` and ``cut_after``: it begins or ends within a sentence; ``copy`` of an earlier
    piece.
    """

    text: str
    article: int
    place: int
    kind: Kind = "text"
    cut_before: bool = False
    cut_after: bool = False
    copy: bool = False


@dataclass(slots=True)
class Style:
    """How one page is made; drawn by :func:`style`."""

    headline: float
    byline: float
    dateline: float
    end: float
    subhead: float
    caption: float
    paragraph: int
    cuts: tuple[float, ...]
    order: str
    apart: float
    drop: float
    copies: int
    edits: float
    fragment: int
    brief: float
    picture: float
    leads: float


WHOLE = 10_000
"""A paragraph of so many characters is the whole article, as it often is on the web."""
CUTS = ("anywhere", "word", "pause", "sentence", "paragraph")
ORDERS = (
    *(
        "any",
        "any",
        "any",
        "within",
        "within",
        "within",
        "near",
        "near",
        "kept",
        "interleaved",
    ),
    *("swapped", "swapped", "in order", "in order"),
)


def style(chance: random.Random, copies: bool = True) -> Style:
    """A style of page. ``copies=False`` repeats nothing, for training what orders pages without repeats."""
    some = (0.0, 0.3, 1.0)
    cuts = chance.choice(
        ((0.9, 0, 0, 0.05, 0.05), (0.5, 0.3, 0.1, 0.05, 0.05), (0, 0.8, 0.1, 0, 0.1), (0.4, 0.3, 0.1, 0.1,
        0.1), (1, 0, 0, 0, 0))
    )  # fmt: skip
    return Style(
        headline=chance.choice((0.0, 0.5, 1.0, 1.0)),
        byline=chance.choice(some),
        dateline=chance.choice(some),
        end=chance.choice((0.0, 0.0, 0.3)),
        subhead=chance.choice((0.0, 0.3, 0.6, 1.0)),
        caption=chance.choice((0.0, 0.2, 0.5)),
        paragraph=chance.choice((50, 80, 80, 120, 120, 180, 180, WHOLE)),
        cuts=cuts,
        order=chance.choice(ORDERS),
        apart=chance.choice((0.0, 0.3, 0.8)),
        drop=chance.choice((0.0, 0.0, 0.3)),
        copies=chance.choice((0, 1, 2, 3)) if copies else 0,
        edits=chance.choice((0.0, 0.3, 1.0)),
        fragment=chance.choice((40, 60, 100, 150, 220, 320, 500)),
        picture=chance.choice((0.0, 0.0, 0.15)),
        leads=chance.choice((0.0, 0.1, 0.3)),
        brief=chance.uniform(0, 0.4),
    )


def page(texts: list[str], chance: random.Random, how: Style) -> list[Piece]:
    """A page of these articles, its pieces in the order they stand on it."""
    columns: list[list[Piece]] = []
    for number, text in enumerate(texts):
        columns += _fragments(_article(text, number, chance, how), chance, how)
    stray = [column for column in columns if column[0].kind in ("caption", "credit")]
    columns = _ordered(
        [column for column in columns if column not in stray], chance, how
    )
    for column in stray:
        columns.insert(chance.randint(0, len(columns)), column)
    columns = [
        column
        for column in columns
        if not (chance.random() < how.drop / 12 and len(columns) > 4)
    ]
    for number in chance.sample(range(len(texts)), min(how.copies, len(texts))):
        columns = _with_copy(columns, number, chance, how)
    return [piece for column in columns for piece in column]


def _article(
    text: str, number: int, chance: random.Random, how: Style
) -> list[list[Piece]]:
    """Pieces of an article in order; a list each for what a cut never parts from its neighbour."""
    text = _ADVERTISEMENT.sub("", " ".join(text.split())).strip()
    if (opening := DATELINE.match(text)) and chance.random() < 0.6:
        text = text[opening.end() :]
    paragraphs = _paragraphs(text, chance, how)
    if chance.random() < how.picture:
        return [_picture(paragraphs, number, chance), []]
    if chance.random() < how.brief:
        paragraphs = paragraphs[: chance.randint(1, 4)]
    head: list[tuple[str, Kind]] = []
    name = name_of(chance)
    dateline = chance.random() < how.dateline
    if dateline and not DATELINE.match(paragraphs[0]):
        day = f"{chance.randint(1, 12)}月{chance.randint(1, 28)}日"
        by = chance.choice(
            (
                f"（记者 {name}）",
                f"（记者{name}）",
                f"（记者 {name} {name_of(chance)}）",
                "",
            )
        )
        paragraphs[0] = (
            f"{chance.choice(AGENCIES)}{chance.choice(PLACES)}{day}电{by}{paragraphs[0]}"
        )
    whole = text if chance.random() < 0.6 else chance.choice(paragraphs)
    if chance.random() < how.headline and (title := headline(whole, chance)):
        if chance.random() < 0.1 and (kicker := headline(paragraphs[-1], chance)):
            head.append((kicker, "headline"))
        head.append((title, "headline"))
        if chance.random() < 0.3 and (
            second := headline(" ".join(paragraphs[1:]), chance)
        ):
            head.append((f"——{second}", "subtitle"))
    if chance.random() < how.byline and not dateline:
        role = chance.choice(
            ("新华社记者 ", "本报记者 ", "记者 ", "本报记者", "通讯员 ", "文/")
        )
        head.append(
            (role + chance.choice((name, f"{name} {name_of(chance)}")), "byline")
        )
    pieces = [
        Piece(words, number, place, kind) for place, (words, kind) in enumerate(head)
    ]
    captions: list[Piece] = []
    for paragraph in paragraphs:
        if (
            chance.random() < how.subhead / 2.5
            and len(pieces) > len(head)
            and (
                sub := headline(
                    chance.choice((paragraph, chance.choice(paragraphs))), chance
                )
            )
        ):
            pieces.append(Piece(sub, number, len(pieces), "subhead"))
        pieces.append(Piece(paragraph, number, len(pieces)))
    if chance.random() < how.end:
        marks = (
            "（完）",
            "（参与记者：" + name_of(chance) + "）",
            "（新华社" + chance.choice(PLACES) + "8月3日电）",
        )
        pieces.append(Piece(chance.choice(marks), number, len(pieces), "end"))
    if chance.random() < how.caption:
        captions = _caption(paragraphs, number, len(pieces), chance)
    return [pieces, captions]


def _caption(
    paragraphs: list[str], number: int, place: int, chance: random.Random
) -> list[Piece]:
    sentence = chance.choice(sentences(chance.choice(paragraphs))).strip()
    if not 12 <= len(sentence) <= 90:
        return []
    shot = credit(chance)
    sentence = chance.choice(("图为", "", "")) + sentence
    if chance.random() < 0.5:
        return [Piece(sentence + shot, number, place, "caption")]
    return [
        Piece(sentence, number, place, "caption"),
        Piece(shot, number, place + 1, "credit"),
    ]


def _paragraphs(text: str, chance: random.Random, how: Style) -> list[str]:
    found: list[str] = []
    current = ""
    for sentence in sentences(text):
        if len(sentence) > 400:  # no sentence: a list of words, a page's foot
            continue
        current += sentence
        if len(current) >= how.paragraph * chance.uniform(0.4, 1.8):
            found.append(_leading_on(current.strip(), chance, how))
            current = ""
    if current.strip():
        found.append(current.strip())
    return [each for each in found if each] or [text[:200]]


def _leading_on(paragraph: str, chance: random.Random, how: Style) -> str:
    """Now and then a short paragraph that announces the next: it ends in a dash or a colon."""
    if len(paragraph) < 70 and paragraph[-1] == "。" and chance.random() < how.leads:
        return paragraph[:-1] + chance.choice(("——", "：", "——"))
    return paragraph


def _picture(paragraphs: list[str], number: int, chance: random.Random) -> list[Piece]:
    """A picture's words that are an article by themselves, and whose picture it is."""
    words = [
        sentences(each)[0].strip() for each in paragraphs[: chance.choice((1, 1, 2))]
    ]
    pieces = [
        Piece(each, number, place, "caption")
        for place, each in enumerate(words)
        if each
    ]
    return [*pieces, Piece(credit(chance), number, len(pieces), "credit")]


def _fragments(
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


def _ordered(
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


def _with_copy(
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
