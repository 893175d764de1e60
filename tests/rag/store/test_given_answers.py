"""Answers that were given can be read again, without a word of what was deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.errors import NotFound
from rag.library import Library
from rag.store.given_answers import GivenAnswers, without_document
from tests.api_fixtures import add, assert_problem, parse_events, serving

OURS = "磨坊有三台水车。"
THEIRS = "磨坊有五台水车。"


def citation(
    marker: int, document_id: int, quote: str, copies: tuple[int, ...] = ()
) -> dict[str, Any]:
    also_in = [
        {"document_id": copy, "source": {"name": f"{copy}.txt"}} for copy in copies
    ]
    return {
        "marker": marker,
        "document_id": document_id,
        "title": f"title {document_id}",
        "quote": quote,
        "start": 0,
        "end": len(quote),
        "also_in": also_in,
    }


def answer(**changed: Any) -> dict[str, Any]:
    """An answer whose first claim rests on document 1, and its second on documents 1 and 2."""
    given = {
        "id": "a" * 32,
        "question": "几台？",
        "status": "conflicting",
        "answer": "one[1]\ntwo[1][2]",
        "short_answer": "one",
        "claims": [
            {"text": "one", "citations": [1]},
            {"text": "two", "citations": [1, 2]},
        ],
        "citations": [citation(1, 1, "one", (2, 3)), citation(2, 2, "two")],
        "hits": [{"document_id": 1, "text": "one"}, {"document_id": 2, "text": "two"}],
        "nearest": [],
        "timings_ms": {},
        "versions": {},
        "notice": "two, says a model",
    }
    return given | changed


def test_what_rests_on_a_deleted_document_leaves() -> None:
    left = without_document(answer(), 2)
    assert left["answer"] == "one[1]"
    assert [claim["text"] for claim in left["claims"]] == ["one"]
    assert [each["marker"] for each in left["citations"]] == [1]
    assert [copy["document_id"] for copy in left["citations"][0]["also_in"]] == [3]
    assert [hit["document_id"] for hit in left["hits"]] == [1]
    assert left["short_answer"] is None
    assert "two" not in str(left)


def test_a_document_that_is_only_listed_takes_nothing_else_along() -> None:
    given = answer(
        hits=[{"document_id": 1, "text": "one"}, {"document_id": 9, "text": "nine"}]
    )
    left = without_document(given, 9)
    assert left == {**given, "hits": [{"document_id": 1, "text": "one"}]}


def test_a_guess_leaves_with_its_document() -> None:
    guess = {"document_id": 9, "start": 0, "end": 4, "text": "nine"}
    given = answer(citations=[], claims=[], answer="unsure", maybe=guess)
    assert without_document(given, 9) == {**given, "maybe": None}
    assert without_document(given, 1)["maybe"] == guess


def test_a_document_of_a_copy_leaves_the_claim_and_takes_its_name() -> None:
    left = without_document(answer(), 3)
    assert left["answer"] == "one[1]\ntwo[1][2]"
    assert [copy["document_id"] for copy in left["citations"][0]["also_in"]] == [2]


def numbered(at: int, filler: str = "") -> dict[str, Any]:
    return answer(id=f"{at:032x}", citations=[], claims=[], hits=[], answer=filler)


def test_the_oldest_leave_by_number_and_by_bytes(empty_library: Library) -> None:
    kept: GivenAnswers = empty_library.answers

    def there(at: int) -> bool:
        try:
            kept.get(f"{at:032x}")
        except NotFound:
            return False
        return True

    for at in range(5):
        kept.keep(numbered(at), most=3)
    assert [there(at) for at in range(5)] == [False, False, True, True, True]
    kept.keep(numbered(5, "x" * 3000), most=10, most_bytes=3400)
    assert [there(at) for at in range(6)] == [False, False, False, False, False, True]
    kept.keep(numbered(6, "x" * 4000), most=10, most_bytes=3400)
    assert not there(6), "one that is too large alone is not kept either"


@pytest.fixture
def client(tmp_path: Path) -> Any:
    with serving(tmp_path / "home") as client:
        yield client


def ask(client: TestClient, question: str) -> Any:
    response = client.post("/v1/ask", json={"question": question})
    assert response.status_code == 200, response.text
    return response.json()


def test_an_answer_is_given_back_as_it_was(client: TestClient) -> None:
    add(client, "磨坊", OURS)
    for streamed in (False, True):
        accept = {"Accept": "text/event-stream"} if streamed else {}
        response = client.post(
            "/v1/ask", json={"question": "磨坊有几台水车？"}, headers=accept
        )
        given = parse_events(response.content)[-1][1] if streamed else response.json()
        assert given["status"] == "answered"
        again = client.get(f"/v1/answers/{given['id']}").json()
        assert again == {**given, "gone": [], "changed": []}


def test_nothing_of_a_deleted_document_is_given_back_or_on_the_disk(
    client: TestClient, tmp_path: Path
) -> None:
    secret = add(client, "密", "密室的钥匙藏在第七块砖后面。")
    given = ask(client, "密室的钥匙藏在哪里？")
    assert given["citations"]
    client.get(f"/v1/answers/{given['id']}")
    assert client.delete(f"/v1/documents/{secret}").status_code == 204
    again = client.get(f"/v1/answers/{given['id']}")
    assert again.status_code == 200
    assert again.json()["gone"] == [secret]
    assert (
        again.json()["claims"],
        again.json()["citations"],
        again.json()["answer"],
    ) == ([], [], "")
    assert "第七块砖" not in again.text
    for path in (tmp_path / "home").iterdir():
        assert path.is_dir() or "第七块砖".encode() not in path.read_bytes(), path


def test_a_replaced_file_is_gone_and_another_one_is_not(client: TestClient) -> None:
    def upload(text: str) -> int:
        response = client.post(
            "/v1/documents", files={"files": ("mill.txt", text.encode())}
        )
        return int(response.json()["documents"][0]["id"])

    first = upload(OURS)
    given = ask(client, "磨坊有几台水车？")
    upload(THEIRS)
    assert client.get(f"/v1/answers/{given['id']}").json()["gone"] == [first]


def test_a_quote_that_moved_is_told_of(client: TestClient) -> None:
    mill = add(client, "磨坊", OURS)
    given = ask(client, "磨坊有几台水车？")
    client.get(f"/v1/answers/{given['id']}")
    service: Any = client.app.state.service  # type: ignore[attr-defined]
    with service.library._store._connections.write() as db:
        db.execute("UPDATE documents SET text = ? WHERE id = ?", ("　" + OURS, mill))
    again = client.get(f"/v1/answers/{given['id']}").json()
    assert (again["gone"], again["changed"]) == ([], [mill])


def test_what_was_never_given_is_not_found(client: TestClient) -> None:
    assert_problem(client.get("/v1/answers/" + "0" * 32), 404, "not-found")
    assert_problem(client.get("/v1/answers/x"), 422)


def test_none_is_kept_where_none_is_wanted(tmp_path: Path) -> None:
    with serving(tmp_path / "home", keep_answers=0) as client:
        add(client, "磨坊", OURS)
        assert_problem(
            client.get(f"/v1/answers/{ask(client, '磨坊有几台水车？')['id']}"), 404
        )


def test_a_batch_is_answered_one_by_one(client: TestClient) -> None:
    add(client, "磨坊", OURS)
    questions = ["磨坊有几台水车？", "长" * 1001, "火星上有几座寺庙？"]
    response = client.post("/v1/ask/batch", json={"questions": questions})
    assert response.status_code == 200, response.text
    mill, long, mars = response.json()["results"]
    alone = ask(client, questions[0])
    assert mill["problem"] is None
    assert {**mill["answer"], "id": "", "timings_ms": {}} == {
        **alone,
        "id": "",
        "timings_ms": {},
    }
    assert client.get(f"/v1/answers/{mill['answer']['id']}").status_code == 200
    assert (long["answer"], long["problem"]["key"], long["problem"]["status"]) == (
        None,
        "question",
        422,
    )
    assert mars["answer"]["status"] in ("not_found", "insufficient")
    for wrong in ([], [""], ["x"] * 51, "x"):
        assert_problem(client.post("/v1/ask/batch", json={"questions": wrong}), 422)
