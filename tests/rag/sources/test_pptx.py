"""PPTX: titles, bullets, tables, charts, notes; the slide's number is the page."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from rag.sources import pptx
from rag.sources.base import ReadingError, TooLargeError
from tests.hostile import LIMITS, by_heads, damaged, only, seen, survives

TITLE_AND_BODY, TITLE_ONLY, BLANK = 1, 5, 6


def saved(presentation: Any) -> bytes:
    out = BytesIO()
    presentation.save(out)
    return out.getvalue()


def add_slide(presentation: Any, layout: int, title: str | None = None) -> Any:
    slide = presentation.slides.add_slide(presentation.slide_layouts[layout])
    if title is not None:
        slide.shapes.title.text = title
    return slide


def add_box(slide: Any, text: str, left: float, top: float) -> Any:
    box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(1))
    box.text_frame.text = text
    return box


def talk() -> Any:
    presentation = Presentation()
    slide = add_slide(presentation, TITLE_AND_BODY, "安装步骤")
    frame = slide.placeholders[1].text_frame
    frame.text = "打开箱体"
    nested = frame.add_paragraph()
    nested.text, nested.level = "拧下螺丝", 1
    slide.notes_slide.notes_text_frame.text = "提醒：先断电。"
    return presentation


def test_title_bullets_and_notes() -> None:
    article = only(pptx.read(saved(talk()), LIMITS))
    assert seen(article) == [
        ("heading", "安装步骤"),
        ("list_item", "打开箱体"),
        ("list_item", "拧下螺丝"),
        ("paragraph", "提醒：先断电。"),
    ]
    assert [block.level for block in article.blocks] == [1, 1, 2, 0]
    assert {block.page for block in article.blocks} == {1}
    assert article.title == "安装步骤"


def test_tables_with_merged_cells() -> None:
    presentation = talk()
    slide = add_slide(presentation, TITLE_ONLY, "产量")
    table = slide.shapes.add_table(
        4, 3, Inches(1), Inches(2), Inches(4), Inches(2)
    ).table
    for row, cells in enumerate(
        [
            ("地区", "2022年", ""),
            ("", "产量", "产值"),
            ("华东", "1", "2"),
            ("", "3", "4"),
        ]
    ):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(2, 0).merge(table.cell(3, 0))
    article = only(pptx.read(saved(presentation), LIMITS))
    assert by_heads(article) == [
        {"地区": "华东", "2022年 / 产量": "1", "2022年 / 产值": "2"},
        {"地区": "华东", "2022年 / 产量": "3", "2022年 / 产值": "4"},
    ]
    assert article.blocks[-1].page == 2


def test_a_chart_is_its_data() -> None:
    presentation = Presentation()
    slide = add_slide(presentation, TITLE_ONLY, "销量")
    data = CategoryChartData()
    data.categories = ["一月", "二月"]
    data.add_series("台数", (1.5, 2))
    place = (Inches(1), Inches(2), Inches(4), Inches(3))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data)
    article = only(pptx.read(saved(presentation), LIMITS))
    assert by_heads(article) == [{"": "一月", "台数": "1.5"}, {"": "二月", "台数": "2"}]


def test_shapes_are_read_as_they_lie_and_the_first_line_may_be_the_title() -> None:
    presentation = Presentation()
    slide = add_slide(presentation, BLANK)
    add_box(slide, "右边。", 5, 3)
    add_box(slide, "左边。\v第二行", 1, 3)
    group = slide.shapes.add_group_shape()
    add_box(group, "没有标题的页", 1, 1)
    article = only(pptx.read(saved(presentation), LIMITS))
    assert seen(article) == [
        ("heading", "没有标题的页"),
        ("paragraph", "左边。\n第二行"),
        ("paragraph", "右边。"),
    ]


def test_hidden_slides_are_named() -> None:
    presentation = talk()
    add_slide(presentation, TITLE_ONLY, "藏起来")._element.set("show", "0")
    reading = pptx.read(saved(presentation), LIMITS)
    assert "藏起来" not in only(reading).text
    assert reading.warnings == (("left_out", "hidden slides are not read: 2"),)


def with_part(data: bytes, part: str, content: bytes) -> bytes:
    given, out = zipfile.ZipFile(BytesIO(data)), BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in given.infolist():
            archive.writestr(
                entry.filename, content if entry.filename == part else given.read(entry)
            )
    return out.getvalue()


SLIDE = "ppt/slides/slide1.xml"


def test_refusals() -> None:
    data = saved(talk())
    deep = b"<a>" * 5000 + b"</a>" * 5000
    for hostile, why in [
        (data[:3000], "is not a PPTX or is damaged"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            r"encrypted or in the old \.ppt format",
        ),
        (
            with_part(data, SLIDE, b'<!DOCTYPE p [<!ENTITY a "lol">]><p>&a;</p>'),
            "declares entities",
        ),
        (with_part(data, SLIDE, b"<broken"), "is not a PPTX or is damaged"),
        (with_part(data, SLIDE, deep), "is not a PPTX or is damaged"),
    ]:
        with pytest.raises(ReadingError, match=why):
            pptx.read(hostile, LIMITS)
    with pytest.raises(TooLargeError, match="unpacks to"):
        pptx.read(with_part(data, SLIDE, b"<p>" + b" " * 70_000_000), LIMITS)


def test_damage() -> None:
    for broken in damaged(saved(talk()), 25):
        survives(pptx.read, broken)
