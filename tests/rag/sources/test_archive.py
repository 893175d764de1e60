"""Zip archives: what may be unpacked, and where a reference leads."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from rag.sources import archive
from rag.sources.base import ReadingError, TooLargeError


def zipped(**parts: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("_", "."), content)
    return out.getvalue()


def test_an_archive_is_opened() -> None:
    assert archive.opened(zipped(a_xml=b"<a/>"), "a DOCX").namelist() == ["a.xml"]


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"hello", zipped(a_xml=b"x")[:-5]])
def test_what_is_no_archive(data: bytes) -> None:
    with pytest.raises(
        ReadingError, match="it is not an EPUB or is damaged: it does not open as a zip"
    ):
        archive.opened(data, "an EPUB")


def test_an_encrypted_office_file_is_told_from_its_forerunner() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    with pytest.raises(
        ReadingError,
        match=r"encrypted or in the old \.xls format; save it as XLSX without",
    ):
        archive.opened(ole, "an XLSX", old_kind=".xls")
    with pytest.raises(
        ReadingError, match="it is encrypted; save it as ODT without a password"
    ):
        archive.opened(ole, "an ODT")


def test_bombs_are_told_by_what_they_say_of_themselves() -> None:
    with pytest.raises(TooLargeError, match="unpacks to 80 MiB in 1 parts"):
        archive.opened(zipped(a_xml=bytes(80 * 2**20)), "a DOCX")
    archive.opened(zipped(a_png=bytes(80 * 2**20)), "a DOCX")  # a picture is not parsed
    with pytest.raises(TooLargeError, match="in 5,001 parts"):
        archive.opened(
            zipped(**{f"p{number}_txt": b"" for number in range(5001)}), "a DOCX"
        )


def test_an_entry_that_lies_of_its_size_gives_no_more_than_it_says() -> None:
    data = bytearray(zipped(a_xml=b"x" * 1000))
    size = (1000).to_bytes(4, "little")
    lying = bytes(data.replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(archive.FAULTS):
        assert len(archive.opened(lying, "a DOCX").read("a.xml")) <= 10


def test_entities_are_neither_declared_nor_expanded() -> None:
    laughs = b'<!DOCTYPE a [<!ENTITY b "lol">]><a>x&b;y</a>'
    opened = archive.opened(zipped(a_xml=laughs), "a DOCX")
    with pytest.raises(ReadingError, match="declares entities"):
        archive.refuse_declared_entities(opened)
    assert "lol" not in "".join(archive.xml(opened, "a.xml").itertext(tag="a"))


@pytest.mark.parametrize(
    ("name", "reference", "part"),
    [
        ("OEBPS/book.opf", "text/a.xhtml", "OEBPS/text/a.xhtml"),
        ("OEBPS/toc/nav.xhtml", "../text/a%20b.xhtml#top", "OEBPS/text/a b.xhtml"),
        ("book.opf", "a.xhtml", "a.xhtml"),
        ("book.opf", "/a.xhtml", "a.xhtml"),
        (
            "book.opf",
            "../../etc/passwd",
            "../../etc/passwd",
        ),  # names no part of any archive
    ],
)
def test_references(name: str, reference: str, part: str) -> None:
    assert archive.beside(name, reference) == part
