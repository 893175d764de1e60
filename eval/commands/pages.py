"""``chuchu eval pages``: how well a page is read as its articles, and what that is worth."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from eval.commands.measuring import measure
from eval.commands.options import OUT, Baseline, Gates, Json, Out, told_errors
from eval.commands.page_options import (
    Articles,
    Corruption,
    Count,
    Draws,
    EveryArticle,
    Facts,
    Fragments,
    Gold,
    Grow,
    InARow,
    InOrder,
    Ordinary,
    Seed,
    SeedPage,
    Worst,
)
from eval.facts import read_facts
from eval.gates import GATES
from eval.pages.articles import Story, read_stories
from eval.pages.corruption_trials import print_corruptions, run_corruptions, trials
from eval.pages.generator import ARTICLES, Mode, generate
from eval.pages.gold import SEED_GOLD, GoldPage, read_gold
from eval.pages.ordinary import OrdinaryText, read_texts
from eval.pages.ordinary import in_a_row as in_a_row_of
from eval.pages.running import Growth, describe, growth, run_pages
from eval.progress import track
from eval.results import Results

SEED_FACTS = Path(__file__).resolve().parents[1] / "facts" / "seeds.jsonl"


def pages(
    seed_page: SeedPage = False,
    gold: Gold = None,
    articles: Articles = None,
    count: Count = 500,
    in_order: InOrder = 100,
    fragments: Fragments = 0,
    every_article: EveryArticle = False,
    ordinary: Ordinary = None,
    in_a_row: InARow = 0,
    seed: Seed = 0,
    corruption: Corruption = False,
    facts: Facts = SEED_FACTS,
    draws: Draws = 1,
    grow: Grow = False,
    worst: Worst = 10,
    out: Out = None,
    baseline: Baseline = None,
    gates: Gates = GATES,
    as_json: Json = False,
) -> None:
    """Read pages as their articles: which article, what order, what was cut, what repeats.

    The seed page unless --articles or --ordinary is given. mistakes.txt, beside results.json, tells of the
    worst pages.
    """
    dataset = _dataset(articles, gold, ordinary)
    if corruption:
        folder = out or OUT / f"pages-{dataset}-corruption"
        _corruption(gold or SEED_GOLD, facts, draws, seed, folder)
        return
    folder = out or OUT / f"pages-{dataset}"

    def run() -> Results:
        stories = read_stories(articles, every=every_article) if articles else []
        golds = []
        if gold or seed_page or not (articles or ordinary):
            golds.append(read_gold(gold or SEED_GOLD))
        counts: dict[Mode, int] = {
            "jumbled": count,
            "in_order": in_order,
            "fragments": fragments,
        }
        made = track(_made(stories, counts, seed), "reading pages") if stories else ()
        texts = _texts(ordinary or [], stories, in_a_row, seed)
        results, misread = run_pages(
            chain(golds, made),
            dataset=dataset,
            ordinary=track(texts, "reading texts in order") if texts else (),
        )
        mistakes = folder / "mistakes.txt"
        folder.mkdir(parents=True, exist_ok=True)
        mistakes.write_text(describe(misread, worst), encoding="utf-8")
        console = Console(stderr=True)
        if stories and grow:
            console.print(_growth(growth(stories, seed=seed)))
        console.print(f"mistakes of the worst pages: {mistakes}", highlight=False)
        return results

    measure("pages", run, out=folder, baseline=baseline, gates=gates, as_json=as_json)


def _dataset(
    articles: Path | None, gold: Path | None, ordinary: list[Path] | None
) -> str:
    """What was read, by its file's name: news_zh for news_zh.jsonl.xz."""
    path = articles or gold or (ordinary[0] if ordinary else SEED_GOLD)
    return path.name.split(".")[0]


def _texts(
    paths: list[Path], stories: list[Story], in_a_row: int, seed: int
) -> list[OrdinaryText]:
    """Texts in order: those of the paths, and as many made of stories."""
    texts: list[OrdinaryText] = []
    for path in paths:
        texts += read_texts(path)
    if stories:
        texts += in_a_row_of(stories, texts=in_a_row, seed=seed)
    return texts


def _corruption(gold: Path, file: Path, draws: int, seed: int, folder: Path) -> None:
    with told_errors():
        page, facts = read_gold(gold), read_facts(file)
        asked = track(trials(page, draws=draws, seed=seed), "asking of corrupted pages")
        results = run_corruptions(asked, facts, dataset=page.name)
        results.write(folder / "results.json")
        console = Console()
        print_corruptions(results, console)
        console.print(f"written: {folder / 'results.json'}", highlight=False)


def _made(stories: list[Story], counts: dict[Mode, int], seed: int) -> list[GoldPage]:
    """So many pages of each mode; of those in order some have one article."""
    made: list[GoldPage] = []
    for mode, pages in counts.items():
        articles = (1, 9) if mode == "in_order" else ARTICLES
        made += generate(stories, pages=pages, seed=seed, mode=mode, articles=articles)
    return made


def _growth(rows: list[Growth]) -> Table:
    table = Table(title="seconds a page")
    for column in ("characters", "pages", "median", "slowest"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            f"{row.characters:,}",
            str(row.pages),
            f"{row.median:.2f}",
            f"{row.slowest:.2f}",
        )
    return table
