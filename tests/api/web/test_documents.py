"""The documents drawer and long texts, in a real Chromium against a real server."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser import (  # noqa: F401  (fixtures)
    Open,
    address_fixture,
    ask,
    browser_fixture,
    watch_fixture,
)

pytestmark = pytest.mark.browser

QUESTION = "灯塔有多高？"
ANSWER = "蓝鲸码头的灯塔高四十七米。"


def file_of(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def upload(page: Page, *files: FilePayload) -> None:
    page.locator("documents-drawer input[type=file]").first.set_input_files(list(files))
    expect(page.locator(".uploads li progress")).to_have_count(0)


def long_text() -> str:
    """Some 240,000 characters with wide ones among them; the answer stands near the end."""
    lines = [
        f"第{n}号仓库🐋在第{n}街，存放着第{n}批货物和一些别的东西。"
        for n in range(7000)
    ]
    lines[6500] = ANSWER
    return "\n\n".join(lines)


def watch_requests(page: Page) -> list[str]:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    return seen


def test_a_citation_in_a_long_document_fetches_the_part_around_it(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    upload(page, file_of("码头.txt", long_text()))
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    seen = watch_requests(page)
    page.locator("button.marker").first.click()
    page.wait_for_selector(".panel-text mark")
    assert "".join(page.locator(".panel-text mark").all_text_contents()) == ANSWER
    assert [
        url for url in seen if "/v1/documents/" in url and "around=" not in url
    ] == []
    expect(page.locator(".panel-note")).to_be_visible()
    assert (
        page.locator(".panel-text").inner_text().startswith("第")
    )  # with a whole line

    page.click(".views button:nth-child(2)")
    page.wait_for_selector(".panel-text.original mark")
    assert "".join(page.locator(".panel-text mark").all_text_contents()) == ANSWER
    assert all("around=" in url for url in seen if "/v1/sources/" in url)

    page.locator(".panel-note button").last.click()  # show all of it
    expect(page.locator(".panel-text")).to_contain_text("第6999号仓库")
    assert "".join(page.locator(".panel-text mark").all_text_contents()) == ANSWER
    assert watched.faults() == []


def test_words_marked_in_a_part_are_those_of_the_whole_text(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    upload(page, file_of("码头.txt", long_text()))
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    page.locator("button.marker").first.click()
    page.wait_for_selector(".panel-text mark")
    sent: list[Any] = []
    page.route(
        "**/v1/feedback",
        lambda route: (sent.append(route.request.post_data_json), route.abort()),
    )
    page.evaluate(
        "getSelection().selectAllChildren(document.querySelector('.panel-text mark'))"
    )
    page.click(".marking button")
    expect(page.locator(".marking")).to_be_visible()
    span = sent[0]["span"]
    assert long_text()[span["start"] : span["end"]] == ANSWER


def test_a_file_of_the_same_name_says_that_it_replaces(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    upload(page, file_of("值班.txt", "十一月由李静值班。"))
    upload(page, file_of("值班.txt", "十二月由王梅值班。"))
    expect(page.locator(".uploads .upload-state").last).to_contain_text("换下")
    rows = page.locator(".document-list li", has_text="值班.txt")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("十二月")
    expect(rows).to_contain_text("添入")
    assert watched.faults() == []


def test_what_was_left_out_of_a_file_is_said_beside_it(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    added = {
        "documents": [
            {
                "id": 1,
                "title": "报告",
                "published": None,
                "source": "报告.pdf",
                "characters": 9,
            }
        ],
        "failed": [],
        "warnings": [
            {"name": "报告.pdf", "kind": "scanned", "detail": "page 3 is a picture"}
        ],
        "replaced": [],
    }
    page.route(
        "**/v1/documents",
        lambda route: (
            route.fulfill(json=added, status=201)
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    upload(page, file_of("报告.pdf", "x"))
    expect(page.locator(".uploads li")).to_contain_text("page 3 is a picture")
    expect(page.locator(".uploads li")).to_contain_text("已添入 1 篇")
