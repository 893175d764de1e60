"""The year of a page that names its day without one: that under which the years it does name are likeliest.

Each mention of a page is evidence (naive Bayes), once however often it is printed; ``models.pages.years``
knows how likely each is. A wrong year is worse than none, so one is given only when it is nearly certain:
2019年 twice is no proof that nothing later was left unsaid.
"""

from __future__ import annotations

from math import exp, log

from models.pages.years import mentions, year_model

SURE = 0.75
"""The probability that a year needs.

Of 397 generated pages of known day 208 got it so, 13 another and 176 none; the latest year that a page
names twice was right for 203 and wrong for 109. The field ``published`` was then right in 787 articles,
wrong in 68, of which 16 by the day alone, and missing in 251.
"""
WEIGHT = 0.8
"""How much of its evidence a mention counts for: those of one article are not independent."""
AROUND = 10
"""Years before the first and after the last that a page names which may be its own."""


def year_of(text: str, month: int, day: int) -> int | None:
    """The year of news of this month and day, on a page with this text; None unless nearly certain."""
    found = set(mentions(text))
    if not found:
        return None
    model = year_model()
    named = [mention.year for mention in found]
    years = range(min(named) - AROUND, max(named) + AROUND)
    log_likelihoods: list[float] = []
    for year in years:
        chances = [model.chance(mention, year, month, day) for mention in found]
        log_likelihoods.append(WEIGHT * sum(map(log, chances)))
    best = max(log_likelihoods)
    # All years are as likely before anything is read: log-likelihoods 0, -2, -3 are 1 / (1 + 0.14 + 0.05) = 0.84.
    probability = 1 / sum(exp(each - best) for each in log_likelihoods)
    return years[log_likelihoods.index(best)] if probability >= SURE else None
