"""rag/text/blocks.py: blocks and contexts as JSON and back, and moved to other offsets."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from rag.records import Block, Cell, Context
from rag.text.blocks import block_of, context_of, moved, packed, packed_context

OFFSETS = st.integers(0, 10**9)
TEXTS = st.text(max_size=8)
CELLS = st.lists(st.builds(Cell, TEXTS, OFFSETS, OFFSETS), max_size=3).map(tuple)
BLOCKS = st.builds(
    Block,
    st.sampled_from(["heading", "paragraph", "table_row", "running"]),
    OFFSETS,
    OFFSETS,
    level=st.integers(0, 9),
    page=st.none() | st.integers(1, 99),
    table=st.none() | st.integers(0, 99),
    cells=CELLS,
    label=st.none() | TEXTS,
    ocr=st.booleans(),
)
CONTEXTS = st.builds(
    Context,
    headings=st.lists(TEXTS, max_size=3).map(tuple),
    lead=st.none() | TEXTS,
    caption=st.none() | TEXTS,
    cells=CELLS,
    page=st.none() | st.integers(1, 99),
    ocr=st.booleans(),
)


def test_what_has_its_default_is_not_written() -> None:
    assert packed(Block("paragraph", 3, 9)) == {
        "role": "paragraph",
        "start": 3,
        "end": 9,
    }
    assert packed_context(Context()) == {}


def test_cells_are_written_as_head_start_and_end() -> None:
    row = Block("table_row", 0, 4, table=1, cells=(Cell("型号", 0, 1), Cell("", 2, 4)))
    assert packed(row)["cells"] == [("型号", 0, 1), ("", 2, 4)]


def test_a_first_table_is_not_taken_for_none() -> None:
    assert packed(Block("caption", 0, 1, table=0))["table"] == 0


@given(BLOCKS)
def test_a_block_comes_back_from_json(block: Block) -> None:
    assert block_of(json.loads(json.dumps(packed(block)))) == block


@given(CONTEXTS)
def test_a_context_comes_back_from_json(context: Context) -> None:
    assert context_of(json.loads(json.dumps(packed_context(context)))) == context


def test_a_block_moves_with_its_cells() -> None:
    row = Block("table_row", 5, 9, level=1, cells=(Cell("型号", 5, 6),))
    assert moved(row, 10) == Block(
        "table_row", 15, 19, level=1, cells=(Cell("型号", 15, 16),)
    )


@given(BLOCKS, st.integers(-(10**6), 10**6))
def test_moved_there_and_back_it_is_the_same(block: Block, by: int) -> None:
    assert moved(moved(block, by), -by) == block
