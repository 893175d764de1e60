"""What every reader takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost.

    ``max_bytes`` and ``max_characters`` bound the file and its text; ``seconds`` (wall clock and CPU
    time) and ``memory_bytes`` (address space) bound the process that parses it.
    """

    max_bytes: int = 32 * MEBIBYTE
    max_characters: int = 5_000_000
    seconds: float = 20.0
    memory_bytes: int = 1024 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Article:
    """What a format declares to be one document, before cleaning. Paragraphs stand between blank lines."""

    text: str
    title: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The articles of a file in order, and the encoding they were in (``binary`` where that says nothing)."""

    articles: tuple[Article, ...]
    encoding: str


Reader = Callable[[bytes, Limits], Reading]


class ReadingError(Exception):
    """A reader's word that it cannot go on: ``why`` completes "report.pdf: …". Never leaves the package."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class TooLargeError(ReadingError):
    """The file, or what unfolds from it, is over a limit."""


def one_line(error: Exception, limit: int = 100) -> str:
    """What a parser says of its failure, short enough to stand in a sentence."""
    return " ".join(str(error).split())[:limit]
