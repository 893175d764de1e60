"""For each miss, the first stage that lost the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from eval.blame import BLAMES, blame
from eval.facts import Fact
from eval.harness import run_facts
from rag.library import Question
from rag.records import Answer, Document, Hit, Passage, Trace
from tests.scripted_library import (
    FACTS,
    SENTENCES,
    Scripted,
    answer_of,
    breaks,
    fact,
    refuses,
    says,
    scripted,
    withholds,
)

WANTED = fact("几家？", "74家", evidence=(SENTENCES[0],))


@pytest.fixture
def library() -> Scripted:
    return scripted()


def hit(text: str) -> Hit:
    return Hit(
        Passage(1, 1, 0, len(text), text), Document(1, "", text, "", "", ()), 1.0
    )


def blamed(
    wanted: Fact,
    answer: Answer,
    found: Sequence[str] = (),
    documents: Iterable[str] = (),
) -> str:
    return blame(
        wanted,
        answer,
        lambda: [hit(text) for text in found],
        lambda: [hit(text).document for text in documents],
    )


def test_each_stage_in_its_order() -> None:
    refused = answer_of("insufficient", trace=Trace((hit("别的。"),)))
    assert blamed(WANTED, refused) == "not_indexed"
    assert (
        blamed(WANTED, refused, documents=[f"头条。{SENTENCES[0]}"]) == "not_retrieved"
    )
    assert (
        blamed(WANTED, refused, found=[SENTENCES[0]], documents=[SENTENCES[0]])
        == "not_in_view"
    )
    read = replace(refused, trace=Trace((hit("别的。"), hit(SENTENCES[0]))))
    assert blamed(WANTED, read) == "not_read"


def test_the_likeliest_sentence_was_right_and_was_withheld(library: Scripted) -> None:
    assert blamed(WANTED, withholds(SENTENCES[0])(library)) == "refused"
    assert blamed(WANTED, withholds(SENTENCES[2])(library)) == "not_read"


def test_a_wrong_sentence_shown_was_misread_and_a_right_one_not_said(
    library: Scripted,
) -> None:
    assert blamed(WANTED, says(SENTENCES[2])(library)) == "not_read"
    assert (
        blamed(replace(WANTED, answers=("75家",)), says(SENTENCES[0])(library))
        == "not_said"
    )


def test_an_answer_where_there_is_none(library: Scripted) -> None:
    assert (
        blamed(fact("几度？", kind="none"), says(SENTENCES[0])(library)) == "answered"
    )


def test_without_evidence_an_accepted_answer_stands_in_for_it() -> None:
    bare = replace(WANTED, evidence=())
    assert blamed(bare, answer_of("not_found"), found=["共７４ 家。"]) == "not_in_view"
    assert blamed(bare, answer_of("not_found"), found=["共174家。"]) == "not_indexed"


def test_half_of_an_evidence_that_the_page_cuts_in_two_is_enough() -> None:
    assert (
        blamed(WANTED, answer_of("not_found"), found=["全国保护中心达74家，"])
        == "not_in_view"
    )


def test_misses_are_counted_by_kind(library: Scripted) -> None:
    library.script = {
        "几家？": withholds(SENTENCES[0]),
        "哪个市？": says(SENTENCES[2]),
        "哪天？": breaks,
        "几度？": refuses,
        "多高？": says(SENTENCES[0]),
    }
    results = run_facts(library, FACTS, dataset="toy")
    assert [case.get("blame") for case in results.cases] == [
        "refused",
        "not_read",
        "failed",
        None,
        "answered",
    ]
    assert results.blame["all"] == {
        "refused": 1,
        "not_read": 1,
        "failed": 1,
        "answered": 1,
    }
    assert results.blame["kind"]["none"] == {"answered": 1}
    assert set(results.blame["all"]) <= set(BLAMES)


def test_a_library_that_cannot_be_searched_is_not_blamed(library: Scripted) -> None:
    class Answers:
        versions = library.versions
        document, source = library.document, library.source

        def ask(self, question: Question) -> Answer:
            return refuses(library)

    results = run_facts(Answers(), [WANTED], dataset="toy")
    assert results.metrics["refused_wrong"].value == 1.0
    assert results.blame == {}
