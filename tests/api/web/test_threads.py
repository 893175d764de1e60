"""Conversations in the chat page: kept, resumed, named, searched, exported, linked, shared by two windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import (  # noqa: F401  (fixtures)
    Open,
    address_fixture,
    ask,
    browser_fixture,
    kept_answer,
    kept_turns,
    newest,
    stream,
    watch_fixture,
)

pytestmark = pytest.mark.browser

FIRST = "灯塔有多高？"
SECOND = "谁看守它？"


def made_answer(question: str, **more: Any) -> dict[str, Any]:
    """A reply in the shape of the service's own, for what is about the page alone."""
    lists: dict[str, Any] = {
        name: [] for name in ("claims", "citations", "hits", "nearest")
    }
    fact: dict[str, Any] = {
        "id": f"{abs(hash(question)):032x}",
        "question": question,
        "answer": "答",
        "short_answer": None,
        "status": "answered",
        "timings_ms": {},
        "versions": {},
    }
    return lists | fact | more


def citing(document_id: int) -> dict[str, Any]:
    """What an answer has that quotes 灯塔高四十七米。 from a document."""
    quote = "灯塔高四十七米。"
    citation = {
        "marker": 1,
        "document_id": document_id,
        "title": "灯塔志",
        "published": "2024-11-18",
        "passage_id": 1,
        "quote": quote,
        "start": 0,
        "end": len(quote),
        "source": {"name": "灯塔.txt", "sha256": "0" * 64, "spans": [[0, len(quote)]]},
        "also_in": [],
        "where": {"headings": ["第一章"], "page": 3, "row": None, "ocr": False},
    }
    claims = [{"text": quote, "citations": [1], "verdict": "supported"}]
    return {"claims": claims, "citations": [citation], "short_answer": "四十七米"}


def reply(page: Page, **more: Any) -> list[dict[str, Any]]:
    """Answer every question from here on with a made answer; the requests' bodies."""
    asked: list[dict[str, Any]] = []

    def handle(route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        asked.append(body)
        stream(route, made_answer(body["question"], **more))

    page.route("**/v1/ask", handle)
    return asked


def test_turns_go_down_the_page_and_lean_on_the_questions_before(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    asked = reply(page)
    ask(page, FIRST)
    ask(page, SECOND)
    expect(page.locator("answer-entry h2")).to_have_text([FIRST, SECOND])
    assert "history" not in asked[0]
    assert asked[1]["history"] == [FIRST]
    top = newest(page).evaluate("(entry) => entry.getBoundingClientRect().top")
    assert (
        0 <= top < 200
    )  # the new question stands at the top, with room for its answer below
    box = page.locator("#question").bounding_box()
    assert box and box["y"] > 700  # at the foot of 860 px
    assert watched.faults() == []


def test_a_reload_shows_the_conversation_and_asks_again_what_was_not_answered(
    watch: Open,
) -> None:
    watched = watch()
    page = watched.open()
    reply(page)
    ask(page, FIRST)
    page.unroute("**/v1/ask")
    page.route("**/v1/ask", lambda route: None)  # never answers
    page.fill("#question", SECOND)
    page.press("#question", "Enter")
    expect(newest(page).locator(".waiting")).to_be_visible()
    page.unroute("**/v1/ask")
    asked = reply(page)
    page.reload()
    expect(page.locator("answer-entry h2")).to_have_text([FIRST, SECOND])
    expect(page.locator(".answer")).to_have_count(2)
    assert [(each["question"], each["history"]) for each in asked] == [
        (SECOND, [FIRST])
    ]
    assert [turn["state"] for turn in kept_turns(page)] == ["answered", "answered"]
    assert watched.faults() == []


def test_conversations_are_named_searched_switched_and_deleted(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    reply(page)
    ask(page, FIRST)
    page.get_by_role("button", name="新对话").first.click()
    expect(page.locator("answer-entry")).to_have_count(0)
    ask(page, SECOND)
    names = page.locator(".thread-title")
    expect(names).to_have_text([SECOND, FIRST])
    expect(page.locator(".thread-name[aria-current]")).to_contain_text(SECOND)

    page.get_by_role("button", name=f"“{FIRST}”的更多操作").click()
    page.get_by_role("button", name="改名").click()
    page.get_by_label("对话的名字").fill("灯塔")
    page.keyboard.press("Enter")
    expect(names).to_have_text([SECOND, "灯塔"])
    page.get_by_label("搜对话").fill("有多高")  # the question still holds it
    expect(names).to_have_text(["灯塔"])
    page.locator(".thread-name").click()
    expect(page.locator("answer-entry h2")).to_have_text([FIRST])
    page.go_back()
    expect(page.locator("answer-entry h2")).to_have_text([SECOND])

    page.get_by_role("button", name="“灯塔”的更多操作").click()
    page.get_by_role("button", name="删除", exact=True).click()
    page.locator(".thread-actions").get_by_role(
        "button", name="删除", exact=True
    ).click()
    page.get_by_label("搜对话").fill("")
    expect(names).to_have_text([SECOND])
    page.get_by_role("button", name="全部删去").click()
    page.locator(".thread-foot").get_by_role("button", name="全部删去").click()
    expect(names).to_have_count(0)
    expect(page.locator("answer-entry")).to_have_count(0)
    assert kept_turns(page) == []
    assert watched.faults() == []


def test_a_conversation_is_exported_with_its_sources(
    watch: Open, tmp_path: Path
) -> None:
    watched = watch()
    page = watched.open()
    reply(page, **citing(1))
    ask(page, FIRST)
    ask(page, SECOND)
    page.locator(".thread-more").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出").click()
    assert download.value.suggested_filename == "灯塔有多高？.md"
    download.value.save_as(tmp_path / "out.md")
    place = "《灯塔志》，2024年11月18日，灯塔.txt，第一章，第 3 页：“灯塔高四十七米。”"
    assert (tmp_path / "out.md").read_text("utf-8").splitlines() == [
        f"# {FIRST}",
        "",
        f"## {FIRST}",
        "",
        "**四十七米**",
        "",
        "灯塔高四十七米。[^1]",
        "",
        f"## {SECOND}",
        "",
        "**四十七米**",
        "",
        "灯塔高四十七米。[^2]",
        "",
        f"[^1]: {place}",
        f"[^2]: {place}",
    ]
    assert watched.faults() == []


def test_a_link_opens_the_answer_here_and_in_another_browser(watch: Open) -> None:
    watched = watch(permissions=["clipboard-read", "clipboard-write"])
    page = watched.open()
    reply(page, **citing(1))
    ask(page, FIRST)
    ask(page, SECOND)
    newest(page).get_by_role("button", name="复制链接").click()
    expect(newest(page).get_by_role("button", name="链接已复制")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    answer = kept_answer(page)
    assert link == f"{watched.address}/a/{answer['id']}"
    page.goto(link)
    expect(page.locator("answer-entry h2")).to_have_text([FIRST, SECOND])

    elsewhere = watch()
    given = answer | {"gone": [1], "changed": []}
    elsewhere.page.route("**/v1/answers/*", lambda route: route.fulfill(json=given))
    elsewhere.page.goto(link)
    expect(elsewhere.page.locator("answer-entry h2")).to_have_text([SECOND])
    expect(elsewhere.page.locator(".note-gone")).to_contain_text("不在")
    elsewhere.page.unroute("**/v1/answers/*")
    elsewhere.page.route(
        "**/v1/answers/*", lambda route: route.fulfill(status=404, json={})
    )
    elsewhere.page.goto(f"{watched.address}/a/{'e' * 32}")
    expect(elsewhere.page.locator(".trouble")).to_contain_text("再问一次")
    assert watched.faults() == []
    assert elsewhere.faults("404") == []  # the browser reports the refusal


def test_a_source_that_is_gone_says_so(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    reply(page, **citing(999_999))
    ask(page, FIRST)
    page.reload()
    expect(page.locator(".note-gone")).to_contain_text("不在")
    page.locator("button.marker").click()
    expect(page.locator("#panel-title")).to_contain_text("不在")
    expect(page.locator(".panel-text")).to_contain_text("再问一次")
    assert watched.faults("404") == []  # the browser reports the refusal


def test_two_windows_agree(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    reply(page)
    ask(page, FIRST)
    other = watched.context.new_page()
    other.goto(page.url)
    expect(other.locator("answer-entry h2")).to_have_text([FIRST])
    page.unroute("**/v1/ask")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/v1/ask", hold)
    asked_there = reply(other)
    page.fill("#question", SECOND)
    page.press("#question", "Enter")
    expect(other.locator("answer-entry h2")).to_have_text([FIRST, SECOND])
    expect(newest(other)).to_contain_text("另一个窗口")
    stream(
        held[0],
        made_answer(
            SECOND, answer="守塔人", claims=[{"text": "守塔人。", "citations": []}]
        ),
    )
    expect(newest(other)).to_contain_text("守塔人。")
    assert asked_there == []

    page.fill("#question", "几点开灯？")
    page.press("#question", "Enter")
    expect(newest(other)).to_contain_text("几点开灯？")
    page.close()  # in the middle of an answer: the other window goes on with it
    expect(newest(other).locator(".answer")).to_have_count(1)
    assert [each["question"] for each in asked_there] == ["几点开灯？"]


def test_what_came_from_the_question_before_can_be_taken_off(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    asked = reply(page, asked={"text": "谁看守灯塔？", "from_history": True})
    ask(page, FIRST)
    ask(page, SECOND)
    expect(newest(page).locator(".follows")).to_contain_text("接着上一问")
    expect(newest(page).locator(".follows")).to_contain_text("谁看守灯塔？")
    page.unroute("**/v1/ask")
    asked = reply(page)
    newest(page).get_by_role("button", name="单独再问").click()
    expect(newest(page).locator(".follows")).to_have_count(0)
    assert [each.get("history") for each in asked] == [None]
    newest(page).get_by_role("button", name="再问一次").click()  # stays on its own
    expect(newest(page).locator(".answer")).to_have_count(1)
    assert [each.get("history") for each in asked] == [None, None]
    assert watched.faults() == []


@pytest.mark.parametrize("size", [(1280, 860), (390, 844)], ids=["desktop", "phone"])
def test_back_closes_what_lies_over_the_page(
    watch: Open, size: tuple[int, int]
) -> None:
    watched = watch(viewport={"width": size[0], "height": size[1]})
    page = watched.open()
    reply(page, **citing(1))
    ask(page, FIRST)
    here = page.url
    page.locator("button.marker").click()
    expect(page.locator(".panel")).to_be_visible()
    page.go_back()
    expect(page.locator(".panel")).to_be_hidden()
    assert page.url == here
    page.click("#open-documents")
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_be_hidden()
    page.wait_for_function(
        "history.state === null"
    )  # nothing of ours is left to go back through
    page.go_back()
    expect(page.locator("answer-entry")).to_have_count(0)
    expect(page.locator("opening-page h1")).to_be_visible()
    assert watched.faults() == []


def test_single_answers_of_an_older_version_become_conversations(watch: Open) -> None:
    watched = watch()
    kept = json.dumps([made_answer(SECOND), made_answer(FIRST)])
    watched.page.goto(f"{watched.address}/health/live")
    watched.page.evaluate(
        "(kept) => localStorage.setItem('chuchu.history', kept)", kept
    )
    page = watched.open()
    expect(page.locator(".thread-title")).to_have_text([SECOND, FIRST])
    assert page.evaluate("localStorage.getItem('chuchu.history')") is None


def test_a_full_storage_lets_the_oldest_go_and_says_so(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    reply(
        page, answer="长" * 1_500_000
    )  # two fit into the browser's five million characters
    for question in (FIRST, SECOND, "几点开灯？", "几点关灯？"):
        page.get_by_role("button", name="新对话").first.click()
        ask(page, question)
    expect(page.locator(".thread-notice")).to_contain_text("没有留住")
    expect(page.locator(".thread-title").first).to_have_text("几点关灯？")
    page.reload()
    expect(page.locator("answer-entry h2")).to_have_text(["几点关灯？"])
    assert FIRST not in page.locator(".threads").inner_text()
    assert watched.faults() == []
