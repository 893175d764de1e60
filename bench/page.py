"""How much the chat page weighs, and how soon it is there: ``python -m bench.page``.

A server of its own over the seeds, a Chromium that has cached nothing, five visits. Weight is what the first
visit transfers; first paint is the browser's own ``first-contentful-paint``; ready is when the box for the
question can be typed into. Needs the Chromium of the tests.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from bench.measuring import machine
from tests.browser import running_browser, running_server

VISITS = 5
SETTLED = 1500
"""Milliseconds in which the page has fetched what it needs; then it only asks how the service is."""
TIMINGS = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const files = [
    ...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource"),
  ];
  const bytes = files.reduce((sum, file) => sum + file.transferSize, 0);
  return { paint: paint.startTime, bytes, files: files.length };
}"""


def visit(browser: Browser, address: str) -> dict[str, float]:
    """Milliseconds to first paint and until the box is there; bytes and files transferred."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#question")
    ready = page.evaluate("performance.now()")
    page.wait_for_timeout(SETTLED)
    timings: dict[str, float] = page.evaluate(TIMINGS)
    context.close()
    return timings | {"ready": ready}


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_browser() as browser,
        running_server(Path(folder) / "home") as address,
    ):
        visits = [visit(browser, address) for _ in range(VISITS)]
    medians: dict[str, int] = {}
    for key in visits[0]:
        values = [each[key] for each in visits]
        medians[key] = round(statistics.median(values))
    print(json.dumps({"machine": machine(), "visits": VISITS, "median": medians}))


if __name__ == "__main__":
    main()
