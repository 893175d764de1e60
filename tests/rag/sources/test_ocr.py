"""OCR: scanned pages of PDFs, half scanned files, and what is said without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import ImageDraw
from reportlab.pdfgen.canvas import Canvas

from rag.sources import ocr, pdf
from rag.sources.base import Limits, ReadingError
from rag.sources.files import read_bytes
from rag.sources.pdf.characters import Glyph
from rag.sources.pdf.drawings import Drawings
from rag.sources.pdf.scanning import needs_ocr
from rag.sources.pdf.sheets import Box
from tests.pdf_makers import HEIGHT, WIDTH, lines, pdf_of, picture, scan

LIMITS = Limits(seconds=300)
SCANNED = ["The pump runs at 1450 turns", "and weighs 38 kg when dry."]
DRAWN = ["This page was drawn by a program, letter by letter, as most are."]


def drawn(canvas: Canvas) -> None:
    """A page of text."""
    lines(canvas, 60, 100, DRAWN)


def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where the extra was not installed."""
    monkeypatch.setattr(ocr, "find_spec", lambda name: None)


def test_a_half_scanned_file_is_read_page_by_page() -> None:
    source = read_bytes(pdf_of(drawn, scan(SCANNED)), "half.pdf")  # in the sandbox
    (part,) = source.parts
    told = [(source.text[b.start : b.end], b.page, b.ocr) for b in part.blocks]
    assert told == [(DRAWN[0], 1, False), (" ".join(SCANNED), 2, True)]
    assert source.warnings == ()


def test_without_ocr_the_pages_and_the_command_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing(monkeypatch)
    page = scan(SCANNED)
    reading = pdf.read(pdf_of(drawn, page, page, drawn, page), LIMITS)
    assert reading.warnings == (
        (
            "scanned",
            "pages 2-3 and 5 are scanned and not read: "
            "install OCR with `pip install 'chuchu[ocr]'` and take the file in again",
        ),
    )
    assert {block.page for block in reading.articles[0].blocks} == {1, 4}


def test_a_wholly_scanned_file_is_refused_without_ocr(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing(monkeypatch)
    with pytest.raises(
        ReadingError, match=r"page 1 is scanned and not read: .*chuchu\[ocr\]"
    ):
        pdf.read(pdf_of(scan(SCANNED)), LIMITS)


def test_a_scan_with_text_laid_under_it_is_taken_as_it_is() -> None:
    def under(canvas: Canvas) -> None:
        scan(SCANNED)(canvas)
        text = canvas.beginText(60, 600)
        text.setTextRenderMode(3)  # invisible, as OCR programs lay it
        text.setFont("Helvetica", 12)
        text.textLine("The pump runs at 1450 turns and weighs 38 kg.")
        canvas.drawText(text)

    (article,) = pdf.read(pdf_of(under), LIMITS).articles
    assert article.text == "The pump runs at 1450 turns and weighs 38 kg."
    assert article.blocks[0].ocr


def test_the_rules_of_a_scanned_table_part_its_cells() -> None:
    def table(canvas: Canvas) -> None:
        page = picture([])
        draw = ImageDraw.Draw(page)
        rows = [["Model", "Weight"], ["Alpha", "38 kg"], ["Beta", "42 kg"]]
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                left, top = 150 + 400 * column, 300 + 90 * number
                draw.rectangle(
                    (left, top, left + 400, top + 90), outline="black", width=3
                )
                draw.text((left + 40, top + 20), text, "black", font_size=40)
        canvas.drawInlineImage(page, 0, 0, WIDTH, HEIGHT)

    (article,) = pdf.read(pdf_of(table), LIMITS).articles
    found: list[list[tuple[str, str]]] = []
    for block in article.blocks:
        if block.role == "table_row":
            row = [(c.head, article.text[c.start : c.end]) for c in block.cells]
            found.append(row)
    assert found == [
        [("Model", "Alpha"), ("Weight", "38 kg")],
        [("Model", "Beta"), ("Weight", "42 kg")],
    ]


def test_pages_without_text_on_them_are_named() -> None:
    data = pdf_of(drawn, scan([]))
    assert pdf.read(data, LIMITS).warnings == (
        ("left_out", "page 2 is a picture in which no text was found"),
    )


@pytest.mark.parametrize(
    ("characters", "covered", "reason"),
    [
        ("", 0.9, "scanned"),
        ("12", 0.9, "scanned"),  # a page number stamped on a scan
        ("12", 0.1, None),
        ("a caption below a large picture", 0.9, None),
        ("\ue001\ue002\ue003 ab", 0.0, "without a map from its font to characters"),
    ],
)
def test_which_pages_are_pictures(
    characters: str, covered: float, reason: str | None
) -> None:
    box = Box(0, 0, 5, 10)
    glyphs = {
        0: [
            Glyph(c, box, 10, bold=False, hidden=False, spaced=False)
            for c in characters
        ]
    }
    assert needs_ocr(glyphs, Drawings((), covered, any=True)) == reason


def test_a_blank_page_is_no_scan() -> None:
    assert needs_ocr({}, Drawings((), 0.0, any=False)) is None


def test_no_usage_data_is_kept_to_be_sent(tmp_path: Path) -> None:
    """Left alone, onnxruntime writes a device's number and its events to the cache folder, and uploads them.

    A picture has to be read for that: the models are loaded with the first.
    """
    code = (
        "from PIL import Image; from rag.sources import ocr; "
        "ocr.sheet_of(Image.new('RGB', (320, 320), 'white'), 1, 1.0); print('read')"
    )
    home = str(tmp_path)
    environment = {"PYTHONPATH": str(Path.cwd()), "HOME": home, "XDG_CACHE_HOME": home}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "read"
    assert not list(tmp_path.iterdir())
