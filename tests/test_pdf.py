"""PDF: lines joined into paragraphs, and clear refusals. The files are made here, by hand."""

from __future__ import annotations

from io import BytesIO

import pypdf
import pytest

from rag.sources import pdf
from rag.sources.base import Limits, ReadingError, TooLargeError

LIMITS = Limits()


def make_pdf(pages: list[list[str]]) -> bytes:
    """A PDF whose pages draw lines of any characters, through a ToUnicode map as real Chinese PDFs do."""
    code = {
        c: i for i, c in enumerate(sorted({c for lines in pages for line in lines for c in line}), start=1)
    }
    pairs = "\n".join(f"<{i:04x}> <{c.encode('utf-16-be').hex()}>" for c, i in code.items())
    cmap = (
        "begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "
        f"{len(code)} beginbfchar\n{pairs}\nendbfchar endcmap"
    )

    def stream(content: str) -> str:
        return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"

    def draw(lines: list[str]) -> str:
        shown = "".join(f"<{''.join(f'{code[c]:04x}' for c in line)}> Tj T*\n" for line in lines)
        return stream(f"BT /F 12 Tf 14 TL 50 800 Td\n{shown}ET")

    contents = range(6, 6 + 2 * len(pages), 2)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{n + 1} 0 R' for n in contents)}] >>",
        stream(cmap),
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 1000 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H "
        "/DescendantFonts [4 0 R] /ToUnicode 3 0 R >>",
    ]
    for number, lines in zip(contents, pages, strict=True):
        objects += [
            draw(lines),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Contents {number} 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        ]
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


def rewritten(data: bytes, **encryption: str) -> bytes:
    writer, out = pypdf.PdfWriter(clone_from=BytesIO(data)), BytesIO()
    if encryption:
        writer.encrypt(**encryption)
    writer.write(out)
    return out.getvalue()


PDF = make_pdf(
    [
        [
            "某某日报",
            "标题在此",
            "这是一段很长的文字它填满了整个栏目的宽度所以",
            "要接到下一行直到句号为止。",
            "第二段的文字也填满了整个栏目的宽度又到了页末",
            "- 1 -",
        ],
        [
            "某某日报",
            "接着上页的文字写完。",
            "English lines are joined by a space, and hyphen-",
            "ated words are made whole.",
            "2",
        ],
        ["某某日报", "末页的文字。", "第 3 页"],
    ]
)


def test_pdf_lines_become_paragraphs_across_pages() -> None:
    (article,) = pdf.read(PDF, LIMITS).articles
    assert article.text.split("\n\n") == [
        "标题在此",
        "这是一段很长的文字它填满了整个栏目的宽度所以要接到下一行直到句号为止。",
        "第二段的文字也填满了整个栏目的宽度又到了页末接着上页的文字写完。",
        "English lines are joined by a space, and hyphenated words are made whole.",
        "末页的文字。",
    ]


@pytest.mark.parametrize(
    ("title", "kept"), [("年度报告", "年度报告"), ("Microsoft Word - a.doc", None), ("Untitled", None)]
)
def test_pdf_title(title: str, kept: str | None) -> None:
    writer, out = pypdf.PdfWriter(clone_from=BytesIO(PDF)), BytesIO()
    writer.add_metadata({"/Title": title})
    writer.write(out)
    assert pdf.read(out.getvalue(), LIMITS).articles[0].title == kept


def test_pdf_locked_against_changes_only_is_read() -> None:
    locked = rewritten(PDF, user_password="", owner_password="o", algorithm="RC4-128")
    assert pdf.read(locked, LIMITS).articles == pdf.read(PDF, LIMITS).articles


def test_pdf_refusals() -> None:
    blank = pypdf.PdfWriter()
    blank.add_blank_page(100, 100)
    scanned = BytesIO()
    blank.write(scanned)
    locked = rewritten(PDF, user_password="secret", algorithm="RC4-128")
    for data, why in [
        (locked, "encrypted; save it without a password"),
        (scanned.getvalue(), "no text in it, only pictures"),
        (PDF[: len(PDF) // 2], "damaged PDF"),
        (PDF.replace(b"Tj T*", b"<\xff> Tj", 1), "damaged PDF"),
        (b"%PDF-1.7\n", "damaged PDF"),
        (b"not a pdf", "is not a PDF"),
    ]:
        with pytest.raises(ReadingError, match=why):
            pdf.read(data, LIMITS)


def test_pdf_stops_at_too_much_text() -> None:
    with pytest.raises(TooLargeError, match="longer than 20 characters"):
        pdf.read(PDF, Limits(max_characters=20))
