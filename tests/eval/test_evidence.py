"""Citations against marked evidence: counts that a reader can redo, and the command's file format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.coverage import Coverage, best_cover, cover
from eval.evidence import agreement, expmrc_f1, read_expmrc, run_evidence
from rag.errors import InvalidValue
from tests.scripted_library import SENTENCES, TEXT, Scripted, refuses, says

# 17 + 8 + 12 characters
LONG, MIDDLE, SHIP = SENTENCES


def test_a_cited_sentence_that_is_marked_is_right_in_both_units() -> None:
    assert cover(TEXT, [LONG], [LONG]) == (
        Coverage(1, 1, 1),
        Coverage(len(LONG), len(LONG), len(LONG)),
    )


def test_half_a_marked_sentence_counts_whole_in_sentences_and_by_length_in_characters() -> (
    None
):
    half = "全国保护中心达74家，"
    sentences, characters = cover(TEXT, [LONG], [half])
    assert sentences == Coverage(1, 1, 1)
    assert characters == Coverage(cited=len(LONG), marked=len(half), both=len(half))
    assert characters.recall == 1.0 and characters.precision == len(half) / len(LONG)


def test_citing_one_of_two_marked_sentences_is_half_the_recall() -> None:
    sentences, _ = cover(TEXT, [MIDDLE], [MIDDLE + SHIP])
    assert (sentences.precision, sentences.recall) == (1.0, 0.5)
    assert sentences.f1 == pytest.approx(2 / 3)


def test_a_neighbour_touched_by_a_few_characters_does_not_count() -> None:
    sentences, characters = cover(TEXT, ["7家。" + MIDDLE], [LONG])
    assert sentences == Coverage(1, 1, 0), (
        "three of seventeen characters are not the sentence"
    )
    assert characters.both == 3


def test_white_space_does_not_hide_a_quote() -> None:
    assert cover(
        "一家 公司\n成立。\n\n完。", ["一家公司成立。"], ["一家 公司\n成立。"]
    )[1] == Coverage(7, 7, 7)


def test_what_stands_twice_is_taken_where_it_was_marked() -> None:
    passage = "共三家。另有两家。共三家。"
    assert cover(passage, ["共三家。"], ["另有两家。共三家。"])[0] == Coverage(1, 2, 1)
    assert cover(passage, ["另有两家。共三家。"], ["共三家。"])[0] == Coverage(2, 1, 1)


def test_a_quote_that_is_not_in_the_passage_is_cited_and_not_marked() -> None:
    sentences, characters = cover(TEXT, ["凭空说的话。"], [MIDDLE])
    assert sentences == Coverage(1, 1, 0) and characters == Coverage(6, len(MIDDLE), 0)


def test_english_sentences_end_at_full_stops() -> None:
    passage = "It opened in 1887. About 9,000 cars a day cross it, at 2.5 dollars each. It is long."
    sentences, _ = cover(
        passage,
        ["It opened in 1887."],
        ["It opened in 1887. About 9,000 cars a day cross it,"],
    )
    assert sentences == Coverage(1, 2, 1)


def test_precision_and_recall_are_those_of_one_annotator() -> None:
    # of the first annotator alone precision is 1 and recall 1/2, of the second 1 and 1
    sentences, _ = best_cover(TEXT, [MIDDLE], [[MIDDLE + SHIP], [MIDDLE]])
    assert sentences == Coverage(1, 1, 1)


def test_expmrc_counts_bags_of_units() -> None:
    # 74家 and 家74: the same bag; in a row CMRC would count one unit of two
    assert expmrc_f1("家74", ["74家"]) == 1.0
    assert expmrc_f1("74家", ["共74家店"]) == pytest.approx(2 * 2 / (2 + 4))
    assert expmrc_f1("", ["74家"]) == 0.0


def expmrc(path: Path, *evidences: Any) -> Path:
    questions = ["几家？", "哪天？", "哪个市？"]
    answers = ["74家", "19日", "绍兴市"]
    qas = [
        {
            "id": str(n),
            "question": question,
            "answers": [{"text": answer}],
            "evidences": marked,
        }
        for n, (question, answer, marked) in enumerate(
            zip(questions, answers, evidences, strict=True), 1
        )
    ]
    data = {"version": "toy", "data": [{"paragraphs": [{"context": TEXT, "qas": qas}]}]}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_each_question_is_asked_of_its_passage_and_its_citations_are_scored(
    tmp_path: Path,
) -> None:
    passages, marked = read_expmrc(
        expmrc(tmp_path / "toy.json", [LONG], [MIDDLE + SHIP, SHIP], [MIDDLE, LONG])
    )
    library = Scripted(
        {"几家？": says(LONG, "74家"), "哪天？": says(MIDDLE), "哪个市？": refuses}
    )
    results = run_evidence(library, passages, marked, dataset="toy")
    assert {question.documents for question in library.asked} == {(1,)}
    value = {name: metric.value for name, metric in results.metrics.items()}
    # sentences cited: 1, 1, 0; marked: 1, 2 (the annotator who is nearer), 1; both: 1, 1, 0
    assert value["evidence_precision"] == 2 / 2
    # MIDDLE is part of what one annotator marked: it overlaps
    assert value["citations_in_evidence"] == 2 / 2 and value[
        "citation_right"
    ] == pytest.approx(2 / 3)
    assert value["evidence_recall"] == 2 / 4
    assert results.metrics["evidence_recall"].n == 4
    assert value["answer_right"] == pytest.approx(1 / 3)
    assert value["right_and_cited"] == pytest.approx(1 / 3)
    assert value["refused_wrong"] == pytest.approx(1 / 3)
    # the first alone has both: answer F1 1 and evidence F1 1
    assert value["answer_and_evidence_f1"] >= 1 / 3
    assert [case["right"] for case in results.cases] == [True, False, False]


def test_a_refusal_covers_nothing_and_does_not_vanish(tmp_path: Path) -> None:
    passages, marked = read_expmrc(
        expmrc(tmp_path / "toy.json", [LONG], [SHIP], [MIDDLE])
    )
    library = Scripted(dict.fromkeys(["几家？", "哪天？", "哪个市？"], refuses))
    results = run_evidence(library, passages, marked, dataset="toy")
    assert (
        results.metrics["evidence_recall"].value == 0.0
        and results.metrics["evidence_recall"].n == 3
    )
    assert "evidence_precision" not in results.metrics, "nothing was cited"


def test_the_annotators_among_themselves(tmp_path: Path) -> None:
    _, marked = read_expmrc(
        expmrc(tmp_path / "toy.json", [LONG], [MIDDLE, MIDDLE], [MIDDLE, MIDDLE + SHIP])
    )
    found = agreement(marked)
    # the first has one annotator; the second 1 of 1, twice; the third cites 1 of 2 marked, then 2 of 1
    assert found["evidence_precision"].value == pytest.approx(4 / 5)
    assert found["evidence_recall"].value == pytest.approx(4 / 5)
    assert agreement(marked[:1]) == {}


@pytest.mark.parametrize("evidences", [None, [], "text", [1], ["不在文中。"]])
def test_an_evidence_that_cannot_be_used_is_told_with_its_place(
    tmp_path: Path, evidences: Any
) -> None:
    path = expmrc(tmp_path / "toy.json", [LONG], evidences, [MIDDLE])
    with pytest.raises(
        InvalidValue, match=r"toy\.json data\[0\]\.paragraphs\[0\]\.qas\[1\]\.evidences"
    ):
        read_expmrc(path)
