from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from eval.pages.corruptions import (
    cut,
    drop,
    duplicate,
    lose,
    part_headings,
    shuffle,
    shuffle_within,
    strew,
)
from eval.pages.gold import GoldJoin, check
from eval.pages.printing import (
    Article,
    Page,
    Paragraph,
    Piece,
    articles_of,
    gold_of,
    pictures_of,
    printed,
    text_of,
)
from tests.page_toys import ENGLISH, STORIES, article

TEN = "一二三四五六七八九十"


def pages() -> list[Article]:
    return [story.bare() for story in STORIES[:4]]


def pieces(page: Page) -> list[Piece]:
    return [piece for fragment in page for piece in fragment]


def test_a_page_in_order_reads_one_article_after_the_other() -> None:
    made = [article("a", "甲。", "乙。", headline="题"), article("b", "丙。")]
    gold = gold_of(printed(made), made, name="p")
    assert gold.text == "题\n\n甲。\n\n乙。\n\n丙。"
    assert [each.order for each in gold.articles] == [(0, 1, 2), (3,)]
    assert (gold.joins, gold.cuts, gold.copies) == ((), (), frozenset())


def test_a_column_is_cut_where_it_is_full() -> None:
    # 2 signs of indent and 8 on the first line, 10 on the second: after 18 the column of 2 lines is full
    page = cut(
        printed([article("a", TEN + TEN + TEN)]), Random(0), width=10, lines=(2, 2)
    )
    assert [piece.text for piece in pieces(page)] == [
        TEN + "一二三四五六七八",
        "九十" + TEN,
    ]
    assert [piece.span for piece in pieces(page)] == [(0, 18), (18, 30)]
    gold = gold_of(page, [article("a", TEN * 3)], name="p")
    assert gold.joins == (GoldJoin(0, 1),)


def test_no_closing_mark_begins_a_column_and_no_number_is_parted() -> None:
    marks = cut(
        printed([article("a", "一二三四五六七八。二三四五六七八九十")]),
        Random(0),
        width=10,
        lines=(1, 1),
    )
    assert pieces(marks)[0].text == "一二三四五六七八。"
    numbers = cut(
        printed([article("a", "一二三四五六1234吨，二三四五六七八九十")]),
        Random(0),
        width=10,
        lines=(1, 1),
    )
    assert pieces(numbers)[0].text == "一二三四五六"


def test_a_cut_at_the_end_of_a_sentence_need_not_be_joined() -> None:
    made = [article("a", "一二三四五六七。一二三四五六七八九。")]
    page = cut(printed(made), Random(0), width=10, lines=(1, 1))
    assert pieces(page)[0].text == "一二三四五六七。"
    gold = gold_of(page, made, name="p")
    assert gold.joins == (GoldJoin(0, 1, required=False),)
    assert articles_of(gold)[0].paragraphs == made[0].paragraphs


def test_not_within_paragraphs_leaves_them_whole() -> None:
    page = cut(
        printed(pages()), Random(1), width=12, lines=(3, 6), within_paragraphs=False
    )
    assert len(page) > 4
    assert all(piece.begins and piece.ends for piece in pieces(page))


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_cut_and_moved_can_be_put_together_again(seed: int) -> None:
    made = pages()
    rng = Random(seed)
    page = shuffle(
        cut(part_headings(printed(made), rng), rng, width=14, lines=(3, 9)), rng
    )
    gold = gold_of(page, made, name="p", rng=rng)
    check(gold)
    whole = {each.id: each for each in articles_of(gold)}
    assert all(whole[each.id].paragraphs == each.paragraphs for each in made)


def test_moving_keeps_every_fragment_and_its_inside() -> None:
    page = cut(printed(pages()), Random(2), width=14, lines=(3, 9))
    for moved in (
        shuffle(page, Random(3)),
        shuffle(page, Random(3), reach=2),
        shuffle_within(page, Random(3)),
    ):
        assert Counter(moved) == Counter(page)
        assert moved != page
    within = shuffle_within(page, Random(3))
    assert [fragment[0].article for fragment in within] == [
        fragment[0].article for fragment in page
    ]


def test_a_short_reach_moves_nothing_far() -> None:
    page = cut(printed(pages()), Random(2), width=14, lines=(3, 9))
    moved = shuffle(page, Random(5), reach=1)
    assert all(abs(moved.index(fragment) - at) <= 2 for at, fragment in enumerate(page))


def test_repeated_articles_are_known_as_copies() -> None:
    made = pages()
    page = duplicate(printed(made), Random(0), articles=2, in_full=1.0)
    gold = gold_of(page, made, name="p")
    check(gold)
    assert len(page) == 6
    assert len(gold.copies) == 16  # two articles of eight paragraphs
    assert all(
        gold.block_text(first) == gold.block_text(second)
        for first, second in gold.copies
    )


def test_a_copy_may_differ_in_one_thing_a_paragraph() -> None:
    made = pages()
    page = duplicate(printed(made), Random(0), articles=1, in_full=1.0, differing=1.0)
    gold = gold_of(page, made, name="p")
    for first, second in gold.copies:
        a, b = gold.block_text(first), gold.block_text(second)
        assert a != b
        assert abs(len(a) - len(b)) <= 1
        start = next(i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y)
        assert a[start + 1 :] == b[start + 1 :] or a[start + 1 :] == b[start:]


def test_a_copy_that_is_cut_elsewhere_overlaps_and_may_go_on_with_the_original() -> (
    None
):
    made = [article("a", TEN * 3)]
    page = (*cut(printed(made), Random(0), width=10, lines=(2, 2)),)
    again = duplicate(printed(made), Random(0), in_full=1.0)[1:]
    gold = gold_of(
        (*page, *cut(again, Random(0), width=20, lines=(1, 1))), made, name="p"
    )
    # printed first as [0, 18) [18, 30), again as [0, 18) [18, 30) at a width of 20 with an indent of 2
    assert [gold.block_text(n) for n in range(4)] == [TEN + TEN[:8], "九十" + TEN] * 2
    assert gold.copies == {(0, 2), (1, 3)}
    required = [(join.first, join.second) for join in gold.joins if join.required]
    free = {(join.first, join.second) for join in gold.joins if not join.required}
    assert (required, free) == ([(0, 1)], {(0, 3), (2, 1), (2, 3)})


def test_what_is_dropped_at_the_end_leaves_a_cut() -> None:
    made = [article("a", TEN * 3), article("b", TEN)]
    page = cut(printed(made), Random(0), width=10, lines=(2, 2))
    gold = gold_of(drop(page, Random(0)), made, name="p")
    check(gold)
    assert (gold.cuts, gold.joins) == ((0,), ())


def test_what_is_dropped_between_leaves_a_join_that_need_not_be_made() -> None:
    made = [article("a", TEN * 6)]
    first, middle, *rest = cut(printed(made), Random(0), width=10, lines=(2, 2))
    assert rest
    gold = gold_of((first, *rest), made, name="p")
    assert middle not in (first, *rest)
    assert gold.joins[0] == GoldJoin(0, 1, lossy=True, required=False)
    assert gold.cuts == ()


def test_what_is_lost_at_a_cut_makes_the_join_lossy() -> None:
    made = [article("a", TEN * 4)]
    page = lose(
        cut(printed(made), Random(0), width=10, lines=(2, 2)), Random(0), characters=3
    )
    gold = gold_of(page, made, name="p")
    assert [join.lossy for join in gold.joins].count(True) == 1
    assert len(gold.text) < len(
        text_of(cut(printed(made), Random(0), width=10, lines=(2, 2)))
    )
    assert "〔…〕" in articles_of(gold)[0].paragraphs[0].text


def test_headings_are_set_apart() -> None:
    made = [article("a", "甲。", headline="题"), article("b", "乙。")]
    page = part_headings(printed(made), Random(0))
    texts = []
    for fragment in page:
        texts.append([piece.text for piece in fragment])
    assert texts == [["题"], ["甲。"], ["乙。"]]


def test_captions_stand_beside_the_text() -> None:
    picture = (Paragraph("caption", "图为甲。"), Paragraph("credit", "某某摄"))
    made = [
        Article(
            "a", article("a", "一。", "二。", "三。").paragraphs, pictures=(picture,)
        )
    ]
    for seed in range(10):
        page = strew(printed(made), Random(seed), pictures_of(made[0]), inside=1.0)
        gold = gold_of(page, made, name="p")
        check(gold)
        assert [gold.block_text(n) for n in gold.articles[0].order] == [
            "一。",
            "二。",
            "三。",
        ]
        assert {block.kinds for block in gold.blocks} == {
            ("body",),
            ("caption",),
            ("credit",),
        }


def test_a_pictures_words_are_an_article_in_order_without_their_credit() -> None:
    made = [
        Article(
            "a",
            (
                Paragraph("caption", "一。"),
                Paragraph("caption", "二。"),
                Paragraph("credit", "某摄"),
            ),
        )
    ]
    gold = gold_of(printed(made), made, name="p")
    check(gold)
    assert gold.articles[0].order == (0, 1)
    assert gold.blocks[0].kinds == ("caption", "body")
    assert articles_of(gold)[0].paragraphs == made[0].paragraphs


def test_nothing_is_changed_in_place_and_a_seed_gives_the_same() -> None:
    page = printed(pages())
    before = tuple(page)
    for befall in (cut, shuffle, shuffle_within, part_headings, duplicate, drop, lose):
        assert befall(page, Random(4)) == befall(page, Random(4))
    assert page == before


def test_english_words_are_not_parted() -> None:
    page = cut(printed(ENGLISH), Random(0), width=30, lines=(1, 2))
    gold = gold_of(page, ENGLISH, name="p", lang="en")
    check(gold)
    assert gold.joins
    words = {
        word for each in ENGLISH for p in each.paragraphs for word in p.text.split()
    }
    assert {
        word
        for block in range(len(gold.blocks))
        for word in gold.block_text(block).split()
    } <= words
