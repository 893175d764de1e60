"""``/v1/feedback``: what may be said of an answer, what is kept, and what goes with a document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.answers import RecentAnswers
from rag.errors import NotFound
from rag.records import Answer
from tests.api_fixtures import (
    QUESTION,
    UNANSWERABLE,
    add,
    assert_problem,
    parse_events,
    serving,
)

TEXT = "青石巷的蓝鲸书店由店主梅若兰经营，收有旧书三千册。书店每晚九点关门。"
WHO = "蓝鲸书店由谁经营？"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), seeds=True) as client:
        yield client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path / "home") as client:
        yield client


def ask(client: TestClient, question: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/v1/ask", json={"question": question}).json()
    return answer


def test_a_thumb_up_is_kept_with_its_question(seeded: TestClient) -> None:
    answer = ask(seeded, QUESTION)
    response = seeded.post(
        "/v1/feedback", json={"answer_id": answer["id"], "verdict": "up"}
    )
    assert response.status_code == 201
    kept = response.json()
    assert kept.pop("created")
    assert kept == {
        "answer_id": answer["id"],
        "question": QUESTION,
        "verdict": "up",
        "span": None,
        "comment": None,
    }
    assert response.json() in seeded.get("/v1/feedback").json()["feedback"]


def test_a_thumb_down_with_the_right_words_and_a_comment(seeded: TestClient) -> None:
    answer = ask(seeded, UNANSWERABLE)
    text = seeded.get("/v1/documents/1").json()["text"]
    word = {"answer_id": answer["id"], "verdict": "down", "comment": "在这里"}
    span = {"document_id": 1, "start": 3, "end": 9}
    kept = seeded.post("/v1/feedback", json=word | {"span": span}).json()
    assert kept["span"] == span | {"text": text[3:9]}
    assert kept["comment"] == "在这里"


def test_a_second_thumb_takes_the_place_of_the_first_and_can_be_taken_back(
    client: TestClient,
) -> None:
    add(client, "书店", TEXT)
    id_ = ask(client, WHO)["id"]
    assert (
        client.post(
            "/v1/feedback", json={"answer_id": id_, "verdict": "up"}
        ).status_code
        == 201
    )
    again = client.post("/v1/feedback", json={"answer_id": id_, "verdict": "down"})
    assert (again.status_code, again.json()["verdict"]) == (200, "down")
    assert [
        each["verdict"] for each in client.get("/v1/feedback").json()["feedback"]
    ] == ["down"]
    assert client.delete(f"/v1/feedback/{id_}").status_code == 204
    assert client.get("/v1/feedback").json() == {"feedback": []}
    assert_problem(client.delete(f"/v1/feedback/{id_}"), 404, "not-found")


def test_an_answer_that_came_as_a_stream_can_be_judged(seeded: TestClient) -> None:
    response = seeded.post(
        "/v1/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}
    )
    name, answer = parse_events(response.content)[-1]
    assert name == "answer"
    given = seeded.post(
        "/v1/feedback", json={"answer_id": answer["id"], "verdict": "up"}
    )
    assert given.status_code == 201


def test_an_answer_that_nobody_gave_cannot_be_judged(seeded: TestClient) -> None:
    problem = assert_problem(
        seeded.post("/v1/feedback", json={"answer_id": "f" * 32, "verdict": "up"}),
        404,
        "not-found",
    )
    assert "answer given lately" in problem["detail"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": None}, "verdict"),
        ({"answer_id": "x"}, "answer_id"),
        ({"comment": "字" * 2001}, "comment"),
        ({"comment": 7}, "comment"),
        ({"span": {"document_id": 1, "start": 5, "end": 5}}, "span"),
        ({"span": {"document_id": 1, "start": 5, "end": 10**9}}, "span"),
        ({"span": {"document_id": 1, "start": -5, "end": 5}}, "span.start"),
        ({"span": {"document_id": 0, "start": 0, "end": 5}}, "span.document_id"),
        ({"span": {"document_id": 1, "start": 0}}, "span.end"),
        ({"stars": 5}, "stars"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(
    seeded: TestClient, change: dict[str, Any], key: str
) -> None:
    id_ = ask(seeded, QUESTION)["id"]
    word = {"answer_id": id_, "verdict": "down"} | change
    problem = assert_problem(
        seeded.post("/v1/feedback", json=word), 422, "invalid-value"
    )
    assert key in (
        problem.get("key"),
        *(error["key"] for error in problem.get("errors", ())),
    )
    assert id_ not in seeded.get("/v1/feedback").text


def test_a_marked_document_that_is_not_there_is_not_found(seeded: TestClient) -> None:
    word = {"answer_id": ask(seeded, QUESTION)["id"], "verdict": "down"}
    span = {"document_id": 999, "start": 0, "end": 1}
    problem = assert_problem(
        seeded.post("/v1/feedback", json=word | {"span": span}), 404, "not-found"
    )
    assert "document 999" in problem["detail"]


def test_a_foreign_page_cannot_speak_and_a_key_is_asked_for(
    client: TestClient, tmp_path: Path
) -> None:
    word = {"answer_id": "f" * 32, "verdict": "up"}
    foreign = {"Origin": "https://evil.example"}
    assert_problem(
        client.post("/v1/feedback", json=word, headers=foreign), 403, "forbidden"
    )
    assert_problem(
        client.delete("/v1/feedback/" + "f" * 32, headers=foreign), 403, "forbidden"
    )
    with serving(tmp_path / "guarded", api_key="key") as guarded:
        assert_problem(guarded.post("/v1/feedback", json=word), 401, "unauthorized")
        assert_problem(guarded.get("/v1/feedback"), 401, "unauthorized")


def test_a_body_that_is_too_large_is_refused(seeded: TestClient) -> None:
    word = {"answer_id": "f" * 32, "verdict": "up", "comment": "x" * 1_000_000}
    assert_problem(seeded.post("/v1/feedback", json=word), 413)


def test_what_quotes_a_deleted_document_goes_with_it(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        first = add(client, "书店", TEXT)
        second = add(
            client, "茶馆", "河西的松月茶馆由掌柜陆长庚经营，每天早上六点开门。"
        )
        answer = ask(client, WHO)
        assert "梅若兰" in answer["answer"]
        client.post("/v1/feedback", json={"answer_id": answer["id"], "verdict": "up"})
        other = ask(client, "松月茶馆由谁经营？")
        span = {"document_id": first, "start": 0, "end": 8}
        word = {"answer_id": other["id"], "verdict": "down", "span": span}
        assert client.post("/v1/feedback", json=word).status_code == 201
        unjudged = ask(client, WHO)
        client.delete(f"/v1/documents/{first}")
        assert client.get("/v1/feedback").json() == {"feedback": []}
        late = client.post(
            "/v1/feedback", json={"answer_id": unjudged["id"], "verdict": "up"}
        )
        assert_problem(late, 404, "not-found")
        # The other answer listed a passage of that document, too: it can be asked anew.
        assert_problem(
            client.post(
                "/v1/feedback", json={"answer_id": other["id"], "verdict": "up"}
            ),
            404,
            "not-found",
        )
        again = ask(client, "松月茶馆由谁经营？")
        word = {"answer_id": again["id"], "verdict": "up"}
        assert client.post("/v1/feedback", json=word).status_code == 201
        assert client.get(f"/v1/documents/{second}").status_code == 200
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "梅若兰".encode() not in kept
    assert "陆长庚".encode() in kept


def test_only_so_many_answers_are_remembered() -> None:
    answers = RecentAnswers(limit=2)
    for id_ in "abc":
        answers.remember(
            Answer(id_, "q", "not_found", "", None, (), (), (), (), {}, {})
        )
    assert answers.get("b").question == "q"
    with pytest.raises(NotFound, match="answer given lately 'a'"):
        answers.get("a")
