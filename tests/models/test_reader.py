"""models/reader.py: what is read where, in whatever company; and that its folder opens with transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModel

from models.errors import ModelUnavailable
from models.reader import (
    LONGEST_ANSWER,
    MOST_CONTEXT,
    MOST_QUESTION,
    MOST_TEXT,
    READER,
    PassageReader,
    PassageReading,
    ReaderConfig,
    ReaderNetwork,
    load_network,
    save_network,
)
from models.support.records import Statement
from models.trunk import (
    BATCH_TOKENS,
    PADDING,
    START,
    STOP,
    batches_of,
    load_tokenizer,
    padded,
    trunk_config,
)

QUESTION = "市图书馆一共有多少册藏书？"
RIGHT = ("图书馆 › 馆藏", "市图书馆3月重新开放。馆长介绍，全馆一共有藏书32万册。")
WRONG = ("体育馆", "昨日下午，一场音乐会在体育馆举行。")


class Recording(ReaderNetwork):
    """A network of one layer that notes what it is given."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__(config)
        self.given: list[tuple[torch.Tensor, torch.Tensor]] = []

    def forward(self, input_ids: torch.Tensor, answerable: torch.Tensor):  # type: ignore[no-untyped-def]
        self.given.append((input_ids, answerable))
        return super().forward(input_ids, answerable)


def toy_network() -> Recording:
    torch.manual_seed(0)
    tokenizer = load_tokenizer()
    settings_of = trunk_config(tokenizer.get_vocab_size(), layers=1).to_dict()
    settings_of.pop("model_type")
    settings_of |= {"hidden_size": 48, "intermediate_size": 64}
    return Recording(ReaderConfig(**settings_of))


@pytest.fixture(scope="module")
def toy() -> PassageReader:
    return PassageReader(toy_network(), load_tokenizer(), torch.float32)


@pytest.fixture(scope="module")
def shipped() -> PassageReader:
    return PassageReader.load(dtype=torch.float32)


def given_to(reader: PassageReader) -> Recording:
    network = reader._network
    assert isinstance(network, Recording)
    return network


# what is read where


def test_the_question_comes_first_then_the_context_and_the_passage_alone_may_answer(
    toy: PassageReader,
) -> None:
    network = given_to(toy)
    network.given.clear()
    (reading,) = toy.read(QUESTION, [RIGHT])
    ((ids, answerable),) = network.given
    tokenizer = load_tokenizer()
    row = [number for number in ids[0].tolist() if number != PADDING]
    question = tokenizer.encode(QUESTION, add_special_tokens=False).ids
    assert row[: len(question) + 3] == [START, *question, STOP, STOP]
    assert row[-1] == STOP
    passage = tokenizer.decode(ids[0][answerable[0]].tolist())
    assert passage.replace(" ", "") == RIGHT[1].replace(
        "，", ","
    )  # as it is normalised
    assert len(reading.offsets) == int(answerable.sum())


def test_offsets_count_in_the_passage(toy: PassageReader) -> None:
    (reading,) = toy.read(QUESTION, [RIGHT])
    assert reading.offsets[0].tolist()[0] == 0
    assert reading.offsets[-1].tolist()[1] == len(RIGHT[1])
    assert (np.diff(reading.offsets[:, 0]) >= 0).all()


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.text("题 ›\n甲a", max_size=12),
)
@settings(deadline=None, max_examples=60)
def test_whatever_the_characters_answers_stand_in_the_passage(
    passage: str, context: str
) -> None:
    (reading,) = READS_ANYTHING.read("谁？", [(context, passage)])
    assert ((reading.offsets >= 0) & (reading.offsets <= len(passage))).all()
    found = reading.best()
    if found is None:
        assert len(reading.offsets) == 0
        return
    start, end, log_probability = found
    assert 0 <= start <= end <= len(passage)
    assert log_probability <= 1e-4


READS_ANYTHING = PassageReader(toy_network(), load_tokenizer(), torch.float32)


@pytest.mark.parametrize(
    "text", ["𠮷野家在😀旁边", "café à côté", "２０２４年", "مرحبا", "한국어 문장"]
)
def test_answers_count_in_code_points(text: str, toy: PassageReader) -> None:
    (reading,) = toy.read("哪里？", [("题", text)])
    assert reading.offsets[-1, 1] == len(text)


# lengths


def test_an_empty_passage_has_no_answer_and_its_log_odds_are_finite(
    toy: PassageReader,
) -> None:
    empty, _ = toy.read(QUESTION, [("题", ""), RIGHT])
    assert empty.best() is None
    assert empty.best_log_probability == float("-inf")
    assert np.isfinite(empty.log_odds)
    assert toy.read(QUESTION, []) == []
    (blank,) = toy.read("", [("", " ")])
    assert np.isfinite(blank.log_odds)


def test_of_a_very_long_context_the_nearest_headings_are_read(
    toy: PassageReader,
) -> None:
    network = given_to(toy)
    network.given.clear()
    (reading,) = toy.read(QUESTION, [("外面 › " * 400 + "最近的标题", RIGHT[1])])
    ((ids, answerable),) = network.given
    text = load_tokenizer().decode(ids[0].tolist())
    assert "最近的标题" in text.replace(" ", "")
    before = int(answerable[0].nonzero()[0])
    question = len(load_tokenizer().encode(QUESTION, add_special_tokens=False).ids)
    assert before - question - 3 == MOST_CONTEXT
    assert reading.offsets[-1, 1] == len(RIGHT[1])


def test_a_very_long_passage_and_question_are_cut(toy: PassageReader) -> None:
    network = given_to(toy)
    network.given.clear()
    (reading,) = toy.read("多少？" * 400, [("题", "全馆藏书三十二万册。" * 400)])
    ((ids, _),) = network.given
    assert ids.shape[1] <= MOST_QUESTION + MOST_TEXT + 4 + 8 <= 520
    assert 0 < reading.offsets[-1, 1] < 4000
    assert reading.best() is not None


# batches


def close(first: PassageReading, second: PassageReading, tolerance: float) -> bool:
    return bool(
        abs(first.log_odds - second.log_odds) < tolerance
        and np.allclose(first.starts, second.starts, atol=tolerance)
        and np.allclose(first.ends, second.ends, atol=tolerance)
    )


def test_a_passage_is_read_alike_alone_and_in_any_company(toy: PassageReader) -> None:
    passages = [WRONG, RIGHT, ("", "短。"), ("题", "长长的一段话。" * 40), ("题", "")]
    together = toy.read(QUESTION, passages)
    for passage, reading in zip(passages, together, strict=True):
        (alone,) = toy.read(QUESTION, [passage])
        assert close(alone, reading, 1e-4)


@given(st.lists(st.integers(1, 500), max_size=60))
def test_batches_hold_every_text_once_and_no_more_tokens_than_may_be(
    lengths: list[int],
) -> None:
    batches = batches_of(lengths)
    assert sorted(number for batch in batches for number in batch) == list(
        range(len(lengths))
    )
    for batch in batches:
        longest = max(lengths[number] for number in batch)
        assert len(batch) == 1 or longest * len(batch) <= BATCH_TOKENS


def test_rows_are_filled_up_to_a_multiple_of_eight() -> None:
    ids = padded([[5, 6, 7], [8] * 9])
    assert ids.tolist() == [[5, 6, 7, *[PADDING] * 13], [*[8] * 9, *[PADDING] * 7]]


# the likeliest answer


def reading_of(starts: Sequence[float], ends: Sequence[float]) -> PassageReading:
    offsets = np.array([(2 * at, 2 * at + 2) for at in range(len(starts))], np.int64)
    return PassageReading(
        0.0, np.array(starts, np.float32), np.array(ends, np.float32), offsets
    )


def test_an_answer_ends_where_it_starts_or_later() -> None:
    reading = reading_of([0, 0, 5], [5, 1, 0])
    # The best start is the last token and the best end the first: 5 + 0 at the last beats 0 + 5 at the first
    # by nothing, so the earlier is taken.
    found = reading.best()
    assert found is not None and found[:2] == (0, 2)


def test_its_log_probability_is_that_of_start_and_end() -> None:
    found = reading_of([np.log(3), 0], [0, 0]).best()
    assert found is not None
    assert found[2] == pytest.approx(np.log(3 / 4) + np.log(1 / 2))


def test_an_answer_is_no_longer_than_may_be() -> None:
    length = LONGEST_ANSWER + 20
    starts, ends = np.zeros(length), np.zeros(length)
    starts[0] = ends[-1] = 9
    found = reading_of(starts.tolist(), ends.tolist()).best()
    assert found is not None
    assert (found[1] - found[0]) / 2 <= LONGEST_ANSWER


def test_only_whole_tokens_within_the_bounds_may_answer() -> None:
    reading = reading_of([9, 0, 0, 9], [9, 0, 0, 9])
    found = reading.best(1, 7)  # tokens stand at 0-2, 2-4, 4-6, 6-8
    assert found is not None and 2 <= found[0] < found[1] <= 6
    assert reading.best(3, 3) is None
    assert reading.best(8, 9) is None


# what ships


def test_the_passage_that_answers_is_told_from_one_that_does_not(
    shipped: PassageReader,
) -> None:
    wrong, right = shipped.read(QUESTION, [WRONG, RIGHT])
    assert right.log_odds > 0 > wrong.log_odds
    found = right.best()
    assert found is not None
    assert "32万" in RIGHT[1][found[0] : found[1]]


def test_an_english_question_is_read_over_chinese(shipped: PassageReader) -> None:
    right, wrong = shipped.read(
        "How many books does the city library have?", [RIGHT, WRONG]
    )
    assert right.log_odds > wrong.log_odds


def test_a_heading_tells_two_like_passages_apart(shipped: PassageReader) -> None:
    one, other = shipped.read(
        "电风扇保修多久？", [("加湿器", "保修两年。"), ("电风扇", "保修两年。")]
    )
    assert other.log_odds > one.log_odds


def test_half_the_bits_read_nearly_alike(shipped: PassageReader) -> None:
    half = PassageReader.load(dtype=torch.bfloat16)
    exact = shipped.read(QUESTION, [RIGHT, WRONG])
    rough = half.read(QUESTION, [RIGHT, WRONG])
    for one, other in zip(exact, rough, strict=True):
        assert one.log_odds == pytest.approx(other.log_odds, abs=0.5)
        assert one.best_log_probability == pytest.approx(
            other.best_log_probability, abs=0.1
        )
    # Where nothing answers two spans may be as likely as each other: -3.99 and -4.00.
    assert exact[0].best()[:2] == rough[0].best()[:2]  # type: ignore[index]


def test_judging_gives_three_probabilities(toy: PassageReader) -> None:
    chances = toy.judge([Statement("甲是乙。", "甲是乙。"), Statement("丙", "")])
    assert chances.shape == (2, 3)
    assert chances.sum(axis=1) == pytest.approx([1, 1])
    assert toy.judge([]).shape == (0, 3)


def test_transformers_opens_the_folder_by_its_configuration() -> None:
    config = AutoConfig.from_pretrained(READER)
    assert isinstance(config, ReaderConfig)
    assert config.model_type == "chuchu-reader"
    small = ReaderConfig(
        **{**config.to_dict(), "num_hidden_layers": 1, "vocab_size": 9}
    )
    assert isinstance(AutoModel.from_config(small), ReaderNetwork)


def test_a_network_comes_back_from_its_folder(tmp_path: Path) -> None:
    torch.manual_seed(1)
    tokenizer = load_tokenizer()
    settings_of = trunk_config(tokenizer.get_vocab_size(), layers=1).to_dict()
    settings_of.pop("model_type")
    network = ReaderNetwork(ReaderConfig(**settings_of)).eval()  # type: ignore[no-untyped-call]
    network.load_state_dict(
        {
            "trunk.embeddings.word_embeddings.weight": load_network().trunk.embeddings.word_embeddings.weight
        },
        strict=False,
    )
    save_network(network, tmp_path)
    again = load_network(tmp_path).eval()  # type: ignore[no-untyped-call]
    ids = torch.randint(3, 1000, (2, 16))
    answerable = torch.ones(2, 16, dtype=torch.bool)
    with torch.inference_mode():
        before, after = network(ids, answerable), again(ids, answerable)
    torch.testing.assert_close(before.answers, after.answers, atol=0.02, rtol=0)
    torch.testing.assert_close(before.starts, after.starts, atol=0.02, rtol=0)


def test_a_folder_without_weights_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"config\.json"):
        PassageReader.load(tmp_path)


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    network = toy_network()
    save_network(network, tmp_path)
    (tmp_path / "config.json").write_text(
        (READER / "config.json").read_text(), encoding="utf-8"
    )
    with pytest.raises((ValueError, RuntimeError)):
        load_network(tmp_path)
