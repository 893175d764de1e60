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
from pathlib import Path
from typing import Self

import numpy as np

from models.arrays import Floats
from models.errors import ModelUnavailable
from models.folders import WEIGHTS
from models.pages.evidence import gather
from models.pages.features import GOES_ON, glanced
from models.pages.lines import ENDINGS, HEADLINE, Look, short_line, within_clause
from models.pages.network import LINK
from models.pages.reading import PageReader, page_reader
from models.pages.rivals import coupled

FILE = WEIGHTS / "chuchu-pages" / "detection.json"

SIGNS: tuple[str, ...] = (
    "moved",  # cut ends that most likely go on elsewhere than next
    "moved_back",  # those of them that go on before where they stand
    "goes_on",  # cut ends that most likely go on in the next block
    "linked",  # blocks whose article most likely goes on elsewhere than next, whether cut or not
    "linked_share",  # the share of these among all blocks that are gone on with, ``DOUBT`` more of them next
    "pieces",  # blocks that begin or end within a clause of another block: another printing, cut elsewhere
    "seams",  # places in a block where a second one ends and a third begins
    "copies",  # long texts that stand there twice, word for word
    "numbered",  # the share of blocks that begin with a number, a bullet, a name with a colon
)
"""Counts are taken as ``log(1 + count)``. Datelines and end marks are no signs: a digest has them, too."""
TEARS = ("moved", "linked", "pieces", "seams")
"""A text that has none of these is in order: the other signs only say how much they are to be believed."""
DOUBT = 3
MOST_COPIES = 3
"""More copies say nothing more: a company may say what it is under each of its reports."""
SHARED = 20
"""Characters at an end of a block by which it is found in another."""
TELLING = 3
"""Characters that must stand after a cut."""
COPIED = 60
"""Characters from which a block that stands there twice is more than a phrase."""
WIDEST = 4.0
"""Deviations beyond which a sign says nothing more."""
NEVER = -30.0
"""The log-odds of what has no tear."""
APART = 2
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
    """Where the cut ends of a page go on: how many elsewhere, how many of these before, how many next."""

    moved: int
    back: int
    goes_on: int


class Judge:
    """A linear model over ``SIGNS``.

    Args:
        mean, std, weights: ``(len(SIGNS),)`` each.
        bias: added to the weighted sum; what is more than 0 is a page.
    """

    def __init__(
        self,
        reader: PageReader,
        mean: Floats,
        std: Floats,
        weights: Floats,
        bias: float,
    ) -> None:
        self._reader = reader
        self._mean = mean
        self._std = std
        self._weights = weights
        self._bias = bias

    @classmethod
    def load(cls, reader: PageReader, path: Path = FILE) -> Self:
        """Raises ModelUnavailable when the file is missing or is of other signs."""
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ModelUnavailable(
                f"pages: cannot read {path.name}: {error.strerror}"
            ) from error
        signs: Mapping[str, Mapping[str, float]] = held["signs"]
        if tuple(signs) != SIGNS:
            raise ModelUnavailable(
                f"pages: {path.name} was trained on other signs; train it again"
            )
        return cls(
            reader,
            mean=_column(signs, "mean"),
            std=_column(signs, "std"),
            weights=_column(signs, "weight"),
            bias=held["bias"],
        )

    def __call__(self, texts: Sequence[str]) -> float:
        """Log-odds that these blocks stand out of order; none may be empty."""
        signs = signs_of(texts, self._reader)
        if not is_torn(signs):
            return NEVER
        found = (signs - self._mean) / self._std
        return float(found.clip(-WIDEST, WIDEST) @ self._weights + self._bias)


def _column(signs: Mapping[str, Mapping[str, float]], name: str) -> Floats:
    return np.array([signs[sign][name] for sign in SIGNS], np.float32)


@cache
def page_judge() -> Judge:
    """The judge that ships, opened once."""
    return Judge.load(page_reader())


def signs_of(texts: Sequence[str], reader: PageReader) -> Floats:
    """``(len(SIGNS),)`` of the blocks of a page in the order they stand, none of them empty."""
    own = [(i,) for i in range(len(texts))]
    evidence = glanced(gather(texts, (own, own), reader.models), reader.glance)
    # for the type checker: glanced() has just set it
    assert evidence.glance is not None
    looks = evidence.looks
    numbered = [bool(NUMBERED.match(text)) for text in texts]
    borders = evidence.continues + GOES_ON * evidence.goes_on[..., 0]
    follows = np.exp(coupled(np.asarray(borders, np.float32)))
    cuts = _cuts(looks, numbered, evidence.edges, follows)
    elsewhere, next_to = _links(looks, evidence.glance)
    cut, seams = pieces(texts)
    signs = {
        "moved": np.log1p(cuts.moved),
        "moved_back": np.log1p(cuts.back),
        "goes_on": np.log1p(cuts.goes_on),
        "linked": np.log1p(elsewhere),
        # 2 elsewhere and 5 next: 2 / (2 + 5 + 3) = 0.2
        "linked_share": elsewhere / (elsewhere + next_to + DOUBT),
        "pieces": np.log1p(cut),
        "seams": np.log1p(seams),
        "copies": np.log1p(min(_copies(texts), MOST_COPIES)),
        "numbered": np.mean(numbered),
    }
    return np.array([signs[name] for name in SIGNS], np.float32)


def is_torn(signs: Floats) -> bool:
    """Whether any of ``TEARS`` is there."""
    tears = [SIGNS.index(name) for name in TEARS]
    return bool(signs[tears].any())


def _cuts(
    looks: Sequence[Look], numbered: Sequence[bool], within: Floats, follows: Floats
) -> _Cuts:
    """What becomes of each block that ends within a sentence.

    ``follows[i, j]`` is how likely ``j`` goes on with ``i``, all others being served. With .7 for a block
    five places further, it is moved; were it the next one, or the next but a page number, it goes on.
    """
    moved = back = going_on = 0
    for i, each in enumerate(looks):
        if not ends_openly(each) or within[i, 1] <= 0:
            continue
        after = int(follows[i].argmax())
        if follows[i, after] < 0.5:
            continue
        if _next(looks, i, after):
            going_on += 1
        elif not numbered[after] and within[after, 0] > 0:
            moved += 1
            back += after < i
    return _Cuts(moved, back, going_on)


def _links(looks: Sequence[Look], glance: Floats) -> tuple[int, int]:
    """How many blocks are gone on with elsewhere on the page, and how many by the next block.

    By all that is known of two blocks, whether a sentence is cut or not, all others being served.
    """
    follows = np.exp(coupled(glance[..., LINK]))
    elsewhere = next_to = 0
    for i in range(len(looks)):
        after = int(follows[i].argmax())
        if follows[i, after] < 0.5:
            continue
        if _next(looks, i, after):
            next_to += 1
        else:
            elsewhere += 1
    return elsewhere, next_to


def _next(looks: Sequence[Look], i: int, after: int) -> bool:
    """Whether ``after`` comes next, or next but what a page break leaves: a number, a running head."""
    between = looks[i + 1 : after]
    return i < after and len(between) <= APART and all(map(_is_no_text, between))


def _is_no_text(found: Look) -> bool:
    """A page number, a running head, a byline: what may stand within a sentence where a page breaks."""
    return found.furniture is not None or (short_line(found) and not found.pauses)


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
            before = text[at - SHARED : at]
            after = text[at : at + SHARED]
            ended = tails.get(before, set()) - {j}
            begun = heads.get(after, set()) - {j}
            if within_clause(text, at):
                cut |= {i for i in ended | begun if len(texts[i]) > HEADLINE}
            if ended and begun:
                seams.add((before, after))
    return len(cut), len(seams)


def _copies(texts: Sequence[str]) -> int:
    """What recurs again and again, as what a company says of itself does, counts once."""
    counts = Counter(text for text in texts if len(text) >= COPIED)
    return sum(count > 1 for count in counts.values())
