"""A page as it was read: what each stretch was taken for, and how that is printed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from rag.cli.page import page_lines
from rag.pages import recover
from rag.pages.view import Difference, Link, PageBlock, PageView, page_view
from rag.records import Document, Join, Layout, LayoutBlock
from rag.terminal import wrapped
from tests.toy_pages import PIECES, TEXT, articles, page, place
from tests.toys import TOY, toy_source

NAMES = list(PIECES)


def toy_view() -> PageView:
    bridge, library = articles()
    return page_view(page(), [replace(bridge, id=7), replace(library, id=12)])


def block(view: PageView, piece: str) -> PageBlock:
    return view.blocks[NAMES.index(piece)]


def test_each_piece_of_the_page_is_a_block_in_the_order_of_the_page() -> None:
    view = toy_view()
    assert [each.text for each in view.blocks] == list(PIECES.values())
    assert [each.span for each in view.blocks] == [place(name) for name in NAMES]
    assert [each.number for each in view.blocks] == list(range(1, len(NAMES) + 1))
    assert [each.document_id for each in view.blocks] == [
        {"bridge": 7, "caption": 7, "credit": 7, "library": 12}.get(name.split()[0])
        for name in NAMES
    ]


def test_blocks_say_what_they_were_taken_for() -> None:
    view = toy_view()
    assert [block(view, f"bridge {piece}").kind for piece in ("headline", "subtitle", "byline", "2b")] == [
        "headline", "subtitle", "byline", "body",
    ]  # fmt: skip
    assert (block(view, "caption").kind, block(view, "credit").kind) == (
        "caption",
        "caption",
    )
    assert block(view, "stray").kind is None
    assert block(view, "bridge 3b").confidence == 0.62


def test_joins_lead_both_ways() -> None:
    view = toy_view()
    first, second = block(view, "bridge 2a"), block(view, "bridge 2b")
    join = articles()[0].layout.joins[0]
    assert first.goes_on == Link(second.number, join)
    assert second.comes_from == Link(first.number, join)
    upward = block(view, "bridge 3a")
    assert upward.goes_on == Link(
        block(view, "bridge 3b").number, articles()[0].layout.joins[1]
    )
    assert upward.goes_on is not None and upward.goes_on.block < upward.number
    assert (
        block(view, "bridge 1").goes_on is None
    )  # the next on the page is the next to read


def test_copies_name_what_they_copy_and_cuts_are_marked() -> None:
    view = toy_view()
    again = block(view, "library 1 again")
    assert (again.kind, again.copy_of, again.differs) == (
        "copy",
        block(view, "library 1").number,
        (
            Difference("（记者 苗青）", "", "20日电（记者 苗青）青石镇图"),
            Difference("二十二", "二十一", "晚开放到二十二点。📚新"),
        ),
    )
    assert [each.number for each in view.blocks if each.cut] == [
        block(view, "library 2").number
    ]


def test_a_picture_in_the_text_is_a_caption_and_a_credit_like_every_block() -> None:
    bridge, library = articles()
    (picture,) = bridge.layout.captions
    places = dict(zip(("caption", "credit"), picture.source_spans, strict=True))
    text, at = bridge.text, []
    for start, end in places.values():
        text += "\n\n" + TEXT[start:end]
        at.append((len(text) - (end - start), len(text), start))
    blocks = tuple(
        LayoutBlock(kind, (low, high), (places[kind],), 0.9)
        for kind, (low, high, _) in zip(places, at, strict=True)
    )
    layout = replace(bridge.layout, blocks=bridge.layout.blocks + blocks)
    whole = replace(bridge, text=text, map=(*bridge.map, *at), layout=layout, id=7)
    view = page_view(page(), [whole, replace(library, id=12)])
    found = [block(view, kind) for kind in places]
    assert [(each.kind, each.confidence) for each in found] == [
        ("caption", 0.9),
        ("credit", 0.9),
    ]


def test_a_document_that_came_in_order_is_its_paragraphs() -> None:
    for name, text in TOY.items():
        source = toy_source(name, text)
        documents = [replace(each, id=1) for each in recover(source)]
        blocks = page_view(source, documents).blocks
        assert len(blocks) == 3 + text.count("。\n\n为了")
        assert all(
            each.document_id == 1 and not each.goes_on and not each.cut
            for each in blocks
        )
        assert "".join("".join(each.text.split()) for each in blocks) == "".join(
            source.text.split()
        )


def test_lines_that_the_page_wrapped_are_one_block_and_a_join_parts_them() -> None:
    text = "甲乙丙\n丁戊。"
    source = toy_source("a.txt", text)
    joined = Document(
        1, "", "甲乙丙丁戊。", "a.txt", source.sha256, ((0, 3, 0), (3, 6, 4))
    )
    layout = Layout(blocks=(LayoutBlock("body", (0, 6), ((0, 3), (4, 7))),))
    assert [
        each.text for each in page_view(source, [replace(joined, layout=layout)]).blocks
    ] == [text]
    cut = replace(layout, joins=(Join(3, 0.9),))
    first, second = page_view(source, [replace(joined, layout=cut)]).blocks
    assert (first.text, second.text) == ("甲乙丙", "丁戊。")
    assert first.goes_on == Link(2, Join(3, 0.9))


@given(st.data())
def test_every_character_is_in_one_block_whatever_documents_claim(
    data: st.DataObject,
) -> None:
    ends = st.integers(0, len(TEXT))
    documents = []
    for id_ in range(1, data.draw(st.integers(0, 3)) + 1):
        spans = data.draw(
            st.lists(
                st.tuples(ends, ends).map(sorted).filter(lambda s: s[0] < s[1]),
                max_size=4,
            )
        )
        text = "".join(TEXT[start:end] for start, end in spans)
        tiles, at = [], 0
        for start, end in spans:
            tiles.append((at, at + end - start, start))
            at += end - start
        documents.append(Document(id_, "", text, "a", "0", tuple(tiles)))
    blocks = page_view(page(), documents).blocks
    assert [each.number for each in blocks] == list(range(1, len(blocks) + 1))
    assert all(TEXT[slice(*each.span)] == each.text for each in blocks)
    assert all(one.span[1] <= other.span[0] for one, other in pairwise(blocks))
    assert "".join("".join(each.text.split()) for each in blocks) == "".join(
        TEXT.split()
    )


def test_the_page_is_printed_within_eighty_columns() -> None:
    lines = [line.plain for line in page_lines(toy_view(), 7, 80)]
    assert max(map(cell_len, lines)) <= 80
    printed = "\n".join(lines)
    assert "青石日报.txt: 16 blocks, 2 documents, 1 block in none" in printed
    for expected in (
        " 5   #7 body      匠人段启明拆开第二个桥墩时，在里面",
        "→ joined to 10 (0.97)",
        "← joined to 11, words between are lost 〔…〕 (0.62)",
        "✂ breaks off",
        "= copy of 7",
        "≠ without “（记者 苗青）” in “20日电（记者 苗青）青石镇图”",
        "≠ “二十一” for “二十二” in “晚开放到二十二点。📚新”",
        "16    -           责任编辑 何田",
    ):
        assert expected in printed
    assert "".join(PIECES["library 1"].split()) in "".join(printed.split()).replace(
        "0.99", ""
    )


@given(st.text("甲乙ab ，。“”（）📚\n", max_size=80), st.integers(2, 30))
def test_wrapped_text_fits_and_is_whole(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_lines_break_where_print_would_break_them() -> None:
    assert wrapped("甲乙丙，丁", 6) == ["甲乙", "丙，丁"]
    assert wrapped("甲乙“丙丁”", 6) == ["甲乙", "“丙丁”"]
    assert wrapped("one three", 6) == ["one", "three"]
    assert wrapped("甲\n\n乙", 6) == ["甲", "", "乙"]
    assert wrapped("。。。。", 4) == ["。。", "。。"]
