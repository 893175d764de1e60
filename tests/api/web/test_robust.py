"""The chat page against what goes wrong: hostile text, input methods, broken streams, slow replies."""

from __future__ import annotations

import json
import random
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import (  # noqa: F401  (fixtures)
    Open,
    address_fixture,
    ask,
    browser_fixture,
    stream,
    watch_fixture,
)

pytestmark = pytest.mark.browser

HOW_MANY = "全国有多少家国家级知识产权保护中心？"
RUN = "window.pwned=1+(window.pwned||0);alert(1)"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f'"><script>{RUN}</script>',
    f"<img src=x onerror='{RUN}'>",
    f"<img src=x onerror={RUN}//",
    f'" onmouseover="{RUN}" x="',
    f"' autofocus onfocus='{RUN}' x='",
    f"<svg onload='{RUN}'>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin='{RUN}' attributeName=x dur=1s>",
    f"<math><mtext></mtext><mglyph><style><img src=x onerror='{RUN}'>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src='javascript:{RUN}'></iframe>",
    f"<a href='javascript:{RUN}'>七十四家</a>",
    f"<body onload='{RUN}'>",
    f"<details open ontoggle='{RUN}'>",
    f"<video><source onerror='{RUN}'></video>",
    f"<input autofocus onfocus='{RUN}'>",
    f"<marquee onstart='{RUN}'>",
    f"<object data='javascript:{RUN}'></object>",
    "<link rel=stylesheet href='data:text/css,body{display:none}'>",
    "<style>body{display:none}</style>",
    "<base href='https://example.org/'>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    f"<form action='javascript:{RUN}'><button autofocus>x</button></form>",
    f"<template shadowrootmode=open><script>{RUN}</script></template>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"{{{{constructor.constructor('{RUN}')()}}}}${{{RUN}}}",
    f"data: x\n\nevent: answer\ndata: <script>{RUN}</script>\n\n",
]
ALLOWED = "script[src='/web/boot.js'], script[src='/web/main.js']"
INJECTED = (
    f"script:not({ALLOWED}), style, iframe, object, svg:not(answer-feedback svg, .icon-button svg), "
    "math, video, marquee, base, template, a[href^=java]"
)


def test_hostile_text_runs_nothing(watch: Open, address: str) -> None:
    """Thirty payloads, each as a document's title and text, as a file's name, and as a question."""
    assert len(PAYLOADS) == 30
    with httpx.Client(
        base_url=address, timeout=30, headers={"Origin": address}
    ) as client:
        for index, payload in enumerate(PAYLOADS):
            text = f"第{index}号条目说，{payload}，青石塔高{index + 20}米。"
            client.post(
                "/v1/documents", json={"title": payload, "text": text}
            ).raise_for_status()
            name = f"{index}-{payload}.txt".replace("/", "∕").replace("\n", " ")
            named = {"files": (name, f"第{index}号附件写着{payload}。".encode())}
            client.post("/v1/documents", files=named).raise_for_status()

        watched = watch()
        page = watched.open()
        page.click("#open-documents")
        expect(page.locator(".document-list li").nth(59)).to_be_visible()
        page.locator(".row-actions button").last.click()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        for index, payload in enumerate(PAYLOADS):
            ask(page, f"第{index}号条目里青石塔高多少米？{payload}".replace("\n", " "))
            _open_all_of(page)
        assert page.locator(INJECTED).count() == 0
        assert page.url.startswith(f"{address}/#t=")
        page.reload()  # the conversation is there again
        expect(page.locator("answer-entry")).to_have_count(30)
        assert page.locator(INJECTED).count() == 0
        assert watched.faults() == []

        shown = page.evaluate("document.documentElement.textContent")
        assert PAYLOADS[-2] in shown, "the text itself must be on the page, as text"


def _open_all_of(page: Page) -> None:
    entry = page.locator("answer-entry").last
    if entry.locator(".nearest").count():
        entry.locator(".nearest summary").click()
    place = entry.locator("button.marker, .nearest .note-title").first
    if place.count():
        place.click()
        page.wait_for_selector(".panel-text mark")
        page.click(".views button:nth-child(2)")
        page.wait_for_selector(".panel-text.original mark")


def test_enter_that_ends_a_composition_does_not_send(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    sent: list[str] = []
    page.on(
        "request",
        lambda request: (
            sent.append(request.url) if request.url.endswith("/v1/ask") else None
        ),
    )
    devtools = watched.context.new_cdp_session(page)
    page.focus("#question")
    devtools.send(
        "Input.imeSetComposition",
        {"text": "zhishi", "selectionStart": 6, "selectionEnd": 6},
    )
    page.keyboard.press("Enter")
    # Safari: the composition is over, and only keyCode 229 tells that the key was the input method's.
    page.locator("#question").evaluate(
        """(box) => { box.value = "知识"; box.dispatchEvent(
          new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true })); }"""
    )
    page.keyboard.press("Shift+Enter")
    assert page.locator("answer-entry").count() == 0
    assert sent == []
    page.fill("#question", HOW_MANY)
    page.keyboard.press("Enter")
    expect(page.locator("answer-entry")).to_have_count(1)
    assert len(sent) == 1
    assert watched.faults() == []


FEED = """async ({ bytes, size }) => {
  const { readEvents } = await import("/web/sse.js");
  const stream = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size)
        controller.enqueue(new Uint8Array(bytes.slice(at, at + size)));
      controller.close();
    },
  });
  const events = [];
  for await (const event of readEvents(stream)) events.push([event.event, event.data]);
  return events;
}"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_events_survive_any_chunk_border(watch: Open, line_end: str) -> None:
    lines = [
        ": 注释",
        "event: claim",
        "data: 第一行",
        "data:第二行🧧",
        "",
        "data",
        "",
        "event: never closed",
        "data: x",
    ]
    body = list(line_end.join(lines).encode())
    page = watch().open()
    expected = [["claim", "第一行\n第二行🧧"], ["message", ""]]
    for size in [*range(1, 12), len(body)]:
        assert page.evaluate(FEED, {"bytes": body, "size": size}) == expected, size


def test_code_points_become_the_right_units(watch: Open) -> None:
    text = "📰甲🧧乙𠮷丙e\u0301"
    page = watch().open()
    script = """async (text) => {
      const { CodePoints } = await import("/web/code-points.js");
      const points = new CodePoints(text);
      const slices = [];
      for (let start = 0; start <= points.length; start += 1)
        for (let end = start; end <= points.length; end += 1) slices.push(points.slice(start, end));
      return slices;
    }"""
    n = len(text)
    slices = [text[start:end] for start in range(n + 1) for end in range(start, n + 1)]
    assert page.evaluate(script, text) == slices


def test_lit_spans_agree_with_a_character_by_character_model(watch: Open) -> None:
    script = """async (cases) => {
      const { inUnits, segments } = await import("/web/lit-text.js");
      const { CodePoints } = await import("/web/code-points.js");
      return cases.map(({ text, lit }) =>
        segments(text, 0, text.length, inUnits(lit, new CodePoints(text))).map((node) => [
          (node.className ?? "").replace("lit-", ""),
          node.textContent,
        ]),
      );
    }"""
    kinds = ("quote", "near", "piece", "copy")  # the strongest first
    chance = random.Random(1)
    cases: list[dict[str, Any]] = []
    expected = []
    for _ in range(200):
        text = "".join(chance.choices("甲a📰\n", k=chance.randint(1, 30)))
        ends = [
            sorted(chance.choices(range(len(text) + 1), k=2))
            for _ in range(chance.randint(0, 5))
        ]
        lit: list[dict[str, Any]] = [
            {"start": start, "end": end, "kind": chance.choice(kinds)}
            for start, end in ends
        ]
        runs: list[list[str]] = []
        for at, character in enumerate(text):
            here = {one["kind"] for one in lit if one["start"] <= at < one["end"]}
            kind = next((each for each in kinds if each in here), "")
            if runs and runs[-1][0] == kind:
                runs[-1][1] += character
            else:
                runs.append([kind, character])
        cases.append({"text": text, "lit": lit})
        expected.append(runs)
    assert watch().open().evaluate(script, cases) == expected


def test_an_older_reply_never_overwrites_a_newer_one(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    held: list[Route] = []
    page.route(
        "**/v1/ask",
        lambda route: held.append(route) if len(held) < 1 else route.continue_(),
    )
    page.fill("#question", "慢问")
    page.press("#question", "Enter")
    expect(page.get_by_role("button", name="停止")).to_be_visible()
    ask(page, HOW_MANY)
    stream(held[0], _answer("慢问", "旧答"))
    first, second = (
        page.locator("answer-entry").nth(0),
        page.locator("answer-entry").nth(1),
    )
    expect(second.locator(".short")).to_have_text("74家")
    expect(first).to_contain_text("已停下")
    expect(page.locator("body")).not_to_contain_text("旧答")
    expect(page.get_by_role("button", name="提问")).to_be_visible()
    assert watched.faults() == []


def test_stop_then_ask_again(watch: Open) -> None:
    watched = watch()
    page = watched.open()
    page.route("**/v1/ask", lambda route: None)  # never answers
    page.fill("#question", HOW_MANY)
    page.press("#question", "Enter")
    page.get_by_role("button", name="停止").click()
    expect(page.locator("answer-entry")).to_contain_text("已停下")
    page.unroute("**/v1/ask")
    page.get_by_role("button", name="再问一次").click()
    expect(page.locator(".short")).to_have_text("74家")
    assert watched.faults() == []


def _events(text: str) -> dict[str, str]:
    return {"content_type": "text/event-stream", "body": text}


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (None, "连不上服务"),
        (
            {"status": 503, "body": json.dumps({"detail": "排队的人太多，请稍后再试"})},
            "排队的人太多",
        ),
        ({"status": 502, "body": "<h1>Bad gateway</h1>"}, "服务出了差错"),
        (_events('event: hits\ndata: {"hits": []}\n\n'), "中途断了"),
        (_events('event: error\ndata: {"detail": "引文对不上"}\n\n'), "引文对不上"),
    ],
    ids=["unreachable", "problem", "not-ours", "cut-short", "in-stream"],
)
def test_trouble_is_told_and_can_be_retried(
    watch: Open, reply: dict[str, Any] | None, words: str
) -> None:
    watched = watch()
    page = watched.open()
    page.route(
        "**/v1/ask", lambda route: route.fulfill(**reply) if reply else route.abort()
    )
    ask(page, HOW_MANY)
    expect(page.locator(".trouble")).to_contain_text(words)
    page.unroute("**/v1/ask")
    page.get_by_role("button", name="再问一次").click()
    expect(page.locator(".short")).to_have_text("74家")
    assert watched.faults("Failed to load resource") == []


def test_a_key_is_asked_for_and_sent(watch: Open) -> None:
    watched = watch()

    def guard(route: Route) -> None:
        if route.request.headers.get("authorization") == "Bearer right":
            route.continue_()
        else:
            route.fulfill(
                status=401, content_type="application/problem+json", body="{}"
            )

    watched.page.route("**/v1/**", guard)
    watched.page.goto(watched.address)
    for key in ("wrong", "right"):
        expect(watched.page.locator("#api-key")).to_have_value("")
        watched.page.fill("#api-key", key)
        watched.page.get_by_role("button", name="进入").click()
    ask(watched.page, HOW_MANY)
    expect(watched.page.locator(".short")).to_have_text("74家")
    assert watched.faults("401") == []


def _answer(question: str, short: str) -> dict[str, Any]:
    lists: dict[str, Any] = {
        name: [] for name in ("claims", "citations", "hits", "nearest")
    }
    fact = {
        "id": question,
        "question": question,
        "answer": short,
        "short_answer": short,
    }
    return {**lists, **fact, "status": "answered", "timings_ms": {}, "versions": {}}
