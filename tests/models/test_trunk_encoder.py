"""models/trunk_encoder.py: the vectors that ship, in whatever company, and as a folder that others open."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from models.encoder import Encoder
from models.errors import ModelUnavailable
from models.folders import WEIGHTS
from models.static import normalised
from models.training.encoder import export, languages_of
from models.trunk import HIDDEN
from models.trunk_encoder import MOST_TOKENS, NO_LANGUAGES, TrunkEncoder, load_network

OURS = "chuchu-encoder"
TEXTS = [
    "质保多久？",
    "加湿器选购手册 › 表2\n型号：CX-230；质保：两年",
    "The warranty lasts two years.",
    "雨。",
]


@pytest.fixture(scope="module")
def exact() -> Encoder:
    return Encoder.load(OURS, dtype="float32")


def test_a_question_is_nearest_to_its_answer_in_either_language(exact: Encoder) -> None:
    asked = exact.encode_queries(["质保多久？", "How long is the warranty?"])
    answers = exact.encode_documents(
        ["质保：两年", "Warranty: two years", "昨日有雨。", "It rained yesterday."]
    )
    nearest = np.argsort(-(asked @ answers.T), axis=1)[:, :2]
    assert {frozenset(row) for row in nearest.tolist()} == {frozenset({0, 1})}


def test_vectors_have_length_one_and_come_in_order(exact: Encoder) -> None:
    together = exact.encode_documents(TEXTS)
    assert together.shape == (4, exact.dimension) and together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([exact.encode_documents([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    assert exact.encode_documents([]).shape == (0, exact.dimension)


def test_questions_and_passages_are_told_apart(exact: Encoder) -> None:
    as_query, as_passage = (
        exact.encode_queries(TEXTS[:1]),
        exact.encode_documents(TEXTS[:1]),
    )
    assert (as_query * as_passage).sum() < 0.999


def test_what_is_too_long_is_cut(exact: Encoder) -> None:
    words = ["one"] * (MOST_TOKENS + 50)
    long, longer = exact.encode_documents([" ".join(words), " ".join([*words, "two"])])
    np.testing.assert_array_equal(long, longer)
    short = Encoder.load(OURS, dtype="float32", max_length=8)
    assert short.fingerprint != exact.fingerprint
    np.testing.assert_allclose(
        short.encode_documents(["one two three four five six seven eight"]),
        short.encode_documents(["one two three four five six seven nine"]),
        atol=1e-5,
    )


def test_bfloat16_stays_close(exact: Encoder) -> None:
    rounded = Encoder.load(OURS, dtype="bfloat16")
    cosines = (rounded.encode_documents(TEXTS) * exact.encode_documents(TEXTS)).sum(1)
    assert cosines.min() > 0.999


def test_plain_sentence_transformer_opens_the_export_and_agrees(
    exact: Encoder, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    export(WEIGHTS / OURS, tmp_path)
    plain = SentenceTransformer(str(tmp_path), device="cpu", local_files_only=True)
    np.testing.assert_allclose(
        plain.encode_query(TEXTS), exact.encode_queries(TEXTS), atol=1e-4
    )
    np.testing.assert_allclose(
        plain.encode_document(TEXTS), exact.encode_documents(TEXTS), atol=1e-4
    )


def test_what_tells_languages_apart_is_taken_out() -> None:
    meaning = np.eye(6, dtype=np.float32)[:3]  # three sentences
    language = np.eye(6, dtype=np.float32)[3:5]  # a direction for each of two languages
    vectors = normalised((meaning[None] + language[:, None]).reshape(6, 6)).reshape(
        2, 3, 6
    )
    removed = [languages_of(vectors).removed(each) for each in vectors]
    assert (vectors[0] * vectors[1]).sum(1).max() == pytest.approx(0.5)
    np.testing.assert_allclose(removed[0], removed[1], atol=1e-6)
    plain = np.eye(HIDDEN, dtype=np.float32)[:3]
    np.testing.assert_allclose(NO_LANGUAGES.removed(plain), plain)


def test_the_other_language_is_found_among_passages_in_ones_own(exact: Encoder) -> None:
    asked = exact.encode_queries(["How long is the warranty?"])[0]
    answer, *others = (
        exact.encode_documents(
            ["质保：两年", "It rained all day.", "Tea is grown here."]
        )
        @ asked
    )
    assert answer > max(others)


@pytest.mark.parametrize("layers", [None, "twelve"])
def test_a_configuration_without_layers_is_named(
    layers: object, tmp_path: Path
) -> None:
    config = {"model_type": "chuchu-encoder", "num_hidden_layers": layers}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="num_hidden_layers"):
        load_network(tmp_path)


def test_weights_of_fewer_layers_do_not_fit(tmp_path: Path) -> None:
    shutil.copyfile(
        WEIGHTS / OURS / "model.safetensors", tmp_path / "model.safetensors"
    )
    config = {"model_type": "chuchu-encoder", "num_hidden_layers": 13}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="do not fit"):
        TrunkEncoder.load(tmp_path, dtype=torch.float32)
