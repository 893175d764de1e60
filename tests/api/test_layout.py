"""A jumbled page over HTTP: how its documents were read, and which stretch belongs to which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api_fixtures import serving
from tests.toy_pages import PIECES, STITCHED, TEXT, articles, page, place, put_page


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home")) as client:
        put_page(client.app.state.service.library)  # type: ignore[attr-defined]
        yield client


def plain(value: Any) -> Any:
    """Tuples as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("index", [0, 1])
def test_a_document_tells_how_it_was_read(client: TestClient, index: int) -> None:
    sent = client.get(f"/v1/documents/{index + 1}").json()
    given = articles()[index]
    assert sent["layout"] == plain(asdict(given.layout))
    for block in sent["layout"]["blocks"]:
        on_page = "".join(TEXT[start:end] for start, end in block["source_spans"])
        assert sent["text"][slice(*block["span"])] == on_page
    assert (sent["byline"], sent["dateline"], sent["place"], sent["published"]) == (
        given.byline,
        given.dateline,
        given.place,
        given.published,
    )
    assert len(sent["copies"]) == len(given.copies)


def test_a_source_tells_which_stretch_belongs_to_which_document(
    client: TestClient,
) -> None:
    source = client.get(f"/v1/sources/{page().sha256}").json()
    bridge, library = source["documents"]
    assert (bridge["id"], bridge["title"]) == (1, PIECES["bridge headline"])
    assert (library["id"], library["title"]) == (2, PIECES["library headline"])
    assert bridge["spans"][-3:] == [
        list(place(f"bridge {piece}")) for piece in ("2b", "3a", "3b")
    ]
    taken = [
        set(range(*span))
        for document in source["documents"]
        for span in document["spans"]
    ]
    assert sum(map(len, taken)) == len(set().union(*taken))
    assert not set(range(*place("stray"))) & set().union(*taken)


def test_a_sentence_that_the_page_cut_is_cited_whole(client: TestClient) -> None:
    answer = client.post(
        "/v1/ask", json={"question": "匠人段启明在第二个桥墩里找到了什么？"}
    ).json()
    assert answer["status"] == "answered"
    citation = next(each for each in answer["citations"] if each["quote"] == STITCHED)
    assert citation["source"]["spans"] == [
        list(place("bridge 2a")),
        list(place("bridge 2b")),
    ]
    assert (
        "".join(TEXT[start:end] for start, end in citation["source"]["spans"])
        == STITCHED
    )


def test_a_citation_says_which_day_is_meant(client: TestClient) -> None:
    answer = client.post("/v1/ask", json={"question": "图书馆每晚开放到几点？"}).json()
    assert answer["status"] == "answered"
    citation = next(each for each in answer["citations"] if "昨日" in each["quote"])
    (date,) = citation["dates"]
    assert (date["text"], date["means"]) == ("昨日", "2024-11-19")
    document = client.get(f"/v1/documents/{citation['document_id']}").json()
    assert document["text"][date["start"] : date["end"]] == "昨日"


def test_no_quote_reaches_across_lost_words(client: TestClient) -> None:
    answer = client.post("/v1/ask", json={"question": "石板编号后放回哪里？"}).json()
    assert answer["status"] == "answered"
    quotes = [each["quote"] for each in answer["citations"]]
    assert PIECES["bridge 3b"] in quotes
    assert not [quote for quote in quotes if "〔…〕" in quote]
