"""Pages with their gold, made of articles: cut, moved, repeated, captioned, now and then short.

    stories = read_stories(Path("news.jsonl"))
    for page in generate(stories, pages=500, seed=0): ...

Every ratio is drawn anew for each page. A page depends on the stories, the seed and its number alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random
from typing import Literal

from eval.pages.articles import Story, alike
from eval.pages.corruptions import (
    cut,
    drop,
    duplicate,
    lose,
    part_headings,
    shuffle,
    shuffle_within,
    strew,
)
from eval.pages.dressing import PartRates, as_picture, dress
from eval.pages.gold import GoldPage
from eval.pages.printing import Article, Page, Paragraph, gold_of, pictures_of, printed
from models.language.words import has_han
from rag.errors import InvalidValue

Mode = Literal["jumbled", "in_order", "fragments"]
"""``fragments``: every article one paragraph without a head, cut short, half of them anywhere on the page."""
ARTICLES = (4, 9)
TOO_ALIKE = 0.1
"""Two reports of one event on a page: nobody could say which repeats which."""
_WINDOW = 80


@dataclass(frozen=True, slots=True)
class Recipe:
    """What befalls one page. ``width`` in characters, ``lines`` a column; ``reach`` None: within articles."""

    articles: int
    briefs: float
    picture_stories: int
    rates: PartRates
    width: int
    lines: tuple[int, int]
    cut: float
    reach: float | None
    far_headings: float
    repeated: int
    times: int
    in_full: float
    differing: float
    lost: int
    dropped: int


def generate(
    stories: Sequence[Story],
    *,
    pages: int,
    seed: int = 0,
    mode: Mode = "jumbled",
    articles: tuple[int, int] = ARTICLES,
) -> Iterator[GoldPage]:
    """Pages one after another.

    Raises:
        InvalidValue: fewer stories than a page takes.
    """
    if len(stories) < articles[1]:
        raise InvalidValue("articles", len(stories), f"at least {articles[1]} articles")
    # a page prints the news of about one day
    pool = sorted(stories, key=lambda story: (story.published or "", story.id))
    for number in range(pages):
        rng = Random(f"{seed} {mode} {number}")  # noqa: S311 - no secret
        yield page_of(
            pool, rng, name=f"{mode}-{seed}-{number:04}", mode=mode, articles=articles
        )


def page_of(
    pool: Sequence[Story],
    rng: Random,
    *,
    name: str,
    mode: Mode = "jumbled",
    articles: tuple[int, int] = ARTICLES,
) -> GoldPage:
    """One page of stories that stand near each other in the pool: of about one day, when it is sorted."""
    recipe = draw(rng, articles)
    chosen = _choose(pool, rng, recipe.articles)
    if mode == "fragments":
        bare = [Article(story.id, (Paragraph("body", story.text),)) for story in chosen]
        page = fragment(printed(bare), rng, recipe)
        return gold_of(page, bare, name=name, mode=mode, lang=_language(bare), rng=rng)
    dressed = []
    for number, story in enumerate(chosen):
        if number < recipe.picture_stories and has_han(story.text):
            dressed.append(as_picture(story, rng))
        else:
            dressed.append(_set(story, rng, recipe))
    rng.shuffle(dressed)
    page = printed(dressed)
    if mode == "jumbled":
        page = jumble(page, dressed, rng, recipe)
    return gold_of(
        page, dressed, name=name, mode=mode, lang=_language(dressed), rng=rng
    )


def jumble(
    page: Page, articles: Sequence[Article], rng: Random, recipe: Recipe
) -> Page:
    """All that happens to a page, in the order in which it does."""
    page = duplicate(
        page,
        rng,
        articles=recipe.repeated,
        times=recipe.times,
        in_full=recipe.in_full,
        differing=recipe.differing,
    )
    page = shuffle(page, rng)
    page = part_headings(page, rng, share=recipe.far_headings)
    page = cut(page, rng, width=recipe.width, lines=recipe.lines, share=recipe.cut)
    page = lose(page, rng, cuts=recipe.lost)
    page = drop(page, rng, fragments=recipe.dropped)
    page = _moved(page, rng, recipe.reach)
    pictures = list(chain.from_iterable(map(pictures_of, articles)))
    return strew(page, rng, pictures)


def _moved(page: Page, rng: Random, reach: float | None) -> Page:
    """Columns in another order: an article's own among each other, or any by about ``reach`` places."""
    if reach is None:
        return shuffle_within(page, rng)
    return shuffle(page, rng, reach=reach)


def fragment(page: Page, rng: Random, recipe: Recipe) -> Page:
    """The hardest page: nothing but pieces of 50 to 250 characters that begin and end within a sentence."""
    page = duplicate(
        page,
        rng,
        articles=recipe.repeated,
        times=1,
        in_full=1,
        differing=recipe.differing,
    )
    page = cut(page, rng, width=18, lines=(3, 14))
    page = drop(page, rng, fragments=recipe.dropped)
    return shuffle(page, rng) if rng.random() < 0.5 else shuffle_within(page, rng)


def draw(rng: Random, articles: tuple[int, int] = ARTICLES) -> Recipe:
    """Every ratio of a page. Half of the pages keep an article's columns together."""
    shortest = rng.randint(3, 12)
    way = rng.random()
    return Recipe(
        articles=rng.randint(*articles),
        briefs=rng.uniform(0, 0.5),
        picture_stories=rng.choice([0, 0, 0, 1, 1, 2]),
        rates=PartRates(
            headline=rng.uniform(0.5, 1),
            kicker=rng.uniform(0, 0.3),
            subtitle=rng.uniform(0, 0.5),
            byline=rng.uniform(0, 0.6),
            dateline=rng.uniform(0, 0.9),
            subheads=rng.uniform(0, 0.7),
            end=rng.uniform(0, 0.4),
            picture=rng.uniform(0, 0.5),
        ),
        width=rng.randint(12, 24),
        lines=(shortest, shortest + rng.randint(5, 30)),
        cut=rng.choice([1.0, 0.8, 0.5]),
        reach=_reach(rng, way),
        far_headings=rng.uniform(0, 0.6),
        repeated=rng.randint(1, 3),
        times=rng.choice([1, 1, 1, 2]),
        in_full=rng.uniform(0.2, 0.8),
        differing=rng.choice([0.0, 0.0, 0.3, 0.6]),
        lost=int(rng.random() < 0.25),
        dropped=int(rng.random() < 0.25),
    )


def _reach(rng: Random, way: float) -> float | None:
    """None: within the article. Else by some places (3 of 10 pages), or by any number (2 of 10)."""
    if way < 0.5:
        return None
    return rng.uniform(1, 5) if way < 0.8 else math.inf


def _choose(pool: Sequence[Story], rng: Random, count: int) -> list[Story]:
    """Stories near each other in the pool, no two of them alike; fewer when there are not so many."""
    window = min(len(pool), max(_WINDOW, 3 * count))
    begin = rng.randrange(len(pool) - window + 1)
    chosen: list[Story] = []
    for story in rng.sample(pool[begin : begin + window], window):
        if len(chosen) == count:
            break
        likeness = [alike(story.text, other.text) for other in chosen]
        if max(likeness, default=0.0) <= TOO_ALIKE:
            chosen.append(story)
    return chosen


def _language(articles: Sequence[Article]) -> str:
    return "zh" if has_han(articles[0].paragraphs[-1].text) else "en"


def _set(story: Story, rng: Random, recipe: Recipe) -> Article:
    if rng.random() < recipe.briefs:
        kept = story.paragraphs[: rng.randint(2, 4)]
        # a brief: an article of a few paragraphs
        story = Story(story.id, kept, story.title, story.published)
    return dress(story, rng, recipe.rates)
