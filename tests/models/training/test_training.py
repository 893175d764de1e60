"""models/training (the static encoder) and eval/beir.py: parts by hand, the whole by a smoke run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import normalizers

from eval import beir
from models.encoder import Encoder
from models.reader import PassageReader
from models.training import data, evaluate
from models.training.batches import (
    Batch,
    Glosses,
    Rows,
    cloze,
    filled,
    gather,
)
from models.training.charmap import precompile, traditional_to_simplified
from models.training.static import RowSums, Table, loss_of
from models.training.testset import TestSet, read, write
from models.translation import Translator
from rag.answering import Thresholds

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    data.write_toy(folder)
    return folder


# the data


@given(st.text("天地。！？\n”abc ", max_size=200))
def test_sentences_tile_the_text(text: str) -> None:
    assert "".join(data.sentences(text)) == text


def test_a_sentence_keeps_its_closing_marks() -> None:
    assert data.sentences("他说：“去吧！”她走了。") == ["他说：“去吧！”", "她走了。"]


@given(st.lists(st.integers(1, 120), min_size=1, max_size=30))
def test_passages_cut_no_sentence_and_lose_nothing(lengths: list[int]) -> None:
    parts = ["字" * length + "。" for length in lengths]
    passages = data.split_passages("".join(parts))
    assert "".join(passages) == "".join(parts)
    assert all(passage.endswith("。") for passage in passages)
    assert all(len(passage) <= 200 for passage in passages[:-1])
    assert len(passages[-1]) <= 250  # takes in a tail of up to a quarter


def test_held_out_translations_are_never_trained_on(toy: Path) -> None:
    kept_out = {pair.query for block in data.held_out(toy) for pair in block}
    trained = {pair.query for _, rows in data.translations(toy) for pair in rows}
    assert len(kept_out) == data.BLOCK
    assert trained
    assert not kept_out & trained


def test_the_dev_questions_are_never_trained_on(toy: Path) -> None:
    (toy / "dev" / "extra.jsonl.xz").write_bytes(b"not even opened")
    assert all("extra" not in str(pair) for pair in data.reading(toy))


@pytest.mark.parametrize(
    ("gloss", "plain"),
    [
        ("to praise sb (formal)", "to praise somebody"),
        ("CL:個|个[ge4]", ""),
        ("see 保護|保护[bao3 hu4]", ""),
        ("intellectual property", "intellectual property"),
    ],
)
def test_glosses_are_plain_english(gloss: str, plain: str) -> None:
    assert data._plain_gloss(gloss) == plain


# the character map


@given(
    st.dictionaries(
        st.characters(min_codepoint=0x80, exclude_categories=["Cs", "M"]),
        st.text("甲乙丙ab", min_size=1, max_size=3),
        min_size=1,
        max_size=40,
    ),
    st.text(st.characters(exclude_categories=["Cs", "M", "Cf", "Cc"]), max_size=30),
)
@settings(deadline=None)
def test_a_character_map_replaces_its_keys_and_nothing_else(
    mapping: dict[str, str], other: str
) -> None:
    normaliser = normalizers.Precompiled(precompile(mapping))
    for text in [*mapping, *other]:
        assert normaliser.normalize_str(text) == mapping.get(text, text)


def test_traditional_characters_become_simplified() -> None:
    mapping = traditional_to_simplified()
    assert {key: mapping[key] for key in "臺灣國會"} == {
        "臺": "台",
        "灣": "湾",
        "國": "国",
        "會": "会",
    }
    assert not set("国会中文一") & set(mapping)


# batches


def test_gather_finds_the_tokens_of_rows() -> None:
    offsets = np.array([0, 2, 2, 5])
    positions, row = gather(offsets, np.array([2, 1, 0]))
    assert positions.tolist() == [2, 3, 4, 0, 1]
    assert row.tolist() == [0, 0, 0, 2, 2]


def test_pairs_with_an_empty_side_are_dropped() -> None:
    queries = Rows(np.array([7, 8, 9], np.int32), np.array([0, 2, 2]))  # [7 8] [] [9]
    passages = Rows(np.array([1, 2, 3], np.int32), np.array([0, 1, 2]))  # [1] [2] [3]
    batch = filled(Batch(queries, passages, np.array([10, 11, 12])))
    assert batch.queries.ids.tolist() == [7, 8, 9]
    assert batch.queries.starts.tolist() == [0, 2]
    assert batch.passages.ids.tolist() == [1, 3]
    assert batch.same.tolist() == [10, 12]


def test_glosses_take_the_place_of_words(tmp_path: Path) -> None:
    # token 1 -> [20 21], token 3 -> [30]; the file lists them out of order
    np.savez(
        tmp_path / "gloss.npz",
        tokens=np.array([3, 1], np.int32),
        ids=np.array([30, 20, 21], np.int32),
        offsets=np.array([0, 1, 3]),
    )
    glosses = Glosses.open(tmp_path / "gloss.npz", size=40)
    rows = Rows(np.array([1, 2, 3, 3, 2], np.int32), np.array([0, 3]))  # [1 2 3] [3 2]
    mixed = glosses.mix(rows, np.array([1.0, 0.0]), np.random.default_rng(0))
    assert mixed.ids.tolist() == [20, 21, 2, 30, 3, 2]
    assert mixed.starts.tolist() == [0, 4]


@pytest.mark.parametrize("kept", [0.0, 1.0])
def test_a_cloze_asks_one_sentence_of_the_rest(tmp_path: Path, kept: float) -> None:
    # two passages of two sentences: tokens 1-4 | 5-8 and 11-14 | 15-18
    first = [*range(1, 9), *range(11, 19)]
    np.savez(
        tmp_path / "cloze.npz",
        ids=np.array(first, np.int32),
        segments=np.array([0, 0, 0, 0, 1, 1, 1, 1] * 2, np.uint8),
        offsets=np.array([0, 8, 16]),
    )
    draw = cloze(tmp_path / "cloze.npz", np.random.default_rng(3), kept=kept)
    for _ in range(20):
        batch = draw(2)
        queries = np.split(batch.queries.ids, batch.queries.starts[1:])
        passages = np.split(batch.passages.ids, batch.passages.starts[1:])
        for query, passage in zip(queries, passages, strict=True):
            sentence = {token % 10 > 4 for token in query.tolist()}
            assert len(sentence) == 1  # of one sentence only
            assert {token // 10 for token in query.tolist()} == {
                token // 10 for token in passage.tolist()
            }
            assert bool(set(query.tolist()) & set(passage.tolist())) == (kept == 1.0)


# the loop


def test_row_sums_have_the_gradient_of_a_matrix_product() -> None:
    from scipy.sparse import csr_array

    counts = np.array([[1, 0, 2], [0, 0, 1]], np.float32)
    table = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
    sums = RowSums.apply(table, csr_array(counts))
    assert sums.tolist() == [[11, 14], [5, 6]]
    sums.backward(torch.tensor([[1.0, 0.0], [0.0, 10.0]]))
    assert table.grad is not None
    assert table.grad.tolist() == [[1, 0], [0, 0], [2, 10]]


def test_an_update_moves_only_the_rows_it_is_given() -> None:
    table = Table(np.ones((4, 3), np.float32))
    touched = torch.tensor([1, 3])
    rows = table.rows(touched)
    (rows * torch.tensor([[1.0], [-2.0]])).sum().backward()
    table.update(touched, rows, rate=0.1, step=1)
    # Adam's first step is the rate, against the gradient's sign, whatever its size
    expected = [[1.0] * 3, [0.9] * 3, [1.0] * 3, [1.1] * 3]
    np.testing.assert_allclose(table.weights.numpy(), expected, atol=1e-5)


def test_a_question_as_its_passage_is_costs_less() -> None:
    # two questions, tokens 1 and 2; their passages, tokens 3 and 4
    starts = np.array([0, 1])
    queries = Rows(np.array([1, 2], np.int32), starts)
    passages = Rows(np.array([3, 4], np.int32), starts)
    batch = Batch(queries, passages, np.array([0, 1]))
    position = np.arange(5, dtype=np.int32)
    table = torch.eye(5)
    # all four are at right angles: either passage is as likely, both ways
    assert loss_of(table, batch, position).item() == pytest.approx(1.5 * np.log(2))
    table[2] = table[4]
    assert loss_of(table, batch, position).item() < 1.5 * np.log(2)


# measuring


def test_recall_and_reciprocal_rank() -> None:
    test = TestSet(
        corpus={f"p{i}": "" for i in range(20)},
        queries={"first": "", "fourth": "", "eleventh": ""},
        relevant={"first": {"p0": 1}, "fourth": {"p3": 1}, "eleventh": {"p10": 1}},
    )
    order = np.tile(np.arange(20), (3, 1))
    figures = evaluate.measure(test, (order, np.zeros((3, 20), np.float32)))
    assert figures == {
        "recall@10": pytest.approx(2 / 3),
        "mrr@10": pytest.approx((1 + 1 / 4) / 3),
    }


def test_fusion_arithmetic() -> None:
    dense = np.array([[0, 1, 2]]), np.array([[0.9, 0.5, 0.1]], np.float32)
    lexical = np.array([[2, 3, 0]]), np.array([[8.0, 6.0, 4.0]], np.float32)
    found, scores = evaluate.reciprocal_rank_fusion(dense, lexical)
    # passages 0 and 2 stand first and third once each; 1 and 3 second
    assert set(found[0, :2].tolist()) == {0, 2}
    assert scores[0, 0] == pytest.approx(1 / 61 + 1 / 63)
    found, scores = evaluate.weighted_fusion(dense, lexical, 0.6)
    # 0: 0.6 * 1 + 0.4 * 0; 2: 0.6 * 0 + 0.4 * 1; 1: 0.6 * 0.5
    assert found[0].tolist() == [0, 2, 1]
    np.testing.assert_allclose(scores[0], [0.6, 0.4, 0.3], atol=1e-6)


def test_a_beir_folder_reads_as_it_was_written(tmp_path: Path) -> None:
    test = TestSet({"a": "甲\n乙", "b": "丙"}, {"q": "谁？"}, {"q": {"a": 1, "b": 2}})
    write(test, tmp_path)
    assert read(tmp_path) == test
    assert (tmp_path / "qrels" / "test.tsv").read_text().splitlines()[
        0
    ] == "query-id\tcorpus-id\tscore"


def test_news_are_mixed_into_the_dev_passages(toy: Path) -> None:
    test = beir.cmrc(toy, 10)
    assert sum(key.startswith("news:") for key in test.corpus) == 10
    assert beir.cmrc(toy, 10) == test
    for query, passages in test.relevant.items():
        (passage,) = passages
        # the toy questions replace the number by 多少: the rest of the sentence stands in the passage
        assert test.queries[query].partition("多少")[0] in test.corpus[passage]


def test_english_sentences_ask_for_the_chinese_passage_with_their_translation(
    toy: Path,
) -> None:
    english = {
        pair.query: pair.passage for block in data.held_out(toy) for pair in block
    }
    test = beir.parallel(toy, 0)
    assert test.queries
    for query, passages in test.relevant.items():
        (passage,) = passages
        assert english[test.queries[query]] in test.corpus[passage]


def test_the_whole_story_in_small(tmp_path: Path) -> None:
    run = subprocess.run(
        ["bash", str(ROOT / "models" / "training" / "train.sh"), "--smoke"],
        env={**os.environ, "WORK": str(tmp_path), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    encoder = Encoder.load(str(tmp_path / "models" / "chuchu-static"))
    english, right, wrong = encoder.encode_documents(["hospital", "医院", "学校"])
    assert english @ right > english @ wrong
    test = read(tmp_path / "beir" / "cmrc")
    trained = evaluate.measure(
        test, evaluate.dense_ranking(tmp_path / "models" / "chuchu-static", test)
    )
    assert trained["recall@10"] > 0.8
    translator = Translator.load(tmp_path / "models" / "chuchu-translation")
    assert translator.romanisations("南京")
    (reading,) = PassageReader.load(tmp_path / "models" / "chuchu-reader").read(
        "北京有多少座图书馆？", [("", "北京有3座图书馆。")]
    )
    assert reading.best() is not None
    thresholds = Thresholds.load(tmp_path / "models" / "chuchu-reader")
    assert thresholds.answer.keys() == {"zh", "en"}
