"""Files to ``Source``: a table of readers by suffix, limits, and cleaning.

Whatever the format, a ``Source`` has its text cleaned (``rag.sources.cleaning`` says of what) and its
``parts`` in order, and all later offsets count in that text. Formats with a structure to parse are read in a
killable process (``rag.sources.sandbox``).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.blocks import moved
from rag.errors import EmptySource, InvalidValue, SourceError, SourceTooLarge, UnsupportedFormat
from rag.records import Part, Source, Warning
from rag.sources import docx, html, jsonl, markdown, pdf, plain, sandbox
from rag.sources.base import (
    MEBIBYTE,
    Article,
    Limits,
    NoTextError,
    Reader,
    Reading,
    ReadingError,
    TooLargeError,
)
from rag.sources.cleaning import clean, clean_line
from rag.sources.dates import iso_date

DEFAULT_LIMITS = Limits()
_BETWEEN_PARTS = "\n\n"
_PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class Format:
    """How files of a kind are read. ``sandboxed``: in a process of their own."""

    media_type: str
    read: Reader
    sandboxed: bool


_TEXT = Format(_PLAIN, plain.read, sandboxed=False)
_MARKDOWN = Format("text/markdown", markdown.read, sandboxed=True)
_HTML = Format("text/html", html.read, sandboxed=True)
_DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

FORMATS: dict[str, Format] = {
    ".txt": _TEXT,
    ".text": _TEXT,
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".html": _HTML,
    ".htm": _HTML,
    ".pdf": Format("application/pdf", pdf.read, sandboxed=True),
    ".docx": Format(_DOCX_TYPE, docx.read, sandboxed=True),
    ".jsonl": Format("application/jsonl", jsonl.read, sandboxed=False),
}
SUFFIXES: frozenset[str] = frozenset(FORMATS)


def read_bytes(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> Source:
    """Read a file that was handed over.

    Args:
        name: the file's name; its suffix chooses the reader, folders in it are dropped.

    Raises:
        UnsupportedFormat: no reader for this suffix.
        SourceTooLarge: the file, its text or what it unpacks to is over a limit.
        SourceError: it is empty, damaged, encrypted, holds no text, or its encoding is not recognised.
    """
    label = _label(name)
    kind = _format(label)
    if len(data) > limits.max_bytes:
        raise SourceTooLarge(label, _over(limits))
    try:
        if not data:
            raise NoTextError("it is empty")
        reading = sandbox.run(kind.read, data, limits) if kind.sandboxed else kind.read(data, limits)
        return _source(label, data, kind.media_type, reading, limits)
    except TooLargeError as error:
        raise SourceTooLarge(label, error.why) from error
    except NoTextError as error:
        raise EmptySource(label, error.why) from error
    except ReadingError as error:
        raise SourceError(label, error.why) from error


def read_path(path: Path, limits: Limits = DEFAULT_LIMITS) -> Source:
    """Read a file from disk. Its source is named as the file, without folders.

    Raises:
        SourceError: as ``read_bytes``; also if the path cannot be opened or is no regular file.
    """
    return read_bytes(bytes_of(path, limits), path.name, limits)


def bytes_of(path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The bytes of a file that is of a known kind; of one over ``max_bytes``, one byte more than that.

    Raises:
        SourceError: no reader for its suffix, or the path cannot be opened or is no regular file.
    """
    label = _label(path.name)
    try:
        if path.is_file():
            _format(label)
        with open(path, "rb", opener=_open_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceError(label, "it is not a regular file")
            return file.read(limits.max_bytes + 1)
    except (OSError, ValueError) as error:
        raise SourceError(
            label, f"it cannot be opened ({getattr(error, 'strerror', None) or error})"
        ) from error


def from_text(title: str, text: str, published: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Source:
    """A source of one document that was typed or pasted rather than kept in a file.

    Raises:
        InvalidValue: no title, no text, or a ``published`` that names no day.
        SourceTooLarge: the text is over a limit.
    """
    heading = clean_line(title)
    if heading is None:
        raise InvalidValue("title", title, "a title that is not blank")
    day = iso_date(published) if published is not None else None
    if published is not None and day is None:
        raise InvalidValue("published", published, "a date such as 2024-05-31")
    body = clean(text)
    if not body.strip():
        raise InvalidValue("text", text, "a text that is not blank")
    data = body.encode()
    if len(data) > limits.max_bytes:
        raise SourceTooLarge(heading, _over(limits))
    try:
        return _source(heading, data, _PLAIN, Reading((Article(body, heading, day),), "utf-8"), limits)
    except TooLargeError as error:
        raise SourceTooLarge(heading, error.why) from error


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """The files at ``paths``, folders recursively and in order of name.

    Inside folders, hidden files and folders, files of unsupported kinds and a README (it tells of the folder)
    are passed over; a file that is named directly is always yielded. A folder that cannot be listed is
    yielded itself, so that reading it says why. Links to folders are not followed.

    Raises:
        SourceError: a path does not exist; before anything is yielded.
    """
    named = [Path(path) for path in paths]
    for path in named:
        if not os.path.lexists(path):
            raise SourceError(str(path), "there is no such file or folder")
    return _walk(named)


def _walk(named: list[Path]) -> Iterator[Path]:
    for path in named:
        if path.is_dir():
            yield from _walk_folder(path)
        else:
            yield path


def _walk_folder(top: Path) -> Iterator[Path]:
    unlisted: list[Path] = []
    for folder, folders, files in os.walk(top, onerror=lambda error: unlisted.append(Path(error.filename))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if not name.startswith(".") and path.suffix.lower() in FORMATS and path.stem.upper() != "README":
                yield path
    yield from unlisted


def _source(name: str, data: bytes, media_type: str, reading: Reading, limits: Limits) -> Source:
    pieces: list[str] = []
    parts: list[Part] = []
    length = 0
    for article in reading.articles:
        text = article.text if article.blocks else clean(article.text)
        if not text.strip():
            continue
        start = length + (len(_BETWEEN_PARTS) if parts else 0)
        length = start + len(text)
        if length > limits.max_characters:
            raise TooLargeError(f"its text is longer than {limits.max_characters:,} characters")
        pieces.append(text)
        blocks = tuple(moved(block, start) for block in article.blocks)
        parts.append(Part(start, length, clean_line(article.title), article.published, blocks))
    if not parts:
        raise NoTextError("there is no text in it")
    return Source(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        text=_BETWEEN_PARTS.join(pieces),
        media_type=media_type,
        encoding=reading.encoding,
        parts=tuple(parts),
        warnings=tuple(Warning(name, kind, detail) for kind, detail in reading.warnings),
    )


def _format(name: str) -> Format:
    kind = FORMATS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        raise UnsupportedFormat(name, f"expected one of {' '.join(sorted(FORMATS))}")
    return kind


def _open_without_waiting(path: str, flags: int) -> int:
    """A pipe that nobody writes to would be waited for otherwise, for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _label(name: str) -> str:
    """A name to show and store, never to open: no folders, no controls, no surrogates."""
    path = PurePosixPath(clean(name).replace("\\", "/").replace("\n", " "))
    return " ".join(f"{path.stem[:200]}{path.suffix[:20]}".split()) or "unnamed"


def _over(limits: Limits) -> str:
    return f"it is larger than {limits.max_bytes / MEBIBYTE:g} MiB"
