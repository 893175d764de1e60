"""Documents and sources over HTTP: adding, listing, reading, deleting for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api_fixtures import add, assert_problem, serving

TEXT = "蓝鲸书店位于青石巷18号，每天营业到凌晨两点。\n\n店主是林晓。"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(
        tmp_path_factory.mktemp("home"), max_upload_mib=1, max_upload_files=3
    ) as client:
        yield client


@pytest.fixture
def client(shared: TestClient) -> Iterator[TestClient]:
    """The shared client, every document gone again afterwards."""
    yield shared
    for document in shared.get("/v1/documents", params={"limit": 500}).json()[
        "documents"
    ]:
        assert shared.delete(f"/v1/documents/{document['id']}").status_code == 204


def upload(client: TestClient, **files: bytes):  # type: ignore[no-untyped-def]
    return client.post(
        "/v1/documents",
        files=[("files", (n.replace("__", "."), d)) for n, d in files.items()],
    )


def test_document_as_json(client: TestClient) -> None:
    body = {"title": "书店", "text": TEXT, "published": "2024-05-31"}
    response = client.post("/v1/documents", json=body)
    assert response.status_code == 201
    assert response.json()["failed"] == []
    (summary,) = response.json()["documents"]
    assert set(summary) == {
        "id",
        "title",
        "published",
        "source",
        "characters",
        "ingested",
    }
    document = client.get(f"/v1/documents/{summary['id']}").json()
    assert list(document) == [
        "id",
        "title",
        "byline",
        "dateline",
        "place",
        "published",
        "text",
        "source",
        "media_type",
        "map",
        "copies",
        "layout",
        "blocks",
        "offset",
        "characters",
    ]
    assert document["layout"] is None
    assert (document["title"], document["published"]) == ("书店", "2024-05-31")
    assert "青石巷18号" in document["text"]
    assert len(document["text"]) == summary["characters"]


def test_map_leads_from_the_text_to_the_source(client: TestClient) -> None:
    document = client.get(f"/v1/documents/{add(client, '书店', TEXT)}").json()
    source = client.get(f"/v1/sources/{document['source']['sha256']}").json()
    fields = {
        "name",
        "sha256",
        "media_type",
        "verbatim",
        "text",
        "documents",
        "offset",
        "characters",
    }
    assert set(source) == fields
    assert document["map"]
    for start, end, source_start in document["map"]:
        assert (
            document["text"][start:end]
            == source["text"][source_start : source_start + end - start]
        )
    ours = set(range(len(document["text"]))).difference(
        *(range(s, e) for s, e, _ in document["map"])
    )
    assert not "".join(document["text"][i] for i in sorted(ours)).strip()


def test_upload_of_several_files(client: TestClient) -> None:
    response = upload(
        client,
        a__txt="甲文件写的是红枫桥。".encode(),
        b__md="# 乙\n\n乙文件写的是白鹭洲。".encode(),
    )
    assert response.status_code == 201
    assert {d["source"]["name"] for d in response.json()["documents"]} == {
        "a.txt",
        "b.md",
    }


def test_adding_again_changes_nothing(client: TestClient) -> None:
    first = upload(client, a__txt=TEXT.encode())
    again = upload(client, a__txt=TEXT.encode())
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(client.get("/v1/documents").json()["documents"]) == len(
        first.json()["documents"]
    )


def test_the_same_file_twice_in_one_upload_is_listed_once(client: TestClient) -> None:
    response = upload(client, a__txt=TEXT.encode(), b__txt=TEXT.encode())
    ids = [document["id"] for document in response.json()["documents"]]
    assert response.status_code == 201
    assert len(ids) == len(set(ids))


def test_bad_file_does_not_stop_the_rest(client: TestClient) -> None:
    response = upload(client, good__txt=TEXT.encode(), bad__mobi=b"?")
    assert response.status_code == 201
    assert [failed["name"] for failed in response.json()["failed"]] == ["bad.mobi"]
    assert response.json()["failed"][0]["why"]


def test_nothing_readable_is_a_problem_of_its_kind(client: TestClient) -> None:
    problem = assert_problem(upload(client, bad__mobi=b"?"), 415, "unsupported-format")
    assert problem["failed"][0]["name"] == "bad.mobi"
    assert_problem(upload(client, empty__txt=b""), 422, "unreadable-source")
    mixed = assert_problem(
        upload(client, bad__mobi=b"?", empty__txt=b""), 422, "unreadable-source"
    )
    assert [failed["name"] for failed in mixed["failed"]] == ["bad.mobi", "empty.txt"]


def test_names_are_labels_not_paths(client: TestClient) -> None:
    files = [("files", ("../../etc/青石\r\nX.txt", TEXT.encode()))]
    name = client.post("/v1/documents", files=files).json()["documents"][0]["source"][
        "name"
    ]
    assert "/" not in name and "\n" not in name
    assert name.endswith(".txt")


def test_too_many_files(client: TestClient) -> None:
    problem = assert_problem(
        upload(client, a__txt=b"1", b__txt=b"2", c__txt=b"3", d__txt=b"4"),
        422,
        "invalid-value",
    )
    assert problem["key"] == "files"
    assert "3" in problem["expected"]


def test_form_without_files(client: TestClient) -> None:
    assert_problem(
        client.post("/v1/documents", files=[("other", ("a.txt", b"1"))]),
        422,
        "invalid-value",
    )


def test_malformed_form(client: TestClient) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    assert_problem(client.post("/v1/documents", content=b"x", headers=headers), 400)
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert_problem(
        client.post("/v1/documents", content=b"no boundary", headers=headers), 400
    )


def test_body_too_large(client: TestClient) -> None:
    assert_problem(upload(client, big__txt=b"x" * 2**21), 413)


def test_body_of_unknown_length_too_large(client: TestClient) -> None:
    head = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    )
    chunks = [head, *[b"x" * 2**16] * 40, b"\r\n--b--\r\n"]
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert_problem(
        client.post("/v1/documents", content=iter(chunks), headers=headers), 413
    )


def test_body_of_another_kind(client: TestClient) -> None:
    headers = {"Content-Type": "text/plain"}
    assert_problem(client.post("/v1/documents", content=b"text", headers=headers), 415)
    assert_problem(client.post("/v1/documents"), 415)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b'{"title": "t"}', "text"),
        (b'{"title": "", "text": "x"}', "title"),
        (b'{"title": " ", "text": "x"}', "title"),
        (b'{"title": "t", "text": " \\n"}', "text"),
        (b'{"title": "t", "text": "x", "published": "2024-02-30"}', "published"),
        (b'{"title": "t", "text": "x", "author": "y"}', "author"),
        (b'{"title": "t", "text": "\\ud800"}', "body"),
        (b'{"title": "t", "text"', "body"),
        (b"\xff\xfe", "body"),
        (b"[1]", "body"),
        (b"", "body"),
    ],
)
def test_json_that_is_no_document(client: TestClient, body: bytes, key: str) -> None:
    headers = {"Content-Type": "application/json"}
    problem = assert_problem(
        client.post("/v1/documents", content=body, headers=headers),
        422,
        "invalid-value",
    )
    assert key in (
        problem.get("key"),
        *(error["key"] for error in problem.get("errors", ())),
    )


def test_nul_and_bidi_controls_in_a_document(client: TestClient) -> None:
    id_ = add(client, "t\u0000itle", "红枫桥\u0000建于\u202e1987年。")
    text = client.get(f"/v1/documents/{id_}").json()["text"]
    assert "\u0000" not in text and "\u202e" not in text


def test_pages_of_the_list(client: TestClient) -> None:
    ids = [add(client, f"第{n}篇", f"第{n}篇写的是第{n}座桥。") for n in range(5)]
    seen, after = [], 0
    while after is not None:
        page = client.get("/v1/documents", params={"after": after, "limit": 2}).json()
        assert len(page["documents"]) <= 2
        seen += [document["id"] for document in page["documents"]]
        after = page["next"]
    assert seen == ids


def test_deleted_document_is_never_seen_again(client: TestClient) -> None:
    id_ = add(client, "书店", TEXT)
    sha256 = client.get(f"/v1/documents/{id_}").json()["source"]["sha256"]
    question = {"question": "蓝鲸书店位于哪里？"}
    before = client.post("/v1/ask", json=question).json()
    assert id_ in {hit["document_id"] for hit in before["hits"]}

    assert client.delete(f"/v1/documents/{id_}").status_code == 204

    after = client.post("/v1/ask", json=question)
    assert "青石巷" not in after.text
    assert after.json()["status"] == "not_found"
    assert "青石巷" not in client.post("/v1/search", json={"query": "蓝鲸书店"}).text
    assert "青石巷" not in client.get("/v1/examples").text
    assert client.get("/v1/documents").json()["documents"] == []
    for gone in (f"/v1/documents/{id_}", f"/v1/sources/{sha256}"):
        assert_problem(client.get(gone), 404, "not-found")
    assert_problem(client.delete(f"/v1/documents/{id_}"), 404, "not-found")


def test_deleted_document_stays_gone_after_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        id_ = add(client, "书店", TEXT)
        client.delete(f"/v1/documents/{id_}")
    with serving(tmp_path) as client:
        assert client.post("/v1/search", json={"query": "蓝鲸书店"}).json() == {
            "hits": []
        }
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "青石巷".encode() not in kept
