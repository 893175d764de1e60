"""rag/answering/cross_encoder.py over a reader whose words are written here: what is quoted, and computed once."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reader import PassageReading
from models.support import Statement
from rag.answering import Thresholds, decide
from rag.answering.cross_encoder import KEPT_READINGS, CrossEncoder
from rag.answering.quoting import LONGEST_QUOTE, quote_around
from rag.answering.rounds import CLEAR, ROUNDS
from rag.records import Cell, Context, Document, Hit, Passage
from rag.text.widths import LATIN_SCALE

LIKELY, LESS_LIKELY, NEVER = 9.0, 8.0, -9.0


class Scripted:
    """Reads character by character: of each passage it likes the answers it was told of, and no others.

    An answer after the first is a little less likely than it. ``log_odds`` are those of the passage.
    """

    def __init__(
        self,
        answers: Mapping[str, float] | None = None,
        verdict: Sequence[float] = (0.0, 0.0, 1.0),
    ) -> None:
        self.answers: Mapping[str, float] = answers or {}
        self.verdict = verdict
        self.judged: list[Statement] = []
        self.calls: list[tuple[str, list[tuple[str, str]]]] = []
        self.inside = 0
        self.most_inside = 0

    def read(
        self, question: str, passages: Sequence[tuple[str, str]]
    ) -> list[PassageReading]:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        time.sleep(0.001)
        self.calls.append((question, list(passages)))
        readings = [self._reading(text) for _, text in passages]
        self.inside -= 1
        return readings

    def judge(self, pairs: Sequence[Statement]) -> np.ndarray:
        self.judged += pairs
        return np.array([self.verdict for _ in pairs], np.float32)

    def _reading(self, text: str) -> PassageReading:
        starts, ends = (np.full(len(text), NEVER, np.float32) for _ in range(2))
        log_odds = -5.0
        for answer, odds in self.answers.items():
            if (at := text.find(answer)) >= 0:
                starts[at] = ends[at + len(answer) - 1] = (
                    LIKELY if log_odds == -5.0 else LESS_LIKELY
                )
                log_odds = max(log_odds, odds)
        offsets = np.array([(at, at + 1) for at in range(len(text))], np.int64).reshape(
            -1, 2
        )
        return PassageReading(log_odds, starts, ends, offsets)


def encoder_of(scripted: Scripted) -> CrossEncoder:
    return CrossEncoder(scripted)  # type: ignore[arg-type]


def hit_of(
    text: str,
    *,
    start: int = 0,
    end: int | None = None,
    context: Context = Context(),  # noqa: B008
) -> Hit:
    document = Document(1, "题", text, "f", "0", ((0, len(text), 0),))
    end = len(text) if end is None else end
    return Hit(Passage(1, 1, start, end, text[start:end], context), document, 0.0)


def quoted(
    question: str, text: str, answers: Mapping[str, float]
) -> list[tuple[str, str]]:
    """``(quote, answer)`` of each choice, best first."""
    reading = encoder_of(Scripted(answers)).read(question, [hit_of(text)])
    found: list[tuple[str, str]] = []
    for choice in reading.choices:
        assert choice.short is not None
        found.append((choice.text, text[slice(*choice.short)]))
    return found


# what is quoted


def test_the_sentence_around_the_answer_is_quoted() -> None:
    text = "本馆三月开放。馆长是周明远。全馆四层。"
    assert quoted("馆长是谁？", text, {"周明远": 3.0}) == [("馆长是周明远。", "周明远")]


def test_answers_in_other_sentences_follow_as_their_odds_say() -> None:
    text = "甲馆有3层。乙馆有4层。丙馆在修。"
    first, second = quoted("各有几层？", text, {"3层": 2.0, "4层": 2.0})
    assert first == ("甲馆有3层。", "3层")
    assert second == ("乙馆有4层。", "4层")
    choices = (
        encoder_of(Scripted({"3层": 2.0, "4层": 2.0}))
        .read("各有几层？", [hit_of(text)])
        .choices
    )
    # Start and end of the second are one less likely each.
    assert [choice.score for choice in choices] == pytest.approx([2.0, 0.0])


def test_the_answer_of_the_right_kind_is_looked_for_in_the_quote() -> None:
    text = "本馆有藏书12万册。新馆的座位很多。"
    scripted = {"座位": 2.0, "12万册": 2.0}
    first = quoted("新馆有多少座位？", text, scripted)[0]
    assert first == ("新馆的座位很多。", "座位")


def test_an_answer_that_crosses_a_border_is_quoted_with_both_sentences() -> None:
    text = "先关水。再断电。后开盖。"
    assert quoted("怎样打开？", text, {"关水。再断电": 1.0})[0][0] == "先关水。再断电。"


def test_of_a_row_the_whole_row_is_quoted_and_the_answer_is_in_its_cell() -> None:
    text = "型号表\n甲 | 2 kg | 白"
    cells = (Cell("型号", 4, 5), Cell("重量", 8, 12), Cell("颜色", 15, 16))
    hit = hit_of(text, start=4, context=Context(cells=cells))
    scripted = Scripted({"2 kg": 4.0})
    (choice, *_) = encoder_of(scripted).read("甲多重？", [hit]).choices
    assert scripted.calls[0][1] == [("题", "型号：甲；重量：2 kg；颜色：白")]
    assert choice.text == "甲 | 2 kg | 白"
    assert choice.short is not None and text[slice(*choice.short)] == "2 kg"


def test_what_was_put_between_cells_is_never_an_answer() -> None:
    text = "甲 | 2 kg"
    hit = hit_of(text, context=Context(cells=(Cell("型号", 0, 1), Cell("重量", 4, 8))))
    (choice,) = encoder_of(Scripted({"重量": 4.0})).read("什么？", [hit]).choices
    assert choice.short is not None and text[slice(*choice.short)] in ("甲", "2 kg")


def test_of_a_row_the_column_that_the_question_names_is_read() -> None:
    text = "甲 | 23 | 27"
    cells = (
        Cell("区", 0, 1),
        Cell("社区医院 2023", 4, 6),
        Cell("社区医院 2024", 9, 11),
    )
    scripted = Scripted({"23": 4.0, "27": 3.9})
    (choice, *_) = (
        encoder_of(scripted)
        .read(
            "甲区2024年有多少家社区医院？", [hit_of(text, context=Context(cells=cells))]
        )
        .choices
    )
    assert choice.short is not None and text[slice(*choice.short)] == "27"


def test_what_the_question_gives_is_not_what_it_asks_for() -> None:
    text = "A-10 | 30元"
    cells = (Cell("型号", 0, 4), Cell("价格", 7, 10))
    scripted = Scripted({"30元": 4.0, "A-10": 3.9})
    (choice, *_) = (
        encoder_of(scripted)
        .read("价格30元的是哪个型号？", [hit_of(text, context=Context(cells=cells))])
        .choices
    )
    assert choice.short is not None and text[slice(*choice.short)] == "A-10"


@pytest.mark.parametrize(
    ("verdict", "polarity"), [((0.9, 0.05, 0.05), 0.85), ((0.1, 0.9, 0.0), -0.8)]
)
def test_a_yes_no_question_is_put_to_the_support_head(
    verdict: tuple[float, ...], polarity: float
) -> None:
    scripted = Scripted({"周一闭馆": 4.0}, verdict)
    reading = encoder_of(scripted).read("周一开门吗？", [hit_of("本馆周一闭馆。")])
    assert reading.polarity == pytest.approx(polarity)
    assert scripted.judged == [Statement("周一开门", "本馆周一闭馆。", "题")]


def test_the_context_is_read_and_never_quoted() -> None:
    scripted = Scripted({"两年": 4.0})
    hit = hit_of("保修两年。", context=Context(headings=("CX-230",)))
    (choice,) = encoder_of(scripted).read("CX-230保修多久？", [hit]).choices
    assert scripted.calls[0][1] == [("题 › CX-230", "保修两年。")]
    assert choice.text == "保修两年。"


def test_a_sentence_that_says_who_is_meant_is_quoted_with_the_answer() -> None:
    text = "林晓燕，1979年生于台州，任测绘站站长。工作认真。持有测绘师证书。"
    found = quoted("台州林晓燕站长持有什么证书？", text, {"测绘师证书": 2.0})
    assert found[0][0].startswith("林晓燕") and found[0][0].endswith("持有测绘师证书。")


def test_the_choice_says_how_much_of_the_question_its_passage_speaks_of() -> None:
    hits = [hit_of("保修期为两年。"), hit_of("颜色是白的。")]
    encoder = encoder_of(Scripted({"两年": 1.0, "白的": 1.0}))
    by_text = {
        choice.text: choice.relevance
        for choice in encoder.read("保修期多久？", hits).choices
    }
    assert by_text["保修期为两年。"] > by_text["颜色是白的。"] == 0


def test_the_article_that_a_question_names_goes_before_others() -> None:
    third = hit_of("每天五角。", context=Context(headings=("第三条",)))
    fourth = hit_of("每天一元。", context=Context(headings=("第四条",)))
    encoder = encoder_of(Scripted({"五角": 1.0, "一元": 2.0}))
    assert (
        encoder.read("第三条规定每天多少钱？", [fourth, third]).choices[0].hit is third
    )
    odds = encoder.rank("第三条规定每天多少钱？", [fourth, third])
    assert odds[0] < odds[1]


# how long a quote is


def quote(text: str, answer: str) -> str:
    at = text.index(answer)
    return text[slice(*quote_around(hit_of(text), (at, at + len(answer))))]


def test_a_very_long_sentence_is_cut_at_clauses_around_the_answer() -> None:
    text = (
        "前面的话说了很久，" * 40 + "答案在这里，" + "后面的话也不短，" * 40 + "完了。"
    )
    found = quote(text, "答案")
    assert "答案在这里，" in found
    assert LONGEST_QUOTE / 2 < len(found) <= LONGEST_QUOTE
    assert found[0] in "前后答" and found[-1] == "，"
    assert "前面" in found and "后面" in found  # taken in turn before and after it


def test_a_figure_is_not_cut_at_its_comma() -> None:
    text = "共1,200册又" * 60 + "答案" + "共1,200册又" * 60
    found = quote(text, "答案")
    assert not found.startswith("200") and not found.endswith("1,")


def test_a_window_cuts_no_word_at_either_end() -> None:
    text = "图书馆" * 300 + "答案在此" + "图书馆" * 300
    found = quote(text, "答案在此")
    assert found.startswith("图书馆") and found.endswith("图书馆")


def test_latin_quotes_may_be_longer() -> None:
    text = "and so on it went, " * 60 + "the answer is here, " + "and on and on, " * 60
    assert LONGEST_QUOTE < len(quote(text, "answer")) <= LATIN_SCALE * LONGEST_QUOTE


def test_a_text_without_any_mark_is_quoted_by_a_window() -> None:
    text = "嗯" * 900 + "答案" + "啊" * 900
    found = quote(text, "答案")
    assert "答案" in found and len(found) <= LONGEST_QUOTE


@given(st.text("甲乙，。 \na", min_size=1, max_size=600), st.data())
def test_a_quote_holds_its_answer_and_is_no_longer_than_may_be(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 30)))
    low, high = quote_around(hit_of(text), (start, end))
    assert 0 <= low <= high <= len(text)
    assert high - low <= LATIN_SCALE * LONGEST_QUOTE
    if text[start:end].strip() == text[start:end]:
        assert low <= start and end <= high


# ranking and reading


def test_ranking_gives_log_odds_in_the_order_of_the_hits() -> None:
    odds = encoder_of(Scripted({"两年": 3.0})).rank(
        "多久？", [hit_of("白色。"), hit_of("保修两年。")]
    )
    assert odds.tolist() == [-5.0, 3.0]
    assert odds.dtype == np.float32
    assert encoder_of(Scripted()).rank("多久？", []).shape == (0,)


def test_what_was_ranked_is_read_without_computing_again() -> None:
    scripted = Scripted({"两年": 3.0})
    encoder = encoder_of(scripted)
    hits = [hit_of("白色。"), hit_of("保修两年。"), hit_of("白色。")]
    encoder.rank("多久？", hits)
    encoder.read("多久？", hits)
    computed = [pair for _, pairs in scripted.calls for pair in pairs]
    assert computed == [
        ("题", "白色。"),
        ("题", "保修两年。"),
    ]  # and the like ones once


# reading in rounds

FILLERS = [
    f"第{number}件事与它无关，讲的是{name}。"
    for number, name in enumerate("春夏秋冬风花雪月山水日星云雨")
]


def texts_read(scripted: Scripted) -> list[str]:
    return [text for _, pairs in scripted.calls for _, text in pairs]


def test_what_is_left_is_not_read_once_the_answer_is_clear() -> None:
    scripted = Scripted({"两年": CLEAR})
    hits = [hit_of(text) for text in ["保修两年。", *FILLERS]]
    odds = encoder_of(scripted).rank("保修多久？", hits, thorough=False)
    assert texts_read(scripted) == ["保修两年。", *FILLERS[: ROUNDS[0] - 1]]
    assert odds[0] == CLEAR
    assert np.isnan(odds[ROUNDS[0] :]).all()
    assert not np.isnan(odds[: ROUNDS[0]]).any()


def test_a_question_without_a_clear_answer_is_read_to_the_end() -> None:
    scripted = Scripted({"两年": CLEAR - 0.1})
    hits = [hit_of(text) for text in ["保修两年。", *FILLERS]]
    encoder_of(scripted).read("保修多久？", hits)
    assert len(texts_read(scripted)) == len(hits)


def test_another_number_for_the_same_thing_is_read_wherever_it_stands() -> None:
    scripted = Scripted({"12万": 3.0, "15万": 2.5})
    texts = ["图书馆如今藏书12万册。", *FILLERS, "图书馆如今藏书15万册。"]
    hits = [hit_of(text) for text in texts]
    other = replace(hits[-1].document, id=2)
    hits[-1] = replace(hits[-1], document=other)
    reading = encoder_of(scripted).read("藏书多少？", hits)
    assert len(texts_read(scripted)) == ROUNDS[0] + 1
    assert [choice.text for choice in reading.choices[:2]] == [texts[0], texts[-1]]


def test_copies_are_read_once_and_leave_the_round_to_others() -> None:
    scripted = Scripted({"两年": CLEAR})
    hits = [hit_of("白色。")] * 10 + [hit_of("保修两年。"), *map(hit_of, FILLERS)]
    odds = encoder_of(scripted).rank("保修多久？", hits, thorough=False)
    assert texts_read(scripted)[:2] == ["白色。", "保修两年。"]
    assert len(texts_read(scripted)) == ROUNDS[0]
    assert odds[:10].tolist() == [-5.0] * 10


def test_what_the_retriever_left_unread_is_read_when_it_is_all_there_is() -> None:
    scripted = Scripted({"两年": CLEAR, "三年": CLEAR})
    encoder = encoder_of(scripted)
    hits = [hit_of("保修两年。"), *map(hit_of, FILLERS), hit_of("质保期满后是三年。")]
    odds = encoder.rank("保修多久？", hits, thorough=False)
    ranked = [
        hit if np.isnan(each) else replace(hit, scores={"rerank": float(each)})
        for hit, each in zip(hits, odds, strict=True)
    ]
    assert encoder.read("保修多久？", ranked).choices[0].text == "保修两年。"
    assert "质保期满后是三年。" not in texts_read(scripted)
    assert (
        encoder.read("保修多久？", ranked[-1:]).choices[0].text == "质保期满后是三年。"
    )


def test_a_refused_yes_no_question_is_not_put_to_the_support_head() -> None:
    scripted = Scripted({"周一闭馆": -3.0}, (0.9, 0.1, 0.0))
    reading = encoder_of(scripted).read("周一开门吗？", [hit_of("本馆周一闭馆。")])
    thresholds = Thresholds(answer={"zh": 0.0, "en": 0.0}, relevant=0.5)
    assert decide(reading, thresholds).status == "insufficient"
    assert scripted.judged == []


def test_another_question_is_computed_anew() -> None:
    scripted = Scripted()
    encoder = encoder_of(scripted)
    for question in ("多久？", "多重？"):
        encoder.rank(question, [hit_of("白色。")])
    assert [(question, len(pairs)) for question, pairs in scripted.calls] == [
        ("多久？", 1),
        ("多重？", 1),
    ]


def test_the_same_text_under_another_path_is_computed_anew() -> None:
    scripted = Scripted()
    encoder = encoder_of(scripted)
    for heading in ("甲", "乙"):
        encoder.rank("多久？", [hit_of("两年。", context=Context(headings=(heading,)))])
    assert [pairs for _, pairs in scripted.calls] == [
        [("题 › 甲", "两年。")],
        [("题 › 乙", "两年。")],
    ]


def test_nothing_is_kept_after_it_was_to_be_forgotten() -> None:
    scripted = Scripted()
    encoder = encoder_of(scripted)
    for _ in range(2):
        encoder.rank("多久？", [hit_of("白色。")])
        encoder.forget()
    assert [len(pairs) for _, pairs in scripted.calls] == [1, 1]


def test_no_more_than_so_many_readings_are_kept_the_latest() -> None:
    scripted = Scripted()
    encoder = encoder_of(scripted)
    hits = [hit_of(f"第{number}句。") for number in range(KEPT_READINGS + 8)]
    assert len(encoder.rank("多久？", hits)) == len(hits)  # more at once than are kept
    encoder.rank("多久？", hits[-KEPT_READINGS:])
    assert scripted.calls[-1][1] == []
    encoder.rank("多久？", hits[:8])
    assert len(scripted.calls[-1][1]) == 8


def test_threads_take_turns_and_get_what_is_theirs() -> None:
    scripted = Scripted({"两年": 3.0})
    encoder = encoder_of(scripted)
    gate = threading.Barrier(8)

    def ask(number: int) -> list[float]:
        gate.wait()
        hits = [
            hit_of("保修两年。" if at == number else f"第{at}句。") for at in range(8)
        ]
        if number % 3 == 0:
            encoder.forget()
        odds: list[float] = encoder.rank(f"第{number % 2}问？", hits).tolist()
        return odds

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    for number, odds in enumerate(found):
        assert odds == [3.0 if at == number else -5.0 for at in range(8)]
    assert scripted.most_inside == 1
