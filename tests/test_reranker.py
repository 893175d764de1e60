"""models/reranker: the evidence by hand, numpy against torch, and what ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sentence_transformers import CrossEncoder
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from models.errors import ModelUnavailable
from models.folders import WEIGHTS
from models.reranker import Found, Reranker
from models.reranker.modeling import Reranker as Network
from models.reranker.network import FOLDER, forward
from models.reranker.tokens import CENTRES, MOST_PASSAGE, MOST_QUESTION, token_evidence, token_ids
from models.reranker.words import NAMES, OWN, evidence
from models.selector.lexicon import Lexicon
from models.selector.matching import prepare
from models.selector.network import FOLDER as SELECTOR
from models.static import static_table
from models.translation import Translator
from rag.pipeline import Library, Question
from rag.settings import Settings

QUESTION = "市图书馆一共有多少册藏书？"
RIGHT = "市图书馆3月重新开放。馆长介绍，全馆一共有藏书32万册。"
WRONG = ("昨日下午，一场音乐会在体育馆举行。", "图书馆旁的咖啡店开业。", "The library reopened in March.", "")


@pytest.fixture(scope="module")
def reranker() -> Reranker:
    return Reranker.load(Lexicon(SELECTOR), Translator.load())


# tokens

VECTORS = np.array([[0, 0], [2, 0], [0, 1], [3, 4], [-1, 0]], np.float32)


def test_kernels_count_tokens_by_how_near_they_are() -> None:
    found = token_evidence(VECTORS, np.array([1]), [np.array([1, 3, 3]), np.array([4])])
    same, at_055, at_065 = len(CENTRES), CENTRES.index(0.55), CENTRES.index(0.65)
    assert found.each[0, 0, same] == pytest.approx(np.log(2))
    # (2, 0) and (3, 4) have a cosine of .6, which is .05 from two centres
    near = 2 * np.exp(-(0.05**2) / (2 * 0.06**2))
    assert found.each[0, 0, [at_055, at_065]] == pytest.approx([np.log1p(near)] * 2, abs=1e-4)
    assert found.each[0, 0, -4:] == pytest.approx([1, 1, 2, 1])  # nearest, in the stretch, length, share
    assert found.each[1, 0, -4] == 0  # no nearer than a right angle


def test_the_whole_is_the_cosine_of_the_sums() -> None:
    found = token_evidence(VECTORS, np.array([1, 2]), [np.array([3]), np.array([2, 3])])
    assert found.whole[0, 0] == pytest.approx((2 * 3 + 1 * 4) / (np.sqrt(5) * 5))
    assert found.whole[1, 0] == pytest.approx((2 * 3 + 1 * 5) / (np.sqrt(5) * np.sqrt(9 + 25)))
    assert found.whole[:, 4] == pytest.approx([0, 1 / 3])


@given(st.lists(st.lists(st.integers(1, 4), max_size=90), min_size=1, max_size=4), st.data())
@settings(deadline=None)
def test_a_passage_is_looked_at_by_itself(passages: list[list[int]], data: st.DataObject) -> None:
    question = np.array(data.draw(st.lists(st.integers(1, 4), max_size=5)), np.int64)
    ids = [np.array(passage, np.int64) for passage in passages]
    together = token_evidence(VECTORS, question, ids)
    for row, passage in enumerate(ids):
        alone = token_evidence(VECTORS, question, [passage])
        np.testing.assert_allclose(together.each[row], alone.each[0], atol=1e-5)
        np.testing.assert_allclose(together.whole[row], alone.whole[0], atol=1e-5)


# words


def test_words_say_what_is_met_and_where() -> None:
    query = prepare(QUESTION, Lexicon(SELECTOR), Translator.load())
    rows = evidence(query, [Found("", text) for text in (RIGHT, *WRONG)], None)
    column = {name: rows[:, NAMES.index(name)] for name in NAMES}
    assert column["exact"][0] == column["exact"].max()
    assert column["behind_exact"][0] == 0 < column["behind_exact"][1]
    assert column["answer_kind"].tolist() == [1, 1, 0, 0, 0]  # 一 is a numeral
    assert (column["present"] == 1).all()
    assert column["worst_missing"][0] < column["worst_missing"][4]


def test_a_title_meets_what_the_passage_does_not_repeat() -> None:
    query = prepare("绍兴市的人口是多少？", Lexicon(SELECTOR), Translator.load())
    bare, titled = evidence(query, [Found("", "常住人口五百万。"), Found("绍兴市", "常住人口五百万。")], None)
    at = NAMES.index("exact_titled")
    assert titled[at] > bare[at]


def test_scores_of_retrieval_are_shares_of_the_best() -> None:
    query = prepare(QUESTION, Lexicon(SELECTOR), Translator.load())
    found = [Found("", RIGHT, {"bm25": 8.0, "fused": 0.9}), Found("", WRONG[1], {"bm25": 2.0, "dense": 0.4})]
    rows = evidence(query, found, None)[:, 1 : 1 + len(OWN)]
    column = {name: rows[:, OWN.index(name)].tolist() for name in OWN}
    assert column["bm25"] == [1, 0.25]
    assert column["dense"] == pytest.approx([0, 0.4])
    assert column["bm25_rank"] == pytest.approx([1, 0.8])
    assert (column["by_words"], column["by_meaning"]) == ([1, 1], [0, 1])


# what ships


def test_the_passage_that_answers_comes_first(reranker: Reranker) -> None:
    scores = reranker.score(QUESTION, [Found("", text) for text in (*WRONG, RIGHT)])
    assert scores.argmax() == len(WRONG)


def test_an_english_question_finds_its_chinese_passage(reranker: Reranker) -> None:
    asked = "How many books does the city library have?"
    scores = reranker.score(asked, [Found("", text) for text in (WRONG[0], RIGHT)])
    assert scores[1] > scores[0]


def test_nothing_to_score(reranker: Reranker) -> None:
    assert reranker.score(QUESTION, []).shape == (0,)
    assert np.isfinite(reranker.score("？", [Found("", ""), Found("", RIGHT)])).all()


def test_torch_and_numpy_give_the_same_scores(reranker: Reranker) -> None:
    """Through ``transformers``, with evidence and without."""
    network = AutoModelForSequenceClassification.from_pretrained(FOLDER).eval()
    assert isinstance(network, Network)
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    found = [Found("", text, {"bm25": 2.0}) for text in (RIGHT, *WRONG)]
    tokens = reranker.tokens(QUESTION, found)
    weights = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    lexicon, translator = Lexicon(SELECTOR), Translator.load()
    words = evidence(prepare(QUESTION, lexicon, translator), found, translator)
    inputs = tokenizer(
        [QUESTION] * len(found), [each.text for each in found], padding=True, return_tensors="pt"
    )
    with torch.no_grad():
        whole = network(**inputs, evidence=torch.from_numpy(words)).logits[:, 0].numpy()
        bare = network(**inputs).logits[:, 0].numpy()
    np.testing.assert_allclose(whole, forward(weights, tokens, words), atol=1e-4)
    np.testing.assert_allclose(whole, reranker.score(QUESTION, found), atol=1e-4)
    np.testing.assert_allclose(bare, forward(weights, tokens, np.zeros_like(words)), atol=1e-4)


def test_it_opens_as_a_cross_encoder() -> None:
    model = CrossEncoder(str(FOLDER))
    scores = model.predict([(QUESTION, text) for text in (RIGHT, WRONG[0])])
    assert scores[0] > scores[1]


def test_its_tokenizer_is_the_encoders(reranker: Reranker) -> None:
    text = "臺灣的國會議員 visited 74 libraries"
    own = AutoTokenizer.from_pretrained(FOLDER)(text)["input_ids"]
    table = static_table(WEIGHTS / "chuchu-static")
    assert [id_ for id_ in own if id_] == token_ids(table, [text], MOST_QUESTION)[0].tolist()
    assert len(token_ids(table, ["字" * 2000], MOST_PASSAGE)[0]) == MOST_PASSAGE


def test_weights_of_other_evidence_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"evidence": ["a"], "dimension": 2, "encoder": "x"}')
    (tmp_path / "model.safetensors").write_bytes((FOLDER / "model.safetensors").read_bytes())
    (tmp_path / "x").symlink_to(WEIGHTS / "chuchu-static")
    with pytest.raises(ModelUnavailable, match="other evidence"):
        Reranker.load(Lexicon(SELECTOR), Translator.load(), tmp_path)


# in the library


def test_hits_carry_the_rerankers_score_and_its_order(library: Library) -> None:
    hits = library.search(Question("苹果收获了多少吨？", top_k=3))
    odds = [hit.scores["rerank"] for hit in hits]
    assert odds == sorted(odds, reverse=True)
    assert [hit.score for hit in hits] == pytest.approx([1 / (1 + np.exp(-each)) for each in odds])


def test_the_quick_path_leaves_the_fused_order(tmp_path: Path, library: Library) -> None:
    with Library.open(Settings(home=tmp_path / "quick", rerank=False)) as quick:
        quick.ingest_source(library.source(library.documents()[0].source_sha256))
        hits = quick.search(Question("图书馆有多少藏书？"))
        assert hits
        assert all("rerank" not in hit.scores and hit.score == hit.scores["fused"] for hit in hits)
