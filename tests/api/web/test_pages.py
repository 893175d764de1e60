"""A jumbled page in the chat page: an article with its seams, and its pieces lit where they stand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import (  # noqa: F401  (fixtures)
    Open,
    ask,
    axe_violations,
    browser_fixture,
    running_server,
    watch_fixture,
)
from tests.toy_pages import PIECES, STITCHED, TEXT, page_home, place

pytestmark = pytest.mark.browser

WHAT = "匠人段启明在第二个桥墩里找到了什么？"
UNTIL_WHEN = "图书馆每晚开放到几点？"


@pytest.fixture(scope="module", name="address")
def address_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_server(page_home(tmp_path_factory.mktemp("web") / "home")) as address:
        yield address


def open_first_citation(page: Page, question: str) -> None:
    page.wait_for_selector("#question")
    ask(page, question)
    page.locator("button.marker").first.click()
    page.wait_for_selector(".panel-text.article mark")


def open_page(page: Page, question: str) -> None:
    open_first_citation(page, question)
    page.click(".views button:nth-child(2)")
    page.wait_for_selector(".panel-text.original mark")


def test_a_stitched_sentence_shows_its_seam_and_its_two_places(watch: Open) -> None:
    watched = watch()
    watched.page.goto(watched.address)
    page = watched.page
    open_first_citation(page, WHAT)
    assert "".join(page.locator(".article mark").all_text_contents()) == STITCHED
    expect(page.locator("mark + .seam + mark")).to_have_count(1)
    expect(page.locator(".panel-text")).to_contain_text("专家花了三个月〔…〕")
    expect(page.locator(".panel-note")).to_contain_text("原件缺了字句")

    page.click(".views button:nth-child(2)")
    page.wait_for_selector(".panel-text.original mark")
    marks = page.locator(".original mark").all_text_contents()
    assert marks == [PIECES["bridge 2a"], PIECES["bridge 2b"]]
    pieces = page.locator("[data-piece]")
    assert pieces.evaluate_all("all => all.map((each) => each.dataset.piece)") == [
        "1",
        "3",
        "2",
    ]
    expect(page.locator(".to-piece.quoted")).to_have_text(["1", "2"])
    expect(pieces.nth(1)).to_contain_text("把握 62%")
    captions = page.locator(".region.caption .region-text")
    expect(captions).to_have_text([PIECES["caption"], PIECES["credit"]])
    assert watched.faults() == []


def test_one_goes_from_piece_to_piece_with_the_keyboard(watch: Open) -> None:
    watched = watch()
    watched.page.goto(watched.address)
    page = watched.page
    open_page(page, WHAT)
    first, third, second = (page.locator("[data-piece]").nth(n) for n in range(3))
    first.get_by_role("button", name="接第 2 片").focus()
    page.keyboard.press("Enter")
    expect(second).to_be_focused()
    page.keyboard.press("Tab")
    expect(second.get_by_role("button", name="接着第 1 片")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(third).to_be_focused()  # the next to read stands higher on the page
    expect(third).to_have_attribute("aria-label", "第 3 片，共 3 片")
    page.click(".views button:first-child")
    page.locator(".seam").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator('[data-piece="2"]')).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    assert watched.faults() == []


def test_copies_cuts_and_other_articles_are_told(watch: Open) -> None:
    watched = watch()
    watched.page.goto(watched.address)
    page = watched.page
    open_first_citation(page, UNTIL_WHEN)
    expect(page.locator(".notes .meant")).to_have_text("“昨日”即 2024年11月19日")
    expect(page.locator(".article p .broken")).to_have_attribute(
        "aria-label", "（下文不在这一页上）"
    )
    expect(page.locator(".kicker")).to_have_text("文化")
    page.locator(".inferred summary").click()
    expect(page.locator(".inferred")).to_contain_text("11月20日 in the dateline")
    page.locator(".copies summary").click()
    page.locator(".copies li button").first.click()
    again = page.locator(".region.copy").nth(1)
    expect(again).to_be_focused()
    expect(again).to_contain_text(
        "文章的“20日电（记者 苗青）青石镇图”，此处没有“（记者 苗青）”"
    )
    expect(again).to_contain_text(
        "文章的“晚开放到二十二点。📚新”，此处“二十二”作“二十一”"
    )
    expect(page.locator(".region.piece")).to_contain_text("到此断了")
    again.get_by_role("button", name="看文章所取的那一处").click()
    expect(page.locator(".region.piece")).to_be_focused()
    page.locator(".region.other").get_by_role(
        "button", name=PIECES["bridge headline"]
    ).first.click()
    expect(page.locator("#panel-title")).to_have_text(PIECES["bridge headline"])
    expect(page.locator(".original [data-piece]")).to_have_count(3)
    assert watched.faults() == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_article_and_page_are_accessible_and_fit(
    watch: Open, scheme: str, width: int
) -> None:
    watched = watch(
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
        reduced_motion="reduce",
    )
    watched.page.goto(watched.address)
    page = watched.page
    for question in (WHAT, UNTIL_WHEN):
        open_first_citation(page, question)
        assert axe_violations(page) == [], "article"
        page.click(".views button:nth-child(2)")
        page.wait_for_selector(".panel-text.original mark")
        assert axe_violations(page) == [], "page"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".panel-text").evaluate(
            "(it) => it.scrollWidth <= it.clientWidth"
        )
        page.keyboard.press("Escape")
    assert watched.faults() == []


REGIONS = """async (cases) => {
  const { regionsOf } = await import("/web/regions.js");
  return cases.map(([article, source]) => regionsOf(article, source));
}"""


def test_every_character_is_in_one_region_and_pieces_are_the_map(watch: Open) -> None:
    chance = random.Random(3)
    cases: list[Any] = []
    for _ in range(100):
        ends = sorted(chance.sample(range(len(TEXT) + 1), 2 * chance.randint(1, 6)))
        spans = list(zip(ends[::2], ends[1::2], strict=True))
        chance.shuffle(spans)
        mine, others = spans[: len(spans) // 2 + 1], spans[len(spans) // 2 + 1 :]
        tiles, at = [], 0
        for start, end in mine:
            tiles.append([at, at + end - start, start])
            at += end - start
        joins = [
            {"at": low, "confidence": 0.9, "lossy": False}
            for low, _, _ in tiles[1:]
            if chance.random() < 0.5
        ]
        layout = {
            "blocks": [],
            "joins": joins,
            "cuts": [],
            "variants": [],
            "captions": [],
        }
        article = {"id": 1, "text": "", "map": tiles, "copies": [], "layout": layout}
        cases.append(
            [
                article,
                {
                    "text": TEXT,
                    "sha256": "0",
                    "documents": [{"id": 2, "title": "", "spans": others}],
                },
            ]
        )
    watched = watch()
    watched.page.goto(watched.address)
    for (article, _), regions in zip(
        cases, watched.page.evaluate(REGIONS, cases), strict=True
    ):
        found = [(region["start"], region["end"]) for region in regions]
        assert all(one[1] <= other[0] for one, other in pairwise(found))
        assert "".join("".join(TEXT[s:e].split()) for s, e in found) == "".join(
            TEXT.split()
        )
        pieces = sorted(
            (each for each in regions if each["kind"] == "piece"),
            key=lambda each: each["order"],
        )
        mapped = "".join(TEXT[at : at + high - low] for low, high, at in article["map"])
        assert "".join(
            "".join(TEXT[each["start"] : each["end"]].split()) for each in pieces
        ) == "".join(mapped.split())
        joined = [
            each["after"]["join"]
            for each in pieces
            if each["after"] and each["after"]["join"]
        ]
        assert joined == article["layout"]["joins"]


def test_the_pieces_of_the_toy_page_are_where_they_were_put(
    watch: Open, address: str
) -> None:
    watched = watch()
    watched.page.goto(watched.address)
    script = """async () => {
      const { regionsOf } = await import("/web/regions.js");
      const article = await (await fetch("/v1/documents/1")).json();
      const source = await (await fetch(`/v1/sources/${article.source.sha256}`)).json();
      const pieces = regionsOf(article, source).filter(({ kind }) => kind === "piece");
      return pieces.map(({ order, start, end }) => [order, start, end]);
    }"""
    assert watched.page.evaluate(script) == [
        [1, place("bridge headline")[0], place("bridge 2a")[1]],
        [3, *place("bridge 3b")],
        [2, place("bridge 2b")[0], place("bridge 3a")[1]],
    ]
