"""Refusals that are true: there is nothing, it does not say, it may be here; and what is missing by name."""

from __future__ import annotations

import pytest

from models.language.questions import read
from rag.answering import Decision, Thresholds, decide
from rag.answering.attempt import Attempt
from rag.answering.deciding import UNSURE
from rag.answering.phrases import EMPTY, NEAREST, NOTHING
from rag.answering.reading import Choice, ReaderResult
from rag.answering.refusals import maybe_of, refusal
from rag.library import Library, Question
from rag.records import Hit
from tests.rag.answering.test_answering import choice

THRESHOLDS = Thresholds(answer={"zh": 0.0, "en": 0.0}, relevant=0.5)


def refused(found: Choice | None, decision: Decision) -> Attempt:
    choices = (found,) if found else ()
    hits: tuple[Hit, ...] = (found.hit,) if found else ()
    return Attempt(
        "有多少册？", hits, ReaderResult(read("有多少册？"), choices), decision
    )


def test_nothing_on_it_says_so_and_that_the_passages_are_merely_nearest() -> None:
    found = choice("果园今年收获苹果320吨。", -6.0, relevance=0.1)
    attempt = refused(
        found, decide(ReaderResult(read("有多少册？"), (found,)), THRESHOLDS)
    )
    assert refusal(attempt, (), "zh", empty=False) == NOTHING["zh"] + NEAREST["zh"]


def test_something_on_it_is_named_though_it_does_not_say() -> None:
    found = choice("图书馆重新开放\n\n图书馆藏书很多。", -6.0, relevance=0.9)
    attempt = refused(
        found, decide(ReaderResult(read("有多少册？"), (found,)), THRESHOLDS)
    )
    said = refusal(attempt, (), "zh", empty=False)
    assert "《图书馆重新开放》谈到了相关内容" in said and NEAREST["zh"] in said


@pytest.mark.parametrize(
    ("score", "unsure"), [(-0.1, True), (-UNSURE, True), (-UNSURE - 0.1, False)]
)
def test_just_below_the_threshold_it_may_be_here(score: float, unsure: bool) -> None:
    found = choice("图书馆藏书12万册。", score, "12万册")
    decision = decide(ReaderResult(read("有多少册？"), (found,)), THRESHOLDS)
    attempt = refused(found, decision)
    assert (decision.status, decision.stretches) == ("insufficient", ())
    assert ("我不确定" in refusal(attempt, (), "zh", empty=False)) is unsure
    maybe = maybe_of(attempt)
    assert (maybe is not None) is unsure
    if maybe is not None:
        assert (
            found.hit.document.text[maybe.start : maybe.end] == maybe.text == "12万册"
        )


def test_what_is_missing_is_named_instead() -> None:
    found = choice("图书馆藏书12万册。", -0.1, "12万册")
    attempt = refused(
        found, decide(ReaderResult(read("有多少册？"), (found,)), THRESHOLDS)
    )
    said = refusal(attempt, ("2021年", "X-900"), "zh", empty=False)
    assert said.startswith("文献里没有提到2021年、“X-900”。")
    assert "不确定" not in said


def test_a_library_says_which_year_it_does_not_have(library: Library) -> None:
    answer = library.ask(Question("小镇图书馆在1911年藏书多少册？"))
    assert (answer.status, answer.claims) == ("insufficient", ())
    assert answer.answer == "文献里没有提到1911年。" + NEAREST["zh"]
    assert answer.nearest


def test_an_empty_library_says_how_to_add_documents(empty_library: Library) -> None:
    assert empty_library.ask(Question("有多少？")).answer == EMPTY["zh"]
    assert empty_library.ask(Question("How many?")).answer == EMPTY["en"]


def test_a_quote_in_another_language_is_announced(library: Library) -> None:
    answer = library.ask(Question("榆树河上的石桥有多长？"))
    if answer.claims:
        assert answer.frame == "引文为英文原文。"
    assert library.ask(Question("小镇图书馆藏书多少册？")).frame is None
