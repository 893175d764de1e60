"""Every error is a problem, and no error tells what is inside."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from rag.errors import StoreLocked
from rag.library import Library
from rag.settings import Settings
from tests.api_fixtures import BASE_URL, QUESTION, assert_problem, parse_events, serving


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(
        tmp_path_factory.mktemp("home"), seeds=True, max_question_chars=20, max_top_k=10
    ) as client:
        yield client


def test_unknown_path_and_method(client: TestClient) -> None:
    assert_problem(client.get("/v1/nothing"), 404)
    assert_problem(client.get("/web/nothing.js"), 404)
    problem = assert_problem(client.get("/v1/ask"), 405)
    assert "POST" in problem["detail"]
    assert client.get("/v1/ask").headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({}, "question"),
        ({"question": ""}, "question"),
        ({"question": " \n"}, "question"),
        ({"question": "长" * 21}, "question"),
        ({"question": 7}, "question"),
        ({"question": "q", "top_k": 0}, "top_k"),
        ({"question": "q", "top_k": 11}, "top_k"),
        ({"question": "q", "top_k": "many"}, "top_k"),
        ({"question": "q", "since": "yesterday"}, "since"),
        ({"question": "q", "until": "2024-02-30"}, "until"),
        ({"question": "q", "documents": [0]}, "documents.0"),
        ({"question": "q", "documents": [2**63]}, "documents.0"),
        ({"question": "q", "documents": list(range(1, 1002))}, "documents"),
        ({"question": "q", "history": ["h"] * 21}, "history"),
        ({"question": "q", "history": "h"}, "history"),
        ({"question": "q", "answerer": "oracle"}, "answerer"),
        ({"question": "q", "topk": 3}, "topk"),
    ],
)
def test_value_that_cannot_be_used_is_named(
    client: TestClient, body: dict[str, object], key: str
) -> None:
    problem = assert_problem(client.post("/v1/ask", json=body), 422, "invalid-value")
    assert key in (
        problem.get("key"),
        *(error["key"] for error in problem.get("errors", ())),
    )
    assert problem["instance"] == "/v1/ask"


def test_misspelt_field_is_told_what_was_meant(client: TestClient) -> None:
    problem = assert_problem(
        client.post("/v1/ask", json={"question": "q", "topk": 3}), 422
    )
    assert (
        problem["detail"] == "topk: got 3. There is no such field; did you mean top_k?"
    )


def test_unknown_document_in_a_filter_is_named(client: TestClient) -> None:
    for path, body in (("/v1/ask", {"question": "q"}), ("/v1/search", {"query": "q"})):
        problem = assert_problem(
            client.post(path, json={**body, "documents": [1, 98765]}), 422
        )
        assert (problem["key"], problem["value"]) == ("documents", "98765")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_body_of_another_kind_is_told_which_is_meant(
    client: TestClient, kind: str
) -> None:
    sent = client.post(
        "/v1/ask", content=b'{"question": "q"}', headers={"Content-Type": kind}
    )
    problem = assert_problem(sent, 415)
    assert kind in problem["detail"] and "application/json" in problem["detail"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"question": "\\ud800"}', 422),
        (b'{"question": "a", "top_k": 1e999}', 422),
        (b'{"question": "a", "top_k": NaN}', 422),
        (b'{"question": "a"', 422),
        (b"", 422),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"question": "a", "top_k": ' + b"9" * 5000 + b"}", 400),
        (b'{"question": "' + b"x" * 600_000 + b'"}', 413),
    ],
)
def test_body_that_is_not_a_question(
    client: TestClient, content: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/json"}
    assert_problem(client.post("/v1/ask", content=content, headers=headers), status)
    assert_problem(client.post("/v1/search", content=content, headers=headers), status)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/documents/0", 422),
        ("/v1/documents/x", 422),
        (f"/v1/documents/{2**63}", 422),
        (f"/v1/documents/{2**63 - 1}", 404),
        ("/v1/documents?limit=0", 422),
        ("/v1/documents?limit=501", 422),
        ("/v1/documents?after=-1", 422),
        ("/v1/sources/abc", 422),
        ("/v1/sources/" + "0" * 64, 404),
        ("/v1/examples?lang=fr", 422),
        ("/v1/documents/1%00", 422),
    ],
)
def test_parameter_that_cannot_be_used(
    client: TestClient, path: str, status: int
) -> None:
    assert_problem(client.get(path), status)


def broken(*_: object) -> None:
    raise RuntimeError("secret: /home/someone/private")


def test_unexpected_exception_tells_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Library, "search", broken)
    response = client.post("/v1/search", json={"query": "q"})
    assert_problem(response, 500, "internal")
    assert "secret" not in response.text


def test_unexpected_exception_within_a_stream_is_its_last_event(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("rag.asking.answer_text", broken)
    with caplog.at_level(logging.ERROR):
        response = client.post(
            "/v1/ask",
            json={"question": QUESTION},
            headers={"Accept": "text/event-stream"},
        )
    assert response.status_code == 200
    events = parse_events(response.content)
    assert events[0][0] == "hits"
    name, problem = events[-1]
    assert (name, problem["status"]) == ("error", 500)
    assert "secret" not in response.text
    # The log names the kind of error and where it was raised; its words may be a document's.
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_not_ready_until_the_library_is_open(tmp_path: Path) -> None:
    import threading

    go = threading.Event()

    def open_slowly() -> Library:
        go.wait()
        return Library.open(Settings(home=tmp_path, encoder="quick"))

    app = create_app(Settings(home=tmp_path, encoder="quick"), open_slowly)
    with TestClient(app, base_url=BASE_URL) as client:
        try:
            assert client.get("/health/live").json() == {"status": "live"}
            for response in (
                client.get("/health/ready"),
                client.post("/v1/ask", json={"question": "q"}),
            ):
                assert_problem(response, 503, "not-ready")
                assert int(response.headers["retry-after"]) > 0
            assert "chuchu_ready 0.0" in client.get("/metrics").text
        finally:
            go.set()
        app.state.service.opened.wait()
        ready = client.get("/health/ready")
        assert ready.status_code == 200
        assert ready.json()["versions"]["encoder"]
        assert ready.json()["waiting"] == 0


def test_library_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    def locked() -> Library:
        raise StoreLocked("another process holds it")

    app = create_app(Settings(home=tmp_path, encoder="quick"), locked)
    with TestClient(app, base_url=BASE_URL) as client:
        app.state.service.opened.wait()
        problem = assert_problem(client.get("/health/ready"), 503, "not-ready")
        assert "another process holds it" in problem["detail"]
