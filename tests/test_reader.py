"""models/reader: units and what is known of them, matches, the network, pointers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import AutoModelForQuestionAnswering

from models.errors import ModelUnavailable
from models.reader import FOLDER, Pointers, ReaderModel
from models.reader.network import ChuchuReader, ReaderConfig, Side
from models.reader.reader import one_thread
from models.reader.units import KINDS, LATIN, MATCHES, NUMBER, PLAIN, TAGS, UnitReader, Units, matches
from models.selector.lexicon import Lexicon
from models.selector.matching import prepare
from models.selector.network import FOLDER as SELECTOR
from models.static import StaticTable
from models.translation import Translator


@pytest.fixture(scope="module")
def static() -> StaticTable:
    return StaticTable(SELECTOR.parent / "chuchu-static")


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(SELECTOR)


@pytest.fixture(scope="module")
def reading(static: StaticTable, lexicon: Lexicon) -> UnitReader:
    return UnitReader({"全": 4, "国": 5}, lexicon, static)


@pytest.fixture(scope="module")
def reader(static: StaticTable, lexicon: Lexicon) -> ReaderModel:
    return ReaderModel.load(lexicon, static)


# units


def test_a_unit_is_a_han_character_a_word_a_number_or_a_mark(reading: UnitReader) -> None:
    units = reading.read("全国有74家AI公司，共1.5万人。")
    assert units.keys == ("全", "国", "有", "74", "家", "ai", "公", "司", ",", "共", "1.5", "万", "人", "。")
    assert units.characters[:2].tolist() == [4, 5]
    assert units.characters[3] == NUMBER
    assert units.characters[5] == LATIN
    assert [units.words[i] for i in units.word_of[6:8]] == ["公司", "公司"]


def test_units_of_traditional_text_are_those_of_simplified(reading: UnitReader) -> None:
    assert reading.read("國家發展").keys == reading.read("国家发展").keys


def test_facts_are_marked_where_they_stand(reading: UnitReader) -> None:
    units = reading.read("达74家。")
    number, start, end = KINDS.index("number"), len(KINDS), len(KINDS) + 1
    assert units.plain[:, number].tolist() == [0, 1, 1, 0]
    assert units.plain[:, start].tolist() == [0, 1, 0, 0]
    assert units.plain[:, end].tolist() == [0, 0, 1, 0]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="全国有 74家AIé。，\n（）😀が", max_size=60))
def test_units_tile_all_that_is_no_space(reading: UnitReader, text: str) -> None:
    units = reading.read(text)
    covered = "".join(text[s:e] for s, e in units.spans.tolist())
    assert covered == "".join(text.split())
    assert units.plain.shape == (len(units), PLAIN)
    assert reading.vectors(units).shape[0] == len(units) if len(units) else True


# matches


def read_both(reading: UnitReader, question: str, passage: str) -> tuple[Units, np.ndarray]:
    units = reading.read(passage)
    return units, matches(units, reading.read(question))


def test_a_run_is_as_long_as_what_both_texts_share(reading: UnitReader) -> None:
    units, found = read_both(reading, "保护中心有多少", "知识保护中心达74家")
    runs = dict(zip(units.keys, found[:, 2] * 8, strict=True))
    assert [runs[key] for key in "保护中心"] == [4, 4, 4, 4]
    assert runs["知"] == runs["74"] == 0


def test_forms_to_look_for_are_marked_with_their_weight(reading: UnitReader) -> None:
    units = reading.read("泵站站长是刘钊")
    found = matches(units, reading.read("Who runs it?"), [("泵站", 0.8), ("站长", 0.5)], "泵站站长是刘钊")
    assert found[:5, 4] == pytest.approx([0.8, 0.8, 0.5, 0.5, 0.0])


def test_the_share_of_words_met_nearby_falls_with_distance(reading: UnitReader) -> None:
    filler = "甲" * 60
    _, found = read_both(reading, "宝应泵站", "宝应泵站" + filler)
    assert found[0, 5] == 1
    assert found[-1, 5] == found[-1, 6] == 0


def test_nothing_is_met_in_an_empty_text(reading: UnitReader) -> None:
    assert matches(reading.read("有"), reading.read("")).tolist() == [[0.0] * MATCHES]


# the network


def side(generator: torch.Generator, lengths: list[int], width: int, vectors: int) -> Side:
    """Made-up rows that are the same whatever the width they are padded to."""
    mask = torch.arange(width)[None, :] < torch.tensor(lengths)[:, None]
    rows, most = len(lengths), 64
    numbers = torch.rand(rows, most, vectors + PLAIN, generator=generator)[:, :width] * mask[..., None]
    ids = torch.randint(1, 9, (rows, most), generator=generator)[:, :width] * mask
    return Side(ids, ids, numbers[..., :vectors], numbers[..., vectors:], mask)


def logits(model: ChuchuReader, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    question, passage = side(generator, [6, 6], 6, 8), side(generator, [40, 17], width, 8)
    met = torch.rand(2, 64, MATCHES, generator=generator)[:, :width] * passage.mask[..., None]
    with one_thread(), torch.inference_mode():
        out = model(question, passage, torch.zeros(2, 6, MATCHES), met, torch.tensor([0, 1]))
    start: Tensor = out.start_logits
    assert start.shape == out.end_logits.shape == (2, width + 1)
    return start


def small() -> ChuchuReader:
    torch.manual_seed(1)
    config = ReaderConfig(vocab_size=10, vector_size=8, hidden_size=8, attention_size=8, tag_size=len(TAGS))
    model = ChuchuReader(config)
    model.train(mode=False)
    return model


def test_what_is_said_of_a_passage_does_not_hang_on_its_padding() -> None:
    model = small()
    narrow, wide = logits(model, 40), logits(model, 60)
    torch.testing.assert_close(narrow[0, :40], wide[0, :40])
    torch.testing.assert_close(narrow[1, :17], wide[1, :17])
    torch.testing.assert_close(narrow[:, -1], wide[:, -1])


def test_the_loss_falls_when_the_answer_is_learned() -> None:
    model = small()
    model.train()
    generator = torch.Generator().manual_seed(2)
    question, passage = side(generator, [6, 6], 6, 8), side(generator, [20, 20], 20, 8)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    met = torch.zeros(2, 6, MATCHES), torch.zeros(2, 20, MATCHES)
    wanted = torch.tensor([3, 20]), torch.tensor([5, 20])
    with one_thread():
        for _ in range(40):
            loss = model(question, passage, *met, torch.tensor([0, 1]), *wanted).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


def test_it_opens_as_a_transformers_question_answering_model() -> None:
    model = AutoModelForQuestionAnswering.from_pretrained(FOLDER)
    assert isinstance(model, ChuchuReader)
    assert model.config.model_type == json.loads((FOLDER / "config.json").read_text())["model_type"]


def test_a_folder_without_a_reader_is_named(tmp_path: Path, static: StaticTable, lexicon: Lexicon) -> None:
    with pytest.raises(ModelUnavailable, match="reader: cannot read nothing"):
        ReaderModel.load(lexicon, static, tmp_path / "nothing")


# pointers, by hand


def test_the_best_span_is_the_likeliest_pair_in_order() -> None:
    spans = np.array([[0, 1], [1, 2], [2, 4], [4, 5]])
    starts, ends = np.log([0.1, 0.2, 0.6, 0.1]), np.log([0.6, 0.1, 0.1, 0.2])
    pointers = Pointers(spans, starts, ends, nowhere=float(np.log(0.06)))
    span, odds = pointers.best(0, 5) or ((0, 0), 0.0)
    assert span == (2, 5)  # .6 x .2; the end at 0 is likelier but comes before
    assert odds == pytest.approx(np.log(0.12 / 0.06))
    span, odds = pointers.best(0, 2) or ((9, 9), 9.0)
    assert span == (0, 1)
    assert odds == pytest.approx(np.log(0.06 / 0.06))
    assert pointers.best(5, 9) is None


# what ships


def test_what_ships_finds_who_and_how_many(reader: ReaderModel, lexicon: Lexicon) -> None:
    passage = "全国在建和已建成的保护中心达74家，其中浙江省7家。宝应泵站站长刘钊说，全站能耗大幅下降。"
    translator = Translator.load()
    for question, answer in (("宝应泵站站长是谁？", "刘钊"), ("全国的保护中心有多少家？", "74")):
        (pointers,) = reader.read(prepare(question, lexicon, translator), [passage])
        assert pointers is not None
        found = pointers.best(0, len(passage))
        assert found is not None
        assert answer in passage[slice(*found[0])]


def test_a_text_without_words_is_read_as_none(reader: ReaderModel, lexicon: Lexicon) -> None:
    query = prepare("谁？", lexicon, Translator.load())
    assert reader.read(query, ["", " \n"]) == [None, None]
    assert reader.read(query, []) == []


def test_a_passage_is_read_the_same_beside_any_other(reader: ReaderModel, lexicon: Lexicon) -> None:
    query = prepare("宝应泵站站长是谁？", lexicon, Translator.load())
    passage = "宝应泵站站长刘钊说，全站能耗大幅下降。"
    (alone,) = reader.read(query, [passage])
    beside, _ = reader.read(query, [passage, "水库管理处主任裴亮告诉记者。" * 9])
    assert alone is not None
    assert beside is not None
    np.testing.assert_allclose(alone.starts, beside.starts, atol=0.05)
    assert alone.nowhere == pytest.approx(beside.nowhere, abs=0.1)
