"""Corruptions: each does what its name says, the same way for the same seed, and the table tells its cost."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from random import Random

import jsonschema_rs
import pytest

from eval.facts import Fact, read_facts
from eval.judge import overlaps
from eval.normalise import holds
from eval.results import SCHEMA, read_results
from eval.robustness import layout, noise, questions
from eval.robustness.numbers import change, contradict
from eval.robustness.removal import remove_evidence
from eval.robustness.running import run_trials
from eval.robustness.suite import Corruption, Options, corruptions, trials_of
from eval.robustness.table import costs, print_costs, write
from eval.robustness.world import Page, Trial, World, blocks_of, read_pages, shares_half
from rag.errors import InvalidValue
from rag.library import Question
from rag.records import Answer
from tests.conftest import ROOT
from tests.scripted_library import Scripted, refuses, says

SEEDS = ROOT / "eval" / "facts" / "seeds.jsonl"
VARIANTS = ROOT / "eval" / "facts" / "seeds-variants.jsonl"

BLOCKS = tuple(
    f"第{n}段。这里有一句话，讲的是第{n}件事，后面还有一些字。最后一句是{n}。"
    for n in range(1, 25)
)


def letters(blocks: tuple[str, ...]) -> Counter[str]:
    return Counter("".join("".join(blocks).split()))


# the page


def test_shuffled_columns_are_the_same_blocks_in_another_order() -> None:
    shuffled = layout.shuffle_columns(BLOCKS, Random(1))
    assert sorted(shuffled) == sorted(BLOCKS) and shuffled != BLOCKS
    kept = sum(shuffled.index(b) == shuffled.index(a) + 1 for a, b in pairwise(BLOCKS))
    assert kept >= len(BLOCKS) // 2, "blocks move as columns, not one by one"


def test_cut_sentences_lose_no_letter_and_part_some_sentence() -> None:
    cut = layout.cut_sentences(BLOCKS, Random(1))
    assert letters(cut) == letters(BLOCKS)
    assert any(not block.endswith("。") for block in cut)


def test_duplicated_columns_are_printed_again_word_for_word() -> None:
    printed = Counter(layout.duplicate(BLOCKS, Random(1)))
    assert set(printed) == set(BLOCKS)
    assert 0.15 <= sum(count - 1 for count in printed.values()) / len(BLOCKS) <= 0.6


def test_captions_come_between_and_nothing_is_lost() -> None:
    strewn = layout.strew_captions(BLOCKS, Random(1))
    assert set(BLOCKS) <= set(strewn) and len(strewn) > len(BLOCKS)


def test_the_same_seed_damages_the_same_way_and_another_does_not() -> None:
    world = World((Page("a.txt", BLOCKS),), (fact("1", "几件？", "24"),))
    rows = corruptions(Options())
    for row in rows:
        assert trials_of(row, world, 5) == trials_of(row, world, 5), row.name
    shuffle = rows[0]
    assert trials_of(shuffle, world, 5) != trials_of(shuffle, world, 6)


def test_evidence_is_found_by_its_text_however_the_page_is_damaged() -> None:
    evidence = ["这里有一句话，讲的是第7件事，后面还有一些字。"]
    for name, (_, damage) in layout.DAMAGE.items():
        assert any(overlaps(block, evidence) for block in damage(BLOCKS, Random(3))), (
            name
        )


# numbers


def fact(
    id_: str, question: str, answer: str, *evidence: str, kind: str = "fact"
) -> Fact:
    return Fact(id_, question, (answer,), "zh", kind, evidence)


CENTRES = "全国保护中心达74家，其中浙江省7家。"


def test_a_contradiction_says_the_same_with_another_number() -> None:
    found = contradict(
        fact("1", "几家？", "74家", CENTRES),
        [Page("a", (CENTRES, "别的。"))],
        Random(1),
    )
    assert found is not None and found.true == "74家"
    text = found.page.text
    assert found.false in text and not holds(text, "74家")
    assert text.replace(found.false, "74家") == CENTRES, (
        "nothing else is changed, not even 7家"
    )


def test_a_number_within_a_longer_one_is_not_the_answer() -> None:
    assert (
        contradict(
            fact("1", "几家？", "4家", CENTRES), [Page("a", (CENTRES,))], Random(1)
        )
        is None
    )


def test_an_answer_without_a_number_has_no_contradiction() -> None:
    assert (
        contradict(
            fact("1", "哪省？", "浙江", CENTRES), [Page("a", (CENTRES,))], Random(1)
        )
        is None
    )


@pytest.mark.parametrize(
    ("answer", "after", "lowest", "highest"),
    [
        ("11", "月", 1, 12),
        ("18", "日", 1, 28),
        ("2024", "年", 2021, 2027),
        ("7", "家", 1, 13),
    ],
)
def test_a_changed_number_stays_in_its_bounds_and_is_another(
    answer: str, after: str, lowest: int, highest: int
) -> None:
    for seed in range(40):
        other = int(change(answer, after, Random(seed)))
        assert lowest <= other <= highest and other != int(answer)


def test_a_changed_number_keeps_its_decimals() -> None:
    other = change("45.6万户", "，", Random(2))
    assert (
        other.endswith("万户")
        and len(other.split(".")[1]) == len("6万户")
        and other != "45.6万户"
    )


# removal


def test_what_tells_the_answer_is_removed_wherever_it_is_printed() -> None:
    pages = [
        Page("a", ("引子。" + CENTRES + "另有一句。", "保护中心达74家")),
        Page("b", ("全国保护中心达七十四家。", "绍兴市开展建设。")),
    ]
    left = remove_evidence(pages, [fact("1", "几家？", "74家", CENTRES)])
    assert [page.blocks for page in left] == [
        ("引子。另有一句。",),
        ("绍兴市开展建设。",),
    ]


def test_evidence_goes_even_where_it_words_the_answer_otherwise() -> None:
    left = remove_evidence(
        [Page("a", (CENTRES, "后一段。"))], [fact("1", "为何？", "没有这些字", CENTRES)]
    )
    assert [page.blocks for page in left] == [("后一段。",)]


def test_sharing_half_is_the_rule_of_the_judge() -> None:
    assert shares_half("甲乙丙丁", "乙丙") and shares_half(
        "甲乙 丙丁戊己", "丙丁戊壬癸子"
    )
    assert not shares_half("甲乙丙丁戊己", "丙丁壬癸子丑")
    for one, other in [
        ("甲乙丙丁", "乙丙"),
        ("甲乙丙丁戊己", "丙丁壬癸子丑"),
        ("一二三", "三二一"),
        ("", "甲"),
    ]:
        assert shares_half(one, other) == overlaps(one, [other])


# noise


@pytest.mark.parametrize("ratio", [0.0, 0.2, 0.8])
def test_noise_is_its_share_of_all_characters(ratio: float) -> None:
    pages = noise.made_up(noise.noise_needed(10_000, ratio), "zh", Random(1))
    there = sum(len(page.text) for page in pages)
    assert there / (there + 10_000) == pytest.approx(ratio, abs=0.02)


def test_made_up_noise_answers_no_seed_question() -> None:
    """A short number or a date may occur; the other answers of five characters and more must not."""
    text = "".join(page.text for page in noise.made_up(30_000, "zh", Random(1)))
    answers = [
        a
        for each in read_facts(SEEDS)
        for a in each.answers
        if len(a) >= 5 and not re.fullmatch(r"[\d年月日]+底?", a)
    ]
    assert len(answers) > 100
    assert [answer for answer in answers if answer in text] == []


def test_a_folder_with_too_little_noise_is_refused() -> None:
    with pytest.raises(InvalidValue, match="--noise"):
        noise.taken_from([Page("a", ("短。",))], 100, Random(1))


def test_other_documents_are_noise_beside_those_of_the_evidence() -> None:
    pages = tuple(
        Page(f"{n}", (char * 9 + "。",))
        for n, char in enumerate("甲乙丙丁戊己庚辛壬癸")
    )
    world = World(pages, (fact("1", "第3件？", "丁", "丁丁丁丁丁丁。"),))
    (row,) = [
        r for r in corruptions(Options(other_documents=True)) if r.name == "noise_0.8"
    ]
    (trial,) = trials_of(row, world)
    within = trial.within["第3件？"]
    assert within[0] == "3" and len(within) == 5 == len(set(within)), (
        "four of five are noise"
    )


# questions


def test_a_question_in_traditional_characters() -> None:
    assert (
        questions.traditional("国家发改委的新闻发言人是谁？", Random(1))
        == "國家發改委的新聞發言人是誰？"
    )
    assert questions.traditional("Who?", Random(1)) is None


def test_slips_change_one_thing() -> None:
    question = "绍兴在哪个省？"
    for seed in range(20):
        swap, drop = (
            questions.swapped(question, Random(seed)),
            questions.dropped(question, Random(seed)),
        )
        assert swap != question and Counter(swap or "") == Counter(question)
        assert drop is not None and len(drop) == len(question) - 1
        slip = questions.homophone(question, Random(seed)) or ""
        (other,) = [(a, b) for a, b in zip(question, slip, strict=True) if a != b]
        assert other[1] in questions.homophones(other[0])


def test_homophones_are_common_characters_read_the_same() -> None:
    assert "是" in questions.homophones("事") and "事" not in questions.homophones("事")
    assert questions.homophones("A") == ""


def test_homophones_of_two_readings_stand_in_one_order_in_every_run() -> None:
    """A set of readings would order them otherwise from run to run, and a seed would draw another slip."""
    # 长 is read chang and zhang: those read chang stand first
    alike = questions.homophones("长")
    assert alike.index("昌") < alike.index("章")
    assert alike[0] == "昌"
    # 行: hang before xing
    assert questions.homophones("行").index("杭") < questions.homophones("行").index(
        "星"
    )


def test_the_variants_of_the_seeds_ask_the_same_of_known_facts() -> None:
    facts = {each.id: each for each in read_facts(SEEDS)}
    variants = questions.read_variants(VARIANTS, facts)
    assert sum(facts[id_].answerable for id_ in variants) >= 120
    for id_, forms in variants.items():
        assert forms["paraphrase"] != facts[id_].question and "?" in forms["english"]
        assert not any("\u4e00" <= char <= "\u9fff" for char in forms["english"]), id_
        for answer in facts[id_].answers:  # a paraphrase must not give the answer away
            assert holds(facts[id_].question, answer) or not holds(
                forms["paraphrase"], answer
            ), id_


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("{", "line 2 column 2"),
        ("[]", "line 2"),
        ('{"id": "1", "german": "x"}', "line 2: german"),
        ('{"id": "1", "english": ""}', "line 2: english"),
        ('{"id": "1"}', "line 2"),
        ('{"id": "3", "english": "x"}', "line 2: id"),
        ('{"id": "2", "english": "x"}', "line 2: id"),
    ],
)
def test_a_bad_variants_file_is_told_with_line_and_key(
    tmp_path: Path, line: str, where: str
) -> None:
    path = tmp_path / "toy-variants.jsonl"
    path.write_text('{"id": "2", "paraphrase": "x"}\n' + line, encoding="utf-8")
    with pytest.raises(InvalidValue, match=f"toy-variants.jsonl {where}"):
        questions.read_variants(path, {"1", "2"})


# running and telling

TEXT = Page("toy.txt", (CENTRES, "绍兴市开展建设。", "雪龙号19日穿越西风带。"))
FACTS = (
    fact("a", "几家？", "74家", CENTRES),
    fact("b", "哪个市？", "绍兴市", "绍兴市开展建设。"),
    fact("c", "哪天？", "19日", "雪龙号19日穿越西风带。"),
)


class Deletable(Scripted):
    """Forgets what it is told to delete, and tells how many documents it held when it was asked."""

    held: list[int]

    def delete(self, document_id: int) -> None:
        del self.documents_by_id[document_id]

    def ask(self, question: Question) -> Answer:
        self.held.append(len(self.documents_by_id))
        return super().ask(question)


def says_or(
    sentence: str, short: str, otherwise: Callable[[Scripted], Answer]
) -> Callable[[Scripted], Answer]:
    """Says the sentence where it is printed."""

    def answer(library: Scripted) -> Answer:
        printed = any(sentence in each.text for each in library.documents())
        return says(sentence, short)(library) if printed else otherwise(library)

    return answer


@contextmanager
def opened(held: list[int]) -> Iterator[Deletable]:
    library = Deletable(
        {
            "几家？": says_or(CENTRES, "74家", says("绍兴市开展建设。")),
            "哪个市？": says_or("绍兴市开展建设。", "绍兴市", refuses),
            "哪天？": refuses,
            "幾家？": refuses,
            "哪個市？": says("绍兴市开展建设。", "绍兴市"),
        }
    )
    library.held = held
    yield library


def row(name: str, trial: Trial) -> Corruption:
    return Corruption(name, "question", "", lambda world, rng: [trial])


def test_each_run_is_paired_with_the_clean_one_by_fact() -> None:
    traditional = [f for f in corruptions(Options()) if f.name == "traditional"]
    cases, versions = run_trials(
        World((TEXT,), FACTS), traditional, opened=lambda _: opened([])
    )
    (cost,) = costs(traditional, cases)
    # 几家 and 哪个市 have traditional forms, 哪天 has none; clean both are right, then one
    assert (cost.n, cost.clean.value, cost.corrupted.value) == (2, 1.0, 0.5)
    assert cost.change.value == -0.5 and cost.lost == ("a",) and cost.gained == ()
    assert cost.verdict == "noise" and cost.p == 1.0, "one flip of two is no evidence"
    assert versions == {"chuchu": "test"}


def test_an_inserted_page_is_there_while_its_question_is_asked_and_gone_for_the_next() -> (
    None
):
    false = Page("false.txt", ("全国保护中心达92家，其中浙江省7家。",))
    trial = Trial((TEXT,), FACTS, inserted={"几家？": false}, lures={"几家？": "92家"})
    held: list[int] = []
    cases, _ = run_trials(
        World((TEXT,), FACTS[:1]), [row("x", trial)], opened=lambda _: opened(held)
    )
    assert held == [1, 2, 1, 1], "clean; then with the page, and twice without"
    first = cases["x"][0]
    assert (first["lure"], first["misled"], first["told_both"]) == (
        "92家",
        False,
        False,
    )
    assert "lure" not in cases["x"][1]


def test_a_planted_answer_told_alone_is_misleading() -> None:
    trial = Trial((TEXT,), FACTS[:1], lures={"几家？": "7家"})
    wrong = FACTS[:1][0]
    asked = Fact(wrong.id, wrong.question, ("81家",), "zh", "fact", wrong.evidence)
    cases, _ = run_trials(
        World((TEXT,), (asked,)),
        [row("x", Trial(trial.pages, (asked,), lures=trial.lures))],
        opened=lambda _: opened([]),
    )
    assert cases["x"][0]["misled"] and not cases["x"][0]["told_both"]
    (cost,) = costs([row("x", trial)], cases)
    assert cost.misled is not None and cost.misled.value == 1.0


def test_taking_out_the_evidence_wants_a_refusal() -> None:
    (removal,) = [r for r in corruptions(Options()) if r.name == "remove_evidence"]
    trials = trials_of(removal, World((TEXT,), FACTS))
    asked = [each for trial in trials for each in trial.facts]
    assert sorted(each.id for each in asked) == ["a", "b", "c"] and not any(
        each.answerable for each in asked
    )
    cases, _ = run_trials(World((TEXT,), FACTS), [removal], opened=lambda _: opened([]))
    right = {case["id"]: case["right"] for case in cases["remove_evidence"]}
    assert right == {"a": False, "b": True, "c": True}, (
        "a is answered from another sentence"
    )


def test_the_table_is_written_and_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    rows = [row("half", Trial((TEXT,), FACTS[:1])), row("never", Trial((TEXT,), ()))]
    cases, versions = run_trials(
        World((TEXT,), FACTS), rows, opened=lambda _: opened([])
    )
    found = costs(rows, cases)
    assert [cost.name for cost in found] == ["half"], (
        "what was asked nothing has no row"
    )
    assert found[0].verdict == "same"
    path = tmp_path / "results.json"
    write(
        path,
        dataset="toy",
        versions=versions,
        provenance={},
        seed=7,
        costs=found,
        cases=cases,
    )
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["kind"] == "robustness" and written["seed"] == 7
    assert written["metrics"]["right/clean"]["value"] == pytest.approx(2 / 3)
    assert written["corruptions"][0]["change"] == {
        "value": 0.0,
        "low": 0.0,
        "high": 0.0,
        "n": 1,
    }
    jsonschema_rs.Draft202012Validator(
        json.loads(SCHEMA.read_text(encoding="utf-8"))
    ).validate(written)
    assert {case["corruption"] for case in written["cases"]} == {"clean", "half"}
    assert [case["id"] for case in written["cases"]] == [
        "a@clean",
        "b@clean",
        "c@clean",
        "a@half",
    ]
    assert len(read_results(path).cases) == 4, "chuchu eval compare reads it"
    print_costs(found, found[0].clean, "toy", Console(width=160))
    assert "half" in capsys.readouterr().out


# the corpus


def test_any_corpus_is_read_as_pages_of_blocks(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一。\n\n二。\n三。\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(
        '{"text": "四。"}\n{"text": "五。"}\n', encoding="utf-8"
    )
    pages = {page.name: page.blocks for page in read_pages(tmp_path)}
    assert pages == {
        "a.txt": ("一。", "二。\n三。"),
        "b-0.jsonl": ("四。",),
        "b-1.jsonl": ("五。",),
    }
    assert blocks_of("\n \n一\n\n\n二\n") == ("一", "二")


def test_a_corpus_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="corpus"):
        read_pages(tmp_path / "none")
    with pytest.raises(InvalidValue, match="corpus"):
        read_pages(tmp_path)
