"""A page that is in order already: how it is known, and its articles, each of them one stretch of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.pages.evidence import Evidence
from models.pages.lines import ENDINGS, Look, heads, short_line
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
    links: dict[int, Link] = {}
    for thread in threads:
        for link in thread.links:
            if not link.gathered:
                links[link.first] = link
    for i, look in enumerate(evidence.looks):
        link_on = links.get(i)
        joined = link_on is not None and link_on.join >= PROOF
        if link_on and joined and evidence.gaps[i, link_on.second] != 1:
            return True
        cut = _ends_within(look) and evidence.edges[i, 1] > 0
        if cut and not joined:
            return True
    return False


def _ends_within(look: Look) -> bool:
    """Whether the text of a block ends within a sentence; a headline and furniture have none to end."""
    if look.furniture is not None or short_line(look):
        return False
    return ENDINGS[look.ending] not in ("terminal", "leads_on")


def as_printed(evidence: Evidence, threads: Sequence[Thread]) -> list[Thread]:
    """The threads of a page that is in order: stretches of it, its blocks as they stand.

    Heads go with what follows, ends with what precedes.
    """
    looks = evidence.looks
    page = sorted(range(len(looks)), key=lambda i: evidence.places[i][0])
    thread_of: dict[int, int] = {}
    known: dict[tuple[int, int], Link] = {}
    sure: list[float] = []
    for number, thread in enumerate(threads):
        thread_of |= dict.fromkeys(thread.blocks, number)
        known |= {(link.first, link.second): link for link in thread.links}
        sure.append(min((link.confidence for link in thread.links), default=1.0))
    bound = _bind_heads(looks, page, thread_of)
    for before, i in pairwise(page):
        if looks[i].furniture == "end":
            thread_of[i] = thread_of[before]
    printed: list[Thread] = []
    for start, end, number in stretches(
        [thread_of[i] for i in page],
        _opening_costs(evidence, page),
        [looks[i].dated for i in page],
        bound,
    ):
        blocks = page[start:end]
        links: list[Link] = []
        for first, second in pairwise(blocks):
            unknown = Link(first, second, sure[number], 0.0, gathered=True)
            links.append(known.get((first, second), unknown))
        printed.append(Thread(tuple(blocks), tuple(links)))
    return printed


def _bind_heads(
    looks: Sequence[Look], page: Sequence[int], thread_of: dict[int, int]
) -> list[bool]:
    """Put each head into the thread of what follows it; which blocks are bound to the next one.

    A picture's words between a head and its text are bound along with it.
    """
    bound = [False] * len(page)
    after = len(page) - 1  # the next block that is no picture's words
    for at in range(len(page) - 2, -1, -1):
        look = looks[page[at]]
        under = looks[page[after]].furniture
        if heads(look) and under not in ("end", *BESIDE):
            thread_of[page[at]] = thread_of[page[after]]
            bound[at:after] = [True] * (after - at)
        if look.furniture not in BESIDE:
            after = at
    return bound


def _opening_costs(evidence: Evidence, page: Sequence[int]) -> list[float]:
    """What it costs to open an article at each block: the less, the likelier a block opens one.

    3 - 2 * 0.9 = 1.2 where the words are those of an opening; 1 under a headline or a dateline.
    """
    looks = [evidence.looks[i] for i in page]
    announced = [heads(look) or look.dated for look in looks]
    likely = probability(evidence.standing[page, 0])
    unannounced = UNANNOUNCED - (UNANNOUNCED - ANNOUNCED) * likely
    return list(np.where(announced, ANNOUNCED, unannounced).tolist())


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
    # of each number of blocks from the top: the best score, and its stretches
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
            gained = score + most - costs[start]
            found.append((gained, [*before, (start, end, thread)]))
        best.append(max(found, key=lambda each: each[0]))
    return best[-1][1]
