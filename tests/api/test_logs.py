"""The log never holds a document's or a question's words."""

from __future__ import annotations

import logging

import pytest

from api.logs import told, without_texts
from rag.errors import InvalidValue, StoreError


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_a_traceback_says_where_and_what_kind_and_not_what() -> None:
    found = told(raised(KeyError("秘密的句子")))
    assert (
        "test_logs.py" in found
        and "in raised" in found
        and found.endswith("builtins.KeyError")
    )
    assert "秘密" not in found


def test_neither_do_its_causes() -> None:
    try:
        try:
            raise ValueError("秘密的原因")
        except ValueError as error:
            raise RuntimeError("秘密的结果") from error
    except RuntimeError as error:
        found = told(error)
    assert found.index("ValueError") < found.index("RuntimeError")
    assert "秘密" not in found


def test_our_own_sentences_are_kept_but_for_those_with_a_value() -> None:
    assert told(StoreError("the store is closed")).endswith(
        "StoreError: the store is closed"
    )
    assert "秘密" not in told(InvalidValue("question", "秘密", "a question"))


@pytest.mark.parametrize("name", ["uvicorn.error", "chuchu.api", "asyncio"])
def test_whoever_logs_an_exception_logs_no_words(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    without_texts()
    without_texts()
    logger = logging.getLogger(name)
    assert (
        len([each for each in logger.filters if type(each).__module__ == "api.logs"])
        == 1
    )
    caplog.handler.setFormatter(logging.Formatter("%(message)s"))
    with caplog.at_level("ERROR", name):
        logger.error("it failed", exc_info=raised(KeyError("秘密的句子")))
        try:
            raise KeyError("秘密的句子")
        except KeyError:
            logger.exception("it failed again")
    written = "\n".join(caplog.handler.format(record) for record in caplog.records)
    assert written.count("builtins.KeyError") == 2
    assert "秘密" not in written
