"""What happens to a page on its way to text: small pure functions over its fragments, ``Page -> Page``.

Each takes the page and a ``random.Random`` and changes nothing it was given, so that they can be put together
in any order that makes sense: repeat what is whole, part the headlines, cut into columns, lose, move, strew
the captions in.

    rng = Random(7)
    page = shuffle(cut(duplicate(printed(articles), rng, articles=1), rng), rng)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, takewhile
from random import Random

from eval.pages.printing import Fragment, Page, Piece, part_of
from rag.records import BlockKind

HEADING: frozenset[BlockKind] = frozenset({"kicker", "headline", "subtitle", "byline"})
# A paragraph begins two characters in, as Chinese is set.
INDENT = 2
_NOT_FIRST = "。，、；：？！”’）】》〉」』…—%％‰℃)]},.;:?!"
_NOT_LAST = "“‘（【《〈「『([{"
_SWAPS = (
    ("，", "、"),
    ("。", "．"),
    ("“", "「"),
    ("（", "("),
    ("了", ""),
    ("的", ""),
    ("将", "会"),
    ("和", "与"),
)


def cut(
    page: Page,
    rng: Random,
    *,
    width: int = 18,
    lines: tuple[int, int] = (8, 30),
    share: float = 1.0,
    within_paragraphs: bool = True,
) -> Page:
    """Set a ``share`` of the fragments in columns ``width`` characters wide, each ``lines`` lines high.

    Where a column is full, its paragraph is cut at the end of the line, be it in the middle of a word, as
    the compositor does it: no closing mark begins a line, no opening mark ends one, no number is parted.
    Not ``within_paragraphs``: a paragraph that does not fit goes whole into the next column.
    """
    columns: list[Fragment] = []
    for fragment in page:
        if rng.random() < share:
            columns += _columns(fragment, rng, width, lines, within_paragraphs)
        else:
            columns.append(fragment)
    return tuple(columns)


def shuffle(page: Page, rng: Random, *, reach: float = math.inf) -> Page:
    """Move whole fragments, each by at most about ``reach`` places; by any number when it is infinite."""
    if math.isinf(reach):
        return tuple(rng.sample(page, len(page)))
    # reach 2: places 0 and 5 can become 2 and 3 at the most
    keys = [at + rng.uniform(-reach, reach) for at in range(len(page))]
    return tuple(page[at] for at in sorted(range(len(page)), key=keys.__getitem__))


def shuffle_within(page: Page, rng: Random) -> Page:
    """Move the fragments of an article among the places that its fragments have."""
    places: dict[str, list[int]] = {}
    for at, fragment in enumerate(page):
        places.setdefault(fragment[0].article, []).append(at)
    moved = list(page)
    for ours in places.values():
        for to, at in zip(ours, rng.sample(ours, len(ours)), strict=True):
            moved[to] = page[at]
    return tuple(moved)


def part_headings(page: Page, rng: Random, *, share: float = 1.0) -> Page:
    """Set headlines, with kicker, subtitle and byline, apart from the text of a ``share`` of articles."""
    parted: list[Fragment] = []
    for fragment in page:
        heading = tuple(takewhile(lambda piece: piece.kind in HEADING, fragment))
        rest = fragment[len(heading) :]
        if heading and rest and rng.random() < share:
            parted += [heading, rest]
        else:
            parted.append(fragment)
    return tuple(parted)


def duplicate(
    page: Page,
    rng: Random,
    *,
    articles: int = 1,
    in_full: float = 0.5,
    differing: float = 0.0,
    times: int = 1,
) -> Page:
    """Print ``articles`` of the articles again, ``times`` times each, at the end of the page.

    Args:
        in_full: how often a copy is of the whole article, headline included; else of its first paragraphs.
        differing: how often a paragraph of a copy has a word, number or mark that differs.
    """
    wholes = []
    for fragment in page:
        if any(piece.kind == "body" for piece in fragment):
            wholes.append(fragment)
    copies: list[Fragment] = []
    for fragment in rng.sample(wholes, min(articles, len(wholes))):
        for printing in range(1, times + 1):
            chosen = fragment if rng.random() < in_full else _beginning(fragment, rng)
            copy = []
            for piece in chosen:
                printed = _misprinted(piece, rng) if rng.random() < differing else piece
                copy.append(replace(printed, printing=printing))
            copies.append(tuple(copy))
    return (*page, *copies)


def drop(page: Page, rng: Random, *, fragments: int = 1) -> Page:
    """Take out fragments that begin in mid-paragraph, none of an article that is repeated elsewhere."""
    repeated = {piece.article for piece in chain.from_iterable(page) if piece.printing}
    left = list(page)
    for _ in range(fragments):
        droppable = [each for each in left if _is_droppable(each, repeated)]
        if not droppable:
            break
        left.remove(rng.choice(droppable))
    return tuple(left)


def _is_droppable(fragment: Fragment, repeated: set[str]) -> bool:
    """Whether what is before it on the page ends in mid-sentence without it, and nothing else tells the rest."""
    if fragment[0].begins or fragment[0].article in repeated:
        return False
    return all(piece.kind not in HEADING and piece.paragraph >= 0 for piece in fragment)


def lose(page: Page, rng: Random, *, cuts: int = 1, characters: int = 3) -> Page:
    """Lose one to ``characters`` characters where a column was cut: the first of what goes on."""
    left = list(page)
    going_on = []
    for at, fragment in enumerate(page):
        if not fragment[0].begins and len(fragment[0].text) > 4 * characters:
            going_on.append(at)
    for at in rng.sample(going_on, min(cuts, len(going_on))):
        first, *rest = left[at]
        lost = rng.randint(1, characters)
        left[at] = (part_of(first, lost, len(first.text)), *rest)
    return tuple(left)


def strew(
    page: Page, rng: Random, pictures: Sequence[Fragment], *, inside: float = 0.2
) -> Page:
    """Put captions with their credits anywhere; ``inside`` is how often they part a fragment."""
    fragments = list(page)
    for picture in pictures:
        at = rng.randrange(len(fragments) + 1)
        if at < len(fragments) and len(fragments[at]) > 1 and rng.random() < inside:
            middle = rng.randrange(1, len(fragments[at]))
            fragments[at : at + 1] = [
                fragments[at][:middle],
                picture,
                fragments[at][middle:],
            ]
        else:
            fragments.insert(at, picture)
    return tuple(fragments)


def _columns(
    fragment: Fragment, rng: Random, width: int, lines: tuple[int, int], within: bool
) -> list[Fragment]:
    columns: list[Fragment] = []
    column: list[Piece] = []
    room = rng.randint(*lines)
    waiting = list(reversed(fragment))
    while waiting:
        piece = waiting.pop()
        indent = INDENT if piece.begins else 0
        # 2 + 45 characters in lines of 18: three lines
        height = math.ceil((indent + len(piece.text)) / width)
        if height > room:
            at = 0
            if within and piece.kind == "body":
                at = _line_end(piece.text, room * width - indent)
            if 0 < at < len(piece.text):
                column.append(part_of(piece, 0, at))
                piece = part_of(piece, at, len(piece.text))
            if column:
                columns.append(tuple(column))
                column = []
                room = rng.randint(*lines)
                waiting.append(piece)
                continue
        column.append(piece)
        room = max(0, room - height)
    return [*columns, tuple(column)] if column else columns


def _line_end(text: str, at: int) -> int:
    """The nearest place to ``at`` where a line may end; 0 when there is none before the text does."""
    while 0 < at < len(text) and text[at] in _NOT_FIRST:
        at += 1
    while 0 < at < len(text) and _holds_together(text[at - 1], text[at]):
        at -= 1
    return at if 0 < at < len(text) else 0


def _holds_together(before: str, after: str) -> bool:
    """“ and what it opens; the digits of 4127, the letters of a word."""
    return before in _NOT_LAST or (_is_of_a_word(before) and _is_of_a_word(after))


def _is_of_a_word(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign in ".-")


def _beginning(fragment: Fragment, rng: Random) -> Fragment:
    """The first paragraphs of an article, now and then under its headline."""
    body = [at for at, piece in enumerate(fragment) if piece.kind == "body"]
    # never the last paragraph, else it were the whole article
    last = body[rng.randrange(max(1, len(body) - 1))]
    first = 0 if rng.random() < 0.5 else body[0]
    return fragment[first : last + 1]


def _misprinted(piece: Piece, rng: Random) -> Piece:
    """A body paragraph with one thing changed: a digit, or a sign or word that is swapped or missing."""
    text = piece.text
    if piece.kind != "body":
        return piece
    digits = [at for at, sign in enumerate(text) if sign in "0123456789"]
    swaps = [swap for swap in _SWAPS if swap[0] in text]
    # a wrong number now and then, a wrong sign else
    if digits and (not swaps or rng.random() < 0.3):
        at = rng.choice(digits)
        other = rng.choice([digit for digit in "123456789" if digit != text[at]])
        return replace(piece, text=text[:at] + other + text[at + 1 :])
    if not swaps:
        return piece
    old, new = rng.choice(swaps)
    places = [at for at in range(len(text)) if text.startswith(old, at)]
    at = rng.choice(places)
    return replace(piece, text=text[:at] + new + text[at + len(old) :])
