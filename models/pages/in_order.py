"""A page that is in order already: how it is known, and its articles, each of them one stretch of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.pages.evidence import Evidence
from models.pages.lines import ENDINGS, heads, short_line
from models.pages.network import probability
from models.pages.solving import BESIDE, Link, Thread

PROOF = 0.6
"""The probability of a join from which it proves something."""
ANNOUNCED, UNANNOUNCED = 1.0, 3.0
"""What it costs, in blocks, to open an article: under a headline or dateline, and where nothing says so. A
block alone that its thread parts from its neighbours stays with them."""


def disordered(evidence: Evidence, threads: Sequence[Thread]) -> bool:
    """Whether anything but the likelihood of an order says that the page is not in order.

    A sentence that goes on elsewhere than in the next block does, or one that ends nowhere.
    """
    links = {
        link.first: link
        for thread in threads
        for link in thread.links
        if not link.gathered
    }
    for i, found in enumerate(evidence.looks):
        link = links.get(i)
        if link and link.join >= PROOF and evidence.gaps[link.first, link.second] != 1:
            return True
        torn = (
            ENDINGS[found.ending] not in ("terminal", "leads_on")
            and found.furniture is None
        )
        if (
            torn
            and not short_line(found)
            and evidence.edges[i, 1] > 0
            and not (link and link.join >= PROOF)
        ):
            return True
    return False


def as_printed(evidence: Evidence, threads: Sequence[Thread]) -> list[Thread]:
    """The threads of a page that is in order: stretches of it, its blocks as they stand.

    Heads go with what follows, ends with what precedes.
    """
    page = sorted(range(len(evidence.looks)), key=lambda i: evidence.places[i][0])
    thread_of = {
        i: number for number, thread in enumerate(threads) for i in thread.blocks
    }
    bound = [False] * len(page)
    after = len(page) - 1  # the next block that is no picture's words
    for at in range(len(page) - 2, -1, -1):
        look = evidence.looks[page[at]]
        if heads(look) and evidence.looks[page[after]].furniture not in (
            "end",
            *BESIDE,
        ):
            thread_of[page[at]] = thread_of[page[after]]
            bound[at:after] = [True] * (after - at)
        if look.furniture not in BESIDE:
            after = at
    for before, i in pairwise(page):
        if evidence.looks[i].furniture == "end":
            thread_of[i] = thread_of[before]
    known = {
        (link.first, link.second): link for thread in threads for link in thread.links
    }
    sure = [
        min((link.confidence for link in thread.links), default=1.0)
        for thread in threads
    ]
    dated = [evidence.looks[i].dated for i in page]
    likely = probability(evidence.standing[page, 0])
    announced = [heads(evidence.looks[i]) or evidence.looks[i].dated for i in page]
    costs = np.where(
        announced, ANNOUNCED, UNANNOUNCED - (UNANNOUNCED - ANNOUNCED) * likely
    ).tolist()
    printed: list[Thread] = []
    for start, end, number in stretches(
        [thread_of[i] for i in page], costs, dated, bound
    ):
        blocks = page[start:end]
        links = [
            known.get(p, Link(*p, sure[number], 0.0, gathered=True))
            for p in pairwise(blocks)
        ]
        printed.append(Thread(tuple(blocks), tuple(links)))
    return printed


def stretches(
    threads: Sequence[int],
    costs: Sequence[float],
    dated: Sequence[bool],
    bound: Sequence[bool],
) -> list[tuple[int, int, int]]:
    """Parts a page into stretches ``(start, end, thread)``, each of the thread that most of its blocks have.

    The blocks that are of their stretch's thread, less what it costs to open each, are as many as can be. A
    dateline opens an article: no stretch holds two. None ends with what is ``bound`` to the next block.
    """
    best: list[tuple[float, list[tuple[int, int, int]]]] = [(0.0, [])]
    for end in range(1, len(threads) + 1):
        counts: Counter[int] = Counter()
        opened = 0
        found: list[tuple[float, list[tuple[int, int, int]]]] = []
        for start in range(end - 1, -1, -1):
            counts[threads[start]] += 1
            opened += dated[start]
            if opened > 1 and found:
                break
            thread, most = counts.most_common(1)[0]
            if start and bound[start - 1]:
                continue
            score, before = best[start]
            found.append((score + most - costs[start], [*before, (start, end, thread)]))
        best.append(max(found, key=lambda each: each[0]))
    return best[-1][1]
