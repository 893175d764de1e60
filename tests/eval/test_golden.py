"""Feedback becomes facts: what counts as the answer, what is evidence, what nobody said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.cli import app
from eval.facts import read_facts
from eval.golden import golden_of
from rag.library import Library, Question
from rag.store.feedback import Feedback, Marked, Quoted, Shown, Thumb

QUOTE = "全国保护中心达74家，其中浙江省7家。"
CITED = Quoted(
    1, 1, "保护中心", QUOTE, 0, len(QUOTE), "page.txt", "0" * 64, ((0, len(QUOTE)),)
)
ANSWERED = Shown(
    "a" * 32, "有多少家？", "answered", f"{QUOTE}[1]", "74家", (QUOTE,), (CITED,), {}
)
REFUSED = Shown("b" * 32, "几度？", "not_found", "文献里没有。", None, (), (), {})
MARKED = Marked(1, 14, 16, "7家", QUOTE)


def said(shown: Shown, verdict: Thumb, marked: Marked | None = None) -> Feedback:
    return Feedback(shown, verdict, "2025-01-01T00:00:00+00:00", marked)


def test_a_thumb_up_accepts_the_short_answer_with_its_quotes() -> None:
    (fact,) = golden_of([said(ANSWERED, "up")]).facts
    assert (fact.question, fact.answers, fact.evidence) == (
        "有多少家？",
        ("74家",),
        (QUOTE,),
    )
    assert (fact.id, fact.lang, fact.kind) == ("golden-aaaaaaaaaaaa", "zh", "fact")


def test_a_thumb_up_without_a_short_answer_accepts_the_claims() -> None:
    (fact,) = golden_of([said(replace(ANSWERED, short_answer=None), "up")]).facts
    assert fact.answers == (QUOTE,)


def test_a_refusal_that_was_right_asks_for_a_refusal() -> None:
    (fact,) = golden_of([said(REFUSED, "up")]).facts
    assert (fact.kind, fact.answers, fact.evidence) == ("none", (), ())


def test_a_thumb_down_with_words_marked_accepts_only_those() -> None:
    (fact,) = golden_of([said(ANSWERED, "down", MARKED)]).facts
    assert (fact.answers, fact.evidence) == (("7家",), (QUOTE,))
    (fact,) = golden_of([said(REFUSED, "down", MARKED)]).facts
    assert (fact.answers, fact.kind) == (("7家",), "fact")


def test_words_marked_beside_a_thumb_up_are_accepted_too() -> None:
    (fact,) = golden_of([said(ANSWERED, "up", MARKED)]).facts
    assert (fact.answers, fact.evidence) == (("74家", "7家"), (QUOTE,))


@pytest.mark.parametrize("shown", [ANSWERED, REFUSED])
def test_a_thumb_down_alone_says_not_what_is_right(shown: Shown) -> None:
    found = golden_of([said(shown, "down")])
    assert found.facts == ()
    assert [each.shown for each in found.unclear] == [shown]


def test_of_two_words_on_a_question_the_later_counts() -> None:
    again = replace(ANSWERED, id="c" * 32, question=" 有多少家?")
    found = golden_of([said(ANSWERED, "up"), said(again, "down", MARKED)])
    assert [fact.answers for fact in found.facts] == [("7家",)]
    assert golden_of([said(ANSWERED, "up")], known=["有多少家"]).facts == ()


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("为什么有74家？", "why"),
        ("How many are there?", "cross"),
        ("有哪些家？", "list"),
        ("多少家？", "fact"),
    ],
)
def test_the_kind_is_what_the_question_asks_for(question: str, kind: str) -> None:
    (fact,) = golden_of([said(replace(ANSWERED, question=question), "up")]).facts
    assert fact.kind == kind


def test_the_command_writes_facts_and_lists_what_is_unclear(
    library: Library, tmp_path: Path
) -> None:
    right = library.ask(Question("小镇图书馆是什么时候重新开放的？"))
    wrong = library.ask(Question("河湾果园收获苹果多少吨？"))
    library.feedback.put(Shown.of(right), "up")
    library.feedback.put(Shown.of(wrong), "down", comment="[red]旧闻[/red]")
    out = tmp_path / "golden.jsonl"
    home = str(library.settings.home)
    ran = CliRunner().invoke(app, ["golden", "--out", str(out), "--home", home])
    assert ran.exit_code == 0, ran.output
    (fact,) = read_facts(out)
    assert fact.question == "小镇图书馆是什么时候重新开放的？"
    assert "3月5日" in fact.answers[0]
    document = library.document(right.citations[0].document_id)
    assert all(evidence in document.text for evidence in fact.evidence)
    assert "河湾果园收获苹果多少吨？" in ran.output and "[red]旧闻" in ran.output
    again = CliRunner().invoke(app, ["golden", "--out", str(out), "--home", home])
    assert "0 new facts" in again.output
    assert len(read_facts(out)) == 1


def test_a_folder_without_a_store_is_bad_use(tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        app, ["golden", "--home", str(tmp_path), "--out", str(tmp_path / "g.jsonl")]
    )
    assert ran.exit_code == 2
    assert not (tmp_path / "g.jsonl").exists()
