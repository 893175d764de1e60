"""A page damaged as old pages are: columns out of order, sentences cut, text printed twice, captions between.

What befalls a page is :mod:`eval.pages.corruptions`; here the blocks of any text become such a page and back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from eval.pages import corruptions
from eval.pages.printing import (
    Article,
    Fragment,
    Page,
    Paragraph,
    Piece,
    printed,
    text_of,
)
from eval.robustness import noise
from eval.robustness.world import Blocks, blocks_of
from models.language.words import has_han

COLUMN_BLOCKS = (2, 6)
"""A column holds so many blocks, at least and at most."""
REPEATED_SHARE = 0.3
"""Share of the columns that are printed again."""
COLUMNS_A_CAPTION = 2
CHARACTERS_A_LINE = {True: 18, False: 40}
"""In Chinese and in other scripts."""
LINES = (6, 20)


def shuffle_columns(blocks: Blocks, rng: Random) -> Blocks:
    """Cut the page between blocks into columns and put the columns in any order."""
    return _blocks(corruptions.shuffle(_columns(blocks, rng), rng))


def cut_sentences(blocks: Blocks, rng: Random) -> Blocks:
    """Set the page in columns that end in mid-sentence, and let neighbouring columns change places."""
    width = CHARACTERS_A_LINE[any(map(has_han, blocks))]
    page = corruptions.cut(
        printed([_article("page", blocks)]), rng, width=width, lines=LINES
    )
    return _blocks(corruptions.shuffle(page, rng, reach=1.5))


def duplicate(blocks: Blocks, rng: Random) -> Blocks:
    """Print ``REPEATED_SHARE`` of the columns again, word for word, anywhere."""
    page = _columns(blocks, rng)
    count = math.ceil(REPEATED_SHARE * len(page))
    whole = corruptions.duplicate(page, rng, articles=count, in_full=1.0)
    # corruptions.duplicate puts them at the end; here they may stand anywhere
    copies = list(whole[len(page) :])
    found = list(page)
    for copy in copies:
        found.insert(rng.randrange(len(found) + 1), copy)
    return _blocks(tuple(found))


def strew_captions(blocks: Blocks, rng: Random) -> Blocks:
    """Put made-up captions, one for every other column, between and within the columns."""
    page = _columns(blocks, rng)
    language = "zh" if any(map(has_han, blocks)) else "en"
    pictures: list[Fragment] = []
    for number in range(math.ceil(len(page) / COLUMNS_A_CAPTION)):
        text = noise.sentence(language, rng)
        pictures.append(
            (
                Piece(
                    f"picture-{number}", -1, "caption", text, (0, len(text)), len(text)
                ),
            )
        )
    return _blocks(corruptions.strew(page, rng, pictures))


DAMAGE: dict[str, tuple[str, Callable[[Blocks, Random], Blocks]]] = {
    "shuffle_columns": ("columns in another order", shuffle_columns),
    "cut_sentences": ("columns that end in mid-sentence", cut_sentences),
    "duplicate": ("a third printed twice", duplicate),
    "captions": ("captions strewn in", strew_captions),
}


def _columns(blocks: Blocks, rng: Random) -> Page:
    """Every some blocks a fragment that moves as one."""
    articles: list[Article] = []
    at = 0
    while at < len(blocks):
        size = rng.randint(*COLUMN_BLOCKS)
        articles.append(_article(str(len(articles)), blocks[at : at + size]))
        at += size
    return printed(articles)


def _article(id_: str, blocks: Blocks) -> Article:
    return Article(id_, tuple(Paragraph("body", block) for block in blocks))


def _blocks(page: Page) -> Blocks:
    return blocks_of(text_of(page))
