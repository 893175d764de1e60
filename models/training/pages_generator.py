"""Makes pages as flattening leaves them, out of news articles, with the truth of every block.

Each page draws a style: whether there are headlines, bylines, datelines, end marks and subheads; how long
paragraphs are; where columns cut (anywhere in a sentence, between words, after a pause, between sentences,
between paragraphs); how the fragments are put (in order, one swapped, columns interleaved, articles' own
order kept, any order).
"""

from __future__ import annotations

import itertools
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
    # Captions stand by their pictures, and those anywhere.
    stray = [column for column in columns if column[0].kind in ("caption", "credit")]
    others = [column for column in columns if column not in stray]
    columns = ordered(others, chance, how)
    for column in stray:
        columns.insert(chance.randint(0, len(columns)), column)
    columns = _some_dropped(columns, chance, how)
    for number in chance.sample(range(len(texts)), min(how.copies, len(texts))):
        columns = with_copy(columns, number, chance, how)
    return list(itertools.chain(*columns))


def _some_dropped(
    columns: list[list[Piece]], chance: random.Random, how: Style
) -> list[list[Piece]]:
    """The page without what was clipped or not recognised: at .3, one column of forty."""
    kept: list[list[Piece]] = []
    for column in columns:
        dropped = chance.random() < how.drop / 12
        if not dropped or len(columns) <= 4:
            kept.append(column)
    return kept


def _article(
    text: str, number: int, chance: random.Random, how: Style
) -> list[list[Piece]]:
    """Pieces of an article in order; a list each for what a cut never parts from its neighbour."""
    text = _ADVERTISEMENT.sub("", " ".join(text.split())).strip()
    opening = DATELINE.match(text)
    if opening and chance.random() < 0.6:
        text = text[opening.end() :]
    paragraphs = _paragraphs(text, chance, how)
    if chance.random() < how.picture:
        return [_picture(paragraphs, number, chance), []]
    if chance.random() < how.brief:
        paragraphs = paragraphs[: chance.randint(1, 4)]
    name = name_of(chance)
    dateline = chance.random() < how.dateline
    if dateline and not DATELINE.match(paragraphs[0]):
        paragraphs[0] = _dateline(name, chance) + paragraphs[0]
    head = _titles(text, paragraphs, chance, how)
    if chance.random() < how.byline and not dateline:
        head.append((_byline(name, chance), "byline"))
    pieces: list[Piece] = []
    for words, kind in head:
        pieces.append(Piece(words, number, len(pieces), kind))
    for paragraph in paragraphs:
        # Never right under the headline.
        if chance.random() < how.subhead / 2.5 and len(pieces) > len(head):
            told = chance.choice((paragraph, chance.choice(paragraphs)))
            subhead = headline(told, chance)
            if subhead:
                pieces.append(Piece(subhead, number, len(pieces), "subhead"))
        pieces.append(Piece(paragraph, number, len(pieces)))
    if chance.random() < how.end:
        pieces.append(Piece(_end_mark(chance), number, len(pieces), "end"))
    captions: list[Piece] = []
    if chance.random() < how.caption:
        captions = _caption(paragraphs, number, len(pieces), chance)
    return [pieces, captions]


def _dateline(name: str, chance: random.Random) -> str:
    """``新华社杭州8月16日电（记者 李明）``"""
    day = f"{chance.randint(1, 12)}月{chance.randint(1, 28)}日"
    reporters = (
        f"（记者 {name}）",
        f"（记者{name}）",
        f"（记者 {name} {name_of(chance)}）",
        "",
    )
    reporter = chance.choice(reporters)
    agency = chance.choice(AGENCIES)
    place = chance.choice(PLACES)
    return f"{agency}{place}{day}电{reporter}"


def _titles(
    text: str, paragraphs: list[str], chance: random.Random, how: Style
) -> list[tuple[str, Kind]]:
    """What stands above an article: nothing, or a headline, now and then with a line before or after it."""
    titles: list[tuple[str, Kind]] = []
    whole = text if chance.random() < 0.6 else chance.choice(paragraphs)
    if chance.random() >= how.headline:
        return titles
    title = headline(whole, chance)
    if not title:
        return titles
    if chance.random() < 0.1:
        kicker = headline(paragraphs[-1], chance)
        if kicker:
            titles.append((kicker, "headline"))
    titles.append((title, "headline"))
    if chance.random() < 0.3:
        second = headline(" ".join(paragraphs[1:]), chance)
        if second:
            titles.append((f"——{second}", "subtitle"))
    return titles


def _byline(name: str, chance: random.Random) -> str:
    """``本报记者 李明``, or of two who wrote it together."""
    roles = ("新华社记者 ", "本报记者 ", "记者 ", "本报记者", "通讯员 ", "文/")
    role = chance.choice(roles)
    return role + chance.choice((name, f"{name} {name_of(chance)}"))


def _end_mark(chance: random.Random) -> str:
    """What an agency puts under an article."""
    marks = (
        "（完）",
        "（参与记者：" + name_of(chance) + "）",
        "（新华社" + chance.choice(PLACES) + "8月3日电）",
    )
    return chance.choice(marks)


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
    pieces: list[Piece] = []
    for place, paragraph in enumerate(paragraphs[: chance.choice((1, 1, 2))]):
        words = sentences(paragraph)[0].strip()
        if words:
            pieces.append(Piece(words, number, place, "caption"))
    return [*pieces, Piece(credit(chance), number, len(pieces), "credit")]
