"""PDFs made by code: pages drawn line by line, as programs draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

import pypdf
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 595, 842
SONG = "STSong-Light"
"""A Chinese font that the file names but does not bring along, nor any map to Unicode."""

Draw = Callable[[Canvas], None]


def pdf_of(*pages: Draw, title: str = "") -> bytes:
    """A PDF with one page for each of the functions that draw one."""
    out = BytesIO()
    pdfmetrics.registerFont(UnicodeCIDFont(SONG))
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT))
    canvas.setTitle(title)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def lines(
    canvas: Canvas,
    x: float,
    top: float,
    texts: Sequence[str],
    size: float = 10,
    font: str = "Helvetica",
) -> float:
    """Draw lines below each other, ``top`` points from the page's top on; the place below the last."""
    canvas.setFont(font, size)
    for text in texts:
        canvas.drawString(x, HEIGHT - top - size, text)
        top += 1.3 * size
    return top


def grid(
    canvas: Canvas,
    x: float,
    top: float,
    widths: Sequence[float],
    rows: Sequence[Sequence[str]],
    font: str = SONG,
) -> None:
    """Draw a ruled table. A cell ``<`` is one with that on its left, ``^`` with that above it."""
    height = 20
    canvas.setFont(font, 10)
    lefts = [x + sum(widths[:column]) for column in range(len(widths))]
    for number, row in enumerate(rows):
        y = HEIGHT - top - number * height
        for column, text in enumerate(row):
            left, right = lefts[column], lefts[column] + widths[column]
            if text != "<":
                canvas.line(left, y, left, y - height)
            if text != "^":
                canvas.line(left, y, right, y)
            if text not in ("<", "^"):
                canvas.drawString(left + 4, y - 14, text)
        end = lefts[-1] + widths[-1]
        canvas.line(end, y, end, y - height)
    bottom = HEIGHT - top - len(rows) * height
    canvas.line(x, bottom, lefts[-1] + widths[-1], bottom)


def picture(texts: Sequence[str], size: int = 40) -> Image.Image:
    """A page as a scanner sees it, 150 dots an inch, with lines of text on it."""
    page = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size)
    for number, text in enumerate(texts):
        draw.text((120, 160 + number * 2 * size), text, "black", font)
    return page


def scan(texts: Sequence[str]) -> Draw:
    """A page that is nothing but a picture of text."""

    def draw(canvas: Canvas) -> None:
        canvas.drawInlineImage(picture(texts), 0, 0, WIDTH, HEIGHT)

    return draw


def encrypted(data: bytes, algorithm: str, user_password: str = "") -> bytes:
    """The PDF as only ``user_password`` opens it."""
    writer, out = pypdf.PdfWriter(clone_from=BytesIO(data)), BytesIO()
    writer.encrypt(
        user_password=user_password, owner_password="owner", algorithm=algorithm
    )
    writer.write(out)
    return out.getvalue()
