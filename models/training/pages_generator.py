"""Makes pages as flattening leaves them, out of news articles, with the truth of every block.

Each page draws a style: whether there are headlines, bylines, datelines, end marks and subheads; how long
paragraphs are; where columns cut (anywhere in a sentence, between words, after a pause, between sentences,
between paragraphs); how the fragments are put (in order, one swapped, columns interleaved, articles' own
order kept, any order).
"""

from __future__ import annotations

import random
import re

from models.training.data import sentences
from models.training.pages_dressing import (
    AGENCIES,
    DATELINE,
    PLACES,
    credit,
    headline,
    name_of,
)
from models.training.pages_fragments import fragments, ordered, with_copy
from models.training.pages_style import Kind, Piece, Style

_ADVERTISEMENT = re.compile(r"广告声明：文内含有.*$|广告 [^。]{0,40}×")


def page(texts: list[str], chance: random.Random, how: Style) -> list[Piece]:
    """A page of these articles, its pieces in the order they stand on it."""
    columns: list[list[Piece]] = []
    for number, text in enumerate(texts):
        columns += fragments(_article(text, number, chance, how), chance, how)
    stray = [column for column in columns if column[0].kind in ("caption", "credit")]
    columns = ordered(
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
        columns = with_copy(columns, number, chance, how)
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
