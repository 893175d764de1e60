"""Every expected figure is arithmetic that a reader can redo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from eval.pages.gold import (
    SEED_GOLD,
    GoldArticle,
    GoldBlock,
    GoldJoin,
    GoldPage,
    check,
    lines,
    read_gold,
)
from eval.pages.running import source_of
from eval.pages.scoring import Scored, bcubed, score, unchanged
from rag.records import Caption, Copy, Document, Join, Layout, LayoutBlock, MapEntry
from tests.perfect_reader import read

TEXT = "甲题\n\n甲一还没\n\n乙全文。\n\n有完。\n\n甲末。\n\n图为乙。\n\n乙全文。"
"""Blocks: 0 甲题, 1 甲一还没, 2 乙全文。, 3 有完。, 4 甲末。, 5 图为乙。, 6 乙全文。 (again)"""


def page() -> GoldPage:
    owners = ("甲", "甲", "乙", "甲", "甲", "乙", "乙")
    kinds = ("headline", "body", "body", "body", "body", "caption", "body")
    made = GoldPage(
        name="p",
        text=TEXT,
        blocks=tuple(
            GoldBlock(span, owner, (kind,))
            for span, owner, kind in zip(lines(TEXT), owners, kinds, strict=True)
        ),
        articles=(
            GoldArticle("甲", (0, 1, 3, 4), {"title": ("甲题",), "byline": (None,)}),
            GoldArticle("乙", (2,), {}),
        ),
        joins=(GoldJoin(1, 3),),
        copies=frozenset({(2, 6)}),
    )
    check(made)
    return made


def document(*paragraphs: Sequence[int], title: str = "", **more: object) -> Document:
    """Paragraphs of the toy page's blocks, those within one glued to each other."""
    text, map_ = "", list[MapEntry]()
    spans = lines(TEXT)
    for number, blocks in enumerate(paragraphs):
        text += "\n\n" if number else ""
        for block in blocks:
            start, end = spans[block]
            map_.append((len(text), len(text) + end - start, start))
            text += TEXT[start:end]
    source = source_of(page())
    made = Document(0, title, text, source.name, source.sha256, tuple(map_))
    return replace(made, **more)  # type: ignore[arg-type]


def copy_of(block: int) -> Copy:
    source = source_of(page())
    return Copy(source.name, source.sha256, (lines(TEXT)[block],))


def caption(block: int) -> Caption:
    start, end = lines(TEXT)[block]
    return Caption(TEXT[start:end], None, ((start, end),))


def second(**layout: object) -> Document:
    """The second article as it should be: its caption a field, its copy folded."""
    shown = Layout(captions=(caption(5),), **layout)  # type: ignore[arg-type]
    return document([2], copies=(((0, 4), copy_of(6)),), layout=shown)


def kinds(scored: Scored) -> list[str]:
    return [mistake.kind for mistake in scored.mistakes]


def test_bcubed_of_a_partition_worked_by_hand() -> None:
    # gold {a b c} {d e}, found {a b} {c d e}
    # precision: a, b 2/2; c 1/3; d, e 2/3 -> (1 + 1 + 1/3 + 2/3 + 2/3) / 5 = 11/15
    # recall: a, b 2/3; c 1/3; d, e 2/2 -> (2/3 + 2/3 + 1/3 + 1 + 1) / 5 = 11/15
    precision, recall = bcubed("xxxyy", "11222")
    assert precision == pytest.approx(11 / 15)
    assert recall == pytest.approx(11 / 15)


def test_bcubed_of_all_in_one_and_of_each_alone() -> None:
    assert bcubed("xxxy", "1111") == pytest.approx(
        (10 / 16, 1.0)
    )  # (3 * 3/4 + 1/4) / 4
    assert bcubed("xxxy", "1234") == pytest.approx((1.0, 1 / 2))  # (3 * 1/3 + 1) / 4


def test_all_right() -> None:
    scored = score(page(), [document([0], [1, 3], [4], title="甲题"), second()])
    assert scored.mistakes == ()
    assert scored.assignment_f1 == 1.0
    assert scored.counts == {
        "assignment_precision": (7, 7),
        "assignment_recall": (7, 7),
        "adjacent_order": (3, 3),
        "join_precision": (1, 1),
        "join_recall": (1, 1),
        "lossy_right": (1, 1),
        "cuts_f1": (0, 0),
        "copies_f1": (2, 2),
        "fields_right": (1, 1),
        "kinds_right": (0, 0),
    }


def test_one_document_in_the_order_it_stands() -> None:
    whole = document([0], [1], [2], [3], [4], [5], copies=(((10, 14), copy_of(6)),))
    scored = score(page(), [whole])
    assert whole.text[10:14] == "乙全文。"
    # 4 blocks of one article and 3 of the other in one cluster: (4 * 4/7 + 3 * 3/7) / 7 = 25/49
    assert scored.counts["assignment_precision"] == pytest.approx((25 / 7, 7))
    assert scored.counts["assignment_recall"] == pytest.approx((7, 7))
    assert scored.counts["adjacent_order"] == (
        2,
        3,
    )  # 甲一还没 is not followed by 有完。
    assert scored.counts["join_recall"] == (0, 1)
    assert scored.counts["join_precision"] == (0, 0)
    assert scored.counts["copies_f1"] == (2, 2)


def test_a_wrong_join_costs_precision_and_the_order() -> None:
    scored = score(page(), [document([0], [1, 4], [3]), second()])
    assert scored.counts["join_precision"] == (0, 1)
    assert scored.counts["join_recall"] == (0, 1)
    assert scored.counts["adjacent_order"] == (1, 3)
    assert kinds(scored).count("join") == 1


def test_side_by_side_with_a_paragraph_break_is_in_order_but_not_joined() -> None:
    scored = score(page(), [document([0], [1], [3], [4]), second()])
    assert scored.counts["adjacent_order"] == (3, 3)
    assert scored.counts["join_recall"] == (0, 1)


def test_a_caption_left_between_two_blocks_parts_them() -> None:
    scored = score(
        page(),
        [
            document([0], [1, 3], [5], [4]),
            document([2], copies=(((0, 4), copy_of(6)),)),
        ],
    )
    assert scored.counts["adjacent_order"] == (2, 3)
    assert "article" in kinds(scored)


def test_a_copy_that_is_not_folded_is_missed_and_stands_in_a_cluster_of_its_own() -> (
    None
):
    first = document([0], [1, 3], [4])
    scored = score(
        page(),
        [first, document([2], layout=Layout(captions=(caption(5),))), document([6])],
    )
    assert scored.counts["copies_f1"] == (0, 1)
    # the second article's three blocks lie in clusters of 2 and 1: (2 * 2/3 + 1/3) + 4 = 17/3
    assert scored.counts["assignment_recall"] == pytest.approx((17 / 3, 7))


def test_it_does_not_matter_which_printing_the_document_is_made_of() -> None:
    swapped = document(
        [6], copies=(((0, 4), copy_of(2)),), layout=Layout(captions=(caption(5),))
    )
    scored = score(page(), [document([0], [1, 3], [4], title="甲题"), swapped])
    assert scored.mistakes == ()


def test_different_blocks_folded_as_copies_are_wrong() -> None:
    folded = document([0], [1, 3], copies=(((4, 8), copy_of(4)),))
    scored = score(page(), [folded, second()])
    assert scored.counts["copies_f1"] == (2, 3)
    assert "copy" in kinds(scored)


def test_a_copy_with_a_sign_missing_is_still_aligned() -> None:
    text = "一二三四五六七八九十。\n\n一二三五六七八九十。"
    spans = lines(text)
    made = GoldPage(
        "p",
        text,
        tuple(GoldBlock(span, "a", ("body",)) for span in spans),
        (GoldArticle("a", (0,), {}),),
        copies=frozenset({(0, 1)}),
    )
    source = source_of(made)
    whole = Document(
        0,
        "",
        text[: spans[0][1]],
        source.name,
        source.sha256,
        ((0, spans[0][1], 0),),
        copies=(((0, spans[0][1]), Copy(source.name, source.sha256, (spans[1],))),),
    )
    assert score(made, [whole]).counts["copies_f1"] == (2, 2)


def test_a_lossy_join_must_be_marked_so() -> None:
    lossy = replace(page(), joins=(GoldJoin(1, 3, lossy=True),))
    first = document([0], [1, 3], [4])
    assert first.text.index("有完") == 8
    silent = score(lossy, [first, second()])
    assert silent.counts["lossy_right"] == (0, 1)
    marked = replace(first, layout=Layout(joins=(Join(8, 0.9, lossy=True),)))
    assert score(lossy, [marked, second()]).counts["lossy_right"] == (1, 1)
    assert score(page(), [marked, second()]).counts["lossy_right"] == (0, 1)


def test_a_gap_shown_in_the_text_is_no_part_of_the_page() -> None:
    first = document([0], [1], [4])
    text = first.text.replace("还没\n\n", "还没〔…〕有完。\n\n")
    start, end = lines(TEXT)[3]
    at = text.index("有完")
    shifted = [
        first.map[0],
        first.map[1],
        (at, at + end - start, start),
        (at + 5, at + 8, first.map[2][2]),
    ]
    made = replace(
        first,
        text=text,
        map=tuple(shifted),
        layout=Layout(joins=(Join(at, 0.9, lossy=True),)),
    )
    lossy = replace(page(), joins=(GoldJoin(1, 3, lossy=True),))
    counts = score(lossy, [made, second()]).counts
    assert (counts["join_recall"], counts["lossy_right"], counts["adjacent_order"]) == (
        (1, 1),
        (1, 1),
        (3, 3),
    )


def test_cuts_are_an_f1_of_blocks() -> None:
    gold = replace(page(), joins=(), cuts=(1,))
    first = document([0], [1], [3], [4])
    assert score(gold, [first, second()]).counts["cuts_f1"] == (0, 1)
    right = replace(first, layout=Layout(cuts=(8,)))
    assert score(gold, [right, second()]).counts["cuts_f1"] == (2, 2)
    wrong = replace(first, layout=Layout(cuts=(13,)))
    assert score(gold, [wrong, second()]).counts["cuts_f1"] == (0, 2)


def test_fields_claimed_where_there_are_none_are_wrong() -> None:
    first = document([0], [1, 3], [4], title="甲题")
    assert score(page(), [first, second()]).counts["fields_right"] == (1, 1)
    claimed = replace(first, byline="某某")
    assert score(page(), [claimed, second()]).counts["fields_right"] == (1, 2)
    untitled = replace(first, title="")
    assert score(page(), [untitled, second()]).counts["fields_right"] == (0, 1)


def test_a_byline_counts_by_its_names() -> None:
    gold = page()
    named = replace(
        gold,
        articles=(
            replace(gold.articles[0], fields={"byline": ("宋晨",)}),
            gold.articles[1],
        ),
    )
    first = document([0], [1, 3], [4])
    for said, right in (("新华社记者 宋晨", 1), ("（记者 宋晨）", 1), ("宋", 0)):
        assert score(named, [replace(first, byline=said), second()]).counts[
            "fields_right"
        ] == (right, 1)


def test_a_block_that_became_a_field_is_not_lost() -> None:
    untitled = document([1, 3], [4], title="甲题")
    scored = score(page(), [untitled, second()])
    assert "lost" not in kinds(scored)
    assert scored.counts["adjacent_order"] == (
        2,
        3,
    )  # it has no place in the text unless the layout gives one
    placed = replace(
        untitled,
        layout=Layout(blocks=(LayoutBlock("headline", (0, 0), (lines(TEXT)[0],)),)),
    )
    counts = score(page(), [placed, second()]).counts
    assert (counts["adjacent_order"], counts["kinds_right"]) == ((3, 3), (1, 1))


def test_a_block_in_no_document_is_lost() -> None:
    scored = score(page(), [document([0], [1, 3], [4]), document([2])])
    assert kinds(scored).count("lost") == 2
    # 甲: four of four; 乙: one block each in clusters of one, recall 1/3
    assert scored.counts["assignment_recall"] == pytest.approx((5, 7))


def test_a_kind_that_is_wrong() -> None:
    named = Layout(blocks=(LayoutBlock("body", (0, 2), (lines(TEXT)[0],)),))
    scored = score(page(), [document([0], [1, 3], [4], layout=named), second()])
    assert scored.counts["kinds_right"] == (0, 1)


def test_a_page_in_order_is_unchanged_only_when_nothing_was_done_to_it() -> None:
    text = "甲题\n\n甲一。\n\n乙题\n\n乙一。"
    spans = lines(text)
    made = GoldPage(
        "p",
        text,
        tuple(
            GoldBlock(span, owner, ("body",))
            for span, owner in zip(spans, "aabb", strict=True)
        ),
        (GoldArticle("a", (0, 1), {}), GoldArticle("b", (2, 3), {})),
        mode="in_order",
    )
    source = source_of(made)
    whole = Document(
        0, "", text, source.name, source.sha256, tuple((a, b, a) for a, b in spans)
    )
    told_apart = [
        replace(whole, text=text[:7], map=((0, 2, 0), (4, 7, 4))),
        replace(whole, text=text[9:], map=((0, 2, 9), (4, 7, 13))),
    ]
    assert unchanged(made, [whole])
    assert unchanged(made, told_apart)
    assert not unchanged(made, told_apart[:1])
    assert not unchanged(made, [replace(whole, layout=Layout(cuts=(7,)))])
    glued = replace(
        whole,
        text=text.replace("\n\n乙题", "乙题"),
        map=((0, 2, 0), (4, 7, 4), (7, 9, 9), (11, 14, 13)),
    )
    assert not unchanged(made, [glued])
    assert score(made, [whole]).counts["in_order_unchanged"] == (1, 1)


def test_the_seed_page_read_as_its_gold_has_it_is_all_right() -> None:
    seeds = read_gold(SEED_GOLD)
    scored = score(seeds, read(seeds))
    assert scored.mistakes == ()
    assert all(part == whole for part, whole in scored.counts.values())
    assert scored.counts["adjacent_order"] == (77, 77)
    assert scored.counts["copies_f1"] == (12, 12)
    assert scored.counts["fields_right"][1] == 29
