"""EPUB: the book is one document, its chapters headings in the order in which it is read.

A chapter without a heading of its own is given the one that the table of contents has for it. The table
itself, scripts and pictures are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

from rag.records import Block, WarningKind
from rag.sources import archive, html
from rag.sources.base import (
    Article,
    ArticleBuilder,
    Limits,
    Reading,
    ReadingError,
    TooLargeError,
)
from rag.sources.dates import iso_date

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
# Of a page on the web these frame the text; in a book they hold it: notes, the headings of chapters.
_FRAMES = re.compile(rb"<(/?)(?:aside|header|footer|nav)\b")
_FONTS = (".ttf", ".otf", ".woff", ".woff2")
_MAX_DEPTH = 10


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the table of contents says of a page: its heading, and how deep that lies."""

    title: str
    level: int


def read(data: bytes, limits: Limits) -> Reading:
    """Raises ReadingError for a file that is protected, damaged or no EPUB, TooLargeError for a zip bomb."""
    zipped = archive.opened(data, "an EPUB")
    try:
        return _read(zipped, limits)
    except archive.FAULTS as error:
        raise ReadingError(
            f"it is not an EPUB or is damaged ({type(error).__name__})"
        ) from None


def _read(zipped: ZipFile, limits: Limits) -> Reading:
    if _is_protected(zipped):
        raise ReadingError(
            "it is protected against copying (DRM), so its text cannot be read"
        )
    container = archive.xml(zipped, _CONTAINER)
    rootfile = next(_named(container, "rootfile"), None)
    package_name = rootfile.get("full-path", "") if rootfile is not None else ""
    package = archive.xml(zipped, package_name)
    contents = _contents(zipped, package_name, package)
    builder = ArticleBuilder()
    warnings: list[tuple[WarningKind, str]] = []
    lost: list[str] = []
    characters = 0
    for name in _spine(package_name, package):
        try:
            chapter = _chapter(zipped, name, limits)
        except (KeyError, ReadingError):
            lost.append(name)
            continue
        characters += len(chapter.text)
        if characters > limits.max_characters:
            raise TooLargeError(
                f"its text is longer than {limits.max_characters:,} characters"
            )
        _add(builder, chapter, contents.get(name))
    if lost:
        listed = ", ".join(lost[:20])
        detail = f"parts that are missing or hold no text: {listed}"
        warnings.append(("left_out", detail))
    title, day = _first(package, "title"), iso_date(_first(package, "date"))
    return Reading((builder.article(title, day),), "binary", tuple(warnings))


def _is_protected(zipped: ZipFile) -> bool:
    """Whether anything but fonts is encrypted."""
    if _ENCRYPTION not in zipped.namelist():
        return False
    references = _named(archive.xml(zipped, _ENCRYPTION), "CipherReference")
    names = [reference.get("URI", "").lower() for reference in references]
    return not all(name.endswith(_FONTS) for name in names)


def _named(root: Any, name: str) -> Iterator[Any]:
    """The elements of a name, in whatever namespace."""
    return iter(root.iter(f"{{*}}{name}"))


def _first(package: Any, name: str) -> str | None:
    found = next(package.iter(f"{_DC}{name}"), None)
    if found is None:
        return None
    return "".join(found.itertext()).strip() or None


def _spine(package_name: str, package: Any) -> Iterator[str]:
    """The names of the pages in reading order, without the page that is the table of contents."""
    items = {item.get("id"): item for item in _named(package, "item")}
    tables: set[str] = set()
    for reference in _named(package, "reference"):
        if reference.get("type") == "toc":
            tables.add(archive.beside(package_name, reference.get("href", "")))
    for itemref in _named(package, "itemref"):
        item = items.get(itemref.get("idref"))
        if item is None or item.get("media-type") not in _PAGES:
            continue
        name = archive.beside(package_name, item.get("href", ""))
        if "nav" not in item.get("properties", "").split() and name not in tables:
            yield name


def _chapter(zipped: ZipFile, name: str, limits: Limits) -> Article:
    page = _FRAMES.sub(rb"<\1div", zipped.read(name))
    reading = html.read(page, limits)
    return reading.articles[0]


def _add(builder: ArticleBuilder, chapter: Article, entry: _Entry | None) -> None:
    """Add a chapter under its heading: its own, else that of the table of contents."""
    blocks = chapter.blocks or _paragraphs(chapter.text)
    if not blocks:
        return
    if entry is not None and blocks[0].role != "heading":
        first = chapter.text[blocks[0].start : blocks[0].end]
        if _same(first, entry.title):
            heading = replace(blocks[0], role="heading", level=entry.level)
            blocks = (heading, *blocks[1:])
        else:
            builder.add("heading", entry.title, level=entry.level)
    builder.append(replace(chapter, blocks=blocks))


def _paragraphs(text: str) -> tuple[Block, ...]:
    """Running text as paragraphs."""
    matches = re.finditer(r"\S(?:.|\n(?!\n))*", text)
    return tuple(Block("paragraph", *match.span()) for match in matches)


def _same(text: str, title: str) -> bool:
    return "".join(text.split()).casefold() == "".join(title.split()).casefold()


def _contents(zipped: ZipFile, package_name: str, package: Any) -> Mapping[str, _Entry]:
    """The table of contents by page: that of EPUB 3 (``nav``), else that of EPUB 2 (``ncx``), else none."""
    for item in _named(package, "item"):
        name = archive.beside(package_name, item.get("href", ""))
        try:
            if "nav" in item.get("properties", "").split():
                return _by_page(name, _nav_entries(archive.xml(zipped, name)))
            if item.get("media-type") == "application/x-dtbncx+xml":
                return _by_page(name, _ncx_entries(archive.xml(zipped, name)))
        # A book without a table is still a book.
        except archive.FAULTS:
            continue
    return {}


def _by_page(name: str, entries: Iterator[tuple[str, _Entry]]) -> dict[str, _Entry]:
    """The first entry of each page; the others are of sections in it."""
    found: dict[str, _Entry] = {}
    for reference, entry in entries:
        if entry.title:
            found.setdefault(archive.beside(name, unquote(reference)), entry)
    return found


def _nav_entries(root: Any) -> Iterator[tuple[str, _Entry]]:
    for link in _named(root, "a"):
        depth = sum(1 for _ in link.iterancestors("{*}ol"))
        yield link.get("href", ""), _Entry(_text(link), min(max(depth, 1), _MAX_DEPTH))


def _ncx_entries(root: Any) -> Iterator[tuple[str, _Entry]]:
    for point in _named(root, "navPoint"):
        depth = sum(1 for _ in point.iterancestors("{*}navPoint")) + 1
        label, content = point.find("{*}navLabel"), point.find("{*}content")
        if label is not None and content is not None:
            yield content.get("src", ""), _Entry(_text(label), min(depth, _MAX_DEPTH))


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
