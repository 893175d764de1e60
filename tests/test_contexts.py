"""How a passage is read: its row with the heads of its cells."""

from __future__ import annotations

from rag.contexts import readable
from rag.records import Cell, Context, Passage


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
