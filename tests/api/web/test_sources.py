"""The source panel in a real Chromium: blocks, files, pages as pictures; and how documents come in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from reportlab.pdfgen.canvas import Canvas

from tests.browser import (  # noqa: F401  (fixtures)
    Open,
    address_fixture,
    axe_violations,
    browser_fixture,
    watch_fixture,
)
from tests.pdf_makers import lines, pdf_of

pytestmark = pytest.mark.browser

GUIDE = """# 灯塔手册

## 开放时间

- 夏季到二十一点
- 冬季到十七点

| 塔 | 高度 |
| --- | --- |
| 北塔 | 47 米 |
| 南塔 | 31 米 |
"""
WORDS = "The north tower is forty-seven metres high."


def tower(canvas: Canvas) -> None:
    lines(canvas, 72, 100, ["Towers of the coast"], 18)
    lines(
        canvas,
        72,
        300,
        [WORDS, "The south tower is lower, and has been dark since the war."],
    )


def overleaf(canvas: Canvas) -> None:
    lines(canvas, 72, 100, ["The harbour is to the east."])


def upload(page: Page, name: str, data: bytes) -> int:
    """Add a file through the page; the id of its document."""
    page.click(".plus")
    with page.expect_response(
        lambda response: response.request.method == "POST"
    ) as response:
        page.locator("documents-drawer input[type=file]").first.set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": data}
        )
    page.keyboard.press("Escape")
    return int(response.value.json()["documents"][0]["id"])


def open_at(page: Page, document: int, words: str, number: int | None = None) -> None:
    """Open the panel as a citation of these words does."""
    script = """async ([documentId, words, page]) => {
      const { text } = await (await fetch(`/v1/documents/${documentId}`)).json();
      const start = [...text.slice(0, text.indexOf(words))].length;
      const place = { documentId, start, end: start + words.length, spans: null, also: [], page };
      document.dispatchEvent(new CustomEvent("open-place", { detail: { ...place, kind: "quote" } }));
    }"""
    page.evaluate(script, [document, words, number])
    page.wait_for_selector(".panel-text mark")


def test_headings_lists_and_tables_are_such(watch: Open) -> None:
    watched = watch(viewport={"width": 390, "height": 844})
    page = watched.open()
    open_at(page, upload(page, "灯塔.md", GUIDE.encode()), "31 米")
    text = page.locator(".panel-text")
    expect(text.get_by_role("heading", level=3)).to_have_text("灯塔手册")
    expect(text.get_by_role("heading", level=4)).to_have_text("开放时间")
    expect(text.get_by_role("listitem")).to_have_text(
        ["- 夏季到二十一点", "- 冬季到十七点"]
    )
    expect(text.get_by_role("columnheader")).to_have_text(["塔", "高度"])
    expect(text.get_by_role("cell")).to_have_text(["北塔", "47 米", "南塔", "31 米"])
    expect(text.locator("td mark")).to_have_text("31 米")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.evaluate("getSelection().selectAllChildren(document.querySelector('td mark'))")
    page.click(".views button:nth-child(2)")
    expect(page.locator(".panel-note")).to_contain_text("不是原件的样子")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载原件").click()
    assert download.value.suggested_filename == "灯塔.md"
    assert download.value.path().read_bytes() == GUIDE.encode()
    assert watched.faults() == []


def test_a_page_of_a_pdf_is_seen_with_the_quote_in_a_box(watch: Open) -> None:
    watched = watch(locale="en-GB")
    page = watched.open()
    open_at(page, upload(page, "towers.pdf", pdf_of(tower, overleaf)), WORDS, 1)
    expect(page.locator(".page-begins").first).to_have_text("Page 1")
    page.get_by_role("button", name="Text as read").click()
    expect(page.locator(".panel-note")).to_contain_text("not as it looks there")
    page.get_by_role("button", name="Page", exact=True).click()
    box = page.locator(".sheet .box")
    expect(box).to_have_count(1)
    expect(page.locator(".sheet img")).to_have_attribute("alt", "Page 1 of towers.pdf")
    place, sheet = box.bounding_box(), page.locator(".sheet").bounding_box()
    assert place and sheet
    assert (
        0.3 < (place["y"] - sheet["y"]) / sheet["height"] < 0.4
    )  # 300 of 842 points down
    assert axe_violations(page) == []
    page.get_by_role("button", name="Next page").click()
    expect(page.locator(".sheet img")).to_have_attribute("alt", "Page 2 of towers.pdf")
    expect(box).to_have_count(0)
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    assert watched.faults() == []


def test_an_empty_page_says_what_to_do_and_takes_pasted_text(watch: Open) -> None:
    watched = watch()
    none: dict[str, Any] = {"documents": [], "next": None}
    sent: list[Any] = []

    def handle(route: Route) -> None:
        if route.request.method == "GET":
            return route.fulfill(json=none)
        sent.append(json.loads(route.request.post_data or ""))
        return route.fulfill(status=201, json={"documents": [], "failed": []})

    watched.page.route("**/v1/documents*", handle)
    page = watched.open()
    expect(page.locator("opening-page")).to_contain_text("先放几份文献进来")
    expect(page.locator("#examples")).to_be_hidden()
    assert axe_violations(page) == []
    page.locator("opening-page").get_by_role("button", name="添加文献").click()
    page.get_by_role("button", name="贴文字").click()
    expect(page.get_by_label("标题")).to_be_focused()
    page.get_by_role("button", name="添进文献").click()
    expect(page.locator(".trouble-line")).to_have_text("先贴一段文字。")
    page.get_by_label("文字", exact=True).fill("值班表\n十一月由李静值班。")
    page.get_by_role("button", name="添进文献").click()
    expect(page.locator(".uploads")).to_contain_text("没有读出文字")
    assert sent == [{"title": "值班表", "text": "值班表\n十一月由李静值班。"}]
    assert watched.faults() == []


@pytest.mark.parametrize(
    ("locale", "status", "kind", "warning", "words"),
    [
        ("zh-CN", 415, "unsupported-format", "unsupported", "这种文件读不了。请另存为"),
        ("zh-CN", 422, "unreadable-source", "scanned", "请先做文字识别"),
        ("en-GB", 413, "source-too-large", "limit", "Split it"),
        ("en-GB", 503, "busy", None, "Try again in a few seconds"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_ones_own_language_with_what_to_do(
    watch: Open, locale: str, status: int, kind: str, warning: str | None, words: str
) -> None:
    watched = watch(locale=locale)
    said = {
        "type": f"/docs#problem-{kind}",
        "status": status,
        "detail": "a.bin: no reader for it",
    }
    warnings = (
        [{"name": "a.bin", "kind": warning, "detail": "no reader"}] if warning else []
    )

    def handle(route: Route) -> None:
        if route.request.method == "GET":
            return route.continue_()
        return route.fulfill(status=status, json=said | {"warnings": warnings})

    page = watched.open()
    page.route("**/v1/documents*", handle)
    page.click(".plus")
    page.locator("documents-drawer input[type=file]").first.set_input_files(
        {"name": "a.bin", "mimeType": "text/plain", "buffer": b"x"}
    )
    row = page.locator(".uploads li")
    expect(row.locator(".told")).to_contain_text(words)
    row.locator("summary").click()
    expect(row.locator(".own-words p")).to_have_text("no reader for it")
    tries = 1 if status == 503 else 0  # nothing else is worth another one
    expect(row.get_by_role("button")).to_have_count(tries)
    assert watched.faults(str(status)) == []


def test_how_much_is_left_of_a_question_is_said_near_the_limit(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    counter = page.locator("#ask-counter")
    page.fill("#question", "🐋" * 500)
    expect(counter).to_be_empty()
    page.fill("#question", "🐋" * 990)
    expect(counter).to_have_text("还可写 10 字")
    page.fill("#question", "🐋" * 1003)
    expect(counter).to_contain_text("超出 3 字")
    page.press("#question", "Enter")
    expect(page.locator("answer-entry")).to_have_count(0)
    expect(page.locator("#question")).to_have_value(
        "🐋" * 1003
    )  # nothing of it is lost


@pytest.mark.parametrize("width", [1280, 390])
def test_what_can_be_pressed_is_44_pixels_high(watch: Open, width: int) -> None:
    watched = watch(viewport={"width": width, "height": 844})
    page = watched.open()
    page.click("#open-documents")
    page.wait_for_selector(".document-list li")
    small = """() => [...document.querySelectorAll("button, a[href], input, summary, textarea")]
      .filter((each) => each.checkVisibility() && !each.matches(".skip, [type=checkbox], .open-added"))
      .filter((each) => each.getBoundingClientRect().height < 44)
      .map((each) => each.outerHTML.slice(0, 90))"""
    assert page.evaluate(small) == []
