"""A real service over a temporary data folder, for the tests of the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.app import create_app
from rag.library import Library
from rag.settings import Settings

SEEDS = Path(__file__).parent.parent / "seeds"
QUESTION = "全国有多少家国家级知识产权保护中心？"
UNANSWERABLE = "北京市的供暖温度标准是多少度？"
BASE_URL = "http://127.0.0.1:8000"


@contextmanager
def serving(
    home: Path, *, seeds: bool = False, **settings: Any
) -> Iterator[TestClient]:
    """A client of the application, its library open and, with ``seeds``, the seed page in it."""
    chosen = Settings(home=home, **{"encoder": "quick", **settings})
    app = create_app(chosen)
    with TestClient(app, base_url=BASE_URL, raise_server_exceptions=False) as client:
        service = app.state.service
        service.opened.wait()
        if service.failure is not None:
            raise service.failure
        if seeds:
            index_seeds(service.library)
        yield client


def index_seeds(library: Library) -> None:
    pages = sorted(SEEDS.glob("*.txt"))
    assert pages
    for _ in library.ingest(pages):
        pass


def add(client: TestClient, title: str, text: str) -> int:
    """Add a document as JSON; its id."""
    response = client.post("/v1/documents", json={"title": title, "text": text})
    assert response.status_code == 201, response.text
    return int(response.json()["documents"][0]["id"])


def assert_problem(response: Any, status: int, kind: str = "") -> dict[str, Any]:
    """That ``response`` is a problem of this status and kind, whole and without a traceback."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["type"].endswith(kind)
    assert (
        problem["title"] and problem["detail"] and problem["instance"].startswith("/")
    )
    assert "Traceback" not in response.text and 'File "' not in response.text
    return problem


def parse_events(body: bytes) -> list[tuple[str, Any]]:
    """The events of a whole stream; ours have one ``event:`` and one ``data:`` line each."""
    assert body.endswith(b"\n\n")
    events = []
    for block in body.decode().removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        assert name.startswith("event: ") and data.startswith("data: ")
        events.append(
            (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        )
    return events
