"""rag/passages.py: what stands together is one passage, and each knows the path to it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import sources
from rag.pages import recover
from rag.passages import (
    LONGEST_HEADING,
    LONGEST_SENTENCE,
    LONGEST_STEP,
    MAX_CHARS,
    OVERLAP_CHARS,
    ROW_TIMES,
    TOGETHER_CHARS,
    paragraphs,
    split,
)
from rag.records import Block, Context, Document, Part, Passage, Role, Source
from rag.sources.base import ArticleBuilder

LATIN = 2.5


def document_of(builder: ArticleBuilder) -> Document:
    """A document of the blocks that were added, as a format that declares its structure gives it."""
    article = builder.article()
    return Document(
        0,
        "题",
        article.text,
        "f",
        "0",
        ((0, len(article.text), 0),),
        blocks=article.blocks,
    )


def passages_of(builder: ArticleBuilder) -> list[Passage]:
    return split(document_of(builder))


def running(text: str) -> Document:
    """The document of running text, whose structure is told from its lines."""
    (document,) = recover(sources.read_bytes(text.encode(), "file.txt"), repair=False)
    return document


def texts(passages: Sequence[Passage]) -> list[str]:
    return [passage.text for passage in passages]


def contexts(passages: Sequence[Passage]) -> list[Context]:
    return [passage.context for passage in passages]


# headings


def test_a_passage_knows_the_path_of_its_headings() -> None:
    builder = ArticleBuilder()
    builder.add("heading", "第一章 借阅", level=1)
    builder.add("heading", "第一节 证件", level=2)
    builder.add("paragraph", "凭身份证办理。")
    builder.add("heading", "第二节 期限", level=2)
    builder.add("paragraph", "三十天。")
    builder.add("heading", "第二章 处罚", level=1)
    builder.add("paragraph", "每天五角。")
    found = passages_of(builder)
    assert texts(found) == ["凭身份证办理。", "三十天。", "每天五角。"]
    assert [context.headings for context in contexts(found)] == [
        ("第一章 借阅", "第一节 证件"),
        ("第一章 借阅", "第二节 期限"),
        ("第二章 处罚",),
    ]


def test_like_paragraphs_under_two_headings_are_two_passages_each_with_its_own() -> (
    None
):
    builder = ArticleBuilder()
    for product in ("加湿器", "电风扇"):
        builder.add("heading", product, level=1)
        builder.add("paragraph", "保修两年。")
    found = passages_of(builder)
    assert texts(found) == ["保修两年。", "保修两年。"]
    assert [context.headings for context in contexts(found)] == [
        ("加湿器",),
        ("电风扇",),
    ]


def test_headings_with_nothing_below_are_what_is_said() -> None:
    builder = ArticleBuilder()
    builder.add("heading", "议程", level=1)
    builder.add("heading", "一、开场", level=2)
    builder.add("heading", "二、预算", level=2)
    found = passages_of(builder)
    assert texts(found) == ["一、开场", "二、预算"]
    assert contexts(found) == [Context(headings=("议程",))] * 2


def test_a_heading_over_text_is_read_with_it_and_no_passage_itself() -> None:
    builder = ArticleBuilder()
    builder.add("heading", "清洗", level=1)
    builder.add("paragraph", "用温水。")
    assert texts(passages_of(builder)) == ["用温水。"]


# articles, stems and lists


def test_what_follows_the_number_of_an_article_stands_under_it() -> None:
    first = "第七条 读者应当爱护图书。" + "不得在书上写字画线，不得折角。" * 25
    second = "损坏的，照价赔偿。" * 12
    found = split(
        running(f"第一章 总则\n{first}\n{second}\n第八条 本办法自五月一日起施行。")
    )
    begins = [(passage.text[:3], passage.context.headings) for passage in found]
    assert begins == [
        ("第七条", ("第一章 总则",)),  # its own text begins with the number
        ("不得在", ("第一章 总则", "第七条")),
        ("损坏的", ("第一章 总则", "第七条")),
        ("第八条", ("第一章 总则",)),
    ]


STEM = "有下列情形之一的，不予退款："


def test_a_short_list_is_one_passage_with_its_stem() -> None:
    text = f"{STEM}\n（一）已经使用的；\n（二）超过七天的。"
    (passage,) = split(running(text))
    assert passage.text == text
    assert passage.context.lead is None


def test_the_stem_leads_what_of_a_long_list_does_not_fit_beside_it() -> None:
    items = [
        f"（{number}）" + "商品的包装、标签、说明书有损坏的，" * 6 + "不予退款；"
        for number in "一二三四五六"
    ]
    found = split(running("\n".join([STEM, *items, "前款所称包装，包括纸箱。"])))
    assert found[0].text.startswith(STEM) and found[0].context.lead is None
    rest, last = found[1:-1], found[-1]
    assert rest and all(passage.text.startswith("（") for passage in rest)
    assert {passage.context.lead for passage in rest} == {STEM}
    assert last.text == "前款所称包装，包括纸箱。"
    assert (
        last.context.lead is None
    )  # a paragraph after the list hangs on its stem no longer


# questions


def test_an_answer_is_the_passage_and_its_question_leads_it() -> None:
    found = split(running("问：押金多少？\n答：五百元。\n问：多久退？\n答：三天内。"))
    assert texts(found) == ["答：五百元。", "答：三天内。"]
    assert [context.lead for context in contexts(found)] == [
        "问：押金多少？",
        "问：多久退？",
    ]


def test_a_question_without_an_answer_is_a_passage_of_its_own() -> None:
    builder = ArticleBuilder()
    builder.add("question", "周末开门吗？")
    assert texts(passages_of(builder)) == ["周末开门吗？"]


def test_each_question_without_an_answer_is_kept() -> None:
    builder = ArticleBuilder()
    builder.add("question", "周末开门吗？")
    builder.add("question", "停车收费吗？")
    builder.add("paragraph", "不收。")
    found = passages_of(builder)
    assert texts(found) == ["周末开门吗？", "不收。"]
    assert [context.lead for context in contexts(found)] == [None, "停车收费吗？"]


def test_headings_end_a_question() -> None:
    builder = ArticleBuilder()
    builder.add("question", "周末开门吗？")
    builder.add("paragraph", "开。")
    builder.add("heading", "附则", level=1)
    builder.add("paragraph", "电话另询。")
    assert [context.lead for context in contexts(passages_of(builder))] == [
        "周末开门吗？",
        None,
    ]


# tables and captions


def table(rows: int = 2) -> ArticleBuilder:
    builder = ArticleBuilder()
    builder.add("heading", "选购", level=1)
    builder.add("caption", "表2 各型号", table=1)
    builder.add("caption", "单位：元", table=1)
    builder.add_row(["型号", "价格"], head=True, table=1)
    for number in range(rows):
        builder.add_row([f"甲{number}", f"{number}00"], ["型号", "价格"], table=1)
    return builder


def test_a_row_is_a_passage_under_its_caption_with_the_heads_of_its_cells() -> None:
    rows = [passage for passage in passages_of(table()) if passage.context.cells]
    assert texts(rows) == ["甲0 | 000", "甲1 | 100"]
    for row in rows:
        assert row.context.headings == ("选购",)
        assert row.context.caption == "表2 各型号 单位：元"
        found = [
            (cell.head, row.text[cell.start - row.start : cell.end - row.start])
            for cell in row.context.cells
        ]
        assert [head for head, _ in found] == ["型号", "价格"]
        assert [value for _, value in found] == row.text.split(" | ")


def test_a_row_of_heads_is_read_with_the_rows_alone() -> None:
    assert not [
        passage for passage in passages_of(table()) if "型号 | 价格" in passage.text
    ]


def test_a_caption_is_found_itself() -> None:
    assert texts(passages_of(table(rows=1)))[:2] == ["表2 各型号", "单位：元"]


def test_a_caption_below_its_table_belongs_to_the_rows_above() -> None:
    builder = ArticleBuilder()
    builder.add_row(["甲", "300"], ["型号", "价格"], table=1)
    builder.add("caption", "注：价格含税", table=1)
    assert passages_of(builder)[0].context.caption == "注：价格含税"


def test_the_rows_of_running_text_stand_under_the_caption_above_them() -> None:
    found = split(
        running("表1 型号与价格\n型号\t价格\t重量\n甲\t300\t2 kg\n乙\t400\t3 kg")
    )
    assert [passage.context.caption for passage in found if passage.context.cells] == [
        "表1 型号与价格"
    ] * 2


# speakers, pages, what is not searched


def test_a_turn_is_led_by_who_speaks() -> None:
    builder = ArticleBuilder()
    builder.add("turn", "预算是五万元。" * 20, label="李四")
    builder.add("turn", "太多了。" * 30, label="张三")
    found = passages_of(builder)
    assert [context.lead for context in contexts(found)] == ["李四", "张三"]


def test_the_page_and_whether_a_machine_read_it_are_those_of_the_block() -> None:
    builder = ArticleBuilder()
    builder.add("paragraph", "第一页的话。", page=1)
    builder.add("paragraph", "第二页的话。", page=2, ocr=True)
    first, second = contexts(passages_of(builder))
    assert (first.page, first.ocr, second.page, second.ocr) == (1, False, 2, True)


def test_head_and_foot_of_a_page_are_no_passage() -> None:
    builder = ArticleBuilder()
    builder.add("running", "内部资料")
    builder.add("paragraph", "正文。")
    builder.add("running", "— 3 —")
    assert texts(passages_of(builder)) == ["正文。"]


# how long passages are


def test_short_neighbours_are_one_passage_while_there_is_room() -> None:
    line = "这是一段二十个字上下的很短很短的话。"
    found = split(running("\n\n".join([line] * 20)))
    assert 1 < len(found) < 20
    assert all(len(passage.text) <= TOGETHER_CHARS for passage in found)
    assert all(passage.text.startswith(line) for passage in found)


def test_a_long_paragraph_is_split_where_sentences_end_and_evenly() -> None:
    sentence = "这是一个不长不短的句子，说的是昨天的天气。"
    found = split(running(sentence * 40))
    assert all(
        passage.text.endswith("。") and len(passage.text) <= MAX_CHARS
        for passage in found
    )
    lengths = [len(passage.text) for passage in found]
    assert max(lengths) - min(lengths) <= 2 * len(sentence)


def test_latin_text_may_be_longer() -> None:
    (passage,) = split(
        running("The bridge was finished in 1887 by an engineer of the town. " * 10)
    )
    assert MAX_CHARS < len(passage.text) <= LATIN * MAX_CHARS


def test_a_sentence_that_is_longer_than_any_passage_is_cut_at_its_commas() -> None:
    found = split(running("没有句号的一句，" * 200))
    assert all(passage.text.endswith("，") for passage in found)
    assert all(len(passage.text) <= LONGEST_SENTENCE for passage in found)
    assert "".join(texts(found)) == "没有句号的一句，" * 200


def test_without_commas_it_is_cut_at_white_space() -> None:
    found = split(running("嗯今天我们先来说一下这个项目的进度 " * 60))
    assert all(passage.text.endswith("进度") for passage in found)


def test_without_any_mark_pieces_overlap() -> None:
    found = split(running("字" * 1000))
    assert [(passage.start, passage.end) for passage in found] == [
        (0, LONGEST_SENTENCE),
        (LONGEST_SENTENCE - OVERLAP_CHARS, 2 * LONGEST_SENTENCE - OVERLAP_CHARS),
        (2 * LONGEST_SENTENCE - 2 * OVERLAP_CHARS, 1000),
    ]


def test_no_passage_reaches_across_lost_words() -> None:
    text = "前面的话还没有说〔…〕后面的话说完了。"
    document = Document(0, "题", text, "f", "0", ((0, len(text), 0),))
    assert texts(split(document)) == ["前面的话还没有说", "后面的话说完了。"]


def test_paragraphs_of_a_text_stand_between_blank_lines() -> None:
    text = " 甲\n乙 \n \n\n丙"
    assert [text[start:end] for start, end in paragraphs(text)] == ["甲\n乙", "丙"]


# what holds of any document


ROLES: tuple[Role, ...] = (
    "heading", "paragraph", "list_item", "caption", "question", "turn", "code", "footnote", "running",
)  # fmt: skip
WORDS = st.text("甲乙丙，。：\n ab", min_size=1, max_size=60)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    builder = ArticleBuilder()
    for _ in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from([*ROLES, "row", "head"]))
        if kind in ("row", "head"):
            cells = draw(st.lists(WORDS, min_size=1, max_size=3))
            builder.add_row(
                cells,
                ["甲", "", "乙"],
                head=kind == "head",
                table=draw(st.integers(1, 2)),
            )
            continue
        label = draw(st.sampled_from([None, "第一条"]))
        page = draw(st.sampled_from([None, 1, 2]))
        text = draw(WORDS) * draw(st.sampled_from([1, 1, 1, 20]))
        builder.add(kind, text, level=draw(st.integers(1, 3)), label=label, page=page)  # type: ignore[arg-type]
    return document_of(builder)


SPOKEN = ("heading", "table_head", "running", "question")


@given(documents())
@settings(deadline=None)
def test_every_passage_is_its_stretch_of_the_text(document: Document) -> None:
    longest = LATIN * max(MAX_CHARS, LONGEST_SENTENCE)
    for passage in split(document):
        assert document.text[passage.start : passage.end] == passage.text
        assert passage.text.strip() == passage.text != ""
        assert len(passage.text) <= longest
        for cell in passage.context.cells:
            assert document.text[cell.start : cell.end].strip()


@given(documents())
@settings(deadline=None, max_examples=300)
def test_what_is_neither_shown_only_nor_read_with_others_is_in_a_passage(
    document: Document,
) -> None:
    covered = set[int]()
    led = set[str]()
    for passage in split(document):
        covered.update(range(passage.start, passage.end))
        led.add(passage.context.lead or "")
    for block in document.blocks:
        if block.role in SPOKEN:
            continue
        for at in range(block.start, block.end):
            assert at in covered or document.text[at].isspace()
    for block in document.blocks:
        if block.role == "question":
            question = document.text[block.start : block.end]
            # Of a long question its beginning stands over what answers it.
            shown = (
                question
                if len(question) <= LONGEST_STEP
                else question[: LONGEST_STEP - 1] + "…"
            )
            assert block.start in covered or shown in led


@given(documents())
@settings(deadline=None)
def test_no_text_is_in_two_passages_unless_a_sentence_was_cut_anywhere(
    document: Document,
) -> None:
    found = split(document)
    for before, after in itertools.pairwise(found):
        assert before.end - after.start <= OVERLAP_CHARS


@pytest.mark.parametrize(
    "text",
    [
        "a\n\n" * 40_000,
        "字" * 100_000,
        "字，" * 50_000,
        "word " * 20_000,
        "。" * 100_000,
        "问：甲\n" * 20_000,
    ],
    ids=["lines", "no stop", "commas", "words", "stops", "questions"],
)
def test_time_grows_with_the_text(text: str) -> None:
    source = Source(
        "f.txt", "0", b"", text, "text/plain", "utf-8", (Part(0, len(text)),)
    )
    (document,) = recover(source, repair=False)
    begun = time.process_time()
    assert split(document)
    assert time.process_time() - begun < 15


def test_blocks_of_headings_only_take_linear_time() -> None:
    text = "甲\n" * 40_000
    blocks = tuple(
        Block("heading", 2 * number, 2 * number + 1, level=1)
        for number in range(40_000)
    )
    document = Document(0, "题", text, "f", "0", ((0, len(text), 0),), blocks=blocks)
    begun = time.process_time()
    assert len(split(document)) == 40_000
    assert time.process_time() - begun < 15


# what is too long for what it says it is


def test_a_heading_as_long_as_a_text_is_read_as_prose() -> None:
    builder = ArticleBuilder()
    builder.add("heading", "甲、" * LONGEST_HEADING, level=1)
    builder.add("paragraph", "一句话。")
    found = passages_of(builder)
    assert all(context.headings == () for context in contexts(found))
    assert sum(text.count("甲") for text in texts(found)) == LONGEST_HEADING


def test_of_a_deep_path_the_nearest_headings_are_read() -> None:
    builder = ArticleBuilder()
    for level in range(1, 9):
        builder.add("heading", str(level) * 100, level=level)
    builder.add("paragraph", "一句话。")
    (context,) = contexts(passages_of(builder))
    assert context.headings == ("6" * 100, "7" * 100, "8" * 100)


def test_a_heading_is_read_with_its_beginning() -> None:
    builder = ArticleBuilder()
    builder.add("heading", "长" * 200, level=1)
    builder.add("paragraph", "一句话。")
    (context,) = contexts(passages_of(builder))
    assert context.headings == ("长" * (LONGEST_STEP - 1) + "…",)


def test_a_wide_row_is_cut_between_cells_and_goes_on_under_its_name() -> None:
    heads = ["型号", *(f"第{number}项指标的名称" for number in range(60))]
    builder = ArticleBuilder()
    builder.add_row(heads, head=True, table=1)
    builder.add_row(["甲", *("值" * 10 for _ in range(60))], heads, table=1)
    document = document_of(builder)
    first, *rest = split(document)
    cells = [cell for passage in (first, *rest) for cell in passage.context.cells]
    assert [cell.head for cell in cells] == heads
    assert first.context.lead is None
    assert {passage.context.lead for passage in rest} == {"甲"}
    for passage in (first, *rest):
        read = sum(
            len(cell.head) + cell.end - cell.start for cell in passage.context.cells
        )
        assert read <= ROW_TIMES * MAX_CHARS


def test_a_long_cell_is_read_under_its_head_to_its_end() -> None:
    heads = ["型号", "说明"]
    builder = ArticleBuilder()
    builder.add_row(heads, head=True, table=1)
    builder.add_row(["甲", "这一句说的是它。" * 200], heads, table=1)
    document = document_of(builder)
    found = split(document)
    assert len(found) > 3
    read = [cell for passage in found[1:] for cell in passage.context.cells]
    assert {cell.head for cell in read} == {"说明"}
    assert (
        "".join(document.text[cell.start : cell.end] for cell in read)
        == "这一句说的是它。" * 200
    )
