"""DOCX: body in order, tracked changes accepted, bombs refused."""

from __future__ import annotations

import zipfile
from io import BytesIO
from itertools import pairwise

import docx as python_docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from rag.sources import docx
from rag.sources.base import Limits, ReadingError, TooLargeError

LIMITS = Limits()


def make_docx() -> bytes:
    document = python_docx.Document()
    document.add_heading("全国供暖", 0)
    document.add_paragraph("第一段。\n换行。")
    tracked = document.add_paragraph("原文")
    tracked._p.append(
        parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>加上</w:t></w:r></w:ins>")
    )
    tracked._p.append(
        parse_xml(
            f"<w:del {nsdecls('w')}><w:r><w:delText>删去</w:delText></w:r></w:del>"
        )
    )
    document.add_paragraph("甲", style="List Bullet")
    document.add_paragraph("乙", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("年", "数", "2020", "5"), strict=True):
        cell.text = text
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def test_docx() -> None:
    (article,) = docx.read(make_docx(), LIMITS).articles
    assert article.title == "全国供暖"
    assert (
        article.text
        == "全国供暖\n\n第一段。\n换行。\n\n原文加上\n\n- 甲\n- 乙\n\n年 | 数\n2020 | 5"
    )


def with_document(xml: str) -> bytes:
    """The DOCX of ``make_docx`` with another main part."""
    given, out = zipfile.ZipFile(BytesIO(make_docx())), BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in given.infolist():
            archive.writestr(
                entry,
                xml if entry.filename == "word/document.xml" else given.read(entry),
            )
    return out.getvalue()


def test_docx_refusals() -> None:
    empty_zip = BytesIO()
    zipfile.ZipFile(empty_zip, "w").close()
    for data, why in [
        (make_docx()[:3000], "is not a DOCX or is damaged"),
        (b"PK\3\4 no more", "is not a DOCX or is damaged"),
        (empty_zip.getvalue(), "is not a DOCX or is damaged"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "encrypted or in the old .doc format",
        ),
        (with_document("<broken"), "is not a DOCX or is damaged"),
    ]:
        with pytest.raises(ReadingError, match=why):
            docx.read(data, LIMITS)


def test_docx_bomb_is_measured_before_it_is_unpacked() -> None:
    bomb = with_document("<w:document>" + " " * 70_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(TooLargeError, match="unpacks to"):
        docx.read(bomb, LIMITS)


@pytest.mark.parametrize(
    ("depth", "why"), [(1, "declares entities"), (7, "is not a DOCX or is damaged")]
)
def test_docx_entities_are_not_expanded(depth: int, why: str) -> None:
    names = "abcdefgh"[: depth + 1]
    laughs = '<!ENTITY a "lollollollol">' + "".join(
        f'<!ENTITY {name} "{f"&{below};" * 20}">' for below, name in pairwise(names)
    )
    body = f"<w:body><w:p><w:r><w:t>x&{names[-1]};y</w:t></w:r></w:p></w:body>"
    document = f"<!DOCTYPE d [{laughs}]><w:document {nsdecls('w')}>{body}</w:document>"
    with pytest.raises(ReadingError, match=why):
        docx.read(with_document(document), LIMITS)
