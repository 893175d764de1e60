"""What reading a page well is worth: the same questions asked of it intact, moved, cut and repeated.

Each is read plainly (one document, in the order it stands) and repaired.

    results = run_corruptions(read_gold(SEED_GOLD), read_facts(Path("eval/facts/seeds.jsonl")))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Final, Literal

from rich.console import Console
from rich.table import Table

from eval.catalogue import Case
from eval.facts import Fact
from eval.harness import library_of, run_facts
from eval.metrics import Metric
from eval.pages.corruptions import cut, duplicate, shuffle, shuffle_within
from eval.pages.gold import GoldPage
from eval.pages.printing import (
    Article,
    Fragment,
    Page,
    articles_of,
    pictures_of,
    printed,
    text_of,
)
from eval.results import Results
from rag import sources

Way = Literal["plain", "repair"]
WAYS: Final[tuple[Way, ...]] = ("plain", "repair")
SHOWN: Final = ("answer_right", "right_and_cited", "citation_recall", "refused_right")

Corruption = Callable[[Page, Random], Page]


def _shuffled(page: Page, rng: Random) -> Page:
    return shuffle(cut(page, rng, within_paragraphs=False), rng)


def _cut(page: Page, rng: Random) -> Page:
    return shuffle_within(cut(page, rng), rng)


def _duplicated(page: Page, rng: Random) -> Page:
    return shuffle(duplicate(page, rng, articles=3, in_full=0.5, differing=0.3), rng)


def _all(page: Page, rng: Random) -> Page:
    repeated = duplicate(page, rng, articles=3, in_full=0.5, differing=0.3)
    return shuffle(cut(repeated, rng), rng)


CORRUPTIONS: Final[Mapping[str, Corruption]] = {
    "intact": lambda page, _: page,
    "shuffled": _shuffled,
    "cut": _cut,
    "duplicated": _duplicated,
    "all": _all,
}
"""``shuffled``: columns anywhere, no paragraph cut. ``cut``: columns cut in mid-sentence, moved within
their article. ``duplicated``: three articles again, in full or part, some differing. ``all``: all of it."""
AS_PRINTED: Final = "as printed"
"""The page as it stands, corrupted by nobody but its printer."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One text to ask of."""

    corruption: str
    draw: int
    text: str


def trials(gold: GoldPage, *, draws: int = 1, seed: int = 0) -> list[Trial]:
    """The page as printed, then every corruption of its articles, those of chance ``draws`` times."""
    articles = articles_of(gold)
    return [Trial(AS_PRINTED, 0, gold.text), *_corrupted(articles, draws, seed)]


def run_corruptions(
    trials: Iterable[Trial],
    facts: Sequence[Fact],
    *,
    dataset: str,
    ways: Sequence[Way] = WAYS,
) -> Results:
    """Ask every fact of every trial, read in each of the ways.

    Returns:
        results of the kind ``pages``; a case's ``kind`` names the corruption and the way, so that
        ``by["kind"]`` is the table.
    """
    cases: list[Case] = []
    versions: Mapping[str, str] = {}
    for trial, way in product(trials, ways):
        page = sources.read_bytes(trial.text.encode(), f"{dataset}.txt")
        with library_of(pages=way) as library:
            library.ingest_source(page)
            asked = run_facts(library, facts, dataset=dataset)
        versions = asked.versions
        kind = f"{trial.corruption}, {way}"
        for case in asked.cases:
            id_ = f"{kind}, {trial.draw}: {case['id']}"
            cases.append(case | {"id": id_, "kind": kind})
    return Results.of("pages", f"{dataset}-corruption", versions, cases)


def print_corruptions(results: Results, console: Console) -> None:
    """A row a corruption, its figures read plainly and repaired side by side."""
    table = Table(title="what reading the page is worth: read plainly → repaired")
    table.add_column("page", no_wrap=True)
    for name in SHOWN:
        table.add_column(name, justify="right", no_wrap=True)
    by_kind = results.by.get("kind", {})
    names = dict.fromkeys(kind.split(", ")[0] for kind in by_kind)
    for corruption in names:
        ways = [by_kind.get(f"{corruption}, {way}", {}) for way in WAYS]
        table.add_row(corruption, *(_side_by_side(name, ways) for name in SHOWN))
    console.print(table)


def _side_by_side(name: str, ways: Sequence[Mapping[str, Metric]]) -> str:
    """``0.612 → 0.804``; a metric that a way lacks is a dash."""
    shown = []
    for metrics in ways:
        metric = metrics.get(name)
        shown.append(f"{metric.value:.3f}" if metric else "–")
    return " → ".join(shown)


def _corrupted(articles: Sequence[Article], draws: int, seed: int) -> Iterator[Trial]:
    pictures: list[Fragment] = []
    for article in articles:
        pictures += pictures_of(article)
    for name, corrupt in CORRUPTIONS.items():
        for draw in range(1 if name == "intact" else draws):
            rng = Random(f"{seed} {name} {draw}")  # noqa: S311 - no secret
            page = corrupt(printed(articles), rng)
            yield Trial(name, draw, text_of((*page, *pictures)))
