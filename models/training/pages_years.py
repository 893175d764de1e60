"""Counts how far from its own day news names years, months and days, by kind of mention.

python -m models.training.pages_years ../shared/data models/weights/chuchu-pages
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from pathlib import Path

from models.pages.years import FIRST, KINDS, LAST, Kind, YearModel, mentions
from models.training.pages_articles import BELOW, dated_articles

DAYS = (
    *(-365, -92, -31, -7, 0, 1, 2, 4, 8, 16, 32),
    *(62, 93, 366, 731, 1461, 2922, 5844, 11688),
)
MONTHS = (-12, 0, 1, 2, 4, 12, 24, 48, 120)
YEARS = (-17, -7, -2, -1, 0, 1, 2, 3, 5, 10, 20, 40)
"""Where the rows of a table begin: fine where chances change fast, and wide enough that no one event makes a
row (news of 2023 compares with 2019, the year before the pandemic)."""
ASTRAY = 0.1
"""The share of mentions that may lie anywhere: of news unlike what was counted, or misread."""

Counts = dict[Kind, Counter[int]]


def count(articles: Iterable[tuple[date, str]]) -> Counts:
    """How many articles name what lies so far before them; what one prints again counts once."""
    found: Counts = {kind: Counter() for kind in KINDS}
    for day, text in articles:
        for each in set(mentions(text)):
            found[each.kind][each.before(day.year, day.month, day.day)] += 1
    return found


def table(
    counts: Counter[int], edges: tuple[int, ...], unit: int
) -> tuple[tuple[int, float], ...]:
    """Rows of :class:`models.pages.years.YearModel`, the chances of all days, months or years together 1.

    Args:
        unit: how many of them a year has.
    """
    widest = (LAST - FIRST + 1) * unit
    anywhere = ASTRAY / (2 * widest)
    bounds = (-widest, *edges, widest)
    within = Counter[int]()
    for before, times in counts.items():
        within[bisect_right(bounds, before) - 1] += times
    total = max(1, within.total())
    rows: list[tuple[int, float]] = []
    for at, (start, end) in enumerate(pairwise(bounds)):
        # Half of all mentions in a row of eight days: .9 * .5 / 8 for each of them.
        chance = (1 - ASTRAY) * within[at] / total / (end - start) + anywhere
        rows.append((start, _rounded(chance)))
    return tuple(rows)


def year_model(found: Counts) -> YearModel:
    """The chances that the counts make likely."""
    units: dict[Kind, tuple[tuple[int, ...], int]] = {
        "day": (DAYS, 365),
        "month": (MONTHS, 12),
    }
    tables: dict[Kind, tuple[tuple[int, float], ...]] = {}
    for kind in KINDS:
        edges, unit = units.get(kind, (YEARS, 1))
        tables[kind] = table(found[kind], edges, unit)
    return YearModel(tables)


def _rounded(chance: float) -> float:
    return float(f"{chance:.3g}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    articles = list(dated_articles(args.data, BELOW))
    found = count(articles)
    print(f"{len(articles):,} articles of known day")
    for kind, counts in found.items():
        print(f"{kind:9}{counts.total():7,} mentions")
    year_model(found).save(args.out)


if __name__ == "__main__":
    main()
