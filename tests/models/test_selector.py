"""The selector: what counts as met, what the network makes of it, and that it can be trained anew."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelUnavailable
from models.language.words import fold
from models.selector import Candidate, Selector
from models.selector.features import NAMES, features
from models.selector.matching import exact, meanings, prepare
from models.selector.network import FOLDER, forward
from models.training.selector import auroc
from models.translation import Translator


@pytest.fixture(scope="module")
def selector() -> Selector:
    return Selector.load(FOLDER)


def met(selector: Selector, question: str, text: str) -> dict[str, float]:
    query = prepare(question, selector.lexicon, selector.translator)
    return {
        unit.text: exact(unit, fold(text), selector.translator) for unit in query.units
    }


def test_words_are_met_in_full_in_part_or_not(selector: Selector) -> None:
    found = met(selector, "图书馆的轮椅在哪里？", "图书馆增设了放大镜。")
    assert found["图书馆"] == 1.0
    assert found["轮椅"] == 0.0


def test_a_number_is_met_only_as_a_whole(selector: Selector) -> None:
    assert met(selector, "74家在哪里？", "共有2741家")["74"] == 0.0
    assert met(selector, "74家在哪里？", "共有74家")["74"] == 1.0
    assert met(selector, "第7个是谁？", "达7.5个")["7"] == 0.0


def test_an_abbreviation_is_met_by_what_it_is_short_for(selector: Selector) -> None:
    assert (
        0.5 < max(met(selector, "发改委说了什么？", "国家发展改革委表示").values()) < 1
    )


def test_an_english_word_is_met_by_its_chinese_one(selector: Selector) -> None:
    found = met(selector, "Where is the library?", "图书馆在河边。")
    assert found["library"] > 0.5


def test_an_english_name_is_met_by_the_characters_it_spells(selector: Selector) -> None:
    found = met(selector, "What did Zhou Mingyuan say?", "馆长周明远说，新馆开了。")
    assert (
        max(
            value
            for text, value in found.items()
            if "Zhou" in text or "Mingyuan" in text
        )
        > 0.5
    )


def test_meaning_is_of_common_words_only(selector: Selector) -> None:
    query = prepare("浙江增加了多少？", selector.lexicon, selector.translator)
    near = dict(
        zip(
            (u.text for u in query.units),
            meanings(query.units, ["江苏增长了很多"], selector.lexicon)[0],
            strict=True,
        )
    )
    assert near["浙江"] == 0.0
    assert near["增加"] > 0.3


def test_evidence_has_a_row_a_candidate_and_finite_numbers(selector: Selector) -> None:
    query = prepare("图书馆有多少册藏书？", selector.lexicon, selector.translator)
    candidates = [
        Candidate("图书馆藏书12万册。", ("新馆开了。",), ("图书馆",)),
        Candidate("天晴了。"),
    ]
    evidence = features(query, candidates, selector.lexicon, selector.translator)
    assert evidence.whole.shape == (2, len(NAMES))
    assert evidence.met.shape == (2, len(query.units), 6)
    assert np.isfinite(evidence.whole).all() and np.isfinite(evidence.units).all()
    assert (evidence.met[:, :, 4:] >= evidence.met[:, :, :2]).all()


def test_the_sentence_that_answers_scores_best(selector: Selector) -> None:
    texts = [
        "小镇图书馆重新开放。",
        "新馆共有四层，藏书12万册。",
        "馆内增设了放大镜和轮椅。",
    ]
    selection = selector.select(
        "图书馆有多少册藏书？", [Candidate(text) for text in texts]
    )
    assert int(selection.logits.argmax()) == 1
    shown = json.loads((FOLDER / "thresholds.json").read_text(encoding="utf-8"))[
        "answer"
    ]["zh"]
    assert selection.logits[1] > shown > selection.logits[2]


def test_nothing_to_choose_from_and_nothing_asked(selector: Selector) -> None:
    assert selector.select("谁？", []).logits.shape == (0,)
    assert selector.select("？", [Candidate("天晴了。")]).logits.shape == (1,)


def test_a_question_without_words_is_pooled_as_zero(selector: Selector) -> None:
    query = prepare("？", selector.lexicon, selector.translator)
    evidence = features(
        query, [Candidate("天晴了。")], selector.lexicon, selector.translator
    )
    weights = selector._weights
    assert forward(weights, evidence).shape == (1,)


def test_a_folder_of_other_features_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    shutil.copytree(FOLDER, folder)
    (folder / "config.json").write_text(
        json.dumps({"features": ["one"]}), encoding="utf-8"
    )
    with pytest.raises(ModelUnavailable, match="other features"):
        Selector.load(folder, Translator.load())


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="selector: cannot read nowhere"):
        Selector.load(tmp_path / "nowhere", Translator.load())


def test_auroc_by_hand() -> None:
    assert auroc([3, 4], [1, 2]) == 1.0
    assert auroc([1, 4], [2, 3]) == 0.5


def test_the_bare_fact_of_a_sentence(selector: Selector) -> None:
    def short(question: str, sentence: str) -> str | None:
        query = prepare(question, selector.lexicon, selector.translator)
        span = selector.shorten(query, sentence)
        return sentence[slice(*span)] if span else None

    sentence = "新馆共有四层，藏书12万册，馆长周明远说，去年读者达31万人次。"
    assert short("新馆藏书多少册？", sentence) == "12万册"
    assert short("馆长是谁？", sentence) == "周明远"
    assert short("为什么要修新馆？", sentence) is None
    assert short("藏书有12万册吗？", "天晴了。") is None
