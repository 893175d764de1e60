"""Grids of cells: what is a caption, a head, a row, a note, and where the next table begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sources.base import Article, ArticleBuilder, Reading
from rag.sources.grid import MAX_FILLED, Merged, add_tables
from tests.hostile import by_heads, check, seen

OUTPUT = """某厂产量表
单位：吨
地区,2022年,,2023年,
,产量,产值,产量,产值
华东,120,3.1,130,3.4
注：产值单位为亿元"""


def table(
    text: str, merged: tuple[Merged, ...] = (), head_rows: int | None = None
) -> Article:
    """The article of a grid written as lines of cells with commas between."""
    builder = ArticleBuilder()
    rows = [line.split(",") for line in text.split("\n")]
    add_tables(builder, rows, first=1, merged=merged, head_rows=head_rows)
    return builder.article()


def heads(text: str, merged: tuple[Merged, ...] = ()) -> list[str]:
    """The first row's cells by head."""
    return list(by_heads(table(text, merged))[0])


def test_all_that_a_table_may_have() -> None:
    article = table(OUTPUT)
    assert [role for role, _ in seen(article)] == [
        "caption", "caption", "table_head", "table_head", "table_row", "footnote",
    ]  # fmt: skip
    assert {block.table for block in article.blocks} == {1}
    assert by_heads(article) == [
        {
            "地区": "华东",
            "2022年 / 产量": "120",
            "2022年 / 产值": "3.1",
            "2023年 / 产量": "130",
            "2023年 / 产值": "3.4",
        }
    ]


def test_a_merged_cell_counts_in_each_of_its_rows_and_columns() -> None:
    merged = (Merged(0, 1, 1, 3), Merged(0, 0, 2, 1), Merged(2, 0, 4, 1))
    article = table("地区,2022年,\n,产量,产值\n华东,120,3\n,130,4", merged)
    assert by_heads(article) == [
        {"地区": "华东", "2022年 / 产量": "120", "2022年 / 产值": "3"},
        {"地区": "华东", "2022年 / 产量": "130", "2022年 / 产值": "4"},
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("姓名,部门\n张三,销售", ["姓名", "部门"]),
        (
            "产品,2021,2022\n甲,100,200",
            ["产品", "2021", "2022"],
        ),  # years head a column of amounts
        ("地区,0-5岁,6-10岁\n华东,120,30", ["地区", "0-5岁", "6-10岁"]),
        ("月份,1月,2月\n用电,31,28", ["月份", "1月", "2月"]),
        ("甲,100\n乙,200", [""]),  # a value in the first row: it has no heads
        ("1,2,3\n4,5,6", [""]),
        ("2020,5\n2021,6", [""]),
        # a form: each key heads the value after it
        ("名称,某公司\n电话,0553-445\n成立,2010年\n法人,张三", ["", "名称"]),
    ],
)
def test_whether_the_first_row_is_one_of_heads(text: str, expected: list[str]) -> None:
    assert heads(text) == expected


def test_what_the_format_says_of_heads_is_believed() -> None:
    assert by_heads(table("1,2\n3,4", head_rows=1)) == [{"1": "3", "2": "4"}]


def test_an_empty_row_is_passed_over_and_a_new_head_begins_a_table() -> None:
    one = table("型号,重量\n甲,2 kg\n\n乙,3 kg")
    assert [block.table for block in one.blocks] == [1, 1, 1]
    two = table("表一\n姓名,年龄\n张三,30\n\n表二\n型号,重量\n甲,2 kg")
    assert [(block.role, block.table) for block in two.blocks] == [
        ("caption", 1), ("table_head", 1), ("table_row", 1),
        ("caption", 2), ("table_head", 2), ("table_row", 2),
    ]  # fmt: skip


def test_empty_columns_go_and_ragged_rows_stay() -> None:
    assert seen(table(",a,,b\n,x,,1\n,y\n,z,,2,more")) == [
        ("table_head", "a | b | "),
        ("table_row", "x | 1"),
        ("table_row", "y"),
        ("table_row", "z | 2 | more"),
    ]


def test_two_equal_cells_are_two_cells() -> None:
    assert by_heads(table("甲,乙\n1,1")) == [{"甲": "1", "乙": "1"}]


def test_a_text_merged_over_a_whole_row_stands_once_and_heads_the_rows_below() -> None:
    across = table("甲,乙\n华东地区,\n上海,1", (Merged(1, 0, 2, 2),))
    assert seen(across)[1] == ("table_head", "华东地区")
    assert by_heads(across) == [{"华东地区 / 甲": "上海", "乙": "1"}]


def test_a_single_column_is_no_table() -> None:
    assert seen(table("第一行\n第二行")) == [
        ("paragraph", "第一行"),
        ("paragraph", "第二行"),
    ]


def test_merged_ranges_beyond_the_grid_cost_nothing() -> None:
    huge = (
        Merged(0, 0, 1_048_576, 16_384),
        Merged(5, 5, 5, 5),
        Merged(900, 900, 901, 902),
    )
    assert len(table("a,b\nx,1", huge).text) < 20
    many = tuple(Merged(0, 0, 1000, 1000) for _ in range(MAX_FILLED // 1000))
    assert len(table("\n".join(["a,b"] * 1000), many).blocks) == 1000


CELLS = st.sampled_from(["", "甲", "1", "2023年", "12%", "单位：吨", "注：x", "a b"])
GRIDS = st.lists(st.lists(CELLS, max_size=5), max_size=8)
RANGES = st.builds(
    lambda top, left, down, right: Merged(top, left, top + down, left + right),
    *[st.integers(0, 6)] * 4,
)


@given(GRIDS, st.lists(RANGES, max_size=3))
def test_no_cell_is_lost_in_any_grid(
    rows: list[list[str]], merged: list[Merged]
) -> None:
    builder = ArticleBuilder()
    add_tables(builder, rows, first=1, merged=merged)
    article = builder.article()
    check(Reading((article,), ""))
    covered = {
        (row, column)
        for each in merged
        for row in range(each.top, each.bottom)
        for column in range(each.left, each.right)
    }
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if (at, column) not in covered:
                assert cell in article.text


def test_a_sheet_that_is_all_merged_rows_is_rows_and_not_heads_of_nothing() -> None:
    across = tuple(Merged(at, 0, at + 1, 2) for at in range(3))
    assert seen(table("须知,\n不得吸烟,\n请关灯,", across)) == [
        ("table_row", "须知"),
        ("table_row", "不得吸烟"),
        ("table_row", "请关灯"),
    ]


def test_what_follows_a_note_is_one_too() -> None:
    article = table("地区,产量\n华东,120\n注：1. 快报数\n2. 不含县级")
    assert seen(article)[2:] == [
        ("footnote", "注：1. 快报数"),
        ("footnote", "2. 不含县级"),
    ]


def test_a_text_merged_over_columns_stands_under_the_heads_of_both() -> None:
    article = table("线路,2023年,2024年\n一号线,停运,", (Merged(1, 1, 2, 3),))
    assert by_heads(article) == [{"线路": "一号线", "2023年、2024年": "停运"}]
