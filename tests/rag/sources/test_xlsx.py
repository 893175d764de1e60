"""XLSX: sheets, merged cells, numbers as shown, formulas, hidden sheets, and hostile workbooks."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from io import BytesIO

import openpyxl
import pytest

from rag.errors import SourceError
from rag.sources import read_bytes, xlsx
from rag.sources.base import Limits, ReadingError, TooLargeError
from tests.hostile import LIMITS, by_heads, damaged, only, seen, survives


def saved(workbook: openpyxl.Workbook) -> bytes:
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def output_table() -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "产量"
    for row in (
        ["某厂产量表", None, None, None],
        ["单位：吨", None, None, None],
        ["地区", "2022年", None, "统计日"],
        [None, "产量", "增长", None],
        ["华东", 12345.6, 0.125, date(2024, 5, 3)],
        [None, -5, 0.5, date(2024, 6, 1)],
        [],
        ["注：增长为同比", None, None, None],
    ):
        sheet.append(row)
    for merged in ("A1:D1", "A3:A4", "B3:C3", "D3:D4", "A5:A6"):
        sheet.merge_cells(merged)
    for row in (5, 6):
        sheet[f"B{row}"].number_format = "#,##0.00"
        sheet[f"C{row}"].number_format = "0.0%"
    return workbook


def altered(data: bytes, part: str, pattern: str, replacement: str) -> bytes:
    """The workbook with some of one part's XML replaced."""
    given, out = zipfile.ZipFile(BytesIO(data)), BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in given.infolist():
            content = given.read(entry).decode()
            if entry.filename == part:
                content, count = re.subn(
                    pattern, lambda _: replacement, content, flags=re.S
                )
                assert count
            archive.writestr(entry.filename, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_sheet_as_it_is_shown() -> None:
    article = only(xlsx.read(saved(output_table()), LIMITS))
    assert [block for block in seen(article) if not block[0].startswith("table")] == [
        ("heading", "产量"), ("caption", "某厂产量表"), ("caption", "单位：吨"), ("footnote", "注：增长为同比"),
    ]  # fmt: skip
    assert by_heads(article) == [
        {
            "地区": "华东",
            "2022年 / 产量": "12,345.60",
            "2022年 / 增长": "12.5%",
            "统计日": "2024-05-03",
        },
        {
            "地区": "华东",
            "2022年 / 产量": "-5.00",
            "2022年 / 增长": "50.0%",
            "统计日": "2024-06-01",
        },
    ]
    assert {block.table for block in article.blocks[1:]} == {1}


def test_several_sheets_are_headings_and_hidden_ones_are_named() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["a", "b"])
    workbook.active.append(["x", 1])
    other = workbook.create_sheet("二月")
    other.append(["c", "d"])
    other.append(["y", 2])
    workbook.create_sheet("空")
    hidden = workbook.create_sheet("草稿")
    hidden.append(["secret", 1])
    hidden.sheet_state = "hidden"
    reading = xlsx.read(saved(workbook), LIMITS)
    article = only(reading)
    assert [text for role, text in seen(article) if role == "heading"] == [
        "Sheet",
        "二月",
    ]
    assert [block.table for block in article.blocks if block.table] == [1, 1, 2, 2]
    assert "secret" not in article.text
    assert reading.warnings == (("left_out", "hidden sheets are not read: 草稿"),)


def test_one_sheet_without_a_name_is_no_heading() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["a", "b"])
    workbook.properties.title = "台账"
    article = only(xlsx.read(saved(workbook), LIMITS))
    assert seen(article) == [("table_row", "a | b")]
    assert article.title == "台账"


def test_formulas_are_read_by_their_saved_results() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["品名", "合计"])
    workbook.active.append(["甲", "=1+1"])
    workbook.active.append(["乙", "=2+2"])
    data = altered(
        saved(workbook),
        SHEET,
        r"<f>1\+1</f><v ?/>|<f>1\+1</f><v></v>",
        "<f>1+1</f><v>2</v>",
    )
    reading = xlsx.read(data, LIMITS)
    assert by_heads(only(reading)) == [{"品名": "甲", "合计": "2"}, {"品名": "乙"}]
    ((kind, detail),) = reading.warnings
    assert kind == "left_out"
    assert "a formula has no saved result" in detail


def test_what_a_sheet_says_of_its_size_costs_nothing() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["a", "b"])
    workbook.active.append(["x", 1])
    data = altered(
        saved(workbook),
        SHEET,
        r'<dimension ref="[^"]*"',
        '<dimension ref="A1:XFD1048576"',
    )
    assert by_heads(only(xlsx.read(data, LIMITS))) == [{"a": "x", "b": "1"}]
    far = altered(
        data,
        SHEET,
        r"</sheetData>",
        '<row r="1048576"><c r="XFD1048576"><v>7</v></c></row></sheetData>',
    )
    assert seen(only(xlsx.read(far, LIMITS)))[-1] == ("table_row", " |  | 7")


def test_a_merged_range_over_the_whole_sheet_costs_nothing() -> None:
    workbook = output_table()
    data = altered(saved(workbook), SHEET, r'ref="A5:A6"', 'ref="A1:XFD1048576"')
    survives(xlsx.read, data)


def test_too_much_text_is_refused_at_once() -> None:
    workbook = openpyxl.Workbook()
    for _ in range(100):
        workbook.active.append(["字" * 30_000])
    with pytest.raises(TooLargeError, match="more text than is read"):
        xlsx.read(saved(workbook), Limits(max_characters=1_000_000))


def test_refusals() -> None:
    data = saved(output_table())
    laughs = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><worksheet'
    for hostile, why in [
        (data[:500], "is not an XLSX or is damaged"),
        (b"PK\3\4 no more", "is not an XLSX or is damaged"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            r"encrypted or in the old \.xls format",
        ),
        (altered(data, SHEET, "<worksheet", laughs), "declares entities"),
        (
            altered(data, "xl/workbook.xml", "<sheets>.*</sheets>", "<sheets/>"),
            "is not an XLSX|no text",
        ),
    ]:
        with pytest.raises((ReadingError, SourceError), match=why):
            read_bytes(hostile, "x.xlsx")


def test_a_bomb_is_measured_before_it_is_unpacked() -> None:
    bomb = altered(
        saved(output_table()), SHEET, "</worksheet>", "</worksheet>" + " " * 70_000_000
    )
    assert len(bomb) < 200_000
    with pytest.raises(TooLargeError, match="unpacks to"):
        xlsx.read(bomb, LIMITS)


def test_damage() -> None:
    data = saved(output_table())
    for broken in damaged(data, 40):
        survives(xlsx.read, broken)
    for wrong in ("", "</c>", "1e999", "99999999999999999999", "\ufffe"):
        survives(xlsx.read, altered(data, SHEET, "<v>12345.6</v>", f"<v>{wrong}</v>"))
