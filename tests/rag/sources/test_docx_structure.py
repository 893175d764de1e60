"""DOCX: headings, numbers as they print, notes, tables, text boxes, heads and feet."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from rag.sources import docx
from rag.sources.base import Article, Limits, ReadingError
from tests.docx_files import (
    abstract,
    docx_of,
    listed,
    lvl,
    note,
    num,
    p,
    restart,
    tbl,
    tc,
    tr,
)
from tests.outlines import blocks_of, rows_of, texts_of


def article_of(body: str, **parts: object) -> Article:
    return docx.read(docx_of(body, **parts), Limits()).articles[0]  # type: ignore[arg-type]


def test_headings_by_style_by_its_base_by_its_chinese_name_and_by_outline_level() -> (
    None
):
    outlined = '<w:outlineLvl w:val="2"/>'
    article = article_of(
        p("总则", "1")
        + p("范围", "own")
        + p("细则", "zh")
        + p("附录", properties=outlined)
        + p("正文。")
    )
    assert blocks_of(article) == [
        ("heading 1", "总则"),
        ("heading 1", "范围"),
        ("heading 2", "细则"),
        ("heading 3", "附录"),
        ("paragraph", "正文。"),
    ]
    assert article.title == "总则"


def test_a_title_stands_over_all_headings() -> None:
    article = article_of(p("手册", "t") + p("总则", "1") + p("范围", "2"))
    assert blocks_of(article) == [
        ("heading 1", "手册"),
        ("heading 2", "总则"),
        ("heading 3", "范围"),
    ]
    assert article.title == "手册"


def test_a_clause_in_a_heading_style_is_no_heading() -> None:
    assert blocks_of(article_of(p("供方应当在三日内交货。", "2"))) == [
        ("paragraph", "供方应当在三日内交货。")
    ]


def test_bold_lines_are_headings_where_there_are_no_others() -> None:
    loud, larger = "<w:b/>", '<w:b/><w:sz w:val="36"/>'
    lines = (
        p("员工手册", run=larger)
        + p("考勤", run=loud)
        + p("九点上班。")
        + p("请假", "bold")
        + p("提前一天。")
    )
    article = article_of(lines)
    assert [role for role, _ in blocks_of(article)] == [
        "heading 1", "heading 2", "paragraph", "heading 2", "paragraph",
    ]  # fmt: skip
    assert blocks_of(article_of(lines + p("附则", "1")))[1] == ("paragraph", "考勤")


def test_one_bold_line_is_only_loud() -> None:
    article = article_of(
        p("通知", run="<w:b/>")
        + p("明日放假。")
        + p("电话：8801", run="<w:b/>")
        + p("请转告。")
    )
    assert {role for role, _ in blocks_of(article)} == {"paragraph"}


# numbers


LAW = abstract(
    1,
    lvl(0, "第%1条", "chineseCountingThousand"),
    lvl(1, "（%2）", "chineseCounting"),
    lvl(2, "%3)", "lowerLetter"),
)


def test_numbers_as_they_print() -> None:
    article = article_of(
        listed("目的。")
        + listed("有下列情形之一的：")
        + listed("迟到；", level=1)
        + listed("早退。", level=1)
        + listed("事假", level=2)
        + listed("施行。")
        + listed("其他", level=1),
        numbering=LAW + num(1, 1),
    )
    assert blocks_of(article) == [
        ("paragraph", "第一条 目的。"),
        ("paragraph", "第二条 有下列情形之一的："),
        ("list_item 2", "（一）迟到；"),
        ("list_item 2", "（二）早退。"),
        ("list_item 3", "a) 事假"),
        ("paragraph", "第三条 施行。"),
        ("list_item 2", "（一）其他"),
    ]
    assert [block.label for block in article.blocks[:2]] == ["第一条", "第二条"]


def test_numbered_headings_and_figures_only() -> None:
    levels = abstract(
        1,
        lvl(0, "第%1章", "chineseCounting"),
        lvl(1, "%1.%2", more="<w:isLgl/>"),
        lvl(2, "%1.%2", "lowerRoman"),
    )
    body = (
        listed("总则", style="1")
        + listed("范围", level=1, style="2")
        + listed("x", level=1)
        + listed("y", level=2)
    )
    assert [text for _, text in blocks_of(article_of(body, numbering=levels + num(1, 1)))] == [
        "第一章 总则", "1.1 范围", "1.2 x", "一.2 y",
    ]  # fmt: skip


def test_a_style_may_number_and_a_paragraph_may_opt_out() -> None:
    levels = abstract(
        1, lvl(0, "%1."), lvl(1, "%1.%2", more='<w:pStyle w:val="clause"/>')
    )
    body = (
        listed("甲")
        + p("乙", "clause")
        + listed("丙", number=0, style="clause")
        + p("丁", "clause")
    )
    texts = [
        text for _, text in blocks_of(article_of(body, numbering=levels + num(1, 1)))
    ]
    assert texts == ["1. 甲", "1.1 乙", "丙", "1.2 丁"]


def test_lists_count_on_together_unless_one_starts_anew() -> None:
    lists = (
        abstract(1, lvl(0, "%1)", start=3))
        + num(1, 1)
        + num(2, 1)
        + num(3, 1, restart(0, 1))
    )
    body = listed("a", 1) + listed("b", 2) + listed("c", 3) + listed("d", 3)
    texts = [text for _, text in blocks_of(article_of(body, numbering=lists))]
    assert texts == ["3) a", "4) b", "1) c", "2) d"]


def test_a_level_may_never_start_anew() -> None:
    levels = abstract(
        1, lvl(0, "%1."), lvl(1, "步骤%2", more='<w:lvlRestart w:val="0"/>')
    )
    body = listed("甲") + listed("x", level=1) + listed("乙") + listed("y", level=1)
    texts = [
        text for _, text in blocks_of(article_of(body, numbering=levels + num(1, 1)))
    ]
    assert texts == ["1. 甲", "步骤1 x", "2. 乙", "步骤2 y"]


def test_a_list_by_way_of_a_list_style() -> None:
    lists = abstract(1, more='<w:numStyleLink w:val="S"/>') + abstract(
        2, lvl(0, "§%1"), more='<w:styleLink w:val="S"/>'
    )
    assert texts_of(
        article_of(listed("甲"), numbering=lists + num(1, 1)), "list_item"
    ) == ["§1 甲"]


def test_bullets_and_lists_that_are_not_there() -> None:
    dots = abstract(1, lvl(0, "\uf0b7", "bullet")) + num(1, 1)
    assert blocks_of(article_of(listed("甲") + listed("乙"), numbering=dots)) == [
        ("list_item 1", "- 甲"), ("list_item 1", "- 乙"),
    ]  # fmt: skip
    assert texts_of(article_of(listed("甲", number=9)), "list_item") == ["甲"]


# notes, boxes, heads and feet


def test_notes_stand_after_the_paragraph_that_anchors_them() -> None:
    article = article_of(
        p("两小时内登记", after=note(1) + "<w:r><w:t>。</w:t></w:r>")
        + p("退回。", after=note(1, "endnote"))
        + p("完。"),
        footnotes=["节假日除外。"],
        endnotes=["保存六年。"],
    )
    assert blocks_of(article) == [
        ("paragraph", "两小时内登记。"),
        ("footnote", "节假日除外。"),
        ("paragraph", "退回。"),
        ("footnote", "保存六年。"),
        ("paragraph", "完。"),
    ]


def test_notes_of_a_table_stand_below_it() -> None:
    noted = tc(p("2", after=note(1)))
    article = article_of(
        tbl(tr("甲", "乙", "丙"), tr("1", noted, "3")) + p("完。"), footnotes=["估算。"]
    )
    assert [role for role, _ in blocks_of(article)] == [
        "table_head",
        "table_row",
        "footnote",
        "paragraph",
    ]
    assert article.blocks[2].table == article.blocks[1].table == 1


def test_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent>{p('拨打6120。')}</w:txbxContent>"
    drawn = f"<mc:Choice Requires='wps'><wps:txbx>{box}</wps:txbx></mc:Choice>"
    older = f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
    both = f"<mc:AlternateContent>{drawn}{older}</mc:AlternateContent>"
    old = f"<w:r><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict></w:r>"
    assert blocks_of(article_of(p("紧急时", after=f"<w:r>{both}</w:r>"))) == [
        ("paragraph", "紧急时"),
        ("paragraph", "拨打6120。"),
    ]
    assert blocks_of(article_of(p("", after=old))) == [("paragraph", "拨打6120。")]


def test_heads_and_feet_are_read_once_and_belong_to_no_section() -> None:
    article = article_of(
        p("规程", "t") + p("说明。") + p("第一节", "1") + p("正文。"),
        headers=[p("编号：QS-17　版本：C3"), p("编号：QS-17　版本：C3"), p("规程")],
        footers=[p("第 1 页 共 5 页"), tbl(tr("编制", "质量部")) + p("- 3 -")],
    )
    assert [text for _, text in blocks_of(article)] == [
        "规程", "说明。", "编号：QS-17　版本：C3", "编制 质量部", "第一节", "正文。",
    ]  # fmt: skip
    assert texts_of(article, "footnote") == ["编号：QS-17　版本：C3", "编制 质量部"]


def test_a_table_of_contents_is_no_text_to_search() -> None:
    content = f"<w:sdt><w:sdtContent>{p('总则 1', 'toc1')}</w:sdtContent></w:sdt>"
    assert blocks_of(article_of(content + p("总则", "1"))) == [
        ("running", "总则 1"),
        ("heading 1", "总则"),
    ]


# changes, hidden text, symbols


def test_changes_are_read_as_accepted() -> None:
    gone = "<w:del><w:r><w:delText>删</w:delText><w:t>删</w:t></w:r></w:del>"
    moved = "<w:moveFrom><w:r><w:t>旧</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>新</w:t></w:r></w:moveTo>"
    open_end = "<w:rPr><w:del/></w:rPr>"
    article = article_of(
        p("甲", after=gone + moved)
        + p("前半", properties=open_end)
        + p("后半")
        + p("乙")
    )
    assert [text for _, text in blocks_of(article)] == ["甲新", "前半后半", "乙"]


def test_an_old_numbering_does_not_count() -> None:
    old = '<w:pPrChange><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:pPrChange>'
    assert blocks_of(
        article_of(p("甲", properties=old), numbering=LAW + num(1, 1))
    ) == [("paragraph", "甲")]


def test_deleted_rows_are_gone() -> None:
    rows = (
        tr("甲", "乙", "丙"),
        tr("1", "2", "3", properties="<w:del/>"),
        tr("4", "5", "6"),
    )
    assert rows_of(article_of(tbl(*rows))) == ["甲=4; 乙=5; 丙=6"]


def test_hidden_text_symbols_and_formulas() -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r>"
    box, arrow = (
        f'<w:sym w:font="Wingdings" w:char="{code}"/>' for code in ("F0FE", "F0E0")
    )
    ticked = f"<w:r>{box}<w:t>是</w:t>{arrow}</w:r>"
    formula = "<m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath>"
    comment = '<w:commentRangeStart w:id="1"/><w:r><w:commentReference w:id="1"/></w:r>'
    assert (
        article_of(p("甲", after=hidden + ticked + formula + comment)).text
        == "甲☑是a+b"
    )


# tables


def test_merged_cells_and_two_rows_of_heads() -> None:
    article = article_of(
        tbl(
            tr(tc("区", merge="restart"), tc("医院", span=2)),
            tr(tc("", merge="continue"), "2023年", "2024年"),
            tr(tc("东区", merge="restart"), "23", "27"),
            tr(tc("", merge="continue"), "24", "28"),
        )
    )
    assert rows_of(article) == [
        "区=东区; 医院 / 2023年=23; 医院 / 2024年=27",
        "区=东区; 医院 / 2023年=24; 医院 / 2024年=28",
    ]


def test_rows_flagged_as_heads() -> None:
    article = article_of(
        tbl(tr("A1", "A2", "A3", properties="<w:tblHeader/>"), tr("1", "2", "3"))
    )
    assert rows_of(article) == ["A1=1; A2=2; A3=3"]


def test_bold_keys_of_a_form() -> None:
    cells = [tc("姓名", run="<w:b/>"), tc("张三"), tc("性别", run="<w:b/>"), tc("男")]
    assert rows_of(article_of(tbl(tr(*cells)))) == ["=姓名; 姓名=张三; =性别; 性别=男"]


def test_captions_by_style_and_by_wording() -> None:
    article = article_of(
        p("各区门店", "cap")
        + p("单位：家")
        + tbl(tr("区", "数", "占比"), tr("东", "3", "4"))
    )
    assert texts_of(article, "caption") == ["各区门店", "单位：家"]
    assert {block.table for block in article.blocks} == {1}


def test_cells_with_paragraphs_lists_and_small_tables() -> None:
    inner = tbl(tr("长", "宽"))
    cell = tc(p("尺寸") + listed("毫米") + inner)
    article = article_of(
        tbl(tr("项目", "说明"), tr("板", cell)), numbering=LAW + num(1, 1)
    )
    assert rows_of(article) == ["项目=板; 说明=尺寸 第一条 毫米 长 宽"]


def test_a_larger_table_in_a_cell_follows_the_outer_one() -> None:
    inner = tbl(tr("型号", "价格", "库存"), tr("甲", "5", "9"))
    article = article_of(tbl(tr("项目", "说明"), tr("报价", tc(p("见内") + inner))))
    assert rows_of(article) == ["项目=报价; 说明=见内", "型号=甲; 价格=5; 库存=9"]
    assert [block.table for block in article.blocks] == [1, 1, 2, 2]


def test_a_frame_of_one_cell_is_read_as_paragraphs() -> None:
    article = article_of(tbl(tr(tc(p("须知", "1") + p("不得吸烟。")))))
    assert blocks_of(article) == [("heading 1", "须知"), ("paragraph", "不得吸烟。")]


def test_numbers_in_frames_and_in_columns_of_numbers_count_once() -> None:
    lists = abstract(1, lvl(0, "%1.")) + num(1, 1)
    frame = tbl(tr(tc(tbl(tr(tc(listed("甲")))))))
    rows = tbl(
        tr("序号", "名称", "数量"),
        tr(tc(listed("")), "板", "3"),
        tr(tc(listed("")), "管", "4"),
    )
    article = article_of(frame + listed("") + rows, numbering=lists)
    assert texts_of(article, "list_item") == ["1. 甲"]
    assert rows_of(article) == ["序号=3.; 名称=板; 数量=3", "序号=4.; 名称=管; 数量=4"]


def test_a_deleted_end_with_nothing_after_it_loses_no_text() -> None:
    cut = "<w:rPr><w:del/></w:rPr>"
    article = article_of(
        p("甲。", properties=cut)
        + tbl(tr("a", "b", "c"), tr("1", "2", "3"))
        + p("乙", properties=cut)
    )
    assert texts_of(article, "paragraph") == ["甲。", "乙"]


def test_nesting_has_an_end() -> None:
    deep = p("x")
    for _ in range(30):
        deep = tbl(tr(tc(deep)))
    with pytest.raises(ReadingError, match="nested too deeply"):
        article_of(deep)


def test_styles_in_a_circle_and_figures_that_are_none() -> None:
    odd = '<w:numPr><w:ilvl w:val="x"/><w:numId w:val="1"/></w:numPr>'
    lists = abstract(1, '<w:lvl w:ilvl="0"><w:lvlText w:val="%1."/></w:lvl>') + num(
        1, 1
    )
    assert texts_of(
        article_of(p("甲", "nowhere", odd), numbering=lists), "list_item"
    ) == ["0. 甲"]


def test_parts_that_are_something_else_are_damage() -> None:
    given = zipfile.ZipFile(BytesIO(docx_of(p("甲"))))
    for broken in ("[Content_Types].xml", "_rels/.rels", "word/document.xml"):
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for entry in given.infolist():
                archive.writestr(
                    entry.filename,
                    "<other/>" if entry.filename == broken else given.read(entry),
                )
        with pytest.raises(ReadingError, match="is not a DOCX or is damaged"):
            docx.read(out.getvalue(), Limits())
