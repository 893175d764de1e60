"""The OpenAI-compatible endpoints as OpenAI's own client uses them, over a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.api.test_server import WAIT, address, start
from tests.api_fixtures import serving

LIBRARY = "小镇图书馆藏书多少册？"
BRIDGE = "Who finished the stone bridge over the Elm River?"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, toy_folder: Path) -> Iterator[int]:
    home = tmp_path_factory.mktemp("openai")
    process = start(home, seeds=toy_folder, api_key="secret")
    try:
        yield address(process)
    finally:
        process.terminate()
        process.communicate(timeout=WAIT)


@pytest.fixture(scope="module")
def client(port: int) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"http://127.0.0.1:{port}/v1", api_key="secret", max_retries=0
    )


def user(text: str) -> Any:
    return {"role": "user", "content": text}


def test_a_completion_has_markers_sources_and_the_whole_answer(
    client: openai.OpenAI,
) -> None:
    done = client.chat.completions.create(
        model="chuchu", messages=[user(LIBRARY)], temperature=0.2
    )
    text = done.choices[0].message.content
    assert text is not None
    answer, sources = text.split("\n\n出处：\n")
    assert answer.endswith("[1]") and "12万册" in answer
    assert (
        sources.startswith("- [1] 小镇图书馆重新开放, 图书馆.txt")
        and "藏书12万册" in sources
    )
    assert (done.model, done.choices[0].finish_reason) == ("chuchu", "stop")
    whole: Any = done.chuchu  # type: ignore[attr-defined]
    assert whole["short_answer"] == "12万册"
    assert done.id == f"chatcmpl-{whole['id']}"
    assert whole["citations"][0]["quote"] in text


def test_a_stream_says_the_same_bit_by_bit(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="chuchu", messages=[user(BRIDGE)])
    chunks = list(
        client.chat.completions.create(
            model="chuchu",
            messages=[user(BRIDGE)],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    pieces = [
        choice.delta.content or "" for chunk in chunks for choice in chunk.choices
    ]
    assert len([piece for piece in pieces if piece]) > 1
    assert "".join(pieces) == whole.choices[0].message.content
    assert "\n\nSources:\n- [1] " in "".join(pieces)
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][
        -1
    ] == "stop"
    assert chunks[-2].chuchu["status"] == "answered"  # type: ignore[attr-defined]
    assert (chunks[-1].choices, chunks[-1].usage is not None) == ([], True)


def test_earlier_messages_are_history(client: openai.OpenAI, port: int) -> None:
    told = [
        {"role": "system", "content": "You are a pirate."},
        user(LIBRARY),
        {"role": "assistant", "content": "12万册"},
        {"role": "user", "content": [{"type": "text", "text": "馆长是谁？"}]},
    ]
    done: Any = client.chat.completions.create(model="chuchu", messages=told)  # type: ignore[arg-type]
    asked = {"question": "馆长是谁？", "history": [LIBRARY]}
    key = {"X-API-Key": "secret"}
    same = httpx.post(
        f"http://127.0.0.1:{port}/v1/ask", json=asked, headers=key, timeout=WAIT
    ).json()
    assert done.chuchu["question"] == "馆长是谁？"
    assert done.chuchu["answer"] == same["answer"]
    assert done.chuchu["short_answer"] == same["short_answer"]


def test_a_refusal_is_a_message_without_sources(client: openai.OpenAI) -> None:
    done: Any = client.chat.completions.create(
        model="chuchu", messages=[user("火星上有几座寺庙？")]
    )
    assert done.chuchu["citations"] == []
    assert done.choices[0].message.content == done.chuchu["answer"]


def test_filters_come_in_a_field_of_their_own(client: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="documents: got 99"):
        client.chat.completions.create(
            model="chuchu",
            messages=[user(LIBRARY)],
            extra_body={"chuchu": {"documents": [99]}},
        )


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([{"role": "system", "content": "x"}], "messages: got 'system'"),
        (
            [user(LIBRARY), {"role": "assistant", "content": "12万册"}],
            "messages: got 'assistant'",
        ),
        ([user("长" * 1001)], "question: got"),
        ([user("  ")], "messages: got 'user'"),
    ],
)
def test_what_is_no_question_says_so(
    client: openai.OpenAI, messages: Any, said: str
) -> None:
    for streamed in (False, True):
        with pytest.raises(openai.UnprocessableEntityError) as caught:
            client.chat.completions.create(
                model="chuchu", messages=messages, stream=streamed
            )
        assert caught.value.type == "value"
        assert said in caught.value.message


def test_models_are_listed_and_another_is_not_found(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert names == ["chuchu", "quick"]
    assert client.models.retrieve("chuchu").owned_by == "chuchu"
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-9'"):
        client.models.retrieve("gpt-9")
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-9'"):
        client.chat.completions.create(model="gpt-9", messages=[user(LIBRARY)])


def test_embeddings_are_the_encoders(client: openai.OpenAI) -> None:
    made = client.embeddings.create(model="chuchu", input=["图书馆", "苹果", "图书馆"])
    first, apple, again = (each.embedding for each in made.data)
    assert sum(each * each for each in first) == pytest.approx(1, abs=1e-4)
    assert first == again != apple
    plain = client.embeddings.create(
        model="quick", input="图书馆", encoding_format="float"
    )
    assert plain.data[0].embedding == pytest.approx(first, abs=1e-6)
    for wrong in ({"input": []}, {"input": [""]}, {"input": "x", "dimensions": 7}):
        with pytest.raises(openai.UnprocessableEntityError):
            client.embeddings.create(model="chuchu", **wrong)  # type: ignore[arg-type]


def test_a_wrong_key_is_the_clients_authentication_error(port: int) -> None:
    stranger = openai.OpenAI(
        base_url=f"http://127.0.0.1:{port}/v1", api_key="wrong", max_retries=0
    )
    with pytest.raises(openai.AuthenticationError, match="Bearer KEY"):
        stranger.models.list()


def test_a_chat_that_waits_for_a_language_model_keeps_no_other_question_waiting(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as client:
        # No question of the ordinary queue can run: this one has a queue of its own.
        client.app.state.service.questions.limit = 0  # type: ignore[attr-defined]
        body = {"messages": [user(LIBRARY)], "chuchu": {"answerer": "openai"}}
        response = client.post("/v1/chat/completions", json=body)
        assert "waiting for inference" not in response.text
        plain = client.post("/v1/chat/completions", json={"messages": [user(LIBRARY)]})
        assert "waiting for inference" in plain.text
