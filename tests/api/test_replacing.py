"""Over HTTP: the same name replaces, warnings say what was left out, a part of a long text comes alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.test_documents import upload
from tests.api_fixtures import add, assert_problem, serving

OLD, NEW = "十一月由李静值班。".encode(), "十二月由王梅值班。".encode()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture
def client(shared: TestClient) -> Iterator[TestClient]:
    yield shared
    for document in listed(shared):
        assert shared.delete(f"/v1/documents/{document['id']}").status_code == 204


def listed(client: TestClient) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = client.get("/v1/documents").json()["documents"]
    return documents


def test_a_file_of_the_same_name_replaces_its_older_self(client: TestClient) -> None:
    (old,) = upload(client, rota__txt=OLD).json()["documents"]
    response = upload(client, rota__txt=NEW)
    assert (response.status_code, response.json()["replaced"]) == (201, [old["id"]])
    assert [each["id"] for each in listed(client)] == [
        response.json()["documents"][0]["id"]
    ]
    assert_problem(client.get(f"/v1/documents/{old['id']}"), 404, "not-found")
    assert (
        "李静" not in client.post("/v1/ask", json={"question": "十一月由谁值班？"}).text
    )
    back = upload(client, rota__txt=OLD)
    assert (back.status_code, len(back.json()["replaced"])) == (201, 1)


def test_both_are_kept_when_asked(client: TestClient) -> None:
    upload(client, rota__txt=OLD)
    files = [("files", ("rota.txt", NEW))]
    kept = client.post("/v1/documents", params={"replace": "false"}, files=files)
    assert kept.json()["replaced"] == []
    assert [each["source"]["name"] for each in listed(client)] == ["rota.txt"] * 2


def test_another_name_and_a_typed_text_replace_nothing(client: TestClient) -> None:
    upload(client, a__txt=OLD)
    upload(client, b__txt=NEW)
    add(client, "值班表", "一月由赵强值班。")
    add(client, "值班表", "二月由钱莉值班。")
    assert len(listed(client)) == 4


def test_an_upload_replaces_a_file_that_the_command_line_took_in(
    tmp_path: Path,
) -> None:
    (tmp_path / "rota.txt").write_bytes(OLD)
    with serving(tmp_path / "home") as client:
        library = client.app.state.service.library  # type: ignore[attr-defined]
        list(library.ingest([tmp_path / "rota.txt"]))
        assert upload(client, rota__txt=NEW).json()["replaced"] == [1]


def test_warnings_say_what_was_left_out_and_why(client: TestClient) -> None:
    added = upload(
        client,
        good__txt=OLD,
        bad__mobi=b"?",
        empty__txt=b"",
        long__txt=b"x" * 5_000_001,
    ).json()
    assert {each["name"]: each["kind"] for each in added["warnings"]} == {
        "bad.mobi": "unsupported",
        "empty.txt": "empty",
        "long.txt": "limit",
    }
    assert all(
        each["detail"] and each["name"] not in each["detail"]
        for each in added["warnings"]
    )
    assert upload(client, good__txt=OLD).json()["warnings"] == []
    problem = assert_problem(upload(client, bad__mobi=b"?"), 415, "unsupported-format")
    assert [each["kind"] for each in problem["warnings"]] == ["unsupported"]


def test_the_list_says_when_each_was_taken_in(client: TestClient) -> None:
    (summary,) = upload(client, rota__txt=OLD).json()["documents"]
    moment = datetime.fromisoformat(summary["ingested"])
    assert timedelta(0) <= datetime.now(UTC) - moment < timedelta(minutes=5)
    assert listed(client) == [summary]


def test_a_part_of_a_long_document(client: TestClient) -> None:
    text = "".join(f"第{n:05d}句🐋在这里。" for n in range(2000))
    (summary,) = upload(client, long__txt=text.encode()).json()["documents"]
    address = f"/v1/documents/{summary['id']}"
    whole = client.get(address).json()
    assert (whole["offset"], whole["characters"]) == (0, len(text))
    part = client.get(address, params={"around": 9_000, "margin": 200}).json()
    start = part["offset"]
    assert part["text"] == whole["text"][start : start + 400]
    assert start <= 9_000 < start + 400
    assert part["characters"] == len(text)
    source = client.get(f"/v1/sources/{part['source']['sha256']}").json()
    here = client.get(
        f"/v1/sources/{part['source']['sha256']}",
        params={"around": 9_000, "margin": 200},
    ).json()
    assert here["text"] == source["text"][here["offset"] : here["offset"] + 400]
    assert here["documents"] == [
        {
            "id": summary["id"],
            "title": whole["title"],
            "spans": [[here["offset"], here["offset"] + 400]],
        }
    ]
    assert (
        client.get(address, params={"around": 5}).json()["text"] == text
    )  # not long: whole


@pytest.mark.parametrize(
    "query", [{"around": -1}, {"around": "x"}, {"around": 1, "margin": 0}]
)
def test_a_part_that_cannot_be(client: TestClient, query: dict[str, Any]) -> None:
    assert_problem(client.get("/v1/documents/1", params=query), 422, "invalid-value")
