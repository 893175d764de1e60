"""Asking over HTTP: the shapes of DESIGN, the invariants of citations, events, filters and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api_fixtures import (
    QUESTION,
    UNANSWERABLE,
    add,
    assert_problem,
    parse_events,
    serving,
)

EVENT_STREAM = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), seeds=True) as client:
        yield client


def ask(client: TestClient, question: str = QUESTION, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/ask", json={"question": question, **body})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_answer_has_the_fields_of_the_contract(client: TestClient) -> None:
    answer = ask(client)
    assert list(answer) == [
        "id",
        "question",
        "status",
        "answer",
        "short_answer",
        "claims",
        "citations",
        "hits",
        "nearest",
        "timings_ms",
        "versions",
        "asked",
        "maybe",
        "frame",
        "struck",
        "notice",
    ]
    assert answer["question"] == QUESTION
    assert answer["status"] == "answered"
    assert answer["short_answer"] == "74家"
    assert "[1]" in answer["answer"]
    for claim in answer["claims"]:
        assert set(claim) == {"text", "citations", "verdict"}
        assert claim["verdict"] is None, "a quote is its own proof"
        assert claim["citations"]
    for citation in answer["citations"]:
        assert set(citation) == {
            "marker",
            "document_id",
            "title",
            "published",
            "passage_id",
            "quote",
            "start",
            "end",
            "source",
            "also_in",
            "dates",
            "where",
        }
        assert set(citation["where"]) == {"headings", "page", "row", "ocr"}
        assert set(citation["source"]) == {"name", "sha256", "spans"}
    for hit in answer["hits"]:
        assert set(hit) == {
            "passage_id",
            "document_id",
            "title",
            "text",
            "start",
            "end",
            "score",
            "scores",
            "where",
        }


def test_every_citation_stands_in_its_document_and_its_source(
    client: TestClient,
) -> None:
    citations = ask(client)["citations"]
    assert citations
    for citation in citations:
        document = client.get(f"/v1/documents/{citation['document_id']}").json()
        assert (
            document["text"][citation["start"] : citation["end"]] == citation["quote"]
        )
        places = [citation["source"], *(copy["source"] for copy in citation["also_in"])]
        for place in places:
            source = client.get(f"/v1/sources/{place['sha256']}").json()
            assert source["name"] == place["name"]
            found = "".join(source["text"][start:end] for start, end in place["spans"])
            assert "".join(found.split()) == "".join(citation["quote"].split())


def test_copies_name_where_they_stand(client: TestClient) -> None:
    copies = [
        copy for citation in ask(client)["citations"] for copy in citation["also_in"]
    ]
    assert copies, "the seed page prints this article more than once"
    for copy in copies:
        assert set(copy) == {"source", "document_id", "start", "end"}
        assert copy["source"]["spans"]


def test_markers_in_the_answer_are_those_of_its_citations(client: TestClient) -> None:
    answer = ask(client)
    markers = {citation["marker"] for citation in answer["citations"]}
    assert markers == {
        marker for claim in answer["claims"] for marker in claim["citations"]
    }
    assert all(f"[{marker}]" in answer["answer"] for marker in markers)


def test_refusal_cites_nothing_and_shows_the_nearest(client: TestClient) -> None:
    answer = ask(client, UNANSWERABLE)
    assert answer["status"] in {"not_found", "insufficient"}
    assert answer["answer"]
    assert answer["citations"] == answer["claims"] == []
    assert answer["short_answer"] is None
    assert answer["nearest"]


def test_top_k_bounds_the_hits(client: TestClient) -> None:
    assert len(ask(client, top_k=1)["hits"]) == 1
    assert (
        len(
            client.post("/v1/search", json={"query": QUESTION, "top_k": 3}).json()[
                "hits"
            ]
        )
        == 3
    )


def test_search_hits_are_in_order_and_exact(client: TestClient) -> None:
    hits = client.post("/v1/search", json={"query": "知识产权保护中心"}).json()["hits"]
    assert hits
    assert [hit["score"] for hit in hits] == sorted(
        (hit["score"] for hit in hits), reverse=True
    )
    for hit in hits:
        document = client.get(f"/v1/documents/{hit['document_id']}").json()
        assert document["text"][hit["start"] : hit["end"]] == hit["text"]


def test_documents_limits_where_the_answer_comes_from(client: TestClient) -> None:
    other = add(client, "书店", "蓝鲸书店位于青石巷18号，每天营业到凌晨两点。")
    try:
        limited = ask(client, documents=[other])
        assert limited["status"] != "answered"
        assert {hit["document_id"] for hit in limited["hits"]} <= {other}
        found = client.post(
            "/v1/search", json={"query": "书店", "documents": [other]}
        ).json()["hits"]
        assert {hit["document_id"] for hit in found} == {other}
    finally:
        client.delete(f"/v1/documents/{other}")


def test_since_and_until_limit_by_the_published_date(client: TestClient) -> None:
    body = {
        "title": "茶园",
        "text": "云雾茶园今年采摘明前茶三百公斤。",
        "published": "2024-04-01",
    }
    id_ = client.post("/v1/documents", json=body).json()["documents"][0]["id"]

    def found(**dates: str) -> set[int]:
        hits = client.post(
            "/v1/search", json={"query": "云雾茶园采摘", "top_k": 50, **dates}
        ).json()["hits"]
        return {hit["document_id"] for hit in hits}

    try:
        assert id_ in found(since="2024-04-01", until="2024-04-01")
        assert id_ not in found(since="2024-04-02")
        assert id_ not in found(until="2024-03-31")
    finally:
        client.delete(f"/v1/documents/{id_}")


def test_history_and_answerer_are_taken(client: TestClient) -> None:
    answer = ask(client, history=["全国有多少家博物馆？"], answerer="extractive")
    assert answer["status"] == "answered"
    problem = assert_problem(
        client.post("/v1/ask", json={"question": QUESTION, "answerer": "oracle"}),
        422,
        "invalid-value",
    )
    assert problem["key"] == "answerer"


def test_a_follow_up_says_how_it_was_understood(client: TestClient) -> None:
    answer = ask(client, "其中浙江省呢？", history=[QUESTION])
    assert set(answer["asked"]) == {"text", "from_history"}
    assert answer["question"] == "其中浙江省呢？"
    assert ask(client)["asked"] == {"text": QUESTION, "from_history": False}


def test_a_greeting_is_answered_without_passages(client: TestClient) -> None:
    response = client.post("/v1/ask", json={"question": "你好"}, headers=EVENT_STREAM)
    (_, hits), (name, answer) = parse_events(response.content)
    assert (hits, name) == ({"hits": []}, "answer")
    assert answer["status"] == "answered" and "份文献" in answer["answer"]
    assert (
        answer["claims"]
        == answer["citations"]
        == answer["hits"]
        == answer["nearest"]
        == []
    )


def test_events_are_the_plain_answer_in_pieces(client: TestClient) -> None:
    response = client.post("/v1/ask", json={"question": QUESTION}, headers=EVENT_STREAM)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = parse_events(response.content)
    names = [name for name, _ in events]
    plain = ask(client)
    assert names == ["hits", *["claim"] * len(plain["claims"]), "answer"]
    streamed = events[-1][1]
    for answer in (plain, streamed):
        del answer["id"], answer["timings_ms"]
    assert streamed == plain
    assert events[0][1]["hits"] == plain["hits"]
    assert [data for name, data in events if name == "claim"] == plain["claims"]


def test_error_before_the_first_event_is_a_plain_problem(client: TestClient) -> None:
    assert_problem(
        client.post("/v1/ask", json={"question": "  "}, headers=EVENT_STREAM),
        422,
        "invalid-value",
    )


def test_examples_are_answered_by_the_documents(client: TestClient) -> None:
    examples = client.get("/v1/examples", params={"lang": "zh"}).json()["examples"]
    assert examples
    assert all(
        ask(client, example)["status"] in {"answered", "conflicting"}
        for example in examples
    )


@pytest.mark.parametrize(
    "question", ["a\u0000b", "\u202e知识", "🀄" * 50, "' OR 1=1 --", '"*(^:']
)
def test_odd_questions_are_answered_or_refused(
    client: TestClient, question: str
) -> None:
    assert ask(client, question)["question"] == question
    assert client.post("/v1/search", json={"query": question}).status_code == 200


def test_empty_library_refuses(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        answer = ask(client)
        assert answer["status"] == "not_found"
        assert answer["hits"] == answer["nearest"] == []
        assert client.get("/v1/examples").json() == {"examples": []}
