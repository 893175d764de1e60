"""ODT: headings, lists, notes, tables, text boxes; what was deleted and comments are gone."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from rag.sources import odt
from rag.sources.base import ReadingError, TooLargeError
from tests.hostile import LIMITS, by_heads, damaged, only, seen, survives

NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in [
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
    ]
)
CELL = "<table:table-cell><text:p>{}</text:p></table:table-cell>"


def make(
    body: str, manifest: str = "<m/>", kind: str = "text", prolog: str = ""
) -> bytes:
    content = f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", manifest)
        document = (
            f"<office:document-content {NAMES}>{content}</office:document-content>"
        )
        archive.writestr("content.xml", prolog + document)
    return out.getvalue()


def read(body: str) -> list[tuple[str, str]]:
    return seen(only(odt.read(make(body), LIMITS)))


def test_headings_and_paragraphs() -> None:
    body = """<text:p text:style-name="Title">手册</text:p><text:h text:outline-level="2">一节</text:h>
    <text:p>甲<text:s text:c="2"/>乙<text:line-break/>丙 <text:span>丁</text:span></text:p>"""
    article = only(odt.read(make(body), LIMITS))
    assert seen(article) == [
        ("heading", "手册"),
        ("heading", "一节"),
        ("paragraph", "甲  乙\n丙 丁"),
    ]
    assert [block.level for block in article.blocks] == [1, 2, 0]
    assert article.title == "手册"


def test_a_note_stands_below_its_paragraph() -> None:
    note = """<text:note><text:note-citation>1</text:note-citation>
    <text:note-body><text:p>注文</text:p></text:note-body></text:note>"""
    assert read(f"<text:p>前{note}后</text:p>") == [
        ("paragraph", "前1后"),
        ("footnote", "1 注文"),
    ]


def test_lists_within_lists() -> None:
    inner = (
        "<text:list><text:list-item><text:p>子项</text:p></text:list-item></text:list>"
    )
    article = only(
        odt.read(
            make(
                f"<text:list><text:list-item><text:p>项</text:p>{inner}</text:list-item></text:list>"
            ),
            LIMITS,
        )
    )
    assert [(block.role, block.level) for block in article.blocks] == [
        ("list_item", 1),
        ("list_item", 2),
    ]


def test_tables() -> None:
    head = """<table:table-header-rows><table:table-row>
    <table:table-cell table:number-columns-spanned="2"><text:p>产量</text:p></table:table-cell>
    <table:covered-table-cell/></table:table-row></table:table-header-rows>"""
    row = """<table:table-row><table:table-cell table:number-columns-repeated="2"><text:p>1</text:p>
    </table:table-cell></table:table-row>"""
    assert read(f"<table:table>{head}{row}</table:table>") == [
        ("table_head", "产量"),
        ("table_row", "1 | 1"),
    ]
    plain = "".join(
        f"<table:table-row>{CELL.format(a)}{CELL.format(b)}</table:table-row>"
        for a, b in [("型号", "重"), ("甲", "2 kg")]
    )
    article = only(odt.read(make(f"<table:table>{plain}</table:table>"), LIMITS))
    assert by_heads(article) == [{"型号": "甲", "重": "2 kg"}]


def test_what_is_not_of_the_text_is_left_out() -> None:
    body = """<text:tracked-changes><text:changed-region><text:deletion><text:p>删去</text:p></text:deletion>
    </text:changed-region></text:tracked-changes><text:table-of-content><text:p>目录</text:p>
    </text:table-of-content><text:p>正文<office:annotation><text:p>批注</text:p></office:annotation>
    <draw:frame><draw:text-box><text:p>框内</text:p></draw:text-box></draw:frame></text:p>"""
    assert read(body) == [("paragraph", "正文"), ("paragraph", "框内")]


def test_cells_that_stand_for_many_cost_little() -> None:
    many = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
    many += 'table:number-columns-repeated="16384"/></table:table-row>'
    assert read(f"<text:p>甲</text:p><table:table>{many}</table:table>") == [
        ("paragraph", "甲")
    ]


def test_refusals() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>'
    for hostile, why in [
        (make("<text:p>x</text:p>")[:200], "is not an ODT or is damaged"),
        (make("", manifest="<m><encryption-data/></m>"), "it is encrypted"),
        (make("", kind="spreadsheet"), "not a text document"),
        (make("<text:p>&b;</text:p>", prolog=laughs), "declares entities"),
        (make("<text:section>" * 5000), "is not an ODT or is damaged"),
        (
            make('<text:h text:outline-level="one">x</text:h>'),
            "is not an ODT or is damaged .ValueError",
        ),
    ]:
        with pytest.raises(ReadingError, match=why):
            odt.read(hostile, LIMITS)
    with pytest.raises(TooLargeError, match="unpacks to"):
        odt.read(make(" " * 70_000_000), LIMITS)


def test_damage() -> None:
    for broken in damaged(make("<text:h>一</text:h><text:p>二</text:p>" * 20)):
        survives(odt.read, broken)
