"""A Chromium to drive and a real Chuchu server to point it at, for the tests of the page.

The fixtures are imported by name, so that each module has its own: a running Playwright leaves an event loop
in the main thread, and must be gone before tests that run their own.

The Chromium that is there is used: ``CHUCHU_CHROMIUM``, one on the path, Playwright's own. Otherwise
Playwright's is downloaded, and failing that the system's is installed when we are root on Debian. Without
any, tests fail where ``CI`` is set and say loudly elsewhere that they did not run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Playwright,
    Route,
    expect,
    sync_playwright,
)

expect.set_options(timeout=60_000)  # a busy machine is not a failure

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SERVE = """
import sys
from pathlib import Path
from api.server import serve
from rag.settings import load_settings
serve(load_settings({}, home=Path(sys.argv[1]), port=0, encoder="quick"), Path(sys.argv[2]))
"""

# What a page does that it should not: read back by `Watched.faults`.
WATCH = """
window.pwned = 0;
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


class NoChromiumError(RuntimeError):
    """No Chromium is here and none could be fetched."""


def find_chromium(playwright: Playwright) -> str:
    """The path of a Chromium, fetched if need be.

    Raises:
        NoChromiumError: there is none and none could be had; the message says what was tried.
    """
    named = os.environ.get("CHUCHU_CHROMIUM")
    if named:
        if not Path(named).is_file():
            raise NoChromiumError(
                f"CHUCHU_CHROMIUM: got {named!r}, expected the path of a Chromium"
            )
        return named
    return _present(playwright) or _fetched(playwright)


def _present(playwright: Playwright) -> str | None:
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    own = playwright.chromium.executable_path
    return on_path or (own if Path(own).is_file() else None)


@cache
def _fetched(playwright: Playwright) -> str:
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts.append(["apt-get", "update"])
        attempts.append(
            [
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
                "chromium",
                "fonts-noto-cjk",
            ]
        )
    for command in attempts:
        with suppress(subprocess.SubprocessError, OSError):
            subprocess.run(command, check=True, timeout=900, stdout=subprocess.DEVNULL)
        found = _present(playwright)
        if found:
            return found
    tried = "; ".join(" ".join(command) for command in attempts)
    raise NoChromiumError(
        f"found none of {', '.join(NAMES)} and could not get one with: {tried}"
    )


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A browser, or the failure or loud skip that stands for it."""
    with sync_playwright() as playwright:
        try:
            path = find_chromium(playwright)
        except NoChromiumError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(str(error))
            pytest.skip(f"THE PAGE IS NOT TESTED: {error}")
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def running_server(home: Path) -> Iterator[str]:
    """A real server over the seeds, in a process and a data folder of its own; gives its address."""
    environ = {
        key: value for key, value in os.environ.items() if not key.startswith("CHUCHU_")
    }
    log = home.with_suffix(".log")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(home), str(SEEDS)],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        line = (
            process.stdout.readline()
        )  # printed once questions can come; empty if it died
        address = next((word for word in line.split() if word.startswith("http")), None)
        assert address, (
            f"the server did not start: {log.read_text(errors='replace')[-3000:]}"
        )
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Watched:
    """A page whose faults are written down: console errors, exceptions, dialogs, policy violations."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        context_options: dict[str, Any] = {
            "locale": "zh-CN",
            "viewport": {"width": 1280, "height": 860},
        }
        self.address = address
        self.context: BrowserContext = browser.new_context(
            **(context_options | options)
        )
        self.context.set_default_timeout(60_000)
        self.context.add_init_script(WATCH)
        self.page: Page = self.context.new_page()
        self._faults: list[str] = []
        self.page.on("console", self._hear)
        self.page.on(
            "pageerror", lambda error: self._faults.append(f"exception: {error}")
        )
        self.page.on("dialog", self._dismiss)

    def open(self) -> Page:
        self.page.goto(self.address)
        self.page.wait_for_selector(".what > *, answer-entry")
        return self.page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._faults.append(message.text)

    def _dismiss(self, dialog: Dialog) -> None:
        self._faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def faults(self, *expected: str) -> list[str]:
        """Everything that went wrong but for messages that hold one of ``expected``."""
        pwned = self.page.evaluate("window.pwned")
        ran = [f"injected script ran {pwned} times"] if pwned else []
        unexpected: list[str] = []
        for fault in self._faults:
            if not any(text in fault for text in expected):
                unexpected.append(fault)
        return [*ran, *unexpected]


AXE_RUN = """async () => {
  const { violations } = await axe.run(document, { preload: false });
  return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map((node) => node.html) }));
}"""


def axe_violations(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds serious or critical on the page as it stands, colour contrast included."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(
            files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
        )
    found: list[dict[str, Any]] = page.evaluate(AXE_RUN)
    return [each for each in found if each["impact"] in {"serious", "critical"}]


Open = Callable[..., Watched]
"""Makes a context with the given options and watches its page."""


@pytest.fixture(scope="module", name="browser")
def browser_fixture() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module", name="address")
def address_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_server(tmp_path_factory.mktemp("web") / "home") as address:
        yield address


@pytest.fixture(name="watch")
def watch_fixture(browser: Browser, address: str) -> Iterator[Open]:
    opened: list[Watched] = []

    def open_page(**options: Any) -> Watched:
        opened.append(Watched(browser, address, **options))
        return opened[-1]

    yield open_page
    for watched in opened:
        watched.context.close()


def ask(page: Page, question: str) -> None:
    """Type a question, send it with Enter, and wait until it is answered, refused or failed."""
    page.fill("#question", question)
    page.press("#question", "Enter")
    entry = newest(page)
    expect(entry.locator("h2")).to_have_text(question)
    expect(entry.locator(".waiting")).to_have_count(0)
    expect(entry).not_to_have_attribute("aria-busy", "true")


def newest(page: Page) -> Locator:
    """The turn that was asked last: the lowest."""
    return page.locator("answer-entry").last


def kept_turns(page: Page) -> list[dict[str, Any]]:
    """The turns of every conversation that the browser keeps, the last one first."""
    kept = page.evaluate(
        "Object.entries(localStorage).filter(([key]) => key.startsWith('chuchu.thread.'))"
    )
    turns = [turn for _, thread in kept for turn in json.loads(thread)["turns"]]
    return sorted(turns, key=lambda turn: -turn["asked"])


def kept_answer(page: Page) -> dict[str, Any]:
    """The newest answer as the service sent it."""
    answer: dict[str, Any] = kept_turns(page)[0]["answer"]
    return answer


def stream(route: Route, answer: dict[str, Any]) -> None:
    """Reply to an intercepted question with an event stream that holds ``answer``."""
    body = f"event: answer\ndata: {json.dumps(answer)}\n\n"
    route.fulfill(status=200, content_type="text/event-stream", body=body)
