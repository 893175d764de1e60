"""What is right for a page: each block's article, kind and place in order; joins, cuts, copies, fields.

A *block* is a line of the page that is not blank, white space around it left out; its ``span`` counts code
points of the source's text. Blocks go by their number on the page, from 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import chain, combinations, pairwise
from pathlib import Path
from typing import Any, get_args

from rag import sources
from rag.errors import InvalidValue, SourceError
from rag.records import BlockKind, Span

KINDS: tuple[BlockKind, ...] = get_args(BlockKind)
FIELDS = (
    "title",
    "kicker",
    "subtitle",
    "byline",
    "agency",
    "dateline",
    "place",
    "published",
)
STARTS = 16
"""Characters of a block that its JSON begins with."""
SEED_GOLD = Path(__file__).with_name("seeds.json")


@dataclass(frozen=True, slots=True)
class GoldBlock:
    """``kinds`` holds every kind that counts as right, the best first."""

    span: Span
    article: str
    kinds: tuple[BlockKind, ...]


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """``order`` is the reading order of its blocks: none repeated, no captions or credits beside the text.

    ``fields`` maps those of ``FIELDS`` that are scored to the values that count as right; None among them
    means that leaving it out is right too. ``published_from`` says what the date was inferred from.
    """

    id: str
    order: tuple[int, ...]
    fields: Mapping[str, tuple[str | None, ...]]
    published_from: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class GoldJoin:
    """Block ``second`` goes on in the middle of a sentence, or of a paragraph, where ``first`` was cut.

    ``lossy``: something between them is not on the page. Not ``required``: right if it is made, no miss
    if it is not: it joins a copy, or halves that whole paragraphs are missing between, or the cut falls on
    the end of a sentence and cannot be seen.
    """

    first: int
    second: int
    lossy: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A page and all that is right for it.

    ``copies`` are the pairs of blocks, lower number first, that print the same words, small differences
    aside. ``cuts`` are blocks that end in the middle of a sentence whose rest is not on the page.
    ``next`` adds to a block further successors that count as right, where the page leaves doubt.
    """

    name: str
    text: str
    blocks: tuple[GoldBlock, ...]
    articles: tuple[GoldArticle, ...]
    joins: tuple[GoldJoin, ...] = ()
    cuts: tuple[int, ...] = ()
    copies: frozenset[tuple[int, int]] = frozenset()
    next: Mapping[int, tuple[int, ...]] | None = None
    mode: str = "page"
    lang: str = "zh"

    def block_text(self, number: int) -> str:
        start, end = self.blocks[number].span
        return self.text[start:end]

    def successors(self) -> list[tuple[int, frozenset[int]]]:
        """Each block that has one in reading order, with the successors that count as right."""
        more = self.next or {}
        found = []
        for article in self.articles:
            for first, second in pairwise(article.order):
                found.append((first, frozenset((second, *more.get(first, ())))))
        return found

    def owners(self) -> dict[int, int]:
        """Offset of the page's text -> the block that it lies in; between blocks there is none."""
        owner = {}
        for number, block in enumerate(self.blocks):
            for at in range(*block.span):
                owner[at] = number
        return owner


def lines(text: str) -> list[Span]:
    """The blocks of a text: its lines that are not blank, white space around them left out."""
    found: list[Span] = []
    at = 0
    for line in text.split("\n"):
        start = at + len(line) - len(line.lstrip())
        end = at + len(line.rstrip())
        if start < end:
            found.append((start, end))
        at += len(line) + 1
    return found


def check(page: GoldPage) -> None:
    """Hold a gold to what it must be.

    Raises:
        InvalidValue: the blocks are not the page's lines; an order names a block twice, a repeated one or one
            of another article; a block in flow is in no order; a join, cut or copy is none.
    """
    rules = (*_of_blocks(page), *_of_orders(page), *_of_pairs(page))
    for holds, key, expected in rules:
        if not holds:
            raise InvalidValue(f"{page.name}: {key}", "", expected)


_Rule = tuple[bool, str, str]
"""``(holds, key, what is expected)``."""


def _of_blocks(page: GoldPage) -> Iterator[_Rule]:
    spans = [block.span for block in page.blocks]
    yield spans == lines(page.text), "blocks", "the lines of the page"
    known = {article.id for article in page.articles}
    placed = set(_placed(page))
    repeated = set(chain.from_iterable(page.copies))
    for number, block in enumerate(page.blocks):
        kinds = set(block.kinds)
        yield block.article in known, f"article of {number}", "one of the articles"
        yield (
            bool(kinds) and kinds <= set(KINDS),
            f"kinds of {number}",
            f"some of {KINDS}",
        )
        beside = bool({"caption", "credit"} & kinds) or number in repeated
        yield (
            number in placed or beside,
            f"block {number}",
            "a place in the order of its article",
        )


def _placed(page: GoldPage) -> list[int]:
    """Every block that is in a reading order, as often as it is."""
    return list(chain.from_iterable(article.order for article in page.articles))


def _of_orders(page: GoldPage) -> Iterator[_Rule]:
    placed = _placed(page)
    yield len(placed) == len(set(placed)), "order", "each block once"
    for article in page.articles:
        strangers = []
        for number in article.order:
            if page.blocks[number].article != article.id:
                strangers.append(number)
        yield (
            not strangers,
            f"order of {article.id}",
            f"its own blocks, not {strangers}",
        )
        unknown = sorted(article.fields.keys() - set(FIELDS))
        yield not unknown, f"fields of {article.id}", f"some of {FIELDS}, not {unknown}"


def _of_pairs(page: GoldPage) -> Iterator[_Rule]:
    after = dict(page.successors())
    for join in page.joins:
        key = f"join {join.first}+{join.second}"
        yield _together(page, join.first, join.second), key, "two blocks of one article"
        in_order = join.second in after.get(join.first, frozenset())
        yield in_order or not join.required, key, "neighbours in reading order"
    for first, second in page.copies:
        yield (
            _together(page, first, second) and first < second,
            f"copies {first}, {second}",
            "one article's",
        )
    joined = {join.first for join in page.joins}
    for number in page.cuts:
        yield (
            number < len(page.blocks) and number not in joined,
            f"cut {number}",
            "a block that is not joined",
        )


def _together(page: GoldPage, first: int, second: int) -> bool:
    return first != second and page.blocks[first].article == page.blocks[second].article


def read_gold(path: Path, root: Path | None = None) -> GoldPage:
    """Read one gold from its JSON file; ``source`` in it is a path below ``root`` (default: the repository).

    Raises:
        InvalidValue: it cannot be read, is not of this format, or does not hold (see ``check``).
    """
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        if "text" not in row:
            base = root or Path(__file__).resolve().parents[2]
            source = sources.read_path(base / row["source"])
            if source.sha256 != row["sha256"]:
                raise ValueError(
                    f"{row['source']} has the SHA-256 {source.sha256}, not {row['sha256']}"
                )
            row["text"] = source.text
        page = from_json(row)
    except (OSError, ValueError, KeyError, TypeError, SourceError) as error:
        raise InvalidValue(
            "gold", str(path), f"the gold of a page as JSON ({error!r})"
        ) from error
    check(page)
    return page


def from_json(row: Mapping[str, Any]) -> GoldPage:
    """Read what ``to_json`` writes; ``copies`` may hold groups larger than pairs."""
    blocks = []
    for number, each in enumerate(row["blocks"]):
        blocks.append(_block(row["text"], number, each))
    copies: set[tuple[int, int]] = set()
    for group in row.get("copies", []):
        # [3, 9, 12] -> (3, 9), (3, 12), (9, 12)
        copies |= set(combinations(sorted(group), 2))
    further = {}
    for key, value in row.get("next", {}).items():
        further[int(key)] = tuple(value)
    return GoldPage(
        name=row["name"],
        text=row["text"],
        blocks=tuple(blocks),
        articles=tuple(map(_article, row["articles"])),
        joins=tuple(GoldJoin(**each) for each in row.get("joins", [])),
        cuts=tuple(row.get("cuts", [])),
        copies=frozenset(copies),
        next=further or None,
        mode=row.get("mode", "page"),
        lang=row.get("lang", "zh"),
    )


def _article(row: Mapping[str, Any]) -> GoldArticle:
    fields = {key: _values(value) for key, value in row.get("fields", {}).items()}
    return GoldArticle(
        id=row["id"],
        order=tuple(row["order"]),
        fields=fields,
        published_from=row.get("published_from"),
        note=row.get("note"),
    )


def to_json(page: GoldPage) -> dict[str, Any]:
    """The page with its text as plain JSON values."""
    return {
        "name": page.name,
        "mode": page.mode,
        "lang": page.lang,
        "text": page.text,
        "articles": [asdict(each) for each in page.articles],
        "blocks": [_block_as_json(page, n) for n in range(len(page.blocks))],
        "joins": [asdict(each) for each in page.joins],
        "cuts": list(page.cuts),
        "copies": [list(pair) for pair in sorted(page.copies)],
        "next": {str(key): list(value) for key, value in (page.next or {}).items()},
    }


def _block_as_json(page: GoldPage, number: int) -> dict[str, Any]:
    """``starts`` is there for whoever reads the file."""
    starts = page.block_text(number)[:STARTS]
    return {**asdict(page.blocks[number]), "starts": starts}


def _block(text: str, number: int, row: Mapping[str, Any]) -> GoldBlock:
    start, end = row["span"]
    if "starts" in row and not text[start:end].startswith(row["starts"]):
        raise ValueError(
            f"block {number} starts {text[start : start + STARTS]!r}, not {row['starts']!r}"
        )
    return GoldBlock((start, end), row["article"], tuple(row["kinds"]))


def _values(value: str | Iterable[str | None] | None) -> tuple[str | None, ...]:
    return (value,) if isinstance(value, str) or value is None else tuple(value)
