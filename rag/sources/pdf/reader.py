"""A PDF's bytes to a Reading: open it, take each page's sheets, name what was left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pypdfium2 as pdfium
from pypdfium2 import raw

from rag.records import WarningKind
from rag.sources.base import Limits, Reading, ReadingError, TooLargeError, one_line
from rag.sources.cleaning import clean_line
from rag.sources.pdf import lent_font
from rag.sources.pdf.article import article_of
from rag.sources.pdf.characters import SLANTED, Glyph, glyphs_of
from rag.sources.pdf.clock import Clock
from rag.sources.pdf.drawings import Drawings, drawings_of
from rag.sources.pdf.frames import Frame
from rag.sources.pdf.pieces import pieces_of
from rag.sources.pdf.scanning import Scanned, needs_ocr
from rag.sources.pdf.sheets import Piece, Sheet, around

MAX_PAGES = 3_000
_MACHINE_MADE = re.compile(
    r"(?i)(microsoft word - .*|untitled.*|无标题.*|.*\.(docx?|pdf|indd|qxd|tex)|PII: .*)"
)


def read(data: bytes, limits: Limits) -> Reading:
    """Read a PDF, its blocks with their pages.

    Raises:
        ReadingError: it needs a password, is damaged, or holds neither text nor a page that OCR could read.
        TooLargeError: its text is longer than ``limits.max_characters``.
    """
    if b"%PDF-" not in data[:1024]:
        raise ReadingError("it is not a PDF")
    document = open_document(data)
    try:
        return _read(document, limits)
    except pdfium.PdfiumError as error:
        raise ReadingError(f"it is a damaged PDF ({one_line(error)})") from None
    finally:
        document.close()


def open_document(data: bytes) -> pdfium.PdfDocument:
    """Raises ReadingError: it needs a password, or is damaged."""
    lent_font.lend()
    try:
        document = pdfium.PdfDocument(data)
        if len(document) == 0:
            raise ReadingError("it is a damaged PDF (it has no pages)")
        return document
    except pdfium.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise ReadingError("it is encrypted; save it without a password") from None
        if error.err_code == raw.FPDF_ERR_SECURITY:
            why = (
                "it is encrypted in a way that is not read; save it without a password"
            )
            raise ReadingError(why) from None
        raise ReadingError(f"it is a damaged PDF ({one_line(error)})") from None


def _read(document: pdfium.PdfDocument, limits: Limits) -> Reading:
    clock = Clock(limits.seconds)
    scanned = Scanned(clock)
    warnings: list[tuple[WarningKind, str]] = []
    sheets: list[Sheet] = []
    characters = 0
    for number in range(1, len(document) + 1):
        if number > MAX_PAGES or clock.is_late():
            warnings.append(("limit", _not_reached(number, len(document), clock)))
            break
        try:
            found = list(_sheets(document[number - 1], number, scanned))
        except pdfium.PdfiumError:  # one page's objects are broken, and the others' not
            warnings.append(("failed", f"page {number} is damaged and was not read"))
            continue
        sheets += found
        characters += sum(len(piece.text) for sheet in found for piece in sheet.pieces)
        if characters > limits.max_characters:
            raise TooLargeError(
                f"its text is longer than {limits.max_characters:,} characters"
            )
    warnings += scanned.warnings()
    article = article_of(sheets, _declared_title(document))
    if not article.text.strip():
        details = "; ".join(detail for _, detail in warnings)
        raise ReadingError(
            f"there is no text in it: {details}"
            if details
            else "there is no text in it"
        )
    return Reading((article,), "binary", tuple(warnings))


def _not_reached(number: int, pages: int, clock: Clock) -> str:
    why = f"a PDF is read up to page {MAX_PAGES:,}"
    if number <= MAX_PAGES:
        why = f"{clock.seconds:g} s are allowed for a file, and {clock.spent:.0f} s had gone"
    return f"pages {number} to {pages} were not read: {why}; split the file"


def _sheets(page: pdfium.PdfPage, number: int, scanned: Scanned) -> Iterator[Sheet]:
    """The sheets of a page, the one with the most text first."""
    glyphs = glyphs_of(page)
    drawings = drawings_of(page)
    try:
        reason = needs_ocr(glyphs, drawings)
        if reason is not None:
            picture = scanned.read(page, number, reason)
            if picture is not None:
                yield picture
                return
        yield from _drawn(page, number, glyphs, drawings)
    finally:
        page.close()


def _drawn(
    page: pdfium.PdfPage,
    number: int,
    glyphs: dict[int, list[Glyph]],
    drawings: Drawings,
) -> Iterator[Sheet]:
    directions = sorted(glyphs, key=lambda direction: -len(glyphs[direction]))
    for direction in directions:
        frame = Frame.of(page, max(direction, 0))
        turned = direction != directions[0]
        if direction == SLANTED:
            yield _watermark(number, frame, glyphs[direction])
            continue
        rules = drawings.rules(frame)
        pieces = pieces_of(glyphs[direction], rules)
        # Text laid invisibly under a scan was read off it by someone's OCR.
        hidden = sum(glyph.hidden for glyph in glyphs[direction]) * 2 > len(
            glyphs[direction]
        )
        yield Sheet(number, frame.whole, tuple(pieces), rules, hidden, turned)


def _watermark(number: int, frame: Frame, glyphs: list[Glyph]) -> Sheet:
    """Slanted text stands on no line: its characters as they were drawn."""
    text = "".join((" " if glyph.spaced else "") + glyph.character for glyph in glyphs)
    piece = Piece(text, around(glyph.box for glyph in glyphs), glyphs[0].size)
    return Sheet(number, frame.whole, (piece,), turned=True)


def _declared_title(document: pdfium.PdfDocument) -> str | None:
    """The title in the file's properties, unless a program put it there by itself."""
    title = clean_line(document.get_metadata_value("Title"))
    return None if title and _MACHINE_MADE.fullmatch(title) else title
