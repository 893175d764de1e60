"""A JSONL file of any size as pieces, each a source of its own, so that one is in memory at a time.

    news.jsonl, 132 MB  ->  news#1.jsonl, news#2.jsonl, … of some four million bytes each

Pieces are cut between lines, so each is JSONL itself and is kept, hashed, cited and read again as any other
source is: ``source.text[start:end]`` needs no other piece. When lines are added at the end of the file, only
its last piece changes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rag.errors import EmptySource, SourceError, SourceTooLarge
from rag.records import Source
from rag.sources.base import MEBIBYTE, Limits
from rag.sources.files import read_bytes

PIECE_BYTES: Final = 4 * MEBIBYTE
"""At most, but for a line that is longer; in any encoding fewer characters than an upload may have."""
_STREAMED: Final = (".jsonl",)
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
"""Of UTF-16 and UTF-32, whose line ends are not the byte 10: such a file is read whole."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a file; ``before`` is the number of lines that stand before them."""

    file: str
    name: str
    data: bytes
    before: int


def is_streamed(path: Path) -> bool:
    """Whether a file is taken in by pieces. False also for one that cannot be opened."""
    if path.suffix.lower() not in _STREAMED or not path.is_file():
        return False
    try:
        if path.stat().st_size <= PIECE_BYTES:
            return False
        with path.open("rb") as file:
            return not file.read(2).startswith(_WIDE_MARKS)
    except OSError:
        return False


def pieces(path: Path, limits: Limits) -> Iterator[Piece]:
    """The pieces of a file in order.

    Raises:
        SourceTooLarge: a single line is longer than ``max_bytes``.
        SourceError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            before = number = 0
            lines: list[bytes] = []
            size = 0
            while line := file.readline(limits.max_bytes + 1):
                if len(line) > limits.max_bytes:
                    where = f"line {before + len(lines) + 1} is longer than"
                    raise SourceTooLarge(
                        path.name, f"{where} {limits.max_bytes // MEBIBYTE} MiB"
                    )
                if lines and size + len(line) > PIECE_BYTES:
                    number += 1
                    yield Piece(path.name, _name(path, number), b"".join(lines), before)
                    before += len(lines)
                    lines, size = [], 0
                lines.append(line)
                size += len(line)
            yield Piece(path.name, _name(path, number + 1), b"".join(lines), before)
    except OSError as error:
        raise SourceError(
            path.name, f"it cannot be read ({os.strerror(error.errno or 0)})"
        ) from error


def read_piece(piece: Piece, limits: Limits) -> Source | None:
    """A piece as a source; None when its rows hold no text.

    Raises:
        SourceError: a row cannot be read. The message counts its line from the beginning of the file.
    """
    try:
        return read_bytes(piece.data, piece.name, limits)
    except EmptySource:
        return None
    except SourceError:
        # The reader counts lines from where its bytes begin: told again with as many empty ones in front.
        try:
            read_bytes(b"\n" * piece.before + piece.data, piece.name, limits)
        except SourceError as error:
            raise type(error)(piece.file, error.why) from error
        raise


def _name(path: Path, number: int) -> str:
    return f"{path.stem}#{number}{path.suffix}"
