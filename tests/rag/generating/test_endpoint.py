"""rag/generating/endpoint.py: OpenAI's client against a server that does well, and badly in many ways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.errors import SettingsError
from rag.generating.endpoint import OpenAIModel
from rag.generating.models import WritingFailed
from rag.settings import Settings
from tests.language_model_server import ModelServer, model_server

MESSAGES = [{"role": "user", "content": "质保多久？"}]


@pytest.fixture(scope="module")
def served() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def server(served: ModelServer) -> ModelServer:
    served.well("质保两年[1]。")
    return served


def model(server: ModelServer, **settings: object) -> OpenAIModel:
    chosen = {
        "llm_base_url": server.base_url,
        "llm_model": "m",
        "llm_timeout": 5,
    } | settings
    return OpenAIModel.of(Settings(**chosen))  # type: ignore[arg-type]


def test_the_text_comes_in_the_pieces_that_the_server_sends(
    server: ModelServer,
) -> None:
    server.piece = 2
    assert list(model(server).write(MESSAGES, 5)) == ["质保", "两年", "[1", "]。"]
    assert server.asked[-1]["model"] == "m"
    assert server.asked[-1]["stream"] is True


def test_only_the_key_that_is_set_is_sent(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "meant-for-another-server")
    list(model(server).write(MESSAGES, 5))
    list(model(server, llm_key="ours").write(MESSAGES, 5))
    assert server.keys[-2:] == ["Bearer none", "Bearer ours"]


def test_a_server_that_knows_no_options_is_asked_without(server: ModelServer) -> None:
    server.fault = "once refused"
    assert "".join(model(server).write(MESSAGES, 5)) == "质保两年[1]。"
    assert "max_tokens" not in server.asked[-1]


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (500, "failed"),
        (503, "failed"),
        (401, "refused"),
        (404, "refused"),
        (400, "refused"),
    ],
)
def test_an_error_of_the_server_says_whose_it_is(
    server: ModelServer, status: int, failure: str
) -> None:
    server.status = status
    with pytest.raises(WritingFailed) as failed:
        list(model(server).write(MESSAGES, 5))
    assert failed.value.failure == failure


@pytest.mark.parametrize(
    ("fault", "failures"),
    [
        ("silent", {"slow"}),
        ("drip", {"slow"}),
        ("early", {"broke off"}),
        ("garbage", {"unreadable"}),
        ("html", {"unreadable", "broke off"}),
        ("shape", {"unreadable"}),
        ("number", {"unreadable"}),
    ],
)
def test_whatever_goes_wrong_with_a_stream_is_one_error(
    server: ModelServer, fault: str, failures: set[str]
) -> None:
    server.reply = lambda prompt: "质保两年[1]。" * 10
    server.fault = fault
    with pytest.raises(WritingFailed) as failed:
        list(model(server).write(MESSAGES, 0.7))
    assert failed.value.failure in failures


def test_what_came_before_a_stream_broke_off_is_handed_on(server: ModelServer) -> None:
    server.fault = "early"
    got: list[str] = []
    with pytest.raises(WritingFailed, match="broke off"):
        for piece in model(server).write(MESSAGES, 5):
            got.append(piece)
    assert "".join(got).startswith("质保")


def test_nobody_at_the_address_is_unreachable() -> None:
    settings = Settings(llm_base_url="http://127.0.0.1:9/v1", llm_model="m")
    with pytest.raises(WritingFailed) as failed:
        list(OpenAIModel.of(settings).write(MESSAGES, 5))
    assert failed.value.failure == "unreachable"


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({}, "llm_base_url"),
        ({"llm_base_url": "localhost:8001", "llm_model": "m"}, "llm_base_url"),
        ({"llm_base_url": "http://127.0.0.1:1/v1"}, "llm_model"),
    ],
)
def test_what_is_not_set_is_named(settings: dict[str, str], key: str) -> None:
    with pytest.raises(SettingsError) as error:
        OpenAIModel.of(Settings(**settings))  # type: ignore[arg-type]
    assert error.value.key == key
