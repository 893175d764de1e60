"""Read every page, score it, sum up.

pages = generate(read_stories(Path("news.jsonl")), pages=500)
results, mistakes = run_pages(pages, dataset="news")
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from eval.catalogue import Case
from eval.metrics import quantile
from eval.pages.articles import Story
from eval.pages.generator import generate
from eval.pages.gold import GoldPage
from eval.pages.mistakes import Count, Mistake
from eval.pages.ordinary import OrdinaryText, as_it_stands, is_torn, ordinary_cases
from eval.pages.scoring import Scored, score
from eval.results import Results
from rag import sources
from rag.pages import recover
from rag.records import Document, Source

Recover = Callable[[Source], Sequence[Document]]
_SHOWN = 10
"""Mistakes of a kind that a case in results.json tells of."""


@dataclass(frozen=True, slots=True)
class Misread:
    """A page with what went wrong on it."""

    page: GoldPage
    scored: Scored


def run_pages(
    pages: Iterable[GoldPage],
    *,
    dataset: str,
    ordinary: Iterable[OrdinaryText] = (),
    recover: Recover = recover,
    versions: dict[str, str] | None = None,
) -> tuple[Results, list[Misread]]:
    """Score what ``recover`` makes of each page; a page is a case, the time to read it its latency.

    So is each of the ``ordinary`` texts, which should come out as it stands.

    The first page is read once before, so that loading a model counts for none.

    Returns:
        the results, and the pages that were not read without a mistake, the worst first.
    """
    cases: list[Case] = []
    misread: list[Misread] = []
    for page in pages:
        source = source_of(page)
        if not cases:
            recover(source)
        began = time.perf_counter()
        documents = recover(source)
        spent = time.perf_counter() - began
        scored = score(page, documents)
        if is_torn(page):
            repaired = not as_it_stands(source, documents)
            scored.counts["torn_repaired"] = (float(repaired), 1.0)
        cases.append(_case(page, scored, spent))
        if scored.mistakes:
            misread.append(Misread(page, scored))
    cases += ordinary_cases(ordinary, recover)
    misread.sort(key=_badness)
    return Results.of("pages", dataset, versions or {}, cases), misread


def _badness(misread: Misread) -> tuple[float, int]:
    """Sorts the worst page first."""
    return misread.scored.assignment_f1, -len(misread.scored.mistakes)


def source_of(page: GoldPage) -> Source:
    """The page as a plain text file would be read."""
    source = sources.read_bytes(page.text.encode(), f"{page.name}.txt")
    if source.text != page.text:
        raise ValueError(
            f"{page.name}: the page is not as it is read (offsets would not match)"
        )
    return source


@dataclass(frozen=True, slots=True)
class Growth:
    """Seconds that pages of about ``characters`` take: the middle one and the slowest of ``pages``."""

    characters: int
    pages: int
    median: float
    slowest: float


def growth(
    stories: Sequence[Story],
    *,
    sizes: Sequence[int] = (5_000, 10_000, 20_000),
    pages: int = 3,
    recover: Recover = recover,
    seed: int = 0,
) -> list[Growth]:
    """How long a page takes as it grows: jumbled pages of about these sizes, each read once."""
    mean = sum(len(story.text) for story in stories) / len(stories)
    found = []
    for size in sizes:
        articles = max(1, round(size / mean))
        made = generate(stories, pages=pages, seed=seed, articles=(articles, articles))
        seconds = []
        characters = 0
        for page in made:
            source = source_of(page)
            began = time.perf_counter()
            recover(source)
            seconds.append(time.perf_counter() - began)
            characters += len(page.text)
        middle = quantile(seconds, 0.5)
        found.append(Growth(round(characters / pages), pages, middle, max(seconds)))
    return found


def describe(misread: Sequence[Misread], limit: int = 10) -> str:
    """The worst pages in words: their counts, every mistake, and the page by block as the gold has it."""
    return "\n\n".join(_describe(each) for each in misread[:limit]) + "\n"


def _case(page: GoldPage, scored: Scored, spent: float) -> Case:
    kinds = Counter(mistake.kind for mistake in scored.mistakes)
    counted = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
    return {
        "id": page.name,
        "kind": page.mode,
        "lang": page.lang,
        "question": (
            f"{len(page.articles)} articles, {len(page.blocks)} blocks, "
            f"{len(page.text)} characters"
        ),
        "expected": ["every block in its article and its place"],
        "right": not scored.mistakes,
        "why_not": counted or None,
        "latency_ms": round(1000 * spent, 3),
        "scores": {"assignment_f1": scored.assignment_f1},
        "counts": {name: list(count) for name, count in _counted(scored)},
        "mistakes": _some_of_each(scored.mistakes),
    }


def _counted(scored: Scored) -> Iterator[tuple[str, Count]]:
    """The counts of what the page has any of."""
    for name, (part, whole) in scored.counts.items():
        if whole:
            yield name, (part, whole)


def _some_of_each(mistakes: Sequence[Mistake]) -> list[dict[str, Any]]:
    """The first ``_SHOWN`` of each kind, kind by kind."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for each in mistakes:
        shown = by_kind.setdefault(each.kind, [])
        if len(shown) < _SHOWN:
            shown.append(asdict(each))
    return list(chain.from_iterable(by_kind.values()))


def _describe(misread: Misread) -> str:
    page, scored = misread.page, misread.scored
    counts = [f"{name} {part:g}/{whole:g}" for name, (part, whole) in _counted(scored)]
    places = {}
    for article in page.articles:
        for at, number in enumerate(article.order, 1):
            places[number] = f"{article.id} {at}"
    lines = [
        f"=== {page.name}: assignment_f1 {scored.assignment_f1:.3f}, {', '.join(counts)}"
    ]
    lines += [f"  {each.kind}: {each.what}" for each in scored.mistakes]
    lines.append("--- the page, block by block: article and place in it, kind")
    for number, block in enumerate(page.blocks):
        place = places.get(number, block.article)
        text = page.block_text(number)
        lines.append(f"  #{number} [{place} {block.kinds[0]}] {text}")
    return "\n".join(lines)
