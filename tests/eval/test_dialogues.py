"""The dialogues are what they claim to be, and history is scored."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from eval.commands.facts import corpus_of
from eval.facts import Fact, read_facts
from eval.harness import run_facts
from eval.normalise import holds
from rag.errors import InvalidValue
from tests.scripted_library import SENTENCES, fact, refuses, says, scripted

FACTS = Path(__file__).resolve().parents[2] / "eval" / "facts"


@pytest.fixture(scope="module", params=["dialogues", "dialogues-heldout"])
def dialogues(request: pytest.FixtureRequest) -> list[Fact]:
    return read_facts(FACTS / f"{request.param}.jsonl")


def test_every_answer_stands_in_its_evidence_and_that_in_a_document(
    dialogues: list[Fact],
) -> None:
    documents = "\n".join(
        path.read_text(encoding="utf-8") for path in (FACTS / "dialogues").iterdir()
    )
    for each in dialogues:
        assert each.history, each.id
        assert all(quote in documents for quote in each.evidence), each.id
        if each.answerable:
            assert any(
                holds(quote, answer)
                for quote in each.evidence
                for answer in each.answers
            ), each.id


def test_half_go_on_and_half_change_the_subject(dialogues: list[Fact]) -> None:
    kinds = Counter(
        "followup" if each.kind == "followup" else "alone"
        for each in dialogues
        if each.answerable
    )
    assert kinds["followup"] == kinds["alone"] >= 20
    assert sum("-short-" in each.id for each in dialogues) >= 7


def test_the_documents_stand_beside_the_facts() -> None:
    assert corpus_of(FACTS / "dialogues.jsonl") == FACTS / "dialogues"


def test_an_answer_that_moves_with_the_history_is_counted() -> None:
    library = scripted({"几家？": says(SENTENCES[0], "74家"), "哪个市？": refuses})
    stands = replace(fact("几家？", "74家"), history=("哪个市？",))
    leans = replace(fact("哪个市？", "绍兴", kind="followup"), history=("几家？",))
    results = run_facts(library, [stands, leans], dataset="toy")
    assert (
        results.metrics["unmoved_by_history"].n
        == results.metrics["followup_right"].n
        == 1
    )
    assert results.metrics["unmoved_by_history"].value == 1.0
    assert results.metrics["followup_right"].value == 0.0
    assert [question.history for question in library.asked] == [
        ("哪个市？",),
        (),
        ("几家？",),
    ]


def test_a_follow_up_without_history_is_no_fact(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(
        '{"id": "a", "question": "那它呢？", "answers": ["1"], "lang": "zh", "kind": "followup"}\n',
        encoding="utf-8",
    )
    with pytest.raises(InvalidValue, match="the question before it"):
        read_facts(path)
