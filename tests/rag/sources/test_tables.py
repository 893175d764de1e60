"""Tables: which rows are heads, what a cell stands under, keys and values."""

from __future__ import annotations

import pytest

from rag.sources.base import Article, ArticleBuilder
from rag.sources.tables import Table, TableCell, TableRow, write_table
from tests.outlines import blocks_of, rows_of, texts_of


def row(*cells: str | TableCell, head: bool = False) -> TableRow:
    return TableRow(
        [TableCell(cell) if isinstance(cell, str) else cell for cell in cells], head
    )


def bold(text: str) -> TableCell:
    return TableCell(text, head=True)


def written(
    *rows: TableRow, captions: list[str] | None = None, notes: list[str] | None = None
) -> Article:
    builder = ArticleBuilder()
    write_table(builder, Table(list(rows), captions or [], notes or []), 1)
    return builder.article()


def test_a_row_stands_under_its_heads() -> None:
    article = written(
        row("型号", "重量", "颜色"), row("甲", "2 kg", "白"), row("乙", "", "黑")
    )
    assert texts_of(article, "table_head") == ["型号 | 重量 | 颜色"]
    assert rows_of(article) == ["型号=甲; 重量=2 kg; 颜色=白", "型号=乙; 颜色=黑"]
    assert article.text == "型号 | 重量 | 颜色\n甲 | 2 kg | 白\n乙 |  | 黑"


def test_two_rows_of_heads_are_joined_and_one_over_both_counts_once() -> None:
    article = written(
        row(
            TableCell("区", rows=2),
            TableCell("医院（家）", columns=2),
            TableCell("学校", columns=2),
        ),
        row("2023年", "2024年", "2023年", "2024年"),
        row("东区", "23", "27", "41", "46"),
    )
    assert len(texts_of(article, "table_head")) == 2
    assert rows_of(article) == [
        "区=东区; 医院（家） / 2023年=23; 医院（家） / 2024年=27; 学校 / 2023年=41; 学校 / 2024年=46"
    ]


def test_three_rows_of_heads() -> None:
    article = written(
        row(TableCell("地区", rows=3), TableCell("产量", columns=4)),
        row(TableCell("上半年", columns=2), TableCell("下半年", columns=2)),
        row("计划", "实际", "计划", "实际"),
        row("华东", "1", "2", "3", "4"),
    )
    assert rows_of(article)[0].startswith(
        "地区=华东; 产量 / 上半年 / 计划=1; 产量 / 上半年 / 实际=2"
    )


def test_a_row_of_units_below_the_heads_is_one_of_them() -> None:
    article = written(
        row("Grade", "Yield point", "Elongation"),
        row("-", "N/mm2", "%"),
        row("A1", "890", "12"),
    )
    assert rows_of(article) == ["Grade=A1; Yield point / N/mm2=890; Elongation / %=12"]


def test_a_cell_merged_over_rows_stands_in_each_of_them() -> None:
    article = written(
        row("系列", "型号", "价格"),
        row(TableCell("甲", rows=2), "甲一", "5"),
        row("甲二", "6"),
    )
    assert rows_of(article) == [
        "系列=甲; 型号=甲一; 价格=5",
        "系列=甲; 型号=甲二; 价格=6",
    ]
    assert texts_of(article, "table_row") == ["甲 | 甲一 | 5", "甲 | 甲二 | 6"]


def test_a_value_merged_over_columns_stands_under_all_of_their_heads() -> None:
    article = written(
        row("线路", "2023年", "2024年"), row("一号线", TableCell("停运", columns=2))
    )
    assert rows_of(article) == ["线路=一号线; 2023年、2024年=停运"]


def test_a_remark_merged_over_many_columns_is_under_none() -> None:
    heads = [f"第{numeral}项检测指标名称" for numeral in "一二三四五六"]
    article = written(
        row("样品", *heads), row("说明", TableCell("全部合格", columns=6))
    )
    assert rows_of(article) == ["样品=说明; =全部合格"]


def test_a_line_from_edge_to_edge_is_a_caption_a_section_or_a_note() -> None:
    article = written(
        row(TableCell("表1 各区门店", columns=3)),
        row("门店", "电话", "店长"),
        row(TableCell("东区", columns=3)),
        row("一店", "8801", "张三"),
        row(TableCell("西区", columns=3)),
        row("二店", "8802", "李四"),
        row(TableCell("注：电话为分机号。", columns=3)),
    )
    assert [role for role, _ in blocks_of(article)] == [
        "caption", "table_head", "table_head", "table_row", "table_head", "table_row", "footnote",
    ]  # fmt: skip
    assert rows_of(article) == [
        "东区 / 门店=一店; 电话=8801; 店长=张三",
        "西区 / 门店=二店; 电话=8802; 店长=李四",
    ]
    assert {block.table for block in article.blocks} == {1}


def test_captions_stand_before_the_rows_and_notes_after_them() -> None:
    article = written(
        row("年", "数"),
        row("2020", "5"),
        row("2021", "6"),
        captions=["单位：万元"],
        notes=["注：快报数"],
    )
    assert [text for _, text in blocks_of(article)] == [
        "单位：万元",
        "年 | 数",
        "2020 | 5",
        "2021 | 6",
        "注：快报数",
    ]


# names and values


def test_two_columns_of_names_and_values() -> None:
    article = written(
        row("型号：", "X-200"), row("重量：", "2 kg"), row("电压：", "220 V")
    )
    assert rows_of(article) == [
        "=型号; 型号=X-200",
        "=重量; 重量=2 kg",
        "=电压; 电压=220 V",
    ]
    assert article.text == "型号 | X-200\n重量 | 2 kg\n电压 | 220 V"


def test_two_columns_under_heads() -> None:
    assert rows_of(written(row("参数", "数值"), row("重量", "2 kg"))) == [
        "参数=重量; 数值=2 kg"
    ]
    counted = written(row("地区", "门店数"), row("东区", "3"), row("西区", "4"))
    assert rows_of(counted) == ["地区=东区; 门店数=3", "地区=西区; 门店数=4"]


def test_two_columns_of_values_in_different_units_have_no_heads() -> None:
    article = written(row("名号", "甲"), row("重量", "2 kg"), row("电压", "220 V"))
    assert rows_of(article)[1] == "=重量; 重量=2 kg"


@pytest.mark.parametrize(
    "rows",
    [
        (
            row(bold("姓名"), "张三", bold("性别"), "男"),
            row(bold("部门"), "质量部", bold("工号"), "27"),
        ),
        (
            row("姓名：", "张三", "性别：", "男"),
            row("部门：", "质量部", "工号：", "27"),
        ),
        (
            row("姓名", "张三", "性别", "男"),
            row("部门", "质量部", "工号", "27"),
            row("住址", TableCell("城东路", columns=3)),
        ),
    ],
)
def test_a_form_of_keys_and_values(rows: tuple[TableRow, ...]) -> None:
    assert rows_of(written(*rows))[:2] == [
        "=姓名; 姓名=张三; =性别; 性别=男",
        "=部门; 部门=质量部; =工号; 工号=27",
    ]


# what is declared, what is guessed


def test_declared_heads_are_believed_though_they_hold_figures() -> None:
    article = written(row("A01", "A02", head=True), row("5", "6"))
    assert rows_of(article) == ["A01=5; A02=6"]


def test_rows_of_figures_are_no_heads() -> None:
    assert (
        rows_of(written(row("A01", "12", "3"), row("A02", "13", "4")))[0]
        == "=A01; =12; =3"
    )


def test_bold_heads_over_plain_rows_but_not_in_a_table_that_is_all_bold() -> None:
    plain = written(row(bold("P1"), bold("P2"), bold("P3")), row("1", "2", "3"))
    assert rows_of(plain) == ["P1=1; P2=2; P3=3"]
    loud = written(
        row(bold("碳"), bold("硅"), bold("锰")),
        row(bold("0.4"), bold("0.2"), bold("0.7")),
    )
    assert rows_of(loud) == ["碳=0.4; 硅=0.2; 锰=0.7"]


def test_heads_alone_are_a_row() -> None:
    assert rows_of(written(row("甲", "乙", "丙"))) == ["=甲; =乙; =丙"]


def test_spans_beyond_the_table_do_no_harm() -> None:
    article = written(
        row("甲", "乙", "丙"),
        row(TableCell("1", rows=60_000, columns=10**9), "2"),
        row("3"),
    )
    assert "1" in texts_of(article, "table_row")[1]
    assert blocks_of(written()) == []


def test_a_line_of_units_stands_over_figures() -> None:
    sizes = written(row("规格", "档次", head=True), row("A", "L"), row("B", "XL"))
    assert rows_of(sizes) == ["规格=A; 档次=L", "规格=B; 档次=XL"]
