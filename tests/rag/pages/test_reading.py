"""A flattened page read as its articles: the seed page, and pages made here."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.pages.solving import chained, cover
from rag import sources
from rag.answering.citing import check, cite
from rag.pages import recover, repaired
from rag.pages.copies import fold
from rag.pages.stretch import Stretch
from rag.passages import split
from rag.records import Document, Source

SEED = Path(__file__).resolve().parents[3] / "seeds" / "000_7e8862ab35edc098.txt"
LEAD = "新华社北京8月3日电（记者 王明）记者3日从国家统计局获悉，今年上半年全国粮食产量稳定增长，夏粮再获丰收。"
MORE = "国家统计局有关负责人表示，夏粮产量连续多年保持在较高水平，为全年粮食生产打下了坚实的基础。"
OTHER = "本报上海8月3日电（记者 李华）上海港集装箱吞吐量上半年同比增长百分之六，港口作业繁忙有序。"
ANOTHER = (
    "上海海事局提醒，台风季节即将来临，过往船舶应当密切关注气象预报，及时采取防风措施。"
)


@pytest.fixture(scope="module")
def seed() -> Source:
    return sources.read_path(SEED)


@pytest.fixture(scope="module")
def articles(seed: Source) -> list[Document]:
    return recover(seed)


def read(*blocks: str) -> list[Document]:
    """What these blocks are read as, given that they are a page; most are too few to show it."""
    source = sources.read_bytes("\n\n".join(blocks).encode(), "page.txt")
    return repaired(source, source.parts[0])


def stands(source: Source, documents: list[Document]) -> Counter[int]:
    """How often each character of the source stands in the documents, copies included."""
    held = Counter(
        at + i for d in documents for a, b, at in d.map for i in range(b - a)
    )
    held.update(
        at
        for d in documents
        for _, copy in d.copies
        for a, b in copy.spans
        for at in range(a, b)
    )
    return held


def titled(documents: list[Document], words: str) -> Document:
    (found,) = (each for each in documents if words in each.title)
    return found


def test_no_character_of_the_page_is_lost_or_stands_twice(
    seed: Source, articles: list[Document]
) -> None:
    held = stands(seed, articles)
    assert {at for at, char in enumerate(seed.text) if not char.isspace()} <= set(held)
    assert set(held.values()) == {1}


def test_every_passage_of_the_page_can_be_cited(
    seed: Source, articles: list[Document]
) -> None:
    for document in articles:
        for passage in split(document):
            check(
                cite(1, document, passage, (passage.start, passage.end)), document, seed
            )


def test_a_sentence_that_a_column_cut_is_whole_and_has_two_places(
    articles: list[Document],
) -> None:
    document = titled(articles, "改革推动政务服务效能大提升")
    sentence = "第二天，她还接到了开户银行的电话，被询问是否需要变更企业账户信息。"
    start = document.text.index(sentence)
    passage = next(p for p in split(document) if p.start <= start < p.end)
    assert (
        len(cite(1, document, passage, (start, start + len(sentence))).source_spans)
        == 2
    )
    assert any(
        join.at == start + len("第二天，她还接") and not join.lossy
        for join in document.layout.joins
    )


def test_an_article_printed_three_times_is_one_document(
    articles: list[Document],
) -> None:
    document = titled(articles, "国家级知识产权保护中心达74家")
    assert (
        document.text.count("全国在建和已建成运行的国家级知识产权保护中心数量达74家")
        == 1
    )
    assert len(document.copies) == 4
    assert document.byline == "记者 宋晨"
    assert (document.place, document.layout.agency) == ("北京", "新华社")
    assert document.published == "2024-11-18"
    assert "2024年" in str(document.layout.published_from)


def test_the_lead_starts_clean_after_its_dateline() -> None:
    document = titled(read(LEAD, MORE, OTHER, ANOTHER), "夏粮")
    assert "\n\n记者3日从国家统计局获悉" in document.text
    assert document.dateline == "新华社北京8月3日电"
    assert document.published is None  # the page names no year


def test_a_sentence_goes_on_where_it_was_cut_and_not_next_to_it() -> None:
    whole = f"{MORE}下半年，各地将继续抓好秋粮田间管理，加强防汛抗旱，确保全年粮食产量稳定。"
    at = whole.index("旱，")
    documents = read(LEAD, whole[:at], OTHER, ANOTHER, whole[at:])
    document = next(each for each in documents if "夏粮再获丰收" in each.text)
    assert whole in document.text
    assert "集装箱" not in document.text


@pytest.mark.parametrize(
    "text",
    [
        "第一段说的是一件事，说得很清楚。\n\n第二段说的是另一件事，也很清楚。\n\n第三段。\n\n第四段也完整地说完了。",
        "The first paragraph ends\n\nin the middle, and the second ends\n\nwithout a stop\n\nlike this,",
        "甲,1\n\n乙,2\n\n丙,3\n\n丁,4\n\n戊,5",
    ],
)
def test_what_shows_no_sign_of_a_page_stays_one_document(text: str) -> None:
    (document,) = recover(sources.read_bytes(text.encode(), "a.txt"))
    assert document.text == text
    assert document.layout.joins == ()


def test_a_format_that_declares_structure_is_left_alone() -> None:
    page = "\n\n".join([LEAD, OTHER, MORE, LEAD])
    (document,) = recover(sources.read_bytes(page.encode(), "page.md"))
    assert document.text.startswith(LEAD + "\n\n" + OTHER)


def stretches(*texts: str) -> list[Stretch]:
    at = 0
    found = []
    for text in texts:
        found.append(Stretch.of_source(" " * at + text, [(at, at + len(text))]))
        at += len(text) + 2
    return found


def test_a_copy_that_differs_a_little_is_folded_and_the_fuller_one_stays() -> None:
    shorter = MORE[:-12].replace("较高", "很高")
    kept = fold(stretches(shorter, OTHER, MORE)).kept
    assert [each.text.text for each in kept] == [OTHER, MORE]
    (repeat,) = kept[1].repeats
    assert repeat.printed.text == shorter
    assert kept[1].begins == [2, 0]


def test_a_variant_says_what_the_copy_reads() -> None:
    documents = read(LEAD, MORE, OTHER, ANOTHER, MORE.replace("连续多年", "连续十年"))
    document = titled(documents, "夏粮")
    assert document.text.count("国家统计局有关负责人表示") == 1
    (variant,) = document.layout.variants
    assert (document.text[slice(*variant.span)], variant.text) == ("多", "十")


@pytest.mark.parametrize("lacking", ["夏粮产量", "连续多年"])
def test_a_variant_says_where_a_copy_lacks_words(lacking: str) -> None:
    texts = [LEAD, MORE, OTHER, ANOTHER, MORE.replace(lacking, "")]
    document = titled(read(*texts), "夏粮")
    (variant,) = document.layout.variants
    assert (document.text[slice(*variant.span)], variant.text) == (lacking, "")
    ((start, end),) = variant.source_spans
    before_copy = len("\n\n".join(texts)) - len(texts[-1])
    assert start == end == before_copy + MORE.index(lacking)


def test_what_is_not_there_has_its_place_between_the_lines_of_the_source() -> None:
    source = "one\ntwo"
    text = Stretch.of_source(source, [(0, 3), (4, 7)])
    assert (text.text, [text.place(at) for at in (0, 2, 3, 4, 7)]) == (
        "one two",
        [((0, 0),), ((2, 2),), ((3, 3),), ((3, 3),), ((7, 7),)],
    )
    assert Stretch.ours("〔…〕").place(1) == ()


def test_a_headline_in_the_words_of_its_article_is_no_copy() -> None:
    headline = "上海港集装箱吞吐量上半年同比增长"
    assert (
        len(fold(stretches(headline, OTHER, ANOTHER), torn=lambda _: False).kept) == 3
    )


def test_the_cover_takes_the_best_links_and_opens_cycles() -> None:
    odds = np.full((3, 3), -5, np.float32)
    odds[0, 1], odds[1, 2], odds[2, 0] = 4, 3, 1  # a cycle: its weakest link goes
    odds[0, 2] = 3.5  # good, but 0 -> 1 and 1 -> 2 are worth more together
    assert cover(odds, 0.0) == [(0, 1), (1, 2)]
    assert chained([[7], [8, 9], [3]], [(0, 1), (1, 2)]) == [[7, 8, 9, 3]]


PIECES = st.lists(
    st.sampled_from(
        [
            LEAD,
            MORE,
            OTHER,
            ANOTHER,
            LEAD[:40],
            LEAD[40:],
            MORE[:21],
            MORE[21:],
            "（完）",
            "王明摄",
            "标题在此",
        ]
    ),
    min_size=4,
    max_size=9,
)


@given(PIECES)
@settings(max_examples=40, deadline=None)
def test_any_page_keeps_all_its_characters(pieces: list[str]) -> None:
    source = sources.read_bytes("\n\n".join(pieces).encode(), "page.txt")
    documents = repaired(source, source.parts[0])
    held = stands(source, documents)
    assert {at for at, char in enumerate(source.text) if not char.isspace()} <= set(
        held
    )
    assert set(held.values()) == {1}
    for document in documents:
        ours = set(range(len(document.text))) - {
            i for a, b, _ in document.map for i in range(a, b)
        }
        assert (
            "".join(document.text[i] for i in sorted(ours))
            .replace("〔…〕", "")
            .isspace()
            or not ours
        )
        for passage in split(document):
            check(
                cite(1, document, passage, (passage.start, passage.end)),
                document,
                source,
            )
