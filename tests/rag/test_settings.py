from __future__ import annotations

from pathlib import Path

import pytest

from rag.answerers import Answerers
from rag.errors import InvalidValue, SettingsError
from rag.settings import Settings, load_settings


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({}) == Settings()


def test_environment_over_file_over_defaults(tmp_path: Path) -> None:
    file = tmp_path / "chuchu.toml"
    file.write_text('port = 9000\nencoder = "a"\n', encoding="utf-8")
    settings = load_settings({"CHUCHU_PORT": "9001"}, file)
    assert (settings.port, settings.encoder) == (9001, "a")
    assert load_settings({"CHUCHU_PORT": "9001"}, file, port=9002).port == 9002


@pytest.mark.parametrize(
    ("written", "means"), [("true", True), ("False", False), ("0", False), ("1", True)]
)
def test_yes_and_no(written: str, means: bool) -> None:
    assert load_settings({"CHUCHU_RERANK": written}).rerank is means


@pytest.mark.parametrize(
    ("environ", "key", "expected"),
    [
        ({"CHUCHU_PORT": "http"}, "port", "whole number"),
        ({"CHUCHU_PORT": "70000"}, "port", "65535"),
        ({"CHUCHU_MAX_TOP_K": "0"}, "max_top_k", "from 1"),
        ({"CHUCHU_ENCODER_DTYPE": "int4"}, "encoder_dtype", "bfloat16"),
        ({"CHUCHU_ANSWERER": "quick"}, "answerer", "extractive or openai"),
        ({"CHUCHU_RERANK": "perhaps"}, "rerank", "true or false"),
        ({"CHUCHU_COLOUR": "red"}, "colour", "known settings"),
        ({"CHUCHU_HOME": ""}, "home", "path of a folder"),
        ({"CHUCHU_API_KEY": "  "}, "api_key", "not blank"),
        ({"CHUCHU_CONFIG": "/no/such/file.toml"}, "CHUCHU_CONFIG", "exists"),
    ],
)
def test_bad_settings_name_key_value_and_what_was_expected(
    environ: dict[str, str], key: str, expected: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)
    assert caught.value.key == key
    assert expected in caught.value.expected
    assert next(iter(environ.values())) in str(caught.value)


def test_the_answerers_that_may_be_set_are_those_that_a_question_may_name() -> None:
    answerers = Answerers.of(Settings(), lambda: pytest.fail("no reader is loaded"))
    with pytest.raises(InvalidValue) as asked:
        answerers.named("quick")
    with pytest.raises(SettingsError) as chosen:
        load_settings({"CHUCHU_ANSWERER": "quick"})
    assert asked.value.expected == "extractive or openai or transformers"
    assert chosen.value.expected == asked.value.expected


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "chuchu.toml"
    file.write_text("port = ", encoding="utf-8")
    with pytest.raises(SettingsError, match="valid TOML"):
        load_settings({}, file)
