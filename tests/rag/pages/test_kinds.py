"""What the blocks of an article are, where they stand in its document, and what is marked as cut."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.pages.lines import look
from models.pages.solving import Link, Thread
from rag import sources
from rag.pages.assembly import Page, assemble
from rag.pages.copies import Kept
from rag.pages.edition import Calendar
from rag.pages.kinds import kinds_of
from rag.pages.stretch import Stretch
from rag.records import Document

LEAD = "今年全省夏粮再获丰收，单产和总产均比上年有所增加。"
MORE = "农业农村厅有关负责人表示，下半年各地将继续抓好秋粮的田间管理。"
TORN = "农业农村厅有关负责人表示，下半年各地将继续抓好秋粮的"
REST = "田间管理，加强防汛抗旱和病虫害防治。"
WITHIN: Mapping[str, tuple[float, float]] = {TORN: (0.0, 0.99), REST: (0.9, 0.0)}
"""How likely these begin, end within a sentence; all others surely do not."""


def kept(*texts: str) -> list[Kept]:
    at, found = 0, []
    for number, text in enumerate(texts):
        stretch = Stretch(text, np.arange(at, at + len(text)))
        found.append(Kept(number, stretch, look(text), begins=[number], ends=[number]))
        at += len(text) + 2
    return found


def within(*texts: str, **torn: tuple[float, float]) -> NDArray[np.float32]:
    return np.array(
        [WITHIN.get(text, torn.get(text, (0.0, 0.0))) for text in texts], np.float32
    )


def thread(
    order: tuple[int, ...],
    joins: Mapping[int, float] | None = None,
    gathered: tuple[int, ...] = (),
) -> Thread:
    """Blocks in this order; ``joins`` by their first block, ``gathered`` links by their second."""
    links = [
        Link(a, b, 0.95, (joins or {}).get(a, 0.0), gathered=b in gathered)
        for a, b in pairwise(order)
    ]
    return Thread(order, tuple(links))


def kinds(
    texts: tuple[str, ...], found: Thread, **torn: tuple[float, float]
) -> list[str]:
    of = kinds_of(found, kept(*texts), within(*texts, **torn))
    return [of[i] for i in range(len(texts))]


def document(texts: tuple[str, ...], found: Thread, in_order: bool = False) -> Document:
    source = sources.read_bytes("\n\n".join(texts).encode(), "page.txt")
    calendar = Calendar(lambda: source.text, date(2024, 11, 19))
    return assemble(
        Page(source, kept(*texts), within(*texts), calendar, in_order=in_order), found
    )


def test_lines_over_the_text_are_kicker_and_headline_and_those_in_it_subheads() -> None:
    texts = (
        "全省农业观察",
        "夏粮再获丰收",
        "本报记者 王明",
        LEAD,
        "秋粮管理不松懈",
        MORE,
    )
    expected = ["kicker", "headline", "byline", "body", "subhead", "body"]
    assert kinds(texts, thread((0, 1, 2, 3, 4, 5))) == expected


def test_a_short_end_of_a_column_is_text() -> None:
    short = "中国人保将密切关注本次"
    texts = ("夏粮再获丰收", LEAD, short)
    assert kinds(texts, thread((0, 1, 2)))[2] == "subhead"
    assert kinds(texts, thread((0, 1, 2)), **{short: (0.0, 0.9)})[2] == "body"
    assert kinds((*texts, REST), thread((0, 1, 2, 3), joins={2: 0.7}))[2] == "body"


def test_a_line_over_a_byline_is_a_headline_wherever_it_stands() -> None:
    texts = (LEAD, "夏粮再获丰收", "本报记者 王明", MORE)
    assert kinds(texts, thread((0, 1, 2, 3))) == ["body", "headline", "byline", "body"]


def test_of_several_lines_that_nothing_leads_to_none_is_taken_for_the_headline() -> (
    None
):
    texts = (LEAD, "夏粮再获丰收", MORE, "秋粮管理不松懈", MORE)
    assert "headline" not in kinds(texts, thread((0, 1, 2, 3, 4), gathered=(1, 3)))
    assert kinds(texts, thread((0, 1, 2, 3, 4), gathered=(1,)))[1] == "headline"


def test_what_a_heading_leads_comes_first_where_the_page_is_out_of_order() -> None:
    texts = (MORE, LEAD, "夏粮再获丰收", "（完）")
    found = document(texts, thread((0, 2, 1, 3), gathered=(2,)))
    assert found.title == "夏粮再获丰收"
    assert found.text == "\n\n".join(["夏粮再获丰收", LEAD, MORE, "（完）"])


def test_an_end_within_a_sentence_that_nothing_goes_on_with_is_marked() -> None:
    found = document(("夏粮再获丰收", LEAD, TORN), thread((0, 1, 2)))
    assert found.layout.cuts == (len(found.text),)
    assert found.text.endswith(TORN)


def test_no_end_is_marked_that_may_go_on_in_the_article() -> None:
    joined = document(("夏粮再获丰收", TORN, REST), thread((0, 1, 2), joins={1: 0.95}))
    assert (joined.layout.cuts, len(joined.layout.joins)) == ((), 1)
    loose = document(("夏粮再获丰收", REST, TORN), thread((0, 1, 2)))
    assert loose.layout.cuts == ()
    followed = document(("夏粮再获丰收", TORN, LEAD), thread((0, 1, 2)))
    assert followed.layout.cuts == ()


def test_words_lost_between_two_ends_are_shown_as_a_gap() -> None:
    found = document(("夏粮再获丰收", TORN, REST), thread((0, 1, 2), joins={1: 0.1}))
    assert f"{TORN}〔…〕{REST}" in found.text
    (join,) = found.layout.joins
    assert join.lossy
    assert found.text[join.at :] == REST
    apart = document(
        ("夏粮再获丰收", TORN, REST), thread((0, 1, 2), joins={1: 0.1}, gathered=(2,))
    )
    assert "〔…〕" not in apart.text


def test_captions_come_last_but_where_the_page_is_in_order() -> None:
    texts = ("夏粮再获丰收", LEAD, "图为农民在收割小麦。", MORE)
    moved = document(texts, thread((0, 1, 2, 3)))
    assert moved.text.endswith(texts[2])
    kept_there = document(texts, thread((0, 1, 2, 3)), in_order=True)
    assert kept_there.text == "\n\n".join(texts)
    assert [caption.text for caption in kept_there.layout.captions] == [texts[2]]
