"""EPUB: one document, chapters as headings in reading order; scripts and the table of contents left out."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from rag.sources import epub
from rag.sources.base import Limits, ReadingError, TooLargeError
from tests.hostile import LIMITS, damaged, only, seen, survives

CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="O/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
XHTML = "application/xhtml+xml"
NAV = """<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol><li><a href="t/a.xhtml">第一章</a><ol>
<li><a href="t/b%20b.xhtml#top">第一节</a></li></ol></li></ol></nav></body></html>"""
NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>第一章</text>
</navLabel><content src="t/a.xhtml"/><navPoint><navLabel><text>第一节</text></navLabel>
<content src="t/b%20b.xhtml"/></navPoint></navPoint></navMap></ncx>"""


def page(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>x</title><script>alert('脚本')</script></head><body>{body}</body></html>"
    )


def make(
    pages: dict[str, str], contents: str = NAV, extra: dict[str, str] | None = None
) -> bytes:
    """A book of pages by name, read in that order, behind its table of contents."""
    nav = contents.startswith("<html")
    name, kind = (
        ("nav.xhtml", XHTML) if nav else ("toc.ncx", "application/x-dtbncx+xml")
    )
    items = f'<item id="toc" href="{name}" media-type="{kind}" properties="{"nav" if nav else ""}"/>'
    spine = '<itemref idref="toc"/>'
    for number, path in enumerate(pages):
        items += f'<item id="p{number}" href="{path.replace(" ", "%20")}" media-type="{XHTML}"/>'
        spine += f'<itemref idref="p{number}"/>'
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>山中记</dc:title><dc:date>2020-01-02</dc:date></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    files = {
        "META-INF/container.xml": CONTAINER,
        "O/book.opf": package,
        f"O/{name}": contents,
    }
    files |= {f"O/{path}": page(body) for path, body in pages.items()} | (extra or {})
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return out.getvalue()


BOOK = {
    "t/b b.xhtml": "<p>乙。</p><p>丙。</p>",
    "t/a.xhtml": "<p>第 一章</p><p>甲。</p><aside>注。</aside>",
}


@pytest.mark.parametrize("contents", [NAV, NCX])
def test_chapters_are_headings_in_reading_order(contents: str) -> None:
    article = only(epub.read(make(BOOK, contents), LIMITS))
    assert (article.title, article.published) == ("山中记", "2020-01-02")
    assert seen(article) == [
        ("heading", "第一节"),
        ("paragraph", "乙。"),
        ("paragraph", "丙。"),
        (
            "heading",
            "第 一章",
        ),  # the chapter's own line, which the table of contents says is its heading
        ("paragraph", "甲。"),
        ("paragraph", "注。"),
    ]
    assert [block.level for block in article.blocks if block.role == "heading"] == [
        2,
        1,
    ]


def test_a_book_without_a_table_of_contents() -> None:
    article = only(epub.read(make(BOOK, "<html/>"), LIMITS))
    assert [text for _, text in seen(article)][:2] == ["乙。", "丙。"]
    assert "脚本" not in article.text


def test_a_page_that_is_missing_is_named() -> None:
    data = make(BOOK)
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for entry in zipfile.ZipFile(BytesIO(data)).infolist():
            if entry.filename != "O/t/a.xhtml":
                archive.writestr(
                    entry.filename, zipfile.ZipFile(BytesIO(data)).read(entry)
                )
    reading = epub.read(out.getvalue(), LIMITS)
    assert reading.warnings == (
        ("left_out", "parts that are missing or hold no text: O/t/a.xhtml"),
    )
    assert "乙。" in only(reading).text


def sealed(uri: str) -> dict[str, str]:
    reference = (
        f'<e:CipherReference xmlns:e="http://www.w3.org/2001/04/xmlenc#" URI="{uri}"/>'
    )
    return {"META-INF/encryption.xml": f"<encryption>{reference}</encryption>"}


def test_protected_books_are_refused_and_hidden_fonts_are_not() -> None:
    with pytest.raises(ReadingError, match="protected against copying"):
        epub.read(make(BOOK, extra=sealed("O/t/a.xhtml")), LIMITS)
    assert "甲。" in only(epub.read(make(BOOK, extra=sealed("O/f.otf")), LIMITS)).text


def test_entities_unfold_to_nothing() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "lollol"><!ENTITY b "&a;&a;&a;">]>'
    data = make({"t/a.xhtml": "<p>甲&b;。</p>"}, laughs + NCX.replace("第一章", "&b;"))
    article = only(epub.read(data, LIMITS))
    assert "lol" not in article.text


def test_refusals() -> None:
    data = make(BOOK)
    with pytest.raises(ReadingError, match="is not an EPUB or is damaged"):
        epub.read(data[:300], LIMITS)
    with pytest.raises(ReadingError, match="is not an EPUB or is damaged"):
        epub.read(make(BOOK, extra={"META-INF/container.xml": "<container/>"}), LIMITS)
    with pytest.raises(TooLargeError, match="unpacks to"):
        epub.read(make({"t/a.xhtml": " " * 70_000_000}), LIMITS)
    with pytest.raises(TooLargeError, match="longer than 10 characters"):
        epub.read(
            make({"t/a.xhtml": "<p>" + "字" * 20 + "</p>"}), Limits(max_characters=10)
        )


def test_damage() -> None:
    for broken in damaged(make(BOOK)):
        survives(epub.read, broken)
