"""``chuchu chat``: which questions the next one may go on from."""

from __future__ import annotations

import io
from typing import Any

import pytest

from rag.cli.chat import converse

STATUS = {
    "甲？": "answered",
    "乙？": "insufficient",
    "丙？": "conflicting",
    "丁？": "not_found",
}


class Recording:
    """Answers each question with the status that it is to have, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(body)
        status = STATUS[body["question"]]
        return {"status": status, "answer": "", "short_answer": None, "claims": [],
                "citations": [], "nearest": [], "hits": []}  # fmt: skip


def test_what_was_refused_is_no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("甲？\n乙？\n丙？\n丁？\n"))
    backend: Any = Recording()
    converse(backend, {"top_k": 3})
    assert [body["history"] for body in backend.asked] == [
        [],
        ["甲？"],
        ["甲？"],
        ["甲？", "丙？"],
    ]
    assert all(body["top_k"] == 3 for body in backend.asked)
