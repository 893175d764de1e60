"""How much of what was found is read: the best candidates first, in rounds, until the answer is clear.

    for numbers in rounds_of(24):        0 to 3, 4 to 7, 8 to 15, 16 to 23
        ...read those, and the twins of what answers...
        if is_clear(best, asked): break

What a later passage is good for decides when to stop. It may answer better: seldom, once one answers with log-odds
of ``CLEAR``. It may give another number for the same thing, or be a copy: then it says nearly the same words, and
``is_twin`` has it read at once. A question that wants several things needs a surer answer. One that the
first rounds do not answer is read to the end, as a refusal has to be.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.language.questions import Asked
from rag.answering.likeness import COPY, SAME_THING, numbers_in, share_within

ROUNDS = (4, 4, 8, 8)
"""Texts of each round; what is left after them is one more."""
CLEAR = 1.5
"""Log-odds of the best passage read from which an answer is clear: a chance of .82. An answer is shown from -0.7 on."""
CLEAR_OF_SEVERAL = 2.0
"""And where several passages may answer together: a chance of .88."""
TWIN = SAME_THING / (2 - SAME_THING)
"""The share of the answering sentence's bigrams from which a passage of another document may say the same of it.

Two quotes are of one thing from a likeness of ``SAME_THING`` on. Of 10 bigrams against a shorter quote's n, all of them
shared, it is 2 n / (10 + n): .6 at n = 4.3. So .43 misses none.
"""
SEVERAL: frozenset[Asked] = frozenset({"list", "reason", "manner"})
"""Asked for by questions that more than one passage may answer together."""


def rounds_of(count: int) -> Iterator[range]:
    """The numbers of so many candidates, round by round."""
    start = 0
    # ``count`` is never too few: the last round takes all that is left.
    for size in (*ROUNDS, count):
        if start >= count:
            return
        end = min(start + size, count)
        yield range(start, end)
        start = end


def is_clear(best: float, asked: Asked) -> bool:
    """Whether log-odds of the best passage so far let a question be answered without the rest.

    1.7 do for ``多少``, and not for ``有哪些``.
    """
    least = CLEAR_OF_SEVERAL if asked in SEVERAL else CLEAR
    return best >= least


def is_twin(sentence: str, text: str, *, elsewhere: bool) -> bool:
    """Whether an unread text may repeat an answering sentence, or contradict it, which only other documents do.

    ``重量 | 2 kg`` and ``重量 | 3 kg`` are rows of one table; in two data sheets they disagree. With 7 of the
    sentence's 10 bigrams a text of another document is read; one of the same document needs 9 and its figures.
    """
    share = share_within(sentence, text)
    if elsewhere:
        return share >= TWIN
    figures_missing = set(numbers_in(sentence)) - set(numbers_in(text))
    return share >= COPY and not figures_missing
