"""What is corrupted: the pages of a corpus as blocks of text, and the facts asked of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product, starmap
from pathlib import Path
from typing import Literal

from eval.facts import Fact
from models.language.sentences import sentences
from rag import sources
from rag.errors import InvalidValue, SourceError
from rag.records import Source

Blocks = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A text as its blocks: what stands between blank lines, in the order it was printed."""

    name: str
    blocks: Blocks

    @property
    def text(self) -> str:
        return "\n\n".join(self.blocks)

    def source(self) -> Source:
        """The page as a plain text source."""
        return sources.read_bytes(
            self.text.encode("utf-8"), f"{Path(self.name).stem}.txt"
        )


@dataclass(frozen=True, slots=True)
class World:
    """A corpus and what is asked of it."""

    pages: tuple[Page, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One corpus to be read, and what is asked of it.

    ``facts`` keep the ids of the clean ones, whatever became of their questions. ``inserted`` maps a question
    to a page that stands in the corpus while it is asked, ``within`` to the names of the pages that it
    is asked of alone. ``lures`` maps a question to the wrong answer that the corruption planted.
    """

    pages: tuple[Page, ...]
    facts: tuple[Fact, ...]
    inserted: Mapping[str, Page] = field(default_factory=dict)
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lures: Mapping[str, str] = field(default_factory=dict)


Group = Literal["page", "documents", "question"]


def read_pages(corpus: Path) -> tuple[Page, ...]:
    """Every document of a file or folder as plain text, whatever its format; what can't be read is left out.

    Raises:
        InvalidValue: it is not there, or nothing in it can be read.
    """
    if not corpus.exists():
        raise InvalidValue("corpus", str(corpus), "a file or folder that exists")
    pages: list[Page] = []
    for path in sources.walk([corpus]):
        try:
            source = sources.read_path(path)
        except SourceError:
            continue
        pages += _pages_of(path, source)
    if not pages:
        raise InvalidValue(
            "corpus", str(corpus), "at least one document that can be read"
        )
    return _apart(pages)


def _pages_of(path: Path, source: Source) -> Iterator[Page]:
    """One page a part; the second of notes.jsonl is notes-1.jsonl."""
    for number, part in enumerate(source.parts):
        name = path.name
        if len(source.parts) > 1:
            name = f"{path.stem}-{number}{path.suffix}"
        blocks = blocks_of(source.text[part.start : part.end])
        if blocks:
            yield Page(name, blocks)


def blocks_of(text: str) -> Blocks:
    """What stands between blank lines, white space around it left out."""
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    return tuple("\n".join(lines) for lines in blocks if lines)


def sentences_of(block: str) -> list[str]:
    """The sentences of a block, in order."""
    return [block[start:end] for start, end in sentences(block)]


def shares_half(one: str, other: str) -> bool:
    """Whether the two have a run in common of at least half of the shorter one, white space aside.

    The rule of :func:`eval.judge.overlaps`, through substring searches.
    """
    short, long = sorted(("".join(one.split()), "".join(other.split())), key=len)
    width = -(-len(short) // 2)
    starts = range(len(short) - width + 1)
    return bool(width) and any(short[at : at + width] in long for at in starts)


def pages_with(pages: Sequence[Page], evidence: Sequence[str]) -> tuple[str, ...]:
    """Names of the pages that print some of the evidence."""
    return tuple(page.name for page in pages if _prints(page, evidence))


def _prints(page: Page, evidence: Sequence[str]) -> bool:
    return any(starmap(shares_half, product(page.blocks, evidence)))


def _apart(pages: Sequence[Page]) -> tuple[Page, ...]:
    """The same pages under names that differ: a second report.txt is report~2.txt."""
    seen: Counter[str] = Counter()
    named = []
    for page in pages:
        seen[page.name] += 1
        name = page.name
        if seen[name] > 1:
            path = Path(name)
            name = f"{path.stem}~{seen[name]}{path.suffix}"
        named.append(Page(name, page.blocks))
    return tuple(named)
