"""The facts about the seed page are what they claim to be, and a faulty file is told where."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from eval.facts import KINDS, Fact, read_facts
from eval.normalise import holds
from rag.errors import InvalidValue

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "id": "a",
    "question": "几家？",
    "answers": ["74家"],
    "lang": "zh",
    "kind": "fact",
    "evidence": [],
}


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    return read_facts(ROOT / "eval" / "facts" / "seeds.jsonl")


@pytest.fixture(scope="module")
def forms() -> list[Fact]:
    return read_facts(ROOT / "eval" / "facts" / "forms.jsonl")


@pytest.fixture(scope="module")
def page() -> str:
    pages = sorted((ROOT / "seeds").glob("*.txt"))
    assert pages
    return "\n".join(path.read_text(encoding="utf-8") for path in pages)


def test_every_evidence_stands_in_the_page(facts: list[Fact], page: str) -> None:
    missing = [
        (fact.id, each) for fact in facts for each in fact.evidence if each not in page
    ]
    assert missing == []


def test_every_answerable_fact_has_an_answer_in_its_evidence(facts: list[Fact]) -> None:
    lost = []
    for fact in facts:
        evidence = "\n".join(fact.evidence)
        if fact.answerable and not any(holds(evidence, each) for each in fact.answers):
            lost.append(fact.id)
    assert lost == []


def test_what_the_page_does_not_say_has_no_evidence(facts: list[Fact]) -> None:
    assert [
        fact.id for fact in facts if (fact.kind == "none") != (not fact.evidence)
    ] == []
    assert [fact.id for fact in facts if (fact.kind == "none") == fact.answerable] == []


def test_a_stitched_fact_stands_where_the_page_cuts_a_sentence(
    facts: list[Fact],
) -> None:
    cut_ends = ("居", "还接", "推进机", "；济南", "这八个")
    halves = [
        fact for fact in facts if fact.kind == "stitch" and len(fact.evidence) > 1
    ]
    assert len(halves) >= 10
    assert [fact.id for fact in halves if not fact.evidence[0].endswith(cut_ends)] == []


def test_there_are_enough_of_each_kind(facts: list[Fact]) -> None:
    kinds = Counter(fact.kind for fact in facts)
    assert set(kinds) == {"fact", "list", "why", "how", "stitch", "cross", "none"}
    assert sum(fact.answerable for fact in facts) >= 165
    assert kinds["none"] >= 45
    assert min(kinds.values()) >= 12
    assert sum(fact.lang == "en" for fact in facts) >= 32
    assert sum(fact.lang == "en" and fact.kind == "none" for fact in facts) >= 8


def test_no_question_is_asked_twice(facts: list[Fact], forms: list[Fact]) -> None:
    asked = Counter(fact.question for fact in (*facts, *forms))
    assert [question for question, n in asked.items() if n > 1] == []


def test_questions_are_not_copies_of_the_page(facts: list[Fact], page: str) -> None:
    assert [fact.id for fact in facts if fact.question.rstrip("？?") in page] == []


def test_every_form_of_question_has_facts_of_its_own(
    forms: list[Fact], page: str
) -> None:
    kinds = Counter(fact.kind for fact in forms)
    assert (
        set(kinds) == {"yesno", "list", "define", "compare", "overview"} <= set(KINDS)
    )
    assert len(forms) >= 40
    assert min(kinds.values()) >= 8
    assert sum(fact.lang == "en" for fact in forms) >= 8
    for fact in forms:
        assert fact.answerable, fact.id
        assert fact.evidence, fact.id
        assert all(each in page for each in fact.evidence), fact.id


def test_an_answer_or_every_item_of_a_form_stands_in_its_evidence(
    forms: list[Fact],
) -> None:
    lost = []
    for fact in forms:
        evidence = "\n".join(fact.evidence)
        wanted = fact.items or (fact.answers,)
        for texts in wanted:
            if not any(holds(evidence, each) for each in texts):
                lost.append((fact.id, texts))
    assert lost == []


def test_every_list_of_the_forms_has_items_and_every_choice_what_is_wrong(
    forms: list[Fact],
) -> None:
    for fact in forms:
        if fact.kind in ("list", "overview"):
            assert len(fact.items) > 1, fact.id
        if fact.kind == "yesno":
            assert fact.wrong, fact.id
        assert not set(fact.wrong) & set(fact.answers), fact.id


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"kind": "facts"}, "kind"),
        ({"question": " "}, "question"),
        ({"id": None}, "id"),
        ({"answers": "74家"}, "answers"),
        ({"answers": [74]}, "answers"),
        ({"kind": "none"}, "answers"),
        ({"evidence": [""]}, "evidence"),
        ({"lang": 1}, "lang"),
        ({"answer": "74家"}, "answer"),
        ({"items": ["74家"]}, "items"),
        ({"items": [[]]}, "items"),
        ({"items": [["74家"]], "answers": []}, "answers"),
        ({"wrong": "7家"}, "wrong"),
        ({"refuse_ok": 1}, "refuse_ok"),
    ],
)
def test_a_faulty_fact_is_told_by_line_and_key(
    tmp_path: Path, change: dict[str, object], key: str
) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(
        f"{json.dumps(GOOD)}\n\n{json.dumps(GOOD | {'id': 'b'} | change)}\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidValue) as caught:
        read_facts(path)
    assert caught.value.key == f"mine.jsonl line 3: {key}"


def test_an_id_used_twice_names_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"mine\.jsonl line 2: id.*line 1 has it"):
        read_facts(path)


@pytest.mark.parametrize(
    ("text", "told"), [("{", "line 1 column 2"), ("[]", "line 1"), ("", "at least one")]
)
def test_what_is_no_facts_file_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidValue, match=told):
        read_facts(path)


def test_a_missing_file_is_bad_use(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="can be read"):
        read_facts(tmp_path / "none.jsonl")


def test_a_byte_order_mark_and_a_fact_without_evidence_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    row = {key: value for key, value in GOOD.items() if key != "evidence"}
    path.write_text("\ufeff" + json.dumps(row), encoding="utf-8")
    assert read_facts(path) == [Fact("a", "几家？", ("74家",), "zh", "fact")]


def test_items_keep_their_forms(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    row = GOOD | {"kind": "list", "items": [["济南", "Jinan"], ["淄博"]]}
    path.write_text(json.dumps(row), encoding="utf-8")
    assert read_facts(path)[0].items == (("济南", "Jinan"), ("淄博",))


def test_a_fact_may_say_that_the_documents_disagree(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(GOOD | {"conflicting": True}), encoding="utf-8")
    assert read_facts(path)[0].conflicting
    path.write_text(json.dumps(GOOD | {"conflicting": "yes"}), encoding="utf-8")
    with pytest.raises(InvalidValue, match="conflicting"):
        read_facts(path)
