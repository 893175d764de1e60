"""Whether the blocks of a text stand out of order, as those of a flattened page do: signs, weighed.

    judge = page_judge()
    judge(texts) > 0

A text in order is never to be touched, so that no single look decides. A sentence that is cut says little: an
item of a list, a heading, a line that its margin broke end openly as well. It says much where what goes on
with it stands elsewhere on the page than next. The signs are few and named (``SIGNS``); how much each weighs
is learned (``models/training/pages_detection.py``) from texts of every genre and from generated pages.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelUnavailable
from models.folders import WEIGHTS
from models.pages.evidence import Models, borders, edges, goes_on, products, topics
from models.pages.features import GOES_ON, coupled
from models.pages.lines import ENDINGS, HEADLINE, Look, look, short_line, within_clause
from models.pages.network import forward
from models.pages.ngrams import normalise
from models.pages.reading import page_reader

Floats = NDArray[np.float32]

FILE = WEIGHTS / "chuchu-pages" / "detection.json"

SIGNS: tuple[str, ...] = (
    "moved",  # cut ends that most likely go on elsewhere than next
    "moved_back",  # those of them that go on before where they stand
    "goes_on",  # cut ends that most likely go on in the next block
    "hanging",  # cut ends that go on nowhere
    "begins_within",  # the share of blocks that begin within a sentence
    "pieces",  # blocks that begin or end within a clause of another block: another printing, cut elsewhere
    "seams",  # places in a block where a second one ends and a third begins
    "copies",  # long texts that stand on the page twice, word for word
    "unlike_neighbours",  # how little more blocks are about what their neighbours are than about others
    "numbered",  # the share of blocks that begin with a number, a bullet, a name with a colon
    "datelines",  # datelines and bylines beyond the first
    "end_marks",  # end marks that text follows
    "blocks",  # how many there are
)
"""Counts are taken as ``log(1 + count)``."""
SHARED = 20
"""Characters at an end of a block by which it is found in another."""
TELLING = 3
"""Characters that must stand after a cut."""
COPIED = 60
"""Characters from which a block that stands there twice is more than a phrase."""
FEWEST_TOPICS, TOPIC_LENGTH = 5, 30
"""Blocks of so many characters that there must be before the topics of neighbours say anything."""
APART = 3
"""Blocks that may stand between a cut and what goes on with it where they are no text: a page number and a
running head, as a page break leaves them."""

NUMBERED = re.compile(
    r"(?:第[0-9一二三四五六七八九十百零〇]{1,6}[条章节编款项]"
    r"|[（(]?(?:\d{1,3}|[一二三四五六七八九十]{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[)）、.．]"
    r"|[①-⑳]|[-*•·●■◆]|[问答QA]\s*\d*[：:.]|[^，。：:\s]{1,10}[：:])"
)
"""How the items of a list begin, articles of a statute, questions, what somebody says."""


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Where the cut ends of a page go on: how many elsewhere, how many of these before, next, nowhere."""

    moved: int
    back: int
    goes_on: int
    hanging: int


class Judge:
    """A linear model over ``SIGNS``.

    Args:
        mean, std, weights: ``(len(SIGNS),)`` each.
        bias: added to the weighted sum; what is more than 0 is a page.
    """

    def __init__(self, models: Models, mean: Floats, std: Floats, weights: Floats, bias: float) -> None:
        self._models = models
        self._mean, self._std, self._weights, self._bias = mean, std, weights, bias

    @classmethod
    def load(cls, models: Models, path: Path = FILE) -> Self:
        """Raises ModelUnavailable when the file is missing or is of other signs."""
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ModelUnavailable(f"pages: cannot read {path.name}: {error.strerror}") from error
        signs: Mapping[str, Mapping[str, float]] = held["signs"]
        if tuple(signs) != SIGNS:
            raise ModelUnavailable(f"pages: {path.name} was trained on other signs; train it again")
        mean, std, weights = (
            np.array([signs[name][column] for name in SIGNS], np.float32)
            for column in ("mean", "std", "weight")
        )
        return cls(models, mean, std, weights, held["bias"])

    def __call__(self, texts: Sequence[str]) -> float:
        """Log-odds that these blocks stand out of order; none may be empty."""
        found = (signs_of(texts, self._models) - self._mean) / self._std
        return float(found.clip(-4, 4) @ self._weights + self._bias)


@cache
def page_judge() -> Judge:
    """The judge that ships, opened once."""
    return Judge.load(page_reader().models)


def signs_of(texts: Sequence[str], models: Models) -> Floats:
    """``(len(SIGNS),)`` of the blocks of a page in the order they stand, none of them empty."""
    looks = [look(text) for text in texts]
    normal = [normalise(text) for text in texts]
    numbered = [bool(NUMBERED.match(text)) for text in texts]
    ids = [models.characters.ids(text) for text in normal]
    towards = models.continuation(ids)
    border, standing = borders(models.characters, normal), models.openings(ids)
    within = forward(models.edges, edges(looks, border, standing, towards))
    whole = goes_on(models.characters, normal)[..., 0]
    follows = np.exp(coupled(np.asarray(towards[0] @ towards[1].T + GOES_ON * whole, np.float32)))
    cuts = _cuts(looks, numbered, within, follows)
    begins = [
        odds > 0 and each.furniture is None and not item
        for odds, each, item in zip(within[:, 0], looks, numbered, strict=True)
    ]
    similar = products(topics(ids, models.characters))
    values = [
        np.log1p(cuts.moved),
        np.log1p(cuts.back),
        np.log1p(cuts.goes_on),
        np.log1p(cuts.hanging),
        np.mean(begins),
        *np.log1p(pieces(texts)),
        np.log1p(_copies(texts)),
        _unlike_neighbours(similar, [i for i, text in enumerate(texts) if len(text) >= TOPIC_LENGTH]),
        np.mean(numbered),
        np.log1p(datelines(looks)),
        np.log1p(end_marks(looks)),
        np.log(len(texts)),
    ]
    return np.array(values, np.float32)


def _cuts(looks: Sequence[Look], numbered: Sequence[bool], within: Floats, follows: Floats) -> _Cuts:
    """What becomes of each block that ends within a sentence.

    ``follows[i, j]`` is how likely ``j`` goes on with ``i``, all others being served. With .7 for a block
    five places further, it is moved; were it the next one, or the next but a page number, it goes on.
    """
    moved = back = going_on = hanging = 0
    for i, each in enumerate(looks):
        if not ends_openly(each) or within[i, 1] <= 0:
            continue
        after = int(follows[i].argmax())
        if follows[i, after] < 0.5:
            hanging += 1
        elif i < after <= i + 1 + APART and all(looks[k].length <= HEADLINE for k in range(i + 1, after)):
            going_on += 1
        elif not numbered[after] and within[after, 0] > 0:
            moved += 1
            back += after < i
    return _Cuts(moved, back, going_on, hanging)


def ends_openly(found: Look) -> bool:
    """Whether a block that is no headline and no furniture ends as no sentence does."""
    if found.furniture is not None or ENDINGS[found.ending] in ("terminal", "leads_on"):
        return False
    return found.pauses > 0 or not short_line(found)


def pieces(texts: Sequence[str]) -> tuple[int, int]:
    """What other printings show: how many blocks are cut within a clause of another, and how many seams.

    ``…到了银行的电话，询问是否`` and, elsewhere, ``第二天她还接到了银行的电话，询问是否需要变更``: nobody but
    a compositor cuts there. A headline in the words of its article is no piece. Where a third block begins
    with ``需要变更``, too, there is a seam.
    """
    heads: dict[str, set[int]] = {}
    tails: dict[str, set[int]] = {}
    for i, text in enumerate(texts):
        if len(text) >= SHARED:
            heads.setdefault(text[:SHARED], set()).add(i)
            tails.setdefault(text[-SHARED:], set()).add(i)
    cut: set[int] = set()
    seams: set[tuple[str, str]] = set()
    for j, text in enumerate(texts):
        for at in range(SHARED, len(text) - TELLING + 1):
            before, after = text[at - SHARED : at], text[at : at + SHARED]
            ended, begun = tails.get(before, set()) - {j}, heads.get(after, set()) - {j}
            if within_clause(text, at):
                cut |= {i for i in ended | begun if len(texts[i]) > HEADLINE}
            if ended and begun:
                seams.add((before, after))
    return len(cut), len(seams)


def _copies(texts: Sequence[str]) -> int:
    """What recurs again and again, as what a company says of itself does, counts once."""
    counts = Counter(text for text in texts if len(text) >= COPIED)
    return sum(count > 1 for count in counts.values())


def _unlike_neighbours(similar: Floats, body: Sequence[int]) -> float:
    """0 where blocks are about what others are about as much as about what the next one is; else less.

    An article goes on about one thing, so that neighbours are .3 alike where any two blocks are .1, with a
    deviation of .1: -2. Blocks that were shuffled have none of it.
    """
    if len(body) < FEWEST_TOPICS:
        return 0.0
    held = similar[np.ix_(body, body)]
    lengths = np.sqrt(np.maximum(held.diagonal(), 1e-6))
    cosines = held / (lengths[:, None] * lengths[None, :])
    others = cosines[~np.eye(len(body), dtype=bool)]
    beside = np.diagonal(cosines, 1)
    return float((others.mean() - beside.mean()) / (others.std() + 1e-6))


def datelines(looks: Sequence[Look]) -> int:
    """Signs that articles begin: the first dateline or byline says nothing, nor does one beside another."""
    dated = sum(each.dated or each.furniture == "dateline" for each in looks)
    groups = sum(signed for signed, _ in groupby(looks, _signed))
    headed = sum(
        _signed(after) and not _signed(before) and (short_line(before) or before.furniture == "subtitle")
        for before, after in pairwise(looks)
    )
    return 2 * max(0, dated - 1) + max(0, groups - 1) + max(0, headed - 1)


def _signed(found: Look) -> bool:
    return found.dated or found.furniture in ("byline", "dateline")


def end_marks(looks: Sequence[Look]) -> int:
    """End marks that text follows; editor and source under one article are several, with nothing after."""
    ended = [i for i, each in enumerate(looks) if each.furniture == "end"]
    return sum(i + 1 < len(looks) and looks[i + 1].furniture != "end" for i in ended)
