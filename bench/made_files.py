"""Files of every kind that is read, made by code out of the same sections.

    made = MAKERS[".docx"](sections_of(200_000))

A section is a heading, paragraphs and a table; each kind holds as much of it as its readers' own files do: a
table no prose, subtitles no table, a picture one page of lines.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from html import escape
from io import BytesIO, StringIO
from itertools import chain, count

import openpyxl
from docx import Document
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.util import Inches
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the paragraphs under it and a table; the first of its rows is that of the heads."""

    heading: str
    paragraphs: tuple[str, ...]
    rows: tuple[Row, ...] = ()

    @property
    def characters(self) -> int:
        """How much it says, heads and all."""
        cells = chain.from_iterable(self.rows)
        return len(self.heading) + sum(map(len, self.paragraphs)) + sum(map(len, cells))


Maker = Callable[[Sequence[Section]], bytes]


def sections_of(characters: int) -> list[Section]:
    """A handbook of about so many characters, no two of its paragraphs alike."""
    sections: list[Section] = []
    length = 0
    while length < characters:
        section = _chapter(len(sections) + 1)
        sections.append(section)
        length += section.characters
    return sections


def _chapter(number: int) -> Section:
    paragraphs = (
        f"第{number}号仓库建于{1950 + number % 70}年，共{number * 7}个货位，由库管科统一编号和调配。"
        "货位编号写在立柱的正面，字高不小于十厘米，磨损之后由当班的管理员在一周之内补写清楚。",
        f"收货时先核对送货单，再清点箱数。箱数不符的，当场登记，并在{number % 5 + 1}个工作日之内通知供货方。"
        "外箱破损、受潮或者封条断开的货物，应当单独放在待检区，未经检验不得上架，也不得与合格的货物混放。",
        f"库内温度保持在{number % 10 + 10}到{number % 10 + 20}摄氏度之间，每天早晚各记录一次。"
        "连续两次超出范围的，管理员应当打开排风，并报告值班主任；主任在接到报告之后一小时之内到场查看。",
        f"盘点每月一次，由两人共同完成。差额超过千分之{number % 9 + 1}的，应当写明原因，由科长签字后存档。",
    )
    rows: list[Row] = [("货号", "品名", "每箱重量", "存放货位")]
    for shelf in range(1, 9):
        rows.append(
            (
                f"H{number}-{shelf:02}",
                f"{number}号轴承",
                f"{shelf * 3 + number % 7} kg",
                f"东{shelf}排",
            )
        )
    return Section(f"第{number}章 第{number}号仓库", paragraphs, tuple(rows))


def _plain(sections: Sequence[Section]) -> bytes:
    return "\n\n".join(
        chain.from_iterable((s.heading, *s.paragraphs) for s in sections)
    ).encode()


def _markdown(sections: Sequence[Section]) -> bytes:
    pieces: list[str] = []
    for section in sections:
        pieces += [f"## {section.heading}", *section.paragraphs]
        lines = [f"| {' | '.join(row)} |" for row in section.rows]
        if lines:
            lines.insert(1, "|" + "---|" * len(section.rows[0]))
            pieces.append("\n".join(lines))
    return "\n\n".join(pieces).encode()


def _html(sections: Sequence[Section]) -> bytes:
    body = "\n".join(map(_html_of, sections))
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{body}</body></html>'.encode()


def _html_of(section: Section) -> str:
    pieces = [f"<h2>{escape(section.heading)}</h2>"]
    pieces += [f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs]
    tag, rows = "th", ""
    for row in section.rows:
        rows += (
            "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
        )
        tag = "td"
    return "\n".join(pieces) + (f"<table>{rows}</table>" if rows else "")


_SONG = "STSong-Light"
"""A Chinese font that every viewer has and no file need bring along."""


def _pdf(sections: Sequence[Section]) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont(_SONG))
    heading = ParagraphStyle(
        "heading", fontName=_SONG, fontSize=16, leading=28, wordWrap="CJK"
    )
    body = ParagraphStyle(
        "body", fontName=_SONG, fontSize=10, leading=15, wordWrap="CJK", spaceAfter=8
    )
    ruled = [
        ("GRID", (0, 0), (-1, -1), 0.5, "black"),
        ("FONT", (0, 0), (-1, -1), _SONG, 10),
    ]
    story: list[Flowable] = []
    for section in sections:
        story.append(Paragraph(section.heading, heading))
        story += [Paragraph(paragraph, body) for paragraph in section.paragraphs]
        if section.rows:
            story.append(
                Table([list(row) for row in section.rows], style=ruled, spaceAfter=12)
            )
    out = BytesIO()
    SimpleDocTemplate(out).build(story)
    return out.getvalue()


def _docx(sections: Sequence[Section]) -> bytes:
    document = Document()
    for section in sections:
        document.add_heading(section.heading, 1)
        for paragraph in section.paragraphs:
            document.add_paragraph(paragraph)
        if section.rows:
            table = document.add_table(len(section.rows), len(section.rows[0]))
            for row, texts in zip(table.rows, section.rows, strict=True):
                for cell, text in zip(row.cells, texts, strict=True):
                    cell.text = text
    out = BytesIO()
    document.save(out)
    return out.getvalue()


_TITLE_AND_BODY = 1
"""The layout of a slide, as the library's own template counts them."""


def _pptx(sections: Sequence[Section]) -> bytes:
    presentation = Presentation()
    for section in sections:
        slide = presentation.slides.add_slide(
            presentation.slide_layouts[_TITLE_AND_BODY]
        )
        slide.shapes.title.text = section.heading
        slide.placeholders[1].text = "\n".join(section.paragraphs)
        if section.rows:
            shape = (
                len(section.rows),
                len(section.rows[0]),
                Inches(1),
                Inches(5),
                Inches(8),
                Inches(2),
            )
            table = slide.shapes.add_table(*shape).table
            for row, texts in zip(table.rows, section.rows, strict=True):
                for cell, text in zip(row.cells, texts, strict=True):
                    cell.text = text
    out = BytesIO()
    presentation.save(out)
    return out.getvalue()


def _rows(sections: Sequence[Section]) -> Iterator[Row]:
    """The tables of all sections as one, under the heads of the first."""
    for number, section in enumerate(sections):
        yield from section.rows if number == 0 else section.rows[1:]


def _xlsx(sections: Sequence[Section]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in _rows(sections):
        workbook.active.append(row)
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def _csv(sections: Sequence[Section]) -> bytes:
    out = StringIO()
    csv.writer(out).writerows(_rows(sections))
    return out.getvalue().encode()


def _json(sections: Sequence[Section]) -> bytes:
    heads, *rows = _rows(sections)
    objects = [dict(zip(heads, row, strict=True)) for row in rows]
    return json.dumps(objects, ensure_ascii=False, indent=1).encode()


def _jsonl(sections: Sequence[Section]) -> bytes:
    lines: list[str] = []
    for section in sections:
        text = "\n\n".join(section.paragraphs)
        lines.append(
            json.dumps({"title": section.heading, "text": text}, ensure_ascii=False)
        )
    return "\n".join(lines).encode()


_CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
_XHTML = "http://www.w3.org/1999/xhtml"


def _epub(sections: Sequence[Section]) -> bytes:
    """A book with a page for each section."""
    files = {"META-INF/container.xml": _CONTAINER}
    items, spine = "", ""
    for number, section in enumerate(sections):
        items += f'<item id="p{number}" href="{number}.xhtml" media-type="application/xhtml+xml"/>'
        spine += f'<itemref idref="p{number}"/>'
        files[f"{number}.xhtml"] = (
            f'<html xmlns="{_XHTML}"><body>{_html_of(section)}</body></html>'
        )
    files["book.opf"] = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata/>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    return _zipped(files)


def _zipped(files: dict[str, str]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def _eml(sections: Sequence[Section]) -> bytes:
    message = EmailMessage()
    message["From"] = "王宁 <wang@example.org>"
    message["To"] = "all@example.org"
    message["Subject"] = sections[0].heading
    message["Date"] = "Tue, 02 Apr 2024 09:12:00 +0800"
    message.set_content(_plain(sections).decode())
    return message.as_bytes()


_ON_SCREEN = 24
"""Characters of a cue."""


def _srt(sections: Sequence[Section]) -> bytes:
    """Everything said one after the other, three seconds a cue."""
    said = "".join(chain.from_iterable(section.paragraphs for section in sections))
    cues: list[str] = []
    for start in range(0, len(said), _ON_SCREEN):
        second = start // _ON_SCREEN * 3
        times = f"{_clock(second)},000 --> {_clock(second + 3)},000"
        cues.append(f"{len(cues) + 1}\n{times}\n{said[start : start + _ON_SCREEN]}\n")
    return "\n".join(cues).encode()


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def _log(sections: Sequence[Section]) -> bytes:
    seconds = count()
    lines: list[str] = []
    for section in sections:
        for paragraph in section.paragraphs:
            lines.append(f"2024-05-06 {_clock(next(seconds) % 86400)} INFO {paragraph}")
    return "\n".join(lines).encode()


def _code(sections: Sequence[Section]) -> bytes:
    lines: list[str] = []
    for number, section in enumerate(sections):
        lines += [f"def rule_{number}():", f"    # {section.heading}"]
        lines += [f"    check({paragraph!r})" for paragraph in section.paragraphs]
        lines.append("")
    return "\n".join(lines).encode()


_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_ODF_NAMES = " ".join(
    f'xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "text", "table")
)


def _odt(sections: Sequence[Section]) -> bytes:
    body = ""
    for section in sections:
        body += f'<text:h text:outline-level="1">{escape(section.heading)}</text:h>'
        body += "".join(
            f"<text:p>{escape(paragraph)}</text:p>" for paragraph in section.paragraphs
        )
        body += _odt_table(section.rows)
    content = f"<office:body><office:text>{body}</office:text></office:body>"
    return _zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content {_ODF_NAMES}>{content}</office:document-content>",
        }
    )


def _odt_table(rows: Sequence[Row]) -> str:
    inside = ""
    for number, row in enumerate(rows):
        cells = "".join(
            f"<table:table-cell><text:p>{escape(c)}</text:p></table:table-cell>"
            for c in row
        )
        whole = f"<table:table-row>{cells}</table:table-row>"
        inside += (
            whole
            if number
            else f"<table:table-header-rows>{whole}</table:table-header-rows>"
        )
    return f"<table:table>{inside}</table:table>" if inside else ""


def _rtf(sections: Sequence[Section]) -> bytes:
    pieces = [r"{\rtf1\ansi\uc1{\stylesheet{\s1\outlinelevel0 heading 1;}}"]
    for section in sections:
        pieces.append(rf"\pard\s1\outlinelevel0 {_rtf_text(section.heading)}\par")
        pieces += [
            rf"\pard {_rtf_text(paragraph)}\par" for paragraph in section.paragraphs
        ]
        for row in section.rows:
            edges = "".join(rf"\cellx{(place + 1) * 2000}" for place in range(len(row)))
            cells = "".join(rf"{_rtf_text(cell)}\cell " for cell in row)
            pieces.append(rf"\trowd{edges}\pard\intbl {cells}\row")
    return "\n".join([*pieces, "}"]).encode("ascii")


def _rtf_text(text: str) -> str:
    """The text with each character outside ASCII as its code, which RTF counts as signed 16 bits."""
    return "".join(
        c if c < "\x80" else rf"\u{(ord(c) + 0x8000) % 0x10000 - 0x8000}?" for c in text
    )


_PAGE = (1240, 1754)
"""Pixels, of A4 as a scanner of 150 dots an inch sees it."""
_LINE = 64
_TOP, _LEFT, _SIZE = 120, 100, 28


def _png(sections: Sequence[Section]) -> bytes:
    """One page, as many lines as it holds. The font that comes with the library draws Latin letters only."""
    page = Image.new("RGB", _PAGE, "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(_SIZE)
    texts = chain.from_iterable(
        (section.heading, *section.paragraphs) for section in sections
    )
    for number, text in enumerate(texts):
        top = _TOP + number * _LINE
        if top > _PAGE[1] - _TOP:
            break
        draw.text(
            (_LEFT, top), text if text.isascii() else _latin(number), "black", font
        )
    out = BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def _latin(number: int) -> str:
    return f"Store {number + 1} keeps {number * 7 + 12} boxes of bearings at {number % 9 + 10} degrees."


MAKERS: dict[str, Maker] = {
    ".txt": _plain,
    ".md": _markdown,
    ".html": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".pptx": _pptx,
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".json": _json,
    ".jsonl": _jsonl,
    ".epub": _epub,
    ".eml": _eml,
    ".srt": _srt,
    ".log": _log,
    ".py": _code,
    ".odt": _odt,
    ".rtf": _rtf,
    ".png": _png,
}
"""A maker for each kind that has a reader of its own, by its suffix."""
