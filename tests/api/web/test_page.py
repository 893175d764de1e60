"""The chat page in a real Chromium against a real server: what a person does, end to end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser import (  # noqa: F401  (fixtures)
    Open,
    address_fixture,
    ask,
    axe_violations,
    browser_fixture,
    kept_answer,
    kept_turns,
    newest,
    stream,
    watch_fixture,
)

pytestmark = pytest.mark.browser

HOW_MANY = "全国有多少家国家级知识产权保护中心？"
NOT_THERE = "北京市的供暖温度标准是多少度？"
ROTA = "📰🧧 青石图书馆值班表\n\n📚青石图书馆十一月由李静馆长值班，每晚开放到二十一点三十分。\n"
WHO = "青石图书馆十一月由谁值班？"


def marked(page: Page) -> str:
    page.wait_for_selector(".panel-text mark")
    return "".join(page.locator(".panel-text mark").all_text_contents())


def in_viewport(page: Page, selector: str) -> bool:
    inside = """(element) => {
      const box = element.getBoundingClientRect();
      const frame = element.closest(".panel-text").getBoundingClientRect();
      const bottom = Math.min(frame.bottom, innerHeight);
      return box.height > 0 && box.top >= frame.top && box.bottom <= bottom;
    }"""
    return bool(page.locator(selector).first.evaluate(inside))


@pytest.mark.parametrize("size", [(1280, 860), (390, 844)], ids=["desktop", "phone"])
def test_a_citation_opens_the_article_at_its_very_words(
    watch: Open, size: tuple[int, int]
) -> None:
    watched = watch(viewport={"width": size[0], "height": size[1]})
    page = watched.open()
    ask(page, HOW_MANY)
    expect(page.locator(".short")).to_have_text("74家")

    marker = page.locator("button.marker").first
    marker.click()
    quote = kept_answer(page)["citations"][0]["quote"]
    assert "74家" in quote
    assert marked(page) == quote
    assert in_viewport(page, ".panel-text mark")
    expect(page.locator("#panel-title")).to_be_focused()

    page.click(".views button:nth-child(2)")
    page.wait_for_selector(".panel-text.original mark")
    assert "".join(marked(page).split()) == "".join(quote.split())
    assert in_viewport(page, ".panel-text mark")

    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(marker).to_be_focused()
    assert watched.faults() == []


def test_a_refusal_shows_the_nearest_passages_as_not_answering(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    ask(page, NOT_THERE)
    expect(page.locator(".refusal")).to_be_visible()
    assert page.locator(".marker, .short").count() == 0
    expect(page.locator(".refused")).to_contain_text("文献里没有")
    expect(page.locator(".nearest summary")).to_contain_text("没有回答这个问题")
    expect(page.locator(".nearest .note-title").first).to_be_hidden()
    page.locator(".nearest summary").click()
    assert page.locator(".passages li").count() > 0
    page.locator(".nearest .note-title").first.click()
    assert marked(page)
    assert page.locator("mark.lit-near").count() > 0
    assert page.locator("mark.lit-quote").count() == 0
    assert watched.faults() == []


def test_an_uploaded_document_answers_until_it_is_deleted(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    rota: FilePayload = {
        "name": "值班.txt",
        "mimeType": "text/plain",
        "buffer": ROTA.encode(),
    }
    scan: FilePayload = {
        "name": "扫描.mobi",
        "mimeType": "application/octet-stream",
        "buffer": b"\x00\x01",
    }
    page.click("#open-documents")
    page.locator("documents-drawer input[type=file]").first.set_input_files(
        [rota, scan]
    )
    expect(page.locator(".uploads .done")).to_have_count(1)
    expect(page.locator(".uploads .failed .upload-state")).not_to_be_empty()
    row = page.locator(".document-list li", has_text="值班")
    expect(row).to_have_count(1)
    page.keyboard.press("Escape")

    ask(page, WHO)
    expect(newest(page).locator(".answer")).to_contain_text("李静")
    newest(page).locator("button.marker").first.click()
    quote = kept_answer(page)["citations"][0]["quote"]
    assert marked(page) == quote  # after characters that JavaScript counts twice
    assert "李静" in quote

    page.click("#open-documents")
    row.get_by_role("button", name="删除").click()
    expect(row.get_by_role("button", name="不删")).to_be_focused()
    page.keyboard.press("Escape")  # takes the question back and leaves the drawer open
    row.get_by_role("button", name="删除").click()
    row.get_by_role("button", name="删除").click()
    expect(row).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(newest(page)).to_contain_text("已经删去")
    expect(page.locator("body")).not_to_contain_text("李静")
    assert "李静" not in page.evaluate("JSON.stringify(localStorage)")

    newest(page).get_by_role("button", name="再问一次").click()
    expect(newest(page).locator(".refusal")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("李静")
    expect(page.locator("answer-entry")).to_have_count(1)
    assert watched.faults("415") == []  # the browser reports the refused .mobi


def test_a_file_dropped_anywhere_is_added(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    carry = """([kind, name, text]) => {
      const files = new DataTransfer();
      files.items.add(new File([text], name, { type: "text/plain" }));
      const event = new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true });
      document.querySelector("h1").dispatchEvent(event);
      return event.defaultPrevented;
    }"""
    file = ["落叶.txt", "落叶档案馆收有四千零九十六卷地方志。"]
    page.evaluate(carry, ["dragenter", *file])
    expect(page.locator("#drop")).to_be_visible()
    assert page.evaluate(carry, ["dragover", *file])
    assert page.evaluate(carry, ["drop", *file])
    expect(page.locator("#drop")).to_be_hidden()
    row = page.locator(".document-list li", has_text="落叶")
    expect(row).to_have_count(1)
    page.locator(".uploads").get_by_role("button", name="打开").click()
    expect(page.locator(".panel-text")).to_contain_text("四千零九十六卷")
    page.click("#open-documents")
    row.get_by_role("button", name="删除").click()
    row.get_by_role("button", name="删除").click()
    expect(row).to_have_count(0)
    expect(page.locator(".panel")).to_be_hidden()
    assert watched.faults() == []


def test_a_question_can_be_kept_to_chosen_documents(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    page.click("#open-documents")
    page.locator(".document-list input").first.check()
    page.keyboard.press("Escape")
    with page.expect_request("**/v1/ask") as sent:
        ask(page, HOW_MANY)
    assert len(json.loads(sent.value.post_data or "")["documents"]) == 1
    page.click(".chosen .chip")
    with page.expect_request("**/v1/ask") as sent:
        ask(page, HOW_MANY)
    assert "documents" not in json.loads(sent.value.post_data or "")
    assert watched.faults() == []


def test_works_without_storage(watch: Open) -> None:
    watched = watch()
    watched.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked'); } });"
    )
    page = watched.open()
    ask(page, HOW_MANY)
    expect(page.locator(".short")).to_have_text("74家")
    page.click("#switch-theme")
    page.click("#switch-language")
    assert watched.faults() == []


def test_an_answer_is_copied_with_its_sources(watch: Open) -> None:
    watched = watch(permissions=["clipboard-read", "clipboard-write"])
    page = watched.open()
    ask(page, HOW_MANY)
    page.get_by_role("button", name="复制答案与出处").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    answer = kept_answer(page)
    assert answer["question"] in copied
    assert f"{answer['claims'][0]['text']}[1]" in copied
    assert f"“{answer['citations'][0]['quote']}”" in copied
    assert watched.faults() == []


def test_language_follows_the_browser_and_a_switch_is_kept(watch: Open) -> None:
    watched = watch(locale="en-GB")
    page = watched.open()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("opening-page h1")).to_have_text(
        "Every sentence shows its source."
    )
    page.click("#switch-language")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("opening-page h1")).to_have_text("每一句，都有出处。")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert watched.faults() == []


def test_theme_follows_the_system_and_a_switch_is_kept(watch: Open) -> None:
    watched = watch(color_scheme="dark")
    page = watched.open()
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = page.evaluate(ground)
    page.click("#switch-theme")
    light = page.evaluate(ground)
    page.reload()
    assert dark != light == page.evaluate(ground)
    assert watched.faults() == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_accessible_and_fits(
    watch: Open, scheme: str, width: int
) -> None:
    watched = watch(
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
        reduced_motion="reduce",
    )
    page = watched.open()

    def check(state: str) -> None:
        assert axe_violations(page) == [], state
        assert page.evaluate("document.documentElement.scrollWidth") <= width, state

    check("opening")
    ask(page, HOW_MANY)
    check("answer")
    page.locator("button.marker").first.click()
    marked(page)
    check("article")
    page.click(".views button:nth-child(2)")
    page.wait_for_selector(".panel-text.original mark")
    check("original")
    page.keyboard.press("Escape")
    ask(page, NOT_THERE)
    page.locator(".nearest summary").last.click()
    check("refusal")
    page.route("**/v1/ask", lambda route: stream(route, disagreeing(page)))
    ask(page, "到底有多少家？")
    expect(page.locator(".reading")).to_have_count(2)
    check("disagreement")
    page.click("#open-documents")
    page.locator(".row-actions button").first.click()
    check("documents")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("#open-threads, .thread-more").locator("visible=true").first.click()
    check("conversations")
    assert watched.faults() == []


def disagreeing(page: Page) -> dict[str, Any]:
    """A reply that the seeds cannot give: two readings, made from one that they did."""
    kept = (turn["answer"] for turn in kept_turns(page))
    answer: dict[str, Any] = next(each for each in kept if each and each["citations"])
    first = answer["citations"][0]
    claims = [
        {"text": first["quote"], "citations": [n], "verdict": "supported"}
        for n in (1, 2)
    ]
    return {
        **answer,
        "id": "two",
        "question": "到底有多少家？",
        "status": "conflicting",
        "short_answer": None,
        "claims": claims,
        "citations": [first, first | {"marker": 2}],
    }
