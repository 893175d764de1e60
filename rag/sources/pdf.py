"""PDF: the text that its pages draw, lines joined into paragraphs. Scanned pages hold none.

A line that fills the column flows on into the next; a shorter one ends its paragraph. Page numbers, and the
lines that stand first or last on most pages, are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from rag.sources.base import Article, Limits, Reading, ReadingError, TooLargeError, one_line
from rag.sources.prose import is_wide

_PAGE_NUMBER = re.compile(
    r"[-–—·\s]*(?:第|page|p\.)?\s*\d{1,4}\s*[页頁]?(?:\s*(?:/|of|共)\s*\d{1,4}\s*[页頁]?)?[-–—·\s]*", re.I
)
_FULL = 0.85
"""Share of the column's width that a line fills if its paragraph goes on."""
_LINES_TO_MEASURE = 5
_SENTENCE_END = "。！？!?…：:；;”』」"


def read(data: bytes, limits: Limits) -> Reading:
    """Raises ReadingError for a PDF that is encrypted, damaged or without text."""
    if b"%PDF-" not in data[:1024]:
        raise ReadingError("it is not a PDF")
    try:
        reader = _open(data)
        pages = list(_lines(reader, limits))
        title = reader.metadata.title if reader.metadata else None
    except (DependencyError, NotImplementedError):
        raise ReadingError("it is encrypted in a way that is not read; save it without a password") from None
    except PyPdfError as error:
        raise ReadingError(f"it is a damaged PDF ({one_line(error)})") from None
    if not any(any(page) for page in pages):
        raise ReadingError("there is no text in it, only pictures of text perhaps; run it through OCR first")
    return Reading((Article("\n\n".join(_paragraphs(pages)), _sensible(title)),), "binary")


def _open(data: bytes) -> PdfReader:
    reader = PdfReader(BytesIO(data), root_object_recovery_limit=1000)
    if reader.is_encrypted and not reader.decrypt(""):
        raise ReadingError("it is encrypted; save it without a password")
    if not len(reader.pages):
        raise ReadingError("it has no pages")
    return reader


def _lines(reader: PdfReader, limits: Limits) -> Iterator[list[str]]:
    characters = 0
    for page in reader.pages:
        text = page.extract_text()
        characters += len(text)
        if characters > limits.max_characters:
            raise TooLargeError(f"its text is longer than {limits.max_characters:,} characters")
        yield [line.strip() for line in text.split("\n")]


def _sensible(title: str | None) -> str | None:
    """Titles that programs put there by themselves name no document."""
    text = str(title or "").strip()
    machine_made = re.fullmatch(
        r"(?i)(microsoft word - .*|untitled.*|无标题.*|.*\.(docx?|pdf|indd|qxd|tex))", text
    )
    return None if machine_made else text or None


def _paragraphs(pages: Sequence[Sequence[str]]) -> Iterator[str]:
    furniture = _furniture(pages)
    usual_width = _column_width([line for page in pages for line in page])
    paragraph = ""
    for page in pages:
        lines = [line for line in _without_page_number(page) if line not in furniture]
        width = _column_width(lines) if len(lines) >= _LINES_TO_MEASURE else usual_width
        for line in lines:
            if line:
                paragraph = _join(paragraph, line)
            if paragraph and not (line and _flows_on(line, width)):
                yield paragraph
                paragraph = ""
    if paragraph:
        yield paragraph


def _furniture(pages: Sequence[Sequence[str]]) -> set[str]:
    """Running heads and feet: lines first or last on at least three pages and on more than half."""
    edges = Counter(
        edge for page in pages if (lines := [line for line in page if line]) for edge in {lines[0], lines[-1]}
    )
    return {line for line, count in edges.items() if count >= 3 and count * 2 > len(pages)}


def _without_page_number(page: Sequence[str]) -> list[str]:
    lines = list(page)
    for end in (0, -1):
        while lines and not lines[end]:
            lines.pop(end)
        if len(lines) > 1 and _PAGE_NUMBER.fullmatch(lines[end]):
            lines.pop(end)
    return lines


def _column_width(lines: Sequence[str]) -> float:
    """Width that the long lines of a page share: the ninth decile, in half-width cells."""
    widths = sorted(_width(line) for line in lines if line)
    return widths[len(widths) * 9 // 10] if widths else 0


def _flows_on(line: str, width: float) -> bool:
    cells = _width(line)
    return cells >= width if line.endswith(tuple(_SENTENCE_END + ".")) else cells >= width * _FULL


def _width(line: str) -> int:
    return sum(2 if is_wide(character) else 1 for character in line)


def _join(paragraph: str, line: str) -> str:
    if not paragraph:
        return line
    if is_wide(paragraph[-1]) or is_wide(line[0]):
        return paragraph + line
    if paragraph[-1] == "-" and len(paragraph) > 1 and paragraph[-2].isalpha() and line[0].islower():
        return paragraph[:-1] + line
    return f"{paragraph} {line}"
