"""rag/sources/outline.py: what a line's beginning says when it has company, and what is left prose without it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.sources.outline import Paragraph, outline

SEEDS = Path(__file__).parents[3] / "seeds"


def read(text: str) -> list[Paragraph]:
    return outline(text, 0, len(text))


def told(text: str) -> list[tuple[str, str]]:
    """``(role, text)`` of each paragraph, wrapped lines joined."""
    found: list[tuple[str, str]] = []
    for paragraph in read(text):
        found.append(
            (paragraph.role, "".join(text[start:end] for start, end in paragraph.lines))
        )
    return found


def roles(text: str) -> list[str]:
    return [paragraph.role for paragraph in read(text)]


def levels(text: str) -> list[int]:
    return [paragraph.level for paragraph in read(text) if paragraph.role == "heading"]


# headings


def test_divisions_of_a_law_are_headings_and_its_articles_are_prose_with_a_label() -> (
    None
):
    text = (
        "第一编 总则\n第一章 一般规定\n第一节 目的\n"
        "第一条 为了管好自行车，制定本办法。\n第二条 本办法适用于全市。"
    )
    assert roles(text) == ["heading", "heading", "heading", "paragraph", "paragraph"]
    assert levels(text) == [1, 2, 3]
    assert [paragraph.label for paragraph in read(text)[3:]] == ["第一条", "第二条"]


def test_an_article_that_is_only_titled_is_a_heading_over_its_text() -> None:
    text = "第三条 押金\n\n押金在归还后三天内退还。\n\n第四条 违约\n\n逾期每天五元。"
    assert roles(text) == ["heading", "paragraph", "heading", "paragraph"]
    assert [paragraph.label for paragraph in read(text)] == [None] * 4


@pytest.mark.parametrize(
    "text",
    [
        "第一条大河从村前流过，第二条从村后流过。\n两条河在山下汇合。",
        "Article 5 of the treaty was never signed.\nNobody knew why.",
    ],
)
def test_prose_that_begins_as_one_article_does_has_no_label(text: str) -> None:
    assert [paragraph.label for paragraph in read(text)] == [None, None]


@pytest.mark.parametrize(
    "text",
    [
        "第十二条　逾期不还的，处二百元罚款。",  # set off as laws are
        "第三章 处罚\n第十二条逾期不还的，处二百元罚款。",  # in a chapter
        "第十一条按时归还。\n第十二条逾期不还的，处二百元罚款。",  # beside another
        "Article 11 Return it in time.\nArticle 12 Who does not is fined.",
    ],
)
def test_an_article_in_company_has_its_label(text: str) -> None:
    assert read(text)[-1].label in ("第十二条", "Article 12")


def test_a_chapter_that_is_told_of_in_a_sentence_is_prose() -> None:
    text = (
        "第三章讲的是处罚，写得很细。\n第四章更长，作者改了七遍才满意，他的妻子这样说。"
    )
    assert roles(text) == ["paragraph", "paragraph"]


@pytest.mark.parametrize(
    "line",
    ["Part of the house was theirs", "Chapter houses", "前言不搭后语", "附录里的话"],
)
def test_words_that_only_begin_as_a_division_does_divide_nothing(line: str) -> None:
    assert roles(f"Once.\n{line}\nand so on.") == ["paragraph"] * 3


@pytest.mark.parametrize(
    "line",
    ["Part II", "Chapter 3 The bridge", "Appendix A: Forms", "附录一 表格", "前言"],
)
def test_a_division_is_numbered_or_stands_alone(line: str) -> None:
    assert roles(f"{line}\nand so on.") == ["heading", "paragraph"]


def test_marks_of_markdown_say_how_deep_a_heading_is() -> None:
    assert levels("# 手册\n\n正文在此。\n\n### 清洗\n\n用温水。") == [1, 3]
    assert roles("#没有空格的话题标签\n#另一个") == ["paragraph", "paragraph"]


def test_a_line_in_heavy_brackets_is_a_heading_and_a_sentence_that_begins_with_some_is_not() -> (
    None
):
    assert roles("【注意事项】\n请勿拆开机器。") == ["heading", "paragraph"]
    assert roles("【记者观察】这座桥修了十年，今天通车。\n桥上风很大。") == [
        "paragraph",
        "paragraph",
    ]


def test_a_short_line_that_stands_free_heads_the_longer_paragraph_below_it() -> None:
    text = "借书须知\n\n每位读者每次可以借五本书，期限是三十天。"
    assert told(text)[0] == ("heading", "借书须知")
    assert levels(text) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "门开了。",  # ends as a sentence
        "他说：",  # leads on
        "地址：人民路三号",  # a key with its value
        "他把信放下，站起来，走到窗前，看着院子里的那棵树，那棵树是他父亲种的，已经",  # too wide
    ],
)
def test_what_ends_leads_on_or_holds_a_value_heads_nothing(line: str) -> None:
    body = "这是下面的一段话，比上面的那一行长得多，写的是谁也不记得的一件旧事，而且越写越远越写越长。"
    assert roles(f"{line}\n\n{body}")[0] == "paragraph"


def test_a_short_line_over_a_shorter_one_or_at_the_end_heads_nothing() -> None:
    assert roles("长一点的一行\n\n短的") == ["paragraph", "paragraph"]
    assert roles("他走了，再也没有回来，院子里只剩下那棵老树。\n\n二〇二四年春") == [
        "paragraph",
        "paragraph",
    ]


def test_a_numbered_line_with_text_below_is_a_heading_and_says_how_deep() -> None:
    text = "1. 安装\n把架子钉在墙上，离地一米。\n1.1 工具\n需要一把锤子和四颗钉子。\n2. 清洗\n每周一次，用温水。"
    assert roles(text) == ["heading", "paragraph"] * 3
    first, second, third = levels(text)
    assert first == third and second == first + 1


# items


def test_numbers_of_one_kind_that_follow_one_another_are_items() -> None:
    text = "有下列情形之一的，不予退款：\n（一）已经使用的；\n（二）超过七天的；\n（三）包装损坏的。"
    assert roles(text) == ["paragraph", "list_item", "list_item", "list_item"]


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("一、按时上班；", 1),
        ("（二）不得吸烟；", 2),
        ("3. 保持安静；", 3),
        ("(4) 关灯；", 4),
        ("⑤ 锁门；", 5),
        ("a) close the door;", 6),
        ("- 关窗；", 7),
    ],
)
def test_each_kind_of_numbering_has_its_level(line: str, level: int) -> None:
    (item,) = read(line)
    assert (item.role, item.level) == ("list_item", level)


@pytest.mark.parametrize(
    "line",
    ["3.5亿元的投资已经到位。", "2024 年是闰年。", "100%的人同意。", "-5度的早晨。"],
)
def test_a_figure_at_the_beginning_of_a_sentence_numbers_nothing(line: str) -> None:
    assert roles(line) == ["paragraph"]


def test_a_bare_number_counts_beside_its_neighbour_only() -> None:
    assert (
        roles("1 Oil the chain;\n2 tighten the bolts;\n3 wash it.") == ["list_item"] * 3
    )
    assert roles("12 men walked across it;\n9 never came back.") == [
        "paragraph",
        "paragraph",
    ]


# questions


def test_marked_questions_and_their_answers() -> None:
    text = "问：押金多少？\n答：五百元。\n问：多久退？\n答：三天内。"
    assert roles(text) == ["question", "paragraph", "question", "paragraph"]


def test_a_question_and_its_answer_on_one_line_are_two_paragraphs() -> None:
    assert told("Q：多久？ A：三天。") == [
        ("question", "Q：多久？"),
        ("paragraph", "A：三天。"),
    ]


def test_a_marked_question_that_nobody_answers_is_no_list_of_questions() -> None:
    assert "question" not in roles("问：这是谁的伞？\n没有人说话，雨一直下到天黑。")


def test_bare_questions_with_something_below_each() -> None:
    text = "1. 可以退货吗？\n七天之内可以。\n2. 运费谁付？\n由买家承担。"
    assert roles(text) == ["question", "paragraph", "question", "paragraph"]


def test_one_question_in_prose_is_prose() -> None:
    text = "谁不想有一座花园？\n他想了很久，没有说话。\n天黑以后他们回家了。\n第二天又下雨。"
    assert roles(text) == ["paragraph"] * 4


def test_questions_asked_one_after_another_are_rhetoric() -> None:
    assert "question" not in roles(
        "这是为什么？\n谁又知道呢？\n谁又在乎呢？\n他没有回答。"
    )


# turns


def test_names_that_return_are_speakers() -> None:
    text = (
        "张三：大家好。\n李四：你好。\n张三：今天谈预算。\n李四：好的，预算是五万元。"
    )
    assert roles(text) == ["turn"] * 4
    assert [paragraph.label for paragraph in read(text)] == [
        "张三",
        "李四",
        "张三",
        "李四",
    ]


def test_keys_with_their_values_are_no_speakers() -> None:
    text = "型号：甲一\n重量：二公斤\n颜色：白\n保修：两年"
    assert roles(text) == ["paragraph"] * 4


def test_one_name_alone_is_no_conversation() -> None:
    assert "turn" not in roles(
        "注意：小心地滑。\n注意：请勿吸烟。\n注意：当心台阶。\n注意：关好门窗。"
    )


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("[00:12] 大家好。", "[00:12]"),
        ("00:01:02,500 --> 00:01:04,000 大家好。", "00:01:02,500 --> 00:01:04,000"),
        ("（3:05）大家好。", "（3:05）"),
    ],
)
def test_a_stamp_of_time_begins_a_turn(line: str, label: str) -> None:
    (turn,) = read(line)
    assert (turn.role, turn.label) == ("turn", label)


def test_a_bare_time_begins_a_turn_beside_another_only() -> None:
    prose = "12:30 他们出门了，街上没有人。\n风很大，他把帽子按住。"
    assert roles(prose) == ["paragraph", "paragraph"]
    assert roles("8:00-9:30，职工在礼堂开会。") == ["paragraph"]
    assert roles("12:30 大家好。\n12:31 你好。") == ["turn", "turn"]


def test_stamp_and_speaker_are_one_label() -> None:
    text = "[00:12] 张三：你好。\n[00:15] 李四：你好。\n[00:20] 张三：开始吧。\n[00:31] 李四：好。"
    assert read(text)[0].label == "[00:12] 张三"


# tables


def test_columns_between_tabs_are_a_table_under_its_heads() -> None:
    text = "型号\t重量\t价格\n甲\t2 kg\t300元\n乙\t3 kg\t400元"
    head, first, second = read(text)
    assert (head.role, first.role, second.role) == (
        "table_head",
        "table_row",
        "table_row",
    )
    assert [(cell.head, text[cell.start : cell.end]) for cell in second.cells] == [
        ("型号", "乙"),
        ("重量", "3 kg"),
        ("价格", "400元"),
    ]


def test_a_table_of_bars_and_its_rule() -> None:
    text = "| 型号 | 重量 |\n|---|---|\n| 甲 | 2 kg |\n| 乙 | 3 kg |"
    assert roles(text) == ["table_head", "running", "table_row", "table_row"]
    assert [cell.head for cell in read(text)[3].cells] == ["型号", "重量"]


def test_an_empty_cell_keeps_its_place() -> None:
    text = "型号\t重量\t价格\n甲\t\t300元\n乙\t3 kg\t400元"
    cells = [(cell.head, text[cell.start : cell.end]) for cell in read(text)[1].cells]
    assert cells == [("型号", "甲"), ("价格", "300元")]


def test_several_tabs_between_cells_set_one_column_under_another() -> None:
    text = "型号\t\t重量\t价格\n加长的型号\t2 kg\t300元"
    assert [cell.head for cell in read(text)[1].cells] == ["型号", "重量", "价格"]


def test_a_first_row_with_figures_heads_nothing() -> None:
    text = "甲\t2 kg\t300元\n乙\t3 kg\t400元"
    assert roles(text) == ["table_row", "table_row"]
    assert {cell.head for row in read(text) for cell in row.cells} == {""}


def test_a_unit_to_a_power_is_no_figure_in_the_heads() -> None:
    text = "地块\t面积（m²）\t用途\n甲\t300\t耕地\n乙\t400\t林地"
    assert roles(text)[0] == "table_head"


def test_two_lines_with_one_gap_each_are_no_table() -> None:
    assert roles("北京   人民路三号\n上海   淮海路五号") == ["paragraph", "paragraph"]


def test_the_caption_of_a_table_and_its_unit() -> None:
    text = "表2 各型号的价格\n单位：元\n型号\t价格\t重量\n甲\t300\t2 kg\n乙\t400\t3 kg"
    assert roles(text)[:3] == ["caption", "caption", "table_head"]


def test_a_sentence_on_a_table_is_no_caption() -> None:
    assert roles("表面上他很高兴，心里却不。") == ["paragraph"]


# wrapped lines


def wrapped(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def test_lines_that_fill_one_width_and_end_anywhere_were_broken_by_a_margin() -> None:
    text = "这条路修好以后村里的人去镇上只要二十分钟而从前下雨的时候要走上大半天" * 5
    assert told(wrapped(text, 30)) == [("paragraph", text)]


def test_lines_that_end_as_sentences_do_were_not() -> None:
    lines = ["这条路修好以后，村里的人去镇上只要二十分钟的时间。"] * 6
    assert len(read("\n".join(lines))) == 6


def test_a_blank_line_parts_wrapped_paragraphs() -> None:
    text = wrapped(
        "这条路修好以后村里的人去镇上只要二十分钟而从前下雨的时候要走上大半天" * 3, 30
    )
    assert len(read(f"{text}\n\n{text}")) == 2


# prose


NOVEL = """第二天早上他很早就醒了。

“你昨晚去了哪里？”她问。

“去了河边。”他说，“那里有一条船。”

她不再说话。窗外的雨停了，屋檐还在滴水，一滴，一滴，好像有人在数日子。

“后来呢？”

“后来船走了。”他把杯子放下，站起来，走到门口，又回过头来：“你想不想也去看看？”"""

NEWS = """本报北京3月5日电（记者 周明远）第三届书展5日在北京开幕，来自20个国家的300家出版社参展。

据介绍，本届书展设有三个展区：少儿、文学和科技。其中，科技展区面积最大，达到2万平方米。

2023年，该书展共接待读者12万人次，比上年增长8%。主办方表示，今年的目标是15万人次。

1987年创办的这一书展，最初只有7家出版社参加。"""

ENGLISH = """The old bridge was closed on Monday. Nobody knew why.

Martha Holloway, its engineer, said: "It is safe." She had said so before, in 1887, and in 1902.

Chapter houses stood on both banks; a part of them had been sold. What would become of the rest?

12 men walked across it that night. None of them spoke."""


@pytest.mark.parametrize(
    "text", [NOVEL, NEWS, ENGLISH], ids=["novel", "news", "english"]
)
def test_prose_is_paragraphs_and_nothing_else(text: str) -> None:
    assert set(roles(text)) == {"paragraph"}
    assert len(read(text)) == text.count("\n\n") + 1
    assert all(paragraph.label is None for paragraph in read(text))


def test_of_the_seed_page_nothing_is_made_a_table_a_conversation_or_a_list_of_questions() -> (
    None
):
    for path in SEEDS.glob("*.txt"):
        found = set(roles(path.read_text(encoding="utf-8")))
        assert found <= {"paragraph", "heading", "list_item"}


# what holds of any text


ANY = st.text("甲乙第一章条问答：Q:A。，？ \n\t|-#【】（一）1.2、[0:3]a", max_size=120)


@given(ANY)
@settings(deadline=None)
def test_every_line_is_in_one_paragraph_and_in_order(text: str) -> None:
    spans = [span for paragraph in read(text) for span in paragraph.lines]
    assert spans == sorted(spans)
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(
        text.split()
    )
    for paragraph in read(text):
        low, high = paragraph.lines[0][0], paragraph.lines[-1][1]
        assert all(low <= cell.start < cell.end <= high for cell in paragraph.cells)


@given(ANY, ANY)
@settings(deadline=None)
def test_only_the_stretch_that_is_asked_for_is_read(before: str, text: str) -> None:
    shift = len(before) + 1
    whole = f"{before}\n{text}"
    moved: list[list[tuple[int, int]]] = []
    for paragraph in read(text):
        moved.append([(start + shift, end + shift) for start, end in paragraph.lines])
    assert [paragraph.lines for paragraph in outline(whole, shift, len(whole))] == moved


@pytest.mark.parametrize(
    "text",
    [
        "a\n\n" * 60_000,
        "Q:" + " " * 100_000 + "x",
        "甲\u2003" + "\u2003" * 100_000 + "|",
        "：" * 100_000,
        "-" * 100_000 + "x",
        "a\tb\n" * 30_000,
        "[0:00" * 20_000,
    ],
    ids=["lines", "gap", "wide spaces", "colons", "rule", "table", "stamps"],
)
def test_time_grows_with_the_text(text: str) -> None:
    begun = time.process_time()
    read(text)
    assert time.process_time() - begun < 10
