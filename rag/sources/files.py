"""Files to ``Source``: a table of readers by suffix, limits, and cleaning.

Whatever the format, a ``Source`` has its text cleaned (``rag.sources.cleaning`` says of what) and its
``parts`` in order, and all later offsets count in that text. All is read in a process that can be killed:
formats with a structure to parse in one of their own (``rag.sources.sandbox``), the rest in one that is kept
(``rag.sources.pool``). A file of no kind that is known is read as it stands if it is
plain UTF-8 text; ``rag.sources.refusals`` says what to do about kinds that are not read.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from rag.errors import (
    EmptySource,
    InvalidValue,
    SourceError,
    SourceTooLarge,
    UnsupportedFormat,
)
from rag.records import Part, Source, Warning
from rag.sources import (
    code,
    csv,
    docx,
    eml,
    epub,
    html,
    images,
    json,
    jsonl,
    log,
    markdown,
    odt,
    pdf,
    plain,
    pptx,
    rtf,
    sandbox,
    subtitles,
    xlsx,
)
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
from rag.sources.pool import POOL
from rag.sources.refusals import ADVICE
from rag.stopping import NEVER, Stop
from rag.text.blocks import moved

DEFAULT_LIMITS = Limits()
_BETWEEN_PARTS = "\n\n"
_PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class Format:
    """How files of a kind are read. ``sandboxed``: in a process of their own.

    ``seconds`` and ``memory_bytes`` are the least that reading one needs, whatever the limits say: OCR takes
    seconds a page, and onnxruntime reserves more than a gigabyte of addresses.
    """

    media_type: str
    read: Reader
    sandboxed: bool
    seconds: float = 0.0
    memory_bytes: int = 0

    def limits(self, given: Limits) -> Limits:
        """The limits that were given, widened to what this kind needs."""
        seconds = max(given.seconds, self.seconds)
        return replace(
            given,
            seconds=seconds,
            memory_bytes=max(given.memory_bytes, self.memory_bytes),
        )


_TEXT = Format(_PLAIN, plain.read, sandboxed=False)
_MARKDOWN = Format("text/markdown", markdown.read, sandboxed=True)
_HTML = Format("text/html", html.read, sandboxed=True)
_CODE = Format("text/x-code", code.read, sandboxed=False)
_MARKUP = Format("text/x-markup", plain.read, sandboxed=False)
"""Markup that reads as it is written: its marks are few."""
_CSV = Format("text/csv", csv.read, sandboxed=True)
_XLSX = Format(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    xlsx.read,
    sandboxed=True,
)
_DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PPTX_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_MARKUP_SUFFIXES = ".rst .org .tex .ltx .adoc .asciidoc .textile .wiki .mediawiki .typ"
_CODE_SUFFIXES = (
    ".py .pyi .js .mjs .cjs .ts .tsx .jsx .java .kt .kts .scala .groovy .c .h .cc .cpp .cxx .hpp .cs .m .go "
    ".rs .swift .rb .php .pl .lua .r .jl .dart .vb .sh .bash .zsh .fish .ps1 .bat .cmd .sql .css .scss .less "
    ".vue .svelte .proto .graphql .yaml .yml .toml .ini .cfg .conf .cnf .properties .xml .xsd .xsl .plist "
    ".tf .gradle .cmake .mk .dockerfile .diff .patch .bib"
)
_CODE_NAMES = frozenset(
    ("dockerfile", "makefile", "jenkinsfile", "vagrantfile", "gemfile", "procfile")
)

_OCR_SECONDS = 300.0
_OCR_MEMORY = 2048 * MEBIBYTE
_PDF = Format("application/pdf", pdf.read, True, _OCR_SECONDS, _OCR_MEMORY)
_PNG = Format("image/png", images.read, True, _OCR_SECONDS, _OCR_MEMORY)
_JPEG = Format("image/jpeg", images.read, True, _OCR_SECONDS, _OCR_MEMORY)

FORMATS: dict[str, Format] = {
    ".txt": _TEXT,
    ".text": _TEXT,
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".html": _HTML,
    ".htm": _HTML,
    ".pdf": _PDF,
    ".png": _PNG,
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".docx": Format(_DOCX_TYPE, docx.read, sandboxed=True),
    ".jsonl": Format("application/jsonl", jsonl.read, sandboxed=False),
    ".ndjson": Format("application/jsonl", jsonl.read, sandboxed=False),
    ".json": Format("application/json", json.read, sandboxed=True),
    ".csv": _CSV,
    ".tsv": _CSV,
    ".xlsx": _XLSX,
    ".xlsm": _XLSX,
    ".pptx": Format(_PPTX_TYPE, pptx.read, sandboxed=True),
    ".odt": Format("application/vnd.oasis.opendocument.text", odt.read, sandboxed=True),
    ".rtf": Format("application/rtf", rtf.read, sandboxed=True),
    ".epub": Format("application/epub+zip", epub.read, sandboxed=True),
    ".eml": Format("message/rfc822", eml.read, sandboxed=True),
    ".srt": Format("application/x-subrip", subtitles.read, sandboxed=False),
    ".vtt": Format("text/vtt", subtitles.read, sandboxed=False),
    ".log": Format("text/x-log", log.read, sandboxed=False),
    **dict.fromkeys(_MARKUP_SUFFIXES.split(), _MARKUP),
    **dict.fromkeys(_CODE_SUFFIXES.split(), _CODE),
}
SUFFIXES: frozenset[str] = frozenset(FORMATS)


def read_bytes(
    data: bytes, name: str, limits: Limits = DEFAULT_LIMITS, stop: Stop = NEVER
) -> Source:
    """Read a file that was handed over.

    Args:
        name: the file's name; its suffix chooses the reader, folders in it are dropped. A file whose suffix
            is unknown is read if it is plain UTF-8 text.
        stop: ends the reading when it is set.

    Raises:
        UnsupportedFormat: no reader for this kind; the message says what to do.
        SourceTooLarge: the file, its text or what it unpacks to is over a limit.
        SourceError: it is empty, damaged, encrypted, holds no text, or its encoding is not recognised.
        Stopped: ``stop`` was set.
    """
    label = _label(name)
    kind = _format(label) or _text_format(label, data)
    if len(data) > limits.max_bytes:
        raise SourceTooLarge(label, _over(limits))
    try:
        if not data:
            raise NoTextError("it is empty")
        run = sandbox.run if kind.sandboxed else POOL.read
        reading = run(kind.read, data, kind.limits(limits), stop)
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
    if not os.path.lexists(path):
        raise SourceError(_label_of_path(path), "there is no such file or folder")
    try:
        # A kind that is never read is refused by its name, before its bytes are.
        if path.is_file():
            _format(label)
        with open(path, "rb", opener=_open_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceError(label, "it is not a regular file")
            return file.read(limits.max_bytes + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise SourceError(label, f"it cannot be opened ({why})") from error


def from_text(
    title: str, text: str, published: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> Source:
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
    reading = Reading((Article(body, heading, day),), "utf-8")
    try:
        return _source(heading, data, _PLAIN, reading, limits)
    except TooLargeError as error:
        raise SourceTooLarge(heading, error.why) from error


def _source(
    name: str, data: bytes, media_type: str, reading: Reading, limits: Limits
) -> Source:
    pieces: list[str] = []
    parts: list[Part] = []
    length = 0
    for article in reading.articles:
        text = article.text if article.blocks else clean(article.text)
        if not text.strip():
            continue
        start = length + (len(_BETWEEN_PARTS) if parts else 0)
        # What parts the articles counts: a million of one character each are long, too.
        length = start + len(text)
        if length > limits.max_characters:
            raise TooLargeError(
                f"its text is longer than {limits.max_characters:,} characters"
            )
        pieces.append(text)
        blocks = tuple(moved(block, start) for block in article.blocks)
        title = clean_line(article.title)
        parts.append(Part(start, length, title, article.published, blocks))
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
        warnings=tuple(
            Warning(name, kind, detail) for kind, detail in reading.warnings
        ),
    )


def _format(name: str) -> Format | None:
    """The format that a name tells of, None for one that tells nothing. Raises UnsupportedFormat."""
    suffix = PurePosixPath(name).suffix.lower()
    if (kind := FORMATS.get(suffix)) is not None:
        return kind
    if (advice := ADVICE.get(suffix)) is not None:
        raise UnsupportedFormat(name, f"{suffix} files are not read; {advice}")
    return _CODE if name.lower() in _CODE_NAMES else None


def _text_format(name: str, data: bytes) -> Format:
    """Plain text, if the bytes of a file of no known kind are plain UTF-8. Raises UnsupportedFormat."""
    try:
        text = data.decode("utf-8")
    except ValueError:
        text = "\0"
    # NUL is valid UTF-8, and no text has it; most binary formats do.
    if "\0" not in text:
        return _TEXT
    why = "its name does not say what kind of file it is"
    if suffix := PurePosixPath(name).suffix:
        why = f"{suffix} files are not read"
    raise UnsupportedFormat(
        name, f"{why}, and it is no plain text; save it as .pdf, .docx or .txt"
    )


def _label_of_path(path: Path) -> str:
    """A path that was named and is not there, as it was named."""
    return " ".join(clean(str(path)).split()) or "unnamed"


def _open_without_waiting(path: str, flags: int) -> int:
    """A pipe that nobody writes to would be waited for otherwise, for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _label(name: str) -> str:
    """A name to show and store, never to open: no folders, no controls, no surrogates."""
    path = PurePosixPath(clean(name).replace("\\", "/").replace("\n", " "))
    return " ".join(f"{path.stem[:200]}{path.suffix[:20]}".split()) or "unnamed"


def _over(limits: Limits) -> str:
    return f"it is larger than {limits.max_bytes / MEBIBYTE:g} MiB"
