"""Tables in PDFs: ruled and unruled, merged cells, heads, captions, and what goes on overleaf."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from rag.records import Block
from rag.sources import pdf
from rag.sources.base import Article, Limits
from rag.sources.pdf.heads import count_heads, heads_of, is_number
from tests.pdf_makers import HEIGHT, SONG, Draw, grid, lines, pdf_of


def read(*pages: Draw) -> Article:
    """The article of a PDF with these pages."""
    (article,) = pdf.read(pdf_of(*pages), Limits()).articles
    return article


def shown(article: Article, block: Block) -> str:
    """A row as ``head=cell``, for comparing."""
    cells = [
        f"{cell.head}={article.text[cell.start : cell.end]}" for cell in block.cells
    ]
    return "; ".join(cells)


def rows(article: Article) -> list[str]:
    """All rows of all tables."""
    return [
        shown(article, block) for block in article.blocks if block.role == "table_row"
    ]


ROADS = [
    ["等级", "车道", "条件", "<"],
    ["^", "^", "交通量", "比例"],
    ["高速", "八", "80000", "30"],
    ["^", "六", "60000", "20"],
    ["二级", "二", "15000", "20"],
]


def test_merged_cells_count_in_every_row_and_column() -> None:
    article = read(lambda canvas: grid(canvas, 60, 100, [80, 60, 90, 90], ROADS))
    assert rows(article) == [
        "等级=高速; 车道=八; 条件 / 交通量=80000; 条件 / 比例=30",
        "等级=高速; 车道=六; 条件 / 交通量=60000; 条件 / 比例=20",
        "等级=二级; 车道=二; 条件 / 交通量=15000; 条件 / 比例=20",
    ]
    heads = [block for block in article.blocks if block.role == "table_head"]
    assert [article.text[block.start : block.end] for block in heads] == [
        "等级 | 车道 | 条件 | 条件",
        "等级 | 车道 | 交通量 | 比例",
    ]


def test_name_unit_and_note_belong_to_their_table() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 150, 60, ["表 3 停车区用地指标"], 11, SONG)
        lines(canvas, 280, 78, ["单位：公顷"], 9, SONG)
        grid(
            canvas,
            60,
            95,
            [120, 120],
            [["级别", "指标"], ["高速", "1.67"], ["一级", "0.67"]],
        )
        lines(canvas, 60, 160, ["注：不含匝道。"], 9, SONG)
        lines(
            canvas,
            60,
            220,
            ["以上各项自发布之日起施行，由主管部门负责解释，各单位应当遵照执行。"],
            11,
            SONG,
        )

    article = read(draw)
    told = [
        (b.role, b.table, article.text[b.start : b.end])
        for b in article.blocks
        if not b.cells
    ]
    assert told == [
        ("caption", 1, "表 3 停车区用地指标"),
        ("caption", 1, "单位：公顷"),
        ("footnote", 1, "注：不含匝道。"),
        (
            "paragraph",
            None,
            "以上各项自发布之日起施行，由主管部门负责解释，各单位应当遵照执行。",
        ),
    ]


def test_a_table_goes_on_overleaf_under_the_same_heads() -> None:
    first = [["型号", "重量"], ["甲", "2 kg"], ["乙", "3 kg"]]
    repeated = [["型号", "重量"], ["丙", "4 kg"], ["丁", "5 kg"]]
    bare = [["戊", "6 kg"], ["己", "7 kg"]]
    pages: list[Draw] = [
        lambda canvas, part=part, top=top: grid(canvas, 60, top, [120, 120], part)
        for part, top in ((first, 650), (repeated, 100), (bare, 100))
    ]
    article = read(*pages)
    assert rows(article) == [
        f"型号={name}; 重量={2 + n} kg" for n, name in enumerate("甲乙丙丁戊己")
    ]
    assert {block.table for block in article.blocks} == {1}
    assert [block.page for block in article.blocks if block.cells] == [
        1,
        1,
        1,
        2,
        2,
        3,
        3,
    ]


def test_a_row_of_names_overleaf_is_a_row_and_no_head() -> None:
    parts = [["部件", "材料"], ["外壳", "铝"]], [["轴承", "钢"], ["底座", "铸铁"]]
    pages: list[Draw] = [
        lambda canvas, part=part: grid(canvas, 60, 100, [120, 120], part)
        for part in parts
    ]
    assert rows(read(*pages)) == [
        "部件=外壳; 材料=铝",
        "部件=轴承; 材料=钢",
        "部件=底座; 材料=铸铁",
    ]


def test_a_first_row_of_one_cell_names_the_table() -> None:
    texts = [
        ["表 3 人员", "<"],
        ["姓名", "年龄"],
        ["张三", "41"],
        ["二、退休", "<"],
        ["李四", "67"],
    ]
    article = read(lambda canvas: grid(canvas, 60, 100, [120, 120], texts))
    assert (article.blocks[0].role, article.blocks[0].table) == ("caption", 1)
    assert rows(article) == ["姓名=张三; 年龄=41", "=二、退休", "姓名=李四; 年龄=67"]


def test_rules_across_mark_off_heads_of_several_lines() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 60, 100, ["Table 1 Site characteristics"], 9)
        for top in (120, 162, 220):
            canvas.line(60, HEIGHT - top, 460, HEIGHT - top)
        canvas.line(220, HEIGHT - 138, 460, HEIGHT - 138)
        lines(canvas, 60, 144, ["Site"], 9)
        lines(canvas, 220, 124, ["Measured"], 9)
        lines(canvas, 220, 140, ["Area", "(ha)"], 9)
        lines(canvas, 360, 140, ["Rain", "(mm)"], 9)
        lines(canvas, 60, 166, ["Redhill", "Pine Creek", "Stewarts Creek"], 9)
        lines(canvas, 220, 166, ["195", "320", "18"], 9)
        lines(canvas, 360, 166, ["866", "775", "1156"], 9)

    article = read(draw)
    assert rows(article) == [
        "Site=Redhill; Measured / Area (ha)=195; Measured / Rain (mm)=866",
        "Site=Pine Creek; Measured / Area (ha)=320; Measured / Rain (mm)=775",
        "Site=Stewarts Creek; Measured / Area (ha)=18; Measured / Rain (mm)=1156",
    ]
    caption = article.blocks[0]
    assert (caption.role, caption.table) == ("caption", 1)


def unruled(canvas: Canvas) -> None:
    """Three columns with nothing but white between them."""
    lines(canvas, 60, 100, ["Model", "Alpha", "Beta", "Gamma"])
    lines(canvas, 200, 100, ["Weight", "2 kg", "3 kg", "4 kg"])
    lines(canvas, 340, 100, ["Price", "120", "140", "155"])


def test_white_space_alone_makes_a_table() -> None:
    assert rows(read(unruled)) == [
        "Model=Alpha; Weight=2 kg; Price=120",
        "Model=Beta; Weight=3 kg; Price=140",
        "Model=Gamma; Weight=4 kg; Price=155",
    ]


def test_a_table_on_its_side_is_read_as_if_it_stood() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.rotate(90)
        canvas.translate(
            0, -HEIGHT
        )  # the top of the drawing comes to lie along the left edge
        unruled(canvas)
        canvas.restoreState()

    assert rows(read(draw))[0] == "Model=Alpha; Weight=2 kg; Price=120"


def test_a_list_with_wide_markers_is_no_table() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 60, 100, ["(1)", "(2)", "(3)", "(4)"])
        lines(
            canvas,
            100,
            100,
            ["open the lid", "take out the filter", "rinse it well", "close the lid"],
        )

    article = read(draw)
    assert not rows(article)
    assert {block.role for block in article.blocks} == {"list_item"}


def test_the_frame_of_a_chart_is_no_table() -> None:
    def draw(canvas: Canvas) -> None:
        for step in range(6):
            canvas.line(100, 400 + 40 * step, 400, 400 + 40 * step)
            canvas.line(100 + 60 * step, 400, 100 + 60 * step, 600)
        lines(
            canvas,
            100,
            60,
            ["Growth has been steady over all of the years that were looked at here."],
        )

    assert not any(block.cells for block in read(draw).blocks)


def test_numbers_are_told_from_names() -> None:
    numbers = ["1,240", "-3.5%", "20＜μ≤30", "¥120", "2024/05/31", "12 kg"]
    assert all(is_number(text) for text in numbers)
    assert not any(
        is_number(text) for text in ["Area (ha)", "车道数", "P. radiata", ""]
    )


def test_heads_are_counted_from_merged_cells_and_from_figures() -> None:
    two = [["级", "条件", "条件"], ["级", "量", "比"], ["甲", "1", "2"]]
    assert count_heads(two, [[0, 1, 1], [0, 2, 3], [4, 5, 6]], [False] * 3) == 2
    form = [["姓名：", "张三"], ["性别：", "男"]]
    assert count_heads(form, [[0, 1], [2, 3]], [False] * 2) == 0
    assert heads_of(two[:2], 3) == ["级", "条件 / 量", "条件 / 比"]
