"""Every example of the reference page, pasted into a shell, does what the page says came back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from api import curl
from api.app import create_app
from rag.settings import Settings
from tests.api.test_server import WAIT, address, start

OPERATIONS = {
    operation["operationId"]: operation
    for methods in create_app(Settings()).openapi()["paths"].values()
    for operation in methods.values()
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    nothing = tmp_path_factory.mktemp("nothing")
    process = start(tmp_path_factory.mktemp("curl"), seeds=nothing)
    try:
        yield f"127.0.0.1:{address(process)}"
    finally:
        process.terminate()
        process.communicate(timeout=WAIT)


@pytest.fixture(scope="module")
def came_back(server: str) -> dict[str, Any]:
    """All of them in their order: the first one adds the document that the others speak of."""
    return {operation: curl.run(operation, server) for operation in curl.CURL}


def test_every_operation_has_an_example() -> None:
    assert set(curl.CURL) == set(OPERATIONS)
    assert set(curl.responses()) == set(OPERATIONS)
    for operation in OPERATIONS.values():
        assert operation["x-codeSamples"][0]["source"].startswith(
            ("curl -s ", "ID=", "SHA=")
        )


@pytest.mark.parametrize("operation", sorted(curl.CURL))
def test_an_example_comes_back_as_written(
    came_back: dict[str, Any], operation: str
) -> None:
    written, real = curl.responses()[operation], came_back[operation]
    assert type(written) is type(real), real
    if operation in curl.OF_A_PDF:
        assert real["status"] == 415, real
    elif isinstance(real, dict):
        assert not str(real.get("type", "")).startswith("/docs#problem"), real
        assert written.keys() == real.keys(), (
            "record them anew: python -m api.curl ADDRESS"
        )


def test_an_example_leaves_nothing_but_its_one_document(
    came_back: dict[str, Any], server: str
) -> None:
    assert came_back
    listed = httpx.get(f"http://{server}/v1/documents").json()["documents"]
    assert [each["title"] for each in listed] == ["值班安排"]


def test_the_page_shows_them_with_its_own_address(server: str) -> None:
    page = unescape(httpx.get(f"http://{server}/docs").text)
    for operation in curl.CURL:
        assert curl.pasted(operation, server) in page
    assert (
        json.dumps(curl.responses()["list_models"], ensure_ascii=False, indent=1)
        in page
    )


def test_an_example_brings_its_key() -> None:
    assert '-H "Authorization: Bearer $CHUCHU_API_KEY"' in curl.pasted(
        "ask", "h:1", "$CHUCHU_API_KEY"
    )
