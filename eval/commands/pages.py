"""``chuchu eval pages``: how well a page is read as its articles, and what that is worth."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from eval.commands.measuring import measure
from eval.commands.options import OUT, Baseline, Gates, Json, Out, told_errors
from eval.facts import read_facts
from eval.gates import GATES
from eval.pages.articles import Story, read_stories
from eval.pages.corruption_trials import print_corruptions, run_corruptions, trials
from eval.pages.generator import ARTICLES, Mode, generate
from eval.pages.gold import SEED_GOLD, GoldPage, read_gold
from eval.pages.ordinary import in_a_row as in_a_row_of
from eval.pages.ordinary import read_texts
from eval.pages.running import Growth, growth, run_pages, told
from eval.progress import track
from eval.results import Results

SEED_FACTS = Path(__file__).resolve().parents[1] / "facts" / "seeds.jsonl"


def pages(
    seed_page: Annotated[
        bool, typer.Option("--seed-page", help="The seed page, against its gold.")
    ] = False,
    gold: Annotated[
        Path | None, typer.Option(help="Another page's gold, as eval/pages/seeds.json.")
    ] = None,
    articles: Annotated[
        Path | None,
        typer.Option(
            help='JSONL of {"id", "text"}, .xz or plain: pages are made of its articles.'
        ),
    ] = None,
    count: Annotated[
        int, typer.Option("--pages", help="Jumbled pages to make.", min=0)
    ] = 500,
    in_order: Annotated[
        int, typer.Option(help="Pages to make that are in order already.", min=0)
    ] = 100,
    fragments: Annotated[
        int,
        typer.Option(
            help="Pages to make of nothing but short pieces, cut within sentences.",
            min=0,
        ),
    ] = 0,
    every_article: Annotated[
        bool,
        typer.Option(
            "--every-article",
            help="Use all articles, not only those held out from training.",
        ),
    ] = False,
    ordinary: Annotated[
        list[Path] | None,
        typer.Option(
            help="Texts in order, a folder of .txt or JSONL, that should be left alone; may be repeated."
        ),
    ] = None,
    in_a_row: Annotated[
        int,
        typer.Option(
            help="Texts in order to make of --articles, one or several after another.",
            min=0,
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(help="Other pages for another seed.")] = 0,
    corruption: Annotated[
        bool,
        typer.Option(
            "--corruption",
            help="What repair is worth: ask --facts of the page corrupted, read plainly and repaired.",
        ),
    ] = False,
    facts: Annotated[
        Path, typer.Option(help="Facts for --corruption, one JSON object a line.")
    ] = SEED_FACTS,
    draws: Annotated[
        int, typer.Option(help="Times that each corruption is drawn anew.", min=1)
    ] = 1,
    grow: Annotated[
        bool,
        typer.Option(
            "--growth", help="Time pages of 5,000, 10,000 and 20,000 characters, too."
        ),
    ] = False,
    worst: Annotated[
        int, typer.Option(help="How many pages to tell the mistakes of.", min=0)
    ] = 10,
    out: Out = None,
    baseline: Baseline = None,
    gates: Gates = GATES,
    as_json: Json = False,
) -> None:
    """Read pages as their articles: which article, what order, what was cut, what repeats.

    The seed page unless --articles or --ordinary is given. mistakes.txt, beside results.json, tells of the
    worst pages.
    """
    dataset = (articles or gold or (ordinary[0] if ordinary else SEED_GOLD)).name.split(
        "."
    )[0]
    if corruption:
        return _corruption(
            gold or SEED_GOLD,
            facts,
            draws,
            seed,
            out or OUT / f"pages-{dataset}-corruption",
        )
    folder = out or OUT / f"pages-{dataset}"

    def run() -> Results:
        stories = read_stories(articles, every=every_article) if articles else []
        texts = [text for path in ordinary or () for text in read_texts(path)]
        texts += in_a_row_of(stories, texts=in_a_row, seed=seed) if stories else []
        asked = seed_page or not (articles or ordinary)
        golds = [read_gold(gold)] if gold else [read_gold(SEED_GOLD)] if asked else []
        made = _made(
            stories,
            {"jumbled": count, "in_order": in_order, "fragments": fragments},
            seed,
        )
        pages = chain(golds, track(made, "reading pages") if made else [])
        results, misread = run_pages(
            pages,
            dataset=dataset,
            ordinary=track(texts, "reading texts in order") if texts else (),
        )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mistakes.txt").write_text(told(misread, worst), encoding="utf-8")
        console = Console(stderr=True)
        if stories and grow:
            console.print(_growth(growth(stories, seed=seed)))
        console.print(
            f"mistakes of the worst pages: {folder / 'mistakes.txt'}", highlight=False
        )
        return results

    measure("pages", run, out=folder, baseline=baseline, gates=gates, as_json=as_json)


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
    if not stories:
        return []
    return [
        page
        for mode, pages in counts.items()
        for page in generate(
            stories,
            pages=pages,
            seed=seed,
            mode=mode,
            articles=(1, 9) if mode == "in_order" else ARTICLES,
        )
    ]


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
