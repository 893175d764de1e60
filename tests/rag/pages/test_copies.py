"""Copies on a page: what is printed again is folded, whatever the printings were cut into."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from rag.pages.contigs import Contigs
from rag.pages.copies import Folded, fold
from rag.pages.overlaps import overlaps
from rag.pages.scaffolds import scaffold
from rag.pages.stretch import Stretch

HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 400)]
LEAD = "新华社北京8月3日电（记者 王明）记者3日从国家统计局获悉，今年上半年全国粮食产量稳定增长，夏粮再获丰收。"
MORE = "国家统计局有关负责人表示，夏粮产量连续多年保持在较高水平，为全年粮食生产打下了坚实的基础。"
OTHER = "本报上海8月3日电（记者 李华）上海港集装箱吞吐量上半年同比增长百分之六，港口作业繁忙有序。"
ANOTHER = (
    "上海海事局提醒，台风季节即将来临，过往船舶应当密切关注气象预报，及时采取防风措施。"
)
NOTICE = "如遇作品内容、版权等问题，请在相关文章刊发之日起三十日内与本网联系。"


def page(*texts: str) -> list[Stretch]:
    """Blocks that stand one after the other in a source."""
    starts = np.cumsum([0, *(len(text) + 2 for text in texts)])
    return [
        Stretch(text, np.arange(start, start + len(text)))
        for text, start in zip(texts, starts.tolist(), strict=False)
    ]


def kept_texts(folded: Folded) -> list[str]:
    return [each.text.text for each in folded.kept]


def chained(folded: Folded) -> list[str]:
    """What is left, put together where seams say so."""
    after = dict(folded.seams)
    assert len(after) == len(set(after.values())) == len(folded.seams)
    whole = []
    for at in sorted(set(range(len(folded.kept))) - set(after.values())):
        text = ""
        here: int | None = at
        while here is not None:
            text += folded.kept[here].text.text
            here = after.get(here)
        whole.append(text)
    return whole


def assert_each_character_once(blocks: list[Stretch], folded: Folded) -> None:
    held = Counter(int(at) for each in folded.kept for at in each.text.at)
    held.update(
        int(at)
        for each in folded.kept
        for again in each.repeats
        for at in again.printed.at
    )
    assert held == Counter(int(at) for block in blocks for at in block.at)


def paragraph(rng: Random, length: int) -> str:
    return "".join(rng.choices(HAN, k=length - 1)) + "。"


def cut(text: str, at: list[int]) -> list[str]:
    return [text[start:end] for start, end in pairwise([0, *at, len(text)])]


@pytest.mark.parametrize("seed", range(60))
def test_what_was_cut_at_different_places_is_given_back_exactly(seed: int) -> None:
    rng = Random(seed)
    paragraphs = [
        paragraph(rng, rng.randint(30, 150)) for _ in range(rng.randint(1, 8))
    ]
    pieces: list[str] = []
    for text in paragraphs:
        places = rng.sample(
            range(10, len(text) - 9, 4), rng.randint(0, min(6, (len(text) - 19) // 4))
        )
        printings = rng.randint(2, 3)
        for printing in range(printings):
            pieces += cut(text, sorted(places[printing::printings]))
    rng.shuffle(pieces)
    blocks = page(*pieces)
    folded = fold(blocks)
    assert sorted(chained(folded)) == sorted(paragraphs)
    assert_each_character_once(blocks, folded)
    for each in folded.kept:
        for again in each.repeats:
            assert each.text.text[slice(*again.span)] == again.printed.text


@pytest.mark.parametrize("seed", range(60))
def test_no_cut_however_short_its_pieces_makes_a_wrong_seam(seed: int) -> None:
    rng = Random(seed)
    paragraphs = [paragraph(rng, rng.randint(4, 90)) for _ in range(8)]
    pieces = [
        piece
        for text in paragraphs
        for _ in range(rng.randint(1, 3))
        for piece in cut(
            text,
            sorted(
                rng.sample(range(1, len(text)), rng.randint(0, min(3, len(text) - 1)))
            ),
        )
    ]
    rng.shuffle(pieces)
    blocks = page(*pieces)
    folded = fold(blocks)
    assert_each_character_once(blocks, folded)
    for text in chained(folded):
        assert any(text in whole for whole in paragraphs)


@pytest.mark.parametrize("seed", range(40))
def test_a_page_without_copies_is_left_alone(seed: int) -> None:
    rng = Random(seed)
    names = [paragraph(rng, rng.randint(4, 12))[:-1] for _ in range(3)]
    texts = []
    for _ in range(12):
        text = paragraph(rng, rng.randint(20, 90))
        at = rng.randrange(len(text))
        texts.append(text[:at] + rng.choice(names) + text[at:])
    texts[3] += NOTICE
    texts[8] += NOTICE
    folded = fold(page(*texts))
    assert kept_texts(folded) == texts
    assert folded.seams == ()


def test_the_other_printing_proves_a_join() -> None:
    text = LEAD + MORE
    folded = fold(
        page(OTHER, text[40:], ANOTHER, text[:40], text[20:60], text[:20], text[60:])
    )
    assert text in chained(folded)


def test_a_rest_of_three_characters_is_a_copy_where_the_printing_lacks_just_that() -> (
    None
):
    folded = fold(page(MORE, OTHER, "基础。", ANOTHER, MORE[:-3]))
    assert kept_texts(folded) == [MORE, OTHER, ANOTHER]
    assert [again.span for again in folded.kept[0].repeats] == [
        (len(MORE) - 3, len(MORE)),
        (0, len(MORE) - 3),
    ]


def test_the_same_three_characters_are_no_copy_where_nothing_lacks_them() -> None:
    assert len(fold(page(MORE, OTHER, "基础。", ANOTHER)).kept) == 4


def test_two_printings_cut_two_characters_apart_go_on_with_each_other() -> None:
    text = LEAD + MORE
    folded = fold(page(text[48:], OTHER, text[:50], ANOTHER, text[50:], text[:48]))
    assert text in chained(folded)


def test_a_misprint_beside_a_cut_is_no_hindrance() -> None:
    misprinted = MORE.replace("较高", "很高").replace("坚实", "坚定")
    at = MORE.index("较高") + 3
    folded = fold(page(MORE, OTHER, misprinted[at:], ANOTHER, misprinted[:at]))
    assert kept_texts(folded) == [MORE, OTHER, ANOTHER]
    assert sorted(again.span for again in folded.kept[0].repeats) == [
        (0, at),
        (at, len(MORE)),
    ]


def test_a_space_that_a_cut_swallowed_is_no_gap() -> None:
    text = "谷歌旗下的多款设备侵犯了 Touchstream Technologies 持有的投屏专利，陪审团判其赔偿三亿余美元。"
    at = text.index(" Technologies")
    other = text.index("持有的") + 3
    pieces = [text[:at], text[at + 1 :], text[:other], text[other:]]
    folded = fold(page(*pieces))
    assert chained(folded) in ([text], [text[:at] + text[at + 1 :]])


def test_a_line_of_an_article_is_a_copy_where_what_stands_beside_it_is() -> None:
    folded = fold(page(LEAD, "（完）", OTHER, "（完）", ANOTHER, LEAD, "（完）"))
    assert kept_texts(folded) == [LEAD, "（完）", OTHER, "（完）", ANOTHER]
    assert [again.printed.at[0] for again in folded.kept[1].repeats] == [
        page(LEAD, "（完）", OTHER, "（完）", ANOTHER, LEAD, "（完）")[-1].at[0]
    ]


def test_a_byline_is_one_on_a_page_that_prints_an_article_again() -> None:
    byline = "新华社记者 王明"
    assert kept_texts(fold(page(byline, LEAD, OTHER, byline, ANOTHER, LEAD))) == [
        byline,
        LEAD,
        OTHER,
        ANOTHER,
    ]
    assert len(fold(page(byline, LEAD, OTHER, byline, ANOTHER)).kept) == 5


def test_a_sentence_that_every_article_ends_with_is_no_copy() -> None:
    texts = [LEAD, NOTICE, OTHER, NOTICE, ANOTHER]
    assert kept_texts(fold(page(*texts), common=lambda text: text == NOTICE)) == texts


def test_a_quoted_sentence_within_another_paragraph_is_no_copy() -> None:
    quoting = f"会议指出，{MORE}与会者对此深表赞同，并提出了建议。"
    assert len(fold(page(MORE, OTHER, quoting), torn=lambda _: False).kept) == 3


def test_the_report_of_another_day_is_no_misprint() -> None:
    first = (
        "7月3日，人民币对美元汇率中间价报7.2157元，较前一日上调101个基点，交投活跃。"
    )
    second = (
        "7月4日，人民币对美元汇率中间价报7.2046元，较前一日上调111个基点，交投活跃。"
    )
    assert len(fold(page(first, OTHER, second)).kept) == 2 + 1


def test_a_copy_begins_and_ends_a_block_in_both_places() -> None:
    folded = fold(page(MORE[:20], OTHER, MORE, ANOTHER, MORE[20:]))
    (whole,) = (each for each in folded.kept if each.number == 2)
    assert whole.begins == [2, 0]
    assert whole.ends == [2, 4]


def test_an_overlap_reaches_an_end_of_one_of_the_two() -> None:
    shared = "为全年粮食生产打下了坚实的基础"
    assert overlaps([f"甲乙丙丁{shared}戊己庚辛", f"子丑寅卯{shared}辰巳午未"]) == []
    (found,) = overlaps([f"甲乙丙丁{shared}", f"{shared}辰巳午未"])
    assert found.exact
    assert (found.shared, found.shift, found.left, found.right) == (
        len(shared),
        4,
        (4, 0),
        (0, 4),
    )
    assert found.flipped().shift == -4


def test_an_overlap_survives_a_misprint_right_at_its_end() -> None:
    (found,) = overlaps([MORE, MORE[:-2] + "建。"])
    assert found.left == found.right == (0, 0)
    assert found.shared == len(MORE) - 1


def test_the_last_words_may_read_otherwise() -> None:
    other = MORE[:-3] + "底子。"
    folded = fold(page(MORE, OTHER, other))
    assert len(folded.kept) == 2
    ((span, printed),) = (
        (each.span, each.printed.text) for kept in folded.kept for each in kept.repeats
    )
    assert (span, printed) == ((0, len(MORE)), other)


def test_characters_that_two_blocks_share_have_one_coordinate() -> None:
    missing = MORE.replace("连续", "", 1)
    contigs = Contigs([MORE, missing])
    (found,) = overlaps([MORE, missing])
    assert contigs.lay(found)
    assert contigs.line == [0, 0]
    assert contigs.end(1) == len(MORE)
    assert all(
        MORE[at] == char
        for at, char in zip(contigs.at[1].tolist(), missing, strict=True)
    )


def test_lines_that_read_otherwise_are_not_laid_over_each_other() -> None:
    rng = Random(3)
    first, second, third, shared = (paragraph(rng, 40) for _ in range(4))
    contigs = Contigs([first + shared, shared + second, shared + third])
    found = {(each.first, each.second): each for each in overlaps(contigs.texts)}
    assert contigs.lay(found[0, 1])
    assert not contigs.lay(found[0, 2])
    assert contigs.line[2] == 2


def test_a_scaffold_wants_the_words_at_the_border_to_agree() -> None:
    for rest, lines in (("基础。", 1), ("基石。", 2)):
        contigs = Contigs([MORE, MORE[:-3], rest])
        (found,) = overlaps(contigs.texts[:2])
        assert contigs.lay(found)
        assert scaffold(contigs) == (lines == 1)
        assert len(contigs.members) == lines
