"""What is right for a page: each block's article, kind and place in order; joins, cuts, copies, fields.

A *block* is a line of the page that is not blank, white space around it left out; its ``span`` counts code
points of the source's text. Blocks go by their number on the page, from 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
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
        return [
            (first, frozenset((second, *more.get(first, ()))))
            for article in self.articles
            for first, second in pairwise(article.order)
        ]


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
    for holds, key, expected in (
        *_of_blocks(page),
        *_of_orders(page),
        *_of_pairs(page),
    ):
        if not holds:
            raise InvalidValue(f"{page.name}: {key}", "", expected)


_Rule = tuple[bool, str, str]
"""``(holds, key, what is expected)``."""


def _of_blocks(page: GoldPage) -> Iterator[_Rule]:
    spans = [block.span for block in page.blocks]
    yield spans == lines(page.text), "blocks", "the lines of the page"
    known = {article.id for article in page.articles}
    placed = {number for article in page.articles for number in article.order}
    repeated = {number for pair in page.copies for number in pair}
    for number, block in enumerate(page.blocks):
        yield block.article in known, f"article of {number}", "one of the articles"
        yield (
            bool(block.kinds) and set(block.kinds) <= set(KINDS),
            f"kinds of {number}",
            f"some of {KINDS}",
        )
        beside = bool({"caption", "credit"} & set(block.kinds)) or number in repeated
        yield (
            number in placed or beside,
            f"block {number}",
            "a place in the order of its article",
        )


def _of_orders(page: GoldPage) -> Iterator[_Rule]:
    placed = [number for article in page.articles for number in article.order]
    yield len(placed) == len(set(placed)), "order", "each block once"
    for article in page.articles:
        strangers = [
            number
            for number in article.order
            if page.blocks[number].article != article.id
        ]
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
    blocks = tuple(
        _block(row["text"], number, each) for number, each in enumerate(row["blocks"])
    )
    return GoldPage(
        name=row["name"],
        text=row["text"],
        blocks=blocks,
        articles=tuple(
            GoldArticle(
                each["id"],
                tuple(each["order"]),
                {key: _values(value) for key, value in each.get("fields", {}).items()},
                each.get("published_from"),
                each.get("note"),
            )
            for each in row["articles"]
        ),
        joins=tuple(GoldJoin(**each) for each in row.get("joins", [])),
        cuts=tuple(row.get("cuts", [])),
        copies=frozenset(
            pair
            for group in row.get("copies", [])
            for pair in combinations(sorted(group), 2)
        ),
        next={int(key): tuple(value) for key, value in row.get("next", {}).items()}
        or None,
        mode=row.get("mode", "page"),
        lang=row.get("lang", "zh"),
    )


def to_json(page: GoldPage) -> dict[str, Any]:
    """The page with its text as plain JSON values. ``starts`` is there for whoever reads the file."""
    return {
        "name": page.name,
        "mode": page.mode,
        "lang": page.lang,
        "text": page.text,
        "articles": [
            {
                "id": each.id,
                "order": list(each.order),
                "fields": {key: list(values) for key, values in each.fields.items()},
                "published_from": each.published_from,
                "note": each.note,
            }
            for each in page.articles
        ],
        "blocks": [
            {
                "span": list(block.span),
                "article": block.article,
                "kinds": list(block.kinds),
                "starts": page.block_text(number)[:16],
            }
            for number, block in enumerate(page.blocks)
        ],
        "joins": [
            {
                "first": each.first,
                "second": each.second,
                "lossy": each.lossy,
                "required": each.required,
            }
            for each in page.joins
        ],
        "cuts": list(page.cuts),
        "copies": [list(pair) for pair in sorted(page.copies)],
        "next": {str(key): list(value) for key, value in (page.next or {}).items()},
    }


def _block(text: str, number: int, row: Mapping[str, Any]) -> GoldBlock:
    start, end = row["span"]
    if "starts" in row and not text[start:end].startswith(row["starts"]):
        raise ValueError(
            f"block {number} starts {text[start : start + 16]!r}, not {row['starts']!r}"
        )
    return GoldBlock((start, end), row["article"], tuple(row["kinds"]))


def _values(value: str | Iterable[str | None] | None) -> tuple[str | None, ...]:
    return (value,) if isinstance(value, str) or value is None else tuple(value)
