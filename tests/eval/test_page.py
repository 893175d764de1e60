"""``report.html``: what stands in it, and what a person sees and does with it in a real Chromium, from file://."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from eval.catalogue import Case
from eval.compare import compare
from eval.harness import run_facts
from eval.metrics import Metric
from eval.page import embedded, render, stages
from eval.results import Results
from tests.browser import Watched, axe_violations, browser_fixture, running_browser  # noqa: F401  (fixtures)
from tests.scripted_library import (
    FACTS,
    SCRIPT,
    SENTENCES,
    fact,
    refuses,
    says,
    scripted,
)

EVIL = "</script><script>pwned = 1</script><img src=x onerror='pwned = 1'><!--<script>"


def measured(**script: Any) -> Results:
    """Five facts, three of them answerable; one more whose question is markup."""
    library = scripted(SCRIPT | {EVIL: refuses} | script)
    return run_facts(library, [*FACTS, fact(EVIL, "74家")], dataset="<b>toy</b>")


def with_extras(results: Results) -> Results:
    """The same run with what a report shows when it is there: blame and times by stage."""
    rows = [
        case
        | {"timings_ms": {"retrieve": 2.0, "read": 1.0, "total": 3.5}}
        | (
            {}
            if case["right"]
            else {"blame": "not_read" if case["status"] == "answered" else "refused"}
        )
        for case in results.cases
    ]
    return replace(results, cases=rows)


def data_of(page: str) -> dict[str, Any]:
    """What a report holds as JSON."""
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page, re.S
    )
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


# what stands in it


@pytest.mark.parametrize("text", [EVIL, "<!--", "\u2028", "张\U00020000三", '"\\', ""])
def test_any_text_comes_out_of_the_page_as_it_went_in(text: str) -> None:
    assert "<" not in embedded({"text": text})
    assert json.loads(embedded({"text": text})) == {"text": text}


def test_a_lone_surrogate_does_not_keep_a_report_from_being_written() -> None:
    embedded("a\ud800b").encode("utf-8")


def test_only_its_own_script_and_style_may_run_and_nothing_is_fetched() -> None:
    page = render(measured())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert (
        policy
        and "default-src &#x27;none&#x27;" in policy[1]
        and "unsafe" not in policy[1]
    )
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)


def test_misses_come_first_then_flaws() -> None:
    cases = data_of(render(measured()))["cases"]
    rank = [(bool(case["right"]), not case["why_not"]) for case in cases]
    assert rank == sorted(rank) and not cases[0]["right"]


def test_times_by_stage_have_the_slowest_last_then_the_whole() -> None:
    cases: list[Case] = [
        {"id": str(at), "question": "q", "right": True, "scores": {}, "latency_ms": 9.0}
        | {"timings_ms": {"total": 9.0, "read": at, "retrieve": 1.0}}
        for at in (1, 2, 9)
    ]
    rows = stages(Results.of("facts", "toy", {}, cases))
    assert [(row["name"], row["p50"], row["n"]) for row in rows] == [
        ("retrieve", 1, 3),
        ("read", 2, 3),
        ("total", 9, 3),
    ]
    assert (
        stages(
            Results("facts", "toy", {}, {}, [], latency_ms={"p50": 1, "p95": 2, "n": 3})
        )[0]["p95"]
        == 2
    )


def test_two_runs_are_paired_by_question_and_what_was_lost_comes_first() -> None:
    before = measured()
    after = measured(**{"几家？": refuses, "哪个市？": says(SENTENCES[1], "绍兴市")})
    cases = data_of(render(after, compared=compare(before, after)))["cases"]
    changed = {case["question"]: case["change"] for case in cases if case["change"]}
    assert changed == {"几家？": "lost", "哪个市？": "gained"}
    assert (
        cases[0]["question"] == "几家？"
        and cases[0]["before"]["short_answer"] == "74家"
    )


# what a person sees

Opened = Callable[..., Watched]


@pytest.fixture(name="opened")
def opened_fixture(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    watched: list[Watched] = []

    def open_page(html: str, **options: Any) -> Watched:
        file = tmp_path / f"report-{len(watched)}.html"
        file.write_text(html, encoding="utf-8")
        watched.append(
            Watched(browser, file.as_uri(), **({"locale": "en-GB"} | options))
        )
        requests: list[str] = []
        watched[-1].page.on("request", lambda request: requests.append(request.url))
        watched[-1].page.goto(file.as_uri())
        assert requests == [file.as_uri()], "a report needs nothing else"
        return watched[-1]

    yield open_page
    for each in watched:
        each.context.close()


def questions(page: Page) -> list[str]:
    return page.locator(".case > summary .question").all_text_contents()


@pytest.mark.browser
def test_the_figures_stand_there_with_interval_and_n(opened: Opened) -> None:
    results = measured()
    watched = opened(render(results, misses=["answer_right is <low>."]))
    page = watched.page
    expect(page.locator("h1")).to_have_text("<b>toy</b>")
    expect(page.locator(".notice.bad")).to_contain_text("answer_right is <low>.")
    right = results.metrics["answer_right"]
    tile = page.locator(".tile", has_text="answer right")
    expect(tile.locator(".value")).to_have_text(f"{100 * right.value:.1f}%")
    expect(tile.locator(".range")).to_contain_text(
        f"{100 * right.low:.1f}% – {100 * right.high:.1f}%"
    )
    expect(tile.locator(".range")).to_contain_text(f"n = {right.n}")
    assert watched.faults() == []


@pytest.mark.browser
def test_a_question_that_is_markup_is_shown_and_does_not_run(opened: Opened) -> None:
    watched = opened(render(measured()))
    expect(watched.page.locator(".case .question", has_text="pwned = 1")).to_have_text(
        EVIL
    )
    assert watched.page.locator("img").count() == 0
    assert watched.faults() == []


@pytest.mark.browser
def test_a_miss_opens_to_its_answer_with_the_quote_lit_in_its_surroundings(
    opened: Opened,
) -> None:
    watched = opened(render(with_extras(measured())))
    page = watched.page
    wrong = [case["question"] for case in measured().cases if not case["right"]]
    assert sorted(questions(page)) == sorted(wrong), "misses are what one sees first"
    case = page.locator(".case", has_text="哪个市？")
    if case.get_attribute("open") is None:
        case.locator("> summary").click()
    expect(case.locator(".short")).to_have_text("19日")
    expect(case.locator("blockquote mark")).to_have_text(SENTENCES[2])
    expect(case.locator(".citation blockquote")).to_contain_text(SENTENCES[1])
    expect(case.locator(".evidence blockquote")).to_have_text(SENTENCES[1])
    expect(case.locator(".evidence .hit")).to_have_text("绍兴")
    expect(case.locator(".tag.lost")).to_have_text("not read")
    assert watched.faults() == []


@pytest.mark.browser
def test_filters_work_with_the_keyboard_alone(opened: Opened) -> None:
    watched = opened(render(with_extras(measured())))
    page = watched.page
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("几")
    expect(page.locator(".tally")).to_have_text("0 of 6 questions")
    expect(page.locator(".none")).to_be_visible()
    page.locator("#outcome-wrong").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#outcome-all")).to_be_checked()
    assert sorted(questions(page)) == ["几家？", "几度？"]
    page.keyboard.press("/")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    expect(page.locator(".tally")).to_have_text("6 of 6 questions")
    page.locator("#filter-kind").select_option("none")
    assert sorted(questions(page)) == ["几度？", "多高？"]
    page.locator("#find").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".case > summary").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".case > summary").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".case").nth(1).locator(".case-body")).to_be_visible()
    page.keyboard.press("k")
    expect(page.locator(".case > summary").first).to_be_focused()
    assert watched.faults() == []


@pytest.mark.browser
def test_filters_stand_in_the_address_and_come_back_with_it(opened: Opened) -> None:
    watched = opened(render(measured()))
    page = watched.page
    page.locator("#filter-kind").select_option("none")
    page.locator("label", has_text="All 6").click()
    page.reload()
    expect(page.locator(".tally")).to_have_text("2 of 6 questions")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator(".tally")).to_have_text("6 of 6 questions")
    page.get_by_role("link", name="Metrics").click()
    expect(page.locator(".tally")).to_have_text("6 of 6 questions")
    assert watched.faults() == []


@pytest.mark.browser
def test_the_blame_table_leads_to_its_questions(opened: Opened) -> None:
    watched = opened(render(with_extras(measured())))
    page = watched.page
    page.locator("#blame").get_by_role("button", name="refused").click()
    assert sorted(questions(page)) == sorted(["哪天？", EVIL])
    expect(page.locator(".case > summary").first).to_be_focused()
    assert watched.faults() == []


@pytest.mark.browser
def test_two_runs_show_their_verdicts_and_both_answers_side_by_side(
    opened: Opened,
) -> None:
    before, after = measured(), measured(**{"几家？": refuses})
    watched = opened(render(after, compared=compare(before, after), label="main"))
    page = watched.page
    row = page.locator("#changes").get_by_role("row", name=re.compile("^answer right"))
    expect(row).to_contain_text("noise")
    expect(row).to_contain_text("−25.0 pts")
    expect(page.locator("#changes .notice")).to_contain_text(
        "No metric moved by more than chance would"
    )
    page.locator(".flip.lost").click()
    assert questions(page) == ["几家？"]
    two = page.locator(".case .two > section")
    expect(two.nth(0)).to_contain_text("Before · main")
    expect(two.nth(0).locator(".short")).to_have_text("74家")
    expect(two.nth(1)).to_contain_text("refused (insufficient)")
    assert watched.faults() == []


@pytest.mark.browser
def test_any_kind_of_run_has_a_page(opened: Opened) -> None:
    """Metrics and cases that this page knows nothing of: a table, and what each case holds."""
    metrics = {"order_kept": Metric(0.75, 0.5, 1.0, 4)}
    cases = [
        {
            "id": "p1",
            "question": "page one",
            "right": False,
            "scores": {"order_kept": 0.5},
            "blocks": 7,
        }
    ]
    results = Results("pages", "made", {"chuchu": "1"}, metrics, cases)  # type: ignore[arg-type]
    watched = opened(render(results))
    expect(watched.page.locator(".tile .value")).to_have_text("75.0%")
    watched.page.locator(".case > summary").click()
    watched.page.get_by_text("Scores and times").click()
    expect(watched.page.locator(".case")).to_contain_text("blocks7")
    assert watched.faults() == []


@pytest.mark.browser
def test_many_questions_come_in_portions(opened: Opened) -> None:
    draw = random.Random(0)
    cases = [
        {
            "id": str(n),
            "question": f"question {n}",
            "right": False,
            "scores": {"f1": draw.random()},
        }
        for n in range(150)
    ]
    watched = opened(render(Results("reading", "long", {}, {}, cases)))
    page = watched.page
    assert len(questions(page)) == 60
    page.get_by_role("button", name="Show 60 more of 90").click()
    expect(page.locator(".case > summary").nth(60)).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("question 149")
    assert questions(page) == ["question 149"]
    assert watched.faults() == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(opened: Opened, scheme: str, width: int) -> None:
    before, after = measured(), with_extras(measured(**{"几家？": refuses}))
    curve = {
        "points": [[0.2, 0.0], [0.6, 0.1], [1.0, 0.4]],
        "area": 0.12,
        "operating": [0.6, 0.1],
    }
    after = replace(after, risk_coverage=curve)
    html = render(after, compared=compare(before, after), misses=["Worse."])
    watched = opened(
        html, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    page = watched.page
    expect(page.locator("#risk .plot")).to_be_visible()
    for summary in page.locator(".case:not([open]) > summary").all():
        summary.click()
    for summary in page.locator(".more:not([open]) > summary").all():
        summary.click()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.faults() == []


@pytest.mark.browser
def test_the_theme_can_be_switched(opened: Opened) -> None:
    watched = opened(render(measured()), color_scheme="dark")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = watched.page.evaluate(ground)
    watched.page.get_by_role("button", name="Light").click()
    assert watched.page.evaluate(ground) != dark
    assert watched.faults() == []


@pytest.mark.browser
def test_it_prints_its_figures_without_its_controls(opened: Opened) -> None:
    watched = opened(render(measured()))
    watched.page.emulate_media(media="print")
    expect(watched.page.locator(".tile").first).to_be_visible()
    expect(watched.page.locator(".filters")).to_be_hidden()
    assert watched.page.pdf()[:5] == b"%PDF-"
    assert watched.faults() == []


def test_without_javascript_it_says_where_the_figures_are() -> None:
    said = re.search("<noscript>(.*?)</noscript>", render(measured()), re.S)
    assert said and "results.json" in said[1]


def test_the_page_of_an_empty_run_can_be_made() -> None:
    nothing: Sequence[Case] = []
    assert data_of(render(Results("facts", "empty", {}, {}, nothing)))["cases"] == []
