"""Thumbs in the chat page, and words marked in the source, in a real Chromium against a real server."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import (  # noqa: F401  (fixtures)
    Open,
    address_fixture,
    ask,
    axe_violations,
    browser_fixture,
    watch_fixture,
)

pytestmark = pytest.mark.browser

HOW_MANY = "全国有多少家国家级知识产权保护中心？"
NOT_THERE = "北京市的供暖温度标准是多少度？"

SELECT = """([words]) => {
  for (const paragraph of document.querySelectorAll(".panel-text p")) {
    const at = paragraph.textContent.indexOf(words);
    if (at < 0) continue;
    const point = (offset) => {
      const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
      let left = offset;
      while (walker.nextNode()) {
        if (left <= walker.currentNode.length) return [walker.currentNode, left];
        left -= walker.currentNode.length;
      }
    };
    const range = document.createRange();
    range.setStart(...point(at));
    range.setEnd(...point(at + words.length));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return true;
  }
  return false;
}"""


def kept(page: Page) -> list[dict[str, Any]]:
    """What the server holds."""
    found: list[dict[str, Any]] = page.evaluate(
        "fetch('/v1/feedback').then((r) => r.json())"
    )["feedback"]
    return found


def thumb(page: Page, name: str) -> Any:
    return page.locator("answer-entry").last.get_by_role(
        "button", name=name, exact=True
    )


def test_a_thumb_up_is_kept_and_a_second_press_takes_it_back(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    ask(page, HOW_MANY)
    before = len(kept(page))
    thumb(page, "答对了").click()
    expect(page.locator(".feedback-said").first).to_have_text("记下了。")
    expect(thumb(page, "答对了")).to_have_attribute("aria-pressed", "true")
    assert (kept(page)[-1]["question"], kept(page)[-1]["verdict"]) == (HOW_MANY, "up")
    expect(page.locator(".feedback-form").first).to_be_hidden()
    thumb(page, "答对了").click()
    expect(thumb(page, "答对了")).to_have_attribute("aria-pressed", "false")
    assert len(kept(page)) == before
    assert watched.faults() == []


def test_a_thumb_down_asks_for_a_comment(watch: Open) -> None:
    watched = watch(locale="en-GB")
    page = watched.open()
    ask(page, HOW_MANY)
    thumb(page, "Right").click()
    thumb(page, "Wrong").click()
    expect(thumb(page, "Right")).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Anything else").fill("an <b>old</b> figure")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator(".feedback-form").first).to_be_hidden()
    expect(thumb(page, "Wrong")).to_be_focused()
    said = kept(page)[-1]
    assert (said["verdict"], said["comment"], said["span"]) == (
        "down",
        "an <b>old</b> figure",
        None,
    )
    assert watched.faults() == []


@pytest.mark.parametrize("size", [(1280, 860), (390, 844)], ids=["desktop", "phone"])
def test_words_marked_in_the_source_become_the_right_answer(
    watch: Open, size: tuple[int, int]
) -> None:
    watched = watch(viewport={"width": size[0], "height": size[1]})
    page = watched.open()
    ask(page, HOW_MANY)
    thumb(page, "答错了").click()
    page.get_by_role("button", name="去原文里找").first.click()
    page.wait_for_selector(".panel-text mark")
    bar = page.locator(".marking")
    expect(bar).to_be_hidden()
    assert page.evaluate(SELECT, ["其中浙江省7家"])
    expect(bar).to_contain_text("其中浙江省7家")
    bar.get_by_role("button", name="这就是答案").click()
    expect(bar).to_be_hidden()
    expect(page.locator(".feedback-quote").first).to_have_text("其中浙江省7家")
    said = kept(page)[-1]
    assert (said["verdict"], said["span"]["text"]) == ("down", "其中浙江省7家")
    page.keyboard.press("Escape")
    page.get_by_label("还想说什么").first.fill("问的是浙江")
    page.get_by_role("button", name="记下").first.click()
    expect(page.locator(".feedback-form").first).to_be_hidden()
    said = kept(page)[-1]
    assert (said["comment"], said["span"]["text"]) == ("问的是浙江", "其中浙江省7家")
    assert watched.faults() == []


def test_words_can_be_marked_across_paragraphs_and_where_characters_count_twice(
    watch: Open,
) -> None:
    watched = watch()
    page = watched.open()
    text = (
        "🧧青石图书馆📚值班表\n\n📰十一月由李静馆长值班。\n🏮十二月由何文山馆长值班。\n"
    )
    page.evaluate(
        """(text) => fetch("/v1/documents", { method: "POST", headers: { "Content-Type": "application/json" },
           body: JSON.stringify({ title: "值班", text }) })""",
        text,
    )
    ask(page, "青石图书馆十一月由谁值班？")
    page.locator(".marker").first.click()
    page.wait_for_selector(".panel-text p:has-text('何文山')")
    assert page.evaluate(SELECT, ["何文山"])
    page.get_by_role("button", name="这就是答案").click()
    expect(page.locator(".feedback-said").first).to_have_text("记下了。")
    said = kept(page)[-1]
    document = page.evaluate(
        f"fetch('/v1/documents/{said['span']['document_id']}').then((r) => r.json())"
    )
    assert (
        said["span"]["text"]
        == "何文山"
        == document["text"][said["span"]["start"] : said["span"]["end"]]
    )
    page.evaluate("""() => {
      const [first, last] = [...document.querySelectorAll(".panel-text p")].slice(-2);
      getSelection().setBaseAndExtent(first.firstChild, 0, last.lastChild, last.lastChild.length);
    }""")
    page.get_by_role("button", name="这就是答案").click()
    expect(page.locator(".marking")).to_be_hidden()
    assert (
        kept(page)[-1]["span"]["text"].replace("\n", "")
        == "📰十一月由李静馆长值班。🏮十二月由何文山馆长值班。"
    )
    assert watched.faults() == []


def test_nothing_is_offered_for_text_that_belongs_to_no_answer(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    page.click("#open-documents")
    page.locator(".document-list .note-title").first.click()
    page.wait_for_selector(".panel-text p")
    page.evaluate(
        "getSelection().selectAllChildren(document.querySelector('.panel-text p'))"
    )
    expect(page.locator(".marking")).to_be_hidden()
    assert watched.faults() == []


def test_an_answer_of_an_earlier_session_says_so(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    ask(page, HOW_MANY)
    page.evaluate("""() => {
      const [key, kept] = Object.entries(localStorage).find(([key]) => key.startsWith("chuchu.thread."));
      const thread = JSON.parse(kept);
      thread.turns[0].answer.id = "e".repeat(32);
      localStorage.setItem(key, JSON.stringify(thread));
    }""")
    page.reload()
    thumb(page, "答对了").click()
    expect(page.locator(".feedback-said").first).to_contain_text("再问一次")
    expect(thumb(page, "答对了")).to_have_attribute("aria-pressed", "false")
    assert watched.faults("404") == []  # the browser reports the refusal


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(watch: Open, scheme: str, width: int) -> None:
    watched = watch(
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
        reduced_motion="reduce",
    )
    page = watched.open()
    ask(page, NOT_THERE)
    thumb(page, "答错了").click()
    expect(page.locator(".feedback-form").first).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="去原文里找").first.click()
    page.wait_for_selector(".panel-text mark")
    page.evaluate(
        "getSelection().selectAllChildren(document.querySelector('.panel-text mark'))"
    )
    expect(page.locator(".marking")).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.faults() == []
