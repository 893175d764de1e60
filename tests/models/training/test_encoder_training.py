"""models/training/encoder_training.py, encoder_pairs.py: what the sentence encoder is trained on, and by which loss."""

from __future__ import annotations

import json
import lzma
import math
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertModel

from models.training.encoder_pairs import Pair, pairs, passage_text
from models.training.encoder_training import (
    TEMPERATURE,
    EncoderNetwork,
    Texts,
    contrastive_loss,
    same_passages,
)
from models.trunk import HIDDEN, load_tokenizer, trunk_config
from models.trunk_encoder import Languages, TrunkEncoder


def unit(*values: float) -> list[float]:
    vector = np.zeros(4)
    vector[: len(values)] = values
    return list(vector / np.linalg.norm(vector))


def test_the_loss_is_that_of_choosing_the_right_passage() -> None:
    questions = torch.tensor([unit(1, 0), unit(0, 1)])
    passages = torch.tensor([unit(1, 0), unit(0, 1), unit(1, 1)])
    nowhere = torch.zeros(2, 3, dtype=torch.bool)
    # Each question: its own at cosine 1, the other's at 0, the look-alike at .707.
    odds = [
        math.exp(cosine / TEMPERATURE - 1 / TEMPERATURE) for cosine in (1, 0, 0.5**0.5)
    ]
    expected = -math.log(odds[0] / sum(odds))
    loss = contrastive_loss(questions, passages, nowhere)
    assert loss.item() == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_a_passage_that_answers_two_questions_is_no_wrong_answer_to_either() -> None:
    batch = [Pair("谁？", "甲"), Pair("何时？", "甲"), Pair("何处？", "乙")]
    passages = ["甲", "甲", "乙"]
    same = same_passages(batch, passages)
    assert same.tolist() == [
        [False, True, False],
        [True, False, False],
        [False, False, False],
    ]
    vectors = torch.tensor([unit(1, 0), unit(1, 0), unit(0, 1)])
    assert contrastive_loss(vectors, vectors, same).item() < 1e-6


def test_the_network_in_training_gives_the_vectors_that_are_given_in_use() -> None:
    torch.manual_seed(0)
    tokenizer = load_tokenizer()
    trunk = BertModel(
        trunk_config(tokenizer.get_vocab_size(), layers=1), add_pooling_layer=False
    )
    rng = np.random.default_rng(0)
    directions, _ = np.linalg.qr(rng.normal(size=(HIDDEN, 2)))
    languages = Languages(
        rng.normal(size=HIDDEN).astype(np.float32) / 50,
        np.ascontiguousarray(directions.T, np.float32),
    )
    texts = ["冷库的质保期是多久？", "How long is the warranty?"]
    network = EncoderNetwork(trunk, languages).eval()
    with torch.inference_mode():
        trained = network(Texts(tokenizer).ids(texts, "query")).numpy()
    (used,) = TrunkEncoder(trunk, tokenizer, languages).encode(texts, "query")
    assert trained == pytest.approx(used, abs=1e-5)


def written(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with lzma.open(folder / f"{name}.jsonl.xz", "wt", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def test_pairs_come_from_reading_sets_translations_and_our_own_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.encoder_pairs.READING", ("nq_en",))
    monkeypatch.setattr("models.training.written_examples.OWN_DOCUMENTS", tmp_path)
    context = "x" * 100 + "The bridge is 310 metres long." + "y" * 400
    question = {
        "title": "Bridge",
        "context": context,
        "question": "How long is it?",
        "answers": [{"text": "310 metres", "start": 114}],
    }
    written(tmp_path / "reading", "nq_en", [question])
    written(tmp_path / "reading", "translated_questions", [])
    sentence = {"en": "Hello.", "zh": "你好。"}
    for name in ("alma_en_zh", "tatoeba_en_zh"):
        written(tmp_path / "parallel", name, [sentence])
    document = {
        "id": "d1",
        "title": "手册",
        "passages": [
            {"context": "手册 › 保修", "text": "保修三年。"},
            {"context": "手册 › 价格", "text": "售价百元。"},
        ],
        "questions": [
            {"q": "保修多久？", "lang": "zh", "passage": 0, "answer": "三年"},
            {"q": "何时发货？", "lang": "zh", "answer": None},
        ],
    }
    written(tmp_path / "written", "law", [document])
    found = {pair.question: pair for pair in pairs(tmp_path, random.Random(1))}
    assert found["保修多久？"] == Pair(
        "保修多久？", "手册 › 保修\n保修三年。", "手册 › 价格\n售价百元。"
    )
    assert "何时发货？" not in found
    passage = found["How long is it?"].passage
    assert passage.startswith("Bridge\n")
    assert "310 metres long" in passage
    assert len(passage) < len(context)
    assert {"Hello.", "你好。"} & set(found)


def test_a_passage_without_a_path_is_its_text() -> None:
    assert passage_text("", "", "正文") == "正文"
    assert passage_text("题", "一、总则", "正文") == "题 › 一、总则\n正文"
