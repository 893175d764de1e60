"""How a passage is read: below its path, its row with the heads of its cells; and back to the document."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.contexts import path_to, readable, searchable, where
from rag.records import Cell, Context, Passage, Where


def passage(text: str, *cells: Cell) -> Passage:
    return Passage(0, 0, 100, 100 + len(text), text, Context(cells=cells))


def test_a_row_is_read_with_its_heads() -> None:
    row = passage("甲 | 2 kg", Cell("型号", 100, 101), Cell("重量", 104, 108))
    assert readable("", row).text == "型号：甲；重量：2 kg"


def test_a_key_is_not_said_twice_and_is_quoted_with_its_value() -> None:
    row = passage("型号 | X-2", Cell("", 100, 102), Cell("型号", 105, 108))
    whole = readable("", row)
    assert whole.text == "型号：X-2"
    assert whole.in_document(0, len(whole.text)) == (100, 108)
    assert whole.in_document(3, 6) == (105, 108)


def test_a_form_is_read_pair_by_pair() -> None:
    row = passage(
        "姓名 | 张三 | 性别 | 男",
        Cell("", 100, 102),
        Cell("姓名", 105, 107),
        Cell("", 110, 112),
        Cell("性别", 115, 116),
    )
    assert readable("", row).text == "姓名：张三；性别：男"


# the path


def test_the_path_goes_from_the_title_to_what_the_passage_hangs_on() -> None:
    context = Context(
        headings=("第三章 处罚", "第十二条"), lead="有下列情形之一的：", caption="表2"
    )
    assert (
        path_to("条例", context)
        == "条例 › 第三章 处罚 › 第十二条 › 表2 › 有下列情形之一的："
    )


def test_a_step_that_repeats_the_one_before_is_left_out() -> None:
    assert path_to("手册", Context(headings=("手册", "清洗", "清洗"))) == "手册 › 清洗"
    assert path_to("", Context(headings=("清洗",))) == "清洗"


def test_what_is_indexed_is_the_passage_below_its_path() -> None:
    assert searchable("手册", passage("用温水。")) == "手册\n用温水。"
    assert searchable("", passage("用温水。")) == "用温水。"
    row = passage("甲 | 2 kg", Cell("型号", 100, 101), Cell("重量", 104, 108))
    assert searchable("手册", row) == "手册\n型号：甲；重量：2 kg"


# where it stands


def test_a_person_is_told_headings_page_and_row() -> None:
    cells = (Cell("型号", 100, 101), Cell("", 104, 108))
    row = Passage(
        0, 0, 100, 108, "甲 | 2 kg", Context(("选购",), cells=cells, page=3, ocr=True)
    )
    assert where(row) == Where(("选购",), 3, (("型号", "甲"),), True)


def test_two_cells_under_one_head_are_both_shown_in_order() -> None:
    cells = (Cell("姓名", 100, 102), Cell("电话", 105, 109), Cell("电话", 112, 116))
    row = passage("张三 | 8801 | 8802", *cells)
    assert where(row).row == (("姓名", "张三"), ("电话", "8801 / 8802"))


def test_of_a_row_in_two_pieces_each_shows_the_cells_it_holds() -> None:
    cells = (Cell("型号", 100, 101), Cell("说明", 104, 108))
    second = Passage(0, 0, 104, 108, "轻而静。", Context(cells=cells))
    assert where(second).row == (("说明", "轻而静。"),)
    assert readable("", second).text == "说明：轻而静。"


# there and back


def test_what_was_put_between_cells_is_nowhere_in_the_document() -> None:
    whole = readable(
        "", passage("甲 | 2 kg", Cell("型号", 100, 101), Cell("重量", 104, 108))
    )
    assert whole.text == "型号：甲；重量：2 kg"
    assert whole.in_document(0, 3) is None  # the head and its colon
    assert whole.in_document(3, 4) == (100, 101)
    assert whole.in_document(4, 8) is None  # the stop, the next head and its colon
    assert whole.in_document(0, len(whole.text)) == (
        100,
        108,
    )  # from its first character there to its last


def test_english_rows_are_read_with_english_marks() -> None:
    row = passage("A1 | 2 kg", Cell("model", 100, 102), Cell("weight", 105, 109))
    assert readable("", row).text == "model: A1; weight: 2 kg"


def test_cells_without_any_head_are_read_as_they_stand() -> None:
    row = passage("甲 | 2 kg", Cell("", 100, 101), Cell("", 104, 108))
    whole = readable("", row)
    assert whole.text == "甲 | 2 kg"
    assert whole.in_document(4, 8) == (104, 108)


@st.composite
def rows(draw: st.DrawFn) -> tuple[str, Passage]:
    """A document's text and a passage of it: prose, or a row with some heads."""
    words = st.text("甲乙丙 ab1", min_size=1, max_size=6).filter(str.strip)
    before = draw(st.text("前文。 ", max_size=9))
    texts = draw(st.lists(words, min_size=1, max_size=4))
    cells: list[Cell] = []
    at = len(before)
    for text in texts:
        cells.append(
            Cell(
                draw(st.sampled_from(["", "型号", "weight", "甲"])), at, at + len(text)
            )
        )
        at += len(text) + len(" | ")
    body = " | ".join(texts)
    context = Context(cells=tuple(cells) if draw(st.booleans()) else ())
    start = len(before)
    return f"{before}{body}后文", Passage(0, 0, start, start + len(body), body, context)


@given(rows())
def test_every_piece_is_the_documents_very_text(row: tuple[str, Passage]) -> None:
    text, one = row
    whole = readable("题", one)
    last = 0
    for start, end, at in whole.pieces:
        assert whole.text[start:end] == text[at : at + end - start]
        assert last <= start < end <= len(whole.text)
        last = end


@given(rows(), st.data())
def test_a_span_within_a_piece_comes_back_as_it_is_and_any_other_within_the_passage(
    row: tuple[str, Passage], data: st.DataObject
) -> None:
    text, one = row
    whole = readable("题", one)
    start = data.draw(st.integers(0, len(whole.text) - 1))
    end = data.draw(st.integers(start + 1, len(whole.text)))
    found = whole.in_document(start, end)
    if found is not None:
        assert one.start <= found[0] < found[1] <= one.end
    if any(low <= start and end <= high for low, high, _ in whole.pieces):
        assert found is not None
        assert text[slice(*found)] == whole.text[start:end]
    if all(end <= low or high <= start for low, high, _ in whole.pieces):
        assert found is None
