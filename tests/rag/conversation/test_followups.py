"""A question after others: words propose how it is meant, the documents decide."""

from __future__ import annotations

import pytest

from models.language.questions import read
from rag.answering import Decision, Stretch
from rag.answering.attempt import Attempt
from rag.answering.reading import Choice, ReaderResult
from rag.conversation.followups import Completion, Documents, best_of, complete, settled
from rag.library import Library, Question
from rag.pages import recover
from rag.passages import split
from rag.records import Document, Hit
from tests.toys import toy_source


@pytest.mark.parametrize(
    ("history", "question", "text", "sign"),
    [
        # of another: what was asked for carries over
        (["码头吊机更新的合同金额是多少？"], "那冷库扩建呢？", "冷库扩建的合同金额是多少？", "strong"),
        (["码头吊机更新何时验收？", "那屋顶光伏呢？"], "冷库扩建呢？", "冷库扩建何时验收？", "strong"),
        (["How long may books be borrowed?"], "What about DVDs?", "How long may DVDs be borrowed?", "strong"),
        # of the same: what it was asked of carries over
        (["冷库扩建由谁承包？"], "它什么时候验收？", "冷库扩建什么时候验收？", "strong"),
        (["屋顶光伏的质保期有多长？"], "该项目由谁监理？", "屋顶光伏由谁监理？", "strong"),
        (["冷库扩建的负责人是谁？"], "他的电话是多少？", "冷库扩建的负责人的电话是多少？", "strong"),
        (["What is the range of the Swift 5?"], "How heavy is it?", "How heavy is the Swift 5?", "strong"),
        (["海上瓷路在哪个厅？"], "门票多少钱？", "海上瓷路的门票多少钱？", "none"),
        (["海上瓷路在哪个厅？"], "那门票多少钱？", "海上瓷路的门票多少钱？", "weak"),
        (["海上瓷路在哪个厅？", "门票多少钱？"], "策展人是谁？", "海上瓷路的策展人是谁？", "none"),
    ],
)  # fmt: skip
def test_a_question_is_completed_from_those_before_it(
    history: list[str], question: str, text: str, sign: str
) -> None:
    documents = Documents(together=lambda names: set(names) == {"海上瓷路", "门票"})
    completion = complete(question, history, documents)
    assert (completion.texts[0], completion.sign) == (text, sign)


@pytest.mark.parametrize(
    ("history", "question"),
    [
        ([], "那冷库扩建呢？"),
        (["你好", "谢谢"], "门票多少钱？"),
        (["How long is the trail?"], "门票多少钱？"),
        (["海上瓷路在哪个厅？"], "How much is it?"),
        (["海上瓷路在哪个厅？"], "海上瓷路的门票多少钱？"),
    ],
)
def test_greetings_another_language_and_what_is_named_anyway_add_nothing(
    history: list[str], question: str
) -> None:
    assert complete(question, history).texts == ()


def test_a_pronoun_may_stand_for_the_answer_before() -> None:
    documents = Documents(answer_to={"谁负责冷库扩建？": "杜晓棠"}.get)
    assert (
        complete("她的电话是多少？", ["谁负责冷库扩建？"], documents).texts[0]
        == "杜晓棠的电话是多少？"
    )


def test_what_a_passage_says_of_the_subject_is_asked_of_it() -> None:
    history = ["码头吊机更新的合同金额是多少？"]
    documents = Documents(together=lambda names: names == ("码头吊机更新", "质保期"))
    assert (
        complete("那质保期呢？", history, documents).texts[0]
        == "码头吊机更新的质保期是什么？"
    )
    assert complete("那质保期呢？", history).texts[0] == "质保期的合同金额是多少？"


PAGE = "海上瓷路的门票为40元。\n\n纸上山河的门票为25元。\n\n食堂的套餐为16元。\n"
PORCELAIN, MAPS, CANTEEN = (PAGE.split("\n\n")[at].strip() for at in range(3))


def attempt(text: str, **scores: float) -> Attempt:
    """A question whose reading gives the sentences these scores; from 0 on it is answered."""
    (made,) = recover(toy_source("a.txt", PAGE))
    document = Document(
        **{name: getattr(made, name) for name in made.__slots__} | {"id": 1}
    )
    hit = Hit(split(document)[0], document, 1.0)
    choices: list[Choice] = []
    for name, score in scores.items():
        sentence = {"porcelain": PORCELAIN, "maps": MAPS, "canteen": CANTEEN}[name]
        start = document.text.index(sentence)
        choices.append(Choice(hit, (start, start + len(sentence)), score, 1.0))
    choices.sort(key=lambda choice: -choice.score)
    answers = bool(choices) and choices[0].score >= 0
    decision = (
        Decision("answered", (Stretch(choices[0]),))
        if answers
        else Decision("insufficient")
    )
    return Attempt(text, (hit,), ReaderResult(read(text), tuple(choices)), decision)


OF_PORCELAIN = Completion(("海上瓷路的门票多少钱？",), "none", "海上瓷路")


def test_history_says_which_of_those_that_are_as_likely() -> None:
    alone = attempt("门票多少钱？", maps=5.0, porcelain=4.6)
    completed = attempt("海上瓷路的门票多少钱？", porcelain=5.5)
    assert best_of(alone, [completed], OF_PORCELAIN) is completed


def test_what_the_question_alone_finds_unlikely_no_history_makes_likely() -> None:
    alone = attempt("套餐多少钱？", canteen=5.0, porcelain=-2.0)
    completed = attempt("海上瓷路的套餐多少钱？", porcelain=3.0)
    assert best_of(alone, [completed], OF_PORCELAIN) is alone


def test_the_same_sentence_from_both_is_the_questions_alone() -> None:
    alone = attempt("门票多少钱？", porcelain=4.0)
    completed = attempt("海上瓷路的门票多少钱？", porcelain=5.0)
    assert best_of(alone, [completed], OF_PORCELAIN) is alone


def test_a_passage_that_does_not_speak_of_the_subject_is_not_taken_for_it() -> None:
    alone = attempt("几点开门？", maps=-3.0)
    completed = attempt("健身房几点开门？", canteen=4.0)
    assert (
        best_of(alone, [completed], Completion(("健身房几点开门？",), "none", "健身房"))
        is alone
    )


def test_after_a_plain_sign_only_the_completed_question_counts() -> None:
    refused = attempt("海上瓷路的语音导览？", porcelain=-4.0)
    assert best_of(None, [refused], OF_PORCELAIN) is refused
    answered = attempt("纸上山河的门票？", maps=2.0)
    assert best_of(None, [refused, answered], OF_PORCELAIN) is answered


def test_a_question_sure_of_one_thing_needs_no_other_reading() -> None:
    assert settled(attempt("套餐多少钱？", canteen=5.0, maps=1.0), "none")
    assert not settled(attempt("门票多少钱？", maps=5.0, porcelain=4.6), "none")
    assert not settled(attempt("套餐多少钱？", canteen=0.5), "none")


@pytest.fixture
def fair(empty_library: Library) -> Library:
    empty_library.ingest_source(
        toy_source(
            "fair.md",
            "# 集市\n\n## 东摊\n\n东摊卖陶罐，每只35元，摊主是何青禾。\n\n"
            "## 西摊\n\n西摊卖竹篮，每只22元，摊主是龙小满。\n\n## 其他\n\n集市早上六点开张。\n",
        )
    )
    return empty_library


def test_the_answer_says_how_it_was_understood(fair: Library) -> None:
    east = fair.ask(Question("摊主是谁？", history=("东摊卖的东西每只多少钱？",)))
    west = fair.ask(
        Question("摊主是谁？", history=("东摊卖的东西每只多少钱？", "那西摊呢？"))
    )
    assert "何青禾" in east.answer and "龙小满" in west.answer
    assert east.asked.from_history or west.asked.from_history
    gone_on = fair.ask(Question("那西摊呢？", history=("东摊的摊主是谁？",)))
    assert (gone_on.asked.text, gone_on.asked.from_history) == (
        "西摊的摊主是谁？",
        True,
    )
    assert "龙小满" in gone_on.answer


def test_a_question_that_stands_alone_is_not_changed(fair: Library) -> None:
    alone = fair.ask(Question("集市几点开张？"))
    after = fair.ask(Question("集市几点开张？", history=("东摊的摊主是谁？",)))
    assert (after.claims, after.short_answer) == (alone.claims, alone.short_answer)
    assert after.asked.text == "集市几点开张？" and not after.asked.from_history
