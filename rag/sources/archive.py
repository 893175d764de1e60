"""Zip archives that are documents (DOCX, XLSX, PPTX, ODT, EPUB): measured before they are unpacked.

A few kilobytes of zip can unfold to gigabytes. What an entry says of its size is believed, because
``zipfile`` reads no more of it than it says.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile, ZipInfo

from lxml import etree

from rag.sources.base import MEBIBYTE, ReadingError, TooLargeError

MAX_ENTRIES = 5_000
MAX_UNPACKED = 256 * MEBIBYTE
MAX_PART = 64 * MEBIBYTE
"""Bytes of one part that is parsed: as a tree it takes some ten times that."""
FAULTS = (
    ArithmeticError, AssertionError, AttributeError, BadZipFile, EOFError, LookupError, NotImplementedError,
    OSError, RuntimeError, SyntaxError, TypeError, ValueError, etree.LxmlError, zlib.error,
)  # fmt: skip
"""What parsers raise over a damaged file."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARSED = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx")
_PROLOG = 4096
"""Bytes of a part in which a document type would be declared."""
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


def opened(data: bytes, kind: str, old_kind: str | None = None) -> ZipFile:
    """The archive, once it is known that it may be unpacked.

    Args:
        kind: what the file should be, with its article: ``a DOCX``.
        old_kind: the suffix of its forerunner, for which an encrypted file is easily taken: ``.doc``.

    Raises:
        ReadingError: it is encrypted, or no zip archive.
        TooLargeError: it holds too many parts, or they unpack to too much.
    """
    if data.startswith(_OLE):
        old = f" or in the old {old_kind} format" if old_kind else ""
        raise ReadingError(
            f"it is encrypted{old}; save it as {kind.rpartition(' ')[2]} without a password"
        )
    try:
        archive = ZipFile(BytesIO(data))
    except (BadZipFile, ValueError, NotImplementedError, OSError):
        raise ReadingError(
            f"it is not {kind} or is damaged: it does not open as a zip archive"
        ) from None
    _measure(archive.infolist())
    return archive


def refuse_declared_entities(archive: ZipFile) -> None:
    """Raise ReadingError if a part declares a document type: entities can unfold to gigabytes as well.

    Word processors declare none; the pages of an EPUB do.
    """
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                if _DOCTYPE.search(part.read(_PROLOG)):
                    raise ReadingError(
                        "it declares entities of its own, which no office program does"
                    )


def xml(archive: ZipFile, name: str) -> Any:
    """The root of an XML part. No entity is expanded, nothing is fetched. Raises what ``FAULTS`` names."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(archive.read(name), parser)


def beside(name: str, reference: str) -> str:
    """The part that ``reference`` means in the part ``name``: ``text/a.xhtml`` beside ``OEBPS/b.opf``."""
    path = unquote(reference.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path)).lstrip("/")


def _measure(entries: list[ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    largest = max(
        (entry.file_size for entry in entries if entry.filename.endswith(_PARSED)),
        default=0,
    )
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or largest > MAX_PART:
        raise TooLargeError(
            f"it unpacks to {unpacked / MEBIBYTE:,.0f} MiB in {len(entries):,} parts, too much to read"
        )
