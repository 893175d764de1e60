from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.translation import Translator
from rag.library import Ingested, Library, Question
from rag.records import Document, Hit, Passage
from rag.retrieval import DENSE_WEIGHT, fuse, in_order, uncrowded, weighted_terms


def test_fusion_is_a_weighted_sum_of_scaled_scores() -> None:
    fused = fuse({1: 10.0, 2: 5.0}, {2: 0.9, 3: 0.5, 4: 0.1})
    assert fused[1] == pytest.approx(1 - DENSE_WEIGHT)
    assert fused[2] == pytest.approx((1 - DENSE_WEIGHT) / 2 + DENSE_WEIGHT)
    assert fused[3] == pytest.approx(DENSE_WEIGHT / 2)
    assert fused[4] == 0.0


def test_fusion_of_one_search_alone_keeps_its_order() -> None:
    fused = fuse({}, {7: 0.2, 8: 0.4})
    assert sorted(fused, key=fused.__getitem__, reverse=True) == [8, 7]
    assert fuse({}, {}) == {}
    assert fuse({5: 1.0}, {}) == {5: pytest.approx(1 - DENSE_WEIGHT)}


def test_question_words_are_no_search_terms() -> None:
    terms = weighted_terms("图书馆有多少册藏书？", Translator.load())
    assert "藏书" in terms and "图书馆" in terms
    assert "多少" not in terms


def test_an_english_question_brings_its_chinese_words() -> None:
    terms = weighted_terms(
        "How many intellectual property protection centers?", Translator.load()
    )
    assert terms["intellectual"] == 1.0
    assert 0 < terms["知识产权"] < 1


def test_a_question_of_nothing_but_question_words_still_searches() -> None:
    assert weighted_terms("多少？", Translator.load()) == {"多少": 1.0}


def test_hits_come_best_first_with_their_scores(library: Library) -> None:
    hits = library.search(Question("苹果收获了多少吨？", top_k=3))
    assert "320吨" in hits[0].passage.text
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert {"fused", "dense", "bm25"} <= set(hits[0].scores)


def test_traditional_characters_find_simplified_ones(library: Library) -> None:
    hits = library.search(Question("圖書館藏書", top_k=1))
    assert hits[0].document.title == "小镇图书馆重新开放"


def test_top_k_is_kept_to(library: Library) -> None:
    assert len(library.search(Question("图书馆", top_k=2))) == 2


def test_what_was_not_read_stands_below_what_was() -> None:
    texts = "甲乙丙丁"
    hits = [
        hit_of(text, fused)
        for text, fused in zip(texts, (1.0, 0.3, 0.6, 0.8), strict=True)
    ]
    odds = np.array([-2.0, np.nan, np.nan, 2.0], np.float32)
    ordered = in_order(hits, odds)
    assert [hit.passage.text for hit in ordered] == ["丁", "甲", "丙", "乙"]
    scores = [hit.score for hit in ordered]
    assert scores == sorted(scores, reverse=True)
    assert ["rerank" in hit.scores for hit in ordered] == [True, True, False, False]


def hit_of(text: str, fused: float) -> Hit:
    document = Document(1, "题", text, "f", "0", ((0, len(text), 0),))
    return Hit(Passage(1, 1, 0, len(text), text), document, fused, {"fused": fused})


# near-copies


def test_near_copies_count_once() -> None:
    texts = ["甲讲灌溉。", "甲讲灌溉。", "甲讲灌溉。", "乙讲修桥。", "丙讲教书。"]
    hits = [hit_of(text, 1 - at / 10) for at, text in enumerate(texts)]
    shown = [hit.passage.text for hit in uncrowded(hits, 3)]
    assert shown == ["甲讲灌溉。", "乙讲修桥。", "丙讲教书。"]


def test_copies_fill_what_nothing_else_does_and_may_come_beside() -> None:
    hits = [hit_of(text, 1.0) for text in ("甲讲灌溉。", "甲讲灌溉。", "乙讲修桥。")]
    assert len(uncrowded(hits, 3)) == 3
    assert len(uncrowded(hits, 2)) == 2
    assert uncrowded(hits, 2, copies=1) == tuple(hits)


COPIES_OF_IT = 40


@pytest.fixture
def crowded(empty_library: Library, tmp_path: Path) -> Library:
    """The same notice from forty branches, one that contradicts it, and one other document."""
    notice = "滨河书店的会员卡每张收费30元，凭卡借阅图书全部免费，遗失以后可以补办。"
    for number in range(COPIES_OF_IT):
        text = f"第{number}分店通知\n\n{notice}\n"
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    other = notice.replace("30元", "45元")
    (tmp_path / "总店.txt").write_text(f"总店通知\n\n{other}\n", encoding="utf-8")
    (tmp_path / "停车.txt").write_text(
        "停车须知\n\n持会员卡到滨河书店，停车收费减半，每次最多两小时。\n",
        encoding="utf-8",
    )
    files = sorted(tmp_path.glob("*.txt"))
    assert all(isinstance(each, Ingested) for each in empty_library.ingest(files))
    return empty_library


def test_copies_push_nothing_else_out_and_contradictions_are_told(
    crowded: Library,
) -> None:
    texts = [
        hit.passage.text
        for hit in crowded.search(Question("会员卡收费多少？", top_k=5))
    ]
    assert any("45元" in text for text in texts)
    assert any("停车" in text for text in texts)
    answer = crowded.ask(Question("滨河书店的会员卡每张收费多少元？"))
    assert answer.status == "conflicting"
    quotes = [citation.quote for citation in answer.citations]
    assert any("30元" in quote for quote in quotes)
    assert any("45元" in quote for quote in quotes)
    assert len(quotes) == 2
    of_copies = next(each for each in answer.citations if "30元" in each.quote)
    assert of_copies.also_in
